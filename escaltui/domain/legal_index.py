"""Which rows of `statutory.toml` could apply to a case, found by one look-up: every new case asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from escaltui.domain.conditions import Fact, Term, holds, parse
from escaltui.domain.legal_rows import OPENED, REPORT, StatutoryRow

_KEYS = frozenset({"type", "country", "flag"})
_MOST = 10_000


class Law(NamedTuple):
    """A row, and the terms of its `when` that remain to be asked once type, countries and flags match."""

    row: StatutoryRow
    rest: tuple[Term, ...]


class Laws:
    """All rows with their conditions parsed once; groups such as `country:eu` stand for their countries.

    `triggers`: the events, beside the opening, that start a clock or that a condition asks for.
    """

    def __init__(self, rows: Iterable[StatutoryRow], groups: Mapping[str, Collection[str]]) -> None:
        self._rows = [(row, with_groups(parse(row.when), groups)) for row in rows]
        self._found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[Law, ...]] = {}
        self.triggers = frozenset(self._events())

    def of(self, case_type: str, countries: tuple[str, ...], flags: tuple[str, ...]) -> tuple[Law, ...]:
        """The rows whose type, country and flag terms hold."""
        key = (case_type, countries, flags)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST:
                self._found.clear()
            found = self._found[key] = tuple(self._matching(*key))
        return found

    def _matching(self, case_type: str, countries: tuple[str, ...], flags: tuple[str, ...]) -> Iterable[Law]:
        facts: dict[str, Fact] = {"type": case_type, "country": countries, "flag": flags}
        for row, terms in self._rows:
            if holds(tuple(term for term in terms if term.field in _KEYS), facts):
                yield Law(row, tuple(term for term in terms if term.field not in _KEYS))

    def _events(self) -> Iterable[str]:
        for row, terms in self._rows:
            if row.trigger != OPENED:
                yield row.trigger
            yield from (REPORT + word for term in terms if term.field == "report" for word in term.words)


def with_groups(terms: Iterable[Term], groups: Mapping[str, Collection[str]]) -> tuple[Term, ...]:
    """Terms with the names of groups of countries replaced by their countries."""
    return tuple(_expanded(term, groups) if term.field == "country" else term for term in terms)


def _expanded(term: Term, groups: Mapping[str, Collection[str]]) -> Term:
    words = tuple(code for word in term.words for code in groups.get(word, (word,)))
    return replace(term, words=words, exact=frozenset(words) if term.exact else term.exact)
