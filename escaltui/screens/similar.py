"""Cases like one: how each stands, how old it is, what was decided, and why it is there.

`enter` opens the one under the cursor, `L` links it, `e` lets it absorb the case that it is like. Nothing is done by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui import keys, when
from escaltui.domain import operations as ops
from escaltui.i18n import _, ngettext, number
from escaltui.safety.text import SafeText, own
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.bindings import bindings
from escaltui.widgets.facts import why_words
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, blank
from escaltui.widgets.say import Part
from escaltui.widgets.words import severity_words

if TYPE_CHECKING:
    from escaltui.faces import QueueLine, Similar, SimilarCase
    from escaltui.screens.verbs import CaseVerbs

INDENT = 2


class SimilarSheet(Reading):
    """The list. It gives back `open ID`, `link ID` or `merge ID`."""

    WHERE = ("similar", "anywhere", "field")
    BINDINGS = bindings("similar", "anywhere")

    def can(self, action: object) -> bool:
        """Linking and merging are of the case under the cursor."""
        verb = action.verb if isinstance(action, keys.Action) else ""
        return super().can(action) and (verb not in ("link", "change") or bool(self.under()))

    def under(self) -> str:
        """The case under the cursor, "" for none."""
        from escaltui.widgets.passage import Passage

        key = self.query_one(Passage).cursor
        return key.removeprefix("case ") if key.startswith("case ") else ""

    def act_link(self, argument: str = "") -> None:
        self.dismiss(f"link {self.under()}")

    def act_change(self, argument: str = "") -> None:
        """Merge: the sheet that follows says what will happen first."""
        self.dismiss(f"merge {self.under()}")


def open_similar(screen: CaseVerbs, case: QueueLine) -> None:
    """Read them in a thread, then show them, and do what is picked."""

    def found(similar: Similar) -> None:
        if not similar.cases:
            screen.say(own(_("No case here is like {ref}.").format(ref=case.ref)))
            return
        title = own(_("Cases like {ref}").format(ref=case.ref))
        screen.app.push_screen(SimilarSheet(title, list(blocks(similar, screen.app.bench.now()))), picked)

    def picked(answer: str | None) -> None:
        verb, _space, other = (answer or "").partition(" ")
        if verb:
            _DO[verb](screen, case, other)

    screen.read(lambda bench: bench.similar(case.id), found, group="similar", hold=True)


def _open(screen: CaseVerbs, case: QueueLine, other: str) -> None:
    follow = getattr(screen, "follow", None)
    if follow is not None:
        follow(other)
    else:
        screen.app.open_case(other, own(_("from {ref}").format(ref=case.ref)))


def _link(screen: CaseVerbs, case: QueueLine, other: str) -> None:
    done = own(_("Linked."))
    screen.write(lambda bench: bench.do(ops.LinkCases(case=case.id, target=other)), lambda out: screen.did(out, done))


def _merge(screen: CaseVerbs, case: QueueLine, other: str) -> None:
    from escaltui.screens.sheets.merge import MergeSheet

    def named(into: QueueLine | None) -> None:
        if into is not None:
            screen.app.push_screen(MergeSheet(case, (case.id,), into.ref), screen.apply)

    screen.read(lambda bench: bench.line(other), named, group="merge", hold=True)


_DO = {"open": _open, "case": _open, "link": _link, "merge": _merge}


def blocks(similar: Similar, now: int) -> Iterator[Block]:
    """How many there are, then two lines a case."""
    count = len(similar.cases)
    said = ngettext("{n} case, the nearest first.", "{n} cases, the nearest first.", count).format(n=number(count))
    if similar.more:
        said += " " + _("There are more that are less like it.")
    yield Block(((own(said), "quiet"),), outside=False)
    if similar.trouble:
        yield Block(((own(_("Without meaning: {why}").format(why=similar.trouble)), "near"),))
    for each in similar.cases:
        yield blank()
        yield from _case(each, now)


def _case(each: SimilarCase, now: int) -> Iterator[Block]:
    line = each.line
    parts: list[Part] = [severity_words(line.severity), own(f" {line.ref}  "), (own(word(line.status)), "quiet")]
    parts.append((own(f"  {when.brief(line.received, now)}"), "quiet"))
    if each.outcomes:
        parts.append((own("  " + ", ".join(word(outcome) for outcome in each.outcomes)), "heading"))
    yield Block((*parts, own("  "), _why(each)), indent=INDENT, key=f"case {line.id}")
    yield Block((line.title,), indent=2 * INDENT)


def _why(each: SimilarCase) -> tuple[SafeText, str]:
    """Why it is there, and how much of the text is common where that says something."""
    said = why_words(each.why)
    if round(100 * each.text) >= 50:
        said += "  " + _("{percent} % of the words").format(percent=round(100 * each.text))
    return own(said), "near" if each.close else "quiet"
