"""An open desk: who works here, on which store, by which rules; and the one way in which anything is written."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escaltui import config as settings
from escaltui.config import Config
from escaltui.domain import ids
from escaltui.domain.changes import Refused, refused
from escaltui.domain.entities import Person
from escaltui.i18n import _
from escaltui.store import Store, log
from escaltui.store.values import Done, Who

if TYPE_CHECKING:
    from typing import Self

    from escaltui.domain.operations import Operation
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.connected import Connected

ALL_ROLES = frozenset({"specialist", "approver", "lead", "counsel", "comms", "consultant", "admin"})
SYSTEM_ROLES = frozenset({"system"})
BULK_LIMIT = 200
_READING = threading.Lock()
"""Two threads that read rule files at once could meet msgspec's classes half made."""
UNAUTHENTICATED = "same machine, unauthenticated"
Clock = Callable[[], int]


def wall_clock() -> int:
    """Now, in whole milliseconds."""
    return time.time_ns() // 1_000_000


class NotKnown(LookupError):
    """A name that nothing here has, or that cannot be used; its text says which can."""


class Undone(NamedTuple):
    """What an undo took back: the verb's name and the case."""

    verb: str
    case_id: str
    ref: str


class Desk:
    """One open store with somebody at it. Use `open`, as a context or with `close`."""

    def __init__(self, store: Store, config: Config, me: str, clock: Clock) -> None:
        self.store, self.config, self.me, self.now = store, config, me, clock
        self._problems: tuple[str, ...] = config.problems
        self.roles = ALL_ROLES
        self.languages: tuple[str, ...] = config.me.languages
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._note = ""

    @classmethod
    def open(
        cls, folder: Path, *, config: Config | None = None, acting_as: str = "", clock: Clock = wall_clock,
        create: bool = True,
    ) -> Self:  # fmt: skip
        """Open a store folder as the person of the settings, or as a known colleague (`acting_as`).

        What is wrong with settings, rules or own views is in `problems`, with the packaged ones in use.
        Raises StoreError where the store cannot be used, NotKnown where the colleague is not.
        """
        config = config or settings.load()
        store = Store.open(folder, create=create, encrypt=config.encrypt)
        me = login_of(config.me.name) or login_of(os.environ.get("USER", "")) or "me"
        desk = cls(store, config, me, clock)
        try:
            if store.remote is not None:
                desk.be(store.remote.connected, acting_as)
            elif acting_as:
                desk.act_as(acting_as)
        except BaseException:
            desk.close()
            raise
        return desk

    @cached_property
    def rules(self) -> RuleSet:
        """The rules, read when they are first asked for: the first paint needs none."""
        with _READING:
            found: RuleSet | None = self.__dict__.get("rules")  # another thread read them meanwhile
            return self._read_rules() if found is None else found

    def _read_rules(self) -> RuleSet:
        """The rules of the settings' folder, laid over the packaged ones."""
        from escaltui import rules_loader

        rules, faults = rules_loader.load_or_last(self.config.folder / "rules")
        in_use = _("{fault}. The packaged rules are in use.")
        self._problems += tuple(in_use.format(fault=fault) for fault in faults)
        return rules

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with settings, rules or own views, one sentence each; reads the rules."""
        assert self.rules
        return self._problems

    def act_as(self, login: str) -> None:
        """From now on work as a known colleague: for demos and tests, and marked so in the log. Raises NotKnown."""
        people = self.people()
        person = next((each for each in people if each.login == login), None)
        if person is None:
            known = ", ".join(each.login for each in people) or _("nobody yet")
            said = _("There is no colleague {login!r} in this store. Known: {known}.").format(login=login, known=known)
            raise NotKnown(said + " " + _("escaltui people add LOGIN makes one known."))
        self.me, self.roles, self.languages = person.login, frozenset(person.roles), person.languages
        self._note = UNAUTHENTICATED

    @property
    def playing(self) -> bool:
        """Whether somebody works as a colleague by `act_as`."""
        return self._note == UNAUTHENTICATED

    def be(self, connected: Connected, acting_as: str = "") -> None:
        """Work as whoever is signed in to the server that the store follows. Raises NotKnown for anybody else."""
        me = connected.me
        if acting_as not in ("", me.person):
            said = _("This store follows {url}, where you are {person}. Leave --as {login} out.")
            raise NotKnown(said.format(url=connected.url, person=me.person, login=acting_as))
        self.me, self.roles = me.person, frozenset(me.roles)

    def close(self) -> None:
        """Close the store; nothing is pending after it."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- who and when

    @property
    def who(self) -> Who:
        """The person at the keyboard, as the log names them."""
        return Who(self.me, self.roles, self.store.device, self._note)

    def people(self) -> tuple[Person, ...]:
        """Colleagues known in this store."""
        return tuple(sorted(self.store.people(), key=lambda person: person.login))

    def operation_id(self) -> str:
        """A fresh operation id."""
        return ids.operation_id(self.now(), os.urandom(10))

    # --- writing

    def do(self, op: Operation, *, op_id: str = "") -> Done | Refused:
        """One operation in one durable transaction: accepted with its changes, or refused with its mend."""
        return self.do_many((op,), (op_id or self.operation_id(),))[0]

    def do_many(self, ops: Sequence[Operation], op_ids: Sequence[str] = ()) -> list[Done | Refused]:
        """Many operations in one transaction, each accepted or refused on its own. An id of "" is made anew."""
        outcomes = self.store.do_many(ops, self.who, self.now(), self.rules, op_ids=op_ids)
        changes = (change for outcome in outcomes if isinstance(outcome, Done) for change in outcome.changes)
        self._tell(frozenset(change.case_id for change in changes if change.case_id))
        return outcomes

    def done(self, op_id: str) -> Done | None:
        """What an operation did, None for an id that is not known: so a retry learns of its first try."""
        found = self.store.read(lambda connection: log.done(connection, op_id))
        return found if found.changes else None

    def tick(self, limit: int | None = None) -> frozenset[str]:
        """What time itself owes: expired claims, ended snoozes, the ladder of clocks. Gives the cases it touched.

        `limit`: at most so many cases this time, the next call goes on behind them; a screen's tick stays short.
        """
        system = Who("system", SYSTEM_ROLES, self.store.device)
        touched = self.store.due(self.now(), self.rules, system, limit)
        self._tell(touched)
        return touched

    def _tell(self, touched: frozenset[str]) -> None:
        if touched:
            for listener in tuple(self._listeners):
                listener(touched)

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Be told which cases changed, from whatever thread changed them. Gives the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def not_found(self, typed: str) -> Refused:
        """The refusal for a reference that names nothing here."""
        mend = "Check the reference; escaltui ls lists the open ones."
        return refused("not_found", "No case {typed} here.", mend, typed=typed)


def login_of(name: str) -> str:
    """A person's name as a login: its letters and digits, lower case, at most 32."""
    from escaltui.domain.query.fold import fold

    kept = "".join(character if character.isascii() and character.isalnum() else " " for character in fold(name))
    return "".join(kept.split())[:32]
