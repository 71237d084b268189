"""A program for the crash rounds: takes mails in from a mailbox, page by page, until nothing is new or it is killed.

Run as `python reader.py FOLDER PORT PASSWORD [early]`. One line on standard output after each step. The cursor is kept
in a file once its page is taken in; with `early`, the seeded defect, before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from imap_server import USER
from mail_desk import opened

from escaltui.intake import mailbox
from escaltui.workbench import mailing

mailbox.PAGE = 9  # many pages and transactions, so that a kill falls between any two
mailing.AT_ONCE = 4


def said(word: str) -> None:
    """Tell the parent, in one write of its own."""
    os.write(1, f"{word}\n".encode())


def kept(file: Path, cursor: str) -> None:
    """Keep the cursor whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(cursor)
    part.replace(file)


def main(folder: Path, port: int, password: str, early: bool) -> None:
    """Fetch and take in until nothing is new."""
    file = folder / "cursor"
    settings = mailbox.MailboxSettings(name="press", host="127.0.0.1", port=port, security="none", user=USER)
    box = mailbox.mailbox(settings, password)
    with opened(folder) as bench:
        more = True
        while more:
            page = box.fetch(file.read_text() if file.exists() else "")
            said("fetched")
            if early:
                kept(file, page.cursor)
                said("early")
            for each in page.mails:
                mailing.take_in(bench, [each], [])
                said("taken")
            kept(file, page.cursor)
            said("kept")
            more = page.more
    said("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], "early" in sys.argv)
