"""Status verbs: who may move a case, on what grounds, and what that does to claim, owner and clocks."""

from __future__ import annotations

from desk import ADMIN, DAY, HOUR, LEAD, MINUTE, SYSTEM, Desk, in_status, lease

from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock
from escaltui.domain.rules.status import DISMISSALS, REOPENINGS, ROOT_CAUSES


def test_a_claim_lasts_fifteen_minutes_on_one_device_and_makes_an_owner() -> None:
    desk = Desk()
    case = desk.held()
    held = desk.case(case)
    assert (held.status, held.owner, held.fence) == ("in_review", "ada", 1)
    assert held.lease == lease("ada", 1, desk.now + 15 * MINUTE)
    assert not held.clocks["ack"].running
    desk.do(ops.Release(case=case))
    desk.do(ops.Claim(case=case), "grace")
    assert (desk.case(case).owner, desk.case(case).fence) == ("ada", 2)


def test_each_grant_raises_the_fence_by_one_and_a_renewal_does_not() -> None:
    desk = Desk()
    case = desk.held()
    fences = [desk.case(case).fence]
    for _ in range(3):
        desk.now += 20 * MINUTE
        desk.do(ops.Claim(case=case))
        found = desk.case(case)
        assert found.lease is not None
        assert found.lease.fence == found.fence
        fences.append(found.fence)
    assert fences == [1, 2, 3, 4]
    desk.now += 5 * MINUTE
    desk.do(ops.RenewLease(case=case))
    assert (desk.case(case).lease, desk.case(case).fence) == (lease("ada", 4, desk.now + 15 * MINUTE), 4)


def test_only_a_live_claim_of_ones_own_is_renewed() -> None:
    desk = Desk()
    case = desk.held()
    desk.no("lost_claim", ops.RenewLease(case=case), "grace")
    desk.now += 15 * MINUTE
    desk.no("lost_claim", ops.RenewLease(case=case))
    desk.no("lost_claim", ops.RenewLease(case=desk.open()))


def test_a_live_lease_stops_the_status_verbs_of_others_but_not_of_a_lead() -> None:
    desk = Desk()
    case, other = desk.held(), desk.open()
    verbs = (
        ops.Claim(case=case), ops.Triage(case=case), ops.Release(case=case), ops.Wait(case=case, on="legal"),
        ops.Transfer(case=case, desk="night", reason="theirs"), ops.Dismiss(case=case, reason="spam"),
        ops.Merge(case=case, into=other),
    )  # fmt: skip
    for op in verbs:
        refused = desk.no("lost_claim", op, "grace")
        assert "ada" in refused.reason
    desk.no("lost_claim", ops.Dismiss(case=case, reason="spam"), "grace", ADMIN)  # an admin leads nobody
    desk.do(ops.Wait(case=case, on="legal"), "grace", LEAD)
    assert desk.case(case).lease is None


def test_a_live_lease_stops_no_words() -> None:
    desk = Desk()
    case = desk.held()
    for op in (
        ops.AddNote(case=case, body="n"),
        ops.Tag(case=case, tags=("t",)),
        ops.SetSeverity(case=case, severity=1),
    ):
        desk.do(op, "grace")


def test_a_lease_that_ran_out_stops_nobody() -> None:
    desk = Desk()
    case = desk.held()
    desk.now += 15 * MINUTE - 1
    desk.no("lost_claim", ops.Claim(case=case), "grace")
    desk.now += 1
    desk.do(ops.Claim(case=case), "grace")
    assert (desk.case(case).owner, desk.case(case).fence) == ("ada", 2)


def test_taking_over_is_for_a_lead_or_at_s0_and_s1_with_a_reason() -> None:
    desk = Desk()
    case = desk.held()
    desk.no("not_allowed", ops.Claim(case=case, take_over=True, reason="now"), "grace")
    assert desk.no("incomplete", ops.Claim(case=case, take_over=True), "grace", LEAD).mend.fields == ("reason",)
    desk.do(ops.Claim(case=case, take_over=True, reason="now"), "grace", LEAD)
    assert (desk.case(case).lease, desk.case(case).owner) == (lease("grace", 2), "ada")
    assert desk.log[-1].reason == "now"
    urgent = desk.held(severity=1)
    desk.no("lost_claim", ops.Claim(case=urgent, reason="now"), "grace")
    desk.no("incomplete", ops.Claim(case=urgent, take_over=True, reason=" "), "grace")
    desk.do(ops.Claim(case=urgent, take_over=True, reason="a threat"), "grace")


