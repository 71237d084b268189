"""The first back end: a query as a Python function over the facts of one case."""

from __future__ import annotations

from collections.abc import Callable

from escaltui.domain.query import sources
from escaltui.domain.query.facts import Facts
from escaltui.domain.query.tree import All, Either, Empty, Match, Not, Query, Range, Test, Text

Predicate = Callable[[Facts], bool]


def predicate(query: Query, *, typing: bool = False) -> Predicate:
    """A function that says whether a case is in the query. `typing`: a last word at the end matches as a beginning."""
    if typing:
        query = query.as_typed()
    return _all(tuple(map(_test, query.terms)))


def _all(tests: tuple[Predicate, ...]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def holds(f: Facts) -> bool:
        for test in tests:  # noqa: SIM110 (a generator would take twice as long)
            if not test(f):
                return False
        return True

    return holds


def _either(tests: tuple[Predicate, ...]) -> Predicate:
    def holds(f: Facts) -> bool:
        for test in tests:  # noqa: SIM110
            if test(f):
                return True
        return False

    return holds


def _test(test: Test) -> Predicate:
    match test:
        case Text(words=words, prefix=prefix):
            sought = f" {' '.join(words)}{'' if prefix else ' '}"
            return lambda f: sought in f.words
        case Match(source=source) if source in sources.SETS:
            return _among(sources.SETS[source], test)
        case Match(source=source):
            return _named(sources.NAMES[source], test)
        case Range(source=source):
            return _between(sources.NUMBERS[source], test)
        case Empty(source=source):
            return _empty(source)
        case Not(test=inner):
            opposite = _test(inner)
            return lambda f: not opposite(f)
        case All(tests=tests):
            return _all(tuple(map(_test, tests)))
        case Either(tests=tests):
            return _either(tuple(map(_test, tests)))


def _named(source: sources.Name, test: Match) -> Predicate:
    get, values, prefixes, suffixes = source.get, test.values, test.prefixes, test.suffixes
    if not prefixes and not suffixes:
        return lambda f: get(f) in values
    if not values and not suffixes:
        return lambda f: get(f).startswith(prefixes)

    def holds(f: Facts) -> bool:
        name = get(f)
        return name in values or name.startswith(prefixes) or name.endswith(suffixes)

    return holds


def _among(source: sources.Names, test: Match) -> Predicate:
    get, values, prefixes, suffixes = source.get, test.values, test.prefixes, test.suffixes

    def holds(f: Facts) -> bool:
        for name in get(f):  # noqa: SIM110
            if name in values or name.startswith(prefixes) or name.endswith(suffixes):
                return True
        return False

    return holds


def _between(source: sources.Number, test: Range) -> Predicate:
    get = source.get
    low = float("-inf") if test.low is None else test.low
    high = float("inf") if test.high is None else test.high

    def holds(f: Facts) -> bool:
        number = get(f)
        return number is not None and low <= number <= high

    return holds


def _empty(name: str) -> Predicate:
    if name in sources.NUMBERS:
        number = sources.NUMBERS[name].get
        return lambda f: number(f) is None
    get = sources.SETS[name].get if name in sources.SETS else sources.NAMES[name].get
    return lambda f: not get(f)
