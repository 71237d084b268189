"""Files of statements that are not there yet: what an export that was cut off, or lost its server, left behind.

A file is written under a hidden name first and named once its statements are recorded as exported. Alone they are
recorded in one transaction; a server records one after the other, so a cut may leave the first of a file recorded and
the rest not. What is recorded leaves, no more and no less: then nothing is lost, and nothing leaves twice.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escaltui.domain.decisions import Statement
from escaltui.domain.operations import SendStatement
from escaltui.i18n import _
from escaltui.store import statements as rows
from escaltui.store.values import Done
from escaltui.sync.lock import Lead

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

LOCK = "statements.lock"


class StatementsError(Exception):
    """Statements could not be exported, or an answer not read; `str()` says how to mend it."""


def part_of(file: Path) -> Path:
    """Where a file is written until it is recorded."""
    return file.with_name(f".{file.name}.part")


@contextmanager
def alone(bench: Workbench) -> Iterator[None]:
    """Export as the only one of this store. Raises StatementsError."""
    lead = Lead(bench.store.folder, LOCK)
    if not lead.take():
        raise StatementsError(_("Another export of statements is under way. Wait until it is done."))
    try:
        yield
    finally:
        lead.leave()


def known(bench: Workbench) -> bool:
    """Bring what is recorded to what the server says; False where it is away, and that is not known."""
    return not bench.round_now()


def finished(bench: Workbench, folder: Path) -> list[Path]:
    """Give the files of an earlier export their names, with what is recorded of them."""
    parts = {part.name[1:].removesuffix(".part"): part for part in folder.glob(".statements-*.json.part")}
    if not parts or not known(bench):
        return []
    named = []
    for name, places in sorted(recorded(bench, parts).items()):
        if _fitted(parts[name], places):
            named.append(parts[name].replace(folder / name))
    return named


def recorded(bench: Workbench, names: Iterable[str]) -> dict[str, dict[int, Statement]]:
    """The statements that count as exported in some files, by their places."""
    wanted, found = set(names), dict[str, dict[int, Statement]]()
    for each in bench.store.read(lambda connection: rows.in_state(connection, "exported")):
        name, _sign, place = each.external_ref.rpartition("#")
        if name in wanted and place.isdigit():
            found.setdefault(name, {})[int(place)] = each
    return found


def _fitted(part: Path, places: dict[int, Statement]) -> bool:
    """Make a file hold what is recorded, where that is its beginning; whether it does."""
    try:
        held = json.loads(part.read_text("utf-8"))["statements"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if sorted(places) != list(range(len(places))) or len(places) > len(held):
        return False
    if len(places) < len(held):
        written(part, held[: len(places)])
    return True


def written(part: Path, payloads: Sequence[Any]) -> None:
    """Write a file that only its owner may read, durable and whole or not at all. Raises OSError."""
    new = part.with_name(f"{part.name}.new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump({"statements": payloads}, out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    new.replace(part)


def dropped(files: Iterable[Path]) -> None:
    """Nothing of these leaves."""
    for file in files:
        with suppress(OSError):
            part_of(file).unlink()


def taken_back(bench: Workbench, files: Sequence[Path]) -> bool:
    """Whether no statement counts as exported in these any more, once those that did are taken back."""
    if not known(bench):
        return False
    out = [each for places in recorded(bench, [file.name for file in files]).values() for each in places.values()]
    ops = [SendStatement(case=each.case, statement=each.id, state="refused") for each in out]
    return all(isinstance(outcome, Done) for outcome in bench.do_many(ops))
