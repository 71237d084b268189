"""Precedents at the desk: how like cases were decided, in the words of then; whether a proposal departs from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain import precedents as order
from escaltui.domain.decisions import Line
from escaltui.domain.precedents import Precedent, Rested
from escaltui.domain.sentences import Said
from escaltui.policy.library import PolicyError
from escaltui.safety.text import SafeText, line
from escaltui.store import policies, readings
from escaltui.store import precedents as rows
from escaltui.store.driver import Connection
from escaltui.workbench.library import hash_in_force, today

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

BODY = 4000
"""How much of each text of a case goes into a look-up, in characters."""


class RestedFace(NamedTuple):
    """A section that a precedent rests on. `words`: as they then stood, None where the library has them no more.

    `clarified`: they read otherwise today, but their author says that they mean the same.
    """

    section: str
    version: str
    heading: SafeText
    words: SafeText | None
    same_text: bool
    clarified: bool = False


class PrecedentFace(NamedTuple):
    """One line of an earlier decision. `same_text` False: it rests on text that means another thing today, and is no
    good precedent. Words that were only clarified since count as the same.

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
    why: str = ""
    """By what it was found: `text`, `meaning`, both; "" where it only rests on the same section."""


def precedents(
    bench: Workbench, case_id: str = "", sections: Sequence[str] = (), text: str = "", limit: int = 5
) -> tuple[PrecedentFace, ...]:
    """The nearest earlier decisions on some sections and like a text; those of a case itself are left out.

    With a case, what is not given is the case's: the sections it cites, the words of its title, reports and items.
    """
    own = bench.store.case(case_id) if case_id else None
    asked = tuple(sections) or (tuple(own.pins) if own else ())
    told = text or words_of(bench, case_id)
    meant = _meant(bench, told)

    def look(connection: Connection) -> tuple[PrecedentFace, ...]:
        found_rows = rows.find(connection, asked, told, but=own.id if own else "", meant=meant)
        found = order.nearest(found_rows, {}, asked, limit)
        now = _in_force(bench, connection, (cite.section for each in found for cite in each.rested))
        clear = readings.clarified(connection, now, today(bench))
        good = {_place(each) for each in order.nearest(_as_today(found, now, clear), now, asked) if each.same_text}
        marked = (each._replace(same_text=_place(each) in good) for each in found)
        return tuple(_face(connection, each, now, clear) for each in marked)

    return bench.store.read(look)


def _meant(bench: Workbench, text: str) -> tuple[str, ...]:
    """The decided cases like a text by meaning; none without a model, or where it cannot be used: words go on alone."""
    from escaltui.policy.model_files import ModelError

    if bench.meaning.chosen() is None:
        return ()
    try:
        near = bench.meaning.near(text)
    except ModelError:
        return ()
    return tuple(case for case, _score in near.cases) if near else ()


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
            now = _in_force(bench, connection, asked)
            clear = readings.clarified(connection, now, today(bench))
            like = order.nearest(_as_today(found, now, clear), now, asked)
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


def _as_today(
    found: Iterable[Precedent], now: Mapping[str, str], clear: Mapping[str, frozenset[str]]
) -> Iterator[Precedent]:  # fmt: skip
    """Precedents as they count: words that were only clarified since are those of today."""
    for each in found:
        rested = (
            cite._replace(text_sha256=now[cite.section]) if cite.text_sha256 in clear.get(cite.section, ()) else cite
            for cite in each.rested
        )
        yield each._replace(rested=tuple(rested))


def _place(each: Precedent) -> tuple[str, int]:
    return each.decision, each.line


def _face(
    connection: Connection, each: Precedent, now: Mapping[str, str], clear: Mapping[str, frozenset[str]]
) -> PrecedentFace:  # fmt: skip
    rested = tuple(_rested(connection, cite, now, clear) for cite in each.rested)
    return PrecedentFace(each.decision, each.case, each.ref, each.outcome, each.exception, each.territory, each.at,
                         rested, each.same_text, each.score, ", ".join(each.why))  # fmt: skip


def _rested(
    connection: Connection, cite: Rested, now: Mapping[str, str], clear: Mapping[str, frozenset[str]]
) -> RestedFace:  # fmt: skip
    heading, words = cite.section, None
    try:
        heading = policies.section(connection, cite.section, version=cite.version or None).heading
    except PolicyError:
        pass
    try:
        words = line(" ".join(policies.text_of(connection, cite.text_sha256).split()))
    except PolicyError:
        pass
    same, clarified = now.get(cite.section) == cite.text_sha256, cite.text_sha256 in clear.get(cite.section, ())
    return RestedFace(cite.section, cite.version, line(heading), words, same, clarified)
