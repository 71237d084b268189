"""The shield over one picture: at which level it may be seen, until when. Pure: every instant is an argument.

Levels, leases and what begins and ends them are told on the design's safety page, section 2. Instants are seconds of a
monotonic clock. Only `Shield` makes a `Permit`; whoever decodes asks `allows` before it sends and when the reply comes.
"""

from __future__ import annotations

import itertools
from typing import Literal, NamedTuple

from escaltui.protection import Shielding

Level = Literal["curtain", "heavy", "light", "clear"]
LEVELS: tuple[Level, ...] = ("curtain", "heavy", "light", "clear")
"""From the most shield to none."""
DEAF = 0.3
"""For so many seconds after an item appears keys reveal nothing: a held or doubled key is harmless."""
IN_A_ROW = 120.0
"""The longest that one reveal can be renewed to, in seconds."""
PAUSE = 1.0
"""A lease that begins sooner after the one before is still in the same row: holding a key never begins a new one."""
Answer = Literal["", "changed", "deaf", "curtain", "at_light", "at_rest", "enough"]
"""What a key came to: "" nothing, `curtain` "lift it first", `at_light` "enter shows it", `enough` 120 s are over."""


class Permit(NamedTuple):
    """The right to one item at one level until an instant. `serial` names it: a revoked one is never alive again."""

    item: str
    level: Level
    colour: bool
    expires: float
    serial: int


def bare(level: Level, other: Level) -> bool:
    """Whether a level shows more than another."""
    return LEVELS.index(level) > LEVELS.index(other)


def stricter(level: Level, other: Level) -> Level:
    """The one of two levels that shows less."""
    return other if bare(level, other) else level


def resting(rating: str, claimed: str, minor: bool, settings: Shielding) -> Level:
    """Where an item rests. `rating` is the team's, `claimed` the reporter's, which can only raise the shield."""
    if rating == "none":
        return "clear"
    if rating == "severe" or (rating == "unknown" and (minor or claimed == "severe")):
        return "curtain"
    return settings.level


