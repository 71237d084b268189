"""Which blocks of a passage are masked, which one a key shows, and for how long.

The unit is a block: a message, a note, an item's text. Where nothing can be picked the arrows go from one masked block
in view to the next and scroll where there is none; where things can be picked masked blocks are stops among them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message
from textual.timer import Timer

from escaltui.widgets.masked import Veiled, masks_of

if TYPE_CHECKING:
    from textual.scroll_view import ScrollView

    from escaltui.widgets.passage import Block, Passage

    Base = ScrollView
else:
    Base = object

SHOWN = 60.0
"""Seconds for which `enter` shows a masked block."""
PEEK, AGAIN = 1.5, 0.75
"""Seconds of a peek, and those that each repeat of its key adds."""
STOP = "masked "
"""How the key of a masked block begins that is no thing to pick."""


class Lease(NamedTuple):
    """Until when a block is shown, and whether for long enough to read it."""

    until: float
    reading: bool


class Unmasking(Base):
    """Mixed into passages: `veil` the blocks, `pick` or `peek` shows one, `mask_again` covers all."""

    class Faced(Message):
        """The masked block that a key would show is another one: `kinds` of words in it, none where there is none."""

        def __init__(self, passage: Passage, kinds: tuple[str, ...]) -> None:
            super().__init__()
            self.passage, self.kinds = passage, kinds

    class Unmasked(Message):
        """A masked block is shown: what is masked in it, its length, for how many seconds (0: for a peek)."""

        def __init__(self, passage: Passage, kinds: tuple[str, ...], chars: int, seconds: float) -> None:
            super().__init__()
            self.passage, self.kinds, self.chars, self.seconds = passage, kinds, chars, seconds

    class MaskedAgain(Message):
        """All blocks of a passage are masked again."""

        def __init__(self, passage: Passage) -> None:
            super().__init__()
            self.passage = passage

    blocks: tuple[Block, ...]
    cursor: str
    _starts: list[int]
    _redrawn: Callable[[int], None]
    """Draw a block anew."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._veils: dict[int, Veiled] = {}
        self._leases: dict[Block, Lease] = {}
        self._at = -1
        self._told: tuple[str, ...] = ()
        self._lapses: Timer | None = None

    # --- the masks

    def veil(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Work out the masks of new blocks; what is shown of them stays so. Gives the blocks, masked ones as stops
        where there are things to pick."""
        masks = masks_of(self.app)
        found = ((at, masks.veiled(block.parts)) for at, block in enumerate(blocks) if block.outside and block.parts)
        self._veils = {at: veiled for at, veiled in found if veiled.kinds}
        if any(block.key for block in blocks):
            blocks = tuple(
                block._replace(key=f"{STOP}{at}") if at in self._veils and not block.key else block
                for at, block in enumerate(blocks)
            )
        self._leases = {block: lease for block, lease in self._leases.items() if block in blocks}
        self._at = -1
        return blocks

    def face(self, at: int) -> Block:
        """A block as it is drawn now."""
        block = self.blocks[at]
        veiled = self._veils.get(at)
        return block if veiled is None or block in self._leases else block._replace(parts=veiled.parts)

    @property
    def masked(self) -> bool:
        """Whether anything here is masked, or would be if it were not shown just now."""
        return bool(self._veils)

    @property
    def bare(self) -> bool:
        """Whether something that is masked is shown just now."""
        return bool(self._leases)

    def facing(self) -> int | None:
        """The masked block that a key would show: under the cursor, else the one that was moved to, else the first in
        view."""
        for at in self._veils if self.cursor else ():
            if self.blocks[at].key == self.cursor:
                return at
        seen = self._in_view()
        if self.cursor or not seen:
            return None
        return self._at if self._at in seen else seen[0]

    def _in_view(self) -> list[int]:
        top, height = self.scroll_offset.y, self.size.height
        if not self._starts or height <= 0:
            return []
        first, last = bisect_right(self._starts, top) - 1, bisect_right(self._starts, top + height - 1) - 1
        return [at for at in sorted(self._veils) if first <= at <= last]

    def step_to_mask(self, by: int) -> bool:
        """Go to another masked block in view; False where there is none that way."""
        seen, at = self._in_view(), self.facing()
        if at is None or not 0 <= (to := seen.index(at) + by) < len(seen):
            return False
        self._at = seen[to]
        self.tell_face()
        self.refresh()
        return True

    def tell_face(self) -> None:
        """Say what a key would show, where that is another class of words than before."""
        at = self.facing() if self.has_focus else None
        kinds = self._veils[at].kinds if at is not None else ()
        if kinds != self._told:
            self._told = kinds
            self.post_message(self.Faced(self, kinds))  # type: ignore[arg-type]

    # --- showing

    def unmask(self) -> bool:
        """Show the block that is faced, for a minute; False where it is shown for that long already, or none is."""
        at = self.facing()
        if at is None or ((lease := self._leases.get(self.blocks[at])) is not None and lease.reading):
            return False
        self._show([at], SHOWN, reading=True)
        return True

    def unmask_all(self) -> bool:
        """Show all of it, for a minute; False where it is shown for that long already."""
        leases = ((at, self._leases.get(self.blocks[at])) for at in sorted(self._veils))
        hidden = [at for at, lease in leases if lease is None or not lease.reading]
        self._show(hidden, SHOWN, reading=True)
        return bool(hidden)

    def peek(self, seconds: float = PEEK, again: float = AGAIN) -> bool:
        """Show the block that is faced for a moment; each repeat of the key renews it. False where none is."""
        at = self.facing()
        if at is None:
            return False
        lease = self._leases.get(self.blocks[at])
        if lease is None or not lease.reading:
            self._show([at], seconds if lease is None else again)
        return True

    def _show(self, blocks: list[int], seconds: float, *, reading: bool = False) -> None:
        now = self._now()
        for at in blocks:
            block, veiled = self.blocks[at], self._veils[at]
            before = self._leases.get(block)
            until = max(now + seconds, before.until if before else 0.0)
            self._leases[block] = Lease(until, reading)
            if reading:
                masks_of(self.app).was_read(veiled.texts)
            if before is None or reading:
                chars = sum(map(len, veiled.texts))
                self.post_message(self.Unmasked(self, veiled.kinds, chars, seconds if reading else 0))  # type: ignore[arg-type]
            self._redrawn(at)
        if (shielded := getattr(self.app, "shielded", None)) is not None:
            shielded.add(self)
        self._wait()

    def _now(self) -> float:
        """The clock of leases."""
        return float(getattr(self.app, "beat", monotonic)())

    def _wait(self) -> None:
        if self._lapses is not None:
            self._lapses.stop()
        left = [lease.until - self._now() for lease in self._leases.values()]
        self._lapses = self.set_timer(max(0.01, min(left)), self.lapse) if left else None

    def lapse(self) -> None:
        """Mask again what has been shown for its time."""
        now = self._now()
        self._hide_blocks([block for block, lease in self._leases.items() if lease.until <= now])
        self._wait()

    def mask_again(self) -> None:
        """Mask everything, at once."""
        self._hide_blocks(list(self._leases))
        self._wait()

    reshield = mask_again

    def _hide_blocks(self, blocks: list[Block]) -> None:
        for block in blocks:
            del self._leases[block]
            if block in self.blocks:
                self._redrawn(self.blocks.index(block))
        if blocks and not self._leases:
            self.post_message(self.MaskedAgain(self))  # type: ignore[arg-type]
