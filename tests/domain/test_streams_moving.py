"""What moves when fewer or other people may see a case, and what stays behind the wall afterwards."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from desk import LEAD, Desk
from streams_material import POST, SECRET, alone, full, hanging, of_stream, opened, restrict

from escaltui.domain import operations as ops
from escaltui.domain import streams
from escaltui.domain.decisions import Action, Decision, Statement, content_sha256
from escaltui.domain.entities import (
    AppealOf,
    Case,
    Consult,
    ContactPoint,
    Link,
    Media,
    Report,
    Requester,
    Subject,
)
from escaltui.domain.exchange import Message
from escaltui.domain.operations import NewSubject

# --- moving


@pytest.mark.parametrize("path", [("restricted",), ("privileged",), ("restricted", "privileged", "normal")])
def test_all_that_hangs_moves_and_keeps_what_it_says(path: tuple[Any, ...]) -> None:
    desk = Desk()
    case = full(desk)
    for to in path:
        before = hanging(desk, case)
        assert {type(row).NAME for row in before} == {
            "case", "report", "subject", "requester", "note", "link", "decision", "action", "statement", "consult",
            "message", "task", "update", "media",
        }  # fmt: skip
        desk.do(restrict(case, to, reason="because"), "ada", LEAD)
        after = {(row.NAME, row.id): row for row in hanging(desk, case)}
        assert len(after) == len({(row.NAME, row.id) for row in before})
        for row in before:
            now = after[row.NAME, row.id]
            assert now.stream == desk.case(case).stream
            if not isinstance(row, Case):
                assert msgspec.structs.replace(now, stream=row.stream, rev=now.rev - 1) == row


def test_the_old_stream_hears_that_rows_left_and_no_more() -> None:
    desk = Desk()
    case = full(desk)
    before, logged = of_stream(desk, "desk:global"), len(desk.log)
    rows = hanging(desk, case)
    desk.do(restrict(case, reason=f"{SECRET} is known"))
    news = desk.log[logged:]
    old = [each for each in news if each.stream == "desk:global"]
    assert {(each.entity, each.entity_id) for each in old} == {(row.NAME, row.id) for row in rows}
    for each in old:
        row = before[each.entity, each.entity_id]
        assert (each.action, each.verb, each.reason, each.rev) == ("moved", "moved", "", row.rev)
        assert each.fields == {"stream": ("desk:global", f"case:{case}")}
    assert len(news) == 2 * len(old)
    assert news[0].entity == "case"  # by which it is known where the operation was sent
    assert all(each.action == "set" for each in news if each.stream != "desk:global")
    assert SECRET.encode() not in msgspec.json.encode(old)
    assert SECRET.encode() in msgspec.json.encode(news)


def test_what_is_done_afterwards_stays_behind_the_wall() -> None:
    desk = Desk()
    case = full(desk)
    desk.do(restrict(case))
    desk.do(ops.Reopen(case=case, reason="new_facts"))
    logged = len(desk.log)
    more = desk.report(SECRET, requester_name="Somebody else")
    desk.do(ops.LinkReport(case=case, report=more))
    desk.note(case, SECRET)
    desk.do(ops.AttachSubject(case=case, subject=NewSubject(platform="web", item_id="p2", text=SECRET)))
    desk.do(ops.AskConsult(case=case, team="comms", question=SECRET))
    desk.do(ops.DraftMessage(case=case, party="press", body=SECRET))
    desk.do(ops.AddTask(case=case, title=SECRET))
    desk.do(ops.RecordInbound(case=case, party="requester", body=SECRET, message_id="m"))
    desk.do(ops.LinkCases(case=desk.open("Outside"), target=case))
    assert {row.stream for row in hanging(desk, case)} == {f"case:{case}"}
    later = [each for each in desk.log[logged:] if each.stream == "desk:global" and each.verb != "ReceiveReport"]
    assert SECRET.encode() not in msgspec.json.encode(later)
    assert case not in msgspec.json.encode([each for each in later if each.action != "moved"]).decode()
    # what came in before anybody knew where it belongs was the desk's; now it is not
    assert ("report", more) not in alone(desk.log, "desk:global")


def test_a_transfer_takes_all_but_the_directory_to_the_other_desk() -> None:
    desk = Desk()
    case = full(desk)
    desk.do(ops.Reopen(case=case, reason="new_facts"))
    desk.do(ops.Transfer(case=case, desk="night", reason="theirs"))
    rows = hanging(desk, case)
    assert {row.stream for row in rows if not isinstance(row, Requester | Link)} == {"desk:night"}
    assert {row.stream for row in rows if isinstance(row, Requester)} == {"desk:global"}
    assert alone(desk.log, "desk:night") == of_stream(desk, "desk:night")


def test_what_others_name_stays_and_is_copied() -> None:
    desk = Desk()
    other = desk.open("Other", report=desk.report(requester_name=f"Ms {SECRET}"), subjects=(POST,))
    case = full(desk)
    row, found = desk.case(case), desk.of(Decision, case=case)[0]
    assert row.requester == desk.case(other).requester
    desk.rows["requester", row.requester] = msgspec.structs.replace(
        desk.rows["requester", row.requester], contact_points=(ContactPoint("email", "x@y.example"),)
    )
    desk.do(restrict(case))
    after, copy = desk.case(case), streams.copy_id(POST.id, case)
    assert set(after.subjects) == {copy}
    assert desk.rows["subject", POST.id].stream == "desk:global"
    assert desk.rows["subject", copy].stream == f"case:{case}"
    for kind, one, two in (("subject", POST.id, copy), ("requester", row.requester, after.requester)):
        original = desk.rows[kind, one]
        assert one != two
        assert desk.rows[kind, two] == msgspec.structs.replace(original, id=two, stream=after.stream, rev=1)
    named = [
        *desk.of(Decision, case=case),
        *desk.of(Action, case=case),
        *desk.of(Statement, case=case),
        *desk.of(Report, case=case),
    ]
    assert POST.id not in msgspec.json.encode(named).decode()
    assert row.requester not in msgspec.json.encode(named).decode()
    now = desk.of(Decision, case=case)[0]
    assert now.content_sha256 == content_sha256(now) != found.content_sha256
    assert {each.holder for each in desk.of(Media, case=case)} == {f"subject:{POST.id}", f"subject:{copy}"}
    assert desk.case(other).subjects == {POST.id: "primary"}
    described = ops.DescribeMedia(case=case, holder=f"subject:{copy}", at=0, text="more")
    assert desk.rows["media", described.media].description == SECRET  # type: ignore[attr-defined]
    # and from now on each is filled in for itself
    desk.do(ops.AttachSubject(case=case, subject=msgspec.structs.replace(POST, url="https://x.example", author="bo")))
    assert set(desk.case(case).subjects) == {copy}
    assert desk.rows["subject", copy].author == "bo"  # type: ignore[attr-defined]
    assert desk.rows["subject", POST.id].author == ""  # type: ignore[attr-defined]
    desk.do(restrict(case, "normal", reason="r"), "ada", LEAD)
    desk.do(restrict(case, "privileged"), "ada", LEAD)
    assert set(desk.case(case).subjects) == {copy}


def test_an_item_that_others_hold_is_neither_shown_nor_filled_in() -> None:
    desk = Desk()
    case = desk.open("Hidden", subjects=(POST,))
    desk.do(restrict(case))
    held = desk.rows["subject", POST.id]
    later = desk.open("Later", subjects=(NewSubject(platform="web", item_id="p1", url="https://x.example"),))
    (key,) = desk.case(later).subjects
    row = desk.rows["subject", key]
    assert key != POST.id
    assert isinstance(row, Subject)
    assert (row.text, row.media, row.stream) == ("", (), "desk:global")
    assert desk.rows["subject", POST.id] == held
    again = ops.AttachSubject(case=later, subject=NewSubject(platform="web", item_id="p1", author="bo"))
    desk.do(again)
    assert set(desk.case(later).subjects) == {key}


def test_a_requester_of_a_restricted_case_is_nobody_at_the_desk() -> None:
    desk = Desk()
    case = opened(desk)
    desk.do(restrict(case))
    assert desk.rows["requester", desk.case(case).requester].stream == f"case:{case}"
    later = desk.case(opened(desk))
    assert later.requester != desk.case(case).requester
    desk.do(ops.LinkReport(case=case, report=desk.report(requester_name="The Court")))
    assert {row.stream for row in desk.of(Requester, id=later.requester)} == {"desk:global"}
    mine = {row.requester for row in desk.of(Report, case=case)}
    assert later.requester not in mine
    assert {desk.rows["requester", each].stream for each in mine} == {f"case:{case}"}


def test_a_case_merges_into_a_higher_one_and_comes_back_as_high() -> None:
    desk = Desk()
    case, into = full(desk), opened(desk)
    desk.do(ops.Reopen(case=case, reason="new_facts"))
    desk.do(ops.AddMember(case=into, person="lin"), "grace", LEAD)
    desk.do(restrict(into, "privileged"), "grace", LEAD)
    desk.do(ops.Merge(case=case, into=into))
    assert {row.stream for row in hanging(desk, case)} == {f"case:{into}:priv"}
    desk.do(ops.Unmerge(case=case))
    assert {row.stream for row in hanging(desk, case)} == {f"case:{case}:priv"}
    assert {"lin", "grace"} <= desk.case(case).members.keys()


def test_what_comes_of_a_restricted_case_is_as_restricted() -> None:
    desk = Desk()
    case = full(desk)
    found = desk.of(Decision, case=case)[0]
    desk.do(restrict(case))
    split = desk.open("Split", split_from=case, subjects=(POST,))
    appeal = desk.open("Appeal", appeal=AppealOf(found.id), desk="night")
    for each in (split, appeal):
        row = desk.case(each)
        assert (row.sensitivity, row.stream) == ("restricted", f"case:{each}")
        assert "ada" in row.members
    assert {link.stream for link in desk.of(Link, source=split)} == {f"case:{split}"}
    (item,) = desk.case(split).subjects
    assert desk.rows["subject", item].stream == f"case:{split}"


def test_a_link_lies_where_the_higher_of_its_ends_does() -> None:
    desk = Desk()
    one, two = desk.open(), desk.open()
    desk.do(ops.LinkCases(case=one, target=two))
    for op, stream in (
        (restrict(two), f"case:{two}"),
        (restrict(one, "privileged"), f"case:{one}:priv"),
        (restrict(one, "normal", reason="r"), f"case:{two}"),
        (restrict(two, "normal", reason="r"), "desk:global"),
    ):
        desk.do(op, "ada", LEAD)
        assert desk.of(Link)[0].stream == stream


# --- consults


def test_a_question_lies_in_the_stream_of_the_higher_level() -> None:
    desk = Desk()
    case = opened(desk)
    for level, stream in (
        ("normal", "desk:global"),
        ("restricted", f"case:{case}"),
        ("privileged", f"case:{case}:priv"),
    ):
        desk.do(ops.AskConsult(case=case, team="legal", question=f"{SECRET}?", sensitivity=level))  # type: ignore[arg-type]
        assert desk.of(Consult, sensitivity=level)[0].stream == stream
    secret = desk.of(Consult, sensitivity="privileged")[0]
    desk.do(ops.DraftMessage(case=case, party="internal", body="b", purpose="consult", about=secret.id))
    assert desk.of(Message)[0].stream == secret.stream
    logged = len(desk.log)
    desk.do(ops.DeclineConsult(case=case, consult=secret.id, reason=f"{SECRET} again"))
    news = desk.log[logged:]
    assert {each.stream: each.reason for each in news} == {"desk:global": "", secret.stream: f"{SECRET} again"}
    desk.do(restrict(case))
    assert {each.sensitivity: each.stream for each in desk.of(Consult)} == {
        "normal": f"case:{case}", "restricted": f"case:{case}", "privileged": f"case:{case}:priv",
    }  # fmt: skip
    assert desk.of(Message)[0].stream == f"case:{case}:priv"
    desk.do(restrict(case, "normal", reason="r"), "ada", LEAD)
    assert {row.stream for row in desk.of(Consult)} == {"desk:global", f"case:{case}", f"case:{case}:priv"}
