"""What a report may tell: no count of cases under 5 nor what gives one away, no name but authorities', few texts.

A count goes where it is under 5, and another with it where the sum would tell it. What people wrote freely stays at the
desk, but for what a lead accepted; and of that, what names somebody or rests on a case that not everybody may read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain import personal_data
from escaltui.domain.entities import Requester
from escaltui.domain.query import Query
from escaltui.domain.query.tree import All, Either, Empty, Match, Not, Range, Test
from escaltui.domain.statements import names_of
from escaltui.i18n import _
from escaltui.insight.metrics import MEASURES
from escaltui.insight.series import Key
from escaltui.insight_faces import SeriesFace
from escaltui.reporting.content import FEW, LEAST
from escaltui.safety.text import line
from escaltui.store import rows
from escaltui.workbench import insight_words as words

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

AUTHORITIES = frozenset({"government", "law_enforcement", "court", "regulator"})
COUNTED = ("all", "type", "kind", "country", "area", "product")
"""What is counted line by line."""
UNNAMED = frozenset({"word"})
"""A word of a case may be somebody's name."""
OURS = frozenset({"type", "kind", "channel", "root", "outcome", "all"})
"""What is counted by names of our own."""
PLAIN = frozenset({"sev", "type", "harm", "country", "lang", "from", "policy", "product", "root", "outcome", "status"})
"""What a scope may ask for to be told: the names of rule files and of the library, never words or people."""


def cell(n: float) -> str:
    """A count as written."""
    return words.number(n) if n >= LEAST else FEW


def kept(n: float) -> int | None:
    """A count, None where it is not told."""
    return round(n) if n >= LEAST else None


def part(n: int, whole: int) -> str:
    """A count beside the whole it is part of: what is left of the whole is a count, too."""
    if n >= LEAST and whole - n < LEAST:
        return _("over {n}").format(n=bound(whole))
    return cell(n)


