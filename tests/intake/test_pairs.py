"""What was found as operations: sent to another process and back, they are kept as if they had never left."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain import ids
from escaltui.intake.found import CASE_TYPES, KINDS, REQUESTER_KINDS, FoundReport, FoundRequester, FoundSubject
from escaltui.intake.pairs import CHECK_TAG, Pair, named, of_unknown_type, pair

NOW = 1_780_000_000_000
SENT = msgspec.msgpack.Decoder(Pair).decode


def found(**fields):
    return FoundReport(**({"dedupe_key": "desk:1", "source": "desk", "confidence": 1.0} | fields))


def kept(each: Pair) -> list[bytes]:
    """What the store keeps of the two operations, with their ids."""
    new = named(each, NOW)
    return [msgspec.json.encode(part) for part in (new.report, new.report_op, new.case, new.case_op)]


@given(
    st.builds(
        found, kind=st.sampled_from(sorted(KINDS)), case_type=st.sampled_from(sorted(CASE_TYPES)),
        body=st.text(), title=st.text(max_size=50), answers=st.dictionaries(st.text(), st.text(), max_size=3),
        country=st.sampled_from(("", "fr", "DE")), affected_count=st.integers(0, 10**12),
        requester=st.builds(FoundRequester, name=st.text(), kind=st.sampled_from(sorted(REQUESTER_KINDS))),
        subjects=st.lists(st.builds(FoundSubject, platform=st.just("p"), item_type=st.sampled_from(("post", "url")),
                                    item_id=st.text())).map(tuple),
        received_at=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    )
)  # fmt: skip
def test_what_was_sent_is_kept_as_if_it_had_never_left(report):
    made = pair(report)
    assert kept(SENT(msgspec.msgpack.encode(made))) == kept(made)


@pytest.mark.parametrize("default", ["user_escalation"])
def test_a_word_that_was_sent_is_the_very_default_of_a_case(default):
    sent = named(SENT(msgspec.msgpack.encode(pair(found(case_type=default)))), NOW)
    assert sent.case.case_type is default


@pytest.mark.parametrize(
    ("said", "kept_as"),
    [(None, NOW), (datetime(2099, 1, 1, tzinfo=UTC), NOW), (datetime(2020, 1, 1, tzinfo=UTC), 1_577_836_800_000)],
)
def test_a_report_came_when_it_says_but_never_in_the_future(said, kept_as):
    new = named(pair(found(received_at=said)), NOW)
    assert (new.report.received_at, new.case.received_at) == (kept_as, kept_as)


def test_the_same_key_gives_the_same_ids_but_for_the_time():
    one, later, other = (named(pair(found(dedupe_key=key)), at) for key, at in (("a", 1), ("a", 2), ("b", 1)))
    assert one == named(pair(found(dedupe_key="a")), 1)
    assert one.case.report == ids.entity_id(one.report_op, 0)
    assert one.case.opens[10:] == later.case.opens[10:] != other.case.opens[10:]
    assert len({one.report_op, one.case_op, one.case.opens}) == 3


def test_a_type_that_the_rules_took_away_is_looked_at():
    new = of_unknown_type(pair(found(case_type="press", problems=("first",))))
    assert (new.case.case_type, new.case.tags, new.report.confidence) == ("", (CHECK_TAG,), 0.5)
    assert new.report.problems == ("first", "There is no case type press in the rules: check its type.")
    assert new.unsure
