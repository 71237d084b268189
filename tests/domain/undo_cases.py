"""Operations on decisions, questions, letters, tasks and updates, each on a case where it can be done and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deciding_material import DISABLED, approval, carried_out, decision, proposal
from desk import DAY, HOUR, LEAD, SPECIALIST, Desk

from escaltui.domain import operations as ops
from escaltui.domain.decisions import Statement
from escaltui.domain.entities import Insight, Recommendation, Report, Requester, Stakeholder
from escaltui.domain.exchange import Consult, Message, Task, Update
from escaltui.domain.learning import Measure
from escaltui.domain.operations import Operation

Make = Callable[[Desk, str], Operation]
Step = Callable[[Desk, str], None]
COMMS = frozenset({"comms"})


def the(kind: type[Any], desk: Desk, case: str) -> Any:
    """The last row of a kind on a case."""
    return desk.of(kind, case=case)[-1]


def claimed(desk: Desk, case: str) -> None:
    desk.do(ops.Claim(case=case))


def asked(desk: Desk, case: str) -> None:
    desk.do(ops.AskConsult(case=case, team="legal", question="May we?"))


def tasked(desk: Desk, case: str) -> None:
    desk.do(ops.AddTask(case=case, title="Call them"))


def drafted(desk: Desk, case: str) -> None:
    desk.do(ops.DraftMessage(case=case, party="press", subject="Your question", body="We have looked at it."), "grace")


def updated(desk: Desk, case: str) -> None:
    texts = {"line": "News.", "mail": "News.", "executive": "News."}
    desk.do(ops.SaveUpdate(case=case, audience="executive", texts=texts), "grace")


def promised(desk: Desk, case: str) -> None:
    desk.do(ops.Promise(case=case, party="requester", words="by tomorrow", instant=desk.now + DAY))


def preserved(desk: Desk, case: str) -> None:
    desk.do(ops.RenewPreservation(case=case, until=desk.now + 90 * DAY, source="the letter"))


def pending(desk: Desk, case: str) -> None:
    desk.do(ops.Claim(case=case), "grace")
    desk.do(proposal(case, DISABLED, spirit=True), "grace", SPECIALIST)


def in_force(desk: Desk, case: str) -> None:
    claimed(desk, case)
    desk.do(proposal(case, DISABLED))
    carried_out(desk, case)


def stated(desk: Desk, case: str) -> None:
    in_force(desk, case)
    desk.do(_statements(desk, case))


def _statements(desk: Desk, case: str) -> ops.DraftStatements:
    found = decision(desk, case)
    return ops.DraftStatements(
        case=case, decision=found.id, subjects=found.subjects, problems=((),) * len(found.subjects),
        statements=({"decision_facts": "It was seen."},) * len(found.subjects),
    )  # fmt: skip


def kept(desk: Desk, case: str) -> None:
    desk.do(ops.KeepInsight(key=f"country:BR@{desk.asked}", says="It rose.", cases=(case,)))


def recommended(desk: Desk, case: str) -> None:
    desk.do(ops.Recommend(claim="Say it plainly", evidence={case: "words"}))


def shipped(desk: Desk, case: str) -> None:
    for state in ("accepted", "shipped"):
        key = desk.of(Recommendation)[-1].id
        desk.do(ops.SettleRecommendation(recommendation=key, state=state), "ada", LEAD)  # type: ignore[arg-type]


def _requester(desk: Desk) -> str:
    desk.do(ops.ReceiveReport(body="b", requester_name="The Court", requester_kind="court"))
    return str(desk.of(Requester)[-1].id)


def _report(desk: Desk, case: str) -> str:
    return str(desk.of(Report, case=case)[0].id)


EXCHANGED: dict[str, tuple[Make, tuple[Step, ...]]] = {
    "ProposeDecision": (lambda d, c: proposal(c, DISABLED), (claimed,)),
    "ApproveDecision": (lambda d, c: approval(decision(d, c)), (pending,)),
    "DraftStatements": (_statements, (in_force,)),
    "EditStatement": (
        lambda d, c: ops.EditStatement(case=c, statement=the(Statement, d, c).id, fields={"content_language": "FR"}),
        (stated,),
    ),
    "AskConsult": (lambda d, c: ops.AskConsult(case=c, team="legal", question="May we?"), ()),
    "AckConsult": (lambda d, c: ops.AckConsult(case=c, consult=the(Consult, d, c).id), (asked,)),
    "AnswerConsult": (
        lambda d, c: ops.AnswerConsult(case=c, consult=the(Consult, d, c).id, answer="Yes.", source="by phone"),
        (asked,),
    ),
    "DeclineConsult": (
        lambda d, c: ops.DeclineConsult(case=c, consult=the(Consult, d, c).id, reason="Not ours."),
        (asked,),
    ),
    "WithdrawConsult": (
        lambda d, c: ops.WithdrawConsult(case=c, consult=the(Consult, d, c).id, reason="Settled."),
        (asked,),
    ),
    "AddTask": (lambda d, c: ops.AddTask(case=c, title="Call them"), ()),
    "SetTask": (lambda d, c: ops.SetTask(case=c, task=the(Task, d, c).id, state="done"), (tasked,)),
    "SetElements": (lambda d, c: ops.SetElements(case=c, report=_report(d, c), elements={"signature": "present"}), ()),
    "AddTranslation": (
        lambda d, c: ops.AddTranslation(case=c, report=_report(d, c), text="Bonjour", source="en", target="fr"),
        (),
    ),
    "DraftMessage": (lambda d, c: ops.DraftMessage(case=c, party="requester", body="We have looked at it."), ()),
    "SignOff": (
        lambda d, c: ops.SignOff(
            case=c, message=the(Message, d, c).id, content_sha256=the(Message, d, c).content_sha256
        ),
        (drafted,),
    ),
    "WithdrawMessage": (lambda d, c: ops.WithdrawMessage(case=c, message=the(Message, d, c).id), (drafted,)),
    "SetStakeholders": (lambda d, c: ops.SetStakeholders(case=c, people={"Jo": Stakeholder("jo@house.example")}), ()),
    "ApproveUpdate": (lambda d, c: ops.ApproveUpdate(case=c, update=the(Update, d, c).id), (updated,)),
    "EditRequester": (
        lambda d, c: ops.EditRequester(
            requester=_requester(d), contact="registry@court.example", channel="email", source="the court's own page"
        ),
        (),
    ),
    "Promise": (lambda d, c: ops.Promise(case=c, party="requester", words="by noon", instant=d.now + 2 * HOUR), ()),
    "KeepPromise": (lambda d, c: ops.KeepPromise(case=c, clock="promise:1", words="told them"), (promised,)),
    "RenewPreservation": (lambda d, c: ops.RenewPreservation(case=c, until=d.now + 90 * DAY, source="the letter"), ()),
    "LetGo": (
        lambda d, c: ops.LetGo(
            case=c, clock=next(k for k, v in d.case(c).clocks.items() if v.kind == "expiry"), reason="Over."
        ),
        (preserved,),
    ),
    "SettleInsight": (
        lambda d, c: ops.SettleInsight(insight=d.of(Insight)[-1].id, state="dismissed", reason="r"), (kept,),
    ),
    "Recommend": (
        lambda d, c: ops.Recommend(claim="Say it plainly", evidence={c: "words"}, insight=d.of(Insight)[-1].id),
        (kept,),
    ),
    "SettleRecommendation": (
        lambda d, c: ops.SettleRecommendation(
            recommendation=d.of(Recommendation)[-1].id, state="accepted", reason="r",
            measure=Measure("volume", "country:BR", 7.0, 7),
        ),
        (recommended,),
    ),
    "RecordEffect": (
        lambda d, c: ops.RecordEffect(recommendation=d.of(Recommendation)[-1].id, after=3.0, after_n=3),
        (recommended, shipped),
    ),
    "SetGoal": (lambda d, c: ops.SetGoal(name="On time", due=d.now + DAY, measure=Measure(wanted=0.9)), ()),
}  # fmt: skip
