"""A report is verified, not its sender: by a method, through a contact point of our own directory."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, HOUR, LEAD, Desk

from escaltui.domain import operations as ops
from escaltui.domain.entities import Report, Requester

OFFICE = "+33 1 40 00 00 00"
LETTER = "You are ordered to disclose. Call me back on 06 11.22-33 44 or write to cabinet@parquet.example at once."


def order(desk: Desk, body: str = LETTER) -> tuple[str, str]:
    """A case with an order of a court; gives the case and the report."""
    desk.now += HOUR
    report = desk.report(body, kind="order", requester_name="Parquet de Paris", requester_kind="court")
    return desk.open(case_type="court_order", report=report), report


def known(desk: Desk, contact: str = OFFICE, **more: Any) -> str:
    """A contact point put into our directory of the court; gives the requester's id."""
    (requester,) = desk.of(Requester)
    fields = {"requester": requester.id, "contact": contact, "channel": "phone", "source": "the ministry's register"}
    desk.do(ops.EditRequester(**(fields | more)))
    return str(requester.id)


def verify(case: str, report: str, **more: Any) -> ops.VerifyReport:
    return ops.VerifyReport(**({"case": case, "report": report, "method": "callback", "contact_used": OFFICE} | more))


def test_by_call_back_to_a_contact_of_ours() -> None:
    desk = Desk()
    case, report = order(desk)
    refused = desk.no("blocked", verify(case, report))
    assert "not in our directory" in refused.reason
    known(desk)
    desk.do(verify(case, report, contact_used="+33 (1) 40.00.00.00"))
    (row,) = desk.of(Report)
    assert (row.verification.state, row.verification.method, row.verification.by) == ("verified", "callback", "ada")
    assert desk.case(case).verified == "verified"


@pytest.mark.parametrize(
    "contact", ["06 11 22 33 44", "0611223344", "cabinet@parquet.example", "CABINET@parquet.example"]
)
def test_never_by_a_contact_out_of_the_report_itself(contact: str) -> None:
    desk = Desk()
    case, report = order(desk)
    assert "from the report itself" in desk.no("blocked", verify(case, report, contact_used=contact)).reason
    desk.now += HOUR
    known(desk, contact, source="their letter")  # typed into our directory only now
    assert "from the report itself" in desk.no("blocked", verify(case, report, contact_used=contact)).reason
    desk.no("blocked", verify(case, report, contact_used=contact, method="portal"))
    desk.no("blocked", verify(case, report, contact_used=contact, state="failed"))


def test_a_contact_that_we_had_before_the_letter_came_stays_ours() -> None:
    desk = Desk()
    order(desk, "An earlier one.")
    known(desk, "cabinet@parquet.example", channel="email")
    case, report = order(desk)
    desk.do(verify(case, report, contact_used="cabinet@parquet.example", method="directory"))


def test_never_by_a_contact_out_of_another_letter_on_the_case() -> None:
    desk = Desk()
    case, _report = order(desk)
    desk.now += HOUR
    known(desk, "06 11 22 33 44", source="their first letter")
    desk.now += HOUR
    second = desk.report("Answer us.", kind="order", requester_name="Parquet de Paris", requester_kind="court")
    desk.do(ops.LinkReport(case=case, report=second))
    refused = desk.no("blocked", verify(case, second, contact_used="06 11 22 33 44"))
    assert "from the report itself" in refused.reason


@pytest.mark.parametrize("method", ["callback", "directory"])
def test_methods_by_contact_name_the_report_and_the_contact(method: str) -> None:
    desk = Desk()
    case, report = order(desk)
    known(desk)
    assert desk.no("incomplete", verify(case, report, method="")).mend.fields == ("method",)
    assert desk.no("incomplete", verify(case, report, method=method, contact_used=" ")).mend.fields == ("contact_used",)
    assert desk.no("incomplete", verify(case, "", method=method)).mend.fields == ("report",)
    desk.do(verify(case, report, method=method))


@pytest.mark.parametrize("method", ["signed_order", "portal", "in_person"])
def test_other_methods_need_no_contact(method: str) -> None:
    desk = Desk()
    case, _report = order(desk)
    desk.do(ops.VerifyReport(case=case, method=method))
    assert desk.case(case).verified == "verified"
    desk.do(ops.VerifyReport(case=case, state="unverified"))
    assert desk.case(case).verified == "unverified"
    desk.no("invalid", ops.VerifyReport(case=case, method="hunch"))


def test_a_forged_order_from_a_sender_once_verified_is_unverified() -> None:
    desk = Desk()
    case, report = order(desk)
    known(desk)
    desk.do(verify(case, report))
    forged_case, forged = order(desk, "Disclose it all. Same office, new number: 07 99 88 77 66.")
    assert len(desk.of(Requester)) == 1
    assert desk.of(Report, id=forged)[0].verification.state == desk.case(forged_case).verified == "unverified"
    desk.no("blocked", verify(forged_case, forged, contact_used="07 99 88 77 66"))
    further = desk.report("And more.", kind="order", requester_name="Parquet de Paris", requester_kind="court")
    desk.do(ops.LinkReport(case=case, report=further))
    assert desk.of(Report, id=further)[0].verification.state == "unverified"
    assert desk.case(case).verified == "verified"  # that of the report that opened it
    desk.do(ops.Dismiss(case=forged_case, reason="fraudulent"), "lin", LEAD)
    assert (desk.case(forged_case).status, desk.case(forged_case).end_reason) == ("resolved", "fraudulent")


def test_a_contact_of_another_requester_is_not_ours_for_this_one() -> None:
    desk = Desk()
    order(desk)
    known(desk)
    report = desk.report("Hello", kind="order", requester_name="Another Court", requester_kind="court")
    case = desk.open(report=report)
    desk.no("blocked", verify(case, report))


def test_a_report_of_nobody_has_no_contact() -> None:
    desk = Desk()
    report = desk.report("Hello", kind="order")
    case = desk.open(report=report)
    desk.no("blocked", verify(case, report))


def test_a_contact_needs_a_source_or_a_lead() -> None:
    desk = Desk()
    order(desk)
    (requester,) = desk.of(Requester)
    op = ops.EditRequester(requester=requester.id, contact=OFFICE, channel="phone")
    assert desk.no("incomplete", op).mend.fields == ("source",)
    desk.do(op, "lin", LEAD)
    (requester,) = desk.of(Requester)
    (point,) = requester.contact_points
    assert (point.address, point.channel, point.checked_by, point.at) == (OFFICE, "phone", "lin", desk.now)
    desk.no("stale", op, "lin", LEAD)
    desk.no("stale", ops.EditRequester(requester=requester.id, contact="+331 40000000", channel="p", source="s"))
    desk.no("incomplete", ops.EditRequester(requester=requester.id, contact="x@y.example", source="s"))
    desk.no("invalid", ops.EditRequester(requester=requester.id, contact="x" * 321, channel="p", source="s"))
    desk.no("not_found", ops.EditRequester(requester="nowhere", contact="x", channel="p", source="s"))


def test_a_contact_taken_out_verifies_no_more() -> None:
    desk = Desk()
    case, report = order(desk)
    requester = known(desk)
    desk.now += DAY
    out = ops.EditRequester(requester=requester, contact=OFFICE, source="the office moved", remove=True)
    desk.do(out)
    desk.no("blocked", verify(case, report))
    desk.no("not_found", out)
