"""Keyset pages, put together, are the sorted list: nothing lost, nothing twice."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_material import index, made_facts

from escaltui.domain.query import ORDERS, Facts, Order, after, columns

NEVER = 2**63 - 1
MIXED = Order("mixed", (("c.severity", False), ("coalesce(c.next_due, 9223372036854775807)", True), ("c.id", False)))
SORTED = {  # the same orders, said in Python: (column, ascending)
    "queue": [("lane", True), ("near", True), ("start_by", True), ("id", True)],
    "age": [("received_at", True), ("id", True)],
    "newest": [("received_at", False), ("id", False)],
    "updated": [("updated_at", False), ("id", False)],
    "due": [("next_due", True), ("id", True)],
    "severity": [("severity", True), ("lane", True), ("near", True), ("start_by", True), ("id", True)],
    "ref": [("ref", True), ("id", True)],
    "mixed": [("severity", False), ("next_due", True), ("id", False)],
}
ALL = ORDERS | {"mixed": MIXED}


def in_order(cases: list[Facts], name: str) -> list[str]:
    rows = [columns(known) for known in cases]
    for column, ascending in reversed(SORTED[name]):
        rows.sort(key=lambda row: NEVER if row[column] is None else row[column], reverse=not ascending)
    return [str(row["id"]) for row in rows]


@pytest.mark.parametrize("name", sorted(ALL))
@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 60), page=st.integers(1, 9), seed=st.integers(0, 10_000))
def test_pages_are_the_sorted_list(name: str, count: int, page: int, seed: int) -> None:
    rng = Random(seed)
    cases = [made_facts(rng, number) for number in rng.sample(range(1_000), count)]
    connection, order = index(cases), ALL[name]
    found: list[str] = []
    condition, parameters = "1", ()
    while rows := connection.execute(
        f"SELECT {order.keys} FROM cases c WHERE {condition} ORDER BY {order.by} LIMIT {page}", parameters
    ).fetchall():
        found += [row[-1] for row in rows]
        condition, parameters, _ = after(order, rows[-1])
    assert found == in_order(cases, name)


def test_every_order_ends_with_the_id() -> None:
    for name, order in ORDERS.items():
        assert order.name == name
        assert order.columns[-1][0] == "c.id"


def test_a_key_of_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="a key of order queue has 4 values, not 2"):
        after(ORDERS["queue"], (1, "x"))


def test_a_page_is_read_from_an_index() -> None:
    connection = index([made_facts(Random(1), 1)])
    connection.execute("CREATE INDEX by_queue ON cases (lane, near, start_by, id)")
    order = ORDERS["queue"]
    condition = after(order, (1, 0, 5, "x"))
    plan = connection.execute(
        f"EXPLAIN QUERY PLAN SELECT c.id FROM cases c WHERE {condition.sql} ORDER BY {order.by} LIMIT 5",
        condition.parameters,
    ).fetchall()
    assert "SEARCH c USING COVERING INDEX by_queue" in plan[0][3]
    assert not any("TEMP B-TREE" in row[3] for row in plan)
