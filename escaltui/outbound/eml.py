"""A letter as a mail (RFC 5322): the bytes that are sent, and the same as an `.eml` file for another mail program."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

from escaltui.outbound import OutboundError

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class Letter(NamedTuple):
    """One mail. `message_id`, `reply_to` and `references` without angle brackets; `at` in milliseconds.

    `automatic` marks what a program wrote, so that no other program answers (RFC 3834 section 5). `unsent` lets mail
    programs open it as something still to be sent.
    """

    sender: str
    to: str
    subject: str
    body: str
    message_id: str
    at: int
    language: str = "en"
    reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = False
    unsent: bool = False


def content(letter: Letter) -> bytes:
    """The mail in bytes, lines ending in CR LF, plain text in UTF-8. Raises OutboundError for what no mail can hold."""
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = letter.sender
        if letter.to:
            mail["To"] = letter.to
        mail["Subject"] = letter.subject
        mail["Date"] = formatdate(letter.at / 1000)
        mail["Message-ID"] = f"<{letter.message_id}>"
        if letter.reply_to:
            mail["In-Reply-To"] = f"<{letter.reply_to}>"
            mail["References"] = " ".join(f"<{each}>" for each in (letter.references or (letter.reply_to,)))
        if letter.automatic:
            mail["Auto-Submitted"] = "auto-generated"
        if letter.unsent:
            mail["X-Unsent"] = "1"
        mail.set_content(letter.body, charset="utf-8", cte="quoted-printable")
        mail["Content-Language"] = letter.language
        return mail.as_bytes()
    except (ValueError, UnicodeError, IndexError) as error:
        raise OutboundError("This letter cannot be written as a mail: {why}. Mend its address or subject.",
                            why=str(error)[:200]) from error  # fmt: skip


def export(letter: Letter, folder: Path, name: str) -> Path:
    """Write the mail as `name.eml` in a folder, never over another file. Raises OutboundError."""
    found = content(letter)
    stem = _NOT_IN_A_NAME.sub("-", name).strip("-.") or "letter"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            path = folder / (f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml")
            try:
                with path.open("xb") as file:
                    path.chmod(0o600)
                    file.write(found)
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise OutboundError("The letter cannot be written to {folder}: {why}. Name another folder.",
                            folder=str(folder), why=str(error.strerror or error)) from error  # fmt: skip
    raise OutboundError("{folder} is full of letters of this name. Name another folder.", folder=str(folder))
