"""Lists of cases: pages, anchors, places and counts are those of one sorted list, in every order."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escaltui.domain.operations import Claim, EditCase, Recuse, Skip, Tag, Triage, Wait
from escaltui.domain.query import ORDERS, parse
from escaltui.store import Store, StoreError, steer

CASES = 60
QUERIES = ("", "is:open", "tag:odd", "sev:0,1 -tag:odd", "lang:fr", "none-such-word")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, desk_of):
    store = Store.open(tmp_path_factory.mktemp("lists") / "store")
    desk = desk_of(store)
    for number in range(CASES):
        case_id = desk.open(
            f"Case {number}",
            severity=number * 7 % 5,
            languages=("fr",) if number % 3 else ("en",),
            tags=("odd",) if number % 2 else (),
            received_at=desk.now - number % 4 * 1000,
        )
        if number % 5 == 0:
            desk.do(Triage(case=case_id))
    yield desk
    store.close()


def query_of(desk, text):
    return parse(text, now=desk.now) if text else None


def whole(desk, text, order):
    return desk.store.page(query_of(desk, text), order, limit=10_000)


@pytest.mark.parametrize("order", sorted(ORDERS))
@pytest.mark.parametrize("text", QUERIES)
def test_pages_anchors_places_and_counts_agree(filled, text, order):
    query, rows = query_of(filled, text), whole(filled, text, order)
    ascending = [way for _, way in ORDERS[order].columns]
    keys = [row.key for row in rows]
    assert keys == sorted(keys, reverse=not ascending[0])
    assert filled.store.count(query) == len(rows) == len({row.id for row in rows})
    assert filled.store.count(query, limit=7) == min(7, len(rows))
    assert filled.store.ids(query, order) == [row.id for row in rows]
    assert filled.store.anchors(query, order, 8) == keys[7::8]
    assert filled.store.page(query, order, limit=5, descending=True) == rows[::-1][:5]
    for place, row in enumerate(rows[::9]):
        assert filled.store.locate(query, order, row.id) == (place * 9, row.key)
    assert filled.store.locate(query, order, "NOWHERE") is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from(sorted(ORDERS)),
    text=st.sampled_from(QUERIES),
    sizes=st.lists(st.integers(1, 25), min_size=1, max_size=8),
    descending=st.booleans(),
)
def test_walking_by_keys_meets_every_row_once(filled, order, text, sizes, descending):
    query, expected = query_of(filled, text), whole(filled, text, order)
    walked, after = [], None
    for turn in range(2 * CASES):
        page = filled.store.page(query, order, after, sizes[turn % len(sizes)], descending)
        if not page:
            break
        walked += page
        after = page[-1].key
    assert walked == (expected[::-1] if descending else expected)


def test_a_page_begins_after_each_anchor(filled):
    rows = whole(filled, "is:open", "queue")
    query = query_of(filled, "is:open")
    for number, key in enumerate(filled.store.anchors(query, "queue", 10)):
        assert filled.store.page(query, "queue", key, 10) == rows[(number + 1) * 10 : (number + 2) * 10]


def test_counts_of_several_queries(filled):
    queries = [query_of(filled, text) for text in QUERIES[1:]]
    assert filled.store.counts(queries) == [filled.store.count(query) for query in queries]


def test_an_unknown_order_is_named_with_those_there_are(filled):
    with pytest.raises(StoreError, match=r"no order 'mood'.*queue"):
        filled.store.page(None, "mood")


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_lists_are_read_in_the_order_of_an_index(filled, order):
    from escaltui.domain.query import where

    by, condition = ORDERS[order], where(query_of(filled, "is:open"))
    for test, parameters in ((condition.sql, condition.parameters), ("1", ())):
        sql = f"EXPLAIN QUERY PLAN SELECT c.title FROM cases c WHERE {test} ORDER BY {by.by} LIMIT 200"
        plan = filled.store.read(lambda c, sql=sql, p=parameters: [row[3] for row in c.execute(sql, p)])
        assert not any("TEMP B-TREE" in step for step in plan), plan


@pytest.mark.parametrize("few", [0, 7, 10**6])
@pytest.mark.parametrize("text", ["tag:odd", "is:open tag:odd", "case 1", "is:open case -tag:odd lang:fr"])
def test_the_way_a_list_is_found_does_not_change_it(filled, monkeypatch, few, text):
    expected, count = whole(filled, text, "queue"), filled.store.count(query_of(filled, text))
    assert expected
    monkeypatch.setattr(steer, "FEW", few)
    walked = []
    while page := filled.store.page(query_of(filled, text), "queue", walked[-1].key if walked else None, 9):
        walked += page
    assert walked == expected
    assert filled.store.count(query_of(filled, text)) == count == len(expected)


@pytest.mark.parametrize(("few", "sorted_"), [(0, False), (10**6, True)])
@pytest.mark.parametrize("text", ["tag:odd", "is:open tag:odd", "case", "is:open case"])
def test_few_finds_are_sorted_and_many_are_met_along_the_order(filled, monkeypatch, few, sorted_, text):
    monkeypatch.setattr(steer, "FEW", few)
    by, query = ORDERS["queue"], query_of(filled, text)

    def plan(connection):
        where = steer.condition(connection, query)
        sql = f"EXPLAIN QUERY PLAN SELECT c.title FROM cases c WHERE {where.sql} ORDER BY {by.by} LIMIT 200"
        return [row[3] for row in connection.execute(sql, where.parameters)]

    steps = filled.store.read(plan)
    assert any("TEMP B-TREE" in step for step in steps) is sorted_, steps
    assert any("order_" in step for step in steps) is not sorted_, steps


@pytest.mark.parametrize("text", ["is:open status:new", "is:open type:press,ads"])
def test_a_views_number_and_its_page_have_indexes_of_their_own(filled, text):
    def plan(connection, ordered):
        where = steer.condition(connection, query_of(filled, text), ordered=ordered)
        what, order = ("c.title", f"ORDER BY {ORDERS['age'].by}") if ordered else ("count(*)", "")
        sql = f"EXPLAIN QUERY PLAN SELECT {what} FROM cases c WHERE {where.sql} {order}"
        return [row[3] for row in connection.execute(sql, where.parameters)]

    assert any("order_open_age" in step for step in filled.store.read(lambda c: plan(c, True)))
    assert any("cases_status" in step or "cases_type" in step for step in filled.store.read(lambda c: plan(c, False)))


def test_a_requester_is_found_by_name_in_an_index(filled):
    from escaltui.domain.query import where

    condition = where(query_of(filled, 'requester:"Ada Court"'))
    sql = f"EXPLAIN QUERY PLAN SELECT c.title FROM cases c WHERE {condition.sql}"
    plan = filled.store.read(lambda connection: [row[3] for row in connection.execute(sql, condition.parameters)])
    assert any("cases_requester_name" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def offered(desk, person="ada", languages=(), limit=50):
    return [line.id for line in desk.store.candidates(None, "queue", person, languages, desk.now, limit)]


def test_next_offers_what_is_free(desk):
    fresh, claimed, waiting, recused = (desk.open(name, languages=("en",)) for name in "abcd")
    french = desk.open("e", languages=("fr",))
    silent = desk.open("f")
    desk.do(Claim(case=claimed))
    desk.do(Triage(case=waiting))
    desk.do(Wait(case=waiting, on="requester"))
    desk.do(Recuse(case=recused, person="ada"))
    assert set(offered(desk)) == {fresh, french, silent}
    assert set(offered(desk, "grace")) == {fresh, french, silent, recused}
    assert set(offered(desk, languages=("fr",))) == {french, silent}
    assert offered(desk, limit=1) == offered(desk)[:1]
    lease = desk.store.line(claimed).lease_until
    desk.now = lease
    assert claimed in offered(desk)


def test_next_does_not_offer_what_i_put_off_until_later(desk):
    case_id = desk.open()
    desk.do(Skip(case=case_id, reason="lunch"))
    until = desk.store.case(case_id).skipped["ada"]
    assert offered(desk) == []
    assert offered(desk, "grace") == [case_id]
    desk.now = until
    assert offered(desk) == [case_id]


def test_the_line_follows_a_change_at_once(desk):
    case_id = desk.open("Old")
    desk.do(EditCase(case=case_id, fields={"title": "New"}))
    desk.do(Tag(case=case_id, tags=("x",)))
    (line,) = desk.store.page(None, "updated")
    assert (line.title, line.tags, line.updated_at) == ("New", "x", desk.now)
