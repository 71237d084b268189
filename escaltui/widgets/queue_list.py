"""A case list of any length: a Line-API widget over pages of a `QueueSource`; nothing exists per row.

The cursor is a case id with its order key. After changes the rows looked at are read again and the id is found; if the
case has left the list, the next row takes the cursor. No row moves under an open sheet, or within 0.3 s of a key.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from escaltui.line_faces import QueueLine
from escaltui.safety.text import SafeText, own
from escaltui.widgets import queue_columns
from escaltui.widgets.acts import Step
from escaltui.widgets.queue_pages import PAGE, Cursor, Pages, QueueSource, Survey, read_page, survey
from escaltui.widgets.say import columns
from escaltui.widgets.words import clock_words

QUIET = 0.3
"""Seconds after a key in which no row moves."""
AFTER = 0.05
"""Seconds until what the first paint did not need is read, so that it does not compete with it."""


class QueueList(ScrollView, can_focus=True, inherit_bindings=False):
    """The list. Give it a source with `show`; `current` is the line under the cursor."""

    COMPONENT_CLASSES = {"queue--row", "queue--cursor"}
    DEFAULT_CSS = """
    QueueList { height: 1fr; width: 1fr; overflow: hidden; background: $background; }
    QueueList > .queue--cursor { background: $cursor; }
    """

    class Moved(Message):
        """The cursor is on another case, or that case was read anew."""

        def __init__(self, line: QueueLine | None) -> None:
            super().__init__()
            self.line = line

    class Left(Message):
        """The case under the cursor has left the list."""

        def __init__(self, line: QueueLine | None) -> None:
            super().__init__()
            self.line = line

    class Counted(Message):
        """The list was read: how long it is, whether that is already known to the end, and which reading it was."""

        def __init__(self, total: int, whole: bool, generation: int) -> None:
            super().__init__()
            self.total, self.whole, self.generation = total, whole, generation

    class Failed(Message):
        """The list could not be read."""

        def __init__(self, error: Exception, stale: bool) -> None:
            super().__init__()
            self.error, self.stale = error, stale

    class Surveyed(Message):
        """From a thread: the list as it is now."""

        def __init__(self, generation: int, asked: Cursor | None, found: Survey, whole: bool, at_once: bool) -> None:
            super().__init__()
            self.generation, self.asked, self.found = generation, asked, found
            self.whole, self.at_once = whole, at_once

    class PageRead(Message):
        """From a thread: one more page."""

        def __init__(self, generation: int, number: int, lines: list[QueueLine], anchors: object) -> None:
            super().__init__()
            self.generation, self.number, self.lines, self.anchors = generation, number, lines, anchors

    def __init__(self, clock: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.clock = clock
        self.marks: set[str] = set()
        self.pages = Pages()
        self.row = 0
        self.cursor: Cursor | None = None
        self.settled = True
        """Whether nothing is being read."""
        self._urgent = False
        """Whether the list that is being read is to be shown at once: a newer reading in its place then is too."""
        self._source: QueueSource | None = None
        self._shown: QueueSource | None = None
        """The last source that could be read: what is on the screen."""
        self._generation = 0
        self._asked: set[int] = set()
        self._key_at = 0.0
        self._pending: QueueList.Surveyed | None = None
        self._ticked = 0
        self._bases: tuple[str, dict[bool, Style]] | None = None
        self.empty: SafeText = own("")
        """What is drawn where nothing is listed."""

    # --- what is listed

    def show(self, source: QueueSource, *, keep: bool = False, first: list[QueueLine] | None = None) -> None:
        """List another source. `keep`: stay on the same case if it is there, as a filter does. `first`: a screenful of
        its first lines, read before anything is painted, so that they are in the first paint; the rest comes after."""
        self._source = source
        self.cursor = Cursor(self.cursor.case_id, None) if keep and self.cursor else None
        if first is None:
            self._read(fresh=self.cursor is None, at_once=True)
            return
        self._generation += 1
        whole = len(first) < self.app.size.height
        self._take(self.Surveyed(self._generation, None, _first_page(first), whole, True))
        if not whole:
            self.set_timer(AFTER, lambda: self._read(fresh=False, at_once=True))

    def reread(self, *, at_once: bool = False) -> None:
        """The list has changed. `at_once`: by the person's own verb, so rows may move now."""
        if self._source is not None:
            self._read(fresh=False, at_once=at_once)

    @property
    def allow_vertical_scroll(self) -> bool:
        """The wheel scrolls, though overflow is hidden: Textual would make a bar for it that has no width."""
        return self.virtual_size.height > self.size.height

    @property
    def generation(self) -> int:
        """The number of the reading that was asked for last."""
        return self._generation

    @property
    def stale(self) -> bool:
        """Whether a newer list is being read, or waits until rows may move."""
        return self._pending is not None or not self.settled

    @property
    def current(self) -> QueueLine | None:
        """The line under the cursor."""
        return self.pages.line(self.row)

    def _read(self, *, fresh: bool, at_once: bool) -> None:
        self._generation += 1
        self._asked.clear()
        at_once = self._urgent = at_once or (self._urgent and not self.settled)
        self.settled = False
        generation, source, cursor = self._generation, self._source, self.cursor
        above, height = self.row - self.scroll_offset.y, max(1, self.size.height)
        assert source is not None

        def work() -> None:
            try:
                if not fresh:
                    found = survey(source, cursor, above, height)
                else:
                    found = _first_page(source.page(None))
                    whole = found.total < PAGE
                    self.post_message(self.Surveyed(generation, cursor, found, whole, at_once))
                    if whole:
                        return
                    found = found._replace(total=source.count())
                self.post_message(self.Surveyed(generation, cursor, found, True, at_once and not fresh))
            except Exception as error:
                self.post_message(self.Failed(error, generation != self._generation))

        self.run_worker(work, thread=True, group="survey", exit_on_error=False)

    def on_queue_list_surveyed(self, message: Surveyed) -> None:
        message.stop()
        if message.generation == self._generation:
            self._pending = message
            self._apply()

    def on_queue_list_failed(self, message: Failed) -> None:
        """What is on the screen stays: a query may be wrong only until the next key."""
        if not message.stale:
            self.settled = True
            self._source = self._shown or self._source

    def _apply(self) -> None:
        """Take the list that was read, when rows may move."""
        message = self._pending
        if message is None:
            return
        if not message.at_once and not self._may_move():
            self.set_timer(QUIET / 2, self._apply)
            return
        self._pending = None
        if message.found.pages and message.asked != self.cursor and not self._refind(message.found):
            self._read(fresh=False, at_once=message.at_once)
            return
        self._take(message)

    def _may_move(self) -> bool:
        first = not self.pages.total or (self.virtual_size.height <= PAGE and self.row == 0)
        return self.screen.is_active and (monotonic() - self._key_at >= QUIET or first)

    def _refind(self, found: Survey) -> bool:
        """Whether a survey made for an older cursor still shows where the cursor is now."""
        return self.cursor is None or any(
            line.id == self.cursor.case_id for lines in found.pages.values() for line in lines
        )

    def _take(self, message: Surveyed) -> None:
        found, was, above = message.found, self.current, self.row - self.scroll_offset.y
        before = self._window()
        self.pages.take(found)
        self._shown = self._source
        moved = self.pages.row_of(self.cursor.case_id) if self.cursor else None
        self.row = found.row if moved is None else moved
        self.virtual_size = Size(self.size.width, found.total)
        self._adopt()
        self._keep_in_view(above)
        self.settled = message.whole
        self._ticked = self.clock()
        if before != self._window():
            self.refresh()
        self.post_message(self.Counted(found.total, message.whole, message.generation))
        if found.left and moved is None:
            self.post_message(self.Left(was))
        self.post_message(self.Moved(self.current))
        self._ask_for_pages()

    def _window(self) -> tuple[object, ...]:
        """What is drawn: where nothing of it differs, nothing is drawn again."""
        top = self.scroll_offset.y
        rows = range(top, top + max(1, self.size.height))
        words = (self.empty, self.settled) if not self.pages.total else ()
        return self.row, top, words, self.pages.total > rows[-1], [*map(self.pages.line, rows)]

    def _adopt(self) -> None:
        """The case on the cursor's row becomes the cursor."""
        line = self.current
        if line is not None:
            self.cursor = Cursor(line.id, line.key)
        elif not self.pages.total:
            self.cursor = None

    # --- moving

    def move(self, step: Step) -> None:
        """Move the cursor; at most two lines are drawn again, unless the list scrolls."""
        page = max(1, self.size.height - 1)
        by = {"down": 1, "up": -1, "page_down": page, "page_up": -page}.get(step)
        self.go(self.row + by if by is not None else 0 if step == "first" else self.pages.total - 1)

    def go(self, row: int) -> None:
        """Put the cursor on a row, as near as the list has one."""
        self._key_at = monotonic()
        row = max(0, min(row, self.pages.total - 1))
        if row == self.row:
            return
        was, self.row = self.row, row
        line = self.current
        self.cursor = Cursor(line.id, line.key) if line else self.cursor
        self.refresh_line(was)
        self.refresh_line(row)
        self._keep_in_view(None)
        # not by way of the boxes between: it is to be in the same paint; and no further, where nobody asks for it
        self.screen.post_message(self.Moved(line).stop())
        self._ask_for_pages()

    def _keep_in_view(self, above: int | None) -> None:
        """Scroll so that the cursor stays visible, `above` rows under the top where that is asked for."""
        height, top = max(1, self.size.height), self.scroll_offset.y
        wanted = self.row - above if above is not None else min(max(top, self.row - height + 1), self.row)
        wanted = max(0, min(wanted, self.pages.total - height))
        wanted = min(max(wanted, self.row - height + 1), self.row) if self.pages.total else 0
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    def on_resize(self, event: events.Resize) -> None:
        self.virtual_size = Size(event.size.width, self.pages.total)
        self._keep_in_view(None)
        self._ask_for_pages()

    # --- pages

    def _ask_for_pages(self) -> None:
        top = self.scroll_offset.y
        for number in self.pages.missing(min(top, self.row), max(top + self.size.height, self.row)):
            if number not in self._asked and self._source is not None:
                self._asked.add(number)
                self._read_page(number, self._source, self._generation)

    def _read_page(self, number: int, source: QueueSource, generation: int) -> None:
        anchors, before = self.pages.anchors, self.pages.before(number)

        def work() -> None:
            try:
                lines, found = read_page(source, number, anchors, before)
                self.post_message(self.PageRead(generation, number, lines, found))
            except Exception as error:
                self.post_message(self.Failed(error, generation != self._generation))

        self.run_worker(work, thread=True, group="page", exit_on_error=False)

    def on_queue_list_page_read(self, message: PageRead) -> None:
        message.stop()
        if message.generation != self._generation:
            return
        self._asked.discard(message.number)
        self.pages.put(message.number, message.lines)
        if isinstance(message.anchors, tuple):
            self.pages.anchors = message.anchors
        self.refresh()
        if self.row // PAGE == message.number:
            self._adopt()
            self.post_message(self.Moved(self.current))

    # --- marks and clocks

    def toggle_mark(self) -> None:
        """Mark or unmark the case under the cursor, and move down."""
        line = self.current
        if line is not None:
            self.marks ^= {line.id}
            self.refresh_line(self.row)
            self.move("down")

    def tick(self) -> None:
        """Draw again the clocks that read otherwise than when they were looked at last."""
        was, self._ticked = self._ticked, self.clock()
        top, clock = self.scroll_offset.y, queue_columns.clock_span(self.size.width)
        for row in range(top, min(self.pages.total, top + self.size.height)):
            line = self.pages.line(row)
            if line is not None and clock_words(line, was) != clock_words(line, self._ticked):
                self.refresh(Region(clock.start, row - top, len(clock), 1))

    # --- drawing

    def render_line(self, y: int) -> Strip:
        width, row = self.size.width, y + self.scroll_offset.y
        cursor = row == self.row and self.pages.total > 0
        base = self._base(cursor)
        line = self.pages.line(row)
        if line is None:
            there = row < self.pages.total
            cells = queue_columns.placeholder() if there else [(self.empty, "", width)] if self._empty(y) else []
            return columns(cells, width, base, self.app.theme, False)
        cells = queue_columns.row(
            line, self.clock(), queue_columns.widths(width), cursor=cursor, marked=line.id in self.marks
        )
        return columns(cells, width, base, self.app.theme, cursor)

    def _base(self, cursor: bool) -> Style:
        """The style that a row is drawn on, worked out once a theme: Textual would at each refresh, like `Plain`'s."""
        theme = self.app.theme
        if self._bases is None or self._bases[0] != theme:
            names = {False: "queue--row", True: "queue--cursor"}
            self._bases = theme, {under: self.get_component_rich_style(name) for under, name in names.items()}
        return self._bases[1][cursor]

    def notify_style_update(self) -> None:
        """The rules were read anew."""
        self._bases = None
        super().notify_style_update()

    def _empty(self, y: int) -> bool:
        return y == 1 and not self.pages.total and self.settled


def _first_page(lines: list[QueueLine]) -> Survey:
    """What is known of a list from its first page alone."""
    return Survey(len(lines), 0, False, {0: lines}, None)
