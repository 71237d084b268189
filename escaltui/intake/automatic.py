"""Mails that a program wrote: what they are by their headers, and the letters that a failed delivery gives back.

By RFC 3834 (Auto-Submitted), RFC 3464 (delivery status) and RFC 5321 section 4.5.5 (the empty return path), and by the
headers that older programs write. What only says `auto-generated` may be a notice that a system of its sender's made:
that is for a person to read, and no answer to anything.
"""

from __future__ import annotations

import re
from email.message import Message
from email.utils import parseaddr
from typing import Literal

Automatic = Literal["", "bounce", "reply", "generated"]
"""By hand; a delivery that failed or waits; an absence note or receipt; anything else that a program made."""

_MARKS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-AutoReply-From", "X-Mail-Autoreply", "X-Vacation")
_PRECEDENCE = ("Precedence", "X-Precedence")
_DAEMONS = frozenset({"mailer-daemon", "mail-daemon", "postmaster"})
_UNDELIVERED = re.compile(
    r"undeliver|deliver\w* (?:status|failure|failed|has failed)|failure notice|return(?:ed)? (?:to sender|mail)|"
    r"mail delivery|non remis|unzustellbar",
    re.I,
)
_ABSENT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office(?: reply)?|"
    r"réponse automatique|absence du bureau|automatische (?:antwort|abwesenheitsnotiz)|abwesenheitsnotiz|"
    r"respuesta automática|risposta automatica|resposta automática)\s*[:\-]",
    re.I,
)
_FAILED = re.compile(rb"^Action:[ \t]*failed", re.I | re.M)
_ACTION = re.compile(rb"^Action:[ \t]*\w", re.I | re.M)
_GIVEN_BACK = re.compile(rb"^[> \t]*Message-ID:\s*<([^<>\s]{1,250})>", re.I | re.M)
_MOST = 50


def kind_of(message: Message, subject: str = "") -> Automatic:
    """What a mail is, by its headers alone; `subject` as it reads once decoded."""
    report = _report_type(message)
    if report == "delivery-status" or message.get("X-Failed-Recipients"):
        return "bounce"
    if report == "disposition-notification":
        return "reply"
    marked = _word(message, "Auto-Submitted")
    if marked in ("auto-replied", "auto-notified") or _marked_otherwise(message):
        return "bounce" if _from_daemon(message) else "reply"
    if _word(message, "Return-Path") == "<>":
        return "bounce" if _from_daemon(message) else "reply"
    if _from_daemon(message) and _UNDELIVERED.search(subject):
        return "bounce"
    generated = marked not in ("", "no") or bool(report)
    if _ABSENT.match(subject) and (generated or _sent_in_bulk(message) or message.get("In-Reply-To")):
        return "reply"
    return "generated" if generated else ""


def failed(content: bytes, kind: Automatic) -> bool:
    """Whether a mail says that a letter did not arrive. A report of delay does not; one without fields of RFC 3464 that
    a mail server wrote does."""
    return kind == "bounce" and bool(_FAILED.search(content) or not _ACTION.search(content))


def given_back(content: bytes) -> tuple[str, ...]:
    """The Message-IDs of the mails that a report of delivery gives back, below its own headers; at most fifty."""
    below = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[-1]
    return tuple(dict.fromkeys(each.decode("ascii", "replace") for each in _GIVEN_BACK.findall(below)))[:_MOST]


def _report_type(message: Message) -> str:
    """The report-type of a multipart/report (RFC 6522); "" for others. Bounces are the kind that leaves it out."""
    kind = message.get_content_type()
    if kind == "message/delivery-status":
        return "delivery-status"
    if kind != "multipart/report":
        return ""
    return str(message.get_param("report-type") or "delivery-status").strip().lower()


def _word(message: Message, name: str) -> str:
    return str(message.get(name) or "").partition(";")[0].strip().lower()


def _marked_otherwise(message: Message) -> bool:
    marks = any(_word(message, name) not in ("", "no", "false") for name in _MARKS)
    return (
        marks
        or any(_word(message, name) in ("auto_reply", "auto-reply") for name in _PRECEDENCE)
        or any(str(each).strip().lower() == "autoresponder" for each in message.get_all("Delivered-To", ()))
    )


def _sent_in_bulk(message: Message) -> bool:
    told = any(_word(message, name) in ("bulk", "junk", "list") for name in _PRECEDENCE)
    return told or bool(message.get("X-Auto-Response-Suppress"))


def _from_daemon(message: Message) -> bool:
    return parseaddr(str(message.get("From") or ""))[1].partition("@")[0].lower() in _DAEMONS
