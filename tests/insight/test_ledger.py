"""What a requester asked for and what came of it: each case counts once, in one answer, one type and one month."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain.decisions import OUTCOMES
from escaltui.insight import ledger as books
from escaltui.insight.ledger import ANSWERS, Asked, Checked, answer, ledger

NOW = 1_790_000_000_000
DAY, HOUR = 86_400_000, 3_600_000
ASKED = st.builds(
    Asked, case=st.uuids().map(str), type=st.sampled_from(("legal_removal", "court_order", "press")),
    at=st.integers(NOW - 700 * DAY, NOW), open=st.booleans(), late=st.booleans(), reversed=st.booleans(),
    outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=3, unique=True).map(tuple),
    decided=st.none() | st.integers(NOW, NOW + 90 * DAY),
)  # fmt: skip

CHECKED = st.builds(
    Checked, state=st.sampled_from(("unverified", "verified", "failed")), method=st.sampled_from(("", "portal")),
    incomplete=st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "wanted"),
    [
        ((), "undecided"), (("violation_action",), "granted"), (("legal_compliance",), "granted"),
        (("enforcement_error",), "granted"), (("legal_partial",), "partly"), (("no_violation",), "not_granted"),
        (("violation_no_action",), "not_granted"), (("legal_pushback",), "not_granted"), (("refer_out",), "otherwise"),
        (("answered", "product_issue"), "otherwise"), (("violation_action", "no_violation"), "partly"),
        (("legal_compliance", "refer_out"), "granted"), (("legal_pushback", "answered"), "not_granted"),
    ],
)  # fmt: skip
def test_what_came_of_a_case(outcomes: tuple[str, ...], wanted: str) -> None:
    assert answer(False, outcomes) == wanted
    assert answer(True, outcomes) == "open"  # nothing counts before it is settled


def test_every_outcome_has_an_answer() -> None:
    for n in (1, 2):
        for outcomes in combinations(OUTCOMES, n):
            assert answer(False, outcomes) in ANSWERS
    assert {answer(False, (each,)) for each in OUTCOMES} == {"granted", "partly", "not_granted", "otherwise"}


@given(st.lists(ASKED, max_size=30), st.lists(CHECKED, max_size=10))
def test_each_case_counts_once(asked: list[Asked], checked: list[Checked]) -> None:
    found = ledger(asked, checked, NOW)
    total = found.total
    assert total.asked == len(asked) == sum(total[1:])
    assert [sum(each) for each in zip(*(c for _n, c in found.by_type), strict=True)] == (list(total) if asked else [])
    assert sum(counts.asked for _name, counts in found.by_month) + found.earlier == len(asked)
    assert len(found.by_month) == books.MONTHS
    assert found.reports == sum(found.checks.values()) == len(checked)
    assert sum(found.methods.values()) <= found.checks.get("verified", 0)
    assert found.late <= total.open
    assert found.decided == sum(each.decided is not None for each in asked)
    assert (found.median is None) == (found.decided == 0)


def test_months_are_those_of_utc_up_to_now() -> None:
    now = int(datetime(2026, 1, 31, 23, 59, tzinfo=UTC).timestamp() * 1000)
    first = int(datetime(2025, 2, 1, tzinfo=UTC).timestamp() * 1000)
    rows = [Asked("a", "press", now, True), Asked("b", "press", first, True), Asked("c", "press", first - 1, True)]
    found = ledger(rows, (), now)
    assert [name for name, _counts in found.by_month][:2] == ["2025-02", "2025-03"]
    assert found.by_month[-1] == ("2026-01", found.by_month[-1][1])
    assert (found.by_month[0][1].asked, found.by_month[-1][1].asked, found.earlier) == (1, 1, 1)


def test_hours_from_receipt_to_the_first_decision() -> None:
    rows = [Asked(str(n), "press", NOW, False, ("answered",), decided=NOW + n * HOUR) for n in (1, 2, 30)]
    found = ledger([*rows, Asked("open", "press", NOW, True)], (), NOW)
    assert (found.median, found.decided) == (2.0, 3)
    assert found.slow is not None
    assert 2 < found.slow <= 30


def test_nothing_asked() -> None:
    found = ledger((), (), NOW)
    assert (found.total.asked, found.median, found.first, found.last, found.by_type) == (0, None, None, None, ())
