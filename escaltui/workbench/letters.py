"""Correspondence: letters drafted from templates, sent or exported, and mails that come in put where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message as Mail
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from escaltui.domain import letters
from escaltui.domain.changes import Refused
from escaltui.domain.entities import BODY_LIMIT, Case, Consult, Report
from escaltui.domain.exchange import Message, Party
from escaltui.domain.letters import Template
from escaltui.domain.operations import DraftMessage, OfferAnswer, RecordInbound
from escaltui.domain.sentences import Said
from escaltui.i18n import _
from escaltui.intake.automatic import failed, given_back
from escaltui.intake.found import FoundReport, IntakeError, utc
from escaltui.intake.mail import answered_ids, parse_mail, without_quotes, written_by
from escaltui.safety.text import line, storable
from escaltui.store import letter_rows
from escaltui.templates import Library, load
from escaltui.workbench import screening
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.posting import ask_by_mail, export, letter_row, recover, send, thread

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

__all__ = [
    "Drafted", "Received", "ask_by_mail", "draft", "export", "letter_row", "receive_mail", "recover", "send",
    "templates", "thread",
]  # fmt: skip
LARGEST_MAIL = 64 << 20
IN_A_ROW = 5
"""Automatic mails in a thread, nothing else in between, after which no further one is taken in: a loop ends there."""


class Drafted(NamedTuple):
    """A letter that nobody has written yet: an operation to show, change and do. `missing`: names left to fill in.

    `language_said`: where the reader's language has no text, which one this is in.
    """

    op: DraftMessage
    template: Template
    missing: tuple[str, ...]
    language_said: Said | None


class Received(NamedTuple):
    """Where a mail went. `answer`: offered on a question; `letter`: in a thread; `known`: it was here already;
    `loop`: nowhere, programs answer each other in that thread."""

    case: str
    ref: str
    kind: Literal["answer", "letter", "known", "loop"]
    about: str = ""
    """The question it answers."""


def templates(bench: Workbench) -> Library:
    """All templates, the team's over ours; `faults` are sentences to show."""
    return load(bench.config.folder / "rules" / "templates", bench.desk_letters())


def draft(
    bench: Workbench, case: str, template: str, *, values: Mapping[str, str] | None = None, party: Party | None = None,
    address: str = "", languages: Sequence[str] = (),
) -> Drafted:  # fmt: skip
    """A letter from a template, in the reader's language (by default the case's) or English. Nothing is written.

    `values` fills in what only a person knows. Raises NotKnown for an unknown case or template.
    """
    found = bench.store.case(case)
    if found is None:
        raise NotKnown(bench.not_found(case).reason)
    library = templates(bench)
    text = library.find(template, tuple(languages) or found.languages)
    if text is None:
        known = ", ".join(dict.fromkeys(each.id for each in library.all))
        raise NotKnown(_("There is no template {name!r}. Known: {known}.").format(name=template, known=known))
    given = _known_values(bench, found, text.language) | dict(values or {})
    subject, body = letters.fill(text.title, given), letters.fill(text.body, given)
    to = party or text.party
    earlier = thread(bench, found.id, to)
    op = DraftMessage(
        case=found.id, party=to, body=body.text, subject=_one_line(subject.text), template=text.id,
        language=text.language, signoff_role=text.role, address=address or _address(bench, found, to, earlier),
        reply_to=_answers(bench, found, to, earlier),
    )  # fmt: skip
    missing = tuple(dict.fromkeys((*subject.missing, *body.missing)))
    return Drafted(op, text, missing, text.language_said)


def _known_values(bench: Workbench, case: Case, language: str) -> dict[str, str]:
    me = next((person for person in bench.people() if person.login == bench.me), None)
    return {
        "case.ref": case.ref,
        "case.title": case.title,
        "case.received": letters.day(case.received_at or case.created_at, language),
        "case.items": str(len(case.subjects)),
        "requester.name": case.requester_name,
        "sender.name": (me.pseudonym or me.name if me else "") or bench.config.me.name,
        "date.today": letters.day(bench.now(), language),
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())[: letters.SUBJECT_LIMIT]


def _address(bench: Workbench, case: Case, party: str, earlier: Sequence[Message]) -> str:
    """Where a party was last written to or wrote from; else the requester's checked address. "" where none is known."""
    for letter in reversed(earlier):
        if letter.address and letters.is_address(letter.address):
            return letter.address
    if party != letters.party_of(case.requester_kind):
        return ""
    rows = bench.store.bundle(case.id)
    points = rows.requester.contact_points if rows and rows.requester else ()
    return next((p.address for p in points if p.channel == "email" and letters.is_address(p.address)), "")


def _answers(bench: Workbench, case: Case, party: str, earlier: Sequence[Message]) -> str:
    """The Message-ID of the mail that a letter answers: the last one in, else the report."""
    came = next((each.message_id for each in reversed(earlier) if each.direction == "in" and each.message_id), "")
    if came or party != letters.party_of(case.requester_kind):
        return came
    rows = bench.store.bundle(case.id)
    return next((letters.report_message_id(each) for each in rows.reports[:1]), "") if rows else ""


