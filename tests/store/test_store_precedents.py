"""Precedents in a real store: what is found, what never is, and what keeps them up."""

from __future__ import annotations

import msgspec
import pytest
from decided_store import PRAISE, TRADE, Decided, a_store, in_force_alone, restricted_is_nowhere, reversed_is_out
from in_force import put

from escaltui.domain.decisions import Line
from escaltui.domain.precedents import Precedent
from escaltui.store import Store, policy_meaning, precedents


@pytest.fixture
def desk(store: Store) -> Decided:
    return Decided(store)


def test_decisions_on_the_same_section_the_nearest_first(desk: Decided) -> None:
    far = desk.decision("A recipe for soup.")
    near = desk.decision("A poster praises a bombing.")
    other = desk.decision("A poster praises a bombing.", cites=TRADE)
    assert desk.found("cs/1", text="a video praises the bombing") == [near.id, far.id]
    assert desk.found("cs/2") == [other.id]
    assert set(desk.found(text="praises a bombing")) == {near.id, other.id}
    assert desk.found("cs/9", text="praises") == []
    assert [each.score > 0 for each in desk.find("cs/1", text="bombing")] == [True, False]


def test_a_precedent_tells_what_was_decided(desk: Decided) -> None:
    made = desk.decision(outcome="violation_no_action", exception="satire", territory=("DE", "FR"))
    (found,) = desk.find("cs/1")
    case = desk.store.case(made.case)
    assert case is not None
    assert found == Precedent(
        made.id, made.case, case.ref, 0, "violation_no_action", "satire", ("DE", "FR"), made.effective_at or 0,
        found.rested, "", 0.0,
    )  # fmt: skip
    assert found.rested == (("cs/1", "v1", "0" * 64),)


def test_each_line_that_holds_is_a_precedent(desk: Decided) -> None:
    lines = (
        Line("no_violation", covers=("S1",), cites=(*PRAISE, *TRADE)), Line("violation_action", cites=PRAISE),
        Line("refer_out", covers=("S3",)),
    )  # fmt: skip
    desk.decision(lines=lines, subjects=("S1", "S2", "S3"))
    assert [(each.line, each.outcome, len(each.rested)) for each in desk.find("cs/1")] == [
        (0, "no_violation", 2), (1, "violation_action", 1)
    ]  # fmt: skip
    assert [each.line for each in desk.find("cs/2")] == [0]
    desk.decision(lines=(Line("no_violation", covers=("S1",), cites=TRADE), Line("answered", cites=TRADE)),
                  subjects=("S1",))  # fmt: skip
    assert [each.outcome for each in desk.find("cs/2")] == ["no_violation", "no_violation"]


def test_the_case_itself_is_no_precedent_of_its_own(desk: Decided) -> None:
    one, two = desk.decision(), desk.decision()
    assert desk.found("cs/1", text="attack", but=one.case) == [two.id]


def test_the_words_are_counted_as_they_come_and_go(desk: Decided) -> None:
    one = desk.decision("Soup, soup and soup.")
    two = desk.decision("Soupe d'été.")
    assert desk.words() == {"soup": 1, "and": 1, "soupe": 1, "d": 1, "ete": 1}
    put(desk.store, msgspec.structs.replace(two, state="superseded"))
    assert desk.words() == {"soup": 1, "and": 1}
    put(desk.store, msgspec.structs.replace(one, state="withdrawn"))
    assert desk.words() == {}


def test_a_text_is_looked_up_by_its_rarest_words(desk: Decided, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        desk.decision("the post praises" + " giraffes" * (n == 3) + " bombs" * (n > 3))
    monkeypatch.setattr(precedents, "POSTINGS", 4)
    monkeypatch.setattr(precedents, "SURE", 1)
    asked = desk.store.read(lambda connection: precedents.rarest(connection, "The giraffes of the post, bombs, x"))
    assert asked == ['"giraffes"', '"bombs"']


def test_what_nearly_every_decision_says_is_not_asked_for(desk: Decided, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedents, "FEW", 3)
    for n in range(5):
        desk.decision("the post" + " praises" * (n < 2))
    assert desk.store.read(lambda connection: precedents.rarest(connection, "the post praises it")) == ['"praises"']
    monkeypatch.setattr(precedents, "FEW", 5)
    assert len(desk.store.read(lambda connection: precedents.rarest(connection, "the post praises it"))) == 3


@pytest.mark.parametrize("text", ['"', "AND OR NOT (", "words : x", "*", "\x00", "\ud800", "雪", " ", "a" * 100_000])
def test_any_text_may_be_looked_up(text: str) -> None:
    with a_store() as desk:
        made = desk.decision("x AND 雪 words * " + text.encode("utf-8", "replace").decode()[:50])
        assert desk.found("cs/1", text=text) == [made.id]


def test_a_decision_without_sections_is_no_precedent(desk: Decided) -> None:
    desk.decision(lines=(Line("answered"),))
    assert desk.found(text="attack") == []


@pytest.mark.parametrize("state", ["proposed", "withdrawn", "superseded"])
def test_only_a_decision_in_force_counts(state: str) -> None:
    in_force_alone(state)


def test_a_decision_that_was_reversed_elsewhere_counts_no_more() -> None:
    reversed_is_out()


@pytest.mark.parametrize("sensitivity", ["restricted", "privileged"])
def test_a_restricted_case_shows_nothing_and_changes_no_ranking(sensitivity: str) -> None:
    restricted_is_nowhere(sensitivity)


def test_what_like_cases_cite_is_asked_for_case_by_case(desk: Decided) -> None:
    """Its cost goes with the cases that are asked for, not with how many decisions there are."""
    plan = desk.store.read(lambda c: c.execute(f"EXPLAIN QUERY PLAN {policy_meaning._CITED}", ("[]",)).fetchall())
    scanned = [row[3] for row in plan if row[3].startswith("SCAN")]
    assert scanned == [each for each in scanned if each.startswith("SCAN j")], plan
    assert sum(row[3].startswith("SEARCH") for row in plan) == 3
