"""How like cases were decided: the nearest first, with the words as they then stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _
from escaltui.safety.text import line, own
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.hits import why_words
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, blank
from escaltui.widgets.say import Part

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.screens.frame import FrameScreen
    from escaltui.workbench import Workbench
    from escaltui.workbench.precedents import PrecedentFace, RestedFace

SHOWN = 8
WORDS = 400


def open_precedents(screen: FrameScreen, case: QueueLine) -> None:
    """Read them in a thread, then show them; enter opens one's case."""

    def found(rows: tuple[PrecedentFace, ...]) -> None:
        if not rows:
            screen.say(own(_("No decided case is like this one yet.")))
            return
        title = own(_("How cases like {ref} were decided").format(ref=case.ref))
        screen.app.push_screen(Reading(title, blocks(rows, screen.app.bench.now())), opened)

    def opened(key: str | None) -> None:
        if key:
            screen.app.open_case(key.removeprefix("case "), own(_("from {ref}").format(ref=case.ref)))

    screen.read(lambda bench: _precedents(bench, case.id), found, group="precedents", hold=True)


def _precedents(bench: Workbench, case_id: str) -> tuple[PrecedentFace, ...]:
    from escaltui.workbench import precedents

    return precedents.precedents(bench, case_id, limit=SHOWN)


def blocks(rows: tuple[PrecedentFace, ...], now: int) -> list[Block]:
    """Outcome, territory, when and why it is here; under it the section's words as they then stood, said once."""
    found: list[Block] = []
    told: set[tuple[str, str]] = set()
    for row in rows:
        parts: list[Part] = [(own(f"{row.ref}  "), "key"), (own(word(row.outcome)), "heading")]
        if row.exception:
            parts.append(own("  " + _("exception: {what}").format(what=word(row.exception))))
        parts += [own("  " + (", ".join(row.territory) or _("the world")))]
        parts.append((own(f"  {when.brief(row.at, now)}"), "quiet"))
        if row.why:
            parts.append((own(f"  {why_words(row.why)}"), "quiet"))
        found.append(Block(tuple(parts), key=f"case {row.case_id}"))
        for rested in row.rested:
            place = (rested.section, rested.version)
            found += _rested(rested)[: 1 if place in told else None]
            told.add(place)
        found.append(blank())
    return found


def _rested(rested: RestedFace) -> list[Block]:
    """A section with its words as they then stood, and whether they are those of today."""
    head: list[Part] = [(own(f"{rested.section}  "), "quiet"), rested.heading]
    if rested.clarified:
        head.append((own("  " + _("said more clearly since, meaning the same")), "quiet"))
    elif not rested.same_text:
        head.append((own("  " + _("reads differently today")), "near"))
    words = rested.words
    if words is None:
        return [Block(tuple(head), indent=2)]
    words = line(words.value)  # its own line breaks are those of the file it came from
    told = words[:WORDS] + own(" ...") if len(words) > WORDS else words
    return [Block(tuple(head), indent=2), Block(((told, "quiet"),), indent=4)]