def receive_mail(
    bench: Workbench, mail: Path | bytes, found: FoundReport | None = None, *, unasked: bool = False
) -> Received | Refused | None:
    """Put a mail where it belongs, by In-Reply-To and References: an answer to a question, or a letter in a thread.

    None where it answers nothing of ours: intake then opens a case. A mail taken in twice adds nothing. The mail itself
    is kept whole. `found`: what was read in it, where somebody did; `unasked`: nobody chose it, so a loop of programs
    ends here. Raises IntakeError where the file cannot be read.
    """
    content = mail if isinstance(mail, bytes) else _read(mail)
    headers = headers_of(content)
    kind, about = written_by(headers), answers(bench, content, headers)
    if about is None:
        return None
    consult = _consult_of(bench, about)
    case = bench.store.case(about.case)
    while case is not None and case.merged_into and consult is None:
        case = bench.store.case(case.merged_into)
    if case is None:
        return None
    found = found or parse_mail(content)
    if unasked and kind and _loops(bench, case.id, _party(case, about), _key(found)):
        return Received(case.id, case.ref, "loop")
    inbound = _inbound(bench, case, about, content, headers, found)
    if consult is not None and not inbound.automatic:
        offered = _offered(bench, case, consult, inbound)
        if offered is not None:
            return offered
    done = bench.do(inbound)
    if isinstance(done, Refused):
        return done
    return Received(case.id, case.ref, "letter" if done.changes else "known")


def answers(bench: Workbench, content: bytes, headers: Mail) -> Message | Consult | Report | None:
    """What of ours a mail answers, or gives back undelivered."""
    named = (*answered_ids(headers), *(given_back(content) if written_by(headers) == "bounce" else ()))
    return bench.store.read(lambda connection: letter_rows.answered(connection, named))


def headers_of(content: bytes) -> Mail:
    """The headers of a mail."""
    return BytesParser().parsebytes(content[: 1 << 20], headersonly=True)


def _loops(bench: Workbench, case: str, party: Party, message_id: str) -> bool:
    """Whether programs answer each other: the last letters of a thread are all automatic, and this is one more."""
    earlier = thread(bench, case, party)
    last, known = earlier[-IN_A_ROW:], any(each.message_id == message_id for each in earlier)
    return not known and len(last) == IN_A_ROW and all(each.automatic for each in last)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_MAIL)
    except OSError as error:
        raise IntakeError(
            _("{path} cannot be read: {why}. Check its name.").format(path=path, why=error.strerror)
        ) from error


def _consult_of(bench: Workbench, about: Message | Consult | Report) -> Consult | None:
    if isinstance(about, Message) and about.purpose == "consult" and about.about:
        found = bench.store.row(Consult.NAME, about.about)
        return found if isinstance(found, Consult) else None
    return about if isinstance(about, Consult) else None


def _offered(bench: Workbench, case: Case, consult: Consult, inbound: RecordInbound) -> Received | None:
    """The mail as an answer that waits for one key; None where the question is not open any more."""
    done = bench.do(
        OfferAnswer(case=consult.case, consult=consult.id, body=without_quotes(inbound.body),
                    sender=inbound.address, message_id=inbound.message_id)
    )  # fmt: skip
    if isinstance(done, Refused):
        return None
    return Received(case.id, case.ref, "answer" if done.changes else "known", consult.id)


def _inbound(
    bench: Workbench, case: Case, about: Message | Consult | Report, content: bytes, headers: Mail, found: FoundReport
) -> RecordInbound:
    original, names = screening.keep_mail(bench, content, found)
    now = bench.now()
    sent = int(utc(found.received_at).timestamp() * 1000) if found.received_at else now
    ids, kind = answered_ids(headers), written_by(headers)
    return RecordInbound(
        case=case.id, party=_party(case, about), body=fitting(storable(found.body)) or "-",
        address=storable(next(iter(found.requester.contact_points), "")),
        subject=line(found.title).value, message_id=_key(found),
        reply_to=about.message_id if isinstance(about, Message) else next(iter(ids), ""),
        received_at=max(0, min(sent, now)), automatic=bool(kind), original=original,
        bounced=failed(content, kind),
        files=names,
    )  # fmt: skip


def _party(case: Case, about: Message | Consult | Report) -> Party:
    if isinstance(about, Message):
        return about.party
    return "internal" if isinstance(about, Consult) else letters.party_of(case.requester_kind)


def _key(found: FoundReport) -> str:
    """What a mail is known by: its Message-ID, or a hash where it has none."""
    return found.dedupe_key.removeprefix("mail:")


def fitting(body: str) -> str:
    """As much of a text as a letter holds; all of it is in the mail that is kept."""
    content = body.strip("\n").encode()
    return body if len(body.encode()) <= BODY_LIMIT and body.strip() else content[:BODY_LIMIT].decode(errors="ignore")
