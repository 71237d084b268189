"""What every place that cases come from has in common: it is asked for what is new, and may be told what was decided.

A connector holds no state of its own: the cursor that it gives is kept with what it brought, in one transaction, so a
run that was cut goes on where it was, and what came twice is recognised by its `dedupe_key`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

import msgspec

from escaltui.domain.entities import Elsewhere
from escaltui.intake.found import FoundReport


class ConnectorError(Exception):
    """A place does not do what it was asked; str() is a sentence that says how to mend it.

    `again`: trying later may help (no network, a limit on requests), after `wait` seconds where the place says so.
    """

    def __init__(self, sentence: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.again, self.wait = again, wait


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done there to an item that we may have a case on: `deed`, and what was said with it.

    A report that tells it already lists the deed's `number` in `answers` under `TOLD`. `action` is the id of an action
    of ours that it carried out, "" for what others did.
    """

    platform: str
    deed: Elsewhere
    text: str = ""
    action: str = ""


TOLD = "Told here"
"""The answer of a report that lists the numbers of what it tells."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What came: reports, what could not be mapped in words, and where to go on once all of it is kept.

    `mails` are whole, as they came: one that answers something of ours goes to its thread, any other opens a case.
    """

    reports: tuple[FoundReport, ...] = ()
    mails: tuple[bytes, ...] = ()
    cursor: str = ""
    problems: tuple[str, ...] = ()
    more: bool = False
    happened: tuple[Happened, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done at the place. `id` is of the action that is done: sent twice, it takes effect once."""

    id: str
    action: str
    platform: str
    item_type: str
    item_id: str
    reason: str = ""
    labels: tuple[str, ...] = ()
    hours: int | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the place said: done, refused with its words, or unknown where nothing came back. `happened`: what it
    wrote down of it."""

    state: Literal["done", "refused", "unknown"]
    words: str = ""
    reference: str = ""
    happened: Happened | None = None


class Connector(Protocol):
    """One place. Both calls may take long and block: they run in a thread, never on the screen's."""

    @property
    def name(self) -> str:
        """Its name in the settings, unique on a desk: `ozone`, `press-mailbox`."""
        ...

    def fetch(self, cursor: str) -> Page:
        """What is new since a cursor, "" for the first time; at most some hundred reports. Raises ConnectorError."""
        ...

    def send(self, outcome: Outcome) -> Answer:
        """Do something there. Raises ConnectorError before anything was sent."""
        ...

    def close(self) -> None:
        """Let go of the connection; nothing is lost by it."""
        ...


@runtime_checkable
class Telling(Protocol):
    """What a connector has beside, where its place can say by itself that something is new."""

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> bool:
        """Wait until something is new, at most so long or until `cancelled`; whether to fetch now.

        Raises ConnectorError.
        """
        ...
