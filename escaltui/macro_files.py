"""Macro files: one macro a file, packaged in `macros/` and a person's own in the config folder's `macros/`.

A person's file of the same name replaces ours; so does its key. Nothing here runs anything.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from escaltui import wording
from escaltui.domain.macros import Macro, MacroFault, check
from escaltui.domain.sentences import Fault, Value, said

PACKAGED = Path(__file__).parent / "macros"
FOLDER = "macros"


def load(config: Path | None = None) -> tuple[tuple[Macro, ...], tuple[str, ...]]:
    """The macros there are, by key and then by id, and a sentence for each file that cannot be used."""
    faults: list[str] = []
    own = _read(config / FOLDER, faults) if config is not None else {}
    for macro in _twice(own.values()):
        faults.append(_fault(macro.id, 'key "{key}" is taken by another macro', key=macro.key))
        own[macro.id] = msgspec.structs.replace(macro, key="")
    taken = {macro.key for macro in own.values()}
    ours = {
        name: msgspec.structs.replace(macro, key="") if macro.key in taken else macro
        for name, macro in _read(PACKAGED, faults).items()
        if name not in own
    }
    found = (*own.values(), *ours.values())
    return tuple(sorted(found, key=lambda macro: (not macro.key, macro.key, macro.id))), tuple(faults)


def parse(name: str, text: str) -> Macro:
    """One macro from the text of its file. Raises MacroFault."""
    try:
        row = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MacroFault("is no TOML here: {why}", why=str(error)) from error
    if isinstance(row.get("title"), str):
        row["title"] = {"en": row["title"]}
    if isinstance(row.get("ask"), dict):
        row["ask"] = {key: {"en": value} if isinstance(value, str) else value for key, value in row["ask"].items()}
    try:
        macro = msgspec.convert({**row, "id": name}, Macro)
    except msgspec.ValidationError as error:
        raise MacroFault("{why}", why=str(error)) from error
    if len(macro.key) > 1:
        raise MacroFault('key must be one character, not "{key}"', key=macro.key)
    check(macro)
    return macro


def _read(folder: Path, faults: list[str]) -> dict[str, Macro]:
    found: dict[str, Macro] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            found[file.stem] = parse(file.stem, file.read_text("utf-8"))
        except Fault as fault:
            faults.append(f"{FOLDER}/{file.name}: {wording.fault(fault)}")
        except UnicodeDecodeError:
            faults.append(_fault(file.stem, "is not UTF-8 text; save it as UTF-8"))
        except OSError as error:
            faults.append(_fault(file.stem, "cannot be read: {why}", why=str(error.strerror)))
    return found


def _fault(name: str, template: str, /, **values: Value) -> str:
    return f"{FOLDER}/{name}.toml: {wording.told(said(template, **values))}"


def _twice(macros: Iterable[Macro]) -> list[Macro]:
    """Those whose key an earlier one has."""
    seen: set[Any] = {""}
    found = []
    for macro in macros:
        if macro.key in seen and macro.key:
            found.append(macro)
        seen.add(macro.key)
    return found