def test_recused_people_do_not_claim() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Recuse(case=case, person="ada"))
    assert (desk.case(case).status, desk.case(case).lease, desk.case(case).owner) == ("triaged", None, "")
    desk.no("recused", ops.Claim(case=case))
    desk.no("recused", ops.Claim(case=case), "ada", LEAD)
    desk.do(ops.Claim(case=case), "grace")


def test_a_claim_ends_a_wait() -> None:
    desk = Desk()
    case = in_status(desk, "waiting")
    desk.do(ops.Claim(case=case))
    assert (desk.case(case).status, desk.case(case).waiting) == ("in_review", None)


def test_only_the_holder_gives_back_and_the_owner_stays() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Release(case=case))
    assert (desk.case(case).status, desk.case(case).lease, desk.case(case).owner) == ("triaged", None, "ada")
    desk.do(ops.Claim(case=case))
    desk.now += HOUR
    desk.no("lost_claim", ops.Release(case=case), "grace")
    desk.do(ops.Release(case=case))
    held = desk.held()
    desk.do(ops.Release(case=held), "grace", LEAD)


def test_triage_confirms_and_stops_ack() -> None:
    desk = Desk()
    case = desk.open(severity=3)
    desk.do(ops.Triage(case=case, case_type="press", severity=1, desk="night"))
    found = desk.case(case)
    assert (found.status, found.type, found.severity, found.desk) == ("triaged", "press", 1, "night")
    assert not found.clocks["ack"].running
    assert found.clocks["decision"].budget == 240
    desk.no("incomplete", ops.Triage(case=case, severity=4))
    desk.no("invalid", ops.Triage(case=case, severity=5, reason="r"))
    desk.no("invalid", ops.Triage(case=case, case_type="nothing"))
    desk.no("invalid", ops.Triage(case=case, desk="nowhere"))
    desk.put(case, type="of an older rule set")
    desk.do(ops.Triage(case=case))


def test_transfer_gives_away_claim_and_ownership() -> None:
    desk = Desk()
    case = desk.held()
    assert desk.no("incomplete", ops.Transfer(case=case, desk="")).mend.fields == ("desk", "reason")
    desk.no("invalid", ops.Transfer(case=case, desk="nowhere", reason="r"))
    desk.no("invalid", ops.Transfer(case=case, desk="global", reason="r"))
    desk.do(ops.Transfer(case=case, desk="night", reason="our night"))
    found = desk.case(case)
    assert (found.status, found.desk, found.owner, found.lease, found.fence) == ("triaged", "night", "", None, 1)


def test_a_snooze_ends_before_the_next_deadline() -> None:
    desk = Desk()
    case = desk.held(severity=2)  # ack is done; decision is due after a day
    assert desk.no("incomplete", ops.Wait(case=case)).mend.fields == ("on", "until")
    desk.no("invalid", ops.Wait(case=case, until=desk.now))
    desk.no("invalid", ops.Wait(case=case, until=10**30))
    desk.no("blocked", ops.Wait(case=case, until=desk.now + DAY))
    desk.no("invalid", ops.Wait(case=case, on="nobody of ours"))
    desk.do(ops.Wait(case=case, until=desk.now + DAY - 1))
    found = desk.case(case)
    assert found.waiting is not None
    assert (found.status, found.waiting.was, found.lease, found.owner) == ("waiting", "in_review", None, "ada")
    assert found.clocks["decision"].state == "running"


def test_a_deadline_that_has_passed_does_not_hide_the_next_one() -> None:
    desk = Desk()
    case = desk.open(severity=2, received_at=desk.now - 2 * HOUR)
    desk.put(case, status="triaged")
    assert desk.case(case).next_due == desk.now - HOUR  # ack is late
    desk.no("blocked", ops.Wait(case=case, until=desk.now + 2 * DAY))
    desk.do(ops.Wait(case=case, until=desk.now + HOUR))


