"""Decided cases as precedents: what each effective line rested on, and the words of its facts and reasons.

Kept up with every decision by `keep`. Only decisions in force on cases that the whole desk may see are here: the words
of a restricted case are in no index and change no ranking. How often each word occurs is kept beside the full text, so
that a look-up asks for the rarest words only and its cost has a bound however many cases there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from escaltui.domain.changes import Change
from escaltui.domain.decisions import Decision, Line, effective_lines
from escaltui.domain.entities import Case
from escaltui.domain.precedents import Precedent, Rested
from escaltui.domain.query.fold import words
from escaltui.policy.fusion import MEANING, TEXT, Ranked, fused
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE decision_cite (
        section TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, version TEXT NOT NULL,
        text_sha256 TEXT NOT NULL, outcome TEXT NOT NULL, exception TEXT NOT NULL, territory TEXT NOT NULL,
        PRIMARY KEY (section, at, n, line)) WITHOUT ROWID""",
    "CREATE INDEX decision_cite_n ON decision_cite(n)",
    "CREATE INDEX decision_reverses ON decision(key) WHERE key != ''",
    "CREATE TABLE precedent_word (word TEXT PRIMARY KEY, decisions INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE precedent_fts USING fts5(words, cites, tokenize = 'unicode61 remove_diacritics 0')",
)
"""What comes with decisions. `n` is the decision's number, and its row in the full text."""
TABLES = ("decision_cite", "precedent_word", "precedent_fts")
WORDS_KEPT = 2000
WORDS_ASKED = 200
POSTINGS = 8000
"""How many entries of the full text a look-up walks at most, but for its rarest word."""
SURE = 1
SHORTEST = 3
"""Letters of the shortest word of a Latin alphabet that is asked for."""
FEW = 20
"""From how many decisions on a word that stands in more than half of them says nothing."""
EVERY = ""
"""The "word" under which all decisions are counted."""
NEAREST = 200
"""How many decisions are looked at: enough to leave out those under one ruling."""
_ADD = "INSERT INTO precedent_word VALUES (?, 1) ON CONFLICT (word) DO UPDATE SET decisions = decisions + 1"
_TAKE = "UPDATE precedent_word SET decisions = decisions - 1 WHERE word = ?"
_IN_FORCE = "SELECT n, body FROM decision WHERE case_id = ? AND state = 'effective'"
_REVERSED = "SELECT EXISTS(SELECT 1 FROM decision WHERE key = ? AND key != '' AND state = 'effective')"
_NEAR = """SELECT rowid, -bm25(precedent_fts, 1.0, 0.0) FROM precedent_fts WHERE precedent_fts MATCH ?
ORDER BY 2 DESC, 1 DESC LIMIT ?"""
_OF_CASES = """SELECT d.n FROM json_each(?) j JOIN decision d ON d.case_id = j.value
WHERE d.state = 'effective' ORDER BY j.key, d.n"""
_NEWEST = "SELECT n FROM decision_cite WHERE section = ? ORDER BY at DESC LIMIT ?"
_LINES = """SELECT e.n, e.line, e.section, e.version, e.text_sha256, e.outcome, e.exception, e.territory, e.at, d.id,
c.id, c.ref, coalesce(json_extract(d.body, '$.ruling'), '')
FROM decision_cite e JOIN decision d ON d.n = e.n JOIN cases c ON c.id = d.case_id
WHERE e.n IN (SELECT value FROM json_each(?)) AND d.state = 'effective' AND c.sensitivity = 'normal' AND c.id != ?
ORDER BY e.n, e.line, e.section"""


def concerned(change: Change) -> bool:
    """Whether a change may make, unmake or hide precedents of its case: what `keep` is then called for."""
    if change.entity == Decision.NAME:
        return True
    return change.entity == Case.NAME and change.action != "created" and "sensitivity" in change.fields


def keep(connection: Connection, case_ids: Iterable[str]) -> None:
    """Bring the precedents of some cases, and of the decisions that theirs reverse, to what the tables say now."""
    other = "SELECT r.case_id FROM decision d JOIN decision r ON r.id = d.key WHERE d.case_id = ? AND d.key != ''"
    own = set(case_ids)
    reversed_on = {row[0] for case_id in own for row in connection.execute(other, (case_id,))}
    for case_id in sorted(own | reversed_on):
        for (n,) in connection.execute("SELECT n FROM decision WHERE case_id = ?", (case_id,)).fetchall():
            _forget(connection, n)
        if _open(connection, case_id):
            _learn(connection, case_id)


def drop(connection: Connection, decision_id: str) -> None:
    """Forget a decision that is no more."""
    for (n,) in connection.execute("SELECT n FROM decision WHERE id = ?", (decision_id,)).fetchall():
        _forget(connection, n)


def _open(connection: Connection, case_id: str) -> bool:
    """Whether the whole desk may see a case."""
    found = connection.execute("SELECT sensitivity FROM cases WHERE id = ?", (case_id,)).fetchone()
    return found is not None and found[0] == "normal"


def _forget(connection: Connection, n: int) -> None:
    known = connection.execute("SELECT words FROM precedent_fts WHERE rowid = ?", (n,)).fetchone()
    if known is None:
        return
    connection.execute("DELETE FROM precedent_fts WHERE rowid = ?", (n,))
    connection.execute("DELETE FROM decision_cite WHERE n = ?", (n,))
    told = [(word,) for word in {EVERY, *known[0].split()}]
    connection.executemany(_TAKE, told)
    connection.executemany("DELETE FROM precedent_word WHERE word = ? AND decisions <= 0", told)


