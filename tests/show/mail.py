"""Everything under "Show" of mailboxes: mails by chance and by hand through a real IMAP server, with kills in between.

`make show-mail`, or `python tests/show/mail.py [--quick] [--only PART ...]`. The server is pymap, on loopback.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(TESTS), str(HERE), str(TESTS / "mail")]

import first_light  # noqa: E402
from first_light import Show, need, suite  # noqa: E402
from hard_mails import hard  # noqa: E402
from imap_server import PLAIN, MailRoom  # noqa: E402
from killing import killed, started, taken_in_with_kills  # noqa: E402
from mail_desk import misplaced, opened, sent, taken  # noqa: E402
from mail_plan import Sample, generated  # noqa: E402

from escaltui.intake.mailbox import Mailbox  # noqa: E402

LETTERS = 40


def planned(ours: list[str], show: Show) -> list[Sample]:
    """The 500 and the difficult ones."""
    return [*generated(ours[8:], 60 if show.quick else 500), *hard(ours[:8], (1 if show.quick else 30) << 20)]


def told(plan: Sequence[Sample]) -> str:
    """What a plan holds."""
    goes = Counter(each.expects for each in plan)
    files = sum(each.files for each in plan if each.expects in ("case", "letter"))
    words = f"{goes['case']} cases, {goes['letter']} letters in threads, {goes['known']} that come twice, "
    return f"{len(plan)} mails: {words}{goes['nowhere']} automatic of nothing, {files} attachments"


def counted(show: Show) -> Iterator[str]:
    """All of them taken in: cases, threads, attachments, duplicates. Then from the start, anew, and by another way."""
    with tempfile.TemporaryDirectory() as folder, MailRoom() as room, opened(Path(folder)) as bench:
        ours = sent(bench, LETTERS)
        plan = planned(ours, show)
        room.append(*(each.content for each in plan))
        begun = time.monotonic()
        counts, problems, cursor = taken(bench, Mailbox(room.settings(), PLAIN))
        yield told(plan)
        yield f"taken in: {dict(counts)}, {len(problems)} problems told, {time.monotonic() - begun:.1f} s"
        right(misplaced(bench, plan, ours))
        need([row for row in room.flags() if b"Seen" in row or b"Deleted" in row] == [], "the server's flags changed")
        yield "no mail at the server is marked as seen or deleted"
        room.create("Archive")
        room.append(*(each.content for each in reversed(plan)), folder="Archive")
        counts, _problems, _cursor = taken(bench, Mailbox(room.settings(folder="Archive"), PLAIN))
        yield f"the same in another folder, in reverse: {dict(counts)}"
        room.remake("Archive", *(each.content for each in plan))
        counts, _problems, _cursor = taken(bench, Mailbox(room.settings(folder="Archive"), PLAIN), cursor)
        yield f"that folder numbered anew: {dict(counts)}"
        right(misplaced(bench, plan, ours))
        need(bench.store.verify().sound, "the store is not sound")


def kills(show: Show) -> Iterator[str]:
    """The program killed with SIGKILL while it takes them in, at places drawn at random; started anew each time."""
    with tempfile.TemporaryDirectory() as folder, MailRoom() as room:
        with opened(Path(folder)) as bench:
            ours = sent(bench, LETTERS)
        plan = planned(ours, show)
        room.append(*(each.content for each in plan))
        wanted = 3 if show.quick else 25
        came_off = taken_in_with_kills(Path(folder), room, wanted, random.Random(3), 40)
        yield f"{len(plan)} mails, {came_off} kills came off"
        need(came_off >= wanted - 2, "too few kills came off")
        with opened(Path(folder)) as bench:
            right(misplaced(bench, plan, ours))
            need(bench.store.verify().sound, "the store is not sound")
        yield "nothing lost, nothing twice, the log's chain is whole"


def control(show: Show) -> Iterator[str]:
    """The seeded defect: a cursor kept before what it stands for. The counting must notice it."""
    with tempfile.TemporaryDirectory() as folder, MailRoom() as room:
        with opened(Path(folder)) as bench:
            ours = sent(bench, LETTERS)
        plan = generated(ours, 40)
        room.append(*(each.content for each in plan))
        need(killed(started(Path(folder), room, "early"), lambda row: row == "early"), "it was not killed")
        started(Path(folder), room).communicate()
        with opened(Path(folder)) as bench:
            faults = misplaced(bench, plan, ours)
        yield f"noticed: {len(faults)} faults, first {faults[:1]}"
        need(bool(faults), "a lost page was not noticed")


def right(faults: list[str]) -> None:
    """Fail where something is not where it must be."""
    need(not faults, f"{len(faults)} faults: {'; '.join(faults[:5])}")


PARTS = {"counted": counted, "killed": kills, "control": control, "suite": suite("-p", "no:xdist", "tests/mail")}

if __name__ == "__main__":
    sys.exit(first_light.main(PARTS, (), "Mail"))
