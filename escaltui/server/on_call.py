"""Whom an alert is told to, in order: who is on call now, the most exact region first, then who comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from escaltui.domain import who
from escaltui.domain.entities import Case
from escaltui.domain.letters import is_address
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.streams import case_of
from escaltui.domain.who import OnCall
from escaltui.server import notify_config, people
from escaltui.server.alerts import APPROVAL, Cause
from escaltui.server.faults import ServeError
from escaltui.server.notify_config import Settings
from escaltui.server.rows import Connection

TEAMS = {"counsel": "legal", "comms": "comms"}
"""The team of those who give a role's approval; all others' is the one that the settings name."""
FOLLOWING = 8
"""So many changes of shift are looked at, from now on."""


class Person(NamedTuple):
    """Somebody to tell. `login` and `address` may be unknown; a team's own address has no name."""

    name: str
    login: str = ""
    address: str = ""


class Rota:
    """The rota beside the settings, read anew each time it is asked; a broken one leaves the last good one in place."""

    def __init__(self, settings: Settings, rules: RuleSet, log: Callable[[dict[str, Any]], None]) -> None:
        self._settings, self._rules, self._log = settings, rules, log
        self._shifts: tuple[who.Shift, ...] = ()
        self._broken = False

    def line(self, connection: Connection, cause: Cause, case: Case, now: int) -> Iterator[Person]:
        """Whom to tell, in order, each once. Of a case that few may see nobody else hears that it exists."""
        team, named = self._team(cause, case), 0
        for found in self._order(team, case.countries[0] if case.countries else "", now):
            named += 1
            if cause.kind == APPROVAL and found.login and found.login == case.proposed_by:
                continue  # nobody approves their own decision
            if may_hear(connection, found.login, case, now):
                yield Person(found.person, found.login, self._address(found, team))
        if not named and not case_of(case.stream):
            yield Person("", "", self._rules.teams[team].address)

    def _team(self, cause: Cause, case: Case) -> str:
        ours = self._settings.alerts.team
        if cause.kind != APPROVAL or "lead" in case.awaits:
            return ours
        asked = [TEAMS[role] for role in case.awaits if TEAMS.get(role) in self._rules.teams]
        return asked[0] if asked else ours

    def _order(self, team: str, country: str, now: int) -> Iterator[OnCall]:
        shifts, known, at = self._read(), set[str](), now
        for _ in range(FOLLOWING):
            for each in self._on_call(team, country, at, shifts):
                if each.person not in known:
                    known.add(each.person)
                    yield each
            later = who.next_on_call(team, country, at, self._rules, shifts)
            if later is None:
                return
            at = later.since

    def _on_call(self, team: str, country: str, at: int, shifts: tuple[who.Shift, ...]) -> Iterator[OnCall]:
        """Everybody on call at an instant, one a region: a dated shift stands for weekly ones of its region alone."""
        while (found := who.on_call(team, country, at, self._rules, shifts)) is not None:
            yield found
            shifts = tuple(each for each in shifts if each.region != found.region)

    def _address(self, found: OnCall, team: str) -> str:
        own = self._settings.alerts.addresses.get(found.login, "")
        called = found.call if is_address(found.call) and found.call.isascii() else ""
        return own or called or self._rules.teams[team].address

    def _read(self) -> tuple[who.Shift, ...]:
        try:
            self._shifts, self._broken = notify_config.shifts(self._settings, self._rules), False
        except ServeError as error:
            if not self._broken:
                self._log({"rota": str(error)[:500]})
            self._broken = True
        return self._shifts


def may_hear(connection: Connection, login: str, case: Case, now: int) -> bool:
    """Whether somebody may hear that a case exists: everybody of one that its desk sees, else who sees it."""
    if not case_of(case.stream):
        return True
    return bool(login) and case.stream in people.rights(connection, login, now).streams
