"""A place in memory and its connector, for tests of what runs connectors; with faults, and defects to be caught."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from escaltui.intake.connector import Answer, ConnectorError, Outcome, Page
from escaltui.intake.found import FoundReport, FoundRequester, FoundSubject

PASSWORD = "correct horse"
AT_ONCE = 3


class Place:
    """What a service keeps: numbered items, and what was done there by the id of each deed."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.done: dict[str, Outcome] = {}
        self.deeds = 0
        self.requests = self.connectors = 0
        self.faults: list[Exception] = []
        """What the next requests meet, in order."""

    def add(self, count: int = 1) -> list[str]:
        """Put some items there; gives their texts."""
        new = [f"item {len(self.items) + n}" for n in range(count)]
        self.items += new
        return new

    def asked(self) -> None:
        """A request comes in."""
        self.requests += 1
        if self.faults:
            raise self.faults.pop(0)


SHELVES: dict[str, Place] = {}
"""Places by the name that settings have for them."""


class Memory:
    """A connector to such a place. Its cursor is how many items it has told."""

    DEFECTS = frozenset({
        "skips", "forgets", "repeats", "drifts", "twice", "bare", "silent", "leaks", "closed", "stuck", "keys",
    })  # fmt: skip

    def __init__(self, place: Place, secret: str = PASSWORD, name: str = "memory", defects: Iterable[str] = ()) -> None:
        self._name, self.place, self.secret, self.defects = name, place, secret, frozenset(defects)
        assert self.defects <= self.DEFECTS
        self.calls = self.closed = 0
        self.number = place.connectors = place.connectors + 1

    @classmethod
    def from_settings(cls, name: str, options: Mapping[str, object], secret: str) -> Memory:
        """As the registry makes one: `shelf` names a place of `SHELVES`."""
        if unknown := options.keys() - {"shelf"}:
            raise ConnectorError(f"{name}: no such setting {min(unknown)}. Known: shelf.")
        return cls(SHELVES[str(options.get("shelf", ""))], secret, name)

    @property
    def name(self) -> str:
        return self._name

    def fetch(self, cursor: str) -> Page:
        self.calls += 1
        self._let_in()
        at = int(cursor or "0")
        if "repeats" in self.defects:
            at = 0
        if "forgets" in self.defects and self.calls > 1:
            at += 1
        some = self.place.items[at : at + AT_ONCE]
        after = at + len(some) + ("skips" in self.defects and bool(some))
        if "drifts" in self.defects:
            some = some[: 1 + self.calls % 2]
        more = after < len(self.place.items)
        told = str(at) if "stuck" in self.defects and more else str(after)
        return Page(reports=tuple(map(self._report, some)), cursor=told, more=more)

    def _report(self, text: str) -> FoundReport:
        key = f"memory:{text}:{self.number}" if "keys" in self.defects else f"memory:{text}"
        return FoundReport(
            dedupe_key=key, source=self._name, title=text, body=text, requester=FoundRequester(name="Somebody"),
            received_at=datetime(2026, 5, 1, tzinfo=UTC), confidence=1.0,
            subjects=(FoundSubject(platform="memory", item_type="post", item_id=text),),
        )  # fmt: skip

    def _let_in(self) -> None:
        if "closed" in self.defects and self.closed:
            raise RuntimeError("closed")
        if self.secret != PASSWORD:
            said = f"Wrong: {self.secret}" if "leaks" in self.defects else "The place does not take this password."
            raise PermissionError(said) if "bare" in self.defects else ConnectorError(said)
        try:
            self.place.asked()
        except ConnectorError as error:
            if "silent" in self.defects:
                raise ConnectorError(str(error)) from error
            raise

    def send(self, outcome: Outcome) -> Answer:
        self._let_in()
        if outcome.id not in self.place.done or "twice" in self.defects:
            self.place.deeds += 1
        self.place.done[outcome.id] = outcome
        return Answer(state="done", reference=json.dumps(outcome.id))

    def close(self) -> None:
        self.closed += 1
        if "closed" in self.defects and self.closed > 1:
            raise RuntimeError("closed twice")
