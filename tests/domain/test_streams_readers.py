"""What a reader makes of the changes of a move, and that the wall holds whatever people do."""

from __future__ import annotations

import random

import msgspec
from desk import DAY, LEAD, SYSTEM, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from streams_material import LEVELS, POST, WHY, alone, full, hanging, of_stream, restrict
from test_fold import CASES, stored
from wild import Wild

from escaltui.domain import fold, streams
from escaltui.domain import operations as ops
from escaltui.domain.changes import Change, Refused, State
from escaltui.domain.entities import (
    Case,
    Consult,
    Link,
    Pin,
    Requester,
    Subject,
)
from escaltui.domain.exchange import Message
from escaltui.domain.rules.moving import own_stream
from escaltui.domain.rules.work import Work

# --- what readers make of it


@given(CASES, CASES, CASES, st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_whole_row_is_the_same_whatever_was_held(before: Case, after: Case, held: Case, has: bool) -> None:
    after = msgspec.structs.replace(after, stream="case:1")
    fields = stored(fold.whole(before, after))
    start = stored(fold.plain(held)) if has else {"id": after.id}
    assert fold.build("case", fold.patch(start, fields, Case.SETS)) == after
    differing = {path.partition(".")[0] for path in fold.difference(before, after)}
    assert {name for name, (was, _) in fields.items() if was is not None} <= differing


@given(CASES, CASES, st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_two_changes_of_a_move_in_either_order(before: Case, after: Case, has: bool) -> None:
    after = msgspec.structs.replace(after, stream="case:1", rev=before.rev + 1)
    gone = Change("case", "1", "moved", {"stream": (before.stream, after.stream)}, before.stream, rev=before.rev)
    came = Change("case", "1", "set", stored(fold.whole(before, after)), after.stream, rev=after.rev)
    start = State({("case", "1"): before} if has else {})
    assert fold.leaves(before, gone)
    assert fold.leaves(fold.plain(before), gone)
    assert not fold.leaves(after, gone)
    assert not fold.leaves(None, gone)
    assert not fold.leaves(before, came)
    for order in ((gone, came), (came, gone)):
        assert fold.fold(start, order).rows == {("case", "1"): after}
    assert fold.fold(start, (gone,)).rows == {}


def test_what_went_back_to_its_default_is_taken_away_from_what_was_held() -> None:
    before = Case(id="1", ref="E-1", owner="ada", tags=("a",), skipped={"bo": 1}, hidden=True)
    after = Case(id="1", ref="E-1", stream="case:1", tags=("b",))
    stale = msgspec.structs.replace(before, summary="an older one", pins={"x": Pin("1", "0")}, rev=0)
    for held in (before, stale, Case(id="1", ref="E-1")):
        assert fold.build("case", fold.patch(fold.plain(held), fold.whole(before, after), Case.SETS)) == after


def test_a_row_that_came_stays_when_its_old_stream_tells_that_it_left() -> None:
    before = Case(id="1", ref="E-1", rev=4)
    gone = Change("case", "1", "moved", {"stream": ("desk:global", "case:1")}, rev=4)
    for came in (msgspec.structs.replace(before, stream="case:1", rev=5), msgspec.structs.replace(before, rev=6)):
        held = State({("case", "1"): came})
        assert fold.fold(held, (gone,)).rows == held.rows


def check_wall(desk: Desk) -> None:
    """Every row lies where its case does, or higher; a stream's log alone gives its rows, and no other."""
    for case in desk.of(Case):
        survivor = desk.case(case.merged_into) if case.merged_into else None
        assert case.stream == (survivor.stream if survivor else streams.stream_of(case))
        for row in hanging(desk, case.id):
            work = Work(State(desk.rows), desk.context())
            if isinstance(row, Link | Consult | Message):
                assert row.stream == own_stream(row, case.stream, work)
            elif isinstance(row, Requester) and not streams.level(case.stream):
                assert not streams.level(row.stream)
            elif not (isinstance(row, Subject) and case.appeal is not None):
                assert row.stream == case.stream, row
    for stream in {each.stream for each in desk.log}:
        assert alone(desk.log, stream) == of_stream(desk, stream)


@given(st.integers(0, 2**48))
@settings(max_examples=60, deadline=None)
def test_the_wall_holds_whatever_people_do(seed: int) -> None:
    desk, draw = Desk(), random.Random(seed)
    full(desk)
    for _ in range(2):
        desk.open(report=desk.report(requester_name="Jo Bloggs"), subjects=(POST,))
    wild = Wild(desk, draw)
    for _ in range(30):
        wild.step()
        if draw.random() < 0.3:
            case = draw.choice(desk.of(Case))
            move = draw.choice((
                restrict(case.id, draw.choice(LEVELS), reason="r"),
                ops.Transfer(case=case.id, desk=draw.choice(("night", "global")), reason="r"),
                ops.Merge(case=case.id, into=draw.choice(desk.of(Case)).id), ops.Unmerge(case=case.id),
                ops.LinkReport(case=case.id, report=desk.report(requester_name="Jo Bloggs")),
                ops.AddMember(case=case.id, person="lin", until=desk.now + DAY),
                ops.BreakGlass(case=case.id, reason=WHY),
            ))  # fmt: skip
            desk.ask(move, "grace", LEAD)
        check_wall(desk)
    desk.now += 2 * DAY
    desk.tick()
    desk.tick()
    assert not any(case.glass for case in desk.of(Case))
    assert not isinstance(desk.ask(ops.SettleCase(case=desk.of(Case)[0].id), "system", SYSTEM), Refused)
