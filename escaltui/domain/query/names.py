"""Reading terms about names: types, flags, people, references, and words with a meaning of their own."""

from __future__ import annotations

from collections.abc import Mapping

from escaltui.domain import ids
from escaltui.domain.query.asked import Asked, Field, Term, Value
from escaltui.domain.query.sources import ascii_lower
from escaltui.domain.query.tree import Either, Empty, Match, Not, QueryError, Range, Test


def either(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else Either(tuple(tests))


def equal_only(term: Term) -> None:
    if term.operator[-1] not in ":=":
        sentence = "{field} at {at} cannot be compared with {operator}: write {field}:"
        raise QueryError(sentence, term.at, field=term.name, operator=term.operator)


def emptiness(field: Field, value: Value) -> Test | None:
    if value.quoted or value.text not in ("none", "any"):
        return None
    empty: Test = Range(field.source, 0, 0) if field.zero_is_none else Empty(field.source)
    return empty if value.text == "none" else Not(empty)


def read_names(field: Field, term: Term, asked: Asked) -> Test:
    """`type:legal`, `flag:ncii,terrorism`, `tag:none`, `type:*_order`; `=` and quotes ask for the exact name."""
    equal_only(term)
    exact: set[str] = set()
    prefixes: list[str] = []
    suffixes: list[str] = []
    tests: list[Test] = []
    for value in term.values:
        if empty := emptiness(field, value):
            tests.append(empty)
            continue
        name = _cased(field, value.text)
        if value.quoted:
            exact.add(name)
        elif "*" in name:
            _starred(name, value, prefixes, suffixes)
        elif field.source == "country" and (group := asked.groups.get(value.text.lower())):
            exact |= group
        elif field.prefix and term.operator == ":":
            prefixes.append(_known(field, term, name, value))
        else:
            exact.add(_known(field, term, name, value))
    if exact or prefixes or suffixes:
        tests.append(Match(field.source, frozenset(exact), tuple(prefixes), tuple(suffixes)))
    return either(tests)


def _cased(field: Field, text: str) -> str:
    if field.letters == "lower":
        return ascii_lower(text)
    return text.upper() if field.letters == "upper" else text


def _starred(name: str, value: Value, prefixes: list[str], suffixes: list[str]) -> None:
    bare = name.strip("*")
    if not bare or name.count("*") > 1 or "*" in bare:
        sentence = '"{typed}" at {at}: put one * before or after a name, or write any'
        raise QueryError(sentence, value.at, typed=value.text)
    (suffixes if name[0] == "*" else prefixes).append(bare)


def _known(field: Field, term: Term, name: str, value: Value) -> str:
    if not field.known or any(known.startswith(name) for known in field.known):
        return name
    raise unknown(field, term.name, value)


def unknown(field: Field, name: str, value: Value) -> QueryError:
    sentence = '{field} does not know "{typed}" at {at}: write one of {known}'
    return QueryError(sentence, value.at, field=name, typed=value.text, known=", ".join(field.known))


def read_person(field: Field, term: Term, asked: Asked) -> Test:
    """`owner:me`, `owner:akim,none`."""
    resolved = [
        Value(asked.person(term.name + ":me", value.at), True, value.at) if value[:2] == ("me", False) else value
        for value in term.values
    ]
    return read_names(field, term._replace(values=resolved), asked)


def read_requester(field: Field, term: Term, asked: Asked) -> Test:
    """The requester's id, or the name in any case."""
    by_name = field._replace(source="requester_name", letters="lower")
    given = [value for value in term.values if value.quoted or value.text not in ("none", "any")]
    tests = [read_names(field, term, asked)]
    if given:
        tests.append(read_names(by_name, term._replace(values=given), asked))
    return either(tests)


def read_ref(field: Field, term: Term, asked: Asked) -> Test:
    """A reference as people type it: any case, with or without `E-`, O for 0."""
    stored = [
        value if emptiness(field, value) or "*" in value.text else value._replace(text=ids.read_ref(value.text))
        for value in term.values
    ]
    return read_names(field, term._replace(values=stored), asked)


def read_choice(field: Field, term: Term, asked: Asked) -> Test:
    """`is:late,unowned`, `verified:no`: words with a meaning of their own."""
    equal_only(term)
    assert isinstance(field.known, Mapping)
    tests = []
    for value in term.values:
        make = field.known.get(value.text.lower())
        if make is None:
            raise unknown(field, term.name, value)
        tests.append(make(asked, value.at))
    return either(tests)
