"""Who may see which streams, as the tables say now. Asked at each request: a right that ended is gone at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from escaltui.domain import streams
from escaltui.domain.entities import Case
from escaltui.domain.library import STREAM as LIBRARY
from escaltui.server.rows import Connection, insert
from escaltui.server.tables import ROLE, STREAMS

ORG = "org"
"""In place of a desk: what is held everywhere."""
_HELD = "SELECT stream, roles FROM membership WHERE person = %s AND (until IS NULL OR until > %s)"
EVERYWHERE = streams.NO_CASES
"""Roles that are held in no desk: by themselves they open no case."""
_SEES = "SELECT stream FROM sees WHERE person = %s AND (until IS NULL OR until > %s)"
_GLASS = f"{_SEES} AND glass"
"""Who has no desk at all sees only what they broke the glass for."""
_LED = "SELECT stream FROM cases WHERE desk = ANY(%s) AND stream LIKE 'case:%%' AND sensitivity = 'restricted'"
_WIDEN = (
    f"SELECT set_config('{STREAMS}', concat_ws(',', nullif(current_setting('{STREAMS}', true), ''), %s::text), true)"
)
_CONFINE = f"SELECT set_config('role', '{ROLE}', true), set_config('{STREAMS}', %s, true)"


class Caller(NamedTuple):
    """Somebody who asks, by a token: their login, their device, what the token is for."""

    person: str
    device: str
    scopes: frozenset[str]
    token: str = ""


class Rights(NamedTuple):
    """What somebody may see, and as what they act in each stream."""

    streams: frozenset[str]
    roles: dict[str, frozenset[str]]

    def acting(self, stream: str) -> frozenset[str]:
        """The roles somebody has in a stream: those held there, and those held everywhere. All desks share the
        library; in a stream of one's own (what was read) one is whoever one is anywhere."""
        if stream == LIBRARY or (stream.startswith("user:") and stream in self.streams):
            return frozenset[str]().union(*self.roles.values())
        return self.roles.get(stream, frozenset()) | self.roles.get(ORG, frozenset())

    def on(self, case: Case) -> frozenset[str]:
        """The roles somebody has on a case: those of its desk; who comes from elsewhere leads nobody there."""
        here = f"desk:{case.desk}"
        if here in self.roles:
            return self.acting(here)
        elsewhere = (roles for stream, roles in self.roles.items() if stream.startswith("desk:"))
        return frozenset[str]().union(*elsewhere) - {"lead"} | self.acting(ORG)


def rights(connection: Connection, person: str, now: int) -> Rights:
    """What a person may see and do at an instant. The rule is `domain.streams.may_see`; the tables follow it."""
    held = {
        stream: frozenset(msgspec.json.decode(roles, type=list[str]))
        for stream, roles in connection.execute(_HELD, (person, now))
    }
    seen = {*streams.EVERYBODY, f"user:{person}"}
    everywhere = held.get(ORG, frozenset())
    if "auditor" in everywhere:
        seen.add(streams.AUDIT)
    desks = {stream: roles | everywhere for stream, roles in held.items() if stream.startswith("desk:")}
    at_work = {stream for stream, roles in desks.items() if not streams.NO_CASES.issuperset(roles)}
    seen |= at_work
    if at_work:
        seen |= {row[0] for row in connection.execute(_SEES, (person, now))}
        led = [stream.removeprefix("desk:") for stream in at_work if "lead" in desks[stream]]
        if led:
            seen |= {row[0] for row in connection.execute(_LED, (led,))}
    else:
        seen |= {row[0] for row in connection.execute(_GLASS, (person, now))}
    return Rights(frozenset(seen), held)


def confine(connection: Connection, held: Rights | None) -> None:
    """From here to its end a transaction sees these streams only, whatever it asks for; None: the system sees all."""
    told = "*" if held is None else ",".join(sorted(held.streams))
    connection.execute(_CONFINE, (told,))


def widen(connection: Connection, more: Iterable[str]) -> None:
    """Let a confined transaction see some more streams: what it puts there it has to find again."""
    connection.execute(_WIDEN, (",".join(sorted(more)),))


def seers(case: Case, stream: str) -> dict[str, tuple[int | None, bool]]:
    """Who sees a case's own stream by what its row says: until when (None: without end), and whether by the glass."""
    found: dict[str, tuple[int | None, bool]] = {}
    if streams.level(stream) == 1:
        found |= {person: (until, True) for person, until in case.glass.items()}
        if case.lease is not None:
            found[case.lease.person] = (case.lease.expires_at, False)
    found |= {person: (until or None, False) for person, until in case.members.items()}
    if case.owner:
        found[case.owner] = (None, False)
    return found


def keep_seers(connection: Connection, cases: Iterable[Case], named: Iterable[str]) -> None:
    """Write who sees the own streams of cases that changed, where they have any (`named`: those just made)."""
    held = {case.id: case for case in cases}
    if not held:
        return
    sql = "SELECT DISTINCT stream FROM sees WHERE case_id = ANY(%s)"
    own = {row[0] for row in connection.execute(sql, (sorted(held),))}
    own |= {each for each in (*named, *(case.stream for case in held.values())) if streams.case_of(each) in held}
    if not own:
        return
    connection.execute("DELETE FROM sees WHERE stream = ANY(%s)", (sorted(own),))
    rows = [
        (stream, person, streams.case_of(stream), until, glass)
        for stream in sorted(own)
        for person, (until, glass) in seers(held[streams.case_of(stream)], stream).items()
    ]
    insert(connection, "INSERT INTO sees (stream, person, case_id, until, glass) VALUES", rows)


def grant(
    connection: Connection, person: str, stream: str, roles: frozenset[str], by: str, now: int, *, reason: str = "",
    until: int | None = None,
) -> None:  # fmt: skip
    """Let somebody see a stream from now on, in some roles."""
    told = msgspec.json.encode(sorted(roles)).decode()
    connection.execute(
        "INSERT INTO membership (stream, person, roles, granted_by, reason, at, until) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (stream, person) DO UPDATE SET roles = excluded.roles, "
        "granted_by = excluded.granted_by, reason = excluded.reason, at = excluded.at, until = excluded.until",
        (stream, person, told, by, reason, now, until),
    )


def revoke(connection: Connection, person: str, stream: str) -> None:
    """Somebody sees a stream no more."""
    connection.execute("DELETE FROM membership WHERE stream = %s AND person = %s", (stream, person))