class Shield:
    """The state of one viewer: one item at a time, at rest or under a lease."""

    def __init__(self, settings: Shielding) -> None:
        self.settings = settings
        self.item = ""
        self.rest: Level = "curtain"
        self.grey = True
        self._lifted: Level = "curtain"
        self._appeared = 0.0
        self._row: Level = "curtain"
        """The level of the leases that follow each other now."""
        self._began = self._until = 0.0
        self._permit: Permit | None = None
        self._outside: Permit | None = None
        self._serials = itertools.count(1)

    def show(self, item: str, rest: Level, now: float) -> None:
        """An item appears, at rest."""
        self.item, self.rest, self._appeared = item, rest, now
        self._lifted, self._row = rest, "curtain"
        self.reshield()

    def reshield(self) -> None:
        """Revoke every permit and go back to rest, in grey. A lifted curtain falls again; one let down stays down."""
        self._permit = self._outside = None
        self._lifted = stricter(self._lifted, self.rest)
        self.grey = self.settings.grey or self.rest != "clear"

    def curtain(self) -> None:
        """`esc`: the curtain, wherever the item rests."""
        self._lifted = "curtain"
        self.reshield()

    def cover(self) -> None:
        """`b`: back to rest; and what rests clear is covered as if nobody had rated it."""
        self._lifted = stricter(self._lifted, self.settings.level)
        self.reshield()

    def rate(self, rest: Level) -> None:
        """The item rests elsewhere now: somebody rated it. That alone never shows more than before."""
        self.rest = rest
        self.reshield()

    @property
    def at_rest(self) -> Level:
        """What is shown without a lease: the rest of the item, or what `[`, `]`, `esc` and `b` made of it."""
        return self._lifted

    def level(self, now: float) -> Level:
        """What may be seen at an instant."""
        permit = self.permit(now)
        return permit.level if permit is not None else self._lifted

    def permit(self, now: float) -> Permit | None:
        """The lease that runs at an instant, if there is one."""
        return self._permit if self._permit is not None and now < self._permit.expires else None

    def left(self, now: float) -> float | None:
        """Seconds that the lease still has; None at rest."""
        permit = self.permit(now)
        return permit.expires - now if permit is not None else None

    def allows(self, item: str, level: Level, colour: bool, permit: Permit | None, now: float) -> bool:
        """Whether an item may be had at a level: at or above its rest freely, below it by the permit that lives."""
        if item != self.item:
            return False
        if not bare(level, self._lifted):
            return not colour or (self.rest == "clear" and not self.grey)
        if permit is None:
            return False
        alive = (each for each in (self._permit, self._outside) if each is not None and now < each.expires)
        return any(
            each.serial == permit.serial and each.level == level and (each.colour or not colour) for each in alive
        )

    # --- what keys do

    def lift(self, now: float) -> Answer:
        """`]`: one step less shield: as far as the item rests, and to heavy, freely; to light for a while."""
        if self._deaf(now):
            return "deaf"
        running = self.permit(now)
        if running is not None:
            return self._lease("light", self.settings.reveal, now) if running.level == "light" else "at_rest"
        if self._lifted == "clear":
            return "at_rest"
        step = LEVELS[LEVELS.index(self._lifted) + 1]
        if step == "heavy" or not bare(step, self.rest):
            self._lifted = step
            return "changed"
        return self._lease("light", self.settings.reveal, now) if step == "light" else "at_light"

    def lower(self, now: float) -> Answer:
        """`[`: more shield: a lease ends; else one step down to the curtain."""
        running = self.permit(now)
        self._permit, self.grey = None, True
        if running is not None:
            return "changed"
        if self._lifted == "curtain":
            return ""
        self._lifted = LEVELS[LEVELS.index(self._lifted) - 1]
        return "changed"

    def peek(self, now: float, held: bool) -> Answer:
        """`space`: clear and grey for a moment; `held`: the key repeats, which renews for a shorter one."""
        seconds = self.settings.peek_repeat if held and self.permit(now) else self.settings.peek
        return self._clear(seconds, now)

    def reveal(self, now: float) -> Answer:
        """`enter`: clear and grey for a time; the same key renews it, up to two minutes in a row."""
        return self._clear(self.settings.reveal, now)

    def _clear(self, seconds: float, now: float) -> Answer:
        if self._deaf(now):
            return "deaf"
        if self.rest == "clear" and self._lifted == "clear":
            return "at_rest"
        if self.level(now) == "curtain":
            return "curtain"
        return self._lease("clear", seconds, now)

    def colour(self, now: float) -> Answer:
        """`o`: colour or grey of what is clear, for this lease only; of what rests clear as long as it is shown."""
        if self._deaf(now):
            return "deaf"
        if self.level(now) != "clear":
            return "at_rest"
        permit = self.permit(now)
        self.grey = not self.grey
        if permit is not None:
            self._permit = permit._replace(colour=not self.grey, serial=next(self._serials))
        return "changed"

    def outside(self, now: float) -> Permit:
        """A person said yes to opening the item in another program: clear, in colour, for as long as that may take.
        Nothing is shown here by it."""
        self._outside = Permit(self.item, "clear", True, now + self.settings.reveal, next(self._serials))
        return self._outside

    def _deaf(self, now: float) -> bool:
        return now - self._appeared < DEAF

    def _lease(self, level: Level, seconds: float, now: float) -> Answer:
        """Begin a lease, or renew the one of that level; never beyond two minutes in a row, never shorter."""
        running = self.permit(now)
        same = running is not None and running.level == level
        if not same and (self._row != level or now - self._until >= PAUSE):
            self._row, self._began = level, now
        end = self._began + IN_A_ROW
        until = min(now + seconds, end)
        if now >= end:
            self._until = now
            return "enough"
        if running is not None and same and until <= running.expires:
            return "enough" if running.expires >= end else "changed"
        self.grey = self.grey if same else True
        serial = running.serial if running is not None and same else next(self._serials)
        self._permit, self._until = Permit(self.item, level, not self.grey, until, serial), until
        return "changed"