def share(n: float, whole: int) -> str:
    """A share in percent, as far as neither it nor the rest tells a count under 5."""
    if whole < 2 * LEAST:
        return _("too few")
    if n < LEAST:
        return _("under {share} %").format(share=ceil(100 * LEAST / whole))
    if whole - n < LEAST:
        return _("over {share} %").format(share=100 * (whole - LEAST) // whole)
    return _("{share} %").format(share=words.number(100 * n / whole))


def value(metric: str, found: float | None, n: int) -> str:
    """A metric's value, as far as it may be told of so many."""
    if found is None or n < LEAST:
        return _("too few")
    return share(found * n, n) if MEASURES[metric][1] == "share" else words.value(metric, found)


def exact(metric: str, found: float | None, n: int) -> bool:
    """Whether a metric of so many is told as it is."""
    if found is None or n < LEAST:
        return False
    return MEASURES[metric][1] != "share" or LEAST <= found * n <= n - LEAST


def hidden(values: Sequence[int]) -> frozenset[int]:
    """The places of the counts that are not told where the sum of all is: those under 5, and the smallest of the
    others as long as the sum of what is hidden is under 5, or is that of a single one."""
    left = {at for at, each in enumerate(values) if each < LEAST}
    rest = sorted((each, at) for at, each in enumerate(values) if at not in left)
    while rest and (gone := sum(values[at] for at in left)) and (gone < LEAST or len(left) == 1):
        left.add(rest.pop(0)[1])
    return frozenset(left)


class Told(NamedTuple):
    """A line with its count as it may be told: exactly, or only that it is over `least`."""

    line: SeriesFace
    n: int
    least: int | None = None

    @property
    def cell(self) -> str:
        """The count as written."""
        return cell(self.n) if self.least is None else _("over {n}").format(n=self.least)

    @property
    def at_least(self) -> int:
        """What may be drawn."""
        return self.n if self.least is None else self.least


def told(found: Sequence[tuple[SeriesFace, int]]) -> tuple[list[Told], int]:
    """The lines whose counts may be told, the most first, and how many are not. Where the sum of all would give a
    count under 5 away, of the smallest that is told only is said what it is over."""
    ordered = sorted(found, key=lambda each: (-each[1], each[0].key))
    shown = [Told(*each) for each in ordered if each[1] >= LEAST]
    left = [n for _line, n in ordered if n < LEAST]
    if shown and sum(left) > 0 and (sum(left) < LEAST or len(left) == 1):
        shown[-1] = shown[-1]._replace(least=bound(shown[-1].n + sum(left)))
    return shown, len(left)


def bound(whole: int) -> int:
    """What a count is over, of which all that may be told is that it lacks less than 5 of a whole."""
    return max(LEAST - 1, whole - LEAST)


def name_of(each: SeriesFace) -> str:
    """A line's value; our own words with a capital letter, as they stand alone."""
    said = each.value.value
    return said[:1].upper() + said[1:] if each.dim in OURS else said


def public_name(bench: Workbench, each: SeriesFace) -> str:
    """What a line counts, "" where that is not named. Of a requester the authority that they write for: the name is
    often that of an officer or a clerk."""
    if each.dim != "requester":
        return "" if each.dim in UNNAMED else name_of(each)
    found = bench.store.row(Requester.NAME, each.key.partition(":")[2])
    if not isinstance(found, Requester) or found.kind not in AUTHORITIES:
        return ""
    return line(found.organisation).value


def apart(bench: Workbench, found: Iterable[SeriesFace], lines: Iterable[SeriesFace]) -> Iterator[Told]:
    """Lines with their counts as they may be told beside those of `lines`, all of the last seven days: no difference
    to what they are part of tells a count under 5."""
    known = {(each.dim, each.key.partition(":")[2]): each.now for each in lines if each.dim in COUNTED}
    sides = {dim: told([(each, each.now) for each in lines if each.dim == dim and each.now])[0] for dim in COUNTED}
    rough = {each.line.key: each for side in sides.values() for each in side if each.least is not None}
    used: Counter[tuple[Key, str]] = Counter()
    for each in found:
        above = [(key, each.dim) for key in _above(bench, each) if key in known]
        wholes = [known[key] - used[key, dim] for key, dim in above]
        near = [whole for whole in wholes if 0 < whole - each.now < LEAST]
        if each.key in rough or near:
            yield rough.get(each.key, Told(each, each.now, bound(min(near, default=0))))
        else:
            used.update(dict.fromkeys(above, each.now))
            yield Told(each, each.now)


def _above(bench: Workbench, each: SeriesFace) -> Iterator[Key]:
    """What a line's cases are part of."""
    if each.dim != "all":
        yield "all", ""
    found = each.key.partition(":")[2]
    first, _blank, country = found.rpartition(" ")
    match each.dim:
        case "section":
            yield "area", found.partition("/")[0]
        case "area_country" | "kind_country":
            yield from ((each.dim.partition("_")[0], first), ("country", country))
        case "requester":
            row = bench.store.row(Requester.NAME, found)
            yield "kind", row.kind if isinstance(row, Requester) else ""


# --- texts


def tells(bench: Workbench, text: str, cases: Iterable[str] = ()) -> bool:
    """Whether a text that a lead accepted may be told: it names nobody who is known here, holds no address, and rests
    on no case that is not here or not for everybody."""
    names: list[str] = []
    for each in cases:
        found = bench.store.bundle(each)
        if found is None or found.case.sensitivity != "normal":
            return False
        names += names_of(found.case, found.reports, found.subjects)
    names += [name for person in bench.people() for name in (person.name, person.login) if name]
    asking = bench.store.read(lambda connection: rows.everyone(connection, Requester))
    names += [name for one in asking if one.kind not in AUTHORITIES for name in (one.name, *one.aliases)]
    said = text.casefold()
    near = (name for name in names if (last := name.split()[-1:]) and last[0].casefold().lstrip("@") in said)
    return not personal_data.find(text, near)


def scope(bench: Workbench, asked: str) -> str:
    """Over which cases something is measured, as far as that may be told."""
    if not asked:
        return _("all cases")
    return asked if _is_plain(bench.query(asked)) else _("part of the cases")


def _is_plain(query: Query) -> bool:
    return all(map(_names_only, query.terms))


def _names_only(test: Test) -> bool:
    match test:
        case Not(test=inner):
            return _names_only(inner)
        case All(tests=several) | Either(tests=several):
            return all(map(_names_only, several))
        case Match() | Range() | Empty():
            return test.source in PLAIN
        case _:
            return False
