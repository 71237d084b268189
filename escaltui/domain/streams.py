"""Who may see a row: the streams as the wall between normal, restricted and privileged.

A normal case lives in its desk's stream, a restricted one in `case:<id>`, a privileged one in `case:<id>:priv`, and so
does all that hangs on it (the design's domain page, section 7; sync page, sections 3 and 8). An absorbed case lies
where its survivor lies. Inside one stream nothing is secret.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from escaltui.domain import ids
from escaltui.domain.changes import Change
from escaltui.domain.entities import Case

ORDER = {"normal": 0, "restricted": 1, "privileged": 2}
"""From seen by many to seen by few."""
EVERYBODY = frozenset({"org", "library"})
AUDIT = "org:audit"
NO_CASES = frozenset({"admin", "auditor"})
"""Roles that open no case: who has these alone sees none."""
_CASE, _PRIVILEGED, _DESK = "case:", ":priv", "desk:"


def level(stream: str) -> int:
    """How few may see a stream: 0 a desk's (or wider), 1 a restricted case's, 2 a privileged one's."""
    return 0 if not stream.startswith(_CASE) else 2 if stream.endswith(_PRIVILEGED) else 1


def higher(one: str, other: str) -> str:
    """Of two streams the one that fewer may see; the first where they are alike."""
    return other if level(other) > level(one) else one


def at(sensitivity: str, case: Case) -> str:
    """The stream of a sensitivity on a case."""
    if sensitivity == "normal":
        return f"{_DESK}{case.desk}"
    return f"{_CASE}{case.id}{_PRIVILEGED if sensitivity == 'privileged' else ''}"


def stream_of(case: Case) -> str:
    """The stream that a case belongs to by what it says of itself; an absorbed one stays where its survivor lies."""
    return case.stream if case.merged_into else at(case.sensitivity, case)


def case_of(stream: str) -> str:
    """The id of the case whose own stream this is; "" for a stream of many."""
    return stream.removeprefix(_CASE).removesuffix(_PRIVILEGED) if stream.startswith(_CASE) else ""


def copy_id(subject: str, case: str) -> str:
    """The id of a case's own row of an item whose usual row lies in a stream of others."""
    return ids.entity_id(f"copy/{subject}/{case}", 0)


def may_see(
    person: str, roles: Collection[str], stream: str, case: Case | None, memberships: Mapping[str, int | None], now: int
) -> bool:
    """Whether a person may read a stream at an instant.

    `roles` are those they hold where the stream's case is (or org-wide); `memberships` gives until when they belong to
    a desk's stream (None or 0: without end). A case's own stream asks for that `case` as it stands: nothing else opens
    it. Its members are on its row, so that taking one off is enough.
    """
    if stream in EVERYBODY:
        return True
    if stream == AUDIT:
        return "auditor" in roles
    if stream.startswith("user:"):
        return stream == f"user:{person}"
    if not person or not stream.startswith((_CASE, _DESK)):
        return False
    at_work = not NO_CASES.issuperset(roles)
    if stream.startswith(_DESK):
        return at_work and _belongs(memberships, stream, now)
    if case is None or case.id != case_of(stream):
        return False
    return _named(person, at_work, case, now) or (level(stream) == 1 and _let_in(person, roles, case, memberships, now))


def _named(person: str, at_work: bool, case: Case, now: int) -> bool:
    """Owner and members: counsel is a member as anybody else. Their role opens nothing by itself."""
    return at_work and (person == case.owner or _lasts(case.members.get(person), now))


def _let_in(person: str, roles: Collection[str], case: Case, memberships: Mapping[str, int | None], now: int) -> bool:
    """Who sees a restricted case besides: who holds it, the leads of its desk, who broke the glass."""
    holds = case.lease is not None and case.lease.person == person and case.lease.expires_at > now
    leads = "lead" in roles and _belongs(memberships, f"{_DESK}{case.desk}", now)
    return holds or leads or case.glass.get(person, 0) > now


def _belongs(memberships: Mapping[str, int | None], stream: str, now: int) -> bool:
    return stream in memberships and _lasts(memberships[stream] or 0, now)


def _lasts(until: int | None, now: int) -> bool:
    return until is not None and (until == 0 or until > now)


def lapsed(case: Case, now: int) -> Case:
    """A case without those whose time to see it is over; itself where there are none."""
    if not (case.glass or case.members):
        return case
    glass = {person: until for person, until in case.glass.items() if until > now}
    members = {person: until for person, until in case.members.items() if _lasts(until, now)}
    if (glass, members) == (case.glass, case.members):
        return case
    return replace(case, glass=glass, members=members)


def reasoned(changes: Sequence[Change]) -> list[Change]:
    """An operation's changes with its reason told to the fewest it concerns: no stream that more may see repeats it."""
    top = max((level(change.stream) for change in changes), default=0)
    return [change if level(change.stream) == top else replace(change, reason="") for change in changes]
