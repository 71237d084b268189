"""A mail as a report: text from its parts (HTML made plain), attachments as facts and bytes, senders as written.

A broken mail never raises: what cannot be decoded is kept as bytes and said in `problems`.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from escaltui.intake.automatic import Automatic, kind_of
from escaltui.intake.countries import official_country
from escaltui.intake.found import (
    FoundAttachment,
    FoundReport,
    FoundRequester,
    key_of,
    one_line,
    plain_word,
    replaced_file,
    share_filled,
    utc,
)
from escaltui.intake.hints import asked_times, notice_words
from escaltui.intake.html_text import text_of_html
from escaltui.intake.language import languages
from escaltui.intake.laws import laws_in
from escaltui.intake.sorting import named_facts, named_items, sort_letter

_ID = re.compile(r"<([^<>\s]{1,250})>")
WHOLE = "mail.eml"
"""What a mail is called that is kept as it came."""
LABEL = "X-Content-Label"
"""The header by which a sender says what a mail, or a part of it, is."""
_HEADER = 5_000  # characters of one header that are read

# Where a forwarded letter begins, in several languages and programs; its From line follows.
_FORWARDED = re.compile(
    r"^[ \t>]*(?:-{2,}\s*(?:Forwarded message|Forwarded by|Original Message|Message transféré|Message d['’]origine|"
    r"Weitergeleitete Nachricht|Mensaje reenviado)[^\n]*|"
    r"Begin forwarded message:|Début du message (?:réexpédié|transféré)\s*:)",
    re.I | re.M,
)
_FROM = re.compile(r"^[ \t>*_]*(?:From|De|Von|Da|От)\s*:[*_ \t]*(\S[^\n]{0,300})", re.I | re.M)
_FORWARD_SUBJECT = re.compile(r"^\s*(?:fwd?|tr|wg|rv)\s*:", re.I)
_SUBJECT_MARKS = re.compile(r"^\s*(?:(?:re|fwd?|tr|wg|aw|rv)\s*:\s*)+", re.I)
_BEHALF = re.compile(r"\b(?:on\s+behalf\s+of|au\s+nom\s+de|im\s+Namen\s+von)\s+((?:[A-Z][\w’'&.-]*\s?){1,6})")


def parse_mail(content: bytes, *, source: str = "mail") -> FoundReport:
    """The report in the bytes of one mail (RFC 5322). Never raises."""
    problems: list[str] = []
    try:
        message = BytesParser().parsebytes(content)
        return _report(message, content, source, problems)
    except Exception as error:  # the standard parser raises many kinds on hostile headers: all mean "not understood"
        problems.append(
            f"The mail could not be read ({type(error).__name__}): its bytes are attached, read them by hand."
        )
    return FoundReport(
        dedupe_key=key_of("mail", content),
        source=source,
        channel="email",
        title="A mail that could not be read",
        body=content.decode("utf-8", "replace"),
        attachments=(FoundAttachment.of(WHOLE, "message/rfc822", content),),
        problems=tuple(problems),
    )


def _report(message: Message, content: bytes, source: str, problems: list[str]) -> FoundReport:
    text, attachments = _contents(message, problems)
    subject = _header(message, "Subject")
    sent = _sent(message, problems)
    sender = _senders(_header(message, "From"))
    whole = f"{subject}\n\n{text}"
    forwarded = _forwarded(text, subject)
    sort = sort_letter(whole)
    name, address = sender
    official = official_country(address.partition("@")[2])
    behalf = _BEHALF.search(text)
    # A colleague forwards: the colleague is the requester. An official address is an authority's, whatever it asks.
    requester_kind = "internal" if forwarded else sort.requester_kind
    if official and requester_kind in ("user", "rights_holder", "advertiser", "merchant", "press", "partner"):
        requester_kind = "government"
    subjects = named_items(text)
    message_id = _header(message, "Message-ID").strip("<> \t")
    if not message_id:
        problems.append("The mail has no Message-ID: it is known again by its words, and answers to it stand alone.")
    if not address:
        problems.append("The mail names no sender: ask who wrote it.")
    if not text.strip():
        problems.append("The mail has no text: see its attachments.")
    if message.defects:
        problems.append(
            f"The mail is not well formed ({', '.join(sorted({type(d).__name__ for d in message.defects}))})."
        )
    return FoundReport(
        dedupe_key=f"mail:{message_id}" if message_id else _key_without(message, content),
        source=source,
        kind=sort.kind,
        case_type=sort.case_type,
        channel="email",
        received_at=utc(sent) if sent else None,
        title=one_line(_SUBJECT_MARKS.sub("", subject) or text) or "A mail without a subject",
        body=text if text.strip() else content.decode("utf-8", "replace"),
        requester=FoundRequester(
            name=name or address,
            kind=requester_kind,
            organisation=address.partition("@")[2],
            country=official,
            contact_points=tuple(filter(None, (address,))),
        ),
        on_behalf_of=forwarded or (behalf[1].strip(" .,") if behalf else ""),
        subjects=subjects,
        affected_count=len(subjects),
        answers=named_facts(text),
        laws=laws_in(text),
        languages=languages(text),
        country=official,
        asked=asked_times(whole, sent),
        user_notice=notice_words(text),
        attachments=attachments,
        labels=_labels(message),
        parent_hint=_header(message, "In-Reply-To").strip("<> \t"),
        confidence=share_filled(address, sent, subject, text.strip(), sort.sure),
        problems=tuple(problems),
    )


def _key_without(message: Message, content: bytes) -> str:
    """The key of a mail without a Message-ID: of what its writer wrote, not of what each server put above it."""
    written = "\n".join(str(message.get(name) or "") for name in ("From", "To", "Date", "Subject"))
    below = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[-1].replace(b"\r\n", b"\n")
    return key_of("mail", written.encode("utf-8", "surrogateescape") + b"\n\n" + below.rstrip(b"\n"))


def answered_ids(message: Message) -> tuple[str, ...]:
    """The Message-IDs that a mail answers, the nearest first: In-Reply-To, then References from its end (RFC 5322,
    section 3.6.4). At most fifty, without angle brackets."""
    nearest = _ID.findall(_header(message, "In-Reply-To"))
    others = _ID.findall(_header(message, "References"))
    return tuple(dict.fromkeys((*nearest, *reversed(others))))[:50]


def written_by(message: Message) -> Automatic:
    """What kind of program wrote a mail; "" for a person."""
    return kind_of(message, _header(message, "Subject"))


def whole_mail(content: bytes) -> FoundAttachment:
    """A mail kept as it came, labelled and hashed like what it holds. Never raises."""
    found = FoundAttachment.of(WHOLE, "message/rfc822", content)
    try:
        message = BytesParser().parsebytes(content)
        labelled = tuple(label for each in message.walk() for label in _labels(each))
        return replaced_file(found, labels=labelled, holds=_hashes(message))
    except Exception:  # as in `parse_mail`: nothing is known of its inside
        return found


def without_quotes(text: str) -> str:
    """A reply without what it quotes at its end; the whole text where nothing else would be left."""
    rows = text.rstrip().split("\n")
    while rows and (not rows[-1].strip() or rows[-1].lstrip().startswith(">")):
        rows.pop()
    if len(rows) < len(text.rstrip().split("\n")) and rows and rows[-1].rstrip().endswith(":"):
        rows.pop()  # "On Monday, somebody wrote:"
    return "\n".join(rows).strip() or text.strip()


def _header(message: Message, name: str) -> str:
    """A header as text; "" where it is missing."""
    return _decoded_words(str(message.get(name) or "")[:_HEADER])


def _decoded_words(raw: str) -> str:
    """Encoded words of a header (RFC 2047) as text; what cannot be decoded stays as it was written."""
    raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        words = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):
        words = raw
    words = words.encode("utf-8", "replace").decode("utf-8")
    return " ".join(words.replace("\x00", "").split())


def _senders(header: str) -> tuple[str, str]:
    pairs = [pair for pair in getaddresses([header]) if pair[1]]
    name, address = pairs[0] if pairs else ("", "")
    return one_line(name, 120), address.lower()


def _sent(message: Message, problems: list[str]) -> datetime | None:
    """When it was sent, in the sender's own zone."""
    words = _header(message, "Date")
    try:
        return parsedate_to_datetime(words) if words else None
    except (TypeError, ValueError, IndexError, OverflowError):
        problems.append(f"The date {one_line(words, 60)!r} cannot be read: set when it was received.")
        return None


