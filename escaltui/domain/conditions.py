"""The `when` of a rule: a strict part of the query language, over plain facts.

Terms are ANDed, `,` is OR within a field, `-` negates: `flag:violence item:live`, `legal_total<=4h`. Text, `me` and the
time of day are no fields here: what decides may not look at them. Two-valued: a fact that is unknown matches nothing,
so `-x` is exactly the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Literal

import msgspec

from escaltui.domain.sentences import Fault, Said, said

Kind = Literal["number", "minutes", "word"]
Fact = int | str | Collection[str] | None
FIELDS: dict[str, Kind] = {
    "sev": "number", "legal_rung": "number", "reach": "number", "reports": "number", "legal_total": "minutes",
    "type": "word", "flag": "word", "item": "word", "requester": "word", "report": "word", "channel": "word",
    "country": "word", "lang": "word", "harm": "word", "desk": "word", "event": "word", "verified": "word",
    "outcome": "word", "action": "word", "kind": "word", "territory": "word", "reversible": "word", "spirit": "word",
    "reverses": "word", "departs": "word", "exception": "word", "root": "word", "ruling": "word",
}  # fmt: skip
_TERM = re.compile(r"(-?)([a-z_]+)(:|<=|>=|<|>)(\S+)")
LENGTH_WANTED = '"{field}" wants a length of time like 90m, 4h or 2d, not "{text}"'
NUMBER_WANTED = '"{field}" wants a whole number, not "{text}"'
_UNITS = {"m": 1, "h": 60, "d": 1440, "w": 10080}


class ConditionFault(Fault):
    """A `when` that cannot be read; its text says how to mend it."""


class Term(msgspec.Struct, frozen=True):
    """One test of one field. `numbers` is filled for numbers and minutes, `words` for words."""

    field: str
    sign: str
    words: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    negated: bool = False
    exact: frozenset[str] = frozenset()
    """The words again, where each stands for itself alone: no beginning and no end of a name."""


def suggest(word: str, known: Collection[str]) -> tuple[Said, ...]:
    """`; did you mean "sla"?` for the nearest known name, else the names there are (at most twelve), else nothing."""
    near = get_close_matches(word, known, 1, 0.6)
    if near:
        return (said('; did you mean "{near}"?', near=near[0]),)
    return (said("; there are {known}", known=", ".join(sorted(known))),) if 0 < len(known) <= 12 else ()


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a `when`. Raises ConditionFault."""
    return tuple(_term(part) for part in text.split())


def _term(text: str) -> Term:
    match = _TERM.fullmatch(text)
    if match is None:
        raise ConditionFault('cannot read "{text}"; write it like flag:violence or legal_total<=4h', text=text)
    minus, field, sign, rest = match.groups()
    kind = FIELDS.get(field)
    if kind is None:
        raise ConditionFault('no field "{field}"{hint}', field=field, hint=suggest(field, FIELDS))
    if kind == "word":
        if sign != ":":
            raise ConditionFault('"{field}" is compared with : only, not {sign}', field=field, sign=sign)
        words = tuple(rest.split(","))
        partly = field == "type" or any(word.startswith("*") for word in words)
        return Term(field, sign, words, negated=bool(minus), exact=frozenset(() if partly else words))
    return Term(field, sign, numbers=tuple(_number(part, kind, field) for part in rest.split(",")), negated=bool(minus))


def _number(text: str, kind: Kind, field: str) -> int:
    match = re.fullmatch(r"(\d+)([mhdw]?)", text)
    if match is None or bool(match[2]) != (kind == "minutes"):
        sentence = LENGTH_WANTED if kind == "minutes" else NUMBER_WANTED
        raise ConditionFault(sentence, field=field, text=text)
    return int(match[1]) * _UNITS.get(match[2], 1)


def holds(terms: tuple[Term, ...], facts: Mapping[str, Fact]) -> bool:
    """Whether every term is true of the facts, given by field name; minutes as whole minutes."""
    for term in terms:  # noqa: SIM110 (a generator takes twice as long, and every new case asks all of them)
        if _true(term, facts.get(term.field)) is term.negated:
            return False
    return True


def _true(term: Term, fact: Fact) -> bool:
    if fact is None:
        return False
    if isinstance(fact, int):
        return any(_compare(term.sign, fact, number) for number in term.numbers)
    if term.exact:
        return fact in term.words if isinstance(fact, str) else not term.exact.isdisjoint(fact)
    found = (fact,) if isinstance(fact, str) else fact
    return any(_names(term.field, word, value) for word in term.words for value in found)


def _compare(sign: str, fact: int, number: int) -> bool:
    if sign == ":":
        return fact == number
    return {"<=": fact <= number, ">=": fact >= number, "<": fact < number, ">": fact > number}[sign]


def _names(field: str, word: str, value: str) -> bool:
    """Types also match by prefix (`type:legal`) and, after a star, by suffix (`type:*_enquiry`)."""
    if word.startswith("*"):
        return value.endswith(word[1:])
    return value.startswith(word) if field == "type" else value == word
