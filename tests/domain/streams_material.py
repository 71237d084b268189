"""Cases behind the wall between streams, and what a reader of one stream holds."""

from __future__ import annotations

from typing import Any

from deciding_material import done, proposal
from desk import Desk

from escaltui.domain import fold
from escaltui.domain import operations as ops
from escaltui.domain.changes import State
from escaltui.domain.entities import (
    Attachment,
    Entity,
    Link,
)
from escaltui.domain.operations import NewSubject

COUNSEL, NONE = frozenset({"counsel"}), frozenset[str]()
WHY = "a child may be in danger at once"
SECRET = "quill"
POST = NewSubject(
    platform="web", item_id="p1", text=f"{SECRET} said it", media=(Attachment("a", "image/png", 3, "f" * 64),)
)
LEVELS = ("normal", "restricted", "privileged")
Log = list[Any]


def restrict(case: str, sensitivity: Any = "restricted", **more: Any) -> ops.SetSensitivity:
    return ops.SetSensitivity(case=case, sensitivity=sensitivity, **more)


def opened(desk: Desk, title: str = "One", **more: Any) -> str:
    return desk.open(title, report=desk.report(requester_name="The Court", requester_kind="court"), **more)


def full(desk: Desk) -> str:
    """A case of ada's with everything that can hang on one; each text holds the secret word."""
    report = desk.report(
        f"{SECRET} writes", requester_name=f"Ms {SECRET}", attachments=(Attachment("b", "t", 1, "e" * 64),)
    )
    case = desk.open(f"About {SECRET}", report=report, subjects=(POST,), summary=SECRET)
    desk.do(ops.Claim(case=case))
    desk.note(case, SECRET)
    desk.do(ops.LinkCases(case=case, target=desk.open("Other")))
    desk.do(ops.AskConsult(case=case, team="legal", question=SECRET))
    desk.do(ops.DraftMessage(case=case, party="requester", body=SECRET))
    desk.do(ops.AddTask(case=case, title=SECRET))
    desk.do(ops.SaveUpdate(case=case, texts={"line": SECRET}))
    desk.do(ops.DescribeMedia(case=case, holder=f"subject:{POST.id}", at=0, text=SECRET))
    desk.do(proposal(case, rationale=SECRET))
    found = done(desk, case)
    desk.do(
        ops.DraftStatements(
            case=case, decision=found.id, subjects=found.subjects, statements=({"x": SECRET},), problems=((),)
        )
    )
    return case


def hanging(desk: Desk, case: str) -> list[Entity]:
    rows = [row for row in desk.rows.values() if getattr(row, "case", "") == case]
    rows += [row for row in desk.rows.values() if isinstance(row, Link) and case in (row.source, row.target)]
    row = desk.case(case)
    rows += [desk.rows["subject", key] for key in row.subjects]
    return [row, *rows, *([desk.rows["requester", row.requester]] if row.requester else [])]


def alone(log: Log, stream: str) -> dict[Any, Entity]:
    """What a reader of one stream holds: its changes folded, nothing else."""
    return dict(fold.fold(State({}), [each for each in log if each.stream == stream and each.fields]).rows)


def of_stream(desk: Desk, stream: str) -> dict[Any, Entity]:
    return {key: row for key, row in desk.rows.items() if row.stream == stream}
