"""Reading a query: `sev:0,1 type:court_order due<4h -tag:wait fake page`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from escaltui.domain.query.asked import Asked, Term, Value
from escaltui.domain.query.fields import FIELDS
from escaltui.domain.query.fold import words as tokens_of
from escaltui.domain.query.orders import ORDERS
from escaltui.domain.query.tree import Not, Query, QueryError, Test, Text

LONGEST = 4_000
MOST = 100  # terms, and values of one term: SQLite takes expressions 1,000 deep

_HEAD = re.compile(r"(-?)(?:([A-Za-z_][A-Za-z_0-9]*)(:?[<>]=?|[:=]))?")
_VALUE = re.compile(r'"([^"]*)"?|([^\s,"]*)')
_WORD = re.compile(r'"([^"]*)"?|([^\s"]+)')
_GAP = re.compile(r"\s*")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def parse(
    text: str,
    *,
    now: int | None,
    me: str = "",
    groups: Mapping[str, frozenset[str]] = {},
    deciding: bool = False,
) -> Query:
    """Read a query; blanks alone ask for every case.

    `now` (milliseconds) is needed for durations such as `due<4h`; `me` is the login that `owner:me` means; `groups`
    names sets of countries, such as eu, by lower-case name. `deciding`: for rule files, which may use neither me, text
    nor now. Raises QueryError, whose `position` counts from 1. Grammar: the design's domain page, section 10.
    """
    _check(text)
    asked = Asked(now, me, groups, deciding)
    terms: list[Test] = []
    sort, unfinished, at = "", False, _skip(text, 0)
    while at < len(text):
        minus, name, operator = _HEAD.match(text, at).groups()  # type: ignore[union-attr]
        start = at + len(minus)
        unfinished = name is None
        if name is None:
            test, at = _text(text, start, asked)
            terms.append(Not(test) if minus else test)
        else:
            term, at = _values(text, name, operator, start)
            if term.name == "sort":
                sort = _sort(term, minus)
            else:
                test = _test(term, asked)
                terms.append(Not(test) if minus else test)
        _count(terms, start + 1)
        at = _skip(text, at)
    return Query(text, tuple(terms), sort, unfinished and text[-1] != '"' and not text[-1].isspace())


def _count(terms: list[Test], at: int) -> None:
    if len(terms) > MOST:
        raise QueryError("more than {limit} terms at {at}: take some away", at, limit=MOST)


def _check(text: str) -> None:
    if len(text) > LONGEST:
        raise QueryError("a query has at most {limit:,} characters: shorten it", LONGEST + 1, limit=LONGEST)
    if bad := _NOT_TEXT.search(text):
        raise QueryError("the character at {at} is no text: take it away", bad.start() + 1)


def _skip(text: str, at: int) -> int:
    return _GAP.match(text, at).end()  # type: ignore[union-attr]


def _text(text: str, at: int, asked: Asked) -> tuple[Test, int]:
    """A word or a "phrase" at a place, and where it ends."""
    found = _WORD.match(text, at)
    if found is None:
        raise QueryError("nothing follows the - at {at}: write what shall not match", at)
    if asked.deciding:
        raise QueryError("text at {at}: a rule file may not search text", at + 1)
    typed = found[1] if found[1] is not None else found[2]
    if found[2] and typed[0] in "-<>=:,":
        sentence = '"{typed}" at {at} has no field before it: write due<4h or put text in quotes'
        raise QueryError(sentence, at + 1, typed=typed[0])
    tokens = tokens_of(typed)
    if not tokens:
        raise QueryError('no letter or digit in "{typed}" at {at}: take it away', at + 1, typed=typed)
    return Text(tokens), found.end()


def _values(text: str, name: str, operator: str, start: int) -> tuple[Term, int]:
    """The values behind `name:` as typed, and where they end."""
    values: list[Value] = []
    at = start + len(name) + len(operator)
    while True:
        found = _VALUE.match(text, at)
        assert found is not None  # it matches nothing too
        typed = found[1] if found[1] is not None else found[2]
        values.append(Value(typed, found[1] is not None, at + 1))
        at = found.end()
        if at >= len(text) or text[at] != ",":
            break
        if len(values) >= MOST:
            sentence = "{field} has more than {limit} values at {at}: take some away"
            raise QueryError(sentence, at + 1, field=name, limit=MOST)
        at += 1
    term = Term(name.lower(), operator.lstrip(":") or ":", values, start + 1)
    if term.name in FIELDS or term.name == "sort":
        for value in values:
            if not value.text:
                raise QueryError("{field} needs a value at {at}", value.at, field=name)
    return term, at


def _test(term: Term, asked: Asked) -> Test:
    name, at = term.name, term.at
    if field := FIELDS.get(name):
        return field.read(field, term, asked)
    known = [*FIELDS, "sort"]
    near = [field for field in known if name.startswith(field)] or difflib.get_close_matches(name, known, n=1)
    if near:
        raise QueryError('no field "{field}" at {at}: did you mean {near}?', at, field=name, near=near[0])
    raise QueryError('no field "{field}" at {at}: put text in quotes', at, field=name)


def _sort(term: Term, minus: str) -> str:
    value = term.values[0]
    if minus or term.operator not in ":=" or len(term.values) > 1:
        raise QueryError("sort at {at} takes one order: write sort:age", term.at)
    if value.text not in ORDERS:
        sentence = 'no order "{typed}" at {at}: write one of {known}'
        raise QueryError(sentence, value.at, typed=value.text, known=", ".join(ORDERS))
    return value.text
