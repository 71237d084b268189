"""The reviewed files that come with the library: synonyms and aliases."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from escaltui.i18n import _
from escaltui.policy.library import PolicyError
from escaltui.policy.query import STEM_FROM, STEM_SIGN, SYNONYMS_PER_TERM
from escaltui.policy.stems import french_stem
from escaltui.policy.words import fold


def read_synonyms(text: str, name: str = "synonyms.toml") -> dict[str, tuple[str, ...]]:
    """The synonym file as a table: folded French word or stem, or folded English word -> words of the policies.

    Each `[[synonym]]` has `fr` and `en` (lists of words) and may have `see` (words that policies use, added
    before the rest), `stem` (stems, as look-ups are learnt by, for which `see` is added), `by`, `on`. Raises
    PolicyError naming the line that is wrong.
    """
    try:
        rows = tomllib.loads(text).get("synonym", [])
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(_("{name} is not valid TOML: {why}. Mend that line.").format(name=name, why=error)) from None
    if not isinstance(rows, list):
        raise PolicyError(_("{name}: write [[synonym]] on a line above each entry.").format(name=name))
    stem = french_stem()
    table: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        french, english, see, stems = (_words(row, field, number, name) for field in ("fr", "en", "see", "stem"))
        for learnt in stems:
            table.setdefault(STEM_SIGN + fold(learnt), []).extend(see)
        for word in french:
            stemmed = fold(stem(word.lower()))
            keys = {fold(word), stemmed} if len(stemmed) >= STEM_FROM else {fold(word)}
            for key in keys:
                table.setdefault(key, []).extend([*see, *english])
        for word in english:
            if see:
                table.setdefault(fold(word), []).extend(see)
    return {
        key: tuple(dict.fromkeys(fold(w) for w in words if fold(w) != key))[:SYNONYMS_PER_TERM]
        for key, words in table.items()
    }


def _words(row: object, field: str, number: int, name: str) -> list[str]:
    value = row.get(field, []) if isinstance(row, dict) else None
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise PolicyError(
            _('{name}, entry {number}: {field} must be a list of words, such as {field} = ["word"].').format(
                name=name, number=number, field=field
            )
        )
    return value


def read_aliases(text: str, name: str = "aliases.toml") -> dict[str, str]:
    """The alias file as a table: the id a section would get -> the id it keeps. Raises PolicyError."""
    try:
        rows = tomllib.loads(text).get("alias", [])
        return {str(row["new"]): str(row["old"]) for row in rows}
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(_("{name} is not valid TOML: {why}. Mend that line.").format(name=name, why=error)) from None
    except (KeyError, TypeError):
        raise PolicyError(_("{name}: each [[alias]] needs old, new and why.").format(name=name)) from None


@cache
def packaged_synonyms() -> dict[str, tuple[str, ...]]:
    """The synonyms that come with the program."""
    return read_synonyms((files("escaltui.policy") / "data" / "synonyms.toml").read_text("utf-8"))


@cache
def packaged_aliases() -> dict[str, str]:
    """The aliases that come with the program."""
    return read_aliases((files("escaltui.policy") / "data" / "aliases.toml").read_text("utf-8"))
