"""What a letter is before anybody sends it: its template, its text, its hash, who must say yes to it. Pure.

A placeholder is `{{name}}`. It is replaced once; what was put in is never looked at again, so that a requester called
`{{case.ref}}` stays one. What `unfinished` finds keeps a letter from leaving.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from escaltui.domain import ids
from escaltui.domain.entities import Report
from escaltui.domain.exchange import Message, Party
from escaltui.domain.sentences import Said, said

MAY_HAVE = "may have been sent"
"""The failure of a letter whose fate is unknown: it is sent anew only when somebody asks for that expressly."""
CAME_BACK = "it came back undelivered"
"""The failure of a letter whose mail a server gave back."""
SIGNS: Mapping[str, str] = {"press": "comms", "authority": "counsel", "executive": "lead"}
"""The role that must say yes to a letter, by its party."""
SIGNERS = ("lead", "counsel", "comms", "approver", "consultant", "admin")
"""The roles that a template may ask for."""
PARTIES: tuple[Party, ...] = (
    "requester", "affected_user", "authority", "press", "partner", "executive", "internal",
)  # fmt: skip
KNOWN_VALUES = (
    "case.ref", "case.title", "case.received", "case.items", "requester.name", "sender.name", "date.today",
)  # fmt: skip
"""What the program can fill in by itself; any other name of a template is filled in by its writer."""
SUBJECT_LIMIT = 200
QUOTE_FROM = 40
"""Characters from which on a sentence counts as quoted."""
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
}  # fmt: skip
_AUTHORITIES = ("government", "law_enforcement", "court", "regulator")
_PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_UNFINISHED = re.compile(r"\{\{[^{}\n]*\}\}|\[\[[^\[\]\n]*\]\]|\{\{|\}\}|\[\[|\]\]|(?<![A-ZÀ-Þ])TODO(?![A-ZÀ-Þ])|###")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_SENTENCE_END = re.compile(r"[.!?…;。]+[\s\"'»”)]+|\n\s*\n")


class Template(msgspec.Struct, frozen=True):
    """A letter to be filled in, in one language. `role`: who must say yes to it, beyond what its party asks for."""

    id: str
    language: str
    title: str
    party: Party
    body: str
    variables: tuple[str, ...] = ()
    role: str = ""
    language_said: Said | None = None
    """Why this language and not the reader's, where there is no text in theirs."""


class Filled(NamedTuple):
    """A text with its values in it, and the names that had none: their placeholders stand as they were."""

    text: str
    missing: tuple[str, ...]


def placeholders(text: str) -> tuple[str, ...]:
    """The names of a text's placeholders, each once, in order."""
    return tuple(dict.fromkeys(match[1] for match in _PLACE.finditer(text)))


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """A text with values in place of its placeholders. One without a value, or with a blank one, stays."""
    missing: dict[str, None] = {}

    def put(match: re.Match[str]) -> str:
        value = values.get(match[1], "")
        if not value.strip():
            missing[match[1]] = None
            return match[0]
        return value

    return Filled(_PLACE.sub(put, text), tuple(missing))


def unfinished(*texts: str) -> tuple[str, ...]:
    """What shows that somebody has yet to finish a text: `{{..}}`, `[[..]]`, `TODO`, `###`; each once.

    Characters that nobody sees do not hide a mark.
    """
    found: dict[str, None] = {}
    for text in texts:
        seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
        seen = unicodedata.normalize("NFKC", seen)
        found.update((match[0][:60], None) for match in _UNFINISHED.finditer(seen))
    return tuple(found)


def pending_refs(text: str, case_id: str, ref: str) -> tuple[str, ...]:
    """References in a text that this case had before the authority settled on `ref`: nobody outside may get one."""
    shapes = {ids.case_ref(case_id, n) for n in range(ids.REF_SHORTEST, ids.LENGTH + 1)} - {ref}
    written = dict.fromkeys(re.findall(r"\bE-[0-9A-Z]+\b", text.upper()))
    return tuple(word for word in written if word in shapes)


def content_hash(message: Message) -> str:
    """The sha256 of what a reader would get: to whom, in what language, subject and text. A sign-off holds for it."""
    parts = (message.party, message.address, message.language, message.subject, message.body)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def roles_asked(party: str, *more: str) -> tuple[str, ...]:
    """The roles that must say yes to a letter: its party's, and what a template asks for besides."""
    return tuple(sorted({SIGNS.get(party, ""), *more} - {""}))


def lacking(message: Message) -> tuple[str, ...]:
    """The roles that have not said yes to a letter's words as they stand: a yes holds for the content it was given."""
    signed = message.signed if message.signed_sha256 == content_hash(message) else {}
    return tuple(role for role in message.signoff_roles if role not in signed)


def party_of(requester_kind: str) -> Party:
    """As whom a requester is written to."""
    if requester_kind in _AUTHORITIES:
        return "authority"
    return next((party for party in ("press", "partner", "executive", "internal") if party == requester_kind),
                "requester")  # fmt: skip


def day(at: int, language: str, *, clock: bool = False) -> str:
    """An instant (ms) as a letter writes its day, in UTC, with `clock` its hour too; 2026-06-01 in other languages."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    months = _MONTHS.get(language)
    first = "1er" if language == "fr" and moment.day == 1 else str(moment.day)
    found = f"{first} {months[moment.month - 1]} {moment.year}" if months else f"{moment:%Y-%m-%d}"
    return f"{found}, {moment:%H:%M} UTC" if clock else found


def report_message_id(report: Report) -> str:
    """The Message-ID of the mail that a report came as, "" where it did not."""
    key = report.dedupe_key.removeprefix("mail:")
    by_key = key if key != report.dedupe_key and not key.startswith("sha256:") else ""
    return report.message_id or by_key


def is_address(text: str) -> bool:
    """Whether a text is one mail address and nothing else (RFC 5321 section 4.1.2, without quoted and literal ones)."""
    return len(text) <= 254 and bool(_ADDRESS.fullmatch(text)) and text.isprintable()


def bare_id(message_id: str) -> str:
    """A Message-ID without its angle brackets and blanks."""
    return message_id.strip().strip("<>").strip()


def message_id(message: str, sender: str) -> str:
    """The Message-ID of a letter of ours: the same for every try to send it (RFC 5322 section 3.6.4)."""
    domain = sender.rpartition("@")[2].strip("<> \t").lower()
    return f"{message.lower()}@{domain or 'localhost'}"


def quoted(text: str, secrets: Iterable[str]) -> str:
    """The first sentence of 40 characters or more that a text has from one of `secrets`, "" where there is none.

    Case, line breaks, quote marks and punctuation make no difference.
    """
    here = f" {_words(text)} "
    for secret in secrets:
        for sentence in _SENTENCE_END.split(secret):
            wanted = _words(sentence)
            if len(wanted) >= QUOTE_FROM and f" {wanted} " in here:
                return " ".join(sentence.split())
    return ""


def _words(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(kept.split())


def choose(templates: Iterable[Template], template: str, languages: Collection[str]) -> Template | None:
    """A template in the first of the reader's languages that it has, else in English (and that is said).

    None where no template has that id.
    """
    texts = {each.language: each for each in templates if each.id == template}
    for language in languages:
        if language in texts:
            return texts[language]
    other = texts.get("en") or next(iter(texts.values()), None)
    if other is None or not languages:
        return other
    told = said("There is no text of this letter in {wanted}: it is in {language}.", wanted=", ".join(languages),
                language=other.language)  # fmt: skip
    return msgspec.structs.replace(other, language_said=told)
