"""The settings that protect the person at the keyboard: shield, masks, exposure. Plain data; `config.toml` fills them.

Each has a stricter direction. What holds is the stricter of a person's own setting and the operator's floor; a file
that cannot be read gives the strictest of all (`STRICTEST`), never the default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

if TYPE_CHECKING:
    from escaltui.domain.safety_rows import BoundRow

Resting = Literal["curtain", "heavy", "light"]
RESTING: tuple[Resting, ...] = ("curtain", "heavy", "light")
"""From the most shield to the least that may be a resting level."""


class Shielding(msgspec.Struct, frozen=True):
    """How pictures rest and for how long a look lasts, in seconds. Clear is no resting level."""

    level: Resting = "heavy"
    grey: bool = True
    peek: float = 1.5
    peek_repeat: float = 0.75
    reveal: float = 20.0
    external_open: Literal["ask", "never"] = "ask"


class Masking(msgspec.Struct, frozen=True):
    """Which words of outside text are masked: by severity of the term (1 to 3), language, and a person's own lists."""

    on: bool = True
    from_severity: int = 1
    languages: tuple[str, ...] = ("en", "fr")
    lexicons: tuple[str, ...] = ()


class Exposing(msgspec.Struct, frozen=True):
    """The private ledger and the budget that a person sets: minutes of clear pictures, looks at graphic ones, minutes
    without a break. `interleave`: whether `n` offers a calmer case after three graphic ones."""

    ledger: Literal["local", "off"] = "local"
    clear_minutes: int = 15
    graphic_looks: int = 20
    break_after_minutes: int = 60
    interleave: Literal["offer", "auto", "off"] = "offer"


STRICTEST = Shielding(level="curtain", grey=True, peek=0.75, peek_repeat=0.75, reveal=5.0, external_open="never")
"""What holds where the settings cannot be read."""
STRICTEST_MASKS = Masking()
STRICTEST_BUDGET = Exposing()
"""The ledger stays at home and the budget is a person's own: no value of them shields more than the default."""
Settings = TypeVar("Settings", Shielding, Masking)


def _all(own: Iterable[str], bound: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *bound)))


_STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    "level": lambda own, bound: min(own, bound, key=RESTING.index),
    "grey": lambda own, bound: own or bound,
    "peek": min, "peek_repeat": min, "reveal": min,
    "external_open": lambda own, bound: "never" if "never" in (own, bound) else "ask",
    "on": lambda own, bound: own or bound,
    "from_severity": min,
    "languages": _all, "lexicons": _all,
}  # fmt: skip
"""For each setting: the stricter of two values. Masks are stricter the more they cover."""


def effective(own: Settings, bound: Settings | BoundRow) -> Settings:
    """A person's settings with the stricter value of each, their own or the bound's; what the bound leaves unset
    (None, or not there) is their own. Never looser than either side."""
    binding = {name: getattr(bound, name, None) for name in own.__struct_fields__}
    held = {name: _STRICTER[name](getattr(own, name), value) for name, value in binding.items() if value is not None}
    return msgspec.structs.replace(own, **held)


def won(own: Settings, held: Settings) -> frozenset[str]:
    """The settings for which not the person's own value holds."""
    return frozenset(name for name in own.__struct_fields__ if getattr(own, name) != getattr(held, name))
