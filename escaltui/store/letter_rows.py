"""Letters looked for across cases: by the Message-ID of a mail that was answered, and those on their way."""

from __future__ import annotations

from collections.abc import Sequence

from escaltui.domain.entities import Report
from escaltui.domain.exchange import Consult, Message
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder

_ANSWERED = "SELECT body FROM {table} WHERE key = ? AND key != '' ORDER BY n"
_REPORTED = "SELECT body FROM report WHERE dedupe_key = ? AND case_id != ''"
_SENDING = "SELECT body FROM message WHERE state = 'sending' ORDER BY n"


def answered(connection: Connection, message_ids: Sequence[str]) -> Message | Consult | Report | None:
    """What a mail answers, by the Message-IDs it names, the nearest first: a letter or a question of ours.

    Where none of those is named, an earlier mail of the same thread: a letter or a report that came in.
    """
    earlier: Message | Report | None = None
    for each in message_ids:
        for row in connection.execute(_ANSWERED.format(table="message"), (each,)):
            letter = decoder(Message)(row[0])
            if letter.direction == "out":
                return letter
            earlier = earlier or letter
        for row in connection.execute(_ANSWERED.format(table="consult"), (each,)):
            return decoder(Consult)(row[0])
        for row in connection.execute(_REPORTED, (f"mail:{each}",)):
            earlier = earlier or decoder(Report)(row[0])
    return earlier


def known(connection: Connection, message_id: str) -> Message | Report | None:
    """What came in under a Message-ID: a report with its case, or a letter of a thread."""
    for row in connection.execute(_REPORTED, (f"mail:{message_id}",)):
        return decoder(Report)(row[0])
    for row in connection.execute(_ANSWERED.format(table="message"), (message_id,)):
        letter = decoder(Message)(row[0])
        if letter.direction == "in":
            return letter
    return None


def sending(connection: Connection) -> tuple[Message, ...]:
    """The letters that are marked as being sent, the oldest first."""
    return tuple(decoder(Message)(row[0]) for row in connection.execute(_SENDING))
