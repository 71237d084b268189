"""What an erasure takes away: the words of rows and of the changes that brought them. The same on both sides.

The backend decides what goes and says so by a change of its own, which names the numbers of those that are blank from
now on; every copy does the same when it takes that change in. Who, when and in what order stays, and so do the digests:
the chain verifies. What is in no log yet (texts that somebody types, operations that were never sent) stays theirs, but
for what they show of the erased words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from escaltui.domain.changes import refused
from escaltui.domain.wire import Pulled
from escaltui.store import log
from escaltui.store.driver import Connection

VERB = "Erase"
MARK = "[erased]"
"""What stands in a row where words went: a reader sees that there were some, and a case needs a title."""
ACTION: Literal["redacted"] = "redacted"
WORDS = frozenset({
    "address", "aliases", "answer", "answers", "appellant", "ask", "author", "background", "body",
    "claim", "conditions", "contact_used", "content_note", "departure_reason", "description", "end_reason",
    "external_ref", "facts", "failure", "fields", "fold", "grounds", "note", "on_behalf_of", "options",
    "organisation", "problems", "question", "rationale", "reason", "requester_name", "returned", "root_cause", "says",
    "steps", "summary", "text", "texts", "title", "transcript", "url", "user_notice_words", "waived", "what_counts",
    "words",
})  # fmt: skip
"""The fields, at any depth, that hold words of persons; the others hold ids, instants, and words out of rule files."""
OWN = {
    "case": frozenset({"source"}), "message": frozenset({"subject"}), "network": frozenset({"name"}),
    "note": frozenset({"who", "who_id"}), "report": frozenset({"name"}),
    "requester": frozenset({"name", "source"}), "subject": frozenset({"name"}),
}  # fmt: skip
"""Fields that hold words in some rows and names out of rule files in others."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_content = msgspec.json.Decoder(log.Content).decode


class Erased(NamedTuple):
    """What a page erases here: numbers of a stream, the operations that made these changes, their cases, the words."""

    stream: str
    seqs: tuple[int, ...]
    op_ids: frozenset[str]
    cases: frozenset[str]
    words: frozenset[str]


def words_of(entity: str, plain: Mapping[str, Any]) -> frozenset[str]:
    """The words of persons in a row, or in some of its fields by their paths."""
    return frozenset(each for name, value in plain.items() for each in _leaves(entity, name.partition(".")[0], value))


