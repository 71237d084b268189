"""A mail that brings what must not be kept is not kept whole either: nor its parts, nor `mail.eml`."""

from __future__ import annotations

from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest

from escaltui.intake.mail import WHOLE
from escaltui.workbench import Workbench, mailing

CANARY = b"\x89PNG canary of what must not be kept " * 40


def letter(*, label: str = "", part_label: str = "", forwarded: bool = False) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "a@lea.example", "Look", "<one@lea.example>"
    if label:
        mail["X-Content-Label"] = label
    mail.set_content("Please look at this.")
    mail.add_attachment(CANARY, maintype="image", subtype="png", filename="canary.png")
    if part_label:
        next(iter(mail.iter_attachments()))["X-Content-Label"] = part_label
    if not forwarded:
        return mail.as_bytes()
    outer = EmailMessage()
    outer["From"], outer["Subject"], outer["Message-ID"] = "c@lea.example", "Fwd: Look", "<two@lea.example>"
    outer.set_content("See below.")
    outer.add_attachment(mail)
    return outer.as_bytes()


def kept(folder: Path) -> set[str]:
    return {each.name for each in (folder / "store" / "media").iterdir()}


@pytest.mark.parametrize(
    "content",
    [letter(label="csam"), letter(part_label="csam"), letter(part_label="csam", forwarded=True)],
    ids=["mail", "part", "part of a forwarded mail"],
)
def test_a_labelled_mail_leaves_no_byte(desk: Workbench, tmp_path: Path, content: bytes) -> None:
    for _twice in range(2):
        mailing.take_in(desk, [content], [])
    assert desk.store.count(None) == 1
    assert sha256(CANARY).hexdigest() not in kept(tmp_path)
    assert sha256(content).hexdigest() not in kept(tmp_path)
    assert kept(tmp_path) == set()


@pytest.mark.parametrize("forwarded", [False, True])
def test_what_is_sealed_later_takes_the_whole_mail_along(desk: Workbench, tmp_path: Path, forwarded: bool) -> None:
    content = letter(forwarded=forwarded)
    mailing.take_in(desk, [content], [])
    assert {sha256(content).hexdigest(), sha256(CANARY).hexdigest()} <= kept(tmp_path), "the control"
    (row,) = desk.page("is:open")
    desk.seal(next(each for each in desk.media(row.id) if each.name.value == "canary.png"))
    assert not {sha256(content).hexdigest(), sha256(CANARY).hexdigest()} & kept(tmp_path)
    again = mailing.take_in(desk, [content], [])
    assert (again.opened, again.known) == (0, 1)
    assert not {sha256(content).hexdigest(), sha256(CANARY).hexdigest()} & kept(tmp_path)


def test_any_other_mail_is_kept_whole(desk: Workbench, tmp_path: Path) -> None:
    """The control: the mail as it came, and its parts."""
    content = letter()
    mailing.take_in(desk, [content], [])
    (row,) = desk.page("is:open")
    assert sorted(each.name.value for each in desk.media(row.id)) == ["canary.png", WHOLE]
    assert desk.store.original(sha256(content).hexdigest()).read_bytes() == content
