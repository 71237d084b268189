"""Cases of the demo desk in the midst of being decided, and the walk through the screens of deciding."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from escaltui import i18n
from escaltui.app import EscaltuiApp
from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Line, LineAction
from escaltui.domain.entities import Stakeholder
from escaltui.workbench import Workbench
from escaltui.workbench.deciding import cite_typed

from . import gallery
from .gallery import NOON, Longer, Stop, walk

ORDER, LIKE, OTHER = "praise order", "praise like", "praise other"
WHY = "Praises the attack of 14 May in its own voice; two are copies inside a news report."
ASKS = """To the duty team,

remove the five posts named below within 24 hours. They praise the attack of 14 May. We publish our list on Friday.
"""


def op_id(name: str) -> str:
    return ids.operation_id(NOON, hashlib.sha256(name.encode()).digest()[:10])


def case_id(name: str) -> str:
    return ids.entity_id(op_id(name), 0)


def ref(name: str) -> str:
    """How a case of this gallery is called."""
    return f"E-{case_id(name)[-5:]}"


def do(bench: Workbench, op: ops.Operation, name: str = "") -> None:
    outcome = bench.do(op, op_id=op_id(name) if name else None)
    assert not isinstance(outcome, Refused), (op, outcome)


def deciding(bench: Workbench) -> None:
    """An order of the demo person's with all kinds of work on it; one that waits for a yes; two that were decided."""
    me = bench.me
    for name, title, case_type, items in (
        (ORDER, "Order: five posts that praise the attack of 14 May", "legal_removal", 5),
        (LIKE, "Posts that praise the attack of 14 May", "user_escalation", 2),
        (OTHER, "Order: three posts", "legal_removal", 3),
    ):
        _open(bench, name, title, case_type, items)
    now, bench.now = bench.now, lambda: NOON - 60_000
    _decided(bench, LIKE, "akim")
    bench.now = now
    bench.tick()
    _decided(bench, OTHER, "akim")
    bench.act_as(me)
    order = case_id(ORDER)
    for op in (
        ops.Triage(case=order, severity=1, reason="checked"), ops.Claim(case=order),
        ops.AskConsult(case=order, team="legal", question="Does this order bind us in DE?", options=("yes", "no")),
        ops.AddTask(case=order, title="Call the officer back", assignee=me, due=NOON + 7_200_000),
        ops.DraftMessage(case=order, party="authority", subject="Your order of today", language="en",
                         body="We have received your order.", address="unit@police.example"),
        ops.SetUserNotice(case=order, rule="delayed", until=NOON + 30 * 86_400_000, source="until the trial is over"),
        ops.SetStakeholders(case=order, people={"Head of desk": Stakeholder("head@desk.example", "executive")}),
        ops.RecordAsked(case=order, words="within 24 hours", instant=NOON + 86_400_000),
    ):  # fmt: skip
        do(bench, op)


def offer(bench: Workbench) -> None:
    """Legal answers by mail."""
    face = bench.case(case_id(ORDER))
    assert face is not None
    do(bench, ops.OfferAnswer(case=face.line.id, consult=face.work.consults[0].id, body="Yes, it binds us in DE.",
                              sender="legal@desk.example", message_id="<answer@desk.example>"))  # fmt: skip


def _open(bench: Workbench, name: str, title: str, case_type: str, items: int) -> None:
    report = ops.ReceiveReport(
        requester_name="Police unit 12", requester_kind="law_enforcement", body=ASKS, channel="email", kind="order",
        received_at=NOON - 900_000,
    )  # fmt: skip
    subjects = tuple(
        ops.NewSubject(platform="commonlea", item_type="post", item_id=f"77010{n}{items}", author=f"@writer{n}",
                       text=f"Post {n}: what they did on 14 May was right", reach=1000 * (n + 1)) for n in range(items)
    )  # fmt: skip
    do(bench, report, f"{name} report")
    do(bench, ops.OpenCase(
        opens=case_id(name), title=title, case_type=case_type, severity=1, subjects=subjects, countries=("DE",),
        languages=("en",), report=ids.entity_id(op_id(f"{name} report"), 0), received_at=NOON - 900_000,
    ), name)  # fmt: skip


def _decided(bench: Workbench, name: str, login: str) -> None:
    bench.act_as(login)
    cite = cite_typed(bench, "dg.2")
    assert cite is not None
    line = Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                actions=(LineAction("remove"),))  # fmt: skip
    for op in (
        ops.Triage(case=case_id(name), severity=1, reason="checked"), ops.Claim(case=case_id(name)),
        ops.ProposeDecision(case=case_id(name), lines=(line,), rationale=WHY),
    ):  # fmt: skip
        do(bench, op)


def opened(name: str) -> tuple[str, ...]:
    """Keys that open a case of this gallery."""
    return (*f":open {ref(name)}", "enter")


WALK: tuple[Stop, ...] = (
    ("work", (*opened(ORDER), "4")), ("work-end", ("end",)), ("consult", ("C", "l")),
    ("reply", ("escape", "r", "6")), ("letter", (*"The order itself", "ctrl+s")),
    ("update", ("escape", "S")), ("checklist", ("escape", "e", "y", "enter")), ("notice", ("escape", "e", "n")),
    ("clocks", ("escape", "=")), ("clock-menu", ("escape", "e", "c")), ("verify", ("escape", "e", "v")),
    ("macro", ("escape", "m")), ("outcomes", ("escape", "d")),
    ("section-typed", ("2", *"prais")),
    ("decide", ("backspace", *"e and support", "enter", "r", *WHY)),
    ("items", ("tab", "N", "x", "x")),
    ("decide-two", ("ctrl+s", "5", *"dg.2", "enter", "tab", *"DE", "shift+tab", "g")),
    ("decide-three", ("tab", "tab", "tab", "N", "x", "ctrl+s", "7", *"dg.2", "enter")),
    ("precedents", ("escape", "p", *"dg.2", "enter", "L", "escape", "P")),
    ("outbox-questions", ("escape", "g", "o", "4")), ("outbox-letters", ("3",)), ("outbox-tasks", ("5",)),
)  # fmt: skip
"""As the demo person, who holds the order."""
APPROVER: tuple[Stop, ...] = (
    ("outbox-approve", ("g", "o", "1")), ("approve", ("A",)), ("outbox-by-hand", ("escape", "2")),
    ("offered", ("escape", *opened(ORDER), "4")), ("decided", ("escape", *opened(LIKE), "4")),
)  # fmt: skip
"""As an approver."""
KEPT = frozenset({
    "work", "consult", "reply", "letter", "update", "checklist", "clocks", "outcomes", "decide", "decide-three",
    "precedents", "outbox-questions", "outbox-approve", "approve", "outbox-by-hand", "offered", "decided",
})  # fmt: skip
"""Of which there are snapshots."""


async def both(store: Path, folder: Path, *, theme: str = "dark", language: str = "en", kept: bool = False,
               size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[str, EscaltuiApp]]:  # fmt: skip
    """Walk as the demo person, then as an approver when Legal has answered. `kept`: only where there are snapshots."""
    for stops, login in ((WALK, ""), (APPROVER, "sbauer")):
        spoken = "en" if language == "longer" else language
        bench, app = gallery.opened(store, folder / (login or "me"), theme=theme, language=spoken)
        if language == "longer":
            i18n.speak(Longer(), "longer")
        deciding(bench)
        if login:
            offer(bench)
            bench.act_as(login)
        async for name in walk(app, stops, size):
            if name in KEPT or not kept:
                yield name, app
        bench.close()
