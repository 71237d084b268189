"""Statements of reasons: what is drafted, what the schema refuses, what may not leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from desk import DAY, NOW, Desk
from hypothesis import given
from hypothesis import strategies as st
from stated import REMOVED, complaints, decided, drafted, line, matter, mend, schema, stated, with_notice

from escaltui.domain import statements
from escaltui.domain.decisions import EU_KINDS, Cite, Statement
from escaltui.domain.operations import EditStatement, SendStatement
from escaltui.domain.personal_data import find
from escaltui.domain.statement_rules import problems

GOOD: dict[str, Any] = {
    "decision_visibility": (REMOVED,), "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Rule 1", "incompatible_content_explanation": "It praises an attack.",
    "content_type": ("CONTENT_TYPE_TEXT",), "category": "STATEMENT_CATEGORY_VIOLENCE", "territorial_scope": ("DE",),
    "content_date": "2026-05-01", "application_date": "2026-06-01", "decision_facts": "A post.",
    "source_type": "SOURCE_ARTICLE_16", "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED", "puid": "01A-1",
}  # fmt: skip
COUNTS = {
    "decision_visibility": 7, "decision_monetary": 3, "decision_provision": 4, "decision_account": 2,
    "decision_ground": 2, "content_type": 8, "category": 16, "category_addition": 16, "category_specification": 69,
    "territorial_scope": 30, "source_type": 4, "automated_decision": 3, "automated_detection": 2, "account_type": 2,
    "incompatible_content_illegal": 2,
}  # fmt: skip


def told(**changed: Any) -> list[str]:
    fields = {name: value for name, value in (GOOD | changed).items() if value is not None}
    return [str(each) for each in problems(fields, schema())]


def test_a_whole_statement_has_no_problem() -> None:
    assert told() == []


def test_the_values_are_as_many_as_the_database_has() -> None:
    assert {name: len(set(schema().values(name))) for name in COUNTS} == COUNTS


def test_our_kinds_of_action_are_the_databases_values() -> None:
    groups = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
    assert {f"DECISION_{kind.upper()}" for kind in EU_KINDS} == {each for g in groups for each in schema().values(g)}


@pytest.mark.real_data
def test_the_values_are_those_that_the_database_published(real_data: Path) -> None:
    published = json.loads((real_data / "dsa_statement_of_reasons_enums.json").read_text())
    names = {
        "decision_visibility": "DECISION_VISIBILITIES", "decision_monetary": "DECISION_MONETARIES",
        "decision_provision": "DECISION_PROVISIONS", "decision_account": "DECISION_ACCOUNTS",
        "decision_ground": "DECISION_GROUNDS", "content_type": "CONTENT_TYPES", "category": "STATEMENT_CATEGORIES",
        "category_specification": "KEYWORDS", "source_type": "SOURCE_TYPES", "account_type": "ACCOUNT_TYPES",
        "automated_decision": "AUTOMATED_DECISIONS", "automated_detection": "AUTOMATED_DETECTIONS",
        "incompatible_content_illegal": "INCOMPATIBLE_CONTENT_ILLEGALS",
    }  # fmt: skip
    assert {ours: set(schema().values(ours)) for ours in names} == {o: set(published[t]) for o, t in names.items()}


ONE = "DECISION_MONETARY_SUSPENSION"
ILLEGAL = {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}
BROKEN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"incompatible_content_explanation": "x" * 2143}, "incompatible_content_explanation: 2,143 of 2,000 characters"),
    ({"incompatible_content_ground": "x" * 501}, "incompatible_content_ground: 501 of 500 characters"),
    ({"decision_facts": "x" * 5001}, "decision_facts: 5,001 of 5,000 characters"),
    ({"decision_facts": "é" * 5001}, "decision_facts: 5,001 of 5,000 characters"),
    ({"decision_facts": "  "}, "decision_facts: missing"),
    ({"puid": None}, "puid: missing"),
    ({"puid": "a b"}, "puid: a b has not the form that is asked for"),
    ({"category": None}, "category: missing"),
    ({"category": "STATEMENT_CATEGORY_RUDE"}, "category: STATEMENT_CATEGORY_RUDE is none of its 16 values"),
    ({"territorial_scope": ()}, "territorial_scope: missing"),
    ({"territorial_scope": ("DE", "TR")}, "territorial_scope: TR is none of its 30 values"),
    ({"content_type": "CONTENT_TYPE_TEXT"}, "content_type: a list is wanted"),
    ({"decision_monetary": (ONE,)}, "decision_monetary: one value is wanted"),
    ({"content_type": ("CONTENT_TYPE_OTHER",)}, "content_type_other: missing, required for CONTENT_TYPE_OTHER"),
    ({"content_type_other": "song"}, "content_type_other: only for CONTENT_TYPE_OTHER"),
    ({"decision_visibility_other": "hidden"}, "decision_visibility_other: only for DECISION_VISIBILITY_OTHER"),
    ({"decision_monetary": "DECISION_MONETARY_OTHER"},
     "decision_monetary_other: missing, required for DECISION_MONETARY_OTHER"),
    ({"illegal_content_legal_ground": "§ 1"},
     "illegal_content_legal_ground: only for DECISION_GROUND_ILLEGAL_CONTENT"),
    ({"source_type": "SOURCE_VOLUNTARY", "source_identity": "Somebody"}, "source_identity: not for SOURCE_VOLUNTARY"),
    ({"content_date": "1999-12-31"}, "content_date: 1999-12-31 is before 2000-01-01"),
    ({"application_date": "2019-12-31"}, "application_date: 2019-12-31 is before 2020-01-01"),
    ({"application_date": "1.6.2026"}, "application_date: 1.6.2026 is no day like 2026-05-31"),
    ({"application_date": "20260601"}, "application_date: 20260601 is no day like 2026-05-31"),
    ({"application_date": "2026-02-29"}, "application_date: 2026-02-29 is no day like 2026-05-31"),
    ({"end_date_visibility_restriction": "2038-01-02"},
     "end_date_visibility_restriction: 2038-01-02 is after 2038-01-01"),
    ({"decision_ground_reference_url": "see rules"},
     "decision_ground_reference_url: see rules has not the form that is asked for"),
    ({"content_language": "de"}, "content_language: de is none of its 184 values"),
    ({"mood": "bad"}, "mood: no field of the schema of 2025-07-01"),
)  # fmt: skip


@pytest.mark.parametrize(("changed", "problem"), BROKEN)
def test_a_broken_rule_names_its_field(changed: dict[str, Any], problem: str) -> None:
    assert told(**changed) == [problem]


def test_what_was_done_must_be_told() -> None:
    (problem,) = told(decision_visibility=None)
    assert problem.endswith("one of them must say what was done")


def test_another_ground_wants_its_own_fields() -> None:
    assert told(**ILLEGAL) == [
        "illegal_content_legal_ground: missing, required for DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_explanation: missing, required for DECISION_GROUND_ILLEGAL_CONTENT",
        "incompatible_content_ground: only for DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_explanation: only for DECISION_GROUND_INCOMPATIBLE_CONTENT",
    ]


@given(st.dictionaries(st.sampled_from(sorted(schema().field)), st.text() | st.lists(st.text()).map(tuple)))
def test_any_fields_are_judged(fields: dict[str, Any]) -> None:
    assert problems(fields, schema())  # nothing random has a category and a day


# --- drafting


def test_one_statement_for_each_item_and_all_are_valid() -> None:
    desk = Desk()
    decision = decided(desk, items=3)
    rows = stated(desk, decision)
    assert [row.number for row in rows] == [1, 2, 3]
    assert {row.subject for row in rows} == set(decision.subjects)
    assert [(row.state, row.problems) for row in rows] == [("valid", ())] * 3
    assert rows[0].fields == {
        "decision_visibility": (REMOVED,),
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": "https://commonlea.example/rules#praise",
        "incompatible_content_ground": "Praise of attacks",
        "incompatible_content_explanation": "It calls it a feat.\n\nRests on: Praise of attacks.",
        "content_type": ("CONTENT_TYPE_TEXT",), "category": "STATEMENT_CATEGORY_VIOLENCE",
        "territorial_scope": schema().values("territorial_scope"), "content_language": "DE",
        "content_date": "2026-06-01", "application_date": "2026-06-01",
        "decision_facts": "The post praises an attack.", "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No", "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": f"{decision.id}-1",
    }  # fmt: skip
    assert "statement" not in desk.case(decision.case).open_work


def first(desk: Desk, *lines: Any, **more: Any) -> dict[str, Any]:
    """The fields of the first statement that is drafted."""
    return statements.draft(matter(desk, decided(desk, *lines, **more)))[0].fields


def test_a_geo_block_is_told_where_it_holds_and_nowhere_else() -> None:
    fields = first(Desk(), line(territory=("FR", "DE", "TR")), kinds=("visibility_content_disabled",))
    assert fields["territorial_scope"] == ("DE", "FR")


def test_a_block_outside_the_union_alone_needs_none_and_says_why() -> None:
    desk = Desk()
    made = statements.draft(matter(desk, decided(desk, line(territory=("TR",)))))
    assert [each.fields for each in made] == [{}, {}]
    assert str(made[0].why) == "it was restricted outside the EU and the EEA alone"


def test_an_item_without_such_an_action_needs_none() -> None:
    desk = Desk()
    made = statements.draft(matter(desk, decided(desk, kinds=("strike_added", "restored"))))
    assert {str(each.why) for each in made} == {"nothing was done to it that the database asks about"}


def test_each_item_goes_by_its_own_line() -> None:
    desk = Desk()
    decision = decided(desk, items=2)
    cites = (Cite("law/1", "v1", "1" * 64, "Section 130"),)
    other = line(outcome="legal_compliance", own_policy="clear", ground="legal_order", territory=("DE",), cites=cites,
                 covers=decision.subjects[:1])  # fmt: skip
    decision = msgspec.structs.replace(decision, lines=(line(), other))
    by_item = {each.subject: each.fields for each in statements.draft(matter(desk, decision))}
    law, policy = (by_item[key] for key in decision.subjects)
    assert law["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert law["illegal_content_legal_ground"] == "Section 130"
    assert law["territorial_scope"] == ("DE",)
    assert "incompatible_content_ground" not in law
    assert policy["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert len(policy["territorial_scope"]) == 30


def test_an_end_is_told_only_where_every_action_of_its_group_has_one() -> None:
    desk = Desk()
    fields = first(desk, kinds=("visibility_content_disabled", "account_suspended"), until=NOW + 30 * DAY)
    assert fields["end_date_visibility_restriction"] == fields["end_date_account_restriction"] == "2026-07-01"
    assert fields["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert "end_date_visibility_restriction" not in first(desk)


def test_of_a_group_with_one_value_the_gravest_is_told() -> None:
    fields = first(Desk(), kinds=("provision_partial_termination", "provision_total_suspension"))
    assert fields["decision_provision"] == "DECISION_PROVISION_PARTIAL_TERMINATION"


@pytest.mark.parametrize(
    ("report", "source"),
    [
        ({"requester_kind": "trusted_flagger"}, "SOURCE_TRUSTED_FLAGGER"),
        ({"requester_kind": "court", "kind": "order"}, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        ({"requester_kind": "internal"}, "SOURCE_VOLUNTARY"),
        ({"requester_kind": "user"}, "SOURCE_ARTICLE_16"),
    ],
)
def test_who_made_us_look(report: dict[str, Any], source: str) -> None:
    fields = first(Desk(), report=report)
    assert fields["source_type"] == source
    assert ("source_identity" in fields) == (source == "SOURCE_TRUSTED_FLAGGER")


@pytest.mark.parametrize("item_type", ["account", "ad", "listing", "live", "url", "shop", "page"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_item_makes_a_valid_statement(item_type: str, language: str) -> None:
    desk = Desk()
    desk.do(drafted(desk, decided(desk, item_type=item_type), language))
    assert {row.state for row in desk.of(Statement)} == {"valid"}


def test_a_copyright_case_needs_no_harm_and_another_does() -> None:
    desk = Desk()
    decision = decided(desk, items=1)
    desk.put(decision.case, harm="", type="ip_copyright")
    (row,) = stated(desk, decision)
    assert row.state == "valid"
    assert row.fields["category"] == "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
    assert row.fields["category_specification"] == ("KEYWORD_COPYRIGHT_INFRINGEMENT",)
    desk.put(decision.case, type="press")
    assert stated(desk, decision)[0].problems == ("category: missing",)


def test_a_text_that_is_too_long_stays_whole_and_is_told() -> None:
    desk = Desk()
    (row, *_rest) = stated(desk, decided(desk, rationale="It is a feat. " * 180))
    assert row.state == "draft"
    size = len(str(row.fields["incompatible_content_explanation"]))
    assert row.problems == (f"incompatible_content_explanation: {size:,} of 2,000 characters",)
    assert desk.case(row.case).open_work == {"statement": 2}
    assert mend(desk, row, {"incompatible_content_explanation": "It is a feat."}).state == "valid"
    assert desk.case(row.case).open_work == {"statement": 1}


def test_many_sections_are_named_as_far_as_whole_names_fit() -> None:
    cites = tuple(Cite(f"cs/{n}", "v1", "0" * 64, f"{n} " + "h" * 97) for n in range(8))
    ground = first(Desk(), line(cites=cites))["incompatible_content_ground"]
    assert [each[0] for each in ground.split("; ")] == ["0", "1", "2", "3"]


# --- personal data

FOUND = (
    ("Write to jo@mail.example.", "email", "jo@mail.example"),
    ("jo (at) mail dot example", "email", "jo (at) mail dot example"),
    ("Call +33 1 23 45 67 89 today", "phone", "+33 1 23 45 67 89"),
    ("Call 030/1234567", "phone", "030/1234567"),
    ("Call (415) 555-0123.", "phone", "(415) 555-0123"),
    ("by @quiet.fox, who", "handle", "@quiet.fox"),
    ("see https://www.facebook.com/quiet.fox", "profile", "https://www.facebook.com/quiet.fox"),
    ("see commonlea.example/u/fox.", "profile", "commonlea.example/u/fox"),
    ("at https://commonlea.example/mara.b0/photos", "profile", "https://commonlea.example/mara.b0/photos"),
    ("Mr BLOGGS asks", "name", "BLOGGS"),
    ("jo  bloggs asks", "name", "jo  bloggs"),
    ("Jo Blöggs asks", "name", "Jo Blöggs"),
    ("the author mara.b0 wrote", "name", "mara.b0"),
)


@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_personal_data_is_found(text: str, kind: str, words: str) -> None:
    assert (kind, words) in [(each.kind, each.words) for each in find(text, ("Jo Bloggs", "mara.b0"))]


@pytest.mark.parametrize(
    "text",
    [
        "Under Regulation (EU) 2022/2065, Article 17(3), and 17 USC 512(c)(1).",
        "Taken on 2026-05-31 and again on 31.05.2026, for 2024-2026.",
        "See https://commonlea.example/rules/hate#praise for the rule.",
        "12,500 people saw it; E-7K2QX, item 448812.",
        "A bloggsian remark about blogs.",
        "",
    ],
)
def test_what_is_no_personal_data_is_left_alone(text: str) -> None:
    assert find(text, ("Jo Bloggs", "mara.b0")) == ()


@given(st.text(), st.lists(st.text(max_size=20), max_size=3))
def test_what_is_found_stands_in_the_text(text: str, names: list[str]) -> None:
    assert all(each.words in text for each in find(text, names))


def test_a_statement_with_personal_data_is_valid_once_it_is_mended_or_kept_with_a_reason() -> None:
    desk = Desk()
    (row,) = stated(desk, decided(desk, items=1, facts="Jo Bloggs wrote from jo@mail.example about mara.b0."))
    assert row.state == "draft"
    assert [each.partition(";")[0] for each in row.problems] == [
        "decision_facts: e-mail address jo@mail.example", "decision_facts: name of a person Jo Bloggs",
        "decision_facts: name of a person mara.b0",
    ]  # fmt: skip
    row = mend(desk, row, waived={"mara.b0": "the account is the matter itself"})
    assert len(row.problems) == 2
    row = mend(desk, row, {"decision_facts": "The notifier wrote about mara.b0."})
    assert (row.state, row.problems) == ("valid", ())


def test_a_public_bodys_name_may_be_told() -> None:
    desk = Desk()
    report = {"requester_name": "Court of Lyon", "requester_kind": "court"}
    (row,) = stated(desk, decided(desk, items=1, report=report, facts="Court of Lyon ordered it."))
    assert row.problems == ()


def test_more_names_can_be_given() -> None:
    desk = Desk()
    op = drafted(desk, decided(desk, items=1, facts="Grace Hopper agreed."))
    desk.do(msgspec.structs.replace(op, names=("Grace Hopper",)))
    assert desk.of(Statement)[0].state == "draft"


def test_keeping_personal_data_needs_a_reason() -> None:
    desk = Desk()
    (row,) = stated(desk, decided(desk, items=1, facts="Jo Bloggs wrote."))
    desk.no("incomplete", EditStatement(case=row.case, statement=row.id, waived={"Jo Bloggs": " "}))


# --- what may not be


NOTICES = ({"rule": "forbidden", "source": "court"}, {"rule": "delayed", "source": "court", "until": NOW + DAY})


@pytest.mark.parametrize("notice", NOTICES)
def test_nothing_is_drafted_exported_or_sent_while_the_user_may_not_be_told(notice: dict[str, Any]) -> None:
    desk = Desk()
    decision = decided(desk, items=1)
    (row,) = stated(desk, decision)
    with_notice(desk, decision.case, **notice)
    refusals = [desk.no("blocked", drafted(desk, decision)),
                desk.no("blocked", SendStatement(case=row.case, statement=row.id, state="exported",
                                                 external_ref="b#0"))]  # fmt: skip
    desk.rows["statement", row.id] = msgspec.structs.replace(row, state="exported", external_ref="b#0")
    refusals.append(desk.no("blocked", SendStatement(case=row.case, statement=row.id, state="sent")))
    for refused in refusals:
        assert "(court)" in refused.reason
        assert ("2026-06-02 10:00 UTC" in refused.reason) == (notice["rule"] == "delayed")


def test_a_delay_that_is_over_delays_nothing() -> None:
    desk = Desk()
    decision = decided(desk)
    with_notice(desk, decision.case, rule="delayed", source="court", until=NOW)
    assert len(stated(desk, decision)) == 2


@pytest.mark.parametrize("state", ["proposed", "withdrawn", "superseded"])
def test_only_a_decision_in_force_has_statements(state: Any) -> None:
    desk = Desk()
    decision = decided(desk)
    (row, _) = stated(desk, decision)
    desk.rows["decision", decision.id] = msgspec.structs.replace(decision, state=state)
    desk.no("wrong_state", drafted(desk, decision))
    desk.no("wrong_state", SendStatement(case=row.case, statement=row.id, state="exported", external_ref="b#0"))
    desk.no("wrong_state", EditStatement(case=row.case, statement=row.id, fields={"decision_facts": "x"}))


def test_a_draft_with_problems_does_not_leave() -> None:
    desk = Desk()
    (row,) = stated(desk, decided(desk, items=1), category=())
    desk.no("wrong_state", SendStatement(case=row.case, statement=row.id, state="exported", external_ref="b#0"))
    desk.no("wrong_state", SendStatement(case=row.case, statement=row.id, state="sent"))


def test_what_the_database_answers_is_kept() -> None:
    desk = Desk()
    (row,) = stated(desk, decided(desk, items=1))

    def send(state: Any, **more: Any) -> Statement:
        desk.do(SendStatement(case=row.case, statement=row.id, state=state, **more))
        return desk.of(Statement)[0]

    assert send("exported", external_ref="b#0").external_ref == "b#0"
    desk.no("wrong_state", EditStatement(case=row.case, statement=row.id, fields={"decision_facts": "x"}))
    back = send("refused")
    assert (back.state, back.external_ref) == ("valid", "")
    send("exported", external_ref="c#0")
    assert send("refused", problems=("puid: known",)).problems == ("puid: known",)
    assert desk.case(row.case).open_work == {"statement": 1}
    assert mend(desk, desk.of(Statement)[0], {"decision_facts": "Another."}).state == "valid"
    send("exported", external_ref="d#0")
    assert send("sent", external_ref="uuid").external_ref == "uuid"
    assert desk.case(row.case).open_work == {}


def test_drafting_again_renews_what_has_not_left() -> None:
    desk = Desk()
    decision = decided(desk)
    one, two = stated(desk, decision)
    desk.do(SendStatement(case=one.case, statement=one.id, state="exported", external_ref="b#0"))
    again = stated(desk, decision, decision_facts="Told anew.")
    assert [row.id for row in again] == [one.id, two.id]
    assert [row.fields["decision_facts"] for row in again] == [one.fields["decision_facts"], "Told anew."]
    desk.do(SendStatement(case=one.case, statement=two.id, state="withdrawn"))
    assert [row.number for row in stated(desk, decision)] == [1, 2, 3]


def test_another_cases_statement_is_not_here() -> None:
    desk = Desk()
    (row, _) = stated(desk, decided(desk))
    other = decided(desk)
    desk.no("not_found", EditStatement(case=other.case, statement=row.id, fields={"decision_facts": "x"}))
    desk.no("not_found", msgspec.structs.replace(drafted(desk, other), case=row.case))


def test_bad_edits_are_refused_in_words() -> None:
    desk = Desk()
    (row, _) = stated(desk, decided(desk))
    wrong: Any = ({"puid": "mine"}, {"decision_facts": "x" * 20_001}, {"decision_facts": 7}, {"a.b": "x"})
    for fields in wrong:
        desk.no("invalid", EditStatement(case=row.case, statement=row.id, fields=fields))
    desk.no("incomplete", EditStatement(case=row.case, statement=row.id))
    assert complaints(row.fields) == ()
