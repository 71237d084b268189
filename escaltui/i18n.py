"""The language of the program's own words. English is the msgid; `_` looks it up at the moment something is drawn.

Case text stays in its own language; commands, queries and `--json` stay English.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gettext

LANGUAGES = ("en", "fr")
FOLDER = Path(__file__).parent / "locale"


class _Spoken:
    """The catalogue in use: one for the process, like the locale itself."""

    language = "en"
    catalogue: gettext.NullTranslations | None = None
    """None: English as it stands in the code."""


def set_language(language: str = "") -> str:
    """Speak `language`; "" takes the locale's. Returns what is spoken; one without a catalogue gives English."""
    chosen = language if language in LANGUAGES else locale_language()
    _Spoken.language, _Spoken.catalogue = chosen, None
    if chosen != "en":
        import gettext  # only here: English needs none of it

        _Spoken.catalogue = gettext.translation("escaltui", localedir=FOLDER, languages=[chosen], fallback=True)
    return chosen


def speak(catalogue: gettext.NullTranslations, language: str = "test") -> None:
    """Speak from a catalogue made elsewhere, such as the 30 % longer one of the layout tests."""
    _Spoken.catalogue, _Spoken.language = catalogue, language


def locale_language() -> str:
    """The language of LC_ALL, LC_MESSAGES or LANG, in that order, as far as we speak it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            spoken = value.replace("-", "_").split("_")[0].split(".")[0].lower()
            return spoken if spoken in LANGUAGES else "en"
    return "en"


def language() -> str:
    """What is spoken now."""
    return _Spoken.language


def _(message: str) -> str:
    """`message` in the language spoken now. "" stays ""."""
    catalogue = _Spoken.catalogue
    return catalogue.gettext(message) if catalogue and message else message


def ngettext(one: str, many: str, n: int) -> str:
    """The form for `n` things; put `n` in with `.format`."""
    catalogue = _Spoken.catalogue
    return catalogue.ngettext(one, many, n) if catalogue else one if n == 1 else many


def number(n: int) -> str:
    """A count with its thousands apart: 1,204, in French 1 204."""
    return f"{n:,}".replace(",", "\u00a0") if language() == "fr" else f"{n:,}"


def N_(message: str) -> str:
    """Marks a word in a table for the catalogue; it is looked up with `_` when it is drawn."""
    return message
