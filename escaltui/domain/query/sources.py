"""Where each thing that a query tests is found: in the facts of a case, and in the index (`cases c`, `case_set`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from escaltui.domain.query.facts import Facts, exceptions, is_open, is_paused, notice
from escaltui.domain.query.orders import DUE_OR_NEVER


class Name(NamedTuple):
    """One name, "" where there is none."""

    sql: str
    get: Callable[[Facts], str]


class Names(NamedTuple):
    """A set of names; `field` is its name in `case_set`."""

    field: str
    get: Callable[[Facts], Collection[str]]


class Number(NamedTuple):
    """A whole number, or None. `upper` is the expression for an upper bound, where an index holds another one."""

    sql: str
    get: Callable[[Facts], int | None]
    upper: str = ""


def ascii_lower(text: str) -> str:
    """Lower case of A-Z only, which is what SQLite's lower() does."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


NAMES: dict[str, Name] = {
    "status": Name("c.status", lambda f: f.case.status),
    "type": Name("c.type", lambda f: f.case.type),
    "harm": Name("c.harm", lambda f: f.case.harm),
    "owner": Name("c.owner", lambda f: f.owner),
    "lease": Name("c.lease_person", lambda f: f.lease),
    "desk": Name("c.desk", lambda f: f.case.desk),
    "product": Name("lower(c.product)", lambda f: ascii_lower(f.case.product)),
    "requester": Name("c.requester", lambda f: f.case.requester),
    "requester_name": Name("lower(c.requester_name)", lambda f: ascii_lower(f.case.requester_name)),
    "from": Name("c.requester_kind", lambda f: f.case.requester_kind),
    "wait": Name("c.waiting_on", lambda f: f.case.waiting.on if f.case.waiting else ""),
    "root": Name("c.root_cause", lambda f: f.case.root_cause),
    "ref": Name("c.ref", lambda f: f.case.ref),
    "sensitivity": Name("c.sensitivity", lambda f: f.case.sensitivity),
    "verified": Name("c.verified", lambda f: f.case.verified),
}
SETS: dict[str, Names] = {
    "flag": Names("flag", lambda f: f.case.flags),
    "tag": Names("tag", lambda f: f.case.tags),
    "country": Names("country", lambda f: f.case.countries),
    "lang": Names("lang", lambda f: f.case.languages),
    "watcher": Names("watcher", lambda f: f.watchers),
    "policy": Names("policy", lambda f: f.case.pins),
    "item": Names("item", lambda f: f.item_types),
    "account": Names("account", lambda f: f.accounts),
    "subject": Names("subject", lambda f: f.subjects),
    "clock": Names("clock", lambda f: f.clocks),
    "has": Names("has", lambda f: f.has),
    "outcome": Names("outcome", lambda f: f.case.outcomes),
    "action": Names("action", lambda f: f.case.acts),
    "trait": Names("trait", lambda f: f.case.traits),
    "awaits": Names("awaits", lambda f: f.case.awaits),
    "exception": Names("exception", lambda f: exceptions(f.case)),
    "notice": Names("notice", lambda f: notice(f.case)),
    "incident": Names("incident", lambda f: (f.case.incident, f.case.incident_ref) if f.case.incident else ()),
    "ruling": Names("ruling", lambda f: (f.case.ruling,) if f.case.ruling else ()),
}
NUMBERS: dict[str, Number] = {
    "sev": Number("c.severity", lambda f: f.case.severity),
    "reach": Number("c.reach", lambda f: f.case.reach),
    "reports": Number("c.report_count", lambda f: f.case.report_count),
    "rung": Number("c.rung", lambda f: f.case.rung),
    "legal_rung": Number("c.legal_rung", lambda f: f.case.legal_rung),
    "legal_total": Number("c.legal_total", lambda f: f.case.legal_total),
    "due": Number("c.next_due", lambda f: f.case.next_due, DUE_OR_NEVER),
    "age": Number("c.received_at", lambda f: f.case.received_at),
    "updated": Number("c.updated_at", lambda f: f.updated_at),
    "lease_until": Number("c.lease_until", lambda f: f.case.lease.expires_at if f.case.lease else None),
    "open": Number("c.is_open", lambda f: is_open(f.case)),
    "paused": Number("c.paused", lambda f: is_paused(f.case)),
    "hidden": Number("c.hidden", lambda f: f.case.hidden),
}
