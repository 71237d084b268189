"""The lines of the page of trends: what is said, how the queue stands, the table, the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from escaltui.i18n import _, ngettext
from escaltui.insight_faces import NOVEL, SPIKE, InsightFace, QueueFace, SeriesFace
from escaltui.safety.text import SafeText, cells, cut, join, own
from escaltui.widgets.passage import Block, blank, heading
from escaltui.workbench.insight_telling import bars, usual_word, verdict_word
from escaltui.workbench.insight_telling import why as how
from escaltui.workbench.insight_words import dim_word, number
from escaltui.workbench.learning_words import state_word

if TYPE_CHECKING:
    from escaltui.learning_faces import KeptFace

SIGN = own("  ")
NOW, USUAL, VERDICT, NAME, BARS = 5, 8, 20, 44, 26
_LOOKS = {SPIKE: "near", NOVEL: "new"}


class Widths(NamedTuple):
    """The cells of the columns that give way."""

    name: int
    bars: int


def widths(width: int) -> Widths:
    """What is left for names and bars in a width of cells."""
    rest = width - 3 - NOW - USUAL - VERDICT - 4
    small = max(0, min(BARS, rest - 26))
    return Widths(max(8, min(NAME, rest - small)), small)


def by(dim: str) -> str:
    """What the table counts by."""
    return _("by {dim}").format(dim=dim_word(dim)) if dim else _("everything")


def name(each: SeriesFace) -> SafeText:
    """A line's value, then what it is counted by: the value is what must stay where there is little room."""
    return each.value if each.dim == "all" else join([each.value, own(dim_word(each.dim))], own("  "))


def waiting() -> Iterator[Block]:
    """Before anything is read."""
    yield _quiet(_("The cases are being counted."))


def page(face: InsightFace, width: int, kept: Mapping[str, KeptFace] | None = None) -> Iterator[Block]:
    """The whole page."""
    for said in face.said:
        yield _quiet(said)
    yield from queue(face.queue)
    yield blank()
    yield from table(face, width, kept)
    yield heading(own(_("The last 28 days")))
    for figure in face.metrics:
        yield _quiet(figure.says)
    yield _quiet(face.agreement.says)


def queue(found: QueueFace) -> Iterator[Block]:
    """How the queue stands, in one sentence for each thing that waits."""
    said = _("{open} cases are open, {late} of them late.").format(open=found.open, late=found.late)
    oldest = next((age for age in reversed(found.ages) if age.n), None)
    if oldest is not None and oldest.since:
        told = ngettext("{n} is older than {hours} h.", "{n} are older than {hours} h.", oldest.n)
        said += " " + told.format(n=oldest.n, hours=oldest.since)
    yield _quiet(said)
    names = {"approval": _("Waiting for a yes: {n}, the longest {hours} h, {late} late."),
             "consult": _("Waiting for an answer: {n}, the longest {hours} h, {late} late.")}  # fmt: skip
    for wait in found.waits:
        if wait.n:
            yield _quiet(names[wait.what].format(n=wait.n, hours=number(wait.longest or 0), late=wait.late))


def table(face: InsightFace, width: int, kept: Mapping[str, KeptFace] | None = None) -> Iterator[Block]:
    """The table; where it is empty, that in words."""
    if not face.lines:
        yield _quiet(_("Nothing is counted by this in the last 27 weeks. [ and ] count by something else."))
        return
    room = widths(width)
    drawn = min(room.bars, max(len(each.windows) for each in face.lines))
    weeks = ngettext("{n} week", "{n} weeks", drawn).format(n=drawn) if room.bars >= 10 else ""
    heads = (own(_("SERIES")), own(weeks), own(_("NOW")), own(_("USUAL")), own(""))
    yield Block(((_row(room, *heads), "quiet"),), SIGN, 2, outside=False)
    for each in face.lines:
        yield _line(each, room, (kept or {}).get(each.key))
    if face.dimmed:
        said = ngettext("{n} more line is not shown.", "{n} more lines are not shown.", face.dimmed)
        yield _quiet(said.format(n=face.dimmed))


def _line(each: SeriesFace, room: Widths, known: KeptFace | None = None) -> Block:
    values = (name(each), own(bars(each.windows, room.bars)), own(str(each.now)), own(usual_word(each)))
    look = "quiet" if each.part else _LOOKS.get(each.verdict, "quiet")
    said = verdict_word(each)
    if known is not None and known.state != "open":  # what became of it is what there is to know
        said, look = state_word(known.state), "quiet"
    return Block(((_row(room, *values), ""), (own(f"  {said}"), look)), own(""), 2, each.key, SIGN)


def _row(room: Widths, called: SafeText, drawn: SafeText, now: SafeText, usual: SafeText, *_more: SafeText) -> SafeText:
    return join([_left(called, room.name), _left(drawn, room.bars), _right(now, NOW), _right(usual, USUAL)], own(" "))


def _left(text: SafeText, width: int) -> SafeText:
    shown = cut(text, width)
    return join([shown, own(" " * (width - cells(shown)))])


def _right(text: SafeText, width: int) -> SafeText:
    shown = cut(text, width)
    return join([own(" " * (width - cells(shown))), shown])


def why(each: SeriesFace) -> Iterator[Block]:
    """How a line is computed."""
    for said in how(each):
        yield Block(((own(said), ""),), outside=False)


def _quiet(said: str) -> Block:
    return Block(((own(said), "quiet"),), indent=2, sign=SIGN, outside=False)
