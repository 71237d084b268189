"""A desk whose counts are known: 34 cases in a time, some before and after it, one of them privileged."""

from __future__ import annotations

from datetime import date

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Line
from escaltui.workbench import Workbench

DAY, HOUR = 86_400_000, 3_600_000
FIRST, LAST = date(2026, 9, 10), date(2026, 9, 19)
"""Of the ten days before the clock of the tests: 2026-09-21."""
OF_ALL = (("press", "DE", "press", 20), ("ads", "FR", "advertiser", 10), ("commerce", "BR", "merchant", 3))


def fill(bench: Workbench) -> None:
    """Twelve of the first kind are answered two hours after they came."""
    inside = bench.now() - 5 * DAY
    for kind, country, requester, n in OF_ALL:
        cases = [_case(bench, inside, kind, country, requester) for _n in range(n)]
        for case in cases[:12] if kind == "press" else ():
            _answer(bench, case)
    secret = _case(bench, inside, "press", "DE", "press")
    _do(bench, ops.SetSensitivity(case=secret, sensitivity="privileged"))
    for at in (bench.now() - 30 * DAY, bench.now() - HOUR):
        for _n in range(6):
            _case(bench, at, "press", "DE", "press")


def _do(bench: Workbench, *every: ops.Operation) -> None:
    for outcome in bench.do_many(every):
        assert not isinstance(outcome, Refused), outcome


def _case(bench: Workbench, at: int, kind: str, country: str, requester: str) -> str:
    report, opens = bench.operation_id(), ids.entity_id(bench.operation_id(), 0)
    received = ops.ReceiveReport(
        requester_name=f"R. Marin, {requester}", requester_kind=requester, body="b", received_at=at
    )
    opened = ops.OpenCase(report=ids.entity_id(report, 0), title="t", case_type=kind, countries=(country,), opens=opens,
                          received_at=at)  # fmt: skip
    for outcome in bench.do_many((received, opened), (report, bench.operation_id())):
        assert not isinstance(outcome, Refused), outcome
    return opens


def _answer(bench: Workbench, case: str) -> None:
    came, clock = bench.store.case(case).received_at, bench.now  # type: ignore[union-attr]
    bench.now = lambda: came + 2 * HOUR
    try:
        triaged = ops.Triage(case=case, case_type="press", severity=3, desk="global", reason="so")
        decided = ops.ProposeDecision(case=case, lines=(Line("answered"),), rationale="Answered.")
        _do(bench, ops.Claim(case=case), triaged, decided)
        bench.now = lambda: came + 2 * HOUR + 60_000  # its hold is over
        bench.tick()
    finally:
        bench.now = clock
