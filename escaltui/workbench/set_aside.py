"""Operations that were set aside, for people: what they wrote, what stands instead, and how to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from escaltui import wording
from escaltui.domain import ids, wire
from escaltui.domain.changes import Refused, refused
from escaltui.domain.entities import Case
from escaltui.domain.operations import OnCase, Operation
from escaltui.domain.wire import Result
from escaltui.safety.text import SafeText, block, line
from escaltui.store import outbox
from escaltui.store.outbox import Kept
from escaltui.store.values import Done
from escaltui.sync_faces import ParkedFace

if TYPE_CHECKING:
    from escaltui.workbench.remote import Following

_PLAIN = frozenset({"type", "case", "base", "fields", "content_sha256"})
_GONE = refused("not_found", "Nothing of that name is set aside.", "escaltui outbox list shows what is.")


def faces(bench: Following) -> list[ParkedFace]:
    """All that are not closed, the newest first."""
    return [_face(bench, each) for each in bench.store.read(outbox.parked)]


def _face(bench: Following, kept: Kept) -> ParkedFace:
    op, why = _operation(kept), _why(kept)
    row = bench.store.line(kept.case_id) if kept.case_id else None
    reason, mend = wording.refusal(why)
    return ParkedFace(
        kept.op_id, kept.type, kept.case_id, row.ref if row else "", line(row.title if row else ""),
        ids.made_at(kept.op_id) if ids.is_id(kept.op_id) else 0, block("\n".join(_words(op))), _fields(bench, op),
        reason, mend, op is not None and (not isinstance(op, OnCase) or row is not None),
    )  # fmt: skip


def _operation(kept: Kept) -> Operation | None:
    """None for one of a later version, or one whose words went with its stream."""
    try:
        return wire.operation(kept.body.encode())
    except ValueError:
        return None


def _why(kept: Kept) -> Refused:
    try:
        result = msgspec.json.decode(kept.result, type=Result)
    except msgspec.DecodeError:
        result = Result(kept.op_id, "failed")
    if result.refused is not None:
        return result.refused
    return refused("blocked", "What it rests on was not applied.", "Look at that first, then send this again.")


def _words(op: Operation | None) -> list[str]:
    """The words in an operation, in its order; names and ids of the code are among them only where they are all."""
    if op is None:
        return []
    plain = msgspec.to_builtins(op)
    told = {name: value for name, value in plain.items() if name not in _PLAIN} | plain.get("fields", {})
    return [value for value in told.values() if isinstance(value, str) and value]


def _fields(bench: Following, op: Operation | None) -> tuple[tuple[str, SafeText, SafeText, SafeText], ...]:
    """Each field that they looked at: what they saw, what stands, what they wanted."""
    if not isinstance(op, OnCase):
        return ()
    now, wanted = _standing(bench, op), msgspec.to_builtins(op)
    wanted |= wanted.get("fields", {})
    return tuple((name, _told(seen), _told(now.get(name)), _told(wanted.get(name))) for name, seen in op.base.items())


def _standing(bench: Following, op: OnCase) -> dict[str, Any]:
    case = bench.store.row(Case.NAME, op.case)
    if case is None:
        return {}
    return {name: msgspec.to_builtins(getattr(case, name)) for name in op.base if hasattr(case, name)}


def _told(value: object) -> SafeText:
    if value is None:
        return line("")
    return block(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _find(bench: Following, op_id: str) -> Kept | None:
    return next(iter(bench.store.read(lambda connection: outbox.parked(connection, op_id))), None) if op_id else None


def resend(bench: Following, op_id: str) -> Done | Refused:
    """The same wish as a new operation, on today's base."""
    kept = _find(bench, op_id)
    op = _operation(kept) if kept is not None else None
    if op is None:
        return _GONE
    if isinstance(op, OnCase) and op.base:
        op = msgspec.structs.replace(op, base=_standing(bench, op))
    outcome = bench.do(op)
    if isinstance(outcome, Done):
        bench.close_parked(op_id)
    return outcome


def export(bench: Following, op_id: str) -> str:
    """What was asked for and what the server said, as JSON."""
    kept = _find(bench, op_id)
    if kept is None:
        return ""
    told = {"op_id": kept.op_id, "type": kept.type, "case": kept.case_id, "stream": kept.stream,
            "operation": _raw(kept.body), "answer": _raw(kept.result)}  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _raw(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
