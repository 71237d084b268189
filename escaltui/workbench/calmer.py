"""Which cases `n` offers somebody who leaves harms out today, or takes a case of words alone for a change."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.query import Query
from escaltui.domain.query.tree import Match, Not
from escaltui.safety.exposure import pressing
from escaltui.store.values import LineRow

if TYPE_CHECKING:
    from escaltui.workbench.lists import Lists

LOOKED_AT = 200
"""So many cases are looked at, at most, for what presses among those left out, and for those of words alone."""


def offered(bench: Lists, asked: Query, order: str, limit: int, calm: bool = False) -> list[LineRow]:
    """The first cases to offer, in their order. `calm`: those of words alone."""
    left_out = bench.exposure.left_out(bench.now())
    if not left_out and not calm:
        return _candidates(bench, asked, order, limit)
    rows = _kept(bench, asked, order, left_out)
    return list(islice((row for row in rows if not calm or of_words(bench, row.id)), limit))


def instead(bench: Lists, asked: Query, order: str) -> tuple[LineRow, bool] | None:
    """The first case of words alone, and whether it is next anyway; None where it would overtake one that presses."""
    now, left_out = bench.now(), bench.exposure.left_out(bench.now())
    for at, row in enumerate(_kept(bench, asked, order, left_out)):
        if of_words(bench, row.id):
            return row, at == 0
        if pressing(row.severity, row.next_due, now):
            return None
    return None


def of_words(bench: Lists, case_id: str) -> bool:
    """Whether a case has no file at all."""
    rows = bench.store.bundle(case_id)
    return rows is not None and not rows.files


def _kept(bench: Lists, asked: Query, order: str, left_out: Collection[str]) -> list[LineRow]:
    """The candidates in their order; of those with a harm left out only what presses."""
    every = _candidates(bench, asked, order, LOOKED_AT)
    if not left_out:
        return every
    test = Not(Match("harm", frozenset(left_out)))
    others_asked = msgspec.structs.replace(asked, terms=(*asked.terms, test))
    others = _candidates(bench, others_asked, order, LOOKED_AT)
    fine, now = {row.id for row in others}, bench.now()
    return [row for row in every if row.id in fine or pressing(row.severity, row.next_due, now)] or others


def _candidates(bench: Lists, asked: Query, order: str, limit: int) -> list[LineRow]:
    return bench.store.candidates(asked, order, bench.me, bench.languages, bench.now(), limit)
