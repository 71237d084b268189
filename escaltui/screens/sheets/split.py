"""Split: a new case with some of the items of this one; the two stay linked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import rows
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.subjects import link

if TYPE_CHECKING:
    from escaltui.faces import CaseFace, QueueLine, SubjectLine


class SplitSheet(Sheet):
    """Pick items with enter; they leave this case and open a new one."""

    AUTO_FOCUS = "#items"
    DEFAULT_CSS = """
    SplitSheet Passage { height: 8; background: $surface; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Split"), line, case_ids)
        self.face: CaseFace | None = None
        self.picked: set[str] = set()

    def fields(self) -> Iterable[Widget]:
        yield self.words(own(_("Items for the new case: enter or space picks, tab goes to the title.")), "quiet")
        yield Passage(id="items")
        yield from rows(((_("Title"), SafeInput(id="title")),))

    def on_mount(self) -> None:
        case_id = self.case_ids[0]
        self.frame.read(lambda bench: bench.case(case_id), self._fill, group="sheet", hold=True, failed=self.fail)

    def _fill(self, face: CaseFace | None) -> None:
        if face is None or len(face.subjects) < 2:
            self.fail(_("A case needs two items or more to be split. esc goes back."))
            return
        self.face = face
        self.query_one("#title", SafeInput).load(face.line.title)
        self._draw()

    def _draw(self) -> None:
        assert self.face is not None
        self.query_one(Passage).show([self._block(item) for item in self.face.subjects], top=False)

    def _block(self, item: SubjectLine) -> Block:
        mark = own("  x " if item.id in self.picked else "    ")
        kind = own(f"{item.item_type} ")
        return Block((kind, item.item_id if item.item_id else link(item.url)), mark, 6, item.id, label_look="mark")

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list, enter and space pick."""
        items = self.query_one(Passage)
        if self.focused is not items or self.face is None:
            return
        if event.key in ("up", "down", "pageup", "pagedown", "home", "end"):
            steps = {"pageup": "page_up", "pagedown": "page_down", "home": "first", "end": "last"}
            items.move(steps.get(event.key, event.key))  # type: ignore[arg-type]
        elif event.key in ("enter", "space") and items.cursor:
            self.picked ^= {items.cursor}
            self._draw()
        else:
            return
        event.stop()

    def made(self) -> Made | str:
        if self.face is None or not self.picked:
            return _("Pick the items for the new case, with enter.")
        if len(self.picked) >= self.face.subject_count:
            return _("Leave at least one item here.")
        done = ngettext(
            "{n} item is a case of its own now.", "{n} items are a case of their own now.", len(self.picked)
        )
        return Made(lambda case: ops.Follow(case=case), own(done.format(n=len(self.picked))))

    def _write(self, made: Made) -> None:
        title = self.query_one("#title", SafeInput).value.strip()
        case_id, picked = self.case_ids[0], tuple(sorted(self.picked))
        self._busy = True
        self.frame.write(
            lambda bench: bench.split(case_id, picked, title), lambda outcome: self._settled(outcome, made),
            failed=self.fail,
        )  # fmt: skip

    def _settled(self, outcome: object, made: Made) -> None:
        before = self.app.last_made
        super()._settled(outcome, made)
        self.app.last_made = before
