"""A letter leaves: marked as being sent, handed over once, and what became of it written down.

The order is what keeps a letter from being sent twice: the mark is on the disk before the first byte leaves. Whoever
dies in between leaves the mark behind; `recover` then says that it may have been sent, and nobody sends it unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from escaltui.domain import letters
from escaltui.domain.changes import Refused, refused
from escaltui.domain.entities import Case, Consult
from escaltui.domain.exchange import Message
from escaltui.domain.operations import DraftMessage, RecordSent, SendMessage
from escaltui.outbound import OutboundError, Outcome, eml, mail, summary, webhook
from escaltui.store import letter_rows

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

LOST_AFTER = 2 * 60_000
"""Milliseconds after which a letter that is still being sent has lost its sender (`mail.patience` is shorter)."""
REFERENCES = 20
OF_A_PROGRAM = ("consult", "update")


def send(bench: Workbench, message: str, content_sha256: str, *, again: bool = False) -> Message | Refused:
    """Send a letter by the mail server of the settings; takes up to `[mail] patience` seconds.

    Gives the letter as it then stands (sent, or failed with its reason), or why it may not leave. Raises OutboundError
    where no mail can be sent as things are set up; the letter is then untouched.
    """
    ours = bench.config.mail
    password = mail.check(ours)

    def hand_over(letter: Message) -> Outcome:
        return mail.send(_mail(bench, letter, ours.sender), ours, password)

    return _leave(bench, message, content_sha256, SendMessage, hand_over, again=again, sender=ours.sender)


def export(bench: Workbench, message: str, content_sha256: str, folder: Path, *, again: bool = False) -> Path | Refused:
    """Write a letter as an `.eml` file that somebody sends by other means; it counts as sent. Raises OutboundError
    where the file cannot be written: the letter is then marked as failed."""
    sender = bench.config.mail.sender or f"{bench.me}@localhost"
    written: list[Path] = []

    def hand_over(letter: Message) -> Outcome:
        case = bench.store.case(letter.case)
        name = f"{case.ref if case else 'letter'} {letter.party}"
        written.append(eml.export(_mail(bench, letter, sender)._replace(unsent=True), folder, name))
        return Outcome("sent")

    found = _leave(bench, message, content_sha256, SendMessage, hand_over, again=again, sender=sender, way="exported")
    if isinstance(found, Refused):
        return found
    if not written:
        raise OutboundError("The letter cannot be written to {folder}: {why}. Name another folder.",
                            folder=str(folder), why=found.failure)  # fmt: skip
    return written[0]


def ask_by_mail(bench: Workbench, consult: str) -> Message | Refused:
    """Tell the team that was asked, by a content-safe mail to its address (teams.toml), or by the webhook where no mail
    server is set. Once a question: a further call gives the mail there is. Raises OutboundError."""
    asked = bench.store.row(Consult.NAME, consult)
    case = bench.store.case(asked.case) if isinstance(asked, Consult) else None
    if not isinstance(asked, Consult) or case is None:
        return refused("not_found", "There is no such question on this case.", "Look at its consults.")
    team = bench.rules.teams.get(asked.team)
    by_hook = not bench.config.mail.host and bool(bench.config.webhook.url)
    if by_hook:
        webhook.check(bench.config.webhook)
    elif team is None or not team.address:
        raise OutboundError("{team} has no address. Give it one: address in teams.toml.", team=asked.team)
    else:
        mail.check(bench.config.mail)
    told = _summary(bench, case, asked)
    letter = _letter_of(bench, case, asked, told, "" if by_hook or team is None else team.address)
    if isinstance(letter, Refused) or letter.state not in ("draft", "failed") or letter.failure == letters.MAY_HAVE:
        return letter
    if not by_hook:
        return send(bench, letter.id, letter.content_sha256)

    def hand_over(_letter: Message) -> Outcome:
        return webhook.post(told.facts, bench.config.webhook, key=asked.id, now=bench.now())

    return _leave(bench, letter.id, letter.content_sha256, SendMessage, hand_over, way="webhook")


def recover(bench: Workbench) -> tuple[str, ...]:
    """Letters that this device was sending when it died: from now on they "may have been sent". Gives their cases."""
    if bench.store.read_only:
        return ()
    lost = [
        letter for letter in bench.store.read(letter_rows.sending)
        if letter.sending_on == bench.store.device and bench.now() - (letter.sending_at or 0) > LOST_AFTER
    ]  # fmt: skip
    for letter in lost:
        bench.do(RecordSent(case=letter.case, message=letter.id, outcome="unknown", failure="the program ended"))
    return tuple(dict.fromkeys(letter.case for letter in lost))


def letter_row(bench: Workbench, message: str) -> Message | Refused:
    """A letter by its id."""
    found = bench.store.row(Message.NAME, message)
    if isinstance(found, Message):
        return found
    return refused("not_found", "There is no such letter on this case.", "Look at its letters.")


def _leave(
    bench: Workbench, message: str, content_sha256: str, kind: type[SendMessage],
    hand_over: Callable[[Message], Outcome], *, again: bool = False, sender: str = "",
    way: Literal["mail", "exported", "webhook"] = "mail",
) -> Message | Refused:  # fmt: skip
    letter = letter_row(bench, message)
    if isinstance(letter, Refused):
        return letter
    own = letters.message_id(letter.id, sender)
    allowed = bench.do(kind(case=letter.case, message=message, content_sha256=content_sha256, again=again, way=way,
                            message_id=own))  # fmt: skip
    letter = letter_row(bench, message)
    if isinstance(allowed, Refused) or isinstance(letter, Refused):
        return allowed if isinstance(allowed, Refused) else letter
    try:
        outcome = hand_over(letter)
    except OutboundError as error:  # before anything was tried
        outcome = Outcome("failed", error.said)
    except BaseException:
        _record(bench, letter, "unknown", "the program was stopped")
        raise
    became = "exported" if way == "exported" and outcome.outcome == "sent" else outcome.outcome
    _record(bench, letter, became, str(outcome.why))
    return letter_row(bench, message)


def _record(bench: Workbench, letter: Message, outcome: str, why: str) -> None:
    bench.do(RecordSent(case=letter.case, message=letter.id, outcome=outcome, failure=why))  # type: ignore[arg-type]


def _mail(bench: Workbench, letter: Message, sender: str) -> eml.Letter:
    earlier = [each for each in thread(bench, letter.case, letter.party) if each.message_id and each.id != letter.id]
    chain = [each.message_id for each in earlier[-REFERENCES:]]
    if letter.reply_to:
        chain = [each for each in chain if each != letter.reply_to] + [letter.reply_to]
    return eml.Letter(
        sender=sender, to=letter.address, subject=letter.subject, body=letter.body, message_id=letter.message_id,
        at=bench.now(), language=letter.language, reply_to=letter.reply_to, references=tuple(chain),
        automatic=letter.purpose in OF_A_PROGRAM,
    )  # fmt: skip


def thread(bench: Workbench, case_id: str, party: str = "") -> tuple[Message, ...]:
    """The letters of a case, out and in, the oldest first; of one party where one is named. None is withdrawn."""
    rows = bench.store.bundle(case_id)
    found = rows.messages if rows else ()
    return tuple(each for each in found if party in ("", each.party) and each.state != "withdrawn")


def _letter_of(bench: Workbench, case: Case, asked: Consult, told: summary.Summary, address: str) -> Message | Refused:
    """The mail of a question: the one there is, or a new one."""
    known = [each for each in thread(bench, case.id) if each.about == asked.id and each.purpose == "consult"]
    if known:
        return known[-1]
    op = DraftMessage(case=case.id, party="internal", body=told.body, subject=told.subject, address=address,
                      purpose="consult", about=asked.id)  # fmt: skip
    done = bench.do(op)
    if isinstance(done, Refused):
        return done
    made = next(change.entity_id for change in done.changes if change.entity == Message.NAME)
    return letter_row(bench, made)


def _summary(bench: Workbench, case: Case, asked: Consult) -> summary.Summary:
    rows = bench.store.bundle(case.id)
    reports, subjects, notes = (rows.reports, rows.subjects, rows.notes) if rows else ((), (), ())
    files = [each.facts for each in rows.files] if rows else []
    names = (case.requester_name, case.on_behalf_of, *(each.requester_name for each in reports),
             *(each.author for each in subjects))  # fmt: skip
    texts = (case.title, case.summary, asked.background, *(each.body for each in reports),
             *(each.text for each in subjects), *(each.body for each in notes), *(each.transcript for each in files),
             *(each.description for each in (rows.media if rows else ())),
             *(each.body for each in (rows.messages if rows else ()) if each.direction == "in"))  # fmt: skip
    due = letters.day(asked.due, "en", clock=True) if asked.due is not None else ""
    return summary.consult(
        case.ref, case.severity, asked.question, options=asked.options, due=due, names=names, texts=texts,
        files=[each.name for each in files],
        privileged=asked.sensitivity != "normal" or case.sensitivity != "normal",
    )  # fmt: skip
