"""Reading a mailbox: where it goes on, what happens when the server numbers anew, and waiting for what is new."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hard_mails import large, mail
from hypothesis import given
from hypothesis import strategies as st
from imap_server import PLAIN, MailRoom
from mail_desk import misplaced, opened, rows, sent, taken
from mail_plan import Sample, generated

from escaltui.intake import mailbox as reader
from escaltui.intake.mailbox import Mailbox
from escaltui.workbench import Workbench


def numbered(count: int) -> list[bytes]:
    return [mail(f"n{n}@lea.example", body=b"\r\nNumber %d\r\n" % n) for n in range(count)]


def test_pages_go_on_where_the_last_ended(room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAGE", 4)
    mails = numbered(10)
    room.append(*mails)
    box, cursor, sizes, came = Mailbox(room.settings(), PLAIN), "", [], []
    while True:
        page = box.fetch(cursor)
        sizes, came, cursor = [*sizes, len(page.mails)], [*came, *page.mails], page.cursor
        if not page.more:
            break
    assert (sizes, came) == ([4, 4, 2], mails)
    assert box.fetch(cursor).mails == ()
    room.append(b"Subject: late\r\n\r\nx")
    assert box.fetch(cursor).mails == (b"Subject: late\r\n\r\nx",)
    for wrong in ("", "x", "1:x", ":", "-1:5"):
        assert len(box.fetch(wrong).mails) == 4


def test_a_large_mail_comes_alone_and_one_too_large_by_its_headers(
    room: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "TOGETHER", 200_000)
    monkeypatch.setattr(reader, "LARGEST", 2_000_000)
    whole, over = large(300_000), large(2_000_000)
    room.append(*numbered(2), whole, over, *numbered(1))
    box = Mailbox(room.settings(), PLAIN)
    pages = [box.fetch("")]
    while pages[-1].more:
        pages.append(box.fetch(pages[-1].cursor))
    assert [len(each.mails) for each in pages] == [2, 1, 1, 1]
    assert pages[1].mails == (whole,)
    assert pages[2].mails[0] == over[: over.index(b"\r\n\r\n") + 4]
    assert "only its headers came" in pages[2].problems[0]


def test_a_folder_numbered_anew_doubles_nothing(room: MailRoom, desk: Workbench) -> None:
    room.create("Press")
    ours = sent(desk, 4)
    plan = generated(ours, 30)
    room.append(*(each.content for each in plan), folder="Press")
    box = Mailbox(room.settings(folder="Press"), PLAIN)
    _counts, _problems, cursor = taken(desk, box)
    late = Sample(mail("late@lea.example"), "case", "late@lea.example", "late@lea.example")
    room.remake("Press", late.content, *(each.content for each in reversed(plan)))
    counts, problems, again = taken(desk, box, cursor)
    assert (counts["opened"], counts["threaded"]) == (1, 0)
    assert again != cursor
    assert any("numbered Press anew" in each.value for each in problems)
    assert misplaced(desk, [*plan, late], ours) == []


def test_a_mail_in_two_mailboxes_and_in_another_folder_is_one(room: MailRoom, desk: Workbench) -> None:
    ours = sent(desk, 4)
    plan = generated(ours, 20)
    room.create("Archive")
    room.append(*(each.content for each in plan))
    room.append(*(each.content for each in plan[::-1]), folder="Archive")
    with MailRoom() as other:
        other.append(*(b"Delivered-To: press@commonlea.example\r\n" + each.content for each in plan))
        for settings in (room.settings(), room.settings(folder="Archive"), other.settings(name="other")):
            taken(desk, Mailbox(settings, PLAIN))
    assert misplaced(desk, plan, ours) == []


def test_a_reply_before_what_it_answers_stays_one(room: MailRoom, desk: Workbench) -> None:
    """A reply that came first opened a case; seen again once its parent is here, it is not put there as well."""
    reply = mail("reply@lea.example", above=b"In-Reply-To: <parent@lea.example>\r\n")
    room.append(reply, mail("parent@lea.example"), reply)
    counts, _problems, _cursor = taken(desk, Mailbox(room.settings(), PLAIN))
    assert (counts["opened"], counts["threaded"], counts["known"]) == (2, 0, 1)


def test_what_was_erased_does_not_come_back(room: MailRoom, desk: Workbench) -> None:
    """Words that were erased are not told apart from those that come again: nothing new is opened of them."""
    room.append(mail("gone@lea.example"))
    box = Mailbox(room.settings(), PLAIN)
    taken(desk, box)
    sql = "UPDATE report SET body = json_set(body, '$.body', '[erased]')"
    desk.store.write(lambda connection: connection.execute(sql))
    counts, _problems, _cursor = taken(desk, box)
    assert (counts["opened"], counts["known"], len(rows(desk, "report"))) == (0, 1, 1)


@pytest.mark.parametrize("idle", [True, False])
def test_waiting_wakes_on_new_mail_and_on_cancel(idle: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "POLL", 0.3)
    with MailRoom(idle=idle) as room:
        box = Mailbox(room.settings(), PLAIN)
        cursor = box.fetch("").cursor
        assert box._idles is idle
        assert not box.wait(0.1)
        delivery = threading.Timer(0.3, room.append, (mail("new@lea.example"),))
        delivery.start()
        began = time.monotonic()
        assert box.wait(60)
        assert time.monotonic() - began < 30
        delivery.join()
        assert len(box.fetch(cursor).mails) == 1
        stopped = threading.Event()
        threading.Timer(0.3, stopped.set).start()
        began = time.monotonic()
        assert not box.wait(60, stopped.is_set)
        assert time.monotonic() - began < 30


def test_a_line_that_is_cut_ends_the_waiting(tmp_path: Path) -> None:
    with MailRoom() as room:
        box = Mailbox(room.settings(), PLAIN)
        box.fetch("")
        threading.Timer(0.3, room.cut).start()
        began = time.monotonic()
        assert box.wait(60)
        assert time.monotonic() - began < 30


def test_a_line_that_died_meanwhile_is_opened_anew(room: MailRoom) -> None:
    box = Mailbox(room.settings(), PLAIN)
    cursor = box.fetch("").cursor
    room.append(mail("new@lea.example"))
    room.cut()
    assert len(box.fetch(cursor).mails) == 1


@given(st.lists(st.integers(1, 60)), st.integers(1, 40), st.integers(1, 90))
def test_what_comes_at_once_is_in_order_and_within_its_bytes(sizes: list[int], in_one: int, together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "IN_ONE", in_one)
        patch.setattr(reader, "TOGETHER", together)
        patch.setattr(reader, "LARGEST", 50)
        uids = [n * 3 + 1 for n in range(len(sizes))]
        by_uid = dict(zip(uids, sizes, strict=True))
        groups = list(reader._groups(uids, by_uid))
    flat = [each for group in groups for each in group]
    assert flat == uids[: len(flat)]
    assert bool(flat) is bool(uids), "it always goes on"
    assert sum(min(by_uid[each], 50) for each in flat) <= together or len(flat) == 1
    for group in groups:
        assert len(group) == 1 or (sum(by_uid[each] for each in group) <= in_one and max(map(by_uid.get, group)) <= 50)


def test_opened_again_the_desk_knows_all_of_it(room: MailRoom, tmp_path: Path) -> None:
    room.append(*numbered(5))
    with opened(tmp_path) as bench:
        taken(bench, Mailbox(room.settings(), PLAIN))
    with opened(tmp_path) as bench:
        counts, _problems, _cursor = taken(bench, Mailbox(room.settings(), PLAIN))
        assert (counts["opened"], counts["known"]) == (0, 5)
