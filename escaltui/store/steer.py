"""Which way a list is found: from the cases that a word or a tag names, or along its order, trying each case.

SQLite keeps no figures here that would tell it, and takes the first way for 50,000 cases as for five. A `+` before a
column keeps it from looking that column up in an index. The indexes of status and type serve counts only.
"""

from __future__ import annotations

import re

from escaltui.domain import query as language
from escaltui.domain.query import Query, Where
from escaltui.store.driver import Connection

FEW = 5000
"""So many cases are looked up and sorted in less than 10 ms; of more, the first 200 come early along the order."""
_NAMED = re.compile(r"\bc\.(?=(?:row)?id IN \(SELECT )")
_COUNTED = re.compile(r"\bc\.(?=(?:status|type) )")
_OPEN = re.compile(r"\bc\.(?=is_open = )")


def condition(connection: Connection, query: Query | None, *, ordered: bool = True) -> Where:
    """A query's condition, or one that every case meets; steered by how many cases its words and names find.

    `ordered`: rows are wanted in an order, not only their number.
    """
    if query is None:
        return Where("1")
    where = language.where(query)
    if ordered:
        where = where._replace(sql=_COUNTED.sub("+c.", where.sql))
    parts = [part for term in query.terms if _NAMED.match((part := language.where(Query(terms=(term,)))).sql)]
    if not parts:
        return where
    steered = _NAMED.sub("+c.", where.sql)  # two looked up at once would be tried each against each
    found, leader = min(((_count(connection, part), part.sql) for part in parts), key=lambda pair: pair[0])
    if found <= FEW:
        steered = _OPEN.sub("+c.", steered.replace(_NAMED.sub("+c.", leader), leader, 1))
    return where._replace(sql=steered)


def _count(connection: Connection, part: Where) -> int:
    """How many cases a word or a tag finds, counted to FEW and one more."""
    _, _, named = part.sql.partition(" IN ")
    found: int = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {named} LIMIT ?)", (*part.parameters, FEW + 1)
    ).fetchone()[0]
    return found