def said(entity: str, body: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """The words that a change tells: those that were, those that are."""
    content = _content(body) if body else log.Content()
    sides = ({path: each[n] for path, each in content.fields.items()} for n in (0, 1))
    was, now = (words_of(entity, side) for side in sides)
    return was, now | ({content.reason} - {""})


def blanked(entity: str, plain: Mapping[str, Any], words: Collection[str] | None) -> dict[str, Any]:
    """The fields of a row that are other ones without some words; None: without any."""
    found = {}
    for name, value in plain.items():
        new = _without(entity, name, value, lambda text: words is None or text in words)
        if new != value:
            found[name] = new
    return found


def _leaves(entity: str, name: str, value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value and _tells(entity, name):
            yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(entity, key if isinstance(each, dict) or not _tells(entity, name) else name, each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(entity, name, each)


def _without(entity: str, name: str, value: Any, goes: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        return MARK if value and _tells(entity, name) and goes(value) else value
    if isinstance(value, dict):
        told = _tells(entity, name)
        return {
            key: _without(entity, key if isinstance(each, dict) or not told else name, each, goes)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without(entity, name, each, goes) for each in value]
    return value


def _tells(entity: str, name: str) -> bool:
    return name in WORDS or name in OWN.get(entity, ())


PREFIX = 40
"""Signs of a text that are looked for: what quotes one may cut it."""
WENT = refused("stale", "What it was about was erased.", "Read the case as it is now; do it again where it is needed.")
"""What is left of a refusal that quoted erased words."""


def repeats(told: str, words: Iterable[str]) -> bool:
    """Whether a text in JSON repeats some of the words; of very short ones nobody could tell."""
    return any(_encode(word[:PREFIX]).decode()[1:-1] in told for word in words if len(word) > 3)


# --- here, where a copy takes an erasure in

_NAMED = """SELECT op_id, case_id, entity, body FROM change
WHERE stream = ? AND seq IN (SELECT value FROM json_each(?))"""


def named(connection: Connection, changes: Iterable[Pulled]) -> list[Erased]:
    """What some changes erase of what is held here. To be asked before they are put beneath what is pending."""
    found = []
    for change in changes:
        if change.action != ACTION or not change.body:
            continue
        seqs = _content(change.body).erased
        if not seqs:
            continue
        rows = connection.execute(_NAMED, (change.stream, _encode(seqs).decode())).fetchall()
        words = frozenset(each for row in rows for side in said(row[2], row[3]) for each in side)
        cases = frozenset(row[1] for row in rows) | {change.case_id}
        found.append(Erased(change.stream, seqs, frozenset(row[0] for row in rows), cases - {""}, words))
    return found


def before(connection: Connection, erased: Sequence[Erased]) -> None:
    """What operations that were never sent saw of the words: they are judged again without them."""
    for each in erased:
        for case_id in each.cases:
            sql = "SELECT op_id, body FROM outbox WHERE case_id = ? AND state = 'queued' AND sent_at IS NULL"
            for op_id, body in connection.execute(sql, (case_id,)).fetchall():
                held = _decode(body)
                saw = held.get("base")
                if isinstance(saw, dict) and (now := _unseen(saw, each.words)) != saw:
                    told = _encode(held | {"base": now}).decode()
                    connection.execute("UPDATE outbox SET body = ? WHERE op_id = ?", (told, op_id))


def _unseen(value: Any, words: frozenset[str]) -> Any:
    if isinstance(value, str):
        return MARK if value in words else value
    if isinstance(value, dict):
        return {key: _unseen(each, words) for key, each in value.items()}
    return [_unseen(each, words) for each in value] if isinstance(value, list) else value


_BLANK = """UPDATE change SET body = NULL, salt = NULL
WHERE stream = ? AND seq IN (SELECT value FROM json_each(?))"""
_ASKED = "UPDATE outbox SET body = '' WHERE op_id = ? AND state NOT IN ('queued', 'parked')"
_OF_CASE = (
    "UPDATE outbox SET body = json_remove(body, '$.base') WHERE case_id = ? AND body != '' AND state = 'parked'",
    "UPDATE pending SET body = '{}' WHERE case_id = ? AND NOT fits",
)


_DRAFTS, _NO_DRAFT = "SELECT key, body FROM draft WHERE case_id = ?", "DELETE FROM draft WHERE key = ?"
_ANSWERS = "SELECT n, result FROM outbox WHERE case_id = ? AND state = 'parked' AND result != ''"
_NO_ANSWER = (
    f"""UPDATE outbox SET result = json_set(result, '$.refused', json('{_encode(WENT).decode()}')) WHERE n = ?"""
)


def after(connection: Connection, erased: Sequence[Erased]) -> bool:
    """Blank what is erased, in the log and wherever it was kept beside the rows; whether there was anything."""
    for each in erased:
        connection.execute(_BLANK, (each.stream, _encode(each.seqs).decode()))
        connection.executemany(_ASKED, [(op_id,) for op_id in each.op_ids])
        for case_id in each.cases:
            for statement in _OF_CASE:
                connection.execute(statement, (case_id,))
            for sql, now in ((_DRAFTS, _NO_DRAFT), (_ANSWERS, _NO_ANSWER)):
                held = connection.execute(sql, (case_id,)).fetchall()
                connection.executemany(now, [(key,) for key, told in held if repeats(told, each.words)])
    if erased:
        from escaltui.store import insights

        told = frozenset(case_id for each in erased for case_id in each.cases)
        insights.forget(connection, time.time_ns() // 1_000_000, told)
        for index in ("case_fts", "precedent_fts"):
            connection.execute(f"INSERT INTO {index}({index}) VALUES ('optimize')")
    return bool(erased)
