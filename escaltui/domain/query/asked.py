"""A term as it was typed, who asks, and how a field is described: what the readers of values are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from escaltui.domain.query.tree import QueryError, Test


class Value(NamedTuple):
    """One value as typed. A quoted one is taken as it stands: no `none`, `any`, `me`, `*`, and no beginning."""

    text: str
    quoted: bool
    at: int


class Asked(NamedTuple):
    """Who asks, when, and with which groups of countries. `deciding`: a rule file, which may use neither me nor now."""

    now: int | None
    me: str
    groups: Mapping[str, frozenset[str]]
    deciding: bool

    def clock(self, what: str, at: int) -> int:
        """The time now; refused where there is none or a rule file asks."""
        if self.deciding:
            raise QueryError("{what} at {at} depends on the time now, which a rule file may not use", at, what=what)
        if self.now is None:
            raise QueryError("{what} at {at} depends on the time now, which is not known here", at, what=what)
        return self.now

    def person(self, what: str, at: int) -> str:
        """My login; refused where nobody is named or a rule file asks."""
        if self.deciding:
            raise QueryError("{what} at {at} depends on who asks, which a rule file may not use", at, what=what)
        if not self.me:
            raise QueryError("{what} at {at}: nobody is named here, so write a login instead", at, what=what)
        return self.me


class Term(NamedTuple):
    """A field with its operator and values, as typed."""

    name: str
    operator: str
    values: list[Value]
    at: int


class Field(NamedTuple):
    """How one field is read. `letters`: how its names are stored; `prefix`: `type:legal` finds legal_removal."""

    read: Callable[[Field, Term, Asked], Test]
    source: str = ""
    letters: Literal["as written", "lower", "upper"] = "lower"
    prefix: bool = False
    known: Mapping[str, Callable[[Asked, int], Test]] | tuple[str, ...] = ()
    zero_is_none: bool = False
    highest: int | None = None
