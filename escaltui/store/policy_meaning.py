"""Policy look-up settled by meaning: full text with synonyms, meaning, and what like cases cited, as one list of pages.

What is named by its id stays first, as in full text. Each hit says why it is there: `text`, `synonyms` (only words that
the team's synonyms add stand in it), `meaning`, `3 cases`, `4 picks`, the reason that counts most first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from escaltui.policy.fusion import CASES, MEANING, PICKS, TEXT, WEIGHTS, Near, Ranked, fused
from escaltui.policy.library import PolicyHit
from escaltui.policy.pieces import section_key, text_of_key
from escaltui.policy.query import Synonyms, parse_query, rarest
from escaltui.policy.tables import packaged_synonyms
from escaltui.store import picks, precedents
from escaltui.store.driver import Connection
from escaltui.store.policy_search import (
    PATH_SEPARATOR,
    PREFERRED,
    ROW,
    Filters,
    Found,
    Frequencies,
    best_of_pages,
    by_id,
    by_text,
    hit_of,
    interruptible,
    snippets_of,
    versions_in_force,
)

LIKE_CASES = 10
"""Decided cases that vote for what they cite."""
MANY_CASES = 1000
"""Decisions from which on their votes have half the weight that votes can have: among few the nearest is not near, and
misleads (with 114 the right page is found less often than without any)."""
SYNONYMS = "synonyms"
_NAMED = "(SELECT id AS rowid FROM policy_section WHERE text_sha256 IN (SELECT value FROM json_each(?)))"
_HASHES = "SELECT id, text_sha256 FROM policy_section WHERE text_sha256 IN (SELECT value FROM json_each(?))"
_CITED = """SELECT DISTINCT d.case_id, e.section FROM json_each(?) j CROSS JOIN cases c ON c.id = j.value
CROSS JOIN decision d ON d.case_id = c.id CROSS JOIN decision_cite e ON e.n = d.n
WHERE c.sensitivity = 'normal' AND d.state = 'effective'"""
"""In this order: SQLite would walk all decisions, who cannot know that the cases are few."""
_VOTED = "(SELECT id AS rowid FROM policy_section WHERE stable_id IN (SELECT value FROM json_each(?)))"
Page = tuple[str, str]


class Voted(NamedTuple):
    """Pages that like cases rest on or that were picked, best first, and how many cases or times each."""

    found: list[Found]
    cases: Mapping[Page, int]


def settle(
    connection: Connection, query: str, near: Near, *, document: str | None = None, families: Sequence[str] = (),
    limit: int = 5, typing: bool = False, on: date | None = None, stopped: Callable[[], bool] | None = None,
    but: str = "", lists: Iterable[str] = (TEXT, MEANING, CASES, PICKS), synonyms: Synonyms | None = None,
    picked: Sequence[str] = (),
) -> list[PolicyHit]:  # fmt: skip
    """The pages that best answer a query by all of `lists`, at most `limit`, best first; otherwise as full text's.

    `near`: what lies near the query by meaning; `but`: the case at hand, which is no precedent of its own; `synonyms`:
    by default those that come with the program; `picked`: the stems by which picks of like look-ups are found.
    """
    table = packaged_synonyms() if synonyms is None else synonyms
    asked = rarest(parse_query(query, typing=typing, synonyms=table), Frequencies(connection))
    plain = parse_query(query, typing=typing).expression()
    filters, day = Filters(asked, document, None), on or date.today()
    with interruptible(connection, stopped):
        now = versions_in_force(connection, day)

        def counting(found: Iterable[Found]) -> list[Found]:
            return [each for each in found if filters.admit(each) and now.get(each.document) == each.version]

        named = best_of_pages(counting(by_id(connection, asked.references)), families)
        ranked: dict[str, list[Found]] = {}
        if TEXT in lists:
            ranked[TEXT] = best_of_pages(counting(by_text(connection, asked.expression(), filters)), ())
        if MEANING in lists:
            ranked[MEANING] = best_of_pages(counting(_by_meaning(connection, near, now)), (), alone=True)
        voted = _voted(connection, query, near, counting, but) if CASES in lists else Voted([], {})
        ranked[CASES] = voted.found
        hinted = _hinted(connection, picked, counting) if PICKS in lists and picked else Voted([], {})
        ranked[PICKS] = hinted.found
        weights = WEIGHTS | {CASES: WEIGHTS[CASES] * _trust(connection)}
        best = _pages(named, ranked, families, weights)[:limit]
        rowids = [found.rowid for found, _rank in best]
        typed = _matching(connection, plain, rowids)
        snippets = snippets_of(connection, asked.expression(), rowids)
        return [
            hit_of(
                found,
                snippets.get(found.rowid, ""),
                _why(rank, found.rowid in typed, {CASES: voted.cases, PICKS: hinted.cases}),
            )
            for found, rank in best
        ]


def page_of(found: Found) -> Page:
    """The page of a section."""
    return found.document, found.page or found.stable_id


def _pages(
    named: Sequence[Found], ranked: Mapping[str, Sequence[Found]], families: Sequence[str],
    weights: Mapping[str, float],
) -> list[tuple[Found, Ranked[Page] | None]]:  # fmt: skip
    """The pages in order, each at the section that the list which counts most there holds best."""
    preferred = {family: PREFERRED[min(n, len(PREFERRED) - 1)] for n, family in enumerate(families)}
    sections = {name: {page_of(found): found for found in reversed(items)} for name, items in ranked.items()}
    boosts = {
        page: max((preferred.get(family, 1.0) for family in found.families.split()), default=1.0)
        for pages in sections.values()
        for page, found in pages.items()
    }
    pages_of = {name: [page_of(found) for found in items] for name, items in ranked.items()}
    order = fused(pages_of, boosts, weights=weights)
    first = {page_of(found) for found in named}
    rest = [
        (sections[each.lists[0]][each.item]._replace(score=each.score), each)
        for each in order
        if each.item not in first
    ]
    return [*((found, None) for found in named), *rest]


def _trust(connection: Connection) -> float:
    """How far votes of decided cases count, 0 to 1, by how many decisions there are."""
    made = connection.execute("SELECT coalesce(max(n), 0) FROM decision").fetchone()[0]
    return float(made / (made + MANY_CASES))


def _by_meaning(connection: Connection, near: Near, now: Mapping[str, str]) -> list[Found]:
    """The sections in force that some keys name, nearest first, with their cosine as score."""
    scores = dict(near.sections)
    hashes = msgspec.json.encode(sorted({text_of_key(key) for key in scores})).decode()
    texts = dict(connection.execute(_HASHES, (hashes,)))
    rows = connection.execute(f"SELECT f.rowid, 0.0, {ROW.format(found=_NAMED)} WHERE s.indexed", (hashes,))
    made = []
    for found in map(Found._make, rows):
        score = scores.get(section_key(texts[found.rowid], found.path.split(PATH_SEPARATOR)))
        if score is not None and now.get(found.document) == found.version:
            made.append(found._replace(score=score))
    return sorted(made, key=lambda found: (-found.score, found.rowid))


def _voted(
    connection: Connection, query: str, near: Near, counting: Callable[[Iterable[Found]], list[Found]], but: str
) -> Voted:  # fmt: skip
    """What the decided cases most like the query rest on: by their words and by their meaning, nearer ones more."""
    by_words = sorted(precedents.find(connection, (), query, but=but), key=lambda each: (-each.score, -each.at))
    alike = list(dict.fromkeys(each.case for each in by_words))
    meant = [case for case, _score in near.cases if case != but]
    like = [each.item for each in fused({TEXT: alike, MEANING: meant})][:LIKE_CASES]
    votes: dict[str, dict[str, float]] = {}
    rank = {case: n for n, case in enumerate(like, 1)}
    for case, section in connection.execute(_CITED, (msgspec.json.encode(like).decode(),)):
        votes.setdefault(section, {})[case] = 1 / rank[case]
    rows = connection.execute(
        f"SELECT f.rowid, 0.0, {ROW.format(found=_VOTED)}", (msgspec.json.encode(list(votes)).decode(),)
    )
    pages: dict[Page, set[str]] = {}
    scored = []
    for found in counting(map(Found._make, rows.fetchall())):
        pages.setdefault(page_of(found), set()).update(votes[found.stable_id])
        scored.append(found._replace(score=sum(votes[found.stable_id].values())))
    scored.sort(key=lambda found: (-found.score, found.rowid))
    return Voted(best_of_pages(scored, ()), {page: len(cases) for page, cases in pages.items()})


def _hinted(
    connection: Connection, stems: Sequence[str], counting: Callable[[Iterable[Found]], list[Found]]
) -> Voted:  # fmt: skip
    """What was picked after look-ups in like words, what counts most first, and how many times."""
    hints = {each.section: each for each in picks.hints(connection, stems)}
    rows = connection.execute(
        f"SELECT f.rowid, 0.0, {ROW.format(found=_VOTED)}", (msgspec.json.encode(list(hints)).decode(),)
    )
    found = [each._replace(score=hints[each.stable_id].weight) for each in counting(map(Found._make, rows.fetchall()))]
    found.sort(key=lambda each: (-each.score, each.rowid))
    times: dict[Page, int] = {}
    for each in found:
        times[page_of(each)] = times.get(page_of(each), 0) + hints[each.stable_id].times
    return Voted(best_of_pages(found, ()), times)


def _matching(connection: Connection, expression: str, rowids: Sequence[int]) -> set[int]:
    """Which of some sections the words as they were typed find."""
    if not expression:
        return set()
    sql = "SELECT rowid FROM policy_fts WHERE policy_fts MATCH ? AND rowid IN (SELECT value FROM json_each(?))"
    return {row[0] for row in connection.execute(sql, (expression, msgspec.json.encode(list(rowids)).decode()))}


def _why(rank: Ranked[Page] | None, typed: bool, counts: Mapping[str, Mapping[Page, int]]) -> str:
    if rank is None:
        return "id"
    counted = {name: f"{count.get(rank.item, 0)} {name}" for name, count in counts.items()}
    words = {TEXT: TEXT if typed else SYNONYMS, MEANING: MEANING, **counted}
    return ", ".join(words[name] for name in rank.lists)
