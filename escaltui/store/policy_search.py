"""Policy look-up: one full-text index over the sections that count, and one of trigrams over ids and numbers.

Reads by the DB-API alone; a look-up stays within a key press (20 ms CPU at 5,000 sections).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from escaltui.policy.library import SUBSTANTIVE, PolicyHit, Version, in_force
from escaltui.policy.query import Query, Synonyms, Term, parse_query, rarest
from escaltui.policy.references import references_in
from escaltui.policy.stems import porter_stem
from escaltui.policy.tables import packaged_synonyms
from escaltui.policy.words import fold, slug

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

PATH_SEPARATOR = "\x1f"  # cannot stand in a heading: headings are single lines of text
_CANDIDATES = 400
_LOOK_EVERY = 2_000
"""Steps of the database (some 20 microseconds) between two looks at whether an answer is still wanted."""
_SNIPPET_WORDS = 24
_ID_SCORE = 1000.0
PREFERRED = (1.5, 1.35, 1.2)
"""How much more a page of the first, second and further preferred family weighs."""
_NEXT_SECTIONS = (0.25, 0.125)  # of the scores of a page's second and third section


class Found(NamedTuple):
    """A section that a look-up found."""

    rowid: int
    score: float
    document: str
    stable_id: str
    page: str
    heading: str
    path: str
    version: str
    families: str
    lang: str


# --- index --------------------------------------------------------------------------------------------------


def reindex(connection: Connection, document: str, today: date, most: int | None = None) -> bool:
    """Index the sections of one document that count: of the version in force on `today`, and of those to come.

    `most`: about so many characters at once; whether there is more to do.
    """
    due = _due(connection, document, today)
    size, n = 0, 0
    while n < len(due) and (most is None or size < most):
        size, n = size + due[n][2], n + 1
    gone, new = ([row_id for row_id, stays, _size in due[:n] if stays is kind] for kind in (False, True))
    for table in ("policy_fts", "policy_ids"):
        connection.executemany(f"DELETE FROM {table} WHERE rowid = ?", [(row_id,) for row_id in gone])
    rows = [connection.execute(_INDEXED, (row_id,)).fetchone() for row_id in new]
    connection.executemany(
        "INSERT INTO policy_fts (rowid, title, path, body) VALUES (?, ?, ?, ?)",
        [(row[0], row[2], " ".join(row[3].split(PATH_SEPARATOR)[:-1]), row[4]) for row in rows],
    )
    connection.executemany(
        "INSERT INTO policy_ids (rowid, stable_id, title, numbers) VALUES (?, ?, ?, ?)",
        [(row[0], fold(row[1]), fold(row[2]), " ".join(references_in(row[2] + "\n" + row[4]))) for row in rows],
    )
    return n < len(due)


_INDEXED = """SELECT s.id, s.stable_id, s.heading, s.path, t.text FROM policy_section s
JOIN policy_text t ON t.text_sha256 = s.text_sha256 WHERE s.id = ?"""
_SIZES = """SELECT s.id, length(t.text) FROM policy_section s JOIN policy_text t ON t.text_sha256 = s.text_sha256
WHERE s.document = ?"""
_HERE = "SELECT rowid FROM policy_fts WHERE rowid IN (SELECT id FROM policy_section WHERE document = ?)"


def _due(connection: Connection, document: str, today: date) -> list[tuple[int, bool, int]]:
    """What the index lacks, then what it has too much: the section's number, whether it belongs there, its size."""
    sizes = dict(connection.execute(_SIZES, (document,)))
    here = {row[0] for row in connection.execute(_HERE, (document,))}
    counting = _counting(connection, document, today)
    found = connection.execute(
        f"{_SIZES} AND s.indexed AND t.text <> '' AND s.version IN ({_marks(counting)}) ORDER BY s.id",
        (document, *counting),
    )
    wanted = {row[0]: None for row in found}
    return [(each, True, sizes[each]) for each in wanted if each not in here] + [
        (each, False, sizes[each]) for each in sorted(here - wanted.keys())
    ]


def drop_index(connection: Connection, document: str) -> None:
    """Take the sections of one document out of the index."""
    old = "(SELECT id FROM policy_section WHERE document = ?)"
    connection.execute(f"DELETE FROM policy_fts WHERE rowid IN {old}", (document,))
    connection.execute(f"DELETE FROM policy_ids WHERE rowid IN {old}", (document,))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _versions(connection: Connection) -> dict[str, list[Version]]:
    """The unfolded versions of each document, as far as being in force needs them."""
    found: dict[str, list[Version]] = {}
    rows = connection.execute(
        "SELECT document, version, observed_on, effective_from FROM policy_version WHERE kind = ?", (SUBSTANTIVE,)
    )
    for document, version, observed_on, effective_from in rows:
        since = date.fromisoformat(effective_from) if effective_from else None
        one = Version(document, version, date.fromisoformat(observed_on), effective_from=since)
        found.setdefault(document, []).append(one)
    return found


