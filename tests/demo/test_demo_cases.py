"""The demo desk's cases: the same each time, all kinds of them, and each with a legal past."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from escaltui.demo.cases import PLATFORM, DemoCase, cases, people
from escaltui.demo.past import NOVELTY, RISE
from escaltui.demo.words import minutes

NOW = datetime(2026, 6, 17, 9, 41, 30, tzinfo=UTC)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TYPES = words(
    "legal_removal legal_rights court_order data_request preservation_request emergency_disclosure government_enquiry "
    "regulator_enquiry ip_copyright ip_trademark ip_counterfeit ads commerce account_access press partner "
    "user_escalation internal_flag appeal"
)
ITEM_TYPES = words(
    "account post comment message listing ad page group product url story live event ad_account shop hashtag"
)
HARMS = words(
    "animal_welfare consumer_information cyber_violence cyber_violence_against_women "
    "data_protection_and_privacy_violations illegal_or_harmful_speech intellectual_property_infringements "
    "negative_effects_on_civic_discourse_or_elections not_specified_notice other_violation_tc "
    "protection_of_minors risk_for_public_security scams_and_fraud self_harm unsafe_and_prohibited_products "
    "violence"
)
FLAGS = words(
    "credible_threat violence imminent minor_involved self_harm terrorism ncii high_profile media_interest election "
    "new_report"
)
REQUESTERS = words(
    "user advertiser merchant rights_holder government law_enforcement court regulator press partner ngo "
    "trusted_flagger internal executive"
)
PARTIES = words(
    "requester law_enforcement other content_policy legal public_policy comms product sales ops ads_policy ip "
    "privacy partnerships threat_intel law_enforcement_response security child_safety market"
)
KINDS = words("notice counter_notice retraction order request enquiry appeal flag")
CHANNELS = words("api email form phone import manual")
DISMISSALS = words("out_of_scope incomplete_notice withdrawn spam duplicate fraudulent")
ROOT_CAUSES = words("enforcement_error policy_gap product_bug workflow_gap abuse none")
LINKS = words("related_to duplicate_of appeal_of follow_up_of split_from")
# Verbs that move a case: from which states, to which (None: stays).
MOVES = {
    "triage": ({"new", "triaged", "in_review", "waiting"}, None),
    "claim": ({"new", "triaged", "in_review", "waiting"}, "in_review"),
    "release": ({"in_review"}, "triaged"),
    "wait": ({"triaged", "in_review"}, "waiting"),
    "wake": ({"waiting"}, "was"),
    "dismiss": ({"new", "triaged", "in_review", "waiting"}, "resolved"),
    "close": ({"resolved"}, "closed"),
}
FREE = {"assign", "note", "tag", "flag", "skip"}


@pytest.fixture(scope="module")
def desk() -> list[DemoCase]:
    return list(cases(300, NOW))


def walk(case: DemoCase) -> str:
    """The state a case ends in; fails on a verb that its state does not allow."""
    state = was = "new"
    for step in case.steps:
        if step.verb in FREE:
            assert state != "closed", (case.key, step)
            continue
        allowed, to = MOVES[step.verb]
        assert state in allowed, (case.key, state, step)
        if step.verb == "triage":
            to = "triaged" if state == "new" else state
        if step.verb == "wait":
            was = state
        state = was if to == "was" else str(to)
    return state


def test_same_arguments_give_the_same_cases(desk: list[DemoCase]) -> None:
    assert list(cases(300, NOW)) == desk


def test_another_seed_changes_only_the_composed_ones(desk: list[DemoCase]) -> None:
    other = list(cases(300, NOW, seed=2))
    same = sum(a == b for a, b in zip(desk, other, strict=True))
    assert 55 <= same <= 70


def test_a_larger_count_only_adds_to_the_end(desk: list[DemoCase]) -> None:
    assert list(cases(420, NOW))[:300] == desk
    assert [c.key for c in cases(5, NOW)] == [c.key for c in desk[:5]]


def test_every_type_severity_and_status_is_there(desk: list[DemoCase]) -> None:
    assert {c.type for c in desk} == TYPES
    severities = Counter(c.severity for c in desk)
    assert set(severities) == {0, 1, 2, 3, 4}
    assert severities[0] <= 12 < severities[2] < severities[3]
    states = Counter(walk(c) for c in desk)
    assert set(states) == {"new", "triaged", "in_review", "waiting", "resolved", "closed"}
    assert 0.5 <= sum(states[s] for s in ("new", "triaged", "in_review", "waiting")) / 300 <= 0.72
    assert {"en", "fr", "de", "es", "pt", "tr", "ar", "hi", "ja", "ko", "ru", "pl"} == {c.language for c in desk}
    assert len({country for c in desk for country in c.countries}) >= 25


def test_deadlines_run_from_overdue_to_weeks_ahead(desk: list[DemoCase]) -> None:
    asked = [c.asked_minutes for c in desk if c.asked_minutes is not None and walk(c) not in ("resolved", "closed")]
    assert min(asked) < -60
    assert max(asked) > 10 * 1440
    assert sum(0 <= m <= 24 * 60 for m in asked) >= 8


@pytest.mark.parametrize("seed", [1, 7])
def test_every_value_is_one_the_domain_knows(seed: int) -> None:
    for c in cases(3000, NOW, seed):
        assert c.type in TYPES
        assert c.kind in KINDS
        assert c.channel in CHANNELS
        assert c.requester.kind in REQUESTERS
        assert c.harm in HARMS | {""}
        assert set(c.flags) <= FLAGS
        assert {s.item_type for s in c.subjects} <= ITEM_TYPES
        assert {kind for kind, _ in c.links} <= LINKS
        assert re.fullmatch(r"[A-Z]{2}", c.requester.country)
        assert re.fullmatch(r"[a-z0-9._-]+@[a-z0-9.-]+\.example", c.requester.address), c.requester
        assert 0 < len(c.title) <= 200
        assert c.body
        assert (c.asked_minutes is None) == (c.asked_words == "")
        assert c.asked_words in c.body
        assert "{" not in c.title + c.summary + c.body, c.key


def test_floors_of_the_flags_hold() -> None:
    for c in cases(3000, NOW):
        if "credible_threat" in c.flags or {"self_harm", "imminent"} <= set(c.flags):
            assert c.severity == 0, c.key
        if {"ncii", "terrorism", "minor_involved"} & set(c.flags):
            assert c.severity <= 1, c.key


def test_steps_are_legal_in_order_and_in_time() -> None:
    names = {p.name for p in people()}
    for c in cases(3000, NOW):
        walk(c)
        times = [c.received_minutes_ago, *(s.minutes_ago for s in c.steps), 0]
        assert all(a >= b for a, b in pairwise(times)), (c.key, times)
        for step in c.steps:
            assert step.actor in names
            match step.verb:
                case "dismiss":
                    assert step.args["reason"] in DISMISSALS
                case "close":
                    assert step.args["root_cause"] in ROOT_CAUSES
                case "wait":
                    assert step.args["on"] in PARTIES
                case "assign":
                    assert step.args["person"] in names
                case "note":
                    assert step.args["kind"] in {"note", "analysis", "quote", "call"}
                    assert step.args["body"]
                case "triage":
                    assert step.args == {"type": c.type, "severity": c.severity}
                case "tag" | "flag":
                    assert step.args["name"]


def test_a_release_comes_while_the_lease_runs() -> None:
    for c in cases(3000, NOW):
        claimed = None
        for step in c.steps:
            if step.verb == "claim":
                claimed = step
            if step.verb == "release":
                assert claimed is not None
                assert claimed.actor == step.actor
                assert claimed.minutes_ago - step.minutes_ago < 15, c.key


def test_keys_are_unique_and_links_lead_back() -> None:
    seen: set[str] = set()
    linked = 0
    for c in cases(3000, NOW, past=False):
        assert c.key not in seen
        for _, other in c.links:
            assert other in seen, c.key
            linked += 1
        seen.add(c.key)
    assert linked > 60


def test_an_item_is_the_same_thing_wherever_it_appears() -> None:
    urls: dict[tuple[str, str], str] = {}
    for c in cases(3000, NOW):
        for s in c.subjects:
            assert urls.setdefault((s.item_type, s.item_id), s.url) == s.url
            assert re.match(r"https://[a-z0-9.-]+\.example/", s.url)
    assert PLATFORM.host.endswith(".example")


def test_an_authority_report_is_not_verified_before_anyone_looked() -> None:
    for c in cases(3000, NOW):
        if not c.steps and c.key.startswith("case-"):
            assert c.verified is None


def test_three_or_four_letters_hide_characters(desk: list[DemoCase]) -> None:
    hidden = [c.key for c in desk if any(unicodedata.category(ch) == "Cf" for ch in c.body)]
    assert 3 <= len(hidden) <= 4
    assert any("\u202e" in c.body for c in desk)
    assert any("\u200b" in c.body for c in desk)


def test_nights_and_weekends_bring_cases(desk: list[DemoCase]) -> None:
    minute = NOW.timestamp() // 60
    arrivals = [datetime.fromtimestamp((minute - c.received_minutes_ago) * 60, UTC) for c in desk]
    assert sum(a.weekday() >= 5 for a in arrivals) > 30
    assert sum(a.hour < 6 for a in arrivals) > 30


def test_composed_cases_do_not_look_copied(desk: list[DemoCase]) -> None:
    assert len({c.title for c in desk}) > 280
    assert len({c.body for c in desk}) > 295
    assert Counter(c.summary for c in desk).most_common(1)[0][1] <= 12


def test_asked_hours_named_in_a_letter_are_full_hours_of_now(desk: list[DemoCase]) -> None:
    named = [c for c in desk if re.search(r"\d\d:\d\d UTC", c.asked_words)]
    assert named
    for c in named:
        at = (NOW.hour * 60 + NOW.minute + (c.asked_minutes or 0)) % 1440
        assert f"{at // 60:02}:{at % 60:02} UTC" in c.asked_words


def test_people_cover_the_desk() -> None:
    roles = Counter(role for p in people() for role in p.roles)
    assert roles["specialist"] >= 5
    assert roles["lead"] >= 2
    assert roles["counsel"] >= 1
    assert {"en", "fr", "de", "ar", "ko"} <= {lang for p in people() for lang in p.languages}


def test_a_duration_that_is_none_is_refused_with_the_mend() -> None:
    assert minutes("1d2h3m") == 1563
    assert minutes("-90m") == -90
    with pytest.raises(ValueError, match="write it like"):
        minutes("soon")


def test_behind_the_present_lie_thirteen_weeks_that_are_over() -> None:
    past = [c for c in cases(1000, NOW) if c.brief]
    weeks = Counter(c.received_minutes_ago // 10080 for c in past)
    assert set(range(1, 13)) <= set(weeks)
    assert {walk(c) for c in past} == {"resolved", "closed"}
    minute = NOW.timestamp() // 60
    came = [datetime.fromtimestamp((minute - c.received_minutes_ago) * 60, UTC) for c in past]
    assert sum(at.weekday() >= 5 for at in came) / len(came) < 0.25  # two days of seven would be 0.29
    assert sum(at.hour < 6 for at in came) / len(came) < 0.15  # six hours of 24 would be 0.25
    assert max(weeks.values()) > 2 * min(weeks[week] for week in range(1, 13))  # quiet weeks and busy ones


def test_one_requester_rises_and_one_is_new_this_week() -> None:
    found = Counter((c.requester.name, c.received_minutes_ago < 10080) for c in cases(1000, NOW))
    assert found[RISE.sender.name, True] >= RISE.many
    assert 5 <= found[RISE.sender.name, False] < 3 * 13
    assert (found[NOVELTY.sender.name, True], found[NOVELTY.sender.name, False]) == (NOVELTY.many, 0)


def test_a_desk_for_measuring_has_no_past() -> None:
    assert not any(c.brief for c in cases(1000, NOW, past=False))
