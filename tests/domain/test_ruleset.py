"""The packaged rule set, and what it answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escaltui import rules_loader
from escaltui.domain.conditions import ConditionFault, holds, parse

RULES = rules_loader.load()
TYPES = (
    "legal_removal legal_rights court_order data_request preservation_request emergency_disclosure government_enquiry "
    "regulator_enquiry ip_copyright ip_trademark ip_counterfeit ads commerce account_access press partner "
    "user_escalation internal_flag appeal"
)
TEAMS = (
    "content_policy legal public_policy comms product sales ops ads_policy ip privacy partnerships threat_intel "
    "law_enforcement_response security child_safety market"
)


def test_every_name_of_the_design_is_there() -> None:
    assert set(RULES.types) == set(TYPES.split())
    assert set(RULES.teams) == set(TEAMS.split())
    assert len(RULES.item_types) == 16
    assert len(RULES.requesters) == 14
    assert len(RULES.flags) == 11
    assert len(RULES.groups["eu"].countries) == len(set(RULES.groups["eu"].countries)) == 27
    assert set(RULES.groups["eea"].countries) - set(RULES.groups["eu"].countries) == {"IS", "LI", "NO"}
    assert [RULES.severity(level).id for level in range(5)] == ["s0", "s1", "s2", "s3", "s4"]
    assert [team.id for team in RULES.teams.values() if team.advice_only] == ["sales"]
    assert all(word.strip() == word and word for word in RULES.words())


@pytest.mark.real_data
def test_harms_are_the_categories_of_the_eu_form(real_data: Path) -> None:
    form = json.loads((real_data / "dsa_statement_of_reasons_enums.json").read_text("utf-8"))
    assert {f"STATEMENT_CATEGORY_{harm.upper()}" for harm in RULES.harms} == set(form["STATEMENT_CATEGORIES"])


HOURS = {
    "ack": (5, 15, 60, 240, 480),
    "first_response": (15, 60, 240, 480, 1440),
    "next_update": (30, 60, 1440, 1440, 3360),
    "approval": (10, 30, 120, 480, 1440),
    "decision": (60, 240, 1440, 1440, 4800),
    "resolve": (240, 1440, 4320, 4800, 9600),
}


@pytest.mark.parametrize("metric", HOURS)
def test_the_service_level_table(metric: str) -> None:
    rows = {row.severity: row for row in RULES.sla.values() if row.metric == metric and not row.type}
    assert tuple(rows[level].minutes for level in range(5)) == HOURS[metric]
    assert [rows[level].counts for level in range(5)] == ["always"] * 3 + ["desk"] * 2


def test_every_metric_is_budgeted_and_the_most_exact_row_wins() -> None:
    plain = RULES.budgets("user_escalation", 3, "global")
    assert {b.metric: (b.minutes, b.calendar) for b in plain.values()} == {
        "ack": (240, "desk"), "decision": (1440, "desk"), "resolve": (4800, "desk"), "first_response": (480, "desk"),
        "next_update": (1440, "desk"), "approval": (480, "desk"),
    }  # fmt: skip
    assert "first_response" not in RULES.budgets("internal_flag", 3, "global")
    for level in range(5):
        emergency = RULES.budgets("emergency_disclosure", level, "global")["decision"]
        assert (emergency.minutes, emergency.calendar, emergency.rule) == (30, "", "emergency-decision")
    press = RULES.budgets("press", 2, "global")["decision"]
    assert (press.minutes, press.by) == (1440, "asked")
    assert RULES.budgets("press", 3, "a desk made later")["ack"].calendar == "desk"


@pytest.mark.parametrize(
    ("flags", "items", "events", "floor"),
    [
        ({"credible_threat"}, set(), set(), 0),
        ({"violence"}, {"live"}, set(), 0),
        ({"violence"}, {"post"}, set(), None),
        ({"self_harm", "imminent"}, set(), set(), 0),
        ({"self_harm"}, set(), set(), None),
        ({"ncii"}, set(), set(), 1),
        ({"terrorism", "high_profile"}, set(), set(), 1),
        ({"minor_involved", "credible_threat"}, set(), set(), 0),
        ({"election"}, set(), set(), None),
        ({"election"}, set(), {"election"}, 2),
        (set(), {"live"}, {"election"}, None),
    ],
)
def test_floors(flags: set[str], items: set[str], events: set[str], floor: int | None) -> None:
    assert RULES.floor(flags, items, events) == floor


def test_events_run_by_country_and_day(tmp_path: Path) -> None:
    event = '[event.fr]\nkind = "election"\ncountries = ["FR"]\nfirst = "2027-04-01"\nlast = "2027-05-01"\n'
    (tmp_path / "calendars.toml").write_text(event)
    rules = rules_loader.load(tmp_path)
    assert rules.active_events(("DE", "FR"), "2027-05-01") == {"election"}
    assert not rules.active_events(("FR",), "2027-05-02")
    assert not rules.active_events(("DE",), "2027-04-10")


@pytest.mark.parametrize(
    ("facts", "case_type"),
    [
        ({"requester": "court", "report": "order"}, "court_order"),
        ({"requester": "law_enforcement", "report": "request"}, "data_request"),
        ({"requester": "law_enforcement", "flag": ("imminent",)}, "emergency_disclosure"),
        ({"requester": "government", "report": "order"}, "legal_removal"),
        ({"requester": "government", "report": "enquiry"}, "government_enquiry"),
        ({"requester": "press"}, "press"),
        ({"report": "appeal", "requester": "user"}, "appeal"),
        ({"requester": "user"}, "user_escalation"),
        ({}, "user_escalation"),
        ({"requester": "press", "case_type": "ads"}, "ads"),
    ],
)
def test_routing(facts: dict[str, str], case_type: str) -> None:
    routed = RULES.route(**facts)
    assert (routed.desk, routed.type) == ("global", case_type)
    assert routed.severity == RULES.types[case_type].severity


def test_conditions_are_two_valued() -> None:
    for facts in (
        {"flag": ("a", "b"), "sev": 2, "legal_total": 240},
        {},
        {"flag": (), "sev": 0, "type": "legal_removal"},
    ):
        for text in ("flag:a,c", "sev:0,1", "legal_total<=4h", "type:legal", "type:*_removal", "sev>=1 flag:b"):
            one, rest = parse(text), parse(" ".join(f"-{term}" for term in text.split()[:1]))
            assert holds(one[:1], facts) is not holds(rest, facts)
    assert holds(parse("type:legal"), {"type": "legal_removal"})
    assert not holds(parse("type:*_enquiry"), {"type": "legal_removal"})
    assert holds(parse("legal_total<=4h"), {"legal_total": 240})
    assert not holds(parse("legal_total<=4h"), {"legal_total": 241})
    assert not holds(parse("legal_total<=4h"), {"legal_total": None})
    assert holds((), {})


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("sevv:0", 'no field "sevv"; did you mean "sev"?'),
        ("legal_total<=4", '"legal_total" wants a length of time like 90m, 4h or 2d, not "4"'),
        ("sev:high", '"sev" wants a whole number, not "high"'),
        ("flag>=a", '"flag" is compared with : only, not >='),
        ("me", 'cannot read "me"; write it like flag:violence or legal_total<=4h'),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(when: str, sentence: str) -> None:
    with pytest.raises(ConditionFault) as fault:
        parse(when)
    assert str(fault.value) == sentence


def test_an_old_case_of_an_unknown_type_still_has_one() -> None:
    assert RULES.case_type("gone").label == "gone"
    assert RULES.case_type("legal_removal").authority
    assert RULES.case_type("internal_flag").internal
    assert RULES.case_type("ip_counterfeit").families == ("ip", "commerce")


def test_a_rule_set_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RULES.hash = ""  # type: ignore[misc]