def _counting(connection: Connection, document: str, today: date) -> list[str]:
    own = _versions(connection).get(document, [])
    now = in_force(tuple(own), today)
    return [v.version for v in own if v is now or v.day > today]


# --- look-up ------------------------------------------------------------------------------------------------


def search(
    connection: Connection,
    query: str,
    *,
    document: str | None = None,
    families: Sequence[str] = (),
    language: str | None = None,
    limit: int = 5,
    typing: bool = False,
    on: date | None = None,
    stopped: Callable[[], bool] | None = None,
    synonyms: Synonyms | None = None,
) -> list[PolicyHit]:
    """The pages that best answer a query, each at its best section: at most `limit`, best first.

    `document` (key or title) and `language` (of the document) restrict, as `doc:` `lang:` `family:` in the query
    do; `families` only orders: their pages weigh more. `typing`: the last word is unfinished. `on`
    (default: today) is the day whose versions in force are searched. An empty query finds nothing. Once `stopped` says
    so the look-up ends with the driver's error for an interrupted one; other work on other connections goes on.
    `synonyms`: by default those that come with the program.
    """
    asked = parse_query(query, typing=typing, synonyms=packaged_synonyms() if synonyms is None else synonyms)
    with interruptible(connection, stopped):
        return _search(connection, asked, document, families, language, limit, on or date.today())


@contextmanager
def interruptible(connection: Connection, stopped: Callable[[], bool] | None) -> Iterator[None]:
    """End what the connection does once `stopped` says so."""
    connection.set_progress_handler(stopped, _LOOK_EVERY)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _search(
    connection: Connection,
    asked: Query,
    document: str | None,
    families: Sequence[str],
    language: str | None,
    limit: int,
    on: date,
) -> list[PolicyHit]:
    asked = rarest(asked, Frequencies(connection))
    filters = Filters(asked, document, language)
    in_force_now = versions_in_force(connection, on)
    found = [f for f in by_id(connection, asked.references) if filters.admit(f)]
    named = {f.rowid for f in found}
    expression = asked.expression()
    found += [f for f in by_text(connection, expression, filters) if f.rowid not in named and filters.admit(f)]
    found = [f for f in found if in_force_now.get(f.document) == f.version]
    best = best_of_pages(found, families)[:limit]
    snippets = snippets_of(connection, expression, [f.rowid for f in best])
    return [hit_of(f, snippets.get(f.rowid, ""), "id" if f.rowid in named else "text") for f in best]


def hit_of(found: Found, snippet: str, why: str) -> PolicyHit:
    """A section that was found, as an answer."""
    path = tuple(found.path.split(PATH_SEPARATOR))
    return PolicyHit(
        *(found.document, found.stable_id, found.heading, path, found.version, snippet, round(found.score, 4), why)
    )


class Filters:
    """What a hit must be, from the query's filters and the caller's."""

    def __init__(self, asked: Query, document: str | None, language: str | None) -> None:
        self.documents = {slug(d) for d in (*asked.documents, *([document] if document else []))}
        self.families = set(asked.families)
        self.languages = {*asked.languages, *([language] if language else [])}

    def any(self) -> bool:
        return bool(self.documents or self.families or self.languages)

    def admit(self, found: Found) -> bool:
        return (
            (not self.documents or found.document in self.documents)
            and (not self.families or not self.families.isdisjoint(found.families.split()))
            and (not self.languages or found.lang in self.languages)
        )


ROW = (
    "s.document, s.stable_id, s.page, s.heading, s.path, s.version, d.families, d.lang FROM {found} f"
    " JOIN policy_section s ON s.id = f.rowid JOIN policy_document d ON d.key = s.document"
)


def by_text(connection: Connection, expression: str, filters: Filters) -> list[Found]:
    """Sections that match an expression, best first."""
    if not expression:
        return []
    cut = "" if filters.any() else f" LIMIT {_CANDIDATES}"
    matches = f"(SELECT rowid, -rank AS score FROM policy_fts WHERE policy_fts MATCH ? ORDER BY rank{cut})"
    rows = connection.execute(f"SELECT f.rowid, f.score, {ROW.format(found=matches)}", (expression,))
    return sorted(map(Found._make, rows), key=lambda f: -f.score)


