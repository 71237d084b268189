"""Questions to teams: asked in time, answered by the team or with a source, once; a waiting case wakes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from desk import DAY, HOUR, LEAD, MINUTE, NOW, RULES, SYSTEM, Desk, in_status

from escaltui.domain import calendars, consults
from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock, Unstated, Window
from escaltui.domain.entities import Consult, Person


def asked(desk: Desk, case: str, team: str = "legal", **more: Any) -> str:
    """A question to a team; gives its id."""
    desk.do(ops.AskConsult(case=case, **({"team": team, "question": "May we?"} | more)))
    return next(each.entity_id for each in reversed(desk.log) if each.entity == "consult")


def the(desk: Desk, consult: str) -> Consult:
    found = desk.rows["consult", consult]
    assert isinstance(found, Consult)
    return found


def colleague(desk: Desk, login: str, team: str) -> None:
    desk.rows["person", login] = Person(id=login, login=login, name=login.title(), team=team)


def due_at(desk: Desk, case: str, due: Any, kind: Any = "statutory", **more: Any) -> None:
    """A clock of a law put on a case behind the rules' back."""
    clock = Clock(kind, more.pop("metric", "fr-order"), NOW, due, **more)
    desk.put(case, clocks=desk.case(case).clocks | {"law": clock})


def test_a_question_is_kept_as_asked_and_counted() -> None:
    desk = Desk()
    case = desk.open()
    one = the(desk, asked(desk, case, question="  May we? ", background="b", options=("yes", "no"), due=NOW + HOUR))
    assert (one.team, one.question, one.background, one.options, one.due) == (
        "legal", "May we?", "b", ("yes", "no"), NOW + HOUR,
    )  # fmt: skip
    assert (one.state, one.binding, one.sensitivity, one.case, one.created_by) == (
        "asked", "advice", "normal", case, "ada",
    )  # fmt: skip
    assert desk.case(case).open_work == {"consult": 1}
    asked(desk, case, "comms")
    assert desk.case(case).open_work == {"consult": 2}
    assert desk.case(case).status == "new"


def test_what_cannot_be_asked() -> None:
    desk = Desk()
    case = desk.open()
    assert desk.no("incomplete", ops.AskConsult(case=case, team="", question=" ")).mend.fields == ("team", "question")
    assert "comms" in desk.no("invalid", ops.AskConsult(case=case, team="nobody", question="q")).mend.text
    desk.no("invalid", ops.AskConsult(case=case, team="legal", question="q", options=("x",) * 10))
    for option in (" ", "x" * 201):
        desk.no("invalid", ops.AskConsult(case=case, team="legal", question="q", options=("yes", option)))
    desk.no("invalid", ops.AskConsult(case=case, team="legal", question="q" * 1_048_577))
    desk.no("invalid", ops.AskConsult(case=case, team="legal", question="q", due=NOW))
    desk.no("invalid", ops.AskConsult(case=case, team="legal", question="q", due=10**15))
    desk.no("wrong_state", ops.AskConsult(case=in_status(desk, "closed"), team="legal", question="q"))


def test_a_team_that_gives_advice_only_binds_nobody() -> None:
    desk = Desk()
    case = desk.open()
    refused = desk.no("invalid", ops.AskConsult(case=case, team="sales", question="q", binding="approval_required"))
    assert refused.rule == "teams.toml:sales"
    asked(desk, case, "sales")
    assert the(desk, asked(desk, case, "legal", binding="approval_required")).binding == "approval_required"


def test_privilege_is_counsels_own() -> None:
    desk = Desk()
    case = desk.open()
    desk.no("invalid", ops.AskConsult(case=case, team="comms", question="q", sensitivity="privileged"))
    asked(desk, case, "comms", sensitivity="restricted")
    assert the(desk, asked(desk, case, "legal", sensitivity="privileged")).sensitivity == "privileged"


@pytest.mark.parametrize("due", [At(NOW + 6 * HOUR), Window(NOW + HOUR, NOW + 6 * HOUR)])
@pytest.mark.parametrize("kind", ["statutory", "asked"])
def test_the_answer_is_due_before_the_law_and_what_the_letter_asks(due: Any, kind: str) -> None:
    desk = Desk()
    case = desk.open()
    due_at(desk, case, due, kind)
    ask = ops.AskConsult(case=case, team="legal", question="q", due=NOW + 6 * HOUR)
    refused = desk.no("blocked", ask)
    assert "fr-order" in refused.reason
    assert refused.mend.fields == ("due",)
    assert the(desk, asked(desk, case, due=NOW + 6 * HOUR - 1)).due == NOW + 6 * HOUR - 1


