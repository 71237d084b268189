"""The second back end: a query as an SQL condition for SQLite over `cases c`, `case_set` and `case_fts`.

Every value is a bound parameter; the SQL is made of our own words only.
"""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.domain.query import sources
from escaltui.domain.query.orders import Where
from escaltui.domain.query.tree import All, Either, Empty, Match, Not, Query, Range, Test, Text

_SET = "c.id IN (SELECT case_id FROM case_set WHERE field = ?{and_})"
_FTS = "c.rowid IN (SELECT rowid FROM case_fts WHERE case_fts MATCH ?)"
_LAST = 0x10FFFF


def where(query: Query, *, typing: bool = False) -> Where:
    """The condition of a query, "1" for every case. `typing`: a last word at the end matches as a beginning.

    Words that must be there share one full-text expression, which is also given as `text`.
    """
    if typing:
        query = query.as_typed()
    text = " AND ".join(_phrase(term) for term in query.terms if isinstance(term, Text))
    found = [Where(_FTS, (text,))] if text else []
    found += [_test(term) for term in query.terms if not isinstance(term, Text)]
    if not found:
        return Where("1")
    return _join(" AND ", found)._replace(text=text)


def _join(word: str, parts: Iterable[Where]) -> Where:
    sqls: list[str] = []
    parameters: list[str | int] = []
    for part in parts:
        sqls.append(part.sql)
        parameters.extend(part.parameters)
    return Where(word.join(sqls), tuple(parameters))


def _bracket(where: Where) -> Where:
    return Where(f"({where.sql})", where.parameters)


def _test(test: Test) -> Where:
    match test:
        case Text():
            return Where(_FTS, (_phrase(test),))
        case Match(source=source) if source in sources.SETS:
            inside = _match("value", test)
            return Where(_SET.format(and_=f" AND ({inside.sql})"), (sources.SETS[source].field, *inside.parameters))
        case Match(source=source):
            return _bracket(_match(sources.NAMES[source].sql, test))
        case Range(source=source):
            return _between(sources.NUMBERS[source], test)
        case Empty(source=source):
            return _empty(source)
        case Not(test=inner):  # IS NOT TRUE, so that NULL counts as no
            opposite = _test(inner)
            return Where(f"({opposite.sql}) IS NOT TRUE", opposite.parameters)
        case All(tests=tests):
            return _bracket(_join(" AND ", map(_test, tests)))
        case Either(tests=tests):
            return _bracket(_join(" OR ", map(_test, tests)))


def _phrase(text: Text) -> str:
    """Folded tokens are letters and digits only, so that quotes hold them."""
    return f'"{" ".join(text.words)}"{" *" if text.prefix else ""}'


def _match(sql: str, test: Match) -> Where:
    parts = []
    if test.values:
        values = tuple(sorted(test.values))
        parts.append(Where(f"{sql} IN ({', '.join('?' * len(values))})", values))
    for prefix in test.prefixes:
        end = _next(prefix)
        parts.append(Where(f"{sql} >= ?" + (f" AND {sql} < ?" if end else ""), (prefix, end) if end else (prefix,)))
    for suffix in test.suffixes:
        parts.append(Where(f"substr({sql}, ?) = ?", (-len(suffix), suffix)))
    return _join(" OR ", parts)


def _next(prefix: str) -> str:
    """The first text after all that begin with `prefix`, in the order of code points; "" where there is none."""
    bare = prefix.rstrip(chr(_LAST))
    if not bare:
        return ""
    code = ord(bare[-1]) + 1
    return bare[:-1] + chr(0xE000 if code == 0xD800 else code)


def _between(number: sources.Number, test: Range) -> Where:
    sql = number.sql
    if test.low is not None and test.low == test.high:
        return Where(f"{sql} = ?", (test.low,))
    parts = []
    if test.low is not None:
        parts.append(Where(f"{sql} >= ?", (test.low,)))
    if test.high is not None:
        parts.append(Where(f"{number.upper or sql} <= ?", (test.high,)))
    return _bracket(_join(" AND ", parts)) if parts else Where(f"{sql} IS NOT NULL")


def _empty(name: str) -> Where:
    if name in sources.NUMBERS:
        return Where(f"{sources.NUMBERS[name].sql} IS NULL")
    if name in sources.SETS:
        return Where(f"NOT {_SET.format(and_='')}", (sources.SETS[name].field,))
    return Where(f"coalesce({sources.NAMES[name].sql}, '') = ''")
