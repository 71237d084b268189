"""The settings that protect the person at the keyboard: shield, masks, exposure. Plain data; `config.toml` fills them.

Each has a stricter direction. What holds is the stricter of a person's own setting and the operator's floor; a file
that cannot be read gives the strictest of all (`STRICTEST`), never the default.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Resting = Literal["curtain", "heavy", "light"]


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