def test_a_clock_without_a_number_that_ended_or_is_late_bounds_nothing() -> None:
    desk = Desk()
    for due, more in (
        (Unstated("expeditiously"), {}), (At(NOW + HOUR), {"state": "stopped"}), (At(NOW - HOUR), {}),
        (At(NOW + HOUR), {"kind": "promise"}),
    ):  # fmt: skip
        case = desk.open()
        due_at(desk, case, due, **more)
        assert the(desk, asked(desk, case, due=NOW + DAY)).due == NOW + DAY


def test_without_a_time_it_is_the_teams_own_but_never_after_the_law() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    hours = RULES.calendars["desk"]
    assert the(desk, asked(desk, case)).due == calendars.add(hours, NOW, 240)  # legal's minutes at S2, in its hours
    assert the(desk, asked(desk, case, "security")).due == NOW + 240 * MINUTE
    due_at(desk, case, At(NOW + HOUR))
    assert the(desk, asked(desk, case)).due == NOW + 45 * MINUTE  # the last quarter is ours
    worse = desk.open(severity=0, flags=("imminent",))
    assert the(desk, asked(desk, worse, "security")).due == NOW + 30 * MINUTE


def test_the_case_waits_for_the_team_and_wakes_at_its_answer() -> None:
    desk = Desk()
    case = desk.held()
    consult = asked(desk, case, wait=True)
    waiting = desk.case(case).waiting
    assert waiting is not None
    assert (desk.case(case).status, waiting.on, waiting.was, desk.case(case).lease) == (
        "waiting", "legal", "in_review", None,
    )  # fmt: skip
    other = asked(desk, case, "comms")
    desk.do(ops.AnswerConsult(case=case, consult=other, answer="a", source="by phone"))
    assert desk.case(case).status == "waiting"
    second = asked(desk, case)
    desk.do(ops.AnswerConsult(case=case, consult=second, answer="a", source="by phone"))
    assert desk.case(case).status == "waiting"  # another question of that team is open
    desk.do(ops.AnswerConsult(case=case, consult=consult, answer="a", source="by phone"))
    assert (desk.case(case).status, desk.case(case).waiting, desk.case(case).open_work) == ("in_review", None, {})


def test_only_a_case_at_work_waits_and_nobody_moves_a_colleagues_case() -> None:
    desk = Desk()
    ask = ops.AskConsult(case=desk.open(), team="legal", question="q", wait=True)
    desk.no("wrong_state", ask)
    held = desk.held(actor="grace")
    desk.no("lost_claim", msgspec.structs.replace(ask, case=held))
    desk.do(msgspec.structs.replace(ask, case=held, wait=False))
    desk.do(msgspec.structs.replace(ask, case=held), "lin", LEAD)
    assert desk.case(held).status == "waiting"


def test_an_answer_is_the_teams_or_says_where_it_is_from() -> None:
    desk = Desk()
    case = desk.open()
    colleague(desk, "kosei", "legal")
    colleague(desk, "ada", "comms")
    answer = ops.AnswerConsult(case=case, consult=asked(desk, case), answer="Yes, in FR.")
    for by in ("", "ada", "kosei", "nobody"):
        assert desk.no("incomplete", msgspec.structs.replace(answer, by=by)).mend.fields == ("source",)
    desk.no("incomplete", msgspec.structs.replace(answer, answer=" ", source="s"))
    desk.do(msgspec.structs.replace(answer, by="kosei"), "kosei")
    one = the(desk, answer.consult)
    assert (one.state, one.answer, one.source, one.answered_by, one.answered_at) == (
        "answered", "Yes, in FR.", "Kosei", "kosei", NOW,
    )  # fmt: skip
    two = asked(desk, case)
    desk.do(ops.AnswerConsult(case=case, consult=two, answer="No.", source="K. Osei, by phone"))
    assert (the(desk, two).source, the(desk, two).answered_by) == ("K. Osei, by phone", "ada")
    desk.no("stale", msgspec.structs.replace(answer, source="s"))
    assert desk.case(case).open_work == {}


def test_an_answer_by_mail_waits_for_one_key_and_comes_once() -> None:
    desk = Desk()
    case = desk.open()
    consult = asked(desk, case)
    offer = ops.OfferAnswer(case=case, consult=consult, body="Yes.", sender="K. Osei <k@law.example>", message_id="m1")
    desk.do(offer, "system", SYSTEM)
    assert desk.case(case).open_work == {"consult": 1, "offered": 1}
    logged = len(desk.log)
    desk.do(msgspec.structs.replace(offer, body="No!"), "system", SYSTEM)
    assert (len(desk.log), the(desk, consult).offered) == (logged, "Yes.")
    desk.do(msgspec.structs.replace(offer, body="Yes, but.", message_id="m2"), "system", SYSTEM)
    assert desk.case(case).open_work == {"consult": 1, "offered": 1}
    desk.do(ops.AnswerConsult(case=case, consult=consult))
    one = the(desk, consult)
    assert (one.answer, one.source, one.offered) == ("Yes, but.", "K. Osei <k@law.example>", "")
    assert desk.case(case).open_work == {}
    desk.do(msgspec.structs.replace(offer, message_id="m1"), "system", SYSTEM)  # the same mail once more: nothing
    assert the(desk, consult) == one
    desk.no("stale", msgspec.structs.replace(offer, message_id="m3"), "system", SYSTEM)
    desk.no("incomplete", ops.OfferAnswer(case=case, consult=asked(desk, case), body=" ", message_id="m4"))


