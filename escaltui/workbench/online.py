"""What only the server can judge is asked there at once; without it, it is refused as it always was.

Such an operation is never queued. What it changed comes by the pull that follows at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from escaltui.domain import wire
from escaltui.domain.changes import Refused, refused
from escaltui.domain.entities import Case, Incident
from escaltui.domain.operations import OnCase, OnIncident, Operation
from escaltui.domain.rules.gate import OFFLINE
from escaltui.domain.sentences import words
from escaltui.domain.wire import Claiming, Push, Sent, Stand
from escaltui.store.values import Done, LineRow
from escaltui.sync.net import NetError, Refusing

if TYPE_CHECKING:
    from escaltui.workbench.remote import Following

CANDIDATES = 50
_UNCLEAR = refused(
    "needs_authority", "The server gave no clear answer: it may have been done.",
    "Look at the timeline before you try again.",
)  # fmt: skip


def ask(bench: Following, op: Operation, op_id: str) -> Done | Refused:
    """One operation, judged by the server now; what waits here leaves before it."""
    op_id = op_id or bench.operation_id()
    if (known := bench.done(op_id)) is not None:
        return known
    link, stream = bench.link, _stream(bench, op)
    try:
        with link.rounds:
            bench._tell(link.push())
            stand = link.remote.stands().get(stream, Stand())
    except NetError:
        return _needs(op)
    sent = Sent(op_id, msgspec.Raw(msgspec.json.encode(op)), bench.now())
    try:
        (result,) = link.server.push(stream, Push(stand, (sent,)))
    except Refusing as error:
        return _needs(op) if error.status >= 500 else refused("invalid", str(error), "")
    except NetError:
        return _UNCLEAR
    if result.status != "applied":
        return result.refused or _needs(op)
    return _taken(bench, op, op_id, stream, result.seqs)


def _taken(bench: Following, op: Operation, op_id: str, stream: str, seqs: dict[str, tuple[int, int]]) -> Done:
    """It was accepted: it is kept among our own, and what it changed is pulled."""
    link = bench.link
    if seqs:
        case_id = op.case if isinstance(op, OnCase) else ""
        link.remote.accepted(op_id, type(op).__name__, msgspec.json.encode(op), stream, case_id, seqs)
    try:
        bench._tell(link.pull(seqs))
    except NetError:
        bench.poke()  # the engine brings it when it can
    return bench.done(op_id) or Done(op_id, (), ())


def _stream(bench: Following, op: Operation) -> str:
    case = bench.store.row(Case.NAME, op.case) if isinstance(op, OnCase) else None
    if case is not None:
        return case.stream
    incident = bench.store.row(Incident.NAME, op.incident) if isinstance(op, OnIncident) else None
    if incident is not None:
        return incident.stream
    return f"desk:{bench.link.remote.connected.desk}" if isinstance(op, OnCase) else op.STREAM


def _needs(op: Operation) -> Refused:
    return refused(
        "needs_authority", "{operation} needs a connection to the server.", OFFLINE[op.STREAM],
        operation=words(type(op).__name__),
    )  # fmt: skip


def claim(bench: Following, rows: list[LineRow], op_id: str) -> str | Refused | None:
    """The first free of some cases, given by the server so that no two people get the same; its id.

    None where there is no server to ask, "" where colleagues were first each time: what they did is here now.
    """
    link, op_id = bench.link, op_id or bench.operation_id()
    streams = {row.id: _case_stream(bench, row.id) for row in rows}
    stream = next(iter(streams.values()))
    asked = tuple(row.id for row in rows if streams[row.id] == stream)
    try:
        with link.rounds:
            bench._tell(link.push())
            found = link.server.claim(stream, Claiming(op_id, asked))
            if not found.case:
                bench._tell(link.pull((stream,)))
                return found.refused or ""
            given = wire.claim_id(op_id, asked.index(found.case))
            body = msgspec.json.encode({"type": "Claim", "case": found.case})
            link.remote.accepted(given, "Claim", body, stream, found.case, {})
            bench._tell(link.pull((stream,)))
    except NetError:
        return None
    return found.case


def _case_stream(bench: Following, case_id: str) -> str:
    case = bench.store.row(Case.NAME, case_id)
    return case.stream if case is not None else ""
