"""Word stems. Loaded when first needed: most commands never look a policy up."""

from __future__ import annotations

from collections.abc import Callable


def french_stem() -> Callable[[str], str]:
    """Snowball's French stemmer: a lower-case word with its accents -> its stem."""
    return _stemmer("french")


def porter_stem() -> Callable[[str], str]:
    """Porter's stemmer, as the full-text index applies it: a folded word -> its stem."""
    return _stemmer("porter")


def _stemmer(name: str) -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(name).stemWord
    return stem