def test_waiting_for_somebody_may_last_and_pauses_what_may_pause() -> None:
    desk = Desk()
    case = desk.held(severity=2)
    desk.do(ops.Wait(case=case, on="requester", until=desk.now + 9 * DAY))
    assert desk.case(case).clocks["decision"].state == "paused"
    desk.now += DAY
    desk.do(ops.Wake(case=case, reason="they called"))
    found = desk.case(case)
    assert (found.status, found.waiting) == ("in_review", None)
    assert found.clocks["decision"].due_at == found.received_at + 2 * DAY


def test_dismissing_takes_one_of_six_reasons_and_ends_the_clocks() -> None:
    for reason in DISMISSALS:
        desk = Desk()
        case = desk.held()
        desk.do(ops.Dismiss(case=case, reason=reason, text="seen twice"))
        found = desk.case(case)
        assert (found.status, found.end_reason, found.lease) == ("resolved", reason, None)
        assert not any(clock.running for clock in found.clocks.values())
        assert desk.log[-1].reason == f"{reason} seen twice"
    desk.no("incomplete", ops.Dismiss(case=desk.open(), reason=""))
    desk.no("invalid", ops.Dismiss(case=desk.open(), reason="because"))
    assert len(DISMISSALS) == 6


def test_an_authoritys_case_with_a_law_clock_is_dismissed_by_a_lead_alone() -> None:
    desk = Desk()
    law = {"art9": Clock("statutory", "art9", desk.now, At(desk.now + DAY))}
    case = desk.open(case_type="court_order")
    desk.put(case, clocks=desk.case(case).clocks | law)
    desk.no("not_allowed", ops.Dismiss(case=case, reason="spam"))
    desk.do(ops.Dismiss(case=case, reason="spam"), "grace", LEAD)
    private = desk.open(case_type="press")
    desk.put(private, clocks=desk.case(private).clocks | law)
    desk.do(ops.Dismiss(case=private, reason="spam"))
    desk.do(ops.Dismiss(case=desk.open(case_type="court_order"), reason="spam"))


def test_closing_needs_a_root_cause_and_no_running_law() -> None:
    desk = Desk()
    case = in_status(desk, "resolved")
    assert desk.no("incomplete", ops.Close(case=case)).mend.fields == ("root_cause",)
    desk.no("invalid", ops.Close(case=case, root_cause="fate"))
    law = Clock("statutory", "art9", desk.now, At(desk.now + DAY))
    desk.put(case, clocks={"art9": law})
    assert "art9" in desk.no("blocked", ops.Close(case=case, root_cause="none")).reason
    desk.do(ops.StopClock(case=case, clock="art9", reason="answered on paper"), "grace", LEAD)
    desk.do(ops.Close(case=case, root_cause="none"))
    assert (desk.case(case).status, desk.case(case).root_cause) == ("closed", "none")
    for cause in ROOT_CAUSES:
        desk.do(ops.Close(case=in_status(desk, "resolved"), root_cause=cause))


def test_reopening_counts_and_starts_a_new_round() -> None:
    desk = Desk()
    case = desk.held(severity=2)
    desk.do(ops.Dismiss(case=case, reason="spam"))
    desk.do(ops.Close(case=case, root_cause="abuse"))
    desk.no("incomplete", ops.Reopen(case=case, reason=""))
    desk.no("invalid", ops.Reopen(case=case, reason="I want to"))
    desk.now += DAY
    for n, reason in enumerate(REOPENINGS, 1):
        desk.do(ops.Reopen(case=case, reason=reason))
        found = desk.case(case)
        assert (found.status, found.reopened, found.end_reason, found.root_cause) == ("triaged", n, "", "")
        assert (found.clocks["decision"].round, found.clocks["decision"].due_at) == (n, desk.now + DAY)
        assert found.owner == "ada"
        desk.do(ops.Dismiss(case=case, reason="spam"))


def test_the_system_alone_settles() -> None:
    desk = Desk()
    case = desk.open()
    desk.no("not_allowed", ops.SettleCase(case=case), "ada", LEAD | ADMIN)
    desk.do(ops.SettleCase(case=case), "system", SYSTEM)
