"""What a case counts in, windows that end now, and what is usual; each as counted by hand."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.insight import metrics, series
from escaltui.insight.series import DAY, QUOTAS, SERIES, WEEK, WINDOWS, Counted, keys
from escaltui.insight.usual import Range, quantile, usual

NOW = 1_790_000_000_000
CASE = Counted(type="legal_removal", sections=("doc#hate/slurs", "doc#hate/jokes"), countries=("DE", "BR"),
               requester="R1", kind="court", channel="email", words=("ballot",))  # fmt: skip


def test_a_case_counts_once_in_each_of_its_series() -> None:
    found = keys(CASE)
    assert len(found) == len(set(found))
    assert ("area", "doc#hate") in found
    assert ("area_country", "doc#hate BR") in found
    assert ("kind_country", "court DE") in found
    assert ("product", "") not in found


def test_few_see_few_count() -> None:
    assert keys(CASE._replace(sensitivity="privileged")) == [("all", "")]
    restricted = keys(CASE._replace(sensitivity="restricted"))
    assert ("type", "legal_removal") in restricted
    assert not [key for key in restricted if key[0] == "word"]
    assert ("word", "ballot") in keys(CASE)  # the control


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, WINDOWS * WEEK), max_size=60), st.integers(0, DAY - 1))
def test_windows_are_those_counted_by_hand(ages: list[int], time: int) -> None:
    now = NOW // DAY * DAY + time
    received = [now - age for age in ages]
    days = Counter(map(series.day, received))
    tail = sum(now - WEEK < at < (series.day(now) - 6) * DAY for at in received)
    found = series.windows(days, now, tail)
    assert found[-1] == sum(now - WEEK < at <= now for at in received)
    for back in range(1, WINDOWS):
        last = series.day(now) - 7 * back
        assert found[-1 - back] == sum(last - 7 < series.day(at) <= last for at in received)


def test_control_a_window_of_whole_days_alone_is_not_exact() -> None:
    now = NOW // DAY * DAY + 1
    days = Counter({series.day(now) - 7: 3})
    assert series.windows(days, now)[-1] == 0
    assert series.windows(days, now, 3)[-1] == 3


def test_no_more_series_are_looked_at_than_two_thousand() -> None:
    assert sum(QUOTAS.values()) + series.RISING <= SERIES


def test_history_is_in_whole_windows() -> None:
    assert [series.history(series.day(NOW) - days, NOW) for days in (0, 6, 7, 20, 7 * 400)] == [0, 0, 1, 2, WINDOWS - 1]
    assert series.history(None, NOW) == 0


def test_what_is_usual_is_median_and_range() -> None:
    assert usual([3, 1, 2, 9]) == Range(2.5, 1, 9)
    assert usual([]) == Range()
    assert quantile([10, 20, 30, 40, 50], 0.9) == 46
    assert quantile([], 0.5) is None


def test_metrics_are_those_counted_by_hand() -> None:
    assert metrics.figure("decide_p50", [30, 1, 2]) == metrics.Figure(2, 3)
    assert metrics.figure("decide_p90", range(11)) == metrics.Figure(9, 11)
    assert metrics.figure("reversal_rate", [0, 1, 0, 1]) == metrics.Figure(0.5, 4)
    assert metrics.figure("volume", [1, 1, 1]) == metrics.Figure(3, 3)
    assert metrics.figure("reversal_rate", []) == metrics.Figure(None, 0)
