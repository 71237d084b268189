"""When rounds are due: a clock that only the test moves."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from escaltui.sync.pace import Due, Pace, Waits


def settled(now: float = 100.0) -> Pace:
    pace = Pace(now)
    assert pace.left(now) == 0.0
    due = pace.take(now)
    assert due == Due(push=True, pull=True)
    pace.done(now, due)
    return pace


def test_what_is_typed_leaves_at_once() -> None:
    pace = settled()
    assert pace.left(100.5) == 29.5
    pace.typed()
    assert pace.left(100.5) == 0.0
    assert pace.take(100.5) == Due(push=True, pull=False)
    assert pace.left(100.5) == 29.5


def test_looks_are_gathered_or_leave_with_what_is_typed() -> None:
    pace = settled()
    pace.looked(101.0)
    pace.looked(104.0)
    assert pace.left(104.0) == 2.0
    assert pace.left(106.0) == 0.0
    assert pace.take(106.0) == Due(push=True, pull=False)
    assert pace.left(106.0) == 24.0
    pace.looked(107.0)
    pace.typed()
    assert pace.take(107.0) == Due(push=True, pull=False)
    assert pace.left(107.0) == 23.0, "told already"


def test_the_first_poke_after_a_quiet_second_is_answered_at_once() -> None:
    pace = settled()
    pace.poked(105.0)
    assert pace.left(105.0) == 0.0
    due = pace.take(105.0)
    assert due == Due(push=False, pull=True)
    pace.done(105.1, due)
    assert pace.left(105.1) == 30.0


def test_pokes_are_gathered_while_pulls_are_a_second_apart() -> None:
    pace, now, pulls = settled(), 105.0, []
    while now < 115.0:  # a poke each 25 ms, as often as a server sends them
        pace.poked(now)
        if pace.left(now) == 0.0:
            due = pace.take(now)
            pulls.append(now)
            pace.done(now, due)
        now = round(now + 0.025, 3)
    assert pulls == [105.0 + n for n in range(10)]


def test_the_last_poke_of_a_burst_is_not_lost() -> None:
    pace = settled()
    pace.poked(105.0)
    pace.done(105.2, pace.take(105.0))
    pace.poked(105.21)
    pace.poked(105.3)
    assert round(pace.left(105.3), 3) == 0.9
    assert pace.left(106.2) == 0.0
    assert pace.take(106.2).pull


def test_with_events_nobody_asks_every_half_minute() -> None:
    pace = settled()
    pace.live = True
    assert pace.left(100.0) == 300.0
    pace.live = False
    assert pace.left(100.0) == 30.0


def test_a_failed_round_is_due_again_after_its_wait() -> None:
    pace = settled()
    pace.typed()
    pace.wait(101.0, 7.0, pace.take(101.0))
    pace.typed()  # typing does not hammer a server that is away
    assert pace.left(101.0) == 7.0
    assert pace.take(108.0).push
    pace.typed()
    pace.wait(108.0, 7.0, Due(True, True))
    pace.hurry()
    assert pace.left(108.5) == 0.0


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_waits_grow_with_jitter_within_their_bounds(seed: int, times: int) -> None:
    waits = Waits(random.Random(seed))
    for n in range(times):
        assert 0.5 <= waits.failed() <= min(30.0, 0.5 * 2 ** (n + 1))
    waits.well()
    assert waits.failed() <= 1.0


@given(st.integers(0, 2**32), st.lists(st.sampled_from([None, 0.0, 2.0]), min_size=200, max_size=200))
def test_at_most_sixty_tries_a_minute_where_a_server_asks_to_wait(seed: int, said: list[float | None]) -> None:
    waits, now, tries = Waits(random.Random(seed)), 0.0, []
    for each in said:
        wait = waits.busy(now, each)
        assert wait >= (each or 0.0)
        assert wait <= 61.0
        now += wait
        tries.append(now)
    for first, last in zip(tries, tries[60:], strict=False):
        assert last - first >= 60.0 - 1e-6
