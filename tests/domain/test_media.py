"""Files of a case: what is said of them, and the seal, which has no way back."""

from __future__ import annotations

from typing import Any

import pytest
from desk import LEAD, RULES, SPECIALIST, Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from escaltui.domain import operations as ops
from escaltui.domain.entities import Consult, Media, Report, Subject
from escaltui.domain.media import SEALED_NAME, Attachment, Rating, holder_of, media_id
from escaltui.domain.operations import NewSubject
from escaltui.domain.rules.sealing import together
from escaltui.domain.safety_rows import SealRow

ONE, TWO = "a" * 64, "b" * 64
PHOTO = Attachment("holiday.jpg", "image/jpeg", 1200, ONE, claimed="none", transcript="what is heard in it")
OTHER = Attachment("plain.png", "image/png", 80, TWO)
LABELLED = Attachment(SEALED_NAME, "", 0, ONE, sealed=True)


def item(*held: Attachment, name: str = "p1") -> NewSubject:
    return NewSubject(platform="web", item_type="post", item_id=name, media=held)


def with_photos(desk: Desk, **more: Any) -> tuple[str, str]:
    """A case whose report brought two files, and how that report is named."""
    report = desk.report(attachments=(PHOTO, OTHER))
    return desk.open(report=report, **more), holder_of("report", report)


def sealed(desk: Desk, basis: str = "reviewer") -> tuple[str, str]:
    case, holder = with_photos(desk)
    desk.do(ops.SealMedia(case=case, holder=holder, at=0, basis=basis))
    return case, holder


def row(desk: Desk, case: str, holder: str, at: int = 0) -> Media:
    (found,) = desk.of(Media, id=media_id(case, holder, at))
    assert isinstance(found, Media)
    return found


def report_of(desk: Desk, holder: str) -> Report:
    (found,) = desk.of(Report, id=holder.partition(":")[2])
    assert isinstance(found, Report)
    return found


def test_what_a_team_member_says_is_kept_with_who_and_when() -> None:
    desk = Desk()
    case, holder = with_photos(desk)
    desk.do(ops.RateMedia(case=case, holder=holder, at=0, rating="graphic"))
    desk.do(ops.DescribeMedia(case=case, holder=holder, at=0, text=" a road, one person "), "bo")
    said = row(desk, case, holder)
    assert (said.rating, said.rated_by, said.rated_at) == ("graphic", "ada", desk.now)
    assert (said.description, said.described_by, said.sha256) == ("a road, one person", "bo", ONE)
    assert desk.of(Media) == [said], "nothing is said of the other file"


def test_a_reporters_claim_never_becomes_the_teams_rating() -> None:
    desk = Desk()
    case, holder = with_photos(desk)
    desk.do(ops.DescribeMedia(case=case, holder=holder, at=0, text="a road"))
    assert row(desk, case, holder).rating == "unknown", "the reporter claims none"


@pytest.mark.parametrize(
    ("op", "code"),
    [
        (ops.RateMedia(case="", holder="", at=2, rating="none"), "not_found"),
        (ops.RateMedia(case="", holder="", at=-1, rating="none"), "not_found"),
        (ops.RateMedia(case="", holder="", at=0, rating="mild"), "invalid"),  # type: ignore[arg-type]
        (ops.DescribeMedia(case="", holder="", at=0, text="  "), "incomplete"),
        (ops.DescribeMedia(case="", holder="", at=0, text="x" * 2001), "invalid"),
        (ops.SealMedia(case="", holder="", at=0, basis=" "), "incomplete"),
        (ops.SealMedia(case="", holder="", at=7), "not_found"),
    ],
)
def test_what_cannot_be_said_is_refused(op: Any, code: str) -> None:
    desk = Desk()
    case, holder = with_photos(desk)
    desk.no(code, replace(op, case=case, holder=holder))


def test_a_file_of_another_case_is_not_here() -> None:
    desk = Desk()
    _case, holder = with_photos(desk)
    other = desk.open()
    for named in (holder, "report:nobody", "subject:nobody", "note:x", ""):
        desk.no("not_found", ops.SealMedia(case=other, holder=named, at=0))


def test_a_seal_keeps_id_hash_who_when_basis_and_hides_the_rest() -> None:
    desk = Desk()
    case, holder = sealed(desk, "it looks like it")
    said = row(desk, case, holder)
    assert (said.state, said.sha256, said.sealed_by, said.sealed_at) == ("sealed", ONE, "ada", desk.now)
    assert said.basis == "it looks like it"
    assert report_of(desk, holder).attachments == (LABELLED, OTHER), "no name, type, size or words; the hash"
    assert desk.case(case).files == (TWO,)