def by_id(connection: Connection, references: Sequence[str]) -> list[Found]:
    """Sections whose id, title or numbers hold a reference: the id itself first, then whole numbers, then parts."""
    best: dict[int, tuple[float, Found]] = {}
    for reference in references:
        quoted = '"' + reference.replace('"', '""') + '"'
        rows = connection.execute(
            f"SELECT f.rowid, 0.0, {ROW.format(found='policy_ids')} WHERE policy_ids MATCH ? LIMIT ?",
            (quoted, _CANDIDATES),
        )
        whole = re.compile(rf"(?<![\w.(]){re.escape(reference)}(?![\w(])")
        for found in map(Found._make, rows):
            score = 3.0 if fold(found.stable_id) == reference else 2.0 if whole.search(fold(found.heading)) else 1.0
            if score > best.get(found.rowid, (0.0, found))[0]:
                best[found.rowid] = (score, found._replace(score=_ID_SCORE + score))
    return [found for _, found in sorted(best.values(), key=lambda pair: (-pair[0], pair[1].rowid))]


def versions_in_force(connection: Connection, day: date) -> dict[str, str]:
    """The version of each document in force on a day."""
    return {
        document: now.version
        for document, own in _versions(connection).items()
        if (now := in_force(tuple(own), day)) is not None
    }


def best_of_pages(found: Sequence[Found], families: Sequence[str], *, alone: bool = False) -> list[Found]:
    """The best section of each page, best first; pages of the preferred families weigh more.

    They do not simply come first: "court order" on an order's case shall give the page on orders, not whichever
    community standard happens to hold the word. A page that speaks of the matter in several sections is the
    likelier one: its next two sections count a little; not where the best one speaks `alone`.
    """
    weights = {family: PREFERRED[min(n, len(PREFERRED) - 1)] for n, family in enumerate(families)}
    pages: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        pages.setdefault((one.document, one.page or one.stable_id), []).append(one)
    scored = [members[0] if alone else _with_next_sections(members) for members in pages.values()]
    return sorted(scored, key=lambda f: -f.score * max((weights.get(x, 1.0) for x in f.families.split()), default=1.0))


def _with_next_sections(members: Sequence[Found]) -> Found:
    best, *others = members
    if best.score >= _ID_SCORE:  # named by its id: words do not count
        return best
    more = sum(share * other.score for share, other in zip(_NEXT_SECTIONS, others, strict=False))
    return best._replace(score=best.score + more)


def snippets_of(connection: Connection, expression: str, rowids: Sequence[int]) -> dict[int, str]:
    """A few words around the best match of each section; its beginning where only the id matched."""
    made: dict[int, str] = {}
    for rowid in rowids:
        row = None
        if expression:
            row = connection.execute(
                f"SELECT snippet(policy_fts, 2, '', '', '…', {_SNIPPET_WORDS}) FROM policy_fts"
                " WHERE policy_fts MATCH ? AND rowid = ?",
                (expression, rowid),
            ).fetchone()
        if row is None:
            row = connection.execute("SELECT substr(body, 1, 160) FROM policy_fts WHERE rowid = ?", (rowid,)).fetchone()
        made[rowid] = " ".join(row[0].split()) if row else ""
    return made


class Frequencies:
    """In how many sections terms occur, at most (the sum over a term's forms): by the index's own word list."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.stem = porter_stem()  # as the index's tokenizer does

    def __call__(self, term: Term) -> int:
        return sum(self._occurrences(text, prefix) for text, prefix in term.forms)

    def _occurrences(self, text: str, prefix: bool) -> int:
        if " " in text:
            return 1  # a phrase: rare, and always worth asking for
        low = self.stem(text)
        where, values = ("term >= ? AND term < ?", (low, low + "\U0010ffff")) if prefix else ("term = ?", (low,))
        row = self.connection.execute(f"SELECT sum(doc) FROM policy_terms WHERE {where}", values).fetchone()
        return int(row[0] or 0)


def plain_search(connection: Connection) -> Callable[[str], list[PolicyHit]]:
    """The yardstick of `policy evaluate`: plain FTS5 (unicode61, all words joined by OR) over the same sections.

    Builds a temporary table of its own, so the connection must be allowed to write.
    """
    connection.execute("DROP TABLE IF EXISTS temp.policy_plain")
    connection.execute("CREATE VIRTUAL TABLE temp.policy_plain USING fts5(title, path, body, tokenize = 'unicode61')")
    connection.execute(
        "INSERT INTO temp.policy_plain (rowid, title, path, body) SELECT rowid, title, path, body FROM policy_fts"
    )

    def look_up(query: str) -> list[PolicyHit]:
        expression = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        if not expression:
            return []
        matches = "(SELECT rowid, -rank AS score FROM temp.policy_plain WHERE policy_plain MATCH ? ORDER BY rank)"
        rows = connection.execute(f"SELECT f.rowid, f.score, {ROW.format(found=matches)}", (expression,))
        pages: dict[tuple[str, str], Found] = {}
        for one in sorted(map(Found._make, rows), key=lambda f: -f.score):
            pages.setdefault((one.document, one.page), one)
        return [hit_of(f, "", "text") for f in list(pages.values())[:5]]

    return look_up