def _contents(message: Message, problems: list[str]) -> tuple[str, tuple[FoundAttachment, ...]]:
    """The text of the mail, and everything else as attachments."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[FoundAttachment] = []
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart() and kind != "message/rfc822":
            continue
        if kind == "message/rfc822":
            files.append(_forwarded_mail(part))
            continue
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        name = _file_name(part)
        if name or kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            if content or name:
                found = FoundAttachment.of(name or f"part.{kind.partition('/')[2]}", kind, content)
                files.append(replaced_file(found, labels=_labels(part)))
            continue
        (plain if kind == "text/plain" else pages).append(_decoded(content, part, problems))
    text = "\n\n".join(filter(str.strip, plain)) or text_of_html("\n".join(pages))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""), tuple(files)


def _forwarded_mail(part: Message) -> FoundAttachment:
    """A mail inside a mail: what its parts are labelled, it is, for it holds their bytes."""
    labelled = tuple(label for each in part.walk() for label in _labels(each))
    found = FoundAttachment.of("forwarded.eml", "message/rfc822", _inner(part))
    return replaced_file(found, labels=labelled, holds=_hashes(part))


def _hashes(message: Message) -> tuple[str, ...]:
    """The sha256 of each part of a mail, of mails inside it too."""
    parts = (part.get_payload(decode=True) for part in message.walk() if not part.is_multipart())
    return tuple(sha256(each if isinstance(each, bytes) else b"").hexdigest() for each in parts)


def hashes_in(content: bytes) -> frozenset[str]:
    """The sha256 of each part of a mail, of mails inside it too. Never raises."""
    try:
        return frozenset(_hashes(BytesParser().parsebytes(content)))
    except Exception:  # as in `parse_mail`: a mail that cannot be taken apart tells of nothing inside
        return frozenset()


def _labels(part: Message) -> tuple[str, ...]:
    """What a mail or a part of it is called by who sent it."""
    found = (_decoded_words(str(each)[:_HEADER]) for each in part.get_all(LABEL, ()))
    return tuple(filter(None, (plain_word(word) for each in found for word in re.split("[,;]", each))))


def _inner(part: Message) -> bytes:
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else part
    return first.as_bytes() if isinstance(first, Message) else b""


def _file_name(part: Message) -> str:
    return one_line(_decoded_words((part.get_filename() or "")[:_HEADER]), 200)


def _decoded(content: bytes, part: Message, problems: list[str]) -> str:
    """The text of a part: its declared character set, else UTF-8, else Windows-1252 with a note."""
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, ValueError):
            continue
    problems.append("A part of the mail is in no known encoding, it was read as Windows-1252: check its accents.")
    return content.decode("cp1252", "replace")


def _forwarded(text: str, subject: str) -> str:
    """The first forwarded sender, for whom a colleague writes; "" where nothing is forwarded."""
    mark = _FORWARDED.search(text)
    if mark is None and not _FORWARD_SUBJECT.match(subject):
        return ""
    found = _FROM.search(text, mark.end() if mark else 0)
    if found is None:
        return ""
    name, address = _senders(found[1].strip("*_ "))
    return name or address or one_line(found[1].strip("*_ "), 120)
