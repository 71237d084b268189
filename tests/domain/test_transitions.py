"""The transition table: whole, and the only thing that decides a status."""

from __future__ import annotations

from typing import Any

import pytest
from deciding_material import ANSWERED, proposal
from desk import LEAD, SPECIALIST, SYSTEM, Desk, in_status, lease

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Decision
from escaltui.domain.operations import OnCase, Operation
from escaltui.domain.rules.gate import VERBS, WANT_OPEN
from escaltui.domain.transitions import OPEN, STATUSES, TABLE, WORKING, target

DECIDING = ("approve", "send_back", "withdraw")
EVERYBODY = frozenset({"specialist", "lead", "approver"})
PAIRS = [(status, verb) for status in STATUSES for verb in TABLE]
DESIGNED = """
triage new triaged in_review waiting
claim new triaged in_review waiting
release in_review
transfer new triaged in_review waiting
wait triaged in_review
wake waiting
dismiss new triaged in_review waiting
propose_held in_review
propose in_review
approve pending_approval
send_back pending_approval
withdraw pending_approval decided
enforce decided
settle enforcing
fail enforcing
resolve decided
close resolved
reopen resolved closed
merge new triaged in_review waiting
unmerge merged
"""


def legal_pairs() -> set[tuple[str, str]]:
    return {(status, verb) for status, verb in PAIRS if target(status, verb) is not None}


def asking(verb: str, case: str, desk: Desk) -> OnCase:
    """The operation of a verb, with everything that it wants."""
    made: dict[str, OnCase] = {
        "triage": ops.Triage(case=case), "claim": ops.Claim(case=case), "release": ops.Release(case=case),
        "transfer": ops.Transfer(case=case, desk="global", reason="theirs"), "wake": ops.Wake(case=case),
        "wait": ops.Wait(case=case, on="legal"), "dismiss": ops.Dismiss(case=case, reason="spam"),
        "close": ops.Close(case=case, root_cause="none"), "reopen": ops.Reopen(case=case, reason="error"),
        "merge": ops.Merge(case=case, into=desk.open("Other")), "unmerge": ops.Unmerge(case=case),
    }  # fmt: skip
    return made[verb] if verb in made else deciding(verb, case, desk)


def deciding(verb: str, case: str, desk: Desk) -> OnCase:
    """The same for the verbs of a decision, which is there behind the rules' back."""
    desk.put(case, lease=lease("ada"), decision="d")
    pending = desk.case(case).status == "pending_approval"
    approval: Any = "pending" if pending else "none"
    desk.rows["decision", "d"] = Decision(
        id="d", case=case, lines=(ANSWERED,), proposed_by="lin", content_sha256="h", approval=approval,
        needs=("approver",) if pending else (),
    )  # fmt: skip
    made: dict[str, OnCase] = {
        "propose": proposal(case, ANSWERED),
        "approve": ops.ApproveDecision(case=case, decision="d", content_sha256="h"),
        "send_back": ops.SendBack(case=case, decision="d", reason="r"),
        "withdraw": ops.WithdrawDecision(case=case, decision="d", reason="r"),
    }
    return made[verb]


def test_the_table_is_the_designed_one_and_whole() -> None:
    designed = {(status, verb) for verb, *sources in map(str.split, DESIGNED.split("\n")[1:-1]) for status in sources}
    legal = legal_pairs()
    assert len(PAIRS) == 200
    assert len(legal) == 38
    assert len(PAIRS) - len(legal) == 162
    assert designed == legal


def test_new_reaches_every_status_and_every_status_reaches_closed() -> None:
    leads: dict[str, set[str]] = {status: set() for status in STATUSES}
    for status, verb in legal_pairs():
        leads[status] |= {found for was in WORKING if (found := target(status, verb, was))}

    def reached(start: str) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            new = leads[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    assert reached("new") == set(STATUSES)
    assert all("closed" in reached(status) for status in STATUSES)


def test_where_verbs_lead() -> None:
    assert target("new", "triage") == "triaged"
    assert [target(status, "triage") for status in ("triaged", "in_review", "waiting")] == [
        "triaged", "in_review", "waiting",
    ]  # fmt: skip
    assert target("waiting", "wake", "in_review") == "in_review"
    assert (target("merged", "unmerge", "new"), target("merged", "unmerge", "in_review")) == ("new", "triaged")
    assert (target("in_review", "propose_held"), target("in_review", "propose")) == ("pending_approval", "decided")


@pytest.mark.parametrize("verb", sorted(VERBS.values()))
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_verb_obeys_the_table_in_every_status(status: str, verb: str) -> None:
    desk = Desk()
    case = in_status(desk, status)
    desk.put(case, owner="ada", desk="other")
    found = desk.ask(asking(verb, case, desk), "ada", EVERYBODY if verb in DECIDING else SPECIALIST)
    if target(status, verb) is not None:
        assert not isinstance(found, Refused), found
        was = {"wake": "triaged", "unmerge": "triaged"}.get(verb, status)
        assert desk.case(case).status == target(status, verb, was)
    else:
        assert isinstance(found, Refused)
        assert (found.code, found.rule) == ("wrong_state", "transitions")
        assert status in found.reason
        assert found.mend.text


def test_every_status_verb_of_today_is_a_row_of_the_table() -> None:
    assert set(VERBS.values()) <= set(TABLE)
    names = {verb.replace("_", "") for verb in VERBS.values()}
    assert {kind.__name__.lower().removesuffix("decision") for kind in VERBS} == names


@pytest.mark.parametrize("status", STATUSES)
def test_what_wants_an_open_case_is_refused_on_the_others(status: str) -> None:
    desk = Desk()
    case = in_status(desk, status)
    asked: list[Operation] = [
        ops.SetSeverity(case=case, severity=1), ops.AddFlag(case=case, flag="election"),
        ops.ClearFlag(case=case, flag="election", reason="no"), ops.Assign(case=case, person="grace"),
        ops.Skip(case=case, reason="later"), ops.Recuse(case=case, person="ada"),
        ops.SetBoost(case=case, hours=1, reason="so"), ops.RecordAsked(case=case, words="today", instant=desk.now),
        ops.LinkReport(case=case, report=desk.report()), ops.AskConsult(case=case, team="legal", question="May we?"),
        ops.Promise(case=case, party="requester", words="by noon", instant=desk.now + 1),
    ]  # fmt: skip
    of_clocks = {ops.KeepPromise, ops.RecordEvent, ops.HoldClock, ops.ReleaseHold, ops.DeclareIncomplete,
                 ops.CorrectReceived}  # fmt: skip
    assert {type(op) for op in asked} | of_clocks == WANT_OPEN
    for op in asked:
        if status in OPEN:
            desk.do(op, "ada", LEAD)
        else:
            desk.no("wrong_state", op, "ada", LEAD)


def test_words_are_refused_in_no_status() -> None:
    for status in STATUSES:
        desk = Desk()
        case = in_status(desk, status)
        for op in (ops.AddNote(case=case, body="n"), ops.Tag(case=case, tags=("t",)), ops.Follow(case=case)):
            desk.do(op)


def test_the_system_obeys_the_table_too() -> None:
    desk = Desk()
    for status in STATUSES:
        case = in_status(desk, status)
        desk.do(ops.SettleCase(case=case), "system", SYSTEM)
        assert desk.case(case).status == status
