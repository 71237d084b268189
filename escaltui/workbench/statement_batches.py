"""Statements on their way to the EU's database: files of at most 100, and its answer to each of them.

The database takes a batch whole or not at all, and answers by place: `statement_0` is the first of the file. A
statement that left keeps `FILE#PLACE` as its reference until the answer is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Statement
from escaltui.domain.operations import SendStatement
from escaltui.i18n import _
from escaltui.policy.sor_schema import packaged_schema
from escaltui.safety.text import storable
from escaltui.store import statements as rows
from escaltui.store.values import Done
from escaltui.workbench import statement_parts as parts
from escaltui.workbench.statement_parts import StatementsError

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

__all__ = ["Exported", "Result", "StatementsError", "export", "take_result"]

ANSWER_LIMIT = 16 << 20
COMPLAINT_LIMIT = 300
Answers = dict[int, tuple[str, ...]]
"""By place in the batch: why the database refused it; nothing where it was taken."""


class Exported(NamedTuple):
    """What left: the files, how many statements, and those held back as (case reference, number, why)."""

    files: tuple[Path, ...]
    statements: int
    refused: tuple[tuple[str, int, str], ...]


class Result(NamedTuple):
    """What an answer came to: how many were taken, refused, or came back since another of the batch was refused.

    `problems`: what could not be recorded, as sentences.
    """

    sent: int
    refused: int
    back: int
    problems: tuple[str, ...]


def export(bench: Workbench, folder: Path, case_ids: Iterable[str] = ()) -> Exported:
    """Write the valid statements (of some cases, or of all) to new files, and record that they left.

    A statement whose user may not be told, or whose decision is in force no more, is held back. The files appear
    complete, and only once it is recorded; those of an export that was cut off after that appear now. Raises
    StatementsError; then nothing has left, or what the server recorded before it went away waits for the next export.
    """
    with parts.alone(bench):
        return _export(bench, folder, case_ids)


def _export(bench: Workbench, folder: Path, case_ids: Iterable[str]) -> Exported:
    if away := bench.round_now():
        raise StatementsError(
            _("The server judges what leaves, and is away: {why} Nothing was exported.").format(why=away)
        )
    finished = parts.finished(bench, folder)
    waiting = bench.store.read(lambda connection: rows.in_state(connection, "valid", case_ids))
    leaving, held = _sifted(bench, waiting)
    size = packaged_schema().batch
    batches = [leaving[at : at + size] for at in range(0, len(leaving), size)]
    files = _names(folder, bench.now(), len(batches))
    try:
        for file, batch in zip(files, batches, strict=True):
            _write(file, batch)
    except BaseException:
        parts.dropped(files)
        raise
    _record(bench, files, batches)
    for file in files:
        parts.part_of(file).replace(file)
    return Exported((*finished, *files), len(leaving), tuple(held))


def _sifted(bench: Workbench, waiting: Sequence[Statement]) -> tuple[list[Statement], list[tuple[str, int, str]]]:
    leaving, held = [], []
    for each in waiting:
        op = SendStatement(case=each.case, statement=each.id, state="exported", external_ref="?")
        found = bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id(), beforehand=True)
        if isinstance(found, Refused):
            case = bench.store.case(each.case)
            held.append((case.ref if case else "?", each.number, wording.refusal(found)[0]))
        else:
            leaving.append(each)
    return leaving, held


def _names(folder: Path, now: int, count: int) -> list[Path]:
    """Names that no file has yet."""
    stamp, number = f"{datetime.fromtimestamp(now / 1000, UTC):%Y%m%d-%H%M%S}", 0
    found: list[Path] = []
    while len(found) < count:
        number += 1
        path = folder / f"statements-{stamp}-{number:03d}.json"
        if not path.exists():
            found.append(path)
    return found


def _write(file: Path, batch: Sequence[Statement]) -> None:
    """A batch, durable under a name of its own that only its owner may read."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        parts.written(parts.part_of(file), [payload(each) for each in batch])
    except OSError as error:
        said = _("{folder} cannot be written ({why}). Choose another folder; nothing was exported.")
        raise StatementsError(said.format(folder=file.parent, why=error.strerror or error)) from error


def payload(statement: Statement) -> dict[str, Any]:
    """A statement as the database takes it."""
    fields: dict[str, Any] = dict(statement.fields)
    if code := fields.pop("content_id_ean", ""):
        fields["content_id"] = {"EAN-13": code}
    return fields