def test_a_seal_flags_the_case_and_lifts_its_severity_with_a_note() -> None:
    desk = Desk()
    case, _holder = sealed(desk)
    floor = RULES.floor(("minor_involved",), frozenset(), frozenset())
    assert floor is not None
    assert desk.case(case).flags == ("minor_involved",)
    assert desk.case(case).severity == floor
    (told,) = [each for each in desk.log if each.verb == "SealMedia" and each.entity == "case"]
    assert told.reason.startswith("floor of "), told.reason
    assert "severity" in told.fields


def test_a_seal_asks_the_operators_team_once() -> None:
    desk = Desk()
    case, holder = sealed(desk)
    desk.do(ops.SealMedia(case=case, holder=holder, at=1), "bo")
    (asked,) = desk.of(Consult, case=case)
    seal = RULES.seals["suspected"]
    assert (asked.team, asked.question, asked.state) == (seal.team, seal.question, "asked")
    assert desk.case(case).open_work == {"consult": 1}


def test_without_a_team_the_seal_stands_and_nobody_is_asked() -> None:
    desk = Desk()
    case, holder = with_photos(desk)
    desk.do(ops.SealMedia(case=case, holder=holder, at=0), rules=replace(RULES, seals={}))
    assert row(desk, case, holder).state == "sealed"
    assert desk.of(Consult) == []


@pytest.mark.parametrize("rating", ["none", "severe"])
def test_nothing_is_said_of_a_sealed_file(rating: Rating) -> None:
    desk = Desk()
    case, holder = sealed(desk)
    desk.no("blocked", ops.RateMedia(case=case, holder=holder, at=0, rating=rating), roles=LEAD)
    desk.no("blocked", ops.DescribeMedia(case=case, holder=holder, at=0, text="a road"))
    desk.no("blocked", ops.SealMedia(case=case, holder=holder, at=0))


def test_a_seal_is_never_undone() -> None:
    desk = Desk()
    case, holder = with_photos(desk)
    done = desk.do(ops.SealMedia(case=case, holder=holder, at=0))
    for actor, roles in (("ada", SPECIALIST), ("lee", LEAD), ("ada", frozenset({"admin", "lead", "approver"}))):
        desk.no("blocked", ops.Undo(operation=done), actor, roles)
    assert row(desk, case, holder).state == "sealed"


def test_what_brought_a_sealed_file_is_not_undone_either() -> None:
    desk = Desk()
    case = desk.open(subjects=(item(PHOTO),))
    linked = desk.do(ops.LinkReport(case=case, report=desk.report(attachments=(LABELLED,))))
    attached = desk.do(ops.AttachSubject(case=case, subject=item(LABELLED)))
    for done in (linked, attached):
        desk.no("blocked", ops.Undo(operation=done), "lee", LEAD)


def test_a_file_that_comes_sealed_is_sealed_and_routed() -> None:
    desk = Desk()
    report = desk.report(attachments=(OTHER, LABELLED))
    case = desk.open(report=report, severity=4)
    said = row(desk, case, holder_of("report", report), 1)
    assert (said.state, said.basis, said.sha256) == ("sealed", "intake", ONE)
    assert desk.case(case).flags == ("minor_involved",)
    assert desk.case(case).severity == RULES.floor(("minor_involved",), frozenset(), frozenset())
    assert desk.case(case).files == (TWO,)
    assert len(desk.of(Consult, case=case)) == 1
    desk.do(ops.LinkReport(case=case, report=desk.report(attachments=(LABELLED,))))
    assert len(desk.of(Consult, case=case)) == 1, "asked once"


def test_a_report_with_a_sealed_file_takes_it_off_the_cases_own() -> None:
    desk = Desk()
    case = desk.open(subjects=(item(OTHER, PHOTO),))
    assert desk.case(case).files == (ONE, TWO), "the control"
    desk.do(ops.LinkReport(case=case, report=desk.report(attachments=(LABELLED,))))
    assert desk.case(case).files == (TWO,)


