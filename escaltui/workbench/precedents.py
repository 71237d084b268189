"""Precedents at the desk: how like cases were decided, in the words of then; whether a proposal departs from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain import precedents as order
from escaltui.domain.decisions import Line
from escaltui.domain.precedents import Precedent, Rested
from escaltui.domain.sentences import Said
from escaltui.policy.library import PolicyError
from escaltui.safety.text import SafeText, line
from escaltui.store import policies
from escaltui.store import precedents as rows
from escaltui.store.driver import Connection
from escaltui.workbench.library import hash_in_force

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

BODY = 4000
"""How much of each text of a case goes into a look-up, in characters."""


class RestedFace(NamedTuple):
    """A section that a precedent rests on. `words`: as they then stood, None where the library has them no more."""

    section: str
    version: str
    heading: SafeText
    words: SafeText | None
    same_text: bool


class PrecedentFace(NamedTuple):
    """One line of an earlier decision. `same_text` False: it rests on changed text, and is no good precedent.

    `at` is when it took effect; `territory` is empty for the world; `score`: larger is nearer, 0 shares no word.
    """

    decision: str
    case_id: str
    ref: str
    outcome: str
    exception: str
    territory: tuple[str, ...]
    at: int
    rested: tuple[RestedFace, ...]
    same_text: bool
    score: float


def precedents(
    bench: Workbench, case_id: str = "", sections: Sequence[str] = (), text: str = "", limit: int = 5
) -> tuple[PrecedentFace, ...]:
    """The nearest earlier decisions on some sections and like a text; those of a case itself are left out.

    With a case, what is not given is the case's: the sections it cites, the words of its title, reports and items.
    """
    own = bench.store.case(case_id) if case_id else None
    asked = tuple(sections) or (tuple(own.pins) if own else ())
    told = text or words_of(bench, case_id)

    def look(connection: Connection) -> tuple[PrecedentFace, ...]:
        found = order.nearest(rows.find(connection, asked, told, but=own.id if own else ""), {}, asked, limit)
        now = _in_force(bench, connection, (cite.section for each in found for cite in each.rested))
        return tuple(_face(connection, each, now) for each in order.nearest(found, now, asked))

    return bench.store.read(look)


def departure(bench: Workbench, case_id: str, lines: Iterable[Line], text: str = "") -> Said | None:
    """The notice where like cases on a line's sections mostly ended otherwise; None where there is nothing to say.

    `text`: the facts as they are typed, by default the case's words. Say it with `wording.told`.
    """
    proposed = tuple(lines)
    told = text.strip() or words_of(bench, case_id)
    case = bench.store.case(case_id)

    def look(connection: Connection) -> Said | None:
        for each in proposed:
            asked = tuple(cite.section for cite in each.cites)
            if not asked:
                continue
            found = rows.find(connection, asked, told, but=case.id if case else case_id)
            like = order.nearest(found, _in_force(bench, connection, asked), asked)
            if (said := order.departure(like, _outcomes(proposed, asked))) is not None:
                return said
        return None

    return bench.store.read(look)


def _outcomes(lines: Iterable[Line], sections: Sequence[str]) -> frozenset[str]:
    """What is proposed by any line on these sections."""
    return frozenset(line.outcome for line in lines if any(cite.section in sections for cite in line.cites))


def words_of(bench: Workbench, case_id: str) -> str:
    """The words of a case that others are compared with; "" where there is no such case."""
    found = bench.store.bundle(case_id) if case_id else None
    if found is None:
        return ""
    bodies = (report.body[:BODY] for report in found.reports)
    items = (subject.text[:BODY] for subject in found.subjects[:5])
    return "\n".join((found.case.title, found.case.summary, *bodies, *items))


def _in_force(bench: Workbench, connection: Connection, sections: Iterable[str]) -> dict[str, str]:
    return {key: hash_in_force(bench, connection, key) for key in dict.fromkeys(sections)}


def _face(connection: Connection, each: Precedent, now: dict[str, str]) -> PrecedentFace:
    rested = tuple(_rested(connection, cite, now) for cite in each.rested)
    return PrecedentFace(each.decision, each.case, each.ref, each.outcome, each.exception, each.territory, each.at,
                         rested, each.same_text, each.score)  # fmt: skip


def _rested(connection: Connection, cite: Rested, now: dict[str, str]) -> RestedFace:
    heading, words = cite.section, None
    try:
        heading = policies.section(connection, cite.section, version=cite.version or None).heading
    except PolicyError:
        pass
    try:
        words = line(" ".join(policies.text_of(connection, cite.text_sha256).split()))
    except PolicyError:
        pass
    return RestedFace(cite.section, cite.version, line(heading), words, now.get(cite.section) == cite.text_sha256)
