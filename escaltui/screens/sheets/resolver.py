"""A thing that was set aside: what its author saw, what stands, what they wanted; and what is to be done with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Static

from escaltui import when
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, block, cells, own
from escaltui.screens.sheets.reading import ReadingText
from escaltui.widgets.facts import Field, fields
from escaltui.widgets.key_menu import Choice, Choices
from escaltui.widgets.labels import word
from escaltui.widgets.modal import Modal
from escaltui.widgets.passage import Block, Passage, blank, heading
from escaltui.widgets.say import content, plain

if TYPE_CHECKING:
    from escaltui.sync_faces import ParkedFace
    from escaltui.workbench.portray_parked import Sides

EDITED = frozenset({"AddNote", "EditCase", "ProposeDecision", "AskConsult"})
"""What can be written anew in the sheet it was written in."""
CODED = frozenset({"type", "status", "harm", "sensitivity", "desk", "end_reason", "root_cause"})
"""Fields whose value is a name of the code."""
SAW, STANDS, YOURS = N_("you saw"), N_("stands"), N_("yours")
FRAME = 5
"""Rows of border, what is said, and keys."""
STEPS = {
    "up": "up", "down": "down", "k": "up", "j": "down", "pageup": "page_up", "pagedown": "page_down", "home": "first",
    "end": "last",
}  # fmt: skip


def blocks(face: ParkedFace, sides: Sides, now: int) -> Iterator[Block]:
    """Why it was set aside; each field from both sides; what else was asked for; the words, whole."""
    yield Block((own(face.why), (own(f" {face.mend}"), "quiet")))
    for name, saw, stands, yours in sides.fields:
        yield from _field(name, (saw, stands, yours), sides.last.get(name), face.at, now)
    if sides.asked:
        yield from (blank(), heading(own(_("Asked for"))))
        yield from fields(Field(word(name), (value,)) for name, value in sides.asked)
    if face.said and not _told_already(face, sides):
        yield from (blank(), heading(own(_("Your words"))), Block((face.said,)))
    if not face.said and not sides.fields:
        yield from (blank(), Block(((own(_("No words were written with it.")), "quiet"),)))


def _field(
    name: str, values: tuple[SafeText, SafeText, SafeText], last: tuple[str, int] | None, at: int, now: int
) -> Iterator[Block]:
    stood = f" {when.brief(last[1], now)} {last[0]}" if last else ""
    made = f" {when.brief(at, now)}" if at else ""
    labels = [own(_(SAW)), own(_(STANDS) + stood), own(_(YOURS) + made)]
    indent = 2 + max(cells(label) for label in labels) + 2
    yield from (blank(), heading(own(word(name))))
    for label, value, look in zip(labels, values, ("quiet", "", "done"), strict=True):
        said = _value(name, value)
        yield Block(((said, look),) if said else ((own(_("nothing")), "quiet"),), label, indent, sign=own("  "))


def _value(name: str, value: SafeText) -> SafeText:
    """A value as it is read: a name of the code as a word, a list between commas."""
    text = plain(value)
    if name in CODED and text:
        return own(word(text))
    if text.startswith("["):
        try:
            return block(", ".join(map(str, json.loads(text))))
        except ValueError:
            return value
    return value


def _told_already(face: ParkedFace, sides: Sides) -> bool:
    """Whether each of the words stands beside the fields."""
    told = "\n".join(plain(yours) for *_rest, yours in sides.fields)
    return all(row in told.split("\n") for row in plain(face.said).split("\n"))


def as_text(face: ParkedFace) -> str:
    """The words that were written, for the clipboard."""
    return plain(face.said) or "\n".join(plain(yours) for *_rest, yours in face.fields)


def choices(face: ParkedFace) -> tuple[Choice, ...]:
    """What can be done with it."""
    again = (Choice("2", own(_("propose mine again")), "again"), Choice("3", own(_("edit")), "edit"))
    words = (Choice("y", own(_("copy my words")), "copy"),) if as_text(face) else ()
    return (
        Choice("1", own(_("keep what stands")), "keep"), *(again if face.can_resend else ()), *words,
        Choice("e", own(_("export all of it")), "export"),
    )  # fmt: skip


class Resolver(Modal[str]):
    """Dismisses with `keep`, `again`, `edit` or None for later; copying and exporting leave it open."""

    AUTO_FOCUS = "Passage"
    DEFAULT_CSS = """
    Resolver Passage { height: auto; background: $surface; }
    Resolver #said { height: 1; }
    """

    def __init__(self, face: ParkedFace, sides: Sides, place: str) -> None:
        about = f"{word(face.verb)} {face.ref}".strip()
        super().__init__(own(_("Set aside {place}: {what}").format(place=place, what=about)))
        self.face, self.sides, self.choices = face, sides, choices(face)

    def body(self) -> Iterable[Widget]:
        yield ReadingText()
        yield Static(id="said")
        yield Choices(self.choices, -1)

    def on_mount(self) -> None:
        self.query_one(Passage).show(list(blocks(self.face, self.sides, self.app.bench.now())))

    def on_resize(self, event: events.Resize) -> None:
        """The text leaves room for what can be done."""
        room = self.query_one(Choices).get_content_height(None, None, min(event.size.width, 100) - 4)
        self.query_one(Passage).styles.max_height = max(3, event.size.height - FRAME - room)

    def say(self, sentence: str, look: str = "done") -> None:
        """One sentence above the keys."""
        self.query_one("#said", Static).update(content((own(sentence), look), theme=self.app.theme))

    def on_key(self, event: events.Key) -> None:
        picked = next((each for each in self.choices if each.key == event.character), None)
        if picked is not None:
            self._take(picked.value)
        elif event.key == "enter":  # what is masked in it
            self.query_one(Passage).unmask()
        elif event.key in STEPS:
            self.query_one(Passage).move(STEPS[event.key])  # type: ignore[arg-type]
        else:
            return
        event.stop()

    def _take(self, value: str) -> None:
        if value == "copy":
            self.app.copy_to_clipboard(as_text(self.face))
            self.say(_("Copied your words."))
        elif value == "export":
            op_id = self.face.op_id
            self.app.frame.read(lambda bench: bench.export_parked(op_id), self._exported, group="export", hold=True)
        elif value == "edit" and self.face.verb not in EDITED:
            self.say(_("This has no sheet to edit it in. 2 proposes it as it is, y copies your words."), "refused")
        else:
            self.dismiss(value)

    def _exported(self, text: str) -> None:
        """On the clipboard, every letter beyond ASCII escaped: nothing in it acts where it is pasted."""
        self.app.copy_to_clipboard(json.dumps(json.loads(text or "{}"), indent=2))
        self.say(_("Copied all of it as JSON: what was asked for, and the answer."))
