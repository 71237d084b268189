"""What is done to a case beside its status: fields, severity, tags, flags, items, links, citations, people, times."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, HOUR, LEAD, MINUTE, NOW, Desk

from escaltui.domain import operations as ops
from escaltui.domain.clock import At
from escaltui.domain.entities import Link, Pin, Subject
from escaltui.domain.operations import NewSubject


def edited(**fields: Any) -> Any:
    return lambda case: ops.EditCase(case=case, fields=fields)


def test_editing_sets_plain_fields() -> None:
    desk = Desk()
    case = desk.open()
    fields = {"title": "Better", "summary": "s", "harm": "violence", "countries": ["FR", " DE", "", "FR"]}
    desk.do(ops.EditCase(case=case, fields=fields))
    found = desk.case(case)
    assert (found.title, found.summary, found.harm, found.countries) == ("Better", "s", "violence", ("DE", "FR"))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (edited(status="closed"), "status"),
        (edited(fence=0), "fence"),
        (edited(title=""), "title"),
        (edited(title=" "), "title"),
        (edited(title="x" * 201), "title"),
        (edited(title=5), "title"),
        (edited(summary=None), "summary"),
        (edited(summary="x" * 1_048_577), "summary"),
        (edited(harm="noise"), "harm"),
        (edited(harm=["violence"]), "harm"),
        (edited(root_cause="fate"), "root_cause"),
        (edited(countries="FR"), "countries"),
        (edited(countries=5), "countries"),
        (edited(languages=[1]), "languages"),
    ],
)
def test_editing_refuses_what_does_not_fit(make: Any, field: str) -> None:
    desk = Desk()
    assert desk.no("invalid", make(desk.open())).mend.fields == (field,)


def test_a_title_of_two_hundred_characters_fits() -> None:
    desk = Desk()
    desk.do(ops.EditCase(case=desk.open(), fields={"title": "é" * 200}))
    desk.open("é" * 200)
    desk.no("invalid", ops.OpenCase(opens=desk.new_id(), title="é" * 201))


def test_lowering_a_severity_or_s0_needs_a_reason() -> None:
    desk = Desk()
    case = desk.open(severity=3)
    desk.do(ops.SetSeverity(case=case, severity=2))
    assert desk.no("incomplete", ops.SetSeverity(case=case, severity=3)).mend.fields == ("reason",)
    assert "S0" in desk.no("incomplete", ops.SetSeverity(case=case, severity=0, reason=" ")).reason
    desk.do(ops.SetSeverity(case=case, severity=0, reason="a life"))
    assert (desk.case(case).lane, desk.log[-1].reason) == (0, "a life")
    desk.do(ops.SetSeverity(case=case, severity=0))
    desk.do(ops.SetSeverity(case=case, severity=4, reason="a hoax"))
    for level in (-1, 5, 2**70):
        desk.no("invalid", ops.SetSeverity(case=case, severity=level, reason="r"))


def test_a_new_severity_has_new_budgets() -> None:
    desk = Desk()
    case = desk.open(severity=2)
    desk.now += HOUR // 2
    desk.do(ops.SetSeverity(case=case, severity=1))
    assert desk.case(case).clocks["decision"].due == At(NOW + 4 * HOUR)


def test_tags_are_lower_case_words_each_once() -> None:
    desk = Desk()
    case = desk.open(tags=("B", "", "b"))
    desk.do(ops.Tag(case=case, tags=("New  Spam", "b", "a")))
    assert desk.case(case).tags == ("a", "b", "new-spam")
    desk.do(ops.Untag(case=case, tags=("B",)))
    assert desk.case(case).tags == ("a", "new-spam")
    desk.no("incomplete", ops.Tag(case=case, tags=("", " ")))
    desk.no("incomplete", ops.Untag(case=case, tags=()))
    desk.no("invalid", ops.Tag(case=case, tags=("x" * 65,)))
    desk.no("invalid", ops.Tag(case=case, tags=("a.b",)))
    desk.do(ops.Tag(case=case, tags=("x" * 64,)))


@pytest.mark.parametrize(
    ("flags", "severity"), [(["ncii"], 1), (["credible_threat"], 0), (["self_harm", "imminent"], 0), (["violence"], 3)]
)
def test_a_flag_brings_its_floor(flags: list[str], severity: int) -> None:
    desk = Desk()
    case = desk.open(severity=3)
    for flag in flags:
        desk.do(ops.AddFlag(case=case, flag=flag))
    assert desk.case(case).severity == severity
    assert desk.log[-1].reason == ("" if severity == 3 else f"floor of {flags[-1]}")
    assert desk.case(desk.open(severity=3, flags=tuple(flags))).severity == severity


def test_a_floor_never_lowers() -> None:
    desk = Desk()
    case = desk.open(severity=0)
    desk.do(ops.AddFlag(case=case, flag="ncii"))
    assert desk.case(case).severity == 0


def test_live_violence_is_s0_whichever_comes_first() -> None:
    live = NewSubject(platform="web", item_type="live", item_id="l1")
    for first, second in (("flag", "item"), ("item", "flag")):
        desk = Desk()
        case = desk.open(severity=3)
        for what in (first, second):
            if what == "flag":
                desk.do(ops.AddFlag(case=case, flag="violence"))
            else:
                desk.do(ops.AttachSubject(case=case, subject=live))
        assert desk.case(case).severity == 0, first
    desk.do(ops.DetachSubject(case=case, subject=live.id))
    assert (desk.case(case).items, desk.case(case).severity) == ({}, 0)


def test_an_election_floor_holds_in_its_country_while_it_lasts() -> None:
    desk = Desk()
    for country, severity in (("DE", 2), ("FR", 4)):
        case = desk.open(severity=4, countries=(country,))
        desk.do(ops.AddFlag(case=case, flag="election"))
        assert desk.case(case).severity == severity
    desk.now += DAY
    assert desk.case(desk.open(severity=4, countries=("DE",), flags=("election",))).severity == 4


def test_flags_are_known_ones_and_cleared_with_a_reason() -> None:
    desk = Desk()
    case = desk.open(severity=3)
    desk.no("invalid", ops.AddFlag(case=case, flag="nice"))
    desk.no("invalid", ops.OpenCase(opens=desk.new_id(), title="t", flags=("nice",)))
    desk.do(ops.AddFlag(case=case, flag="ncii"))
    desk.no("incomplete", ops.ClearFlag(case=case, flag="ncii"))
    desk.do(ops.ClearFlag(case=case, flag="ncii", reason="consent was given"))
    assert (desk.case(case).flags, desk.case(case).severity) == ((), 1)


def item(number: int, **more: Any) -> NewSubject:
    return NewSubject(platform="web", item_type="post", item_id=f"p{number}", **more)


def test_an_item_is_one_by_its_triple() -> None:
    desk = Desk()
    one, two = desk.open(), desk.open()
    desk.do(ops.AttachSubject(case=one, subject=item(1, reach=500)))
    desk.do(ops.AttachSubject(case=two, subject=item(1, author="eve", text="t", reach=9)))
    (row,) = desk.of(Subject)
    assert (row.author, row.text, row.reach, row.captured_at) == ("eve", "t", 500, desk.now)
    desk.do(ops.AttachSubject(case=two, subject=item(1, author="mallory")))
    assert desk.of(Subject)[0].author == "eve"
    assert {item(1).id, NewSubject(platform="web", item_type="post", url="p1").id} == {row.id}
    others = [NewSubject(platform="web/post", item_type="post", item_id="1"),
              NewSubject(platform="web", item_type="post", item_id="post/1")]  # fmt: skip
    assert len({other.id for other in others}) == 2


def test_reach_and_item_types_follow_the_items() -> None:
    desk = Desk()
    case = desk.open(subjects=(item(1, reach=100), item(1, reach=100), item(2, reach=5)))
    assert (desk.case(case).reach, desk.case(case).items, len(desk.case(case).subjects)) == (105, {"post": 2}, 2)
    desk.do(ops.AttachSubject(case=case, subject=item(2, role="related")))
    assert (desk.case(case).reach, desk.case(case).subjects[item(2).id]) == (105, "related")
    desk.do(ops.DetachSubject(case=case, subject=item(1).id))
    assert (desk.case(case).reach, desk.case(case).items) == (5, {"post": 1})
    desk.no("not_found", ops.DetachSubject(case=case, subject=item(1).id))


def test_an_item_that_names_nothing_is_no_item() -> None:
    desk = Desk()
    case = desk.open(subjects=(NewSubject(author="eve"), NewSubject(author="mallory")))
    assert (desk.case(case).subjects, desk.of(Subject)) == ({}, [])
    desk.no("incomplete", ops.AttachSubject(case=case, subject=NewSubject(author="eve")))
    desk.no("invalid", ops.AttachSubject(case=case, subject=NewSubject(item_type="thought", item_id="1")))
    desk.no("invalid", ops.AttachSubject(case=case, subject=item(1, reach=-1)))
    desk.no("invalid", ops.AttachSubject(case=case, subject=item(1, role="suspect")))


def test_a_case_has_at_most_ten_thousand_items() -> None:
    desk = Desk()
    desk.no("invalid", ops.OpenCase(opens=desk.new_id(), title="t", subjects=tuple(map(item, range(10_001)))))
    case = desk.open()
    desk.put(case, subjects={item(n).id: "primary" for n in range(10_000)}, items={"post": 10_000})
    desk.no("invalid", ops.AttachSubject(case=case, subject=item(10_000)))
    desk.do(ops.AttachSubject(case=case, subject=item(1, role="related")))


def test_the_same_link_twice_is_one() -> None:
    desk = Desk()
    one, two = desk.open(), desk.open()
    desk.do(ops.LinkCases(case=one, target=two))
    desk.do(ops.LinkCases(case=one, target=two))
    assert len(desk.of(Link)) == 1
    desk.do(ops.LinkCases(case=one, target=two, kind="duplicate_of"))
    (plain,) = desk.of(Link, kind="related_to")
    desk.no("not_found", ops.UnlinkCases(case=desk.open(), link=plain.id))
    desk.no("not_found", ops.UnlinkCases(case=one, link="nowhere"))
    desk.do(ops.UnlinkCases(case=two, link=plain.id))
    assert desk.of(Link, withdrawn=True) == desk.of(Link, id=plain.id)
    assert desk.ask(ops.UnlinkCases(case=one, link=plain.id)) == ()
    desk.do(ops.LinkCases(case=one, target=two))
    assert len(desk.of(Link, kind="related_to")) == 2
    desk.no("invalid", ops.LinkCases(case=one, target=one))
    desk.no("not_found", ops.LinkCases(case=one, target="nowhere"))


def test_a_citation_keeps_the_words_that_were_read() -> None:
    desk = Desk()
    case = desk.open()
    pin = Pin("v3", "0" * 64, "Hate")
    desk.do(ops.PinSection(case=case, section="cs/3.1", pin=pin))
    assert desk.case(case).pins == {"cs/3.1": pin}
    empty = desk.no("incomplete", ops.PinSection(case=case, section="", pin=Pin("", "")))
    assert empty.mend.fields == ("section", "version", "text_sha256")
    desk.do(ops.UnpinSection(case=case, section="cs/3.1"))
    desk.no("not_found", ops.UnpinSection(case=case, section="cs/3.1"))


def test_following_is_ones_own() -> None:
    desk = Desk()
    case = desk.open()
    desk.do(ops.Follow(case=case))
    desk.do(ops.Follow(case=case), "grace")
    desk.do(ops.Unfollow(case=case))
    assert desk.case(case).watchers == ("grace",)


def test_assigning_leaves_a_colleagues_claim_alone() -> None:
    desk = Desk()
    case = desk.held()
    desk.do(ops.Assign(case=case, person="lin"), "grace")
    found = desk.case(case)
    assert (found.owner, found.status) == ("lin", "in_review")
    assert found.lease is not None
    desk.do(ops.Assign(case=case, person="grace"))
    assert (desk.case(case).owner, desk.case(case).lease, desk.case(case).status) == ("grace", None, "triaged")
    other = desk.held()
    desk.do(ops.Assign(case=other, person=""), "lin", LEAD)
    assert (desk.case(other).owner, desk.case(other).lease, desk.case(other).status) == ("", None, "triaged")


def test_recusing_is_for_oneself_or_by_a_lead() -> None:
    desk = Desk()
    case = desk.held()
    desk.no("not_allowed", ops.Recuse(case=case, person="ada"), "grace")
    desk.no("incomplete", ops.Recuse(case=case, person=""), "grace", LEAD)
    desk.do(ops.Recuse(case=case, person="ada", reason="her brother"), "grace", LEAD)
    assert (desk.case(case).recused, desk.case(case).owner, desk.case(case).lease) == (("ada",), "", None)
    desk.no("recused", ops.Assign(case=case, person="ada"), "grace", LEAD)


def test_skipping_needs_a_reason_and_lasts_four_hours() -> None:
    desk = Desk()
    case = desk.held()
    assert desk.no("incomplete", ops.Skip(case=case)).mend.fields == ("reason",)
    desk.do(ops.Skip(case=case, reason="not my language"))
    found = desk.case(case)
    assert (found.skipped, found.lease, found.status) == ({"ada": desk.now + 4 * HOUR}, None, "triaged")
    held = desk.held("grace")
    desk.do(ops.Skip(case=held, reason="later"))
    lease = desk.case(held).lease
    assert lease is not None
    assert (lease.person, desk.case(held).owner) == ("grace", "grace")


def test_a_boost_is_a_leads_with_a_reason_within_three_days() -> None:
    desk = Desk()
    case = desk.open()
    before = desk.case(case).start_by
    desk.no("not_allowed", ops.SetBoost(case=case, hours=1, reason="r"))
    desk.no("incomplete", ops.SetBoost(case=case, hours=1), "grace", LEAD)
    for hours in (73, -73):
        desk.no("invalid", ops.SetBoost(case=case, hours=hours, reason="r"), "grace", LEAD)
    desk.do(ops.SetBoost(case=case, hours=72, reason="r"), "grace", LEAD)
    assert desk.case(case).start_by == before - 72 * HOUR
    desk.do(ops.SetBoost(case=case, hours=-72, reason="r"), "grace", LEAD)


def test_an_asked_time_is_quoted() -> None:
    desk = Desk()
    case = desk.open(report=desk.report(requester_name="The Court"))
    desk.no("incomplete", ops.RecordAsked(case=case, words="", instant=desk.now + HOUR))
    desk.no("invalid", ops.RecordAsked(case=case, words="soon", instant=-1))
    desk.no("invalid", ops.RecordAsked(case=case, words="soon", instant=10**20))
    desk.do(ops.RecordAsked(case=case, words="within 6 hours", instant=desk.now + 6 * HOUR))
    clock = desk.case(case).clocks["asked:1"]
    assert (clock.words, clock.by, clock.due) == ("within 6 hours", "The Court", At(desk.now + 6 * HOUR))


def test_a_clock_is_stopped_by_a_lead_with_a_reason() -> None:
    desk = Desk()
    case = desk.open()
    desk.no("not_allowed", ops.StopClock(case=case, clock="ack", reason="r"))
    desk.no("incomplete", ops.StopClock(case=case, clock="ack"), "grace", LEAD)
    assert "ack" in desk.no("not_found", ops.StopClock(case=case, clock="x", reason="r"), "grace", LEAD).mend.text
    desk.now += MINUTE
    desk.do(ops.StopClock(case=case, clock="ack", reason="told by phone"), "grace", LEAD)
    assert (desk.case(case).clocks["ack"].state, desk.log[-1].reason) == ("stopped", "told by phone")
    desk.no("not_found", ops.StopClock(case=case, clock="ack", reason="r"), "grace", LEAD)
