"""What cases share: items, files, accounts, requesters, rare words. The order is `policy.similar`'s to give.

Every look-up has a bound, however many cases there are: a value that a great many share is read only so far. Nothing
is kept for it: an import pays nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import NamedTuple

import msgspec

from escaltui.domain.entities import Case
from escaltui.domain.query.fold import words
from escaltui.policy.fusion import TEXT
from escaltui.policy.similar import ACCOUNT, DEPTH, FILE, REQUESTER, SUBJECT, Side, by_words
from escaltui.store import requesters, rows
from escaltui.store.driver import Connection

VALUES = 500
"""So many of a case's items, files and accounts are asked for."""
HOLDERS = 400
"""So many cases are read of one value, and of one word: a word of more is no rare one."""
READ = 20_000
"""Characters of a text that are compared: letters repeat themselves after that, or list addresses."""
WORDS = 400
"""Different words of a text that are looked up, the first of it."""
RARE = 48
"""Of these, so many of the rarest are asked for."""
POSTINGS = 8000
FALLBACK = 6
"""Where no word is rare: cases that have so many of the longest words, all of them."""
SHORTEST = 3

_SHARING = "SELECT case_id FROM case_set WHERE field = ? AND value = ? LIMIT ?"
_ACCOUNTS = """SELECT json_extract(p.value, '$[1]') FROM cases c, json_each(c.sets) p
WHERE c.id = ? AND json_extract(p.value, '$[0]') = 'account' LIMIT ?"""
_NEWEST = """SELECT c.id FROM json_each(?) k CROSS JOIN cases c
WHERE c.id = k.key AND c.id != ? AND c.merged_into = '' ORDER BY k.value DESC, c.received_at DESC, c.id LIMIT ?"""
_OF_REQUESTER = """SELECT id, received_at FROM cases WHERE requester = ? AND requester != ''
ORDER BY received_at DESC, id LIMIT ?"""
_HOLDING = "SELECT rowid FROM case_fts WHERE case_fts MATCH ? LIMIT ?"
_LATEST = "SELECT rowid FROM case_fts WHERE case_fts MATCH ? ORDER BY rowid DESC LIMIT ?"
_IDS = """SELECT c.id FROM json_each(?) k CROSS JOIN cases c
WHERE c.n = k.value AND c.id != ? AND c.merged_into = '' ORDER BY k.key"""
_TEXTS = "SELECT substr(json_extract(body, '$.body'), 1, ?2) FROM report WHERE case_id = ?1"
_TITLE = "SELECT json_extract(body, '$.summary'), title FROM cases WHERE id = ?"
_SIDE = """SELECT c.received_at, c.n, c.type, c.requester,
(SELECT count(*) FROM json_each(c.body, '$.subjects') e WHERE e.value != 'evidence_only') FROM cases c WHERE c.id = ?"""
_KINDS = "SELECT DISTINCT coalesce(json_extract(body, '$.kind'), 'request'), requester FROM report WHERE case_id = ?"
_LINKED = """SELECT CASE source WHEN ?1 THEN target ELSE source END FROM link
WHERE (source = ?1 OR target = ?1) AND NOT withdrawn"""
_CLOSED_UP = """SELECT id FROM cases
WHERE id IN (SELECT value FROM json_each(?)) AND (sensitivity != 'normal' OR stream LIKE 'case:%')"""


class Asked(NamedTuple):
    """What is looked for. `words`: different ones, in the text's order; the rest are values of a case."""

    case: str = ""
    words: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()


def asked(connection: Connection, case: Case) -> Asked:
    """What a case has that others may share; evidence is not what a case is about."""
    items = tuple(key for key, role in case.subjects.items() if role != "evidence_only")
    accounts = connection.execute(_ACCOUNTS, (case.id, VALUES))
    return Asked(
        case.id, told(connection, case.id), items[:VALUES], case.files[:VALUES], tuple(row[0] for row in accounts),
        same(connection, case.requester) if case.requester else (),
    )  # fmt: skip


def of_text(text: str) -> Asked:
    """What a text has that cases may share: its words."""
    return Asked(words=_different(text))


def same(connection: Connection, requester: str) -> tuple[str, ...]:
    """A requester and who it turned out to be."""
    return tuple(dict.fromkeys((requester, requesters.survivor(connection, requester))))


def told(connection: Connection, case_id: str) -> tuple[str, ...]:
    """The different words of what was asked: of the reports, the summary; where there are none, of the title."""
    summary, title = connection.execute(_TITLE, (case_id,)).fetchone() or ("", "")
    bodies = [row[0] or "" for row in connection.execute(_TEXTS, (case_id, READ))]
    text = "\n".join(filter(str.strip, (summary or "", *bodies)))
    return _different(text or title)


def _different(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words(text[:READ])))


# --- the lists


