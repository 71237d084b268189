"""Reports come in once; cases open whole; a report is verified, not its sender."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, HOUR, NOW, Desk, in_status

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Link, Report, Requester
from escaltui.domain.operations import NewSubject, OpenCase, ReceiveReport


def test_a_report_is_kept_as_it_came() -> None:
    desk = Desk()
    desk.do(ReceiveReport(body="Remove\x1b this", kind="order", channel="email", requester_name=" The Court ",
                          requester_kind="court", received_at=NOW - HOUR, answers={"a.b": "c"}))  # fmt: skip
    (report,), (requester,) = desk.of(Report), desk.of(Requester)
    assert (report.body, report.kind, report.received_at, report.state) == (
        "Remove\x1b this",
        "order",
        NOW - HOUR,
        "new",
    )
    assert (report.requester, requester.name, requester.kind) == (requester.id, "The Court", "court")
    assert report.verification.state == "unverified"
    assert report.id != requester.id


def test_a_known_dedupe_key_adds_nothing() -> None:
    desk = Desk()
    desk.do(ReceiveReport(body="one", dedupe_key="k"))
    before = (dict(desk.rows), len(desk.log))
    assert desk.ask(ReceiveReport(body="two", dedupe_key="k", requester_name="Eve")) == ()
    assert (desk.rows, len(desk.log)) == before
    desk.do(ReceiveReport(body="two", dedupe_key="l"))
    desk.do(ReceiveReport(body="two"))
    desk.do(ReceiveReport(body="two"))
    assert len(desk.of(Report)) == 4


def test_a_requester_of_a_known_name_is_the_known_one() -> None:
    desk = Desk()
    desk.report(requester_name="Jo Bloggs", requester_kind="press")
    desk.report(requester_name="jo  BLOGGS")
    (jo,) = desk.of(Requester)
    desk.report(requester=jo.id)
    assert {report.requester for report in desk.of(Report)} == {jo.id}
    assert desk.of(Report)[-1].requester_name == "Jo Bloggs"
    desk.no("not_found", ReceiveReport(body="b", requester="nobody"))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"received_at": NOW + 1}, "received_at"),
        ({"received_at": -1}, "received_at"),
        ({"body": "x" * (1024 * 1024 + 1)}, "body"),
        ({"body": "é" * (512 * 1024 + 1)}, "body"),
        ({"kind": "poem"}, "kind"),
        ({"channel": "pigeon"}, "channel"),
        ({"requester_kind": "king"}, "requester_kind"),
        ({"affected_count": -1}, "affected_count"),
        ({"affected_count": 10**30}, "affected_count"),
    ],
)
def test_a_report_that_does_not_fit_is_refused(fields: dict[str, Any], named: str) -> None:
    desk = Desk()
    assert desk.no("invalid", ReceiveReport(**fields)).mend.fields == (named,)


def test_a_body_of_one_mebibyte_fits() -> None:
    Desk().report("é" * (512 * 1024))


def test_half_a_character_is_refused_in_words() -> None:
    desk = Desk()
    desk.no("invalid", ReceiveReport(body="\udcff"))
    desk.no("invalid", OpenCase(opens=desk.new_id(), title="t", subjects=(NewSubject(item_id="\udcff"),)))


def test_a_case_opens_from_a_report() -> None:
    desk = Desk()
    report = desk.report("b", kind="order", requester_name="The Court", requester_kind="court",
                         received_at=NOW - HOUR, on_behalf_of="Ms X", hidden={"bidi": 2})  # fmt: skip
    case = desk.case(desk.open("T", report=report, countries=("FR", "")))
    assert (case.type, case.severity, case.desk, case.stream) == ("court_order", 2, "global", "desk:global")
    assert (case.requester_name, case.requester_kind, case.on_behalf_of) == ("The Court", "court", "Ms X")
    assert (case.received_at, case.report_count, case.hidden, case.countries) == (NOW - HOUR, 1, True, ("FR",))
    assert (case.status, case.verified) == ("new", "unverified")
    assert {"ack", "decision", "resolve"} <= set(case.clocks)
    assert desk.of(Report)[0].case == case.id
    desk.no("blocked", OpenCase(opens=desk.new_id(), report=report))


def test_a_case_opens_by_hand_and_once() -> None:
    desk = Desk()
    case = desk.open("  ", severity=4, case_type="press", desk="night")
    assert (desk.case(case).title, desk.case(case).severity, desk.case(case).stream) == ("Untitled", 4, "desk:night")
    assert desk.ask(OpenCase(opens=case, title="Again")) == ()
    assert len(desk.of(Case)) == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"opens": ""}, "opens"),
        ({"opens": "x" * 26}, "opens"),
        ({"opens": "A" * 25}, "opens"),
        ({"case_type": "gossip"}, "type"),
        ({"desk": "nowhere"}, "desk"),
        ({"severity": 5}, "severity"),
        ({"severity": -1}, "severity"),
        ({"harm": "noise"}, "harm"),
        ({"flags": ("nice",)}, "flag"),
        ({"tags": ("a.b",)}, "tags"),
        ({"received_at": -1}, "received_at"),
    ],
)
def test_a_case_that_does_not_fit_is_refused(fields: dict[str, Any], named: str) -> None:
    desk = Desk()
    op = OpenCase(**({"opens": desk.new_id(), "title": "t"} | fields))
    assert desk.no("invalid", op).mend.fields == (named,)


def test_a_case_of_the_future_came_now() -> None:
    desk = Desk()
    assert desk.case(desk.open(received_at=NOW + DAY)).received_at == NOW


def test_references_get_longer_while_they_are_taken() -> None:
    desk = Desk()
    tails = ("A1VVVVV", "B1VVVVV", "C2VVVVV", "C3VVVVV")
    for n, tail in enumerate(tails):
        desk.do(OpenCase(opens=str(n) * 19 + tail, title="t"))
    refs = [desk.case(str(n) * 19 + tail).ref for n, tail in enumerate(tails)]
    assert refs == ["E-VVVVV", "E-1VVVVV", "E-2VVVVV", "E-3VVVVV"]
    same = "9" * 19 + tails[0]
    desk.do(OpenCase(opens=same, title="t"))
    assert desk.case(same).ref == "E-A1VVVVV"
    assert all(same.endswith(ids.read_ref(form)[2:]) for form in ("vvvvv", "e-1vvvvv", "E-A1VVVVV"))


def test_a_split_is_a_case_with_a_link_to_where_it_came_from() -> None:
    desk = Desk()
    origin = desk.open()
    part = desk.open("Part", split_from=origin)
    (link,) = desk.of(Link)
    assert (link.source, link.target, link.kind) == (part, origin, "split_from")
    desk.no("not_found", OpenCase(opens=desk.new_id(), title="t", split_from="nowhere"))
    desk.no("not_found", OpenCase(opens=desk.new_id(), title="t", report="nowhere"))


def test_a_further_report_wakes_a_waiting_case() -> None:
    desk = Desk()
    case = desk.open(report=desk.report(requester_name="Jo"))
    desk.do(ops.Triage(case=case))
    desk.do(ops.Wait(case=case, on="requester"))
    later = desk.report("more", requester_name="Flo", hidden={"bidi": 1})
    desk.do(ops.LinkReport(case=case, report=later))
    found = desk.case(case)
    assert (found.status, found.waiting, found.report_count, found.hidden) == ("triaged", None, 2, True)
    assert found.requester_name == "Jo"
    desk.no("blocked", ops.LinkReport(case=desk.open(), report=later))
    desk.no("not_found", ops.LinkReport(case=case, report="nowhere"))
    assert (
        "Unmerge"
        in desk.no("wrong_state", ops.LinkReport(case=in_status(desk, "merged"), report=desk.report())).mend.text
    )


def test_a_report_is_verified_by_a_method_and_a_contact_of_ours() -> None:
    desk = Desk()
    case = desk.open(report=desk.report("Call me on 555-0101", requester_name="Det. Colter"))
    verify = ops.VerifyReport
    assert desk.no("incomplete", verify(case=case)).mend.fields == ("method",)
    assert desk.no("incomplete", verify(case=case, method="callback")).mend.fields == ("contact_used",)
    desk.no("invalid", verify(case=case, method="hunch"))
    (report,) = desk.of(Report)
    desk.no("blocked", verify(case=case, report=report.id, method="callback", contact_used="555-0101"))
    ours = ops.EditRequester(requester=report.requester, contact="555-0199", channel="phone", source="the register")
    desk.do(ours)
    desk.do(verify(case=case, report=report.id, method="callback", contact_used="555-0199"))
    (report,) = desk.of(Report)
    assert (desk.case(case).verified, report.verification.by, report.verification.at) == ("verified", "ada", desk.now)
    desk.do(verify(case=case, state="unverified"))
    assert desk.case(case).verified == "unverified"


def test_of_several_reports_one_is_named_and_the_first_speaks_for_the_case() -> None:
    desk = Desk()
    first = desk.report()
    case = desk.open(report=first)
    desk.now += HOUR
    second = desk.report("more")
    desk.do(ops.LinkReport(case=case, report=second))
    desk.no("incomplete", ops.VerifyReport(case=case, method="portal"))
    desk.no("not_found", ops.VerifyReport(case=case, method="portal", report="nowhere"))
    desk.no("not_found", ops.VerifyReport(case=desk.open(), method="portal"))
    desk.do(ops.VerifyReport(case=case, method="portal", report=second))
    assert desk.case(case).verified == "unverified"
    desk.do(ops.VerifyReport(case=case, method="portal", report=first, state="failed"))
    assert desk.case(case).verified == "failed"
