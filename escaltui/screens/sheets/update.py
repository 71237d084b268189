"""Tell the stakeholders what is new: three lengths, drafted from what changed since the last update."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from textual.widget import Widget

from escaltui import when
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, block, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation, SaveIncidentUpdate, SaveUpdate
    from escaltui.faces import QueueLine
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench

LENGTHS = ("line", "mail", "executive")
AUDIENCES = ("tactical", "executive", "external")
NEEDS_YES = frozenset({"executive", "external"})
Names = tuple[tuple[SafeText, SafeText, str], ...]
Drafted = tuple["SaveUpdate | SaveIncidentUpdate | None", Names]


class UpdateSheet(Sheet):
    """One length is shown at a time, all are kept. `ctrl+s` sends it; one for executives or outside waits for a yes."""

    DRAFT = "update"
    AUTO_FOCUS = "#body"
    DEFAULT_CSS = """
    UpdateSheet #body { height: 8; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Update on"), line, case_ids)
        self.op: SaveUpdate | SaveIncidentUpdate | None = None
        self.texts: dict[str, str] = {}
        self.shown = "mail"
        self.people = 0
        self._restored = ""

    def fields(self) -> Iterable[Widget]:
        lengths = [(own(word(each)), each) for each in LENGTHS]
        audiences = [(own(word(each)), each) for each in AUDIENCES]
        yield from rows((
            (_("To"), self.words(own("-"), "quiet", id="people")),
            (_("For"), Pick(audiences, "tactical", title=_("For"), id="audience")),
            (_("Length"), Pick(lengths, self.shown, title=_("Length"), id="length")),
            (_("Text"), SafeTextArea(id="body")),
            (_("Next"), SafeInput(id="promised", placeholder=_("when we write again, such as 2h or fri 16:00"))),
        ))  # fmt: skip

    def on_mount(self) -> None:
        self.frame.read(self.drafted, self._fill, group="sheet", hold=True, failed=self.fail)

    def drafted(self, bench: Workbench) -> Drafted:
        """In the thread: the update as it is drafted, and who is kept up to date."""
        return _draft(bench, self.case_ids[0])

    def on_case(self, op: Any, case: str) -> Operation:
        """The update kept, on what it is about."""
        kept: Operation = msgspec.structs.replace(op, case=case)
        return kept

    def published(self, bench: Workbench, update: str) -> Refused | int:
        """In the thread: let it go out. Gives how many letters wait."""
        return _publish(bench, self.case_ids[0], update)

    def _fill(self, found: Drafted) -> None:
        from textual.widgets import Static

        from escaltui.widgets.say import content

        self.op, people = found
        if self.op is None:
            self.fail(_("Nothing changed since the last update."))
            return
        self.texts = dict(self.op.texts)
        self.people = len(people)
        said = ", ".join(name.value for name, _address, _length in people) or _("nobody yet: @ names them")
        self.query_one("#people", Static).update(content((own(said), ""), theme=self.app.theme))
        self.query_one("#body", SafeTextArea).load(block(self._restored or self.texts.get(self.shown, "")))
        self.query_one("#body", SafeTextArea).move_cursor((0, 0))
        self._kept = self.text()

    def text(self) -> str:
        typed = self.query_one("#body", SafeTextArea).text
        drafted = self.op.texts.get(self.shown, "") if self.op is not None else ""
        return "" if typed == drafted else typed

    def restore(self, text: str) -> None:
        self._restored = text
        self.query_one("#body", SafeTextArea).load(block(text))

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        if event.pick.id == "length":
            area = self.query_one("#body", SafeTextArea)
            self.texts[self.shown] = area.text
            self.shown = event.pick.value
            area.load(block(self.texts.get(self.shown, "")))
            area.move_cursor((0, 0))

    def made(self) -> Made | str:
        if self.op is None:
            return _("Nothing changed since the last update.")
        if not self.people:
            return _("Nobody is kept up to date here yet. esc keeps your text, @ names somebody.")
        self.texts[self.shown] = self.query_one("#body", SafeTextArea).text
        typed = self.query_one("#promised", SafeInput).value.strip()
        try:
            promised = when.parse(typed, self.app.bench.now()) if typed else None
        except when.WhenError as error:
            return str(error)
        audience = self.query_one("#audience", Pick).value
        op = msgspec.structs.replace(self.op, texts=dict(self.texts), audience=audience, promised=promised)
        return Made(lambda case: self.on_case(op, case), own(_("Update kept.")))

    def _settled(self, outcome: object, made: Made) -> None:
        """Kept; then it goes out, or waits for a yes."""
        frame = self.frame
        waits = self.query_one("#audience", Pick).value in NEEDS_YES
        super()._settled(outcome, made)
        if isinstance(outcome, Refused):
            return
        if waits:
            frame.say(own(_("Kept: it waits for somebody else's yes. A gives it.")))
            return
        done: Done = outcome  # type: ignore[assignment]
        update = next(change.entity_id for change in done.changes if change.entity == "update")
        frame.write(lambda bench: self.published(bench, update), lambda told: told_of(frame, told))

    def _state(self) -> tuple[object, ...]:
        return (self.query_one("#body", SafeTextArea).text, *(pick.value for pick in self.query(Pick)))


def told_of(frame: object, told: Refused | int) -> None:
    """Say that an update is out and how many letters wait, or why not."""
    if isinstance(told, Refused):
        frame.refuse(told)  # type: ignore[attr-defined]
    else:
        said = ngettext("The update is out; {n} letter is ready to be sent.",
                        "The update is out; {n} letters are ready to be sent.", told)  # fmt: skip
        frame.did(None, own(said.format(n=told)))  # type: ignore[attr-defined]


def _draft(bench: Workbench, case_id: str) -> Drafted:
    from escaltui.workbench import updates

    face = bench.case(case_id)
    return updates.draft(bench, case_id) if face is not None else None, face.work.stakeholders if face else ()


def _publish(bench: Workbench, case_id: str, update: str) -> Refused | int:
    """Let it go out: a letter for each stakeholder, in their length. Gives how many letters wait to be sent."""
    from escaltui.workbench.telling import publish

    return publish(bench, case_id, update)
