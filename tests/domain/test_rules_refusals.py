"""Refusals: in the order of the design, each with a reason and a way out, and all empty fields at once."""

from __future__ import annotations

import dataclasses
from typing import get_args

import msgspec
from desk import ADMIN, AUDITOR, HOUR, LEAD, SPECIALIST, Desk, in_status, lease

from escaltui.domain import operations as ops
from escaltui.domain.changes import RefusedCode
from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Pin
from escaltui.domain.operations import OPERATIONS

TODAY = frozenset(get_args(RefusedCode)) - {"out_of_window"}
"""Codes that something here gives; out_of_window belongs to decisions."""


@dataclasses.dataclass
class Wrongs:
    """A dismissal with everything wrong at once; each can be put right."""

    seen: bool = False
    role: bool = False
    base: bool = False
    fence: bool = False
    state: bool = False

    def code(self) -> str:
        desk = Desk()
        case = in_status(desk, "in_review" if self.state else "resolved", case_type="court_order", severity=2)
        law = {"art9": Clock("statutory", "art9", desk.now, At(desk.now + HOUR))}
        desk.put(case, clocks=law, lease=None if self.fence else lease("grace"))
        op = ops.Dismiss(case=case if self.seen else "nowhere", reason="", base={} if self.base else {"severity": 1})
        found = desk.ask(op, "lin", SPECIALIST)
        if self.role:
            desk.put(case, type="press")
            found = desk.ask(op, "lin", SPECIALIST)
        return str(found.code)


def test_the_first_thing_wrong_is_the_refusal() -> None:
    wrongs, codes = Wrongs(), []
    for name in (None, *(field.name for field in dataclasses.fields(Wrongs))):
        if name is not None:
            setattr(wrongs, name, True)
        codes.append(wrongs.code())
    assert codes == ["not_found", "not_allowed", "stale", "lost_claim", "wrong_state", "incomplete"]


def test_the_role_comes_before_the_authority() -> None:
    desk = Desk()
    op = ops.AddPerson(login="")
    desk.no("not_allowed", op, "ada", SPECIALIST, authority=False)
    desk.no("needs_authority", op, "ada", ADMIN, authority=False)
    desk.no("invalid", op, "ada", ADMIN)


def test_what_is_checked_or_free_is_judged_offline_too() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.AddNote(case=case, body="n"), authority=False)
    desk.do(ops.Claim(case=case), authority=False)
    assert {kind for kind, op in OPERATIONS.items() if op.MODE == "online"} == {
        "AddPerson", "BreakGlass", "PublishIncidentUpdate", "PublishPolicyVersion", "PublishUpdate", "ReleaseVersion",
        "RetryAction", "SendMessage", "SendStatement", "WaiveAction",
    }  # fmt: skip


def test_auditors_and_people_without_a_role_change_nothing() -> None:
    desk = Desk()
    case = desk.open()
    for roles in (AUDITOR, frozenset[str]()):
        for op in (ops.AddNote(case=case, body="n"), ops.Follow(case=case), ops.OpenCase(opens=desk.new_id())):
            desk.no("not_allowed", op, "olga", roles)
    desk.do(ops.AddNote(case=case, body="n"), "olga", AUDITOR | SPECIALIST)


def test_a_hidden_case_is_refused_in_the_words_of_an_absent_one() -> None:
    refused = {Desk().no("not_found", kind(case="nowhere")).reason for kind in (ops.Follow, ops.Claim, ops.Unmerge)}
    assert refused == {"There is no such case here."}


def test_a_colleagues_change_is_noticed_field_by_field() -> None:
    desk = Desk()
    case = desk.open(severity=3, tags=("b", "a"), title="One")
    base = {"severity": 3, "tags": ["a", "b"], "title": "One"}
    desk.do(ops.SetSeverity(case=case, severity=2), "grace")
    refused = desk.no("stale", ops.EditCase(case=case, fields={"title": "Two"}, base=base))
    assert refused.mend.fields == ("severity",)
    assert "severity is now 2" in refused.reason
    desk.do(ops.EditCase(case=case, fields={"title": "Two"}, base=base | {"severity": 2}))
    desk.no("invalid", ops.Follow(case=case, base={"mood": "good"}))


def test_every_code_of_today_is_given_somewhere() -> None:
    desk = Desk()
    case, held, done = desk.open(), desk.held("grace"), in_status(desk, "closed")
    desk.do(ops.Recuse(case=case, person="ada"))
    given = {
        desk.no("not_found", ops.Follow(case="nowhere")),
        desk.no("not_allowed", ops.SetBoost(case=case, hours=1, reason="r")),
        desk.no("needs_authority", ops.AddPerson(login="bo"), "ada", ADMIN, authority=False),
        desk.no("stale", ops.Follow(case=case, base={"severity": 0})),
        desk.no("lost_claim", ops.Claim(case=held)),
        desk.no("wrong_state", ops.Claim(case=done)),
        desk.no("incomplete", ops.Skip(case=case)),
        desk.no("blocked", ops.Wait(case=desk.held(), until=desk.now + 99 * 24 * HOUR)),
        desk.no("recused", ops.Claim(case=case)),
        desk.no("invalid", ops.AddFlag(case=case, flag="x")),
    }  # fmt: skip
    assert {refused.code for refused in given} == TODAY


def test_all_empty_fields_are_named_at_once() -> None:
    desk = Desk()
    case = desk.open(report=desk.report())
    for op, fields in (
        (ops.Transfer(case=case, desk=" ", reason=""), ("desk", "reason")),
        (ops.PinSection(case=case, section="", pin=Pin("", "")), ("section", "version", "text_sha256")),
        (ops.VerifyReport(case=case, method="callback"), ("contact_used",)),
    ):
        refused = desk.no("incomplete", op)
        assert refused.mend.fields == fields
        assert all(field in refused.mend.text for field in fields)


def test_a_refusal_is_plain_data() -> None:
    desk = Desk()
    refused = desk.no("incomplete", ops.Skip(case=desk.open()))
    assert msgspec.json.decode(msgspec.json.encode(refused), type=type(refused)) == refused
    assert (refused.rule, refused.mend.text) == ("built in", "Say why.")


def test_a_lead_is_not_bound_by_a_claim_and_an_admin_is() -> None:
    desk = Desk()
    case = desk.held("grace")
    desk.no("lost_claim", ops.Triage(case=case), "ada", ADMIN)
    desk.do(ops.Triage(case=case), "ada", LEAD)