def test_the_row_that_routes_is_asked_whatever_other_rows_a_team_adds() -> None:
    listed, own = SealRow(id="listed", hashes=(TWO,)), SealRow(id="own", team="security", question="What now?")
    for seals, team in (
        ({"listed": listed, **RULES.seals}, "child_safety"), ({"own": own, **RULES.seals}, "child_safety"),
        ({"own": own}, "security"),
    ):  # fmt: skip
        desk = Desk()
        case, holder = with_photos(desk)
        desk.do(ops.SealMedia(case=case, holder=holder, at=0), rules=replace(RULES, seals=seals))
        assert [each.team for each in desk.of(Consult, case=case)] == [team]


def test_a_later_label_seals_a_file_that_the_item_had() -> None:
    desk = Desk()
    case = desk.open(subjects=(item(OTHER, PHOTO),))
    holder = holder_of("subject", item().id)
    desk.do(ops.RateMedia(case=case, holder=holder, at=1, rating="none"))
    desk.do(ops.AttachSubject(case=case, subject=item(LABELLED)))
    assert desk.of(Subject)[0].media == (OTHER, LABELLED)
    assert (row(desk, case, holder, 1).state, row(desk, case, holder, 1).basis) == ("sealed", "intake")
    assert desk.case(case).files == (TWO,)
    assert len(desk.of(Consult, case=case)) == 1


def test_a_seal_goes_with_the_item_to_every_case_it_is_on() -> None:
    desk = Desk()
    unnamed = replace(PHOTO, sha256="")
    one = desk.open(subjects=(item(unnamed),))
    desk.do(ops.SealMedia(case=one, holder=holder_of("subject", item().id), at=0))
    other = desk.open(subjects=(item(),))
    assert desk.of(Subject)[0].media[0].sealed, "though no hash tells them apart"
    assert row(desk, other, holder_of("subject", item().id)).state == "sealed"
    assert len(desk.of(Consult, case=other)) == 1
    desk.no("blocked", ops.RateMedia(case=other, holder=holder_of("subject", item().id), at=0, rating="none"))


def test_an_item_taken_off_and_put_on_again_is_sealed_once() -> None:
    desk = Desk()
    case = desk.open(subjects=(item(LABELLED), item(OTHER, name="p2")))
    desk.do(ops.DetachSubject(case=case, subject=item().id))
    desk.do(ops.AttachSubject(case=case, subject=item()))
    assert len(desk.of(Media, case=case)) == 1
    assert len(desk.of(Consult, case=case)) == 1


FILES = st.builds(
    Attachment,
    name=st.sampled_from(["a.jpg", "b.jpg"]),
    type=st.just("image/jpeg"),
    size=st.sampled_from([1, 2]),
    sha256=st.sampled_from(["", ONE, TWO]),
    sealed=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FILES, max_size=6), st.lists(FILES, max_size=6))
def test_files_put_together_keep_their_places_and_lose_no_seal(known: list[Attachment], new: list[Attachment]) -> None:
    found = together(tuple(known), tuple(new))
    assert len(found) >= len(known)
    for before, after in zip(known, found, strict=False):
        assert after == before or after.sealed
        assert after.sealed >= before.sealed
    hashes = {each.sha256 for each in new if each.sealed and each.sha256}
    assert hashes <= {each.sha256 for each in found if each.sealed}


STEPS = st.lists(st.sampled_from(["rate", "describe", "seal", "undo", "attach", "detach", "link", "open"]), max_size=14)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_follows_a_sealed_file_stays_sealed(steps: list[str]) -> None:
    desk = Desk()
    case = desk.open(subjects=(item(PHOTO, OTHER),))
    holder = holder_of("subject", item().id)
    done = [desk.do(ops.SealMedia(case=case, holder=holder, at=0))]
    for step in steps:
        asked: dict[str, Any] = {
            "rate": ops.RateMedia(case=case, holder=holder, at=0, rating="none"),
            "describe": ops.DescribeMedia(case=case, holder=holder, at=0, text="x"),
            "seal": ops.SealMedia(case=case, holder=holder, at=0),
            "undo": ops.Undo(operation=done[-1]),
            "attach": ops.AttachSubject(case=case, subject=item(PHOTO)),
            "detach": ops.DetachSubject(case=case, subject=item().id),
            "link": ops.LinkCases(case=case, target=desk.open()),
            "open": ops.OpenCase(opens=desk.new_id(), subjects=(item(PHOTO),)),
        }
        desk.ask(asked[step], roles=LEAD)
        done.append(desk.last)
        assert row(desk, case, holder).state == "sealed"
        assert desk.of(Subject)[0].media[0] == LABELLED