def test_seen_declined_withdrawn() -> None:
    desk = Desk()
    case = desk.held()
    one, two, three = (asked(desk, case, team) for team in ("legal", "comms", "ip"))
    desk.do(ops.AckConsult(case=case, consult=one))
    assert (the(desk, one).state, the(desk, one).acknowledged_by) == ("acknowledged", "ada")
    desk.no("stale", ops.AckConsult(case=case, consult=one))
    assert desk.no("incomplete", ops.DeclineConsult(case=case, consult=two)).mend.fields == ("reason",)
    assert desk.no("incomplete", ops.WithdrawConsult(case=case, consult=three)).mend.fields == ("reason",)
    desk.do(ops.DeclineConsult(case=case, consult=two, reason="not ours"))
    desk.do(ops.WithdrawConsult(case=case, consult=three, reason="settled"))
    assert (the(desk, two).state, the(desk, three).state, the(desk, two).reason) == (
        "declined", "withdrawn", "not ours",
    )  # fmt: skip
    assert desk.case(case).open_work == {"consult": 1}
    desk.no("stale", ops.WithdrawConsult(case=case, consult=two, reason="r"))


def test_a_declined_question_wakes_the_case_too() -> None:
    desk = Desk()
    case = desk.held()
    consult = asked(desk, case, wait=True)
    desk.do(ops.DeclineConsult(case=case, consult=consult, reason="not ours"))
    assert desk.case(case).status == "in_review"


def test_a_question_of_another_case_is_not_here() -> None:
    desk = Desk()
    consult, elsewhere = asked(desk, desk.open()), desk.open()
    for op in (
        ops.AckConsult(case=elsewhere, consult=consult),
        ops.AnswerConsult(case=elsewhere, consult=consult, answer="a", source="s"),
        ops.OfferAnswer(case=elsewhere, consult=consult, body="b", message_id="m"),
        ops.WithdrawConsult(case=elsewhere, consult="nowhere", reason="r"),
    ):
        desk.no("not_found", op)


def test_a_late_question_stays_asked_and_is_shown_late() -> None:
    desk = Desk()
    case = desk.open()
    consult = asked(desk, case, due=NOW + HOUR)
    assert not consults.is_late(the(desk, consult), NOW)
    desk.now += DAY
    desk.tick()
    assert (the(desk, consult).state, consults.is_late(the(desk, consult), desk.now)) == ("asked", True)
    desk.do(ops.AnswerConsult(case=case, consult=consult, answer="late", source="s"))
    assert not consults.is_late(the(desk, consult), desk.now)


def test_usual_questions_are_proposed_until_they_are_asked() -> None:
    desk = Desk()
    case = desk.open(case_type="court_order", flags=("media_interest", "terrorism"))
    usual = lambda: {row.team for row in consults.usual(desk.case(case), desk.of(Consult), RULES)}  # noqa: E731
    assert usual() == {"legal", "comms", "threat_intel"}
    consult = asked(desk, case)
    assert usual() == {"comms", "threat_intel"}
    desk.do(ops.WithdrawConsult(case=case, consult=consult, reason="r"))
    assert usual() == {"comms", "threat_intel"}
    assert consults.usual(desk.case(desk.open()), (), RULES) == ()


def test_a_summary_that_leaves_holds_no_word_of_the_case() -> None:
    desk = Desk()
    case = desk.open("SECRET title", severity=1, case_type="press", summary="SECRET", flags=("media_interest",))
    one = the(desk, asked(desk, case, question="SECRET q", background="SECRET b", options=("SECRET",)))
    told = consults.summary(desk.case(case), one)
    assert told == (desk.case(case).ref, "press", 1, "legal", "advice", one.due, 1)
    assert "SECRET" not in str(told)


def test_open_questions_in_the_order_of_their_time() -> None:
    desk = Desk()
    case = desk.open()
    late = the(desk, asked(desk, case, due=NOW + DAY))
    soon = the(desk, asked(desk, case, due=NOW + HOUR, binding="approval_required"))
    never = msgspec.structs.replace(soon, due=None, id="0")
    assert consults.due_order((never, late, soon)) == [soon, late, never]