def _learn(connection: Connection, case_id: str) -> None:
    for n, body in connection.execute(_IN_FORCE, (case_id,)).fetchall():
        decision = decoder(Decision)(body)
        if connection.execute(_REVERSED, (decision.id,)).fetchone()[0]:
            continue
        rows = cites(n, decision)
        if rows:
            told = words_of(decision)
            connection.executemany("INSERT OR IGNORE INTO decision_cite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            sql_fts = "INSERT INTO precedent_fts(rowid, words, cites) VALUES (?, ?, ?)"
            connection.execute(sql_fts, (n, " ".join(told), " ".join(sorted({_token(row[0]) for row in rows}))))
            connection.executemany(_ADD, [(word,) for word in {EVERY, *told}])


def words_of(decision: Decision) -> tuple[str, ...]:
    """The folded words of a decision's facts and reasons."""
    return words(f"{decision.facts}\n{decision.rationale}")[:WORDS_KEPT]


def cites(n: int, decision: Decision) -> list[tuple[Any, ...]]:
    """The rows of `decision_cite` of a decision: each effective line with each section that it rests on."""
    effective = effective_lines(decision.lines, decision.subjects or ("",)).values()
    held: list[tuple[int, Line]] = [(at, line) for at, line in enumerate(decision.lines) if line in effective]
    when = decision.effective_at or decision.proposed_at
    return [
        (cite.section, when, n, at, cite.version, cite.text_sha256, line.outcome, line.exception,
         " ".join(line.territory))
        for at, line in held
        for cite in line.cites
    ]  # fmt: skip


def _token(section: str) -> str:
    """A section as one word of the full text."""
    return "s" + hashlib.sha256(section.encode()).hexdigest()[:16]


def find(
    connection: Connection, sections: Sequence[str], text: str = "", *, but: str = "", meant: Sequence[str] = ()
) -> list[Precedent]:  # fmt: skip
    """Effective lines that rest on one of some sections (on any, where none is named), of cases other than `but`.

    Those that share rare words with a text come with a score; those of the sections that share none follow with 0, the
    newest of them. `meant`: cases that are like the text by meaning, nearest first; the score is then that of both
    orders by reciprocal rank. The order is `domain.precedents.nearest`'s to give.
    """
    scores: dict[int, float] = {}
    if asked := rarest(connection, text):
        within = f"cites : ({' OR '.join(map(_token, sections))}) AND " if sections else ""
        match = f"{within}words : ({' OR '.join(asked)})"
        scores = {n: max(score, 1e-9) for n, score in connection.execute(_NEAR, (match, NEAREST))}
    why: dict[int, tuple[str, ...]] = dict.fromkeys(scores, (TEXT,))
    if meant:
        both = _by_both(connection, scores, meant)
        scores, why = {each.item: each.score for each in both}, {each.item: each.lists for each in both}
    for section in sections:
        if len(scores) < NEAREST:
            for (n,) in connection.execute(_NEWEST, (section, NEAREST - len(scores))):
                scores.setdefault(n, 0.0)
    found = _lines(connection, scores, frozenset(sections), but)
    return [each._replace(why=why.get(n, ())) for n, each in found]


def _by_both(connection: Connection, scores: dict[int, float], meant: Sequence[str]) -> list[Ranked[int]]:
    """Decisions by their words and by what their cases mean."""
    given = msgspec.json.encode(list(meant)).decode()
    by_meaning = [n for (n,) in connection.execute(_OF_CASES, (given,))]
    by_words = sorted(scores, key=lambda n: -scores[n])
    return fused({TEXT: by_words, MEANING: by_meaning}, depth=NEAREST)


def rarest(connection: Connection, text: str) -> list[str]:
    """The words of a text that say most: known ones, the rarest first, as many as the bound lets be walked."""
    every = connection.execute("SELECT decisions FROM precedent_word WHERE word = ?", (EVERY,)).fetchone()
    most = every[0] // 2 if every and every[0] > FEW else POSTINGS * SURE
    said = (word for word in words(text)[:WORDS_KEPT] if len(word) >= SHORTEST or not word.isascii())
    told = list(dict.fromkeys(said))[:WORDS_ASKED]
    sql = "SELECT word, decisions FROM precedent_word WHERE word IN (SELECT value FROM json_each(?)) ORDER BY 2, 1"
    found: list[str] = []
    walked = 0
    for word, decisions in connection.execute(sql, (msgspec.json.encode(told).decode(),)):
        walked += decisions
        if decisions > most:
            break
        if walked > POSTINGS and len(found) >= SURE:
            break
        found.append(f'"{word}"')
    return found


def _lines(
    connection: Connection, scores: dict[int, float], sections: frozenset[str], but: str
) -> list[tuple[int, Precedent]]:  # fmt: skip
    """The lines of some decisions, each with its decision's number."""
    found: dict[tuple[int, int], Precedent] = {}
    numbers = msgspec.json.encode(list(scores)).decode()
    for row in connection.execute(_LINES, (numbers, but)):
        n, line, section, version, text_sha256, outcome, exception, territory, at, decision, case, ref, ruling = row
        rested = (Rested(section, version, text_sha256),)
        if (known := found.get((n, line))) is not None:
            found[n, line] = known._replace(rested=(*known.rested, *rested))
        else:
            found[n, line] = Precedent(
                decision, case, ref, line, outcome, exception, tuple(territory.split()), at, rested, ruling, scores[n]
            )
    wanted = found.items()
    return [
        (n, each)
        for (n, _line), each in wanted
        if not sections or any(cite.section in sections for cite in each.rested)
    ]
