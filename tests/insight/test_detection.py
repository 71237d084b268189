"""What rose: exact p-values, few false alarms, no storm on strange series; each with what must fail."""

from __future__ import annotations

import random
from decimal import Decimal, getcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.insight import detection
from escaltui.insight.detection import NOVEL, SHORT, SPIKE, USUAL, baseline, judge, tail, threshold
from escaltui.insight.series import BASELINE, GAP, WINDOWS

getcontext().prec = 60
ALL = WINDOWS - 1


def exact(x: int, mean: float, spread: float) -> Decimal:
    """P(X >= x) with sixty digits, by multiplying out each probability below x."""
    m, f = Decimal(mean), Decimal(spread)
    if spread <= detection.NEARLY_ONE:
        terms = [(-m).exp()]
        for k in range(1, x):
            terms.append(terms[-1] * m / k)
    else:
        size, q = m / (f - 1), 1 - 1 / f
        terms = [(1 / f) ** size]
        for k in range(1, x):
            terms.append(terms[-1] * (size + k - 1) / k * q)
    return 1 - sum(terms[:x], Decimal(0))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 120), st.floats(0.1, 90), st.one_of(st.just(1.0), st.floats(1.02, 30)))
def test_p_values_are_those_of_the_distribution(x: int, mean: float, spread: float) -> None:
    wanted = float(exact(x, mean, spread))
    assert tail(x, mean, spread) == pytest.approx(wanted, rel=1e-7, abs=1e-13 if x <= mean else 1e-45)


def test_control_a_poisson_tail_is_not_that_of_what_varies_more() -> None:
    assert tail(20, 8.0, 1.0) != pytest.approx(float(exact(20, 8.0, 4.0)), rel=0.5)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 1e4), st.floats(1, 500), st.integers(0, 10**5))
def test_p_values_are_probabilities_and_fall_with_more_cases(mean: float, spread: float, x: int) -> None:
    p = tail(x, mean, spread)
    assert 0.0 <= p <= 1.0
    assert tail(x + 1, mean, spread) <= p + 1e-9


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    # the example of their paper (1995), fifteen p-values at a rate of 0.05: the four smallest
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .324, .4262, .5719,
         .6528, .759, 1.0]  # fmt: skip
    assert sum(each <= threshold(p, 0.05) for each in p) == 4
    assert sum(each <= 0.05 for each in p) == 9  # the control: each on its own
    assert threshold([0.5, 0.9]) < 0
    assert threshold([]) < 0


def test_a_rise_is_a_spike_and_one_from_nothing_is_new() -> None:
    quiet = [2, 3, 1, 2] * 6 + [2, 2, 3, 1]
    found = judge({"rose": [*quiet, 15], "same": [*quiet, 3], "new": [0] * ALL + [6]}, ALL)
    assert [found[name].verdict for name in ("rose", "same", "new")] == [SPIKE, USUAL, NOVEL]
    assert found["rose"].weeks == 1


def test_alarms_in_a_row_are_one_that_lasts() -> None:
    found = judge({"rose": [2, 3, 1, 2] * 6 + [2, 14, 15, 16, 15]}, ALL)["rose"]
    assert found.weeks == 4


def test_fewer_than_five_cases_are_never_an_alarm() -> None:
    assert judge({"few": [0] * ALL + [4]}, ALL)["few"].verdict == USUAL
    assert judge({"enough": [0] * ALL + [5]}, ALL)["enough"].verdict == NOVEL  # the control


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1000), min_size=3, max_size=3), min_size=1, max_size=50))
def test_three_points_say_nothing(series: list[list[int]]) -> None:
    found = judge({str(n): each for n, each in enumerate(series)}, 2)
    assert {each.verdict for each in found.values()} == {SHORT}


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 50), st.integers(0, 40))
def test_constant_series_raise_no_storm(count: int, level: int) -> None:
    found = judge({str(n): [level] * WINDOWS for n in range(count)}, ALL)
    assert {each.verdict for each in found.values()} == {USUAL}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, ALL - 1), st.integers(100, 10**9), st.integers(0, 12))
def test_one_huge_outlier_raises_no_alarm_but_in_its_own_weeks(place: int, huge: int, level: int) -> None:
    counts = [level] * WINDOWS
    counts[place] = huge
    assert judge({"one": counts}, ALL)["one"].verdict == USUAL
    counts[place], counts[-1] = level, huge
    assert judge({"one": counts}, ALL)["one"].verdict in (SPIKE, NOVEL)  # the control


@settings(max_examples=40, deadline=None)
@given(st.integers(0, BASELINE - 1), st.integers(100, 10**6))
def test_an_old_burst_does_not_hide_a_new_one(place: int, huge: int) -> None:
    counts = [2, 3, 1, 2, 2] * 5 + [2] * (WINDOWS - 26) + [25]
    counts[place] = huge
    assert judge({"one": counts}, ALL)["one"].verdict == SPIKE


