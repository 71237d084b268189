"""The five-minute brief of a case on one page: who, what, by when, known, not known, cited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.widget import Widget

from escaltui import when
from escaltui.domain.ruleset import RuleSet
from escaltui.faces import Brief
from escaltui.i18n import _
from escaltui.safety.text import SafeText, join, own
from escaltui.screens.places import PlaceScreen
from escaltui.widgets.facts import Field, fields
from escaltui.widgets.labels import named, word
from escaltui.widgets.passage import Block, Passage, blank, heading
from escaltui.widgets.say import plain

Lines = tuple[tuple[str, SafeText], ...]


def _value(name: str, value: SafeText, rules: RuleSet) -> SafeText:
    """A value as it is read: an instant becomes a time, a name of the code a word."""
    text = plain(value)
    if name == "kind":
        return named(rules.requesters, text)
    if name == "item":
        kind, _space, rest = text.partition(" ")
        return named(rules.item_types, kind) + value[len(kind) :] if rest else value
    if name == "flags":
        return join((named(rules.flags, flag) for flag in text.split(", ")), own(", "))
    if name in ("report", "element"):
        return own(word(text))
    return own(when.full(int(text))) if text.isdecimal() and len(text) == 13 else value


def _name(name: str, rules: RuleSet) -> str:
    """What stands before a value; a clock is called as on the case."""
    kind, _space, metric = name.partition(" ")
    if kind == "sla":
        return plain(named(rules.metrics, metric))
    if metric:
        return f"§ {word(metric)}" if kind == "statutory" else word(kind)
    return word(name) if name else ""


def blocks(brief: Brief, rules: RuleSet) -> Iterator[Block]:
    """The page."""
    for at, (name, lines) in enumerate(brief.parts):
        if at:
            yield blank()
        yield heading(own(word(name)))
        if lines:
            yield from fields((_field(what, value, rules) for what, value in lines), least=12)
        else:
            yield Block(((own(_("nothing")), "quiet"),), indent=12)


def _field(what: str, value: SafeText, rules: RuleSet) -> Field:
    return Field(_name(what, rules), (_value(what, value, rules),))


def as_text(brief: Brief, rules: RuleSet) -> str:
    """The page as plain lines, for the clipboard."""
    found = [brief.ref]
    for name, lines in brief.parts:
        found += ["", word(name).upper()]
        pairs = ((_name(what, rules), plain(_value(what, value, rules))) for what, value in lines)
        found += [": ".join(part for part in pair if part) for pair in pairs]
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
        self.query_one(Passage).show(list(blocks(self.brief, self.app.bench.rules)))
        now = self.app.bench.now()
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))

    def act_copy(self, argument: str = "") -> None:
        self.menu("copy", own(_("Copy")))

    def act_copy_brief(self, argument: str = "") -> None:
        self.app.copy_to_clipboard(as_text(self.brief, self.app.bench.rules))
        self.say(own(_("Copied the brief of {ref}.").format(ref=self.brief.ref)), "done")
