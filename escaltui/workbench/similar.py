"""Similar cases at the desk: those like one, whatever their state, and those that one likely repeats.

Made when it is asked for, from what lies here; nothing is written, linked or merged by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from escaltui.domain import streams
from escaltui.domain.entities import Case
from escaltui.faces import Repeated, Similar, SimilarCase
from escaltui.policy.fusion import MEANING
from escaltui.policy.similar import SUBJECT, Like, common, counted, ranked, repeats
from escaltui.store import rows, select, similar
from escaltui.store.driver import Connection
from escaltui.store.errors import StoreError
from escaltui.workbench.desk import BULK_LIMIT, NotKnown
from escaltui.workbench.queue_line import queue_line

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

SHOWN = 50
HINTS = 5
"""A case that repeats more than so many is told with these, the newest; what merged them all is soon found."""
TRIED = 60
"""So many of each signal are compared for a repeat."""
NAMES = 100
"""References in one query."""
LOOKED_AT = 1000
"""So many cases that come in at once are looked at for repeats: half a second's work."""
SAID = 4000
"""Characters of a text that an encoder is given."""


class Marks(NamedTuple):
    """Cases of a list that are close to one, itself included. `reasons`: how many came for which reason first."""

    case_ids: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    more: bool


# --- those like one


def similar_to(bench: Workbench, ref: str, limit: int = SHOWN) -> Similar:
    """The cases like a case, by id or reference. Raises NotKnown."""
    case = bench.store.read(lambda connection: rows.case(connection, ref))
    if case is None or not _sees(bench, case):
        raise NotKnown(bench.not_found(ref).reason)
    wanted = bench.store.read(lambda connection: similar.asked(connection, case))
    return _found(bench, wanted, _said(bench, case), limit)


def similar_to_text(bench: Workbench, text: str, limit: int = SHOWN) -> Similar:
    """The cases like a text."""
    return _found(bench, similar.of_text(text), text[:SAID], limit)


def _said(bench: Workbench, case: Case) -> str:
    from escaltui.workbench.precedents import words_of

    return words_of(bench, case.id)[:SAID]


def _found(bench: Workbench, wanted: similar.Asked, text: str, limit: int) -> Similar:
    meant, trouble = _meant(bench, text)

    def read(connection: Connection) -> Similar:
        found, cut = similar.lists(connection, wanted)
        found |= {MEANING: [each for each in meant if each != wanted.case]} if meant else {}
        found = _seen(bench, connection, found)
        first = [each.case for each in ranked(found, {})][: limit + TRIED]
        texts = {each: common(wanted.words, similar.told(connection, each)) for each in first}
        likes = [each for each in ranked(found, texts) if each.case in texts]
        shown = _cases(bench, connection, likes[:limit])
        return Similar(shown, cut or len(set().union(*found.values())) > len(shown), trouble)

    return bench.store.read(read)


def _meant(bench: Workbench, text: str) -> tuple[tuple[str, ...], str]:
    """The cases like a text by meaning, and what kept it out: words and values go on alone."""
    from escaltui.policy.model_files import ModelError

    if not text.strip() or bench.meaning.chosen() is None:
        return (), ""
    try:
        near = bench.meaning.near(text)
    except (ModelError, StoreError) as error:
        return (), str(error)
    return tuple(case for case, _score in near.cases) if near else (), ""


