"""What a query is once it is read: a small tree of tests, plain data that both back ends walk.

A test names its source (see `sources.py`). Times relative to now have become instants: a tree holds no clock.
"""

from __future__ import annotations

import msgspec

from escaltui.domain.sentences import Fault, Value


class QueryError(Fault):
    """A query that cannot be read. `position` counts characters from 1; a template may name it as `at`."""

    def __init__(self, template: str, position: int, /, **values: Value) -> None:
        super().__init__(template, **{"at": position, **values})
        self.position = position


class _Node(msgspec.Struct, frozen=True, omit_defaults=True, tag=True):
    pass


class Text(_Node, frozen=True):
    """These folded tokens follow each other in the text. `prefix`: the last one may go on (still being typed)."""

    words: tuple[str, ...]
    prefix: bool = False


class Match(_Node, frozen=True):
    """A name, or one name of a set, is one of `values`, or begins or ends so."""

    source: str
    values: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()


class Range(_Node, frozen=True):
    """A number lies between two bounds, both included; None leaves a side open. No number is never inside."""

    source: str
    low: int | None = None
    high: int | None = None


class Empty(_Node, frozen=True):
    """No name, no number, or nothing in the set."""

    source: str


class Not(_Node, frozen=True):
    """Exactly the cases that the test leaves out."""

    test: Test


class All(_Node, frozen=True):
    """Every test holds."""

    tests: tuple[Test, ...]


class Either(_Node, frozen=True):
    """One of the tests holds."""

    tests: tuple[Test, ...]


Test = Text | Match | Range | Empty | Not | All | Either


class Query(msgspec.Struct, frozen=True, omit_defaults=True):
    """A query: all `terms` hold; without terms, every case does. `sort` is an order's name, "" where none is named.

    `unfinished`: the last term is a word that ends with the text, so that more letters of it may follow.
    """

    text: str = ""
    terms: tuple[Test, ...] = ()
    sort: str = ""
    unfinished: bool = False

    def as_typed(self) -> Query:
        """The same query while it is still being typed: an unfinished last word matches as a beginning."""
        if not self.unfinished:
            return self
        *others, last = self.terms
        match last:
            case Text(words=found):
                last = Text(found, prefix=True)
            case Not(test=Text(words=found)):
                last = Not(Text(found, prefix=True))
        return msgspec.structs.replace(self, terms=(*others, last))
