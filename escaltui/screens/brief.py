"""The five-minute brief of a case on one page: who, what, by when, known, not known, cited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.widget import Widget

from escaltui import when
from escaltui.faces import Brief
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.places import PlaceScreen
from escaltui.widgets.facts import Field, fields
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, Passage, blank, heading
from escaltui.widgets.say import plain

Lines = tuple[tuple[str, SafeText], ...]


def _value(value: SafeText) -> SafeText:
    """A value as it is read: an instant becomes a time, a name of the code a word."""
    text = plain(value)
    return own(when.full(int(text))) if text.isdecimal() and len(text) == 13 else value


def _name(name: str) -> str:
    kind, _space, metric = name.partition(" ")
    return f"{word(kind)} {word(metric)}" if metric else word(name) if name else ""


def blocks(brief: Brief) -> Iterator[Block]:
    """The page."""
    for at, (name, lines) in enumerate(brief.parts):
        if at:
            yield blank()
        yield heading(own(word(name)))
        if lines:
            yield from fields((Field(_name(what), (_value(value),)) for what, value in lines), least=12)
        else:
            yield Block(((own(_("nothing")), "quiet"),), indent=12)


def as_text(brief: Brief) -> str:
    """The page as plain lines, for the clipboard."""
    found = [brief.ref]
    for name, lines in brief.parts:
        found += ["", word(name).upper()]
        found += [": ".join(part for part in (_name(what), plain(_value(value))) if part) for what, value in lines]
    return "\n".join(found) + "\n"


class BriefScreen(PlaceScreen):
    """The page; `y b` copies it, `esc` goes back."""

    AUTO_FOCUS = "Passage"

    def __init__(self, brief: Brief) -> None:
        super().__init__()
        self.brief = brief

    def compose_body(self) -> Iterable[Widget]:
        yield Passage()

    def opened(self) -> None:
        self.place(own(_("Queue")), own(self.brief.ref), own(_("Brief")))
        self.query_one(Passage).show(list(blocks(self.brief)))

    def act_copy(self, argument: str = "") -> None:
        self.menu("copy", own(_("Copy")))

    def act_copy_brief(self, argument: str = "") -> None:
        self.app.copy_to_clipboard(as_text(self.brief))
        self.say(own(_("Copied the brief of {ref}.").format(ref=self.brief.ref)), "done")
