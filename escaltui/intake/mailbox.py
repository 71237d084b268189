"""A mailbox that cases come from: one folder, read over IMAP, never written to.

The cursor is UIDVALIDITY and the last UID that came (RFC 3501 section 2.3.1.1). UIDs only grow as long as UIDVALIDITY
stays. Where that changes, the server numbered the folder anew: everything comes once more, and is known by its
Message-ID.
"""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from escaltui.i18n import _
from escaltui.intake import mailbox_token
from escaltui.intake.connector import Answer, Connector, ConnectorError, Outcome, Page
from escaltui.intake.mailbox_line import examine, faults, let_go, opened
from escaltui.intake.mailbox_settings import MailboxSettings, checked, settings_of

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

__all__ = ["Mailbox", "MailboxSettings", "mailbox"]

PAGE = 200
"""Mails that come at once."""
TOGETHER = 32 << 20
"""Bytes that come at once; a larger mail comes alone."""
IN_ONE = 1 << 20
"""Bytes that one command asks for."""
LARGEST = 64 << 20
"""Bytes of the largest mail that is taken in; of a larger one only its headers are."""
POLL = 60.0
"""Seconds between two looks where the server does not tell by itself."""
IDLE = 300.0
"""Seconds after which IDLE is begun anew, well within the half hour of RFC 2177."""
LOOK = 0.5
"""Seconds between two looks at whether the waiting is to end."""
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


def mailbox(settings: MailboxSettings, secret: str) -> Connector:
    """The connector of a mailbox; it is not connected yet. Raises ConnectorError for settings that cannot be used."""
    return Mailbox(checked(settings), secret)