def lists(connection: Connection, wanted: Asked) -> tuple[dict[str, list[str]], bool]:
    """The cases of each signal, in the order in which each of them speaks; whether one of them was cut off."""
    found, cut = {}, False
    for name, field, values in (
        (SUBJECT, "subject", wanted.items), (FILE, "file", wanted.files), (ACCOUNT, "account", wanted.accounts)
    ):  # fmt: skip
        holders, more = sharing(connection, field, values)
        found[name] = ordered(connection, holders, wanted.case)
        cut = cut or more or len(found[name]) >= DEPTH
    found[REQUESTER] = of_requesters(connection, wanted)
    by_text, more = like_text(connection, wanted)
    found[TEXT] = by_text
    return {name: ids for name, ids in found.items() if ids}, cut or more or len(found[REQUESTER]) >= DEPTH


def sharing(connection: Connection, field: str, values: Iterable[str]) -> tuple[Counter[str], bool]:
    """How many of some values each case has; whether there are more cases than were read."""
    found: Counter[str] = Counter()
    more = False
    for value in values:
        holders = [row[0] for row in connection.execute(_SHARING, (field, value, HOLDERS + 1))]
        more = more or len(holders) > HOLDERS
        found.update(holders)
    return found, more


def ordered(connection: Connection, holders: Mapping[str, int], but: str) -> list[str]:
    """Those that share most first, then the newest."""
    if not holders.keys() - {but}:
        return []
    given = msgspec.json.encode(dict(holders)).decode()
    return [row[0] for row in connection.execute(_NEWEST, (given, but, DEPTH))]


def of_requesters(connection: Connection, wanted: Asked) -> list[str]:
    """The other cases of the same requester, the newest first."""
    found: dict[str, int] = {}
    for requester in wanted.requesters:
        found |= dict(connection.execute(_OF_REQUESTER, (requester, DEPTH)).fetchall())
    return ordered(connection, found, wanted.case)


def like_text(connection: Connection, wanted: Asked) -> tuple[list[str], bool]:
    """The cases that share a text's rare words; where it has none, the newest that have its longest words."""
    total = newest(connection)
    postings, common = _rare(connection, wanted, total)
    found = by_words(postings, total)
    if len(found) < 2 and common:
        longest = sorted(common, key=lambda word: -len(word))[:FALLBACK]
        match = " AND ".join(f'"{word}"' for word in longest)
        found = [row[0] for row in connection.execute(_LATEST, (match, DEPTH))]
    ids = connection.execute(_IDS, (msgspec.json.encode(found[:DEPTH]).decode(), wanted.case))
    return [row[0] for row in ids], len(found) > DEPTH


def _rare(connection: Connection, wanted: Asked, total: int) -> tuple[dict[str, list[int]], list[str]]:
    """The rows of a text's rare words, the rarest first, as many as the bound lets be walked; and its common words."""
    found: dict[str, list[int]] = {}
    common: list[str] = []
    least = 2 if wanted.case else 1  # a case holds its own words
    asked_for = (word for word in wanted.words if len(word) >= SHORTEST or not word.isascii())
    for word in islice(asked_for, WORDS):
        held = [row[0] for row in connection.execute(_HOLDING, (f'"{word}"', HOLDERS + 1))]
        if len(held) > HOLDERS or 2 * len(held) > max(total, 4):
            common.append(word)
        elif len(held) >= least:
            found[word] = held
    kept: dict[str, list[int]] = {}
    walked = 0
    for word in sorted(found, key=lambda word: len(found[word]))[:RARE]:
        walked += len(found[word])
        if walked > POSTINGS and kept:
            break
        kept[word] = found[word]
    return kept, common


# --- whether one repeats another


def side(connection: Connection, case_id: str, *, text: bool = False) -> Side | None:
    """A case as one of two; with its words where they are asked for."""
    row = connection.execute(_SIDE, (case_id,)).fetchone()
    if row is None:
        return None
    received, n, kind, requester, items = row
    told_by = connection.execute(_KINDS, (case_id,)).fetchall()
    who = {each for one in {requester, *(by for _kind, by in told_by)} if one for each in same(connection, one)}
    said = frozenset(told(connection, case_id)) if text else frozenset[str]()
    return Side((received, n), kind, frozenset(kind for kind, _by in told_by), frozenset(who), items, said)


def newest(connection: Connection) -> int:
    """The number of the newest case."""
    found: int = connection.execute("SELECT coalesce(max(n), 0) FROM cases").fetchone()[0]
    return found


def after(connection: Connection, n: int, most: int) -> list[str]:
    """The cases that came after the one of this number, at most so many."""
    return [row[0] for row in connection.execute("SELECT id FROM cases WHERE n > ? ORDER BY n LIMIT ?", (n, most))]


def linked(connection: Connection, case_id: str) -> frozenset[str]:
    """The cases that a case is linked with, either way."""
    return frozenset(row[0] for row in connection.execute(_LINKED, (case_id,)))


def closed_up(connection: Connection, case_ids: Collection[str]) -> list[Case]:
    """Those of some cases that not the whole desk may see."""
    found = connection.execute(_CLOSED_UP, (msgspec.json.encode(list(case_ids)).decode(),)).fetchall()
    return [case for (each,) in found if (case := rows.case(connection, each)) is not None]
