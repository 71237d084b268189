"""Mails by chance and difficult ones through a real IMAP server: each where it must be, none twice."""

from __future__ import annotations

import os
from email.message import EmailMessage

import pytest
from hard_mails import hard
from imap_server import PLAIN, MailRoom
from mail_desk import letter_of, misplaced, sent, taken
from mail_plan import generated

from escaltui.domain.letters import CAME_BACK
from escaltui.intake.mailbox import Mailbox
from escaltui.workbench import Workbench, mailing


def test_each_mail_goes_where_it_belongs_and_none_comes_twice(room: MailRoom, desk: Workbench) -> None:
    ours = sent(desk, 5)
    plan = generated(ours, 80)
    room.append(*(each.content for each in plan))
    box = Mailbox(room.settings(), PLAIN)
    told = mailing.would_open(desk, box.fetch("").mails)
    assert len(told) == sum(each.expects == "case" for each in plan)
    assert desk.store.count(None) == len(ours)
    counts, _problems, _cursor = taken(desk, box)
    assert misplaced(desk, plan, ours) == []
    assert mailing.would_open(desk, box.fetch("").mails) == ()
    assert counts["known"] == sum(each.expects == "known" for each in plan)
    assert counts["automatic"] == sum(each.expects == "nowhere" for each in plan)
    counts, _problems, _cursor = taken(desk, box)  # all of it once more
    assert (counts["opened"], counts["threaded"]) == (0, 0)
    assert misplaced(desk, plan, ours) == []


def test_a_plan_notices_what_is_lost_or_doubled(room: MailRoom, desk: Workbench) -> None:
    """The control of the counting."""
    ours = sent(desk, 5)
    plan = generated(ours, 12)
    about = [each.of for each in plan]
    lost = next(n for n, each in enumerate(plan) if each.expects == "case" and about.count(each.key) == 1)
    room.append(*(each.content for n, each in enumerate(plan) if n != lost))
    taken(desk, Mailbox(room.settings(), PLAIN))
    assert misplaced(desk, plan, ours) != []
    assert misplaced(desk, [each for n, each in enumerate(plan) if n != lost], ours) == []
    assert misplaced(desk, [*plan[:lost], *plan[lost + 1 :], plan[lost]], ours) != []


def test_difficult_mails(room: MailRoom, desk: Workbench) -> None:
    ours = sent(desk, 8)
    plan = hard(ours, 1 << 20)
    assert len(plan) >= 30
    room.append(*(each.content for each in plan))
    _counts, problems, _cursor = taken(desk, Mailbox(room.settings(), PLAIN))
    assert misplaced(desk, plan, ours) == []
    told = "\n".join(each.value for each in problems)
    assert [each.name for each in plan if each.says not in told] == []
    states = [(letter_of(desk, key)["state"], letter_of(desk, key).get("failure", "")) for key in ours[1:4]]
    assert states == [("failed", CAME_BACK), ("sent", ""), ("failed", CAME_BACK)]
    for key, words in ((ours[1], True), (ours[2], False)):
        view = desk.case(str(letter_of(desk, key)["case"]))
        assert view is not None
        assert any("came back undelivered" in each.what.value for each in view.timeline) is words
    assert [row for row in room.flags() if b"Seen" in row or b"Deleted" in row] == []


def test_a_large_mail_comes_in_whole(room: MailRoom, desk: Workbench) -> None:
    """30 MB as it travels, where there is time for it."""
    film = bytes((22 if os.environ.get("ESCALTUI_THOROUGH") else 3) << 20)
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "ann@lowmere.example", "A film", "<film@lowmere.example>"
    mail.set_content("Please look at https://forum.example/p1.\n")
    mail.add_attachment(film, maintype="video", subtype="mp4", filename="film.mp4")
    room.append(mail.as_bytes().replace(b"\n", b"\r\n"))
    counts, problems, cursor = taken(desk, Mailbox(room.settings(), PLAIN))
    assert (counts["opened"], problems) == (1, [])
    (case_id,) = desk.matching("is:open")
    found = {each.name.value: desk.original(each) for each in desk.media(case_id)}
    original = found["film.mp4"]
    assert original is not None
    assert original.read_bytes() == film
    assert taken(desk, Mailbox(room.settings(), PLAIN), cursor)[0]["opened"] == 0


@pytest.mark.parametrize("automatic", [b"Auto-Submitted: auto-replied\r\n", b"X-Autoreply: yes\r\n"])
def test_a_loop_of_automatic_replies_ends(room: MailRoom, desk: Workbench, automatic: bytes) -> None:
    (ours,) = sent(desk, 1)
    loop = [
        b"Message-ID: <loop%d@lowmere.example>\r\nIn-Reply-To: <%b>\r\n%bSubject: Away\r\n\r\nI am away.\r\n"
        % (n, ours.encode(), automatic)
        for n in range(12)
    ]
    room.append(*loop)
    box = Mailbox(room.settings(), PLAIN)
    counts, problems, cursor = taken(desk, box)
    assert (counts["opened"], counts["threaded"], counts["automatic"]) == (0, 5, 7)
    assert "programs answer each other" in problems[-1].value
    room.append(b"Message-ID: <hand@lowmere.example>\r\nReferences: <%b>\r\n\r\nIt is me.\r\n" % ours.encode())
    counts, _problems, _cursor = taken(desk, box, cursor)
    assert (counts["opened"], counts["threaded"]) == (0, 1)
