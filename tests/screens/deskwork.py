"""What tests of deciding by keys start from: a small team, cases decided or waiting for a yes, the clock moved on."""

from __future__ import annotations

from casebench import Clock, do, open_case, settle
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Line, LineAction
from escaltui.work_faces import DecisionFace, WorkFace
from escaltui.workbench import Workbench
from escaltui.workbench.deciding import cite_typed

HOLD = 31_000
WHY = "It praises it"
TEAM = {"kosei": ("specialist", "lead", "admin"), "akim": ("specialist",), "second": ("specialist", "approver"),
        "counsel": ("specialist", "counsel")}  # fmt: skip


def case_of(bench: Workbench, title: str = "Praise of an attack", *, items: int = 2) -> str:
    """A case that needs nobody else's yes."""
    return open_case(bench, title, case_type="user_escalation", items=items, kind="press")


def work(bench: Workbench, case_id: str) -> WorkFace:
    face = bench.case(case_id)
    assert face is not None
    return face.work


def decision(bench: Workbench, case_id: str) -> DecisionFace:
    found = work(bench, case_id).decision
    assert found is not None
    return found


def status(bench: Workbench, case_id: str) -> str:
    line = bench.line(case_id)
    assert line is not None
    return line.status


def team(bench: Workbench) -> None:
    """Make the colleagues known; Kosei stays at the keyboard."""
    for login, roles in TEAM.items():
        do(bench, ops.AddPerson(login=login, roles=roles))
        if login == "kosei":
            bench.act_as(login)


def later(bench: Workbench, milliseconds: int = HOLD) -> None:
    """The clock goes on, and what is due then happens."""
    clock = bench.now
    assert isinstance(clock, Clock)
    clock.now += milliseconds
    bench.tick()


async def caught_up(pilot: Pilot[str]) -> None:
    """Until the screen shows what changed in the store behind it."""
    await settle(pilot)
    while pilot.app._changed:  # type: ignore[attr-defined]
        await pilot.pause(0.02)
    await settle(pilot)


def remove_line(bench: Workbench) -> Line:
    cite = cite_typed(bench, "praise")
    assert cite is not None
    return Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                actions=(LineAction("remove"),))  # fmt: skip


def akim_decides(bench: Workbench, case_id: str) -> None:
    """Akim proposes to remove all of it; then akim is still at the keyboard."""
    bench.act_as("akim")
    do(bench, ops.Triage(case=case_id, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case_id))
    do(bench, ops.ProposeDecision(case=case_id, lines=(remove_line(bench),), rationale=WHY))


def proposed(bench: Workbench, person: str = "second") -> str:
    """An order that akim decided and that waits for a yes; `person` is at the keyboard."""
    case_id = open_case(bench, items=3)
    akim_decides(bench, case_id)
    bench.act_as(person)
    return case_id


def queued(bench: Workbench, title: str = "Praise of an attack") -> str:
    """A case that akim decided, whose removals wait to be done by hand; Kosei is at the keyboard."""
    case_id = case_of(bench, title)
    akim_decides(bench, case_id)
    later(bench)
    bench.act_as("kosei")
    return case_id


def effective(bench: Workbench, title: str = "Praise of an attack") -> str:
    """The same, done."""
    case_id = queued(bench, title)
    actions = tuple(each.id for each in work(bench, case_id).actions)
    do(bench, ops.RecordActionResult(case=case_id, actions=actions, reference="T-1"))
    return case_id