def _record(bench: Workbench, files: Sequence[Path], batches: Sequence[Sequence[Statement]]) -> None:
    """Record that each left; where one may leave no more since it was looked at, all stay. Raises StatementsError."""
    ops = [
        SendStatement(case=each.case, statement=each.id, state="exported", external_ref=f"{file.name}#{at}")
        for file, batch in zip(files, batches, strict=True)
        for at, each in enumerate(batch)
    ]
    if _all_done(bench, ops):
        return
    if parts.taken_back(bench, files):
        parts.dropped(files)
        raise StatementsError(_("A case changed while its statements were written. Nothing was exported: try again."))
    said = _("The server went away while statements were recorded. Export again to {folder} once it is there: what it "
             "recorded leaves then.")  # fmt: skip
    raise StatementsError(said.format(folder=files[0].parent))


def _all_done(bench: Workbench, ops: Sequence[SendStatement]) -> bool:
    """Whether all were recorded. A server judges one after the other: the first that it does not take ends that."""
    if bench.store.remote is None:
        return all(isinstance(outcome, Done) for outcome in bench.do_many(ops))
    return all(isinstance(bench.do(op), Done) for op in ops)


# --- the answer


def take_result(bench: Workbench, file: Path, batch: str = "") -> Result:
    """Read the database's answer to a batch and record what became of each statement. Raises StatementsError.

    `batch` is the name of the exported file; by default the answer's own name with `.result` in it:
    `statements-20260601-100000-001.result.json` answers `statements-20260601-100000-001.json`.
    """
    name = batch or file.name.replace(".result", "")
    out = bench.store.read(lambda connection: rows.in_state(connection, "exported"))
    places = {int(place): each for each in out if (place := _place(each, name)).isdigit()}
    if not places:
        said = _("No statement waits for an answer to {batch}. Name the exported file with --batch.")
        raise StatementsError(said.format(batch=name))
    whole, answers = _read(file, [each.fields.get("puid") for _at, each in sorted(places.items())])
    ops = [_outcome(each, whole, answers.get(at, ())) for at, each in sorted(places.items())]
    strange = sorted(set(answers) - set(places))
    outcomes = bench.do_many(ops)
    done = [op for op, outcome in zip(ops, outcomes, strict=True) if isinstance(outcome, Done)]
    told = [" ".join(wording.refusal(each)) for each in outcomes if isinstance(each, Refused)]
    told += [_("The batch has no statement_{place}.").format(place=at) for at in strange]
    refused = sum(op.state == "refused" and bool(op.problems) for op in done)
    sent = sum(op.state == "sent" for op in done)
    return Result(sent, refused, len(done) - sent - refused, tuple(told))


def _place(statement: Statement, batch: str) -> str:
    name, _hash, place = statement.external_ref.rpartition("#")
    return place if name == batch else ""


def _outcome(each: Statement, whole: bool, problems: tuple[str, ...]) -> SendStatement:
    state: Literal["sent", "refused"] = "sent" if whole else "refused"
    return SendStatement(case=each.case, statement=each.id, state=state, problems=() if whole else problems)


def _read(file: Path, puids: Sequence[object]) -> tuple[bool, Answers]:
    """Whether the batch was taken, and what was said of each place."""
    body = _body(file)
    taken, errors = body.get("statements"), body.get("errors", body)
    if isinstance(taken, list) and taken:
        told = {each.get("puid") for each in taken if isinstance(each, dict)} - {None}
        if told and not told.issuperset(puids):
            raise StatementsError(_("{file} answers another batch. Name the one it answers.").format(file=file))
        return True, {}
    refused: Answers = {}
    if isinstance(errors, dict):
        refused = {int(key[10:]): _complaints(said) for key, said in errors.items() if _names_place(key)}
        known = errors.get("existing_puids")
        for puid in known if isinstance(known, list) else ():
            if puid in puids:
                refused[puids.index(puid)] = ("puid: the database has it already",)
    if not refused:
        said = _("{file} does not say what became of the {count} statements of its batch. Save the answer as it came.")
        raise StatementsError(said.format(file=file, count=len(puids)))
    return False, refused


def _body(file: Path) -> dict[str, Any]:
    """The answer as it came; nothing where it is no JSON object."""
    try:
        if file.stat().st_size > ANSWER_LIMIT:
            raise ValueError(_("it is too long"))
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        said = _("{file} cannot be read ({why}). Save the database's answer as it came.")
        raise StatementsError(said.format(file=file, why=why)) from error
    return found if isinstance(found, dict) else {}


def _names_place(key: str) -> bool:
    return key.startswith("statement_") and key[10:].isascii() and key[10:].isdigit() and len(key) < 20


def _complaints(said: object) -> tuple[str, ...]:
    """`field: sentence` for each complaint, as text that can be kept."""
    pairs = said.items() if isinstance(said, dict) else (("?", said),)
    found = (f"{field}: {text}" for field, texts in pairs for text in (texts if isinstance(texts, list) else [texts]))
    return tuple(storable(each)[:COMPLAINT_LIMIT] for each in found) or ("?",)
