"""Programs of keys, timers and events against a shield, and what must hold after every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from escaltui.protection import Shielding
from escaltui.safety.shield import DEAF, IN_A_ROW, LEVELS, Permit, Shield, bare

ITEM, OTHER = "a" * 64, "b" * 64
SETTINGS = Shielding()
FREE = ("curtain", "heavy")
"""What nobody needs a permit for, wherever the item rests."""
Step = tuple[str, float]
"""(what is done, the seconds that pass before it)."""


class Watched(NamedTuple):
    """One program as it ran: what each step found."""

    shield: Shield
    now: float
    permits: list[Permit]


KEYS: dict[str, Callable[[Shield, float], object]] = {
    "lift": lambda shield, now: shield.lift(now),
    "lower": lambda shield, now: shield.lower(now),
    "peek": lambda shield, now: shield.peek(now, held=False),
    "held": lambda shield, now: shield.peek(now, held=True),
    "reveal": lambda shield, now: shield.reveal(now),
    "colour": lambda shield, now: shield.colour(now),
    "reshield": lambda shield, now: shield.reshield(),
    "curtain": lambda shield, now: shield.curtain(),
    "cover": lambda shield, now: shield.cover(),
    "wait": lambda shield, now: None,
    "rated none": lambda shield, now: shield.rate("clear"),
    "rated severe": lambda shield, now: shield.rate("curtain"),
    "rated graphic": lambda shield, now: shield.rate("heavy"),
    "show": lambda shield, now: shield.show(ITEM, "heavy", now),
    "show severe": lambda shield, now: shield.show(ITEM, "curtain", now),
    "show none": lambda shield, now: shield.show(ITEM, "clear", now),
    "show other": lambda shield, now: shield.show(OTHER, "heavy", now),
}


def run(steps: Sequence[Step], settings: Shielding = SETTINGS) -> Watched:
    """Run a program; after each step what may be seen must be within what `expected` says."""
    shield, now, permits, shown_at = Shield(settings), 100.0, list[Permit](), 100.0
    shield.show(ITEM, "heavy", now)
    for what, seconds in steps:
        now += seconds
        KEYS[what](shield, now)
        shown_at = now if what.startswith("show") else shown_at
        permit = shield.permit(now)
        if permit is not None:
            permits.append(permit)
        check(shield, permits, now, shown_at)
    return Watched(shield, now, permits)


def check(shield: Shield, permits: list[Permit], now: float, shown_at: float) -> None:
    """What holds at every moment."""
    alive = shield.permit(now)
    rest = shield.rest if bare(shield.rest, "heavy") else "heavy"
    assert not bare(shield.at_rest, rest), "below rest without a lease"
    level = shield.level(now)
    if bare(level, rest):
        assert alive is not None, "shown below rest without a live permit"
        assert now < alive.expires <= now + IN_A_ROW
        assert alive.item == shield.item
    if alive is not None:
        assert shown_at + DEAF <= now, "a key acted right after the item had appeared"
    if alive is None and shield.rest != "clear":
        for each in (None, *permits):
            for wanted in LEVELS:
                free = wanted in FREE or not bare(wanted, shield.at_rest)
                got = shield.allows(shield.item, wanted, False, each, now)
                assert free or not got, f"{wanted} given by a permit that is over"
                assert not shield.allows(shield.item, wanted, True, each, now), "colour without a live permit"
    wrong = OTHER if shield.item == ITEM else ITEM
    assert not any(shield.allows(wrong, wanted, False, alive, now) for wanted in LEVELS), "another item"


def in_a_row(gap: float, seconds: float) -> float:
    """How long a held key keeps a picture clear in one go: the longest stretch in `seconds` of repeats."""
    shield = Shield(SETTINGS)
    shield.show(ITEM, "heavy", 0.0)
    now, begun, longest, total = 1.0, None, 0.0, 0.0
    while now < seconds:
        shield.peek(now, held=True)
        clear = shield.level(now) == "clear"
        begun = now if clear and begun is None else begun if clear else None
        total += gap if clear else 0
        longest = max(longest, total)
        now += gap
    return longest
