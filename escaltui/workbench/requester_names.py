"""Who may be the same requester, and saying that two are, or are not.

Names are folded and compared by `intake.requesters`; nothing is ever merged unasked. That two are not the same is kept
beside what this person types, on this device: it is theirs alone, and they are not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.changes import Refused
from escaltui.domain.operations import MergeRequesters, Undo
from escaltui.domain.streams import level
from escaltui.intake import requesters as folding
from escaltui.requester_faces import GroupFace, HeldFace, LikeFace
from escaltui.safety.text import line
from escaltui.store import requesters as kept
from escaltui.store.requesters import Named
from escaltui.store.values import Done

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

LIKE = 12
"""How many names are suggested for one requester at most."""
OFTEN = 3_000
"""Among how many requesters the same ones are looked for at once: those with most cases."""
APART = "requesters apart"
"""The key under which it is kept who is not the same."""
Pair = tuple[str, str]
_decode = msgspec.json.Decoder(frozenset[Pair]).decode


def like(bench: Workbench, requester: str) -> tuple[LikeFace, ...]:
    """Who may be the same as a requester, the most alike first: by any of its names, at the same desk, and not said to
    be somebody else. Compares with every name there is: for a thread."""
    apart = _apart(bench)
    return bench.store.read(lambda connection: _alike_to(connection, requester, apart))


def _alike_to(connection: Connection, requester: str, apart: frozenset[Pair]) -> tuple[LikeFace, ...]:
    row, under = kept.get(connection, requester), kept.under(connection)
    if row is None or row.merged_into:
        return ()
    mine = set(kept.family(row.id, under))
    not_same = mine | {each for pair in apart if not mine.isdisjoint(pair) for each in pair}
    others: dict[str, list[Named]] = {}
    for each in kept.names(connection):
        if each.stream == row.stream and each.id not in not_same:
            others.setdefault(each.name, []).append(each)
    ratios: dict[str, float] = {}
    for name in (row.name, *row.aliases):
        exact = {name: 1.0} if name in others and not folding.is_nobody(name) else {}
        for other, ratio in (folding.alike(name, others) | exact).items():
            ratios[other] = max(ratio, ratios.get(other, 0.0))
    best = sorted(ratios, key=lambda name: (-ratios[name], name))[:LIKE]
    return tuple(_like(connection, each, ratios[name], under) for name in best for each in others[name])


def _like(connection: Connection, each: Named, ratio: float, under: dict[str, list[str]]) -> LikeFace:
    cases = len(kept.case_ids(connection, kept.family(each.id, under)))
    return LikeFace(each.id, line(each.name), each.kind, cases, ratio)


def suggest(bench: Workbench) -> tuple[GroupFace, ...]:
    """Who may be the same among those who asked most often: several spellings of one name are one suggestion."""
    apart = _apart(bench)
    found = bench.store.read(lambda connection: _groups(connection, apart))

    def order(each: GroupFace) -> tuple[float, int, str]:
        return -max(other.ratio for other in each.others), -each.cases, each.name.value

    return tuple(sorted(found, key=order))


def _groups(connection: Connection, apart: frozenset[Pair]) -> list[GroupFace]:
    often, under = kept.often(connection), kept.under(connection)
    shown = [each for each in kept.names(connection) if not level(each.stream)]
    shown.sort(key=lambda each: (-often.get(each.id, 0), each.id))
    known = {each.id: each for each in shown[:OFTEN]}
    ratios = {pair: ratio for pair, ratio in _pairs(known.values()) if pair not in apart}

    def face(one: str, group: Sequence[str]) -> LikeFace:
        nearest = max((ratios.get(_pair(one, other), 0.0) for other in group), default=0.0)
        return _like(connection, known[one], nearest, under)

    found = []
    for group in folding.groups(ratios):
        into, *others = sorted((face(each, group) for each in group), key=lambda each: (-each.cases, each.id))
        found.append(GroupFace(into.id, into.name, into.kind, into.cases, tuple(others)))
    return found


def _pairs(known: Iterable[Named]) -> Iterator[tuple[Pair, float]]:
    """Pairs of ids by their names, within each stream; two of the very same name, too."""
    by_name: dict[str, dict[str, list[str]]] = {}
    for each in known:
        by_name.setdefault(each.stream, {}).setdefault(each.name, []).append(each.id)
    for names in by_name.values():
        for one, other, ratio in folding.suggestions(names):
            yield from ((_pair(a, b), ratio) for a in names[one] for b in names[other])
        for name, (first, *more) in names.items():
            yield from ((_pair(first, each), 1.0) for each in more if not folding.is_nobody(name))


# --- saying so


def merge(bench: Workbench, one: str, into: str, reason: str, *, op_id: str = "") -> Done | Refused:
    """One requester goes on under another, both by id. Where they go on under other names, those are meant."""
    ends = bench.store.read(lambda connection: (kept.survivor(connection, one), kept.survivor(connection, into)))
    return bench.do(MergeRequesters(requester=ends[0], into=ends[1], reason=reason.strip()), op_id=op_id)


def part(bench: Workbench, held: HeldFace) -> Done | Refused:
    """A name that went on under another goes on by itself again: by whoever said so, or a lead."""
    return bench.do(Undo(operation=held.op))


def keep_apart(bench: Workbench, one: str, other: str) -> None:
    """Two requesters (by id) are not the same: this person is not asked again on this device."""
    found = _apart(bench) | {_pair(one, other)}
    bench.save_draft(APART, msgspec.json.encode(sorted(found)).decode())


def _apart(bench: Workbench) -> frozenset[Pair]:
    try:
        return _decode(bench.draft(APART) or "[]")
    except msgspec.DecodeError:
        return frozenset()


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)
