"""What is counted, when somebody is reminded, what a break is, and which case may come before another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.protection import Exposing
from escaltui.safety import exposure
from escaltui.safety.exposure import BREAK, CLOCK_NEAR, LAW_NEAR, MINUTE, PAUSE, DaySum, Look, Nudge, Tally

NOW = 1_790_000_000_000
BUDGET = Exposing()

looks = st.lists(
    st.builds(
        Look,
        at=st.integers(NOW, NOW + 12 * 3_600_000),
        kind=st.sampled_from(["picture", "passage"]),
        rating=st.sampled_from(["unknown", "none", "sensitive", "graphic", "severe"]),
        case_ref=st.sampled_from(["E-1", "E-2", "E-3", "E-4"]),
        seconds=st.floats(0, 120),
    ),
    max_size=30,
).map(lambda found: sorted(found, key=lambda look: look.at))


def day_of(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d")


# --- counting


@given(looks, st.integers(NOW, NOW + 12 * 3_600_000))
def test_a_count_is_the_sum_of_what_came_since(found: list[Look], since: int) -> None:
    done = exposure.tally(found, since, NOW + 24 * 3_600_000)
    later = [look for look in found if look.at >= since and look.kind == "picture"]
    assert done.seconds == pytest.approx(sum(look.seconds for look in later if look.rating != "none"))
    assert done.graphic == len([look for look in later if look.rating in ("graphic", "severe")])


def check_counts() -> None:
    found = [
        Look(NOW - 1, rating="graphic", seconds=500),
        Look(NOW, rating="graphic", seconds=10),
        Look(NOW + 1, rating="severe", seconds=20),
        Look(NOW + 2, rating="none", seconds=400),
        Look(NOW + 3, kind="passage", rating="graphic", area=40, seconds=7),
    ]
    done = exposure.tally(found, NOW, NOW + 5 * MINUTE)
    assert (done.seconds, done.graphic, done.stretch) == (30, 2, 5 * MINUTE)


def test_before_the_break_and_what_needs_no_shield_is_not_counted() -> None:
    check_counts()


@given(looks, st.integers(0, 24 * 3_600_000))
def test_days_add_up_whatever_way_they_are_cut(found: list[Look], cut: int) -> None:
    whole = exposure.by_day(found, day_of)
    parts = [
        exposure.by_day([look for look in found if (look.at < NOW + cut) == early], day_of) for early in (True, False)
    ]
    for day in whole:
        two = exposure.added(*(part.get(day, DaySum(day)) for part in parts))
        assert two[:4] == whole[day][:4]
        assert two.seconds == pytest.approx(whole[day].seconds)
    assert sum(day.looks + day.passages for day in whole.values()) == len(found)


def check_stretch() -> None:
    chain = [Look(NOW + at * MINUTE, seconds=10) for at in (0, 20, 45, 70)]
    assert exposure.tally(chain, NOW, NOW + 75 * MINUTE).stretch == 75 * MINUTE
    apart = [Look(NOW, seconds=10), Look(NOW + 40 * MINUTE, seconds=10)]
    assert exposure.tally(apart, NOW, NOW + 41 * MINUTE).stretch == MINUTE
    assert exposure.tally(apart, NOW, NOW + 40 * MINUTE + PAUSE + 11_000).stretch == 0
    long = [Look(NOW, seconds=3_600), Look(NOW + 80 * MINUTE, seconds=1)]
    assert exposure.tally(long, NOW, NOW + 80 * MINUTE).stretch == 80 * MINUTE, "counted from the end of a look"


def test_half_an_hour_off_ends_a_stretch() -> None:
    check_stretch()


# --- reminders


def check_steps() -> None:
    def at(seconds: float, told: int = 0) -> Nudge | None:
        return exposure.nudge(Tally(NOW, seconds), BUDGET, told)

    assert at(15 * 60 - 1) is None
    assert at(15 * 60) == Nudge(1, "minutes", 15)
    assert at(20 * 60, told=1) is None
    assert at(30 * 60, told=1) == Nudge(2, "minutes", 30)
    assert at(300 * 60, told=2) is None
    assert exposure.nudge(Tally(NOW, 0, 20), BUDGET, 0) == Nudge(1, "looks", 20)
    assert exposure.nudge(Tally(NOW, 0, 0, 60 * MINUTE), BUDGET, 0) == Nudge(1, "stretch", 60)


def test_a_reminder_comes_at_the_budget_and_at_twice_it_once_each() -> None:
    check_steps()


@given(
    st.floats(0, 10_000), st.integers(0, 100), st.integers(0, 10**8), st.integers(0, 2), st.integers(0, 60),
    st.integers(0, 60), st.integers(0, 200),
)  # fmt: skip
def test_no_reminder_is_said_twice_nor_without_a_used_budget(
    seconds: float, graphic: int, stretch: int, told: int, minutes: int, most: int, longest: int
) -> None:
    budget = msgspec.structs.replace(BUDGET, clear_minutes=minutes, graphic_looks=most, break_after_minutes=longest)
    found = exposure.nudge(Tally(NOW, seconds, graphic, stretch), budget, told)
    used = max(exposure.shares(Tally(NOW, seconds, graphic, stretch), budget).values())
    assert (found is not None) == (min(2, int(used)) > told)
    if found is not None:
        assert found.step in (1, 2)
        assert used >= found.step
        assert exposure.nudge(Tally(NOW, seconds, graphic, stretch), budget, found.step) is None


def check_silence() -> None:
    allowed = exposure.may_interrupt(NOW, [NOW + LAW_NEAR + 1, NOW - LAW_NEAR - 1], leased=False, typing=False)
    assert allowed
    assert not exposure.may_interrupt(NOW, [], leased=True, typing=False)
    assert not exposure.may_interrupt(NOW, [], leased=False, typing=True)
    for near in (0, LAW_NEAR, -LAW_NEAR):
        assert not exposure.may_interrupt(NOW, [NOW + 10**9, NOW + near], leased=False, typing=False)


def test_nobody_is_reminded_while_revealing_typing_or_near_a_statutory_due() -> None:
    check_silence()


# --- breaks


def check_break() -> None:
    assert [exposure.minutes_left(NOW, NOW + ms) for ms in (0, 1, MINUTE, BREAK - 1, BREAK, BREAK * 9)] == [
        5, 5, 4, 1, 0, 0
    ]  # fmt: skip
    assert exposure.minutes_left(NOW, NOW - 10**7) == 5, "a clock set back makes no break longer"
    assert (exposure.since(5, 9), exposure.since(9, 5)) == (9, 9)


def test_a_break_is_five_minutes_by_the_minute() -> None:
    check_break()


# --- what comes next


def check_pressing() -> None:
    assert [exposure.pressing(level, None, NOW) for level in range(5)] == [True, True, False, False, False]
    assert exposure.pressing(3, NOW + CLOCK_NEAR - 1, NOW)
    assert exposure.pressing(3, NOW - 1, NOW)
    assert not exposure.pressing(3, NOW + CLOCK_NEAR, NOW)


def test_s0_s1_and_less_than_an_hour_press() -> None:
    check_pressing()


def check_cases() -> None:
    found = [
        Look(NOW, rating="graphic", case_ref="E-1"), Look(NOW + 1, rating="severe", case_ref="E-1"),
        Look(NOW + 2, rating="severe", case_ref="E-2"), Look(NOW + 3, rating="sensitive", case_ref="E-3"),
        Look(NOW + 4, kind="passage", rating="graphic", case_ref="E-4"),
    ]  # fmt: skip
    assert exposure.graphic_cases(found, NOW) == {"E-1", "E-2"}
    assert exposure.graphic_cases(found, NOW + 2) == {"E-2"}


def test_graphic_cases_are_counted_once_each() -> None:
    check_cases()


# --- seeded faults: each must be noticed


def with_tally(change: Callable[[list[Look]], list[Look]]) -> Callable[..., Tally]:
    true = exposure.tally
    return lambda found, since, now: true(change(list(found)), since, now)


FAULTS: tuple[tuple[str, str, object, Callable[[], None]], ...] = (
    ("everything is counted", "tally", lambda f, s, n, t=exposure.tally: t(f, 0, n)._replace(since=s), check_counts),
    ("none counts", "tally", with_tally(lambda f: [x._replace(rating="graphic") for x in f]), check_counts),
    ("passages are pictures", "tally", with_tally(lambda f: [x._replace(kind="picture") for x in f]), check_counts),
    ("no pause ends a stretch", "PAUSE", 10**12, check_stretch),
    ("any gap ends a stretch", "PAUSE", 1, check_stretch),
    ("the first step is late", "shares", lambda d, b, t=exposure.shares: {n: v - 0.01 for n, v in t(d, b).items()},
     check_steps),
    ("said again", "nudge", lambda d, b, told, t=exposure.nudge: t(d, b, 0), check_steps),
    ("no second step", "nudge", lambda d, b, told, t=exposure.nudge: t(d, b, told and 2), check_steps),
    ("a due is no reason", "LAW_NEAR", -1, check_silence),
    ("only what is to come counts", "LAW_NEAR", LAW_NEAR - 1, check_silence),
    ("a lease is no reason", "may_interrupt",
     lambda n, s, leased, typing, t=exposure.may_interrupt: t(n, s, leased=False, typing=typing), check_silence),
    ("typing is no reason", "may_interrupt",
     lambda n, s, leased, typing, t=exposure.may_interrupt: t(n, s, leased=leased, typing=False), check_silence),
    ("a longer break", "BREAK", BREAK + MINUTE, check_break),
    ("minutes rounded down", "minutes_left", lambda b, n: max(0, (b + BREAK - n) // MINUTE), check_break),
    ("S1 waits", "pressing", lambda s, d, n, t=exposure.pressing: t(max(2, s) if s else 0, d, n), check_pressing),
    ("late is not near", "pressing", lambda s, d, n, t=exposure.pressing: t(s, d if d and d > n else None, n),
     check_pressing),
    ("looks are counted, not cases", "graphic_cases", lambda f, s: [x.case_ref for x in f if x.graphic and x.at >= s],
     check_cases),
)  # fmt: skip


@pytest.mark.parametrize(("name", "what", "fault", "check"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_seeded_fault_is_noticed(
    name: str, what: str, fault: object, check: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    monkeypatch.setattr(exposure, what, fault)
    with pytest.raises(AssertionError):
        check()