def _seen(bench: Workbench, connection: Connection, lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The lists without cases that few may see, where the person at the keyboard is none of those."""
    every = set().union(*lists.values())
    hidden = {case.id for case in similar.closed_up(connection, every) if not _sees(bench, case)}
    return {name: [each for each in ids if each not in hidden] for name, ids in lists.items()}


def _sees(bench: Workbench, case: Case) -> bool:
    """Whether the person may see a case: one that few may, by the rule that the server keeps rows by."""
    stream = streams.higher(case.stream, streams.at(case.sensitivity, case))
    if streams.level(stream) == 0:
        return True
    desk = {f"desk:{case.desk}": 0}  # what lies here at all lies on a desk of theirs
    return streams.may_see(bench.me, bench.roles, stream, case, desk, bench.now())


def _cases(bench: Workbench, connection: Connection, likes: Sequence[Like]) -> tuple[SimilarCase, ...]:
    now, unsettled = bench.now(), bench.unsettled()
    found = []
    for like in likes:
        row, case = select.line(connection, like.case), rows.case(connection, like.case)
        if row is not None and case is not None:
            shown = queue_line(row, bench.me, now, unsettled)
            found.append(SimilarCase(shown, like.why, case.outcomes, like.text, like.close))
    return tuple(found)


def close_in(bench: Workbench, case_id: str, query: str) -> Marks:
    """The open cases that a query finds and that are close to one, the nearest first; as many as one verb may touch."""
    found = similar_to(bench, case_id, BULK_LIMIT)
    close = [each for each in found.cases if each.close]
    listed, asked = [], bench.query(query)
    for at in range(0, len(close), NAMES):
        refs = bench.query("is:open ref:" + ",".join(each.line.ref for each in close[at : at + NAMES]))
        listed += bench.store.ids(replace(asked, terms=(*asked.terms, *refs.terms)), "ref")  # by its index
    kept = [each for each in close if each.line.id in set(listed)][: BULK_LIMIT - 1]
    more = found.more and len(close) == len(found.cases)
    return Marks((case_id, *(each.line.id for each in kept)), tuple(counted(each.why for each in kept)), more)


# --- those that one repeats


def repeated(bench: Workbench, case_id: str) -> tuple[Repeated, ...]:
    """The earlier cases that a case likely repeats, the newest first, at most five; those it is linked with are known.

    Nothing for a case that was absorbed, or that few may see and the person may not.
    """

    def read(connection: Connection) -> tuple[Repeated, ...]:
        case = rows.case(connection, case_id)
        if case is None or case.merged_into or not _sees(bench, case):
            return ()
        found = _repeats(bench, connection, case)
        lines = [(select.line(connection, each), why) for each, why in found.items()]
        now = bench.now()
        few = {each.id for each in similar.closed_up(connection, found)}
        told = [Repeated(queue_line(row, bench.me, now), why, row.id not in few) for row, why in lines if row]
        return tuple(sorted(told, key=lambda each: -each.line.received)[:HINTS])

    return bench.store.read(read)


def arrived(bench: Workbench, since: int) -> list[str]:
    """The cases that came here after the row `since` (of `newest_row`), where they are few enough to be looked at."""
    found = bench.store.read(lambda connection: similar.after(connection, since, LOOKED_AT + 1))
    return found if len(found) <= LOOKED_AT else []


def newest_row(bench: Workbench) -> int:
    """The number of the newest case here."""
    return bench.store.read(similar.newest)


def repeating(
    bench: Workbench, query: str, limit: int | None = None, sort: str = "newest"
) -> Iterator[tuple[str, Repeated]]:  # fmt: skip
    """The cases of a query, at most so many of them looked at, that likely repeat an earlier one, as they are found."""
    for case_id in bench.matching(query, limit, sort):
        for each in repeated(bench, case_id):
            yield case_id, each


def _repeats(bench: Workbench, connection: Connection, case: Case) -> dict[str, tuple[str, ...]]:
    wanted = similar.asked(connection, case)
    own = similar.side(connection, case.id)
    if own is None:
        return {}
    shared, _more = similar.sharing(connection, "subject", wanted.items)
    tried = similar.ordered(connection, shared, case.id)[:TRIED]
    if not own.items:
        tried += similar.of_requesters(connection, wanted)[:TRIED]
    tried = _seen(bench, connection, {SUBJECT: tried})[SUBJECT]
    known = similar.linked(connection, case.id)
    own = own._replace(words=frozenset(wanted.words))
    found: dict[str, tuple[str, ...]] = {}
    for key in dict.fromkeys(tried):
        other = None if key in known else similar.side(connection, key, text=True)
        if other is not None and (why := repeats(own, other, shared[key])):
            found[key] = why
    return found
