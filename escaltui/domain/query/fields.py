"""The fields of the query language: what each reads, and how its values become tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from escaltui.domain.decisions import OUTCOMES
from escaltui.domain.entities import Sensitivity
from escaltui.domain.query.asked import Asked, Field
from escaltui.domain.query.facts import EXCEPTIONS, HAS
from escaltui.domain.query.measures import read_age, read_due, read_minutes, read_number, read_updated
from escaltui.domain.query.names import read_choice, read_names, read_person, read_ref, read_requester
from escaltui.domain.query.tree import All, Empty, Match, Not, Range, Test
from escaltui.domain.transitions import STATUSES


def _yes(source: str) -> Test:
    return Range(source, 1, 1)


def _trait(name: str) -> dict[str, Callable[[Asked, int], Test]]:
    """`spirit:yes`, `spirit:no`: whether the standing decision is so."""
    found = Match("trait", frozenset({name}))
    return {"yes": lambda asked, at: found, "no": lambda asked, at: Not(found)}


IS: dict[str, Callable[[Asked, int], Test]] = {
    "open": lambda asked, at: _yes("open"),
    "closed": lambda asked, at: Not(_yes("open")),
    "mine": lambda asked, at: Match("owner", frozenset({asked.person("is:mine", at)})),
    "unowned": lambda asked, at: Empty("owner"),
    "claimed": lambda asked, at: Range("lease_until", asked.clock("is:claimed", at) + 1),
    "late": lambda asked, at: All((_yes("open"), Range("due", None, asked.clock("is:late", at) - 1))),
    "paused": lambda asked, at: _yes("paused"),
    "snoozed": lambda asked, at: All((Match("status", frozenset({"waiting"})), Empty("wait"))),
    "hidden": lambda asked, at: _yes("hidden"),
    "restricted": lambda asked, at: Match("sensitivity", frozenset({"restricted", "privileged"})),
    "privileged": lambda asked, at: Match("sensitivity", frozenset({"privileged"})),
}
VERIFIED: dict[str, Callable[[Asked, int], Test]] = {
    "yes": lambda asked, at: Match("verified", frozenset({"verified"})),
    "no": lambda asked, at: Not(Match("verified", frozenset({"verified"}))),
    **{
        state: lambda asked, at, state=state: Match("verified", frozenset({state}))  # type: ignore[misc]
        for state in ("verified", "unverified", "failed")
    },
}
FIELDS: dict[str, Field] = {
    "sev": Field(read_number, "sev", highest=4),
    "status": Field(read_names, "status", prefix=True, known=STATUSES),
    "type": Field(read_names, "type", prefix=True),
    "harm": Field(read_names, "harm", prefix=True),
    "flag": Field(read_names, "flag", prefix=True),
    "tag": Field(read_names, "tag", "as written"),
    "owner": Field(read_person, "owner", "as written"),
    "lease": Field(read_person, "lease", "as written"),
    "watcher": Field(read_person, "watcher", "as written"),
    "sensitivity": Field(read_names, "sensitivity", known=get_args(Sensitivity)),
    "desk": Field(read_names, "desk", "as written"),
    "product": Field(read_names, "product", prefix=True),
    "country": Field(read_names, "country", "upper"),
    "lang": Field(read_names, "lang"),
    "requester": Field(read_requester, "requester", "as written"),
    "from": Field(read_names, "from", prefix=True),
    "wait": Field(read_names, "wait", prefix=True),
    "subject": Field(read_names, "subject", "as written"),
    "item": Field(read_names, "item", prefix=True),
    "account": Field(read_names, "account", "as written"),
    "policy": Field(read_names, "policy", "as written", prefix=True),
    "incident": Field(read_names, "incident", "upper"),
    "ruling": Field(read_names, "ruling", "upper"),
    "root": Field(read_names, "root", prefix=True),
    "ref": Field(read_ref, "ref", "upper"),
    "reach": Field(read_number, "reach", zero_is_none=True),
    "reports": Field(read_number, "reports", zero_is_none=True),
    "rung": Field(read_number, "rung", zero_is_none=True),
    "legal_rung": Field(read_number, "legal_rung", zero_is_none=True),
    "legal_total": Field(read_minutes, "legal_total"),
    "due": Field(read_due, "due"),
    "age": Field(read_age, "age"),
    "updated": Field(read_updated, "updated"),
    "clock": Field(read_names, "clock", "as written", prefix=True),
    "has": Field(read_names, "has", prefix=True, known=HAS),
    "outcome": Field(read_names, "outcome", prefix=True, known=OUTCOMES),
    "action": Field(read_names, "action", prefix=True),
    "awaits": Field(read_names, "awaits", prefix=True),
    "exception": Field(read_names, "exception", known=EXCEPTIONS),
    "notice": Field(read_names, "notice", known=("delayed", "forbidden")),
    **{name: Field(read_choice, known=_trait(name)) for name in ("reversible", "spirit", "reverses", "departs")},
    "is": Field(read_choice, known=IS),
    "verified": Field(read_choice, known=VERIFIED),
}