def test_control_without_weights_the_old_burst_hides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "FAR", float("inf"))
    counts = [2, 3, 1, 2, 2] * 5 + [2] * (WINDOWS - 26) + [25]
    counts[3] = 10_000
    assert judge({"one": counts}, ALL)["one"].verdict == USUAL


def noise(draw: random.Random, mean: float, spread: float) -> int:
    """One draw of what varies `spread` times as much as by chance."""
    level = mean if spread == 1 else draw.gammavariate(mean / (spread - 1), spread - 1)
    end, k, p = 2.718281828459045**-level, 0, draw.random()
    while p > end:
        p *= draw.random()
        k += 1
    return k


def alarms(spread: float, rate: float) -> float:
    """Alarms a week over 40 weeks of 25 series in which nothing happens."""
    draw = random.Random(7)
    told = 0
    for _week in range(40):
        means = [0.3, 1, 2, 4, 8] * 5
        series = {str(n): [noise(draw, mean, spread) for _ in range(WINDOWS)] for n, mean in enumerate(means)}
        told += sum(each.weeks > 0 for each in judge(series, ALL, rate).values())
    return told / 40


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_noise_raises_few_alarms(spread: float) -> None:
    assert alarms(spread, detection.RATE) <= 0.4


def test_control_without_the_rate_over_all_series_noise_raises_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "threshold", lambda p, rate: rate)
    assert alarms(3.0, 0.1) > 0.5


SLOW = [2, 3, 1, 2] * 6 + [2, 2, 6, 6, 6]


def test_what_comes_slowly_is_seen_over_four_windows() -> None:
    found = judge({"slow": SLOW}, ALL)["slow"]
    assert (found.verdict, found.over) == (SPIKE, 4)
    assert judge({"slow": [*SLOW[:-3], 2, 2, 6]}, ALL)["slow"].verdict == USUAL


def test_control_by_the_newest_window_alone_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "LOOKS", (1,))
    assert judge({"slow": SLOW}, ALL)["slow"].verdict == USUAL


def test_a_burst_that_has_stopped_is_no_news() -> None:
    assert judge({"over": [20, 22, 19, 21] * 6 + [20, 20, 60, 60, 19]}, ALL)["over"].verdict == USUAL


def test_few_windows_know_their_spread_only_half(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = [4] * BASELINE
    assert baseline(flat).spread == 1.25
    monkeypatch.setattr(detection, "COMMON", 0.0)
    assert baseline(flat).spread == 1.0


def rises() -> tuple[dict[str, list[int]], dict[str, set[int]]]:
    """A requester's burst, the country it lies in, the whole; and another country's own rise."""
    quiet = [2, 3, 1, 2] * 7
    series = {"who": [0] * ALL + [14], "land": [*quiet, 16], "all": [10 * each for each in quiet] + [60],
              "other": [*quiet, 15]}  # fmt: skip
    cases = {"who": set(range(14)), "land": set(range(16)), "all": set(range(60)), "other": set(range(40, 55))}
    return series, cases


def test_series_that_rose_by_the_same_cases_are_one_happening() -> None:
    series, cases = rises()
    found = detection.together(judge(series, ALL, 0.05), series, ALL, cases, 0.05)
    assert found["all"].part in ("who", "other")
    assert (found["who"].part, found["land"].part, found["other"].part) == ("", "who", "")
    apart = {name: {hash((name, n)) for n in held} for name, held in cases.items()}
    found = detection.together(judge(series, ALL, 0.05), series, ALL, apart, 0.05)
    assert {each.part for each in found.values()} == {""}  # the control: the same counts, of other cases


def test_the_one_that_says_most_stands_for_the_others() -> None:
    series = {"word": [0] * ALL + [14], "who": [0] * ALL + [12]}
    cases = {"word": set(range(14)), "who": set(range(12))}
    judged = judge(series, ALL)
    found = detection.together(judged, series, ALL, cases, rank=lambda name: name == "word")
    assert (found["who"].part, found["word"].part) == ("", "who")
    found = detection.together(judged, series, ALL, cases)
    assert (found["who"].part, found["word"].part) == ("word", "")  # the control: else the least likely


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.sets(st.integers(0, 40))), min_size=1, max_size=8))
def test_a_part_is_a_part_of_one_that_is_none(drawn: list[tuple[int, set[int]]]) -> None:
    series = {str(n): [0] * ALL + [max(most, len(cases))] for n, (most, cases) in enumerate(drawn)}
    behind = {str(n): cases for n, (_most, cases) in enumerate(drawn)}
    judged = judge(series, ALL)
    found = detection.together(judged, series, ALL, behind)
    assert {name: each._replace(part="") for name, each in found.items()} == judged
    assert all(not each.part or (not found[each.part].part and found[each.part].weeks) for each in found.values())


def test_the_gap_keeps_a_burst_that_lasts_out_of_what_is_usual() -> None:
    quiet = [2] * BASELINE
    assert baseline(detection.before([*quiet, 30, 30, 30, 30], ALL)).mean == 2
    assert max(detection.LOOKS) - 1 == GAP
