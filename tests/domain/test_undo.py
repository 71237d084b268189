"""Undo: back as before, or refused because something moved since; the log keeps both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from deciding_material import HOLD
from desk import ADMIN, DAY, HOUR, LEAD, MINUTE, SPECIALIST, SYSTEM, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from undo_cases import EXCHANGED, Make

from escaltui.domain import operations as ops
from escaltui.domain.clock import Clock
from escaltui.domain.crisis import Contact, Incident
from escaltui.domain.entities import Case, Entity, Link, Network, Note, Pin, Requester, Subject
from escaltui.domain.operations import OPERATIONS, NewSubject, Operation
from escaltui.domain.rules.undo import NOT_UNDONE, WINDOWED

ITEM = NewSubject(platform="web", item_type="post", item_id="p1", reach=5000)
OTHER = NewSubject(platform="web", item_type="live", item_id="l1", reach=70)
EVERYBODY = frozenset({"specialist", "lead", "approver", "counsel", "comms"})


def worked(desk: Desk) -> str:
    """A case on which everything can be undone: triaged, owned, tagged, flagged, cited, with an item and a time."""
    case = desk.open(
        report=desk.report(), tags=("a",), flags=("media_interest",), subjects=(OTHER,), severity=2, countries=("FR",)
    )
    desk.do(ops.Triage(case=case))
    desk.do(ops.PinSection(case=case, section="cs/1", pin=Pin("v1", "0" * 64)))
    desk.do(ops.RecordAsked(case=case, words="within 2 days", instant=desk.now + 2 * DAY))
    desk.do(ops.Assign(case=case, person="ada"))
    desk.do(ops.Follow(case=case))
    return case


def claimed(desk: Desk, case: str) -> None:
    desk.do(ops.Claim(case=case))


def waits(desk: Desk, case: str) -> None:
    desk.do(ops.Wait(case=case, on="requester"))


def waiting(desk: Desk, case: str) -> None:
    claimed(desk, case)
    waits(desk, case)


def unfollowed(desk: Desk, case: str) -> None:
    desk.do(ops.Unfollow(case=case))


def dismissed(desk: Desk, case: str) -> None:
    desk.do(ops.Dismiss(case=case, reason="spam"))


def merged(desk: Desk, case: str) -> None:
    desk.do(ops.Merge(case=case, into=desk.open("Other", severity=3)))


def _incident(desk: Desk, case: str) -> str:
    found = desk.of(Incident)
    if not found:
        desk.do(ops.DeclareIncident(name="Flood", severity=2), "ada", LEAD)
    return str(desk.of(Incident)[-1].id)


def _network(desk: Desk) -> str:
    found = desk.of(Network)
    if not found:
        desk.do(ops.SetNetwork(name="Ring", members=("web/nn", "web/mm"), reason="one phone"))
    return str(desk.of(Network)[-1].id)


def joined(desk: Desk, case: str) -> None:
    desk.do(ops.JoinIncident(case=case, incident=_incident(desk, case)))


CASES: dict[str, tuple[Make, tuple[Callable[[Desk, str], None], ...]]] = {
    "LinkReport": (lambda d, c: ops.LinkReport(case=c, report=d.report("more")), ()),
    "VerifyReport": (lambda d, c: ops.VerifyReport(case=c, method="portal"), ()),
    "EditCase": (lambda d, c: ops.EditCase(case=c, fields={"title": "T", "countries": ["DE"]}), ()),
    "SetSeverity": (lambda d, c: ops.SetSeverity(case=c, severity=0, reason="r"), ()),
    "Tag": (lambda d, c: ops.Tag(case=c, tags=("b",)), ()),
    "Untag": (lambda d, c: ops.Untag(case=c, tags=("a",)), ()),
    "AddFlag": (lambda d, c: ops.AddFlag(case=c, flag="ncii"), ()),
    "ClearFlag": (lambda d, c: ops.ClearFlag(case=c, flag="media_interest", reason="r"), ()),
    "Follow": (lambda d, c: ops.Follow(case=c), (unfollowed,)),
    "Unfollow": (lambda d, c: ops.Unfollow(case=c), ()),
    "LinkCases": (lambda d, c: ops.LinkCases(case=c, target=d.open("Other")), ()),
    "AttachSubject": (lambda d, c: ops.AttachSubject(case=c, subject=ITEM), ()),
    "DetachSubject": (lambda d, c: ops.DetachSubject(case=c, subject=OTHER.id), ()),
    "PinSection": (lambda d, c: ops.PinSection(case=c, section="cs/1", pin=Pin("v2", "1" * 64)), ()),
    "UnpinSection": (lambda d, c: ops.UnpinSection(case=c, section="cs/1"), ()),
    "Assign": (lambda d, c: ops.Assign(case=c, person="grace"), (claimed,)),
    "Skip": (lambda d, c: ops.Skip(case=c, reason="r"), (claimed,)),
    "Recuse": (lambda d, c: ops.Recuse(case=c, person="ada"), (claimed,)),
    "SetBoost": (lambda d, c: ops.SetBoost(case=c, hours=9, reason="r"), ()),
    "RecordAsked": (lambda d, c: ops.RecordAsked(case=c, words="now", instant=d.now + HOUR), ()),
    "StopClock": (lambda d, c: ops.StopClock(case=c, clock="decision", reason="r"), ()),
    "Triage": (lambda d, c: ops.Triage(case=c, case_type="press", severity=1, desk="global"), ()),
    "Claim": (lambda d, c: ops.Claim(case=c), (waiting,)),
    "Release": (lambda d, c: ops.Release(case=c), (claimed,)),
    "Wait": (lambda d, c: ops.Wait(case=c, on="requester"), (claimed,)),
    "Wake": (lambda d, c: ops.Wake(case=c), (waiting,)),
    "Dismiss": (lambda d, c: ops.Dismiss(case=c, reason="spam"), (claimed,)),
    "Close": (lambda d, c: ops.Close(case=c, root_cause="abuse"), (dismissed,)),
    "Reopen": (lambda d, c: ops.Reopen(case=c, reason="error"), (dismissed,)),
    "Merge": (lambda d, c: ops.Merge(case=c, into=d.open("Other", severity=3)), (claimed,)),
    "Unmerge": (lambda d, c: ops.Unmerge(case=c), (merged,)),
    "AddNote": (lambda d, c: ops.AddNote(case=c, body="b"), ()),
    "CorrectNote": (lambda d, c: ops.CorrectNote(case=c, note=d.note(c), body="b"), ()),
    "UnlinkCases": (lambda d, c: ops.UnlinkCases(case=c, link=_link(d, c)), ()),
    "JoinIncident": (lambda d, c: ops.JoinIncident(case=c, incident=_incident(d, c)), ()),
    "LeaveIncident": (lambda d, c: ops.LeaveIncident(case=c), (joined,)),
    "SetIncident": (lambda d, c: ops.SetIncident(incident=_incident(d, c), name="Storm", severity=1), ()),
    "TickStep": (lambda d, c: ops.TickStep(incident=_incident(d, c), step="told"), ()),
    "AddIncidentNote": (lambda d, c: ops.AddIncidentNote(incident=_incident(d, c), body="b"), ()),
    "SetContacts": (
        lambda d, c: ops.SetContacts(incident=_incident(d, c), people={"Ana": Contact("ana@example.org")}), ()
    ),
    "SetNetwork": (
        lambda d, c: ops.SetNetwork(network=_network(d), name="Storm", members=("web/nn", "web/zz"), reason="r"), ()
    ),
    "MergeRequesters": (
        lambda d, c: ops.MergeRequesters(requester=_asker(d, "Police DE"), into=_asker(d, "Police"), reason="r"), ()
    ),
    **EXCHANGED,
}  # fmt: skip


def _asker(desk: Desk, name: str) -> str:
    if not desk.of(Requester, name=name):
        desk.report(requester_name=name)
    return str(desk.of(Requester, name=name)[0].id)


def _link(desk: Desk, case: str) -> str:
    desk.do(ops.LinkCases(case=case, target=desk.open("Other")))
    return str(desk.of(Link)[-1].id)


def comparable(row: Entity) -> dict[str, Any]:
    """A row without what counts, is derived, or never goes back; a claim without its fence; clocks without rungs."""
    found = msgspec.structs.asdict(row)
    for name in ("rev", "fence", *(Case.DERIVED if isinstance(row, Case) else ())):
        found.pop(name, None)
    if found.get("lease"):
        found["lease"] = msgspec.structs.replace(found["lease"], fence=0)
    if isinstance(row, Case):
        found["clocks"] = {k: msgspec.structs.replace(c, rung=0, breached_at=None) for k, c in row.clocks.items()}
    return found


def snapshot(desk: Desk) -> dict[tuple[str, str], dict[str, Any]]:
    """All rows as far as undo brings them back; notes and links that were taken back are gone."""
    return {
        key: comparable(row)
        for key, row in desk.rows.items()
        if not getattr(row, "withdrawn", False) and getattr(row, "state", "") not in ("withdrawn", "cancelled")
    }


def test_every_operation_is_undone_here_or_is_known_not_to_be() -> None:
    assert set(CASES) | set(NOT_UNDONE) - {"accessed", "exported"} == set(OPERATIONS)
    assert not set(CASES) & set(NOT_UNDONE)


@pytest.mark.parametrize("later", [0, MINUTE, HOUR])
@pytest.mark.parametrize("name", sorted(CASES))
def test_undo_leaves_the_case_as_before(name: str, later: int) -> None:
    make, first = CASES[name]
    desk = Desk()
    case = worked(desk)
    for step in first:
        step(desk, case)
    op = make(desk, case)
    before, logged = snapshot(desk), len(desk.log)
    fence = desk.case(case).fence
    operation = desk.do(op, "ada", EVERYBODY)
    later = min(later, HOLD - 1) if name in WINDOWED else later
    assert snapshot(desk) != before, "it changed nothing"
    changed = len(desk.log)
    desk.now += later
    desk.undo(operation)
    after = snapshot(desk)
    for key, row in before.items():
        assert after[key] == row, key
    assert {key[0] for key in after.keys() - before.keys()} <= {"subject"}
    assert changed > logged
    assert len(desk.log) > changed
    assert desk.case(case).fence >= fence


@pytest.mark.parametrize("name", sorted(CASES))
def test_undo_twice_and_undo_of_undo_are_refused(name: str) -> None:
    make, first = CASES[name]
    desk = Desk()
    case = worked(desk)
    for step in first:
        step(desk, case)
    operation = desk.do(make(desk, case), "ada", EVERYBODY)
    undone = desk.undo(operation)
    desk.no("stale", ops.Undo(operation=operation))
    desk.no("blocked", ops.Undo(operation=undone))


@pytest.mark.parametrize(
    ("name", "moves", "code"),
    [
        ("EditCase", ops.EditCase(case="c", fields={"title": "Mine"}), "stale"),
        ("SetSeverity", ops.SetSeverity(case="c", severity=1, reason="r"), "stale"),
        ("AddFlag", ops.SetSeverity(case="c", severity=0, reason="r"), "stale"),
        ("Tag", ops.Untag(case="c", tags=("b",)), "stale"),
        ("Assign", ops.Assign(case="c", person="lin"), "stale"),
        ("Wait", ops.Wake(case="c"), "stale"),
        ("Release", ops.Claim(case="c"), "stale"),
        ("Claim", ops.Release(case="c"), "stale"),
        ("Triage", ops.SetSeverity(case="c", severity=4, reason="r"), "stale"),
        ("SetBoost", ops.SetBoost(case="c", hours=1, reason="r"), "stale"),
        ("StopClock", ops.Dismiss(case="c", reason="spam"), "wrong_state"),
        ("PinSection", ops.UnpinSection(case="c", section="cs/1"), "stale"),
        ("RecordAsked", ops.StopClock(case="c", clock="asked:2", reason="met"), "stale"),
        ("VerifyReport", ops.VerifyReport(case="c", state="failed", method="portal"), "stale"),
        ("Dismiss", ops.Reopen(case="c", reason="error"), "stale"),
        ("AddFlag", ops.Dismiss(case="c", reason="spam"), "wrong_state"),
        ("SetSeverity", ops.Dismiss(case="c", reason="spam"), "wrong_state"),
        ("Tag", ops.Dismiss(case="c", reason="spam"), ""),
    ],
)
def test_undo_is_refused_where_a_field_moved_since(name: str, moves: Any, code: str) -> None:
    make, first = CASES[name]
    desk = Desk()
    case = worked(desk)
    for step in first:
        step(desk, case)
    operation = desk.do(make(desk, case), "ada", LEAD)
    desk.do(msgspec.structs.replace(moves, case=case), "grace", LEAD)
    if code:
        desk.no(code, ops.Undo(operation=operation))
    else:
        desk.undo(operation)


def test_undo_is_for_ones_own_or_by_a_lead() -> None:
    desk = Desk()
    case = desk.open()
    operation = desk.do(ops.Tag(case=case, tags=("t",)))
    assert "ada" in desk.no("not_allowed", ops.Undo(operation=operation), "grace").reason
    desk.no("not_allowed", ops.Undo(operation=operation), "grace", ADMIN)
    desk.undo(operation, "grace", LEAD)
    assert desk.case(case).tags == ()
    desk.no("not_found", ops.Undo(operation="nothing"))


def test_what_is_not_undone_says_what_to_do_instead() -> None:
    desk = Desk()
    report = desk.do(ops.ReceiveReport(body="b"))
    case = desk.held()
    opened = desk.log[-2].op_id
    desk.now += MINUTE
    asked = [
        report,
        opened,
        desk.do(ops.RenewLease(case=case)),
        desk.do(ops.RecordAccess(case=case, what="w")),
        desk.do(ops.RecordExport(case=case, what="w")),
        desk.do(ops.AddPerson(login="bo"), "ada", ADMIN),
    ]
    for operation in asked:
        refused = desk.no("blocked", ops.Undo(operation=operation))
        assert refused.mend.text in NOT_UNDONE.values()
    desk.now += DAY
    desk.tick()
    desk.no("blocked", ops.Undo(operation=desk.last), "system", SYSTEM)


def test_the_fence_never_goes_back_and_a_claim_given_back_is_a_new_grant() -> None:
    desk = Desk()
    case = desk.held()
    desk.undo(desk.last)
    assert (desk.case(case).fence, desk.case(case).lease, desk.case(case).owner) == (1, None, "")
    desk.do(ops.Claim(case=case))
    taken = desk.do(ops.Claim(case=case, take_over=True, reason="r"), "grace", LEAD)
    assert desk.case(case).fence == 3
    desk.undo(taken, "grace", LEAD)
    found = desk.case(case)
    assert found.lease is not None
    assert (found.lease.person, found.lease.fence, found.fence) == ("ada", 4, 4)


def test_a_claim_that_ran_out_meanwhile_comes_back_as_ended() -> None:
    desk = Desk()
    case = desk.held()
    released = desk.do(ops.Release(case=case))
    desk.now += DAY
    desk.undo(released)
    desk.do(ops.Claim(case=case), "grace")
    assert desk.case(case).fence == 2


def test_nothing_is_given_back_to_somebody_recused_since() -> None:
    desk = Desk()
    case = desk.held()
    assigned = desk.do(ops.Assign(case=case, person="grace"))
    desk.do(ops.Recuse(case=case, person="ada"), "lin", LEAD)
    desk.no("recused", ops.Undo(operation=assigned))


def test_a_claim_that_ran_out_does_not_come_back_to_somebody_recused_since() -> None:
    desk = Desk()
    case = desk.held()
    desk.now += HOUR
    claimed_over = desk.do(ops.Claim(case=case), "grace")
    desk.do(ops.Recuse(case=case, person="ada"))
    desk.undo(claimed_over, "grace")
    assert desk.case(case).lease is None


def test_sums_keep_what_others_added() -> None:
    desk = Desk()
    case = desk.open()
    first = desk.do(ops.AttachSubject(case=case, subject=ITEM))
    desk.do(ops.AttachSubject(case=case, subject=OTHER), "grace")
    desk.do(ops.AttachSubject(case=case, subject=NewSubject(item_type="post", item_id="p9", reach=1)), "grace")
    desk.undo(first)
    found = desk.case(case)
    assert (found.reach, found.items, ITEM.id in found.subjects) == (71, {"live": 1, "post": 1}, False)
    assert desk.of(Subject, id=ITEM.id)
    linked = desk.do(ops.LinkReport(case=case, report=desk.report(hidden={"bidi": 1})))
    desk.do(ops.LinkReport(case=case, report=desk.report()), "grace")
    desk.undo(linked)
    assert (desk.case(case).report_count, desk.case(case).hidden) == (1, True)


def test_the_undo_of_a_correction_brings_the_old_words_back() -> None:
    desk = Desk()
    case = desk.open()
    old = desk.note(case, "old")
    written = desk.last
    corrected = desk.do(ops.CorrectNote(case=case, note=old, body="new"))
    desk.no("stale", ops.Undo(operation=written))
    desk.undo(corrected)
    (note,) = desk.of(Note, withdrawn=False)
    assert (note.body, note.superseded_by) == ("old", "")
    desk.undo(written)
    assert desk.of(Note, withdrawn=False) == []


def test_time_that_passed_is_not_a_colleagues_change() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    triaged = desk.do(ops.Triage(case=case, severity=1))
    desk.now += 3 * HOUR
    desk.tick()
    assert desk.case(case).rung == 75
    desk.undo(triaged)
    found = desk.case(case)
    assert (found.status, found.severity, found.clocks["ack"].rung) == ("new", 2, 100)
    assert found.clocks["decision"].budget == 1440


def test_a_rung_that_was_climbed_in_passing_is_nobodys_change() -> None:
    desk = Desk()
    case = desk.open(severity=3)
    desk.do(ops.RecordAsked(case=case, words="within 2 hours", instant=desk.now + 2 * HOUR))
    desk.now += HOUR
    tagged = desk.do(ops.Tag(case=case, tags=("t",)))
    assert "clocks.asked:1" in desk.log[-1].fields
    desk.do(ops.StopClock(case=case, clock="asked:1", reason="met"), "grace", LEAD)
    desk.do(ops.Dismiss(case=case, reason="spam"), "grace", LEAD)
    desk.undo(tagged)
    assert (desk.case(case).tags, desk.case(case).clocks["asked:1"].state) == ((), "stopped")


def test_a_pause_since_is_kept_by_the_undo_of_something_else() -> None:
    desk = Desk()
    case = desk.held(severity=3)
    raised = desk.do(ops.SetSeverity(case=case, severity=2))
    desk.do(ops.Wait(case=case, on="requester"))
    paused = desk.case(case).clocks["decision"]
    assert paused.state == "paused"
    desk.now += DAY
    desk.undo(raised)
    found: Clock = desk.case(case).clocks["decision"]
    assert (found.state, found.segments[-1].start) == ("paused", paused.segments[-1].start)
    assert desk.case(case).severity == 3


@given(st.lists(st.sampled_from(["tag", "flag", "severity", "assign", "title", "pin"]), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_whole_shift_is_undone_step_by_step(steps: list[str]) -> None:
    desk = Desk()
    case = worked(desk)
    before, done = snapshot(desk), []
    for n, step in enumerate(steps):
        made: dict[str, Operation] = {
            "tag": ops.Tag(case=case, tags=(f"t{n}",)),
            "flag": ops.AddFlag(case=case, flag=("election", "ncii", "high_profile")[n % 3]),
            "severity": ops.SetSeverity(case=case, severity=n % 4 + 1, reason="r"),
            "assign": ops.Assign(case=case, person=f"p{n}"),
            "title": ops.EditCase(case=case, fields={"title": f"T{n}"}),
            "pin": ops.PinSection(case=case, section="cs/1", pin=Pin(f"v{n}", "0" * 64)),
        }
        desk.now += MINUTE
        if desk.ask(made[step], "ada", SPECIALIST):
            done.append(desk.last)
    for operation in reversed(done):
        desk.now += MINUTE
        desk.undo(operation)
    after = snapshot(desk)
    assert {key: after[key] for key in before} == before


def test_an_undo_never_leads_a_claimed_case_out_of_review() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Wait(case=case, on="other"))
    woken = desk.do(ops.Wake(case=case))
    desk.do(ops.Claim(case=case), "grace")
    refused = desk.no("stale", ops.Undo(operation=woken))
    assert "claimed since" in refused.reason
    desk.now += HOUR
    desk.undo(woken)
    assert (desk.case(case).status, desk.case(case).lease) == ("waiting", None)
