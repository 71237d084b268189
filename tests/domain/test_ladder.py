"""The ladder climbed at once is the ladder climbed rung by rung."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui import rules_loader
from escaltui.domain import ladder
from escaltui.domain.clock import At, Clock, Due, Segment, Unstated, Window

RULES = rules_loader.load()
HOUR = 3_600_000
START = int(datetime(2026, 6, 1, 10, tzinfo=UTC).timestamp() * 1000)
LATER = st.integers(0, 60 * 24 * HOUR)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    rung = draw(st.sampled_from((0, *ladder.RUNGS)))
    budget, calendar = draw(st.integers(0, 20_000)), draw(st.sampled_from(("", "desk")))
    paused, again = sorted((draw(LATER), draw(LATER)))
    parts = (
        Segment(START, "run", end=START + paused),
        Segment(START + paused, "pause", end=START + again),
        Segment(START + again, "run"),
    )
    if draw(st.booleans()):
        clock = Clock("sla", "ack", START, At(0), budget=budget, calendar=calendar, rung=rung)
        clock = replace(clock, segments=draw(st.sampled_from(((), parts))))
        return replace(clock, due=At(ladder.due_of(clock, RULES)))
    dues: tuple[Due, ...] = (At(START + paused), Window(START + paused, START + again), Unstated("expeditiously"))
    return Clock("statutory", "law", START, draw(st.sampled_from(dues)), budget=budget, rung=rung)


def rung_by_rung(clock: Clock, now: int) -> tuple[int, int | None]:
    reached = clock.rung
    for rung in ladder.RUNGS:
        if rung > reached:
            instant = ladder.instant_of(clock, rung, RULES)
            if instant is None or instant > now:
                return reached, instant
            reached = rung
    return reached, None


@given(clocks(), LATER)
def test_a_climb_ends_where_each_rung_leads(clock: Clock, passed: int) -> None:
    found, following = ladder.climb(clock, START + passed, RULES)
    assert (found.rung, following) == rung_by_rung(clock, START + passed)
    assert (found is clock) == (found.rung == clock.rung)
    if found is not clock:
        assert found.breached_at == (clock.due_at if found.rung == 100 else None)
