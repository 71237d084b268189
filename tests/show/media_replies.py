"""No light or clear sample without a live permit or the team's rating `none` (SAFETY.md, row 4).

The real `Shield` and the real `Reader`, with a worker that gives whatever it is asked for. Random programs of keys,
timers, focus losses, other items and pulls run against them, also while a reply is under way, and every reply that gets
through is logged. What may come is told by an account kept here: which keys were pressed, when, and what ended them. It
knows no permit and no level of the shield.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from first_light import need

from escaltui.protection import Shielding
from escaltui.safety import decode
from escaltui.safety.decode import NotShown, Reader, Want
from escaltui.safety.decoded import Still
from escaltui.safety.shield import LEVELS, Permit, Shield

REVEAL, PEEK, DEAF = 20.0, 1.5, 0.3
"""What the safety page promises of each key, in seconds."""
PROGRAMS, STEPS = 5_000, 40
ITEMS = ("a" * 64, "b" * 64)
RESTS: dict[str, Any] = {"unknown": "heavy", "severe": "curtain", "none": "clear"}
"""Where each rating of the team rests."""
PAUSES = (0.0, 0.01, 0.1, 0.4, 1.0, 1.6, 15.0, 25.0)


@dataclass
class Account:
    """What a person did, and so what may come at most."""

    item: str
    none: bool
    appeared: float
    until: float = 0.0
    """When the last key that lends anything has run out."""
    coloured: bool = False

    def lent(self, now: float, seconds: float) -> None:
        """A key was pressed that may lend a level; right after an item appeared it does nothing."""
        if now - self.appeared >= DEAF:
            self.until = max(self.until, now + seconds)

    def ended(self) -> None:
        """Everything that brings the shield back."""
        self.until, self.coloured = 0.0, False

    def may(self, want: Want, now: float) -> bool:
        """Whether a reply may come through at an instant."""
        if want.sha256 != self.item or (want.colour and not self.coloured):
            return False
        return want.level == "heavy" or self.none or now < self.until


@dataclass
class Program:
    """One random program, and what came through."""

    chance: random.Random
    now: float = 100.0
    shield: Shield = field(default_factory=lambda: Shield(Shielding()))
    replies: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    account: Account = field(init=False)

    def __post_init__(self) -> None:
        self.show("unknown")

    def show(self, rating: str) -> None:
        """An item appears."""
        item = self.chance.choice(ITEMS)
        self.shield.show(item, RESTS[rating], self.now)
        self.account = Account(item, rating == "none", self.now)

    def pulled(self, rating: str) -> None:
        """A colleague's rating comes in."""
        self.shield.rate(RESTS[rating])
        self.account.ended()
        self.account.none = rating == "none"

    def step(self) -> None:
        """Time passes, and something happens."""
        self.now += self.chance.choice(PAUSES)
        self.chance.choice(DONE)(self)
        permit = self.shield.permit(self.now)
        if permit is not None and permit not in self.permits:
            self.permits.append(permit)

    def ask(self, reader: Reader) -> None:
        """Ask for anything, with any permit that there ever was."""
        level, colour = self.chance.choice(LEVELS), self.chance.random() < 0.3
        want = Want(self.chance.choice((*[self.shield.item] * 4, *ITEMS)), level, colour, 4, 2)
        permit = self.chance.choice((None, self.shield.permit(self.now), *self.permits[-3:]))
        try:
            reader.view(want, self.shield, permit)
        except NotShown:
            self.replies["refused"] += 1
            return
        self.replies[level] += 1
        if not self.account.may(want, self.now):
            self.wrong.append(f"{level}{', colour' if colour else ''} at {self.now:.2f}")


def _lends(press: Callable[[Shield, float], object], seconds: float) -> Callable[[Program], None]:
    def pressed(program: Program) -> None:
        press(program.shield, program.now)
        program.account.lent(program.now, seconds)

    return pressed