class Mailbox:
    """One folder of one mailbox, as a Connector. The line is opened when it is first needed, and kept."""

    def __init__(self, settings: MailboxSettings, secret: str) -> None:
        self.settings, self._secret = settings, secret
        self._box: BaseMailBox | None = None
        self._validity = self._upto = 0
        self._idles = False

    @classmethod
    def from_settings(cls, name: str, options: Mapping[str, object], secret: str) -> Mailbox:
        """The mailbox of a section of config.toml. Raises ConnectorError."""
        import imap_tools  # noqa: F401  (what is missing is said at once)

        return cls(settings_of(name, options), secret)

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.settings.name

    def fetch(self, cursor: str) -> Page:
        """The next mails after a cursor, whole. A line that is cut in between gives what came before the cut.

        A line that was kept may be dead by now: then a new one is tried at once. Raises ConnectorError.
        """
        kept = self._box is not None
        try:
            return self._asked(cursor)
        except ConnectorError as error:
            if not kept or not error.again:
                raise
        return self._asked(cursor)

    def _asked(self, cursor: str) -> Page:
        try:
            with faults(self.settings, self._secret):
                return self._page(cursor)
        except BaseException:
            self.close()
            raise

    def send(self, outcome: Outcome) -> Answer:
        """Nothing is done at a mailbox: who wrote is answered by a letter."""
        return Answer(state="refused", words=_("A mailbox is only read. Write a letter instead."))

    def wait(self, seconds: float, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Wait until something is new, at most so many seconds or until `cancelled`; whether to fetch now.

        The server tells by itself where it can (IDLE, RFC 2177), else it is asked each minute. A line that is cut ends
        the waiting: fetching then says what is wrong. Raises ConnectorError where there is no line at all.
        """
        end = time.monotonic() + seconds
        box = self._ready()
        try:
            while not cancelled() and time.monotonic() < end:
                box.client.noop()
                if _after(box, self._upto):
                    return True
                rest = max(0.0, end - time.monotonic())
                if not self._idles:
                    _pause(min(POLL, rest), cancelled)
                elif _told(box, min(IDLE, rest), cancelled):
                    return True
            return False
        except (OSError, imaplib.IMAP4.error):
            self.close()
            return True

    def close(self) -> None:
        """Let go of the line."""
        if self._box is not None:
            let_go(self._box)
        self._box = None

    # --- the line

    def _ready(self) -> BaseMailBox:
        """The line, signed in; looking into the folder where it is new."""
        if self._box is None:
            if self.settings.token_command:
                self._secret = mailbox_token.fetched(self.settings)
            box = opened(self.settings, self._secret)
            try:
                with faults(self.settings, self._secret):
                    self._validity = examine(box, self.settings)
                    self._idles = b"IDLE" in box.client.capability()[1][-1].upper().split()  # said once signed in
            except BaseException:
                let_go(box)
                raise
            self._box = box
        return self._box

    def _page(self, cursor: str) -> Page:
        validity, last = _place(cursor)
        box, problems = self._ready(), list[str]()
        self._validity = examine(box, self.settings)
        if cursor and self._validity != validity:
            last = 0
            said = _("{host} numbered {folder} anew: all of it is looked at again; what is here is not doubled.")
            problems.append(said.format(host=self.settings.host, folder=self.settings.folder))
        uids = _after(box, last)
        mails, self._upto = self._brought(box, uids, last, problems)
        return Page(
            mails=mails, cursor=f"{self._validity}:{self._upto}", problems=tuple(problems),
            more=bool(uids) and self._upto < uids[-1],
        )  # fmt: skip

    def _brought(
        self, box: BaseMailBox, uids: Sequence[int], last: int, problems: list[str]
    ) -> tuple[tuple[bytes, ...], int]:
        """The next mails, and the UID up to which they came. Where the line is cut, what came before is not lost."""
        mails: list[bytes] = []
        upto = last
        try:
            for uid, content in self._contents(box, uids[:PAGE], problems):
                upto = uid
                if content:
                    mails.append(content)
        except (OSError, imaplib.IMAP4.abort):
            if upto == last:
                raise
            self.close()
        return tuple(mails), upto

    def _contents(self, box: BaseMailBox, uids: Sequence[int], problems: list[str]) -> Iterator[tuple[int, bytes]]:
        """Mails with their UIDs, in order, up to so many bytes; b"" for one that does not come, and why."""
        sizes = _sizes(box, uids)
        for group in _groups(uids, sizes):
            if sizes.get(group[0], 0) > LARGEST:
                found = _fetched(box, group, b"BODY.PEEK[HEADER]")
                said = _("Mail {uid} has {size} MB, more than {most}: only its headers came; it stays in {folder}.")
                problems.append(said.format(uid=group[0], size=sizes[group[0]] >> 20, most=LARGEST >> 20,
                                            folder=self.settings.folder))  # fmt: skip
            else:
                found = _fetched(box, group, b"BODY.PEEK[]")
            for uid in group:
                if uid not in found:
                    said = _("Mail {uid} of {folder} did not come: it is empty, was taken away, or {host} refuses it.")
                    problems.append(said.format(uid=uid, folder=self.settings.folder, host=self.settings.host))
                yield uid, found.get(uid, b"")


def _place(cursor: str) -> tuple[int, int]:
    """UIDVALIDITY and last UID; from the start where a cursor says neither."""
    validity, _sign, last = cursor.partition(":")
    return (int(validity), int(last)) if validity.isdecimal() and last.isdecimal() else (0, 0)


def _after(box: BaseMailBox, last: int) -> list[int]:
    """The UIDs beyond one, in order. A server always names the last mail there is, however old (RFC 3501, 6.4.8)."""
    return sorted(uid for uid in map(int, box.uids(f"UID {last + 1}:*", charset=None)) if uid > last)


def _sizes(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    if not uids:
        return {}
    rows = _asked(box, uids, b"(UID RFC822.SIZE)")
    found = ((_UID.search(row), _SIZE.search(row)) for row in rows if isinstance(row, bytes))
    return {int(uid[1]): int(size[1]) for uid, size in found if uid and size}


def _groups(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """UIDs to ask for together, as long as all of them are within what comes at once."""
    group: list[int] = []
    total = held = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if total and total + min(size, LARGEST) > TOGETHER:
            break
        if group and (held + size > IN_ONE or size > LARGEST):
            yield group
            group, held = [], 0
        group, held, total = [*group, uid], held + size, total + size
    if group:
        yield group


def _fetched(box: BaseMailBox, uids: Sequence[int], what: bytes) -> dict[int, bytes]:
    """The content of mails by UID. Where a server refuses some together, each is asked for alone: one that it never
    gives out stops no other."""
    from imap_tools.errors import MailboxFetchError

    try:
        return _content(_asked(box, uids, b"(UID " + what + b")"))
    except MailboxFetchError:
        if len(uids) == 1:
            return {}
    return {uid: content for each in uids for uid, content in _fetched(box, [each], what).items()}


def _content(rows: Sequence[Any]) -> dict[int, bytes]:
    """What mails hold by their UIDs, which a server names before or after it."""
    found: dict[int, bytes] = {}
    for row, then in zip(rows, [*rows[1:], b""], strict=True):
        if isinstance(row, tuple):
            uid = _UID.search(row[0]) or _UID.search(then if isinstance(then, bytes) else b"")
            if uid and row[1]:
                found[int(uid[1])] = row[1]
    return found


def _asked(box: BaseMailBox, uids: Sequence[int], what: bytes) -> list[Any]:
    from imap_tools.errors import MailboxFetchError

    answered = box.client.uid("FETCH", ",".join(map(str, uids)), what.decode())
    if answered[0] != "OK":
        raise MailboxFetchError(answered, "OK")
    return list(answered[1])


def _told(box: BaseMailBox, seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Whether the server tells of something new within so many seconds."""
    end = time.monotonic() + seconds
    box.idle.start()  # type: ignore[no-untyped-call]
    while not cancelled() and (rest := end - time.monotonic()) > 0:
        began = time.monotonic()
        heard = box.idle.poll(timeout=min(LOOK, rest))
        if any(b"EXISTS" in each for each in heard):
            box.idle.stop()  # type: ignore[no-untyped-call]
            return True
        if not heard and time.monotonic() - began < min(LOOK, rest) / 2:
            raise imaplib.IMAP4.abort("the line was cut")
    box.idle.stop()  # type: ignore[no-untyped-call]
    return False


def _pause(seconds: float, cancelled: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not cancelled() and (rest := end - time.monotonic()) > 0:
        time.sleep(min(LOOK, rest))
