"""Every text is read or refused with a sentence, and the sentence points at the right place."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from query_material import GROUPS, NOW, QUERIES, TERMS, found_by_sql, index, made_cases, read

from escaltui.domain.query import QueryError, parse, predicate, where

CONNECTION = index(made_cases(5))
PIECES = st.sampled_from(
    [
        *'-:=<>,"* \t',
        "sev",
        "type",
        "due",
        "is",
        "sort",
        "me",
        "none",
        "4h",
        "0",
        "fake",
        "2025-02-30",
        "é",
        "裁",
        "\x00",
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join) | QUERIES, deciding=st.booleans())
@example(text="\ud800", deciding=False)
@example(text="due<" + "999999w" * 500, deciding=False)
@example(text="reach>999999999999999", deciding=False)
@example(text="due:0000-01-01 due<9999-12-31", deciding=False)
def test_any_text_parses_or_is_refused_with_a_place(text: str, deciding: bool) -> None:
    try:
        query = parse(text, now=NOW, me="ada", groups=GROUPS, deciding=deciding)
    except QueryError as error:
        refused = error
    else:
        found_by_sql(CONNECTION, query)  # what parses also runs
        predicate(query, typing=True)
        return
    assert 1 <= refused.position <= len(text) + 1
    assert str(refused) == str(refused.said)


@given(first=TERMS, second=TERMS)
@settings(max_examples=100, deadline=None)
def test_terms_are_read_one_by_one(first: str, second: str) -> None:
    assert read(f"{first} {second}").terms == read(first).terms + read(second).terms


@pytest.mark.parametrize(
    ("text", "sentence", "position"),
    [
        ("sevv:0", 'no field "sevv" at 1: did you mean sev?', 1),
        ("fake  severity:0", 'no field "severity" at 7: did you mean sev?', 7),
        ("-zzz:0", 'no field "zzz" at 2: put text in quotes', 2),
        ("https://a.example", 'no field "https" at 1: put text in quotes', 1),
        ("type:", "type needs a value at 6", 6),
        ("type:a,,b", "type needs a value at 8", 8),
        ('tag:""', "tag needs a value at 5", 5),
        ("fake -", "nothing follows the - at 6", 6),
        ("--fake", '"-" at 2 has no field before it', 2),
        ("due <4h", '"<" at 5 has no field before it', 5),
        ("!!!", 'no letter or digit in "!!!" at 1', 1),
        ("sev:5", 'sev takes a number from 0 to 4, not "5" at 5', 5),
        ("sev:0,x", 'sev takes a number from 0 to 4, not "x" at 7', 7),
        ("reach>-1", 'reach takes a whole number, such as 100, not "-1" at 7', 7),
        ("reach>1234567890123456", "reach takes a whole number", 7),
        ("due<4", 'due takes a duration such as 4h or a date such as 2025-03-31, not "4" at 5', 5),
        ("due<2025-02-30", "due takes a duration", 5),
        ("age<2025-02-01", 'age takes a duration such as 4h, not "2025-02-01" at 5', 5),
        ("legal_total<3", "legal_total takes a duration such as 4h", 13),
        ("due<4h,5h", "due at 1 compares with one value", 8),
        ("due<none", "write due:none for < at 1", 1),
        ("type<b", "type at 1 cannot be compared with <: write type:", 1),
        ("is>open", "is at 1 cannot be compared with >", 1),
        ("status:gone", 'status does not know "gone" at 8: write one of new, triaged', 8),
        ("is:opne", 'is does not know "opne" at 4: write one of open, closed', 4),
        ("verified:perhaps", "write one of yes, no, verified", 10),
        ("has:cake", 'has does not know "cake" at 5', 5),
        ("tag:*", '"*" at 5: put one * before or after a name', 5),
        ("tag:*a*", "put one * before or after a name", 5),
        ("tag:a*b", "put one * before or after a name", 5),
        ("sort:speed", 'no order "speed" at 6: write one of queue, age', 6),
        ("-sort:age", "sort at 2 takes one order", 2),
        ("sort:age,due", "sort at 1 takes one order", 1),
        ("fake\x00", "the character at 5 is no text", 5),
        ("a" * 4_001, "a query has at most 4,000 characters", 4_001),
        ("tag:" + "a," * 100 + "a", "tag has more than 100 values at 204", 204),
        ("a " * 101, "more than 100 terms at 201", 201),
    ],
)
def test_a_refusal_says_what_and_where(text: str, sentence: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        read(text)
    assert sentence in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("sev:0 fake", 7), ("owner:me", 7), ("lease:ada,me", 11), ("is:mine", 4), ("due<4h", 5), ("age>1d", 5),
        ("updated<1h", 9), ("is:open,late", 9), ("is:claimed", 4), ('-"two words"', 2),
    ],
)  # fmt: skip
def test_a_rule_file_may_not_ask_for_me_text_or_now(text: str, position: int) -> None:
    with pytest.raises(QueryError, match="a rule file may not") as caught:
        parse(text, now=NOW, me="ada", deciding=True)
    assert caught.value.position == position
    read(text)


@pytest.mark.parametrize(
    "text", ["sev:0,1 flag:ncii,terrorism", "legal_total<=4h", "type:court_order verified:yes", "country:eu", "is:open"]
)
def test_what_rule_files_ask_is_read(text: str) -> None:
    assert parse(text, now=None, groups=GROUPS, deciding=True).terms == read(text).terms


def test_without_a_time_or_a_name_what_needs_them_is_refused() -> None:
    with pytest.raises(QueryError, match="due 4h at 5 depends on the time now, which is not known here"):
        parse("due<4h", now=None)
    with pytest.raises(QueryError, match="owner:me at 7: nobody is named here"):
        parse("owner:me", now=NOW)
    assert where(parse("due<2025-01-01 owner:ada", now=None)).sql


def test_blank_text_asks_for_everything() -> None:
    for text in ("", " ", "\t\n"):
        assert read(text).terms == ()


def test_sort_is_kept_apart() -> None:
    query = read("sev:0 sort:age fake")
    assert query.sort == "age"
    assert query.terms == read("sev:0 fake").terms
    assert read("sev:0").sort == ""


def test_field_names_may_be_written_in_capitals_and_quotes_left_open() -> None:
    assert read("SEV:0").terms == read("sev:0").terms
    assert read('tag:"two words').terms == read('tag:"two words"').terms
    assert read(":".join(("due", "<4h"))).terms == read("due<4h").terms
