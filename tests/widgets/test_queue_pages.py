"""A survey finds the cursor by its id, or by its key where the case has gone; pages are the sorted list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from escaltui.widgets.queue_pages import KEPT, PAGE, Cursor, Pages, read_page, survey

from .queue_material import EndlessSource, MemorySource, line

NUMBERS = st.dictionaries(st.integers(0, 600).map(str), st.integers(0, 50), max_size=500)


@given(NUMBERS, st.data())
def test_a_survey_shows_what_the_sorted_list_has(numbers: dict[str, int], data: st.DataObject) -> None:
    source = MemorySource(numbers)
    wanted = data.draw(st.sampled_from(sorted(numbers))) if numbers else "none"
    cursor = Cursor(wanted, (numbers.get(wanted, 0), wanted))
    if data.draw(st.booleans()):
        source.drop(wanted)
    height = data.draw(st.integers(1, 40))
    found = survey(source, cursor, data.draw(st.integers(0, height - 1)), height)
    assert found.total == len(source.rows)
    for number, lines in found.pages.items():
        assert [row.key for row in lines] == source.rows[number * PAGE : (number + 1) * PAGE]
    if source.rows:
        assert found.row // PAGE in found.pages
        now = source.rows[found.row][1]
        following = [row[1] for row in source.rows if row > cursor.key] or [source.rows[-1][1]]  # type: ignore[operator]
        assert now == (following[0] if found.left else wanted)
        assert found.left == (wanted not in {row[1] for row in source.rows})


def test_a_cursor_of_another_order_that_is_gone_begins_at_the_top() -> None:
    source = MemorySource({str(n): n for n in range(10)})
    assert survey(source, Cursor("none", None), 0, 5).row == 0
    assert survey(source, Cursor("7", None), 0, 5).row == 7


def test_the_anchors_are_read_only_beyond_the_first_page() -> None:
    source = EndlessSource()
    assert survey(source, Cursor("0000010", (10, "0000010")), 3, 20).anchors is None
    deep = survey(source, Cursor("0999999", (999_999, "0999999")), 3, 20)
    assert deep.row == 999_999
    assert deep.pages[4999][-1].id == "0999999"


def test_a_page_is_read_after_the_one_before_without_anchors() -> None:
    lines, anchors = read_page(EndlessSource(), 1, None, (199, "0000199"))
    assert (lines[0].id, anchors) == ("0000200", None)
    lines, anchors = read_page(EndlessSource(), 4, None, None)
    assert lines[0].id == "0000800"
    assert anchors is not None


def test_no_more_than_fifty_pages_are_kept() -> None:
    pages = Pages()
    pages.total = 1_000_000
    for number in range(80):
        pages.put(number, [line(str(number), number)])
    assert len(pages) == KEPT
    assert pages.line(0) is None
    assert pages.line(79 * PAGE) is not None


def test_neighbours_are_asked_for_fifty_rows_before_the_edge() -> None:
    pages = Pages()
    pages.total = 1_000
    pages.put(0, [line(str(n), n) for n in range(PAGE)])
    assert pages.missing(0, 100) == []
    assert pages.missing(120, 150) == [1]
