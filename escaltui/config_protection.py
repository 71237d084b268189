"""`[shield]`, `[masking]` and `[exposure]` of config.toml. What cannot be read or understood gives the strictest.

Missing: the default. One bad value: that value's strictest. A name that does not exist: nobody knows what was meant,
so the strictest of its whole section. The app starts in any case, and a sentence names file, line and mend.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from escaltui.i18n import N_, _
from escaltui.protection import RESTING, STRICTEST, STRICTEST_BUDGET, STRICTEST_MASKS, Exposing, Masking, Shielding

SECTIONS = ("shield", "masking", "exposure")
NEAR = 0.7
"""How alike a section's name must be to one of ours to count as that one misspelt."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_UNKNOWN = N_("{place}: no setting {name} in [{section}]; known: {known}; strictest in use")
_NO_TABLE = N_("{place}: {section} must be a section: write [{section}] on a line of its own; strictest in use")
_NEAR = N_("{place}: no section [{name}]; did you mean [{section}]? Strictest in use")
_BAD = N_("{place}: {name} must be {wanted}; strictest in use")
_BAD_BUDGET = N_("{place}: {name} must be {wanted}; default in use")


class Protection(NamedTuple):
    """The three sections as they hold, and a sentence for each thing that is wrong with them."""

    shield: Shielding = Shielding()
    masking: Masking = Masking()
    exposure: Exposing = Exposing()
    problems: tuple[str, ...] = ()


CLOSED = Protection(STRICTEST, STRICTEST_MASKS, STRICTEST_BUDGET)
"""What holds where the file cannot be read at all."""


class _Kind(NamedTuple):
    """What a value must be: `read` gives it, or None where it is not so; `wanted` says it in words."""

    wanted: str
    read: Callable[[Any], Any]


def read(file: str, text: str, found: Mapping[str, Any]) -> Protection:
    """The sections of a file, read as TOML (`found`) from `text`. Never raises."""
    at, problems = lines(text), list[str]()

    def place(section: str, name: str = "") -> str:
        return f"{file}:{at.get((section, name), at.get((section, ''), 1))}"

    made = {name: _section(name, found.get(name, {}), place, problems) for name in SECTIONS}
    for name in found:
        near = get_close_matches(name.casefold(), SECTIONS, 1, NEAR) if name not in SECTIONS else []
        if near:
            made[near[0]] = _STRICTEST[near[0]]
            problems.append(_(_NEAR).format(place=place(name), name=name, section=near[0]))
    return Protection(made["shield"], made["masking"], made["exposure"], tuple(problems))


def _section(section: str, found: object, place: Callable[..., str], problems: list[str]) -> Any:
    kinds, strictest = _KINDS[section], _STRICTEST[section]
    if not isinstance(found, Mapping):
        problems.append(_(_NO_TABLE).format(place=place(section), section=section))
        return strictest
    unknown = [name for name in found if name not in kinds]
    for name in unknown:
        said = _(_UNKNOWN).format(place=place(section, name), name=name, section=section, known=", ".join(kinds))
        problems.append(said)
    values = dict[str, Any]()
    for name, kind in ((name, kinds[name]) for name in found if name in kinds):
        values[name] = kind.read(found[name])
        if values[name] is None:
            bad, values[name] = _BAD_BUDGET if section == "exposure" else _BAD, getattr(strictest, name)
            problems.append(_(bad).format(place=place(section, name), name=name, wanted=_(kind.wanted)))
    return strictest if unknown else msgspec.structs.replace(_DEFAULT[section], **values)


def lines(text: str) -> dict[tuple[str, str], int]:
    """Where each section ((section, "")) and each of its settings ((section, name)) begins in a text that is TOML.

    Read statement by statement: one ends at the first line with which it is TOML by itself.
    """
    at: dict[tuple[str, str], int] = {}
    header, statement, begun = "", "", 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        statement += line + "\n"
        try:
            found = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        heads = statement.lstrip().startswith("[")
        for key, value in found.items():
            section = key if heads or not header else header
            at.setdefault((section, ""), begun)
            names = value if (heads or not header) and isinstance(value, Mapping) else () if heads else (key,)
            for name in names:
                at.setdefault((section, name), begun)
        header = next(iter(found), header) if heads else header
        statement, begun = "", number + 1
    return at


def _one_of(*choices: str) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, str) and value in choices else None


def _from_to(least: float, most: float) -> Callable[[Any], Any]:
    return lambda value: float(value) if type(value) in (int, float) and least <= value <= most else None


def _whole(least: int, most: int) -> Callable[[Any], Any]:
    return lambda value: value if type(value) is int and least <= value <= most else None


def _texts(fits: Callable[[str], object]) -> Callable[[Any], Any]:
    def read(value: Any) -> tuple[str, ...] | None:
        good = isinstance(value, list) and all(isinstance(each, str) and fits(each) for each in value)
        return tuple(value) if good else None

    return read


_YES = _Kind(N_("true or false"), lambda value: value if isinstance(value, bool) else None)
_KINDS: dict[str, dict[str, _Kind]] = {
    "shield": {
        "level": _Kind(N_("curtain, heavy or light"), _one_of(*RESTING)),
        "grey": _YES,
        "peek": _Kind(N_("a number of seconds from 0 to 5"), _from_to(0, 5)),
        "peek_repeat": _Kind(N_("a number of seconds from 0 to 2"), _from_to(0, 2)),
        "reveal": _Kind(N_("a number of seconds from 0 to 120"), _from_to(0, 120)),
        "external_open": _Kind(N_("ask or never"), _one_of("ask", "never")),
    },
    "masking": {
        "on": _YES,
        "from_severity": _Kind(N_("1, 2 or 3"), _whole(1, 3)),
        "languages": _Kind(N_('a list of languages, such as ["en", "fr"]'), _texts(_LANGUAGE.fullmatch)),
        "lexicons": _Kind(N_('a list of files, such as ["~/words.toml"]'), _texts(str.strip)),
    },
    "exposure": {
        "ledger": _Kind(N_("local or off"), _one_of("local", "off")),
        "clear_minutes": _Kind(N_("a whole number of minutes from 1 to 480"), _whole(1, 480)),
        "graphic_looks": _Kind(N_("a whole number from 1 to 1000"), _whole(1, 1000)),
        "break_after_minutes": _Kind(N_("a whole number of minutes from 1 to 480"), _whole(1, 480)),
        "interleave": _Kind(N_("offer, auto or off"), _one_of("offer", "auto", "off")),
    },
}
_DEFAULT: dict[str, msgspec.Struct] = {"shield": Shielding(), "masking": Masking(), "exposure": Exposing()}
_STRICTEST: dict[str, msgspec.Struct] = {
    "shield": STRICTEST, "masking": STRICTEST_MASKS, "exposure": STRICTEST_BUDGET,
}  # fmt: skip
