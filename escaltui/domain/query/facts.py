"""What a query may look at: one case with what is known around it, and the same as columns and sets of the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, get_args

from escaltui.domain import transitions
from escaltui.domain.decisions import Exemption
from escaltui.domain.entities import Case
from escaltui.domain.query.fold import line

WORK = ("consult", "task", "letter", "by_hand", "statement", "review")
"""What of a case's open work a query can ask for: `has:consult`."""
EXCEPTIONS = tuple(filter(None, get_args(Exemption)))
HAS = ("hidden", "notes", "pin", "links", "asked", "attachment", "decision", "offered", *WORK)
_NONE: frozenset[str] = frozenset()


class Facts(NamedTuple):
    """A case and what lies around it. Build it with `facts_of`; `words` is a line as `fold.line` makes it."""

    case: Case
    words: str = " "
    item_types: frozenset[str] = _NONE
    accounts: frozenset[str] = _NONE
    subjects: frozenset[str] = _NONE
    watchers: frozenset[str] = _NONE
    clocks: frozenset[str] = _NONE
    has: frozenset[str] = _NONE
    owner: str = ""
    lease: str = ""
    updated_at: int = 0


def facts_of(
    case: Case,
    *,
    bodies: Iterable[str] = (),
    item_types: Iterable[str] = (),
    accounts: Iterable[str] = (),
    has: Iterable[str] = (),
    updated_at: int = 0,
    logins: Mapping[str, str] = {},
) -> Facts:
    """The facts of a case. `bodies`: texts of its reports and notes; `has`: notes, links, attachment where there are.

    `logins` gives the login of each person id; a person without one there stands as written.
    """
    found = {name for name in has if name in HAS}
    found.update(name for name, there in _own(case) if there)
    return Facts(
        case,
        words=case_words(case, bodies),
        item_types=frozenset(item_types),
        accounts=frozenset(accounts),
        subjects=frozenset(case.subjects),
        watchers=frozenset(logins.get(person, person) for person in case.watchers),
        clocks=frozenset(
            name for clock in case.clocks.values() if clock.running for name in (clock.metric, clock.kind)
        ),
        has=frozenset(found),
        owner=logins.get(case.owner, case.owner),
        lease=logins.get(case.lease.person, case.lease.person) if case.lease else "",
        updated_at=updated_at,
    )


def _own(case: Case) -> Iterator[tuple[str, bool]]:
    yield "hidden", case.hidden
    yield "pin", bool(case.pins)
    yield "decision", bool(case.decision)
    for name in ("offered", *WORK):
        yield name, bool(case.open_work.get(name))
    yield "asked", any(clock.kind == "asked" and clock.state != "cancelled" for clock in case.clocks.values())


def case_words(case: Case, bodies: Iterable[str] = ()) -> str:
    """The searchable line of a case: title, summary, reference, who asks, and the bodies. Goes into `case_fts`."""
    return line((case.title, case.summary, case.ref, case.requester_name, *bodies))


def sets(known: Facts) -> Iterator[tuple[str, str]]:
    """The (field, value) rows of `case_set` for a case, without its id."""
    case = known.case
    for field, values in (
        ("flag", case.flags),
        ("tag", case.tags),
        ("country", case.countries),
        ("lang", case.languages),
        ("watcher", known.watchers),
        ("policy", case.pins),
        ("item", known.item_types),
        ("account", known.accounts),
        ("subject", known.subjects),
        ("clock", known.clocks),
        ("has", known.has),
        ("outcome", case.outcomes),
        ("action", case.acts),
        ("trait", case.traits),
        ("awaits", case.awaits),
        ("file", case.files),
        ("incident", (case.incident, case.incident_ref) if case.incident else ()),
        ("ruling", (case.ruling,) if case.ruling else ()),
        ("exception", exceptions(case)),
        ("notice", notice(case)),
    ):
        for value in dict.fromkeys(values):
            yield field, value


def exceptions(case: Case) -> tuple[str, ...]:
    """The exceptions that the standing decision grants."""
    return tuple(each for each in case.traits if each in EXCEPTIONS)


def notice(case: Case) -> tuple[str, ...]:
    """Whether telling the affected user is `delayed` or `forbidden`."""
    return () if case.user_notice.rule == "allowed" else (case.user_notice.rule,)


def columns(known: Facts) -> dict[str, str | int | None]:
    """The columns of `cases` that queries read, by name."""
    case, waiting = known.case, known.case.waiting
    row: dict[str, str | int | None] = {name: getattr(case, name) for name in _PLAIN}
    return row | {
        "owner": known.owner,
        "lease_person": known.lease,
        "lease_until": case.lease.expires_at if case.lease else None,
        "waiting_on": waiting.on if waiting else "",
        "waiting_until": waiting.until if waiting else None,
        "updated_at": known.updated_at,
        "hidden": int(case.hidden),
        "is_open": int(is_open(case)),
        "paused": int(is_paused(case)),
    }


_PLAIN = (
    "id", "stream", "ref", "status", "severity", "type", "desk", "product", "harm", "requester", "requester_name",
    "requester_kind", "verified", "merged_into", "received_at", "reach", "report_count", "reopened", "rung",
    "legal_rung", "legal_total", "lane", "near", "start_by", "next_due", "next_clock", "root_cause",
    "sensitivity",
)  # fmt: skip


def is_open(case: Case) -> bool:
    """Whether there is still work: not resolved, closed or merged."""
    return case.status in transitions.OPEN


def is_paused(case: Case) -> bool:
    """Whether one of its clocks is paused."""
    return any(clock.state == "paused" for clock in case.clocks.values())
