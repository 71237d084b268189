"""The demo desk's one incident: false hours of a vote, five cases, a standing call in force, an update sent.

Written after everything else, each thing at its own past minute; the same clock gives the same incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from escaltui.domain import operations, updates
from escaltui.domain.changes import Refused
from escaltui.domain.crisis import Contact, Ruling
from escaltui.domain.decisions import Line, LineAction
from escaltui.store.values import Done, Who
from escaltui.workbench import incident_updates
from escaltui.workbench.desk import ALL_ROLES
from escaltui.workbench.seeding_work import MINUTE, op_id

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.workbench.door import Workbench

KEY = "incident/vote"
MEMBERS = "is:open flag:election -sev:0"
MOST = 5
SECTION = "in.2"
"""Of the sample policies: what lies about how and when people vote."""
NAME = "Valmont vote: false closing hours"
WHAT = "A post that names another closing hour of the polls in Valmont than the electoral commission's list."
WHY = "A wrong hour keeps people from voting; the commission's list of 14 September is what we compare with."
PEOPLE: dict[str, Contact | None] = {
    "Head of desk": Contact("head@commonlea.example", "line"),
    "Public policy": Contact("publicpolicy@commonlea.example"),
}
LOG = ("The commission's office named one person whom we may call until midnight.",
       "Two radio stations ask for a number of posts; Communications answers both.")  # fmt: skip


def write(bench: Workbench, now: int) -> int:
    """Make the incident; gives the number of operations. Nothing where the desk has no such cases or policy."""
    from escaltui.workbench.deciding import cite_of

    cases, cite = bench.matching(MEMBERS, MOST, "ref"), cite_of(bench, SECTION)
    if len(cases) < MOST or cite is None:
        return 0
    made = _Writer(bench, now)
    declare = operations.DeclareIncident(
        name=NAME, severity=1, lead="sbauer", comms="dlefevre", scribe="rmarin", countries=("FR",),
        summary="Posts and leaflets name a closing hour that is not the commission's.",
    )  # fmt: skip
    incident = made.do(95, "sbauer", declare)
    made.do(94, "sbauer", operations.MoveIncident(incident=incident, state="active"))
    made.do(93, "sbauer", operations.SetContacts(incident=incident, people=PEOPLE))
    for n, case in enumerate(cases):
        row = bench.store.case(case)
        known = (now - row.created_at) // MINUTE if row is not None else 0
        made.do(min(90 - n, known), "rmarin", operations.JoinIncident(case=case, incident=incident))
    _called(made, incident, Line("violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                                 actions=(LineAction("remove"),)))  # fmt: skip
    for n, said in enumerate(LOG):
        made.do(60 - n * 10, "rmarin", operations.AddIncidentNote(incident=incident, body=said, kind="call"))
    for step, done in (
        ("Agree with the commission on one contact", True),
        ("Look at paid posts with the same hours", False),
    ):
        made.do(45, "rmarin", operations.TickStep(incident=incident, step=step, done=done))
    _told(made, bench, incident)
    return made.asked


def _called(made: _Writer, incident: str, line: Line) -> None:
    save = operations.SaveRuling(incident=incident, name="Another closing hour", what_counts=WHAT, line=line,
                                 rationale=WHY, hours=48)  # fmt: skip
    ruling = made.do(80, "rmarin", save)
    made.do(79, "rmarin", operations.ProposeRuling(incident=incident, ruling=ruling))
    row = made.bench.store.row(Ruling.NAME, ruling)
    assert isinstance(row, Ruling)
    yes = operations.ApproveRuling(incident=incident, ruling=ruling, content_sha256=row.content_sha256)
    made.do(70, "kosei", yes)


def _told(made: _Writer, bench: Workbench, incident: str) -> None:
    """The update of half an hour ago, in English whatever is spoken where the desk is made."""
    found = incident_updates.drawn(bench, incident)
    assert found is not None
    conditions, actions, needs = (updates.part(found, name, str) for name in updates.PARTS)
    kept = made.do(30, "rmarin", operations.SaveIncidentUpdate(
        incident=incident, texts=updates.texts(found, str), conditions=conditions, actions=actions, needs=needs,
        numbers=found.numbers, upto=found.upto, promised=made.now + 45 * MINUTE,
    ))  # fmt: skip
    made.do(29, "sbauer", operations.PublishIncidentUpdate(incident=incident, update=kept))


class _Writer:
    """Does one thing after another, each at its past minute."""

    def __init__(self, bench: Workbench, now: int) -> None:
        self.bench, self.now, self.asked = bench, now, 0

    def do(self, ago: int, actor: str, op: Operation) -> str:
        """An operation that must be accepted; gives the id that it made, "" for none."""
        at = self.now - ago * MINUTE
        key, who = op_id(KEY, self.asked, at), Who(actor, ALL_ROLES, "demo")
        self.asked += 1
        outcome = self.bench.store.do(op, who, at, self.bench.rules, op_id=key)
        assert not isinstance(outcome, Refused), (type(op).__name__, outcome)
        return _made(outcome)


def _made(outcome: Done) -> str:
    created: Sequence[str] = [change.entity_id for change in outcome.changes if change.action == "created"]
    return created[0] if created else ""
