"""What a parser found in something that came from outside: values, before they are anyone's case.

Everything here is as the letter says it: nothing is verified, nothing is set. The workbench turns a `FoundReport`
into operations; a person confirms what is only offered (asked times, notice to the account holder, parents).
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, get_args

import msgspec

from escaltui.domain.media import Rating


def word_set(words: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(words.split())


Kind = Literal["notice", "counter_notice", "retraction", "order", "request", "enquiry", "appeal", "flag"]
Channel = Literal["api", "email", "form", "phone", "import", "manual"]
Presence = Literal["present", "absent", "redacted", "unknown"]

KINDS = frozenset(get_args(Kind))
CHANNELS = frozenset(get_args(Channel))
CASE_TYPES = word_set(
    """
    legal_removal legal_rights court_order data_request preservation_request emergency_disclosure
    government_enquiry regulator_enquiry ip_copyright ip_trademark ip_counterfeit ads commerce
    account_access press partner user_escalation internal_flag appeal
    """
)
REQUESTER_KINDS = word_set(
    """
    user advertiser merchant rights_holder government law_enforcement court regulator press partner ngo
    trusted_flagger internal executive
    """
)

TITLE_LIMIT = 200  # characters
BODY_LIMIT = 1 << 20  # bytes of UTF-8
SUBJECT_LIMIT = 10_000


class IntakeError(Exception):
    """Something cannot be read at all; str() is a sentence that says how to mend it."""


class FoundRequester(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as written. An empty name means that nobody is named (or the name is blacked out)."""

    name: str = ""
    kind: str = "user"
    organisation: str = ""
    country: str = ""
    contact_points: tuple[str, ...] = ()


class FoundAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came along: facts and bytes; nobody has opened it. `size` in bytes.

    `path`: where the bytes lie, in place of `content`. `claimed_sha256`: a hash that is only said. `labels`: what it is
    called by who sent it. `holds`: the hashes of files inside a mail. `sealed`: it must not be kept, and was not.
    """

    name: str
    declared_type: str
    size: int
    sha256: str
    content: bytes
    path: str = ""
    claimed_sha256: str = ""
    labels: tuple[str, ...] = ()
    claimed: Rating = "unknown"
    transcript: str = ""
    transcript_by: Literal["person", "machine"] = "person"
    holds: tuple[str, ...] = ()
    sealed: bool = False

    @classmethod
    def of(cls, name: str, declared_type: str, content: bytes) -> FoundAttachment:
        """The facts of these bytes."""
        digest = sha256(content).hexdigest()
        return cls(name=name, declared_type=declared_type, size=len(content), sha256=digest, content=content)


class FoundSubject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the report is about; (platform, item_type, item_id) names it."""

    platform: str
    item_type: str
    item_id: str
    url: str = ""
    author: str = ""
    media: tuple[FoundAttachment, ...] = ()


class FoundTime(msgspec.Struct, frozen=True, kw_only=True):
    """A time somebody asks for: the quoted words, and an instant (UTC) or a span in minutes where they give one."""

    words: str
    instant: datetime | None = None
    minutes: int | None = None


class FoundNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What the letter says about telling the account holder: the quoted words, and the state they would mean."""

    words: str
    state: Literal["delayed", "forbidden"]


class FoundReport(msgspec.Struct, frozen=True, kw_only=True):
    """One letter, form or row, as far as it was understood; `body` is the raw text, whole.

    `confidence` is the share of expected fields that were filled (0-1); `problems` says in words what did not parse.
    `received_at` may lie in the future where the source says so: then a problem says it, and the caller clips it.
    """

    dedupe_key: str
    source: str
    kind: Kind = "request"
    case_type: str = "user_escalation"
    channel: Channel = "import"
    received_at: datetime | None = None
    title: str = ""
    body: str = ""
    requester: FoundRequester = FoundRequester()
    on_behalf_of: str = ""
    right_claimed: str = ""
    subjects: tuple[FoundSubject, ...] = ()
    affected_count: int = 0
    answers: dict[str, str] = {}
    elements: dict[str, Presence] = {}
    laws: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    country: str = ""
    asked: tuple[FoundTime, ...] = ()
    user_notice: FoundNotice | None = None
    attachments: tuple[FoundAttachment, ...] = ()
    labels: tuple[str, ...] = ()
    """What who sent it calls all of it."""
    parent_hint: str = ""
    confidence: float = 0.0
    problems: tuple[str, ...] = ()


def one_line(text: str, limit: int = TITLE_LIMIT) -> str:
    """`text` as one line of at most `limit` characters, cut with an ellipsis."""
    line = " ".join(text[: limit * 8].split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain_word(value: str) -> str:
    """A word of a list as it is compared: small letters, underscores."""
    return "_".join(value.lower().replace("-", " ").split())


def share_filled(*fields: object) -> float:
    """filled / expected, to two decimals: 0 where nothing is filled."""
    return round(sum(bool(field) for field in fields) / len(fields), 2) if fields else 0.0


def key_of(source: str, content: bytes) -> str:
    """The dedupe key of something without an external id: the source and the bytes themselves."""
    return f"{source}:sha256:{sha256(content).hexdigest()}"


def with_problems(report: FoundReport, *problems: str) -> FoundReport:
    """`report` with these sentences added to its problems."""
    return msgspec.structs.replace(report, problems=report.problems + problems) if problems else report


def replaced(report: FoundReport, **fields: Any) -> FoundReport:
    """`report` with these fields instead."""
    return msgspec.structs.replace(report, **fields)


def replaced_file(found: FoundAttachment, **fields: Any) -> FoundAttachment:
    """A file with these facts instead."""
    return msgspec.structs.replace(found, **fields)


def checked(report: FoundReport, now: datetime) -> FoundReport:
    """`report` within the limits of a report: what is cut off stays as an attachment, and every cut is said."""
    report = _fit_body(report)
    problems: list[str] = []
    subjects = report.subjects
    if len(subjects) > SUBJECT_LIMIT:
        problems.append(f"{len(subjects)} subjects named, the first {SUBJECT_LIMIT} are listed: split the case.")
        subjects = subjects[:SUBJECT_LIMIT]
    if report.received_at is not None and report.received_at > now:
        problems.append(
            f"The date {report.received_at:%Y-%m-%d %H:%M} UTC lies in the future: set when it was received."
        )
    title = one_line(report.title)
    if title == report.title and not problems:
        return report
    return with_problems(replaced(report, title=title, subjects=subjects), *problems)


def _fit_body(report: FoundReport) -> FoundReport:
    if len(report.body) * 4 <= BODY_LIMIT:
        return report
    content = report.body.encode("utf-8", "replace")
    if len(content) <= BODY_LIMIT:
        return report
    whole = FoundAttachment.of("whole text.txt", "text/plain", content)
    body = content[:BODY_LIMIT].decode("utf-8", "ignore")
    report = replaced(report, body=body, attachments=(*report.attachments, whole))
    return with_problems(
        report, f"The text has {len(content)} bytes: the first {BODY_LIMIT} are shown, all of it is attached."
    )


def utc(value: datetime) -> datetime:
    """`value` in UTC; a time without a zone is taken as UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
