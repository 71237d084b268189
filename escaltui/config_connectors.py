"""`[[connector]]` of config.toml: the places that cases come from. What a kind takes beside is its own to check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from escaltui.i18n import _

SECTION = "connector"
EVERY = "every"
LEAST, MOST = 60, 7 * 86_400
"""Seconds between two runs."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SECRET = re.compile(r"password|passwd|secret|token|app_key", re.I)
Option = str | int | bool | tuple[str, ...]


class ConnectorRow(msgspec.Struct, frozen=True):
    """One place: its name on this desk, what kind of place it is, and what that kind wants to know.

    `every`: seconds between two runs that the open workbench makes by itself, 0 where a person alone runs it.
    """

    name: str
    kind: str
    options: dict[str, Option] = {}
    every: int = 0


def taking(rows: Iterable[ConnectorRow]) -> dict[str, str]:
    """The platforms on whose items something can be done through a connector, with its name; the first one of each."""
    found: dict[str, str] = {}
    for each in rows:
        if each.kind == "ozone" and (platform := str(each.options.get("platform", "ozone"))):
            found.setdefault(platform, each.name)
    return found


def read(file: Path, found: object, problems: list[str]) -> tuple[ConnectorRow, ...]:
    """The connectors of a file; one that cannot be used is left out, with a sentence that says how to mend it."""
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        said = _("{file}: connector must be a list of sections: write [[connector]] on a line of its own.")
        problems.append(said.format(file=file))
        return ()
    rows: dict[str, ConnectorRow] = {}
    for number, each in enumerate(found, 1):
        where = f"{file}: [[connector]] {number}"
        row = _row(where, each, problems)
        if row is not None and row.name in rows:
            problems.append(
                _("{where}: there are two connectors {name}. Rename one.").format(where=where, name=row.name)
            )
        elif row is not None:
            rows[row.name] = row
    return tuple(rows.values())


def _row(where: str, found: Mapping[str, object], problems: list[str]) -> ConnectorRow | None:
    name, kind = found.get("name"), found.get("kind")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        said = _("{where}: name must be small letters, digits and -, at most 40. The connector is left out.")
        problems.append(said.format(where=where))
        return None
    if not isinstance(kind, str) or not kind:
        said = _('{where}: {name} has no kind: write kind = "mailbox", for one. The connector is left out.')
        problems.append(said.format(where=where, name=name))
        return None
    options = dict[str, Option]()
    for key, value in found.items():
        if key in ("name", "kind", EVERY):
            continue
        option = _option(where, name, key, value, problems)
        if option is None:
            return None
        options[key] = option
    return ConnectorRow(name, kind, options, _every(where, name, found.get(EVERY), problems))


def _every(where: str, name: str, given: object, problems: list[str]) -> int:
    """Seconds; 0 where nothing is written, or nothing that can be used."""
    if given is None:
        return 0
    from escaltui.domain.query.values import duration

    found = duration(given) if isinstance(given, str) else None
    if found is not None and LEAST <= found[0] // 1000 <= MOST:
        return found[0] // 1000
    said = _('{where}: every of {name} is a time from 1m to 7d, such as "5m" or "1h30m". It is run by hand until then.')
    problems.append(said.format(where=where, name=name))
    return 0


def _option(where: str, name: str, key: str, value: object, problems: list[str]) -> Option | None:
    if _SECRET.search(key) and not key.endswith(("_variable", "_command")):
        said = _("{where}: {key} does not belong in a file. Take the line out; escaltui connector sign-in {name}.")
        problems.append(said.format(where=where, key=key, name=name))
        return None
    given = tuple(value) if isinstance(value, list) else value
    if isinstance(given, tuple) and all(isinstance(each, str) for each in given):
        return given
    if isinstance(given, str | bool | int):
        return given
    said = _("{where}: {key} must be a text, a whole number, true or false, or a list of texts. {name} is left out.")
    problems.append(said.format(where=where, key=key, name=name))
    return None
