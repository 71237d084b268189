"""The list never lies: after inserts, deletes and moves its lines are the sorted list, its cursor the same case."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from escaltui.faces import QueueLine
from escaltui.widgets.queue_list import QueueList
from escaltui.widgets.themes import ALL

from .queue_material import EndlessSource, MemorySource


class ListApp(App[None]):
    """One list, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        for theme in ALL:
            self.register_theme(theme)
        self.theme = "dark"
        self.left: list[QueueLine | None] = []
        self.failed: list[Exception] = []

    def compose(self) -> ComposeResult:
        yield QueueList(lambda: 0)

    def on_queue_list_left(self, message: QueueList.Left) -> None:
        self.left.append(message.line)

    def on_queue_list_failed(self, message: QueueList.Failed) -> None:
        self.failed.append(message.error)


async def settle(app: ListApp) -> QueueList:
    """Wait until everything asked for has been read and drawn."""
    listing = app.query_one(QueueList)
    for _turn in range(200):
        await app.workers.wait_for_complete()
        await asyncio.sleep(0)
        if listing.settled and not listing._asked and listing._pending is None:
            break
        await asyncio.sleep(0.005)
    return listing


def drawn(listing: QueueList) -> list[str]:
    """The references on the screen, top to bottom."""
    lines = [listing.render_line(y).text.split() for y in range(listing.size.height)]
    return [next(word for word in words if word.startswith("E-")) for words in lines if words]


STEPS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(["down", "up", "page_down", "page_up", "first", "last"])),
    st.tuples(st.just("put"), st.tuples(st.integers(0, 400).map(str), st.integers(0, 30))),
    st.tuples(st.just("drop"), st.integers(0, 400).map(str)),
    st.tuples(st.just("drop_current"), st.just("")),
)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.integers(0, 400).map(str), st.integers(0, 30), max_size=300), st.lists(STEPS, max_size=12))
def test_lines_are_the_sorted_list_and_the_cursor_keeps_its_case(
    numbers: dict[str, int], steps: list[tuple[str, object]]
) -> None:
    asyncio.run(_walk(numbers, steps))


async def _walk(numbers: dict[str, int], steps: list[tuple[str, object]]) -> None:
    source, app = MemorySource(numbers), ListApp()
    async with app.run_test(size=(80, 12)):
        app.query_one(QueueList).show(source)
        listing = await settle(app)
        for kind, what in steps:
            await _step(listing, source, kind, what)
            await settle(app)
            _check(listing, source)
        assert app.failed == []


async def _step(listing: QueueList, source: MemorySource, kind: str, what: object) -> None:
    if kind == "move":
        listing.move(what)  # type: ignore[arg-type]
        return
    held = listing.cursor
    if kind == "put":
        source.put(*what)  # type: ignore[misc]
    else:
        gone = held.case_id if kind == "drop_current" and held else str(what)
        source.drop(gone)
    listing.reread(at_once=True)


def _check(listing: QueueList, source: MemorySource) -> None:
    top = listing.scroll_offset.y
    shown = [f"E-{case_id}" for _number, case_id in source.rows[top : top + listing.size.height]]
    assert drawn(listing) == shown
    if source.rows:
        assert listing.current is not None
        assert listing.cursor is not None
        assert listing.current.id == listing.cursor.case_id == source.rows[listing.row][1]
        assert top <= listing.row < top + listing.size.height


async def test_the_cursor_follows_its_case_when_rows_come_before_it() -> None:
    source, app = MemorySource({f"{n:03}": n for n in range(100, 150)}), ListApp()
    async with app.run_test(size=(80, 12)):
        app.query_one(QueueList).show(source)
        listing = await settle(app)
        listing.go(20)
        for n in range(40):
            source.put(f"{n:03}", n)
        listing.reread(at_once=True)
        await settle(app)
        assert listing.current is not None
        assert (listing.current.id, listing.row) == ("120", 60)


async def test_the_next_row_takes_the_cursor_when_its_case_leaves() -> None:
    source, app = MemorySource({f"{n:03}": n for n in range(50)}), ListApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.query_one(QueueList).show(source)
        listing = await settle(app)
        listing.go(20)
        source.drop("020")
        listing.reread(at_once=True)
        await settle(app)
        await pilot.pause()
        assert listing.current is not None
        assert listing.current.id == "021"
        assert [line.id for line in app.left if line] == ["020"]


async def test_no_row_moves_right_after_a_key() -> None:
    source, app = MemorySource({f"{n:03}": n for n in range(1, 50)}), ListApp()
    async with app.run_test(size=(80, 12)):
        app.query_one(QueueList).show(source)
        listing = await settle(app)
        listing.go(3)
        source.put("000", 0)
        listing.reread()
        await app.workers.wait_for_complete()
        await asyncio.sleep(0)
        assert (listing.pages.total, listing.row) == (49, 3)
        await settle(app)
        assert (listing.pages.total, listing.row) == (50, 4)
        assert drawn(listing)[0] == "E-001", "the case under the cursor stays on its line of the screen"


async def test_a_million_rows_end_to_end() -> None:
    app = ListApp()
    async with app.run_test(size=(80, 24)):
        app.query_one(QueueList).show(EndlessSource())
        listing = await settle(app)
        listing.move("last")
        await settle(app)
        assert listing.current is not None
        assert listing.current.id == "0999999"
        assert drawn(listing)[-1] == "E-99999"
        listing.move("first")
        await settle(app)
        assert drawn(listing)[0] == "E-00000"


async def test_a_move_of_the_cursor_draws_two_lines() -> None:
    app = ListApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(QueueList).show(EndlessSource())
        listing = await settle(app)
        await pilot.pause()
        drawn_lines: list[int] = []
        listing.refresh_line = drawn_lines.append  # type: ignore[method-assign]
        listing.move("down")
        assert drawn_lines == [0, 1]
