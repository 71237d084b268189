"""Mails that came, put where they belong: into the thread that they answer, else as cases. None is taken in twice.

Under one Message-ID may come another mail: it is told apart by its words and files, and taken in beside the first. A
bounce, an absence note or a receipt opens no case; where it answers nothing of ours it stays in the mailbox, and is
told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Report
from escaltui.domain.exchange import Message
from escaltui.domain.media import SEALED_NAME
from escaltui.i18n import _
from escaltui.intake.found import FoundReport, checked, one_line, replaced, with_problems
from escaltui.intake.mail import WHOLE, answered_ids, parse_mail, whole_mail, written_by
from escaltui.intake.pairs import Pair, pair
from escaltui.safety.text import SafeText, line, storable
from escaltui.store import letter_rows
from escaltui.store.erase import MARK
from escaltui.workbench import importing, letters

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

AT_ONCE = 100
"""Mails that open cases in one transaction."""
TOGETHER = 32 << 20
"""Bytes of them."""


class Taken(NamedTuple):
    """Where mails went: new cases; threads; here already; nowhere, being automatic."""

    opened: int = 0
    threaded: int = 0
    known: int = 0
    automatic: int = 0


def take_in(bench: Workbench, mails: Iterable[bytes], problems: list[SafeText], source: str = "mail") -> Taken:
    """Take mails in, in their order: one may answer another that came just before. What was not understood is added to
    `problems`. Killed anywhere, the same mails may be given again: what is here already is known."""
    work = _Taking(bench, problems, source)
    for each in mails:
        work.one(each)
    work.write()
    return Taken(work.opened, work.threaded, work.known, work.automatic)


def would_open(bench: Workbench, mails: Iterable[bytes], source: str = "mail") -> tuple[FoundReport, ...]:
    """The mails that would open a case each, were they taken in. Nothing is written."""
    found = dict[str, FoundReport]()
    for content in mails:
        headers = letters.headers_of(content)
        new = told_apart(bench, parse_mail(content, source=source))
        answers = any(f"mail:{each}" in found for each in answered_ids(headers))
        if new is None or answers or letters.answers(bench, content, headers) is not None:
            continue
        if written_by(headers) not in ("bounce", "reply"):
            found.setdefault(new.dedupe_key, new)
    return tuple(found.values())


class _Taking:
    """Mails on their way in; those that open cases wait to be written together."""

    def __init__(self, bench: Workbench, problems: list[SafeText], source: str) -> None:
        self.bench, self.problems, self.source = bench, problems, source
        self.opened = self.threaded = self.known = self.automatic = self.bytes = 0
        self.waiting: dict[str, Pair] = {}

    def one(self, content: bytes) -> None:
        """Put one mail where it belongs."""
        headers = letters.headers_of(content)
        kind = written_by(headers)
        parsed = parse_mail(content, source=self.source)
        if parsed.dedupe_key in self.waiting or answered_ids(headers) or kind:
            self.write()
        found = told_apart(self.bench, parsed)
        if found is None or found.dedupe_key in self.waiting:
            self.known += 1
        elif not self._answers(content, found):
            if kind in ("bounce", "reply"):
                self._left(found, kind)
            else:
                self._wait(content, found)

    def _answers(self, content: bytes, found: FoundReport) -> bool:
        """Whether a mail belongs to a thread; it is there now. What may not be put there becomes a case."""
        received = letters.receive_mail(self.bench, content, found, unasked=True)
        if isinstance(received, Refused):
            self.problems.append(line(" ".join(wording.refusal(received))))
        if not isinstance(received, letters.Received):
            return False
        self.known += received.kind == "known"
        self.automatic += received.kind == "loop"
        self.threaded += received.kind in ("letter", "answer")
        if received.kind == "loop":
            said = _("{source}: programs answer each other on {ref}. Further automatic mails stay in the mailbox.")
            self.problems.append(line(said.format(source=self.source, ref=received.ref)))
        elif received.kind != "known":
            self._tell(found)
        return True

    def _left(self, found: FoundReport, kind: str) -> None:
        self.automatic += 1
        at = f"{found.received_at:%Y-%m-%d %H:%M} UTC" if found.received_at else "?"
        said = (
            _("{source}: a report of delivery ({time}) is about no letter of ours. It stays in the mailbox.")
            if kind == "bounce"
            else _("{source}: an automatic reply ({time}) answers no letter of ours. It stays in the mailbox.")
        )
        self.problems.append(line(said.format(source=self.source, time=at)))

    def _wait(self, content: bytes, found: FoundReport) -> None:
        whole, now = whole_mail(content), datetime.fromtimestamp(self.bench.now() / 1000, UTC)
        others = tuple(each for each in found.attachments if each.sha256 != whole.sha256)
        made = checked(replaced(found, attachments=(*others, whole)), now)
        self._tell(made)
        self.waiting[found.dedupe_key] = pair(made)
        self.bytes += len(content)
        if len(self.waiting) >= AT_ONCE or self.bytes > TOGETHER:
            self.write()

    def _tell(self, found: FoundReport) -> None:
        self.problems += [line(f"{found.source}: {said}") for said in found.problems]

    def write(self) -> None:
        """Write what waits, in one transaction."""
        if self.waiting:
            self.opened += importing.take_in(self.bench, tuple(self.waiting.values()), self.problems)
            self.waiting, self.bytes = {}, 0


def told_apart(bench: Workbench, found: FoundReport) -> FoundReport | None:
    """A mail that is new; None where it is here already. One that has the Message-ID of another gets a key of its own,
    and a problem that says so."""
    earlier = _known(bench, found)
    if earlier is None:
        return found
    if _same(earlier, found):
        return None
    other = replaced(found, dedupe_key=f"{found.dedupe_key}#{_gist(found)}")
    if _known(bench, other) is not None:
        return None
    case = bench.store.case(earlier.case)
    said = f"Another mail with this Message-ID came in before ({case.ref if case else '?'}): compare the two."
    return with_problems(other, said)


def _known(bench: Workbench, found: FoundReport) -> Report | Message | None:
    key = found.dedupe_key.removeprefix("mail:")
    return bench.store.read(lambda connection: letter_rows.known(connection, key))


def _same(earlier: Report | Message, found: FoundReport) -> bool:
    """Whether what came in once and what comes now are one mail. Of what was erased or sealed nobody can tell: one."""
    if earlier.body == MARK:
        return True
    if isinstance(earlier, Message):
        names = sorted(storable(each.name) for each in found.attachments)
        alike = SEALED_NAME in earlier.files or sorted(earlier.files) == names
        return alike and _words(earlier.body) == _words(letters.fitting(storable(found.body)))
    kept = [each for each in earlier.attachments if each.name != WHOLE]
    if any(each.sealed or not each.sha256 for each in earlier.attachments):
        return True
    whole = checked(found, datetime.now(UTC))
    files = sorted(each.sha256 for each in whole.attachments if each.name != WHOLE)
    return earlier.body == storable(whole.body) and sorted(each.sha256 for each in kept) == files


def _words(text: str) -> str:
    return text.strip() or "-"


def _gist(found: FoundReport) -> str:
    """What tells a mail from another with its Message-ID, whatever each server put above it."""
    written = "\n".join((one_line(found.title), found.body, *sorted(each.sha256 for each in found.attachments)))
    return sha256(written.encode("utf-8", "replace")).hexdigest()[:16]
