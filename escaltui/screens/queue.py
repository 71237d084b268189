"""The queue: saved views, the list, a live filter, marks, and a preview where there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widget import Widget

from escaltui import keys
from escaltui.domain.sentences import Fault
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.copying import Copying
from escaltui.screens.looking import Looking
from escaltui.screens.marking import Marking
from escaltui.screens.mends import Mends
from escaltui.screens.own_views import OwnViews
from escaltui.screens.view_source import ViewSource, narrowed
from escaltui.widgets import queue_columns
from escaltui.widgets.acts import Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.lines import Line, MessageLine
from escaltui.widgets.preview import Preview
from escaltui.widgets.queue_list import QueueList
from escaltui.widgets.say import columns
from escaltui.widgets.views_line import ViewsLine
from escaltui.widgets.words import number, time_of_day
from escaltui.wording import fault

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip
    from textual.widgets import Input

    from escaltui.faces import CaseFace, QueueLine, View
    from escaltui.widgets.field import SafeInput

NOT_ON_SET = frozenset({"change_facts", "change_split", "change_clock", "change_unmerge"})
"""Letters of the change menu that look at one case."""
PREVIEW_WAIT = 0.1
"""Seconds that the cursor rests before the case is read for the preview: not for each case that is passed."""


class Heads(Widget):
    """The names of the columns."""

    DEFAULT_CSS = """
    Heads { height: 1; width: 1fr; }
    """

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        heads = queue_columns.heads(queue_columns.widths(width))
        return columns(heads, width, self.rich_style, self.app.theme, False)


class QueueScreen(Marking, OwnViews, Looking, Copying, Mends):
    """The queue."""

    CONTEXT = "queue"
    BINDINGS = bindings("queue")
    AUTO_FOCUS = "QueueList"

    def __init__(self) -> None:
        super().__init__()
        self.views: tuple[View, ...] = ()
        self.view: View | None = None
        self.filter = ""
        self.face: CaseFace | None = None
        self.set_mode = False
        self._holding = 0
        """The reading of the list that keys wait for, or a newer one; 0: they do not wait."""
        self._resting: asyncio.TimerHandle | None = None
        self._unread = False
        """Whether the filter could not be read."""

    def compose_body(self) -> Iterable[Widget]:
        yield ViewsLine()
        with Container(id="halves"):
            with Container(id="listing"):
                yield Heads()
                yield QueueList(self.app.bench.now)
            yield Preview()

    def opened(self) -> None:
        self.views = self.app.bench.views()
        self._show_place()
        self.view = next((view for view in self.views if view.key == "0"), self.views[0])
        self._relist(first=True)
        self.set_interval(1, self._second)

    def move_by(self, step: Step) -> None:
        """Move, and say where right here: told by the list's message it would be painted apart."""
        super().move_by(step)
        self._show_place()

    @cached_property
    def listing(self) -> QueueList:
        """The list: one and the same, asked for many times a key."""
        return self.query_one(QueueList)

    # --- what is listed

    def act_pick(self, argument: str = "") -> None:
        """Show the view on a number key."""
        for view in self.views:
            if view.key == argument and view is not self.view:
                self.show_view(view)

    def show_view(self, view: View) -> None:
        self.view = view
        self._relist(keep=True)

    def _relist(self, *, keep: bool = False, first: bool = False) -> None:
        """List what view and filter ask for. `first`: nothing is painted yet, so a screenful is read right here."""
        assert self.view is not None
        self._unread = False
        query = narrowed(self.view.query, self.filter)
        self.app.list_now(query, self.view.sort, self.view.title)
        self.listing.empty = self._empty_words()
        source = ViewSource(self.app.bench, query, self.view.sort)
        self.listing.show(source, keep=keep, first=source.page(None, self.app.size.height) if first else None)
        self.show_views()
        self._hold()

    def _empty_words(self) -> SafeText:
        """What is true where nothing is listed, and the next key."""
        assert self.view is not None
        if self._unread:
            return own("    " + _("The filter cannot be read yet; below is why. esc clears it."))
        if self.filter:
            words = _("Nothing in {view} fits this filter. esc clears it.")
            return own("    " + words.format(view=self.view.title))
        if not self.counts.get("all") and self.view.key == "0":
            return own("    " + _("No cases yet. N writes one; escaltui import PATH takes some in."))
        return own("    " + _("Nothing in {view}. 0 shows all {n}.").format(
            view=self.view.title, n=number(self.counts.get("all", 0))
        ))  # fmt: skip

    def on_queue_list_counted(self, message: QueueList.Counted) -> None:
        self._show_place()
        if message.whole:
            if message.generation >= self._holding:  # else it was read before the verb that keys wait for
                self._release()
            self.call_after_refresh(self.count)  # what was asked for is painted first

    def on_queue_list_failed(self, message: QueueList.Failed) -> None:
        if not message.stale:
            self._release()
            self._unread = bool(self.filter)
            self.listing.empty = self._empty_words()
            self.listing.refresh()
            if self._unread and isinstance(message.error, Fault):  # said while it is typed, so not kept as a message
                self.query_one(MessageLine).say(own(fault(message.error)), "refused")
            else:
                self.app.went_wrong(message.error)

    def on_queue_list_moved(self, message: QueueList.Moved) -> None:
        self._show_place()
        self.face = None
        self._preview(message.line)
        self.refresh_keys()

    def on_queue_list_left(self, message: QueueList.Left) -> None:
        if message.line is not None:
            gone = message.line
            self.read(lambda bench: bench.line(gone.id), self._say_where, group="left")

    def _say_where(self, line: QueueLine | None) -> None:
        if line is not None and self.view is not None:
            words = _("{ref} has left {view}: it is {status} now.")
            self.say(own(words.format(ref=line.ref, view=self.view.title, status=line.status)))

    def counted(self) -> None:
        self.listing.empty = self._empty_words()
        self.show_views()

    # --- the lines around

    def show_views(self) -> None:
        self.query_one(ViewsLine).show(self.views, self.counts, self.view.id if self.view else "")

    def _show_place(self) -> None:
        total, row = self.listing.pages.total, self.listing.row
        where = _("{row} of {total}").format(row=number(min(row + 1, total)), total=number(total))
        self.place(own(_("Queue")), right=own(f"{where} │ {self.app.bench.me}"))
        self.status(right=own(time_of_day(self.app.bench.now())))

    def _second(self) -> None:
        self.listing.tick()
        self.status(right=own(time_of_day(self.app.bench.now())))

    def _preview(self, line: QueueLine | None) -> None:
        preview = self.query_one(Preview)
        if not preview.display or not preview.size:
            return
        if line is None:
            preview.clear()
            return
        if not preview.heading:
            preview.show_line(line, self.app.bench.now())
        if self._resting is not None:
            self._resting.cancel()
        # the loop's own timer: one of Textual's is a task, and there is one for each case that is passed
        self._resting = asyncio.get_running_loop().call_later(
            PREVIEW_WAIT, self.call_later, self._preview_whole, line.id
        )

    def on_resize(self, event: events.Resize) -> None:
        """A preview that has just got its room is filled. Textual calls the frame's own beside this one."""
        self.call_after_refresh(lambda: self._preview(self.listing.current))

    def _preview_whole(self, case_id: str) -> None:
        if self._at(case_id):
            self.read(lambda bench: bench.case(case_id), self._previewed, group="preview_case")

    def _previewed(self, face: CaseFace | None) -> None:
        if face is not None and self._at(face.line.id):
            self.face = face
            self.query_one(Preview).show_face(face, self.app.bench.now())

    def _at(self, case_id: str) -> bool:
        line = self.listing.current
        return line is not None and line.id == case_id

    def case_changed(self, case_ids: frozenset[str]) -> None:
        self.listing.reread()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Where something changed meanwhile keys wait until the list shows it. The frame has one of its own, too."""
        read = self.resumed and self.view is not None  # at first the rest is read after the paint
        if read and (self.app.telling or self.listing.stale):
            self.listing.reread(at_once=True)
            self._hold()

    def wrote(self) -> None:
        self.set_mode = False
        self.count_soon()
        self.listing.reread(at_once=True)
        self._hold()

    def _hold(self) -> None:
        """Keys wait until the list is as the person's own verb left it."""
        if not self._holding:
            self.app.gate.hold()
        self._holding = max(1, self.listing.generation)

    def _release(self) -> None:
        if self._holding:
            self._holding = 0
            self.app.gate.release()

    # --- the case that verbs act on

    def line(self) -> QueueLine | None:
        if not self.is_mounted:
            return None
        if self.set_mode and len(self.listing.marks) == 1:
            row = self.listing.pages.row_of(*self.listing.marks)
            return None if row is None else self.listing.pages.line(row)
        return self.listing.current

    def on_set(self) -> bool:
        return self.set_mode

    def targets(self) -> tuple[str, ...]:
        if self.set_mode:
            return tuple(sorted(self.listing.marks))
        line = self.line()
        return (line.id,) if line else ()

    def can(self, action: keys.Action) -> bool:
        if self.set_mode and "change" in action.where and action.verb in NOT_ON_SET:
            return False
        if self.set_mode and action.verb in ("back", "quit", "help", "redraw"):
            return True
        if self.set_mode and "change" not in action.where and not action.on_set:
            return False
        if action.verb == "copy_link":
            return self.face is not None
        if action.verb == "marked":
            return bool(self.listing.marks)
        if action.verb == "open":
            return self.line() is not None
        return super().can(action)

    def act_open(self, argument: str = "") -> None:
        line, view = self.line(), self.view
        if argument:
            self.open_named(argument)
        elif line is not None and view is not None:
            where = _("{row} of {total} in {view}")
            total = number(self.listing.pages.total)
            self.app.open_case(
                line.id, own(where.format(row=number(self.listing.row + 1), total=total, view=view.title))
            )

    def act_actor(self, argument: str = "") -> None:
        """The page of the case's account or requester."""
        if (line := self.line()) is not None:
            self.app.choose_actor(line.id)

    # --- filter

    async def _field(self) -> SafeInput:
        """The field of the filter, made when it is first asked for: it costs more than all else on the screen."""
        from escaltui.widgets.field import SafeInput

        if not self.query("#filter"):
            sign = Line()
            sign.show((own("/"), "key"))
            await self.query_one("#body").mount(Container(sign, SafeInput(), id="filter"), before="#halves")
        return self.query_one(SafeInput)

    async def act_filter(self, argument: str = "") -> None:
        field = await self._field()
        self.query_one("#filter").display = True
        if argument:
            field.load(own(argument))
        field.focus()

    def _set_filter(self, field: SafeInput, typed: str) -> None:
        self.query_one("#filter").display = bool(typed)
        field.load(own(typed))
        self.listing.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self.filter:
            self.filter = event.value.strip()
            self.say(own(""))
            self._relist()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#filter").display = bool(self.filter)
        self.set_focus(self.listing)  # at once: `focus` would wait behind keys that came in the same packet

    def act_back(self, argument: str = "") -> None:
        if self.set_mode:
            self.set_mode = False
            self.say(own(""))
        elif self.filter or any(field.display for field in self.query("#filter")):
            from escaltui.widgets.field import SafeInput

            self._set_filter(self.query_one(SafeInput), "")
        elif self.listing.marks:
            self.listing.marks.clear()
            self.listing.refresh()
            self.say(own(""))