def _ends(press: Callable[[Shield, float], object]) -> Callable[[Program], None]:
    def pressed(program: Program) -> None:
        press(program.shield, program.now)
        program.account.ended()

    return pressed


def _colour(program: Program) -> None:
    program.shield.colour(program.now)
    program.account.coloured = True


DONE: tuple[Callable[[Program], None], ...] = (
    _lends(lambda shield, now: shield.lift(now), REVEAL), _lends(lambda shield, now: shield.lift(now), REVEAL),
    _lends(lambda shield, now: shield.reveal(now), REVEAL), _lends(lambda shield, now: shield.reveal(now), REVEAL),
    _lends(lambda shield, now: shield.peek(now, held=False), PEEK),
    _lends(lambda shield, now: shield.peek(now, held=True), PEEK), _colour,
    _ends(lambda shield, now: shield.lower(now)), _ends(lambda shield, now: shield.reshield()),
    _ends(lambda shield, now: shield.curtain()), _ends(lambda shield, now: shield.cover()),
    lambda program: program.show("unknown"), lambda program: program.show("none"),
    lambda program: program.show("severe"), lambda program: program.pulled("none"),
    lambda program: program.pulled("severe"), lambda program: program.pulled("unknown"), lambda program: None,
)  # fmt: skip
"""Keys, focus losses, other items, pulls, and time alone."""


class Willing:
    """In the worker's place: it gives what it is asked for, and the world goes on meanwhile."""

    running: Program
    pid, jobs, resident, dismissed = 1, 0, 0, False

    def __init__(self, wrapper: object = ()) -> None:
        pass

    def ask(self, request: dict[str, Any], *_arguments: object) -> tuple[Still, bytes]:
        program = Willing.running
        for _step in range(program.chance.choice((0, 0, 1, 2))):
            program.step()
        colour = request["colour"] and request["level"] == "clear"
        return Still("RGB" if colour else "L", 4, 4), bytes(48 if colour else 16)

    def tell(self, request: object) -> None:
        pass

    def kill(self) -> None:
        pass

    close = kill


def run(programs: int) -> tuple[Counter[str], list[str]]:
    """So many programs: the replies by level, and those that should not have come."""
    replies: Counter[str] = Counter()
    wrong: list[str] = []
    with patch.object(decode, "Link", Willing):
        reader = Reader(now=lambda: Willing.running.now)
        for seed in range(programs):
            program = Willing.running = Program(random.Random(seed))
            for _step in range(STEPS):
                program.step()
                program.ask(reader)
            replies += program.replies
            wrong += [f"program {seed}: {each}" for each in program.wrong]
    return replies, wrong


def always(*_arguments: object) -> bool:
    """A shield that checks nothing."""
    return True


def asked_once() -> Callable[..., bool]:
    """A check that is made before sending only: when the reply comes, what held then is taken to hold."""
    real, sent = Shield.allows, [False]

    def allows(*arguments: Any) -> bool:
        if sent[0]:
            sent[0] = False
            return True
        sent[0] = real(*arguments)
        return sent[0]

    return allows


def replies(quick: bool) -> Iterator[str]:
    """The programs, and the controls: the same with the shield's check taken out, and with the later one of two."""
    programs = PROGRAMS // 10 if quick else PROGRAMS
    found, wrong = run(programs)
    told = ", ".join(f"{level} {found[level]:,}" for level in (*LEVELS[1:], "refused"))
    yield f"{programs:,} programs of {STEPS} steps: {told}; light or clear without a right: {len(wrong)} (bar 0)"
    need(found["light"] > 100 and found["clear"] > 100, "too few replies below rest to show anything")
    need(not wrong, "; ".join(wrong[:5]))
    for name, seeded in (("no check", always), ("a check before sending only", asked_once())):
        with patch.object(Shield, "allows", seeded):
            _found, wrong = run(100)
        yield f"control, {name}: {len(wrong)} found in 100 programs (must be more than 0)"
        need(bool(wrong), f"the control fails: {name} is not noticed")
