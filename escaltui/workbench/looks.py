"""What the person at the keyboard looked at, kept for them alone: looks and their count.

Calls block, from any thread. A ledger that cannot be written never stops the work: looks are not kept then, and
`escaltui exposure show` says why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar

from escaltui import when
from escaltui.domain.media import GRAPHIC
from escaltui.media_faces import SeenBefore
from escaltui.safety import exposure as rules
from escaltui.safety.exposure import Look, Tally
from escaltui.safety.shield import IN_A_ROW
from escaltui.store import StoreError, picture_hashes

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.workbench.lists import Lists

T = TypeVar("T")


class Looks:
    """The ledger of one desk. `budget`: what the person set; `tally`: what is counted, None until it was read."""

    def __init__(self, bench: Lists) -> None:
        self.bench, self.budget = bench, bench.config.exposure
        self.ledger = bench.store.ledger()
        self.tally: Tally | None = None
        self.rated_graphic: set[str] = set()
        """Cases in which I rated something graphic, until a calmer one came."""
        self._running: dict[int, int] = {}
        self._lock = threading.Lock()

    @property
    def on(self) -> bool:
        """Whether looks are kept: the settings and the person allow it. Raises StoreError."""
        return self.budget.ledger == "local" and not self.ledger.off

    # --- looks

    def began(self, face: MediaFace, level: str, colour: bool, area: float) -> int:
        """A picture is shown at clear; gives the look's number, 0 where none is kept. `area`: the share of the window.

        Only `clear` is a look; light is not.
        """
        if level != "clear" or face.sealed or not face.sha256:
            return 0
        known = self.bench.store.read(lambda connection: picture_hashes.of(connection, face.sha256))
        look = Look(
            self.bench.now(), face.sha256, known.pdq if known else "", "picture", face.rating, face.ref, level, colour,
            area,
        )  # fmt: skip
        number = self._begin(look)
        if number and look.counts:
            with self._lock:
                self._running[number] = look.at
        return number

    def ended(self, look: int, seconds: float) -> None:
        """How long a look was; a long one may be told several times while it goes on, and once more at its end."""
        with self._lock:
            self._running.pop(look, None)
        if look:
            self._try(lambda: self.ledger.end(look, seconds))
            self.refresh()

    @property
    def looking(self) -> bool:
        """Whether a look goes on; one that nobody ended does so no longer than a picture may be revealed."""
        now = self.bench.now()
        with self._lock:
            return any(now - began <= IN_A_ROW * 1000 for began in self._running.values())

    def passage(self, case_ref: str, kinds: Iterable[str], chars: int) -> int:
        """A passage is unmasked: `kinds` of words in it, and its length. Its text is not kept."""
        told = " ".join(sorted(set(kinds)))
        return self._begin(Look(self.bench.now(), "", "", "passage", told, case_ref, "unmasked", area=float(chars)))

    def _begin(self, look: Look) -> int:
        if self.budget.ledger == "off":
            return 0
        self._try(self._roll)
        number = self._try(lambda: self.ledger.begin(look)) or 0
        if number:
            self.refresh()
        return number

    def rated(self, face: MediaFace, rating: str) -> None:
        """I rated a file: looks at it count as that, and a case with a graphic file as a graphic one."""
        if rating in GRAPHIC:
            self.rated_graphic.add(face.ref)
        if self.budget.ledger == "local" and self.ledger.path.exists():
            self._try(lambda: self.ledger.rate(face.sha256, face.ref, rating))
            self.refresh()

    def drop_file(self, sha256: str) -> None:
        """A file was sealed: its hashes leave the ledger. Raises StoreError."""
        self.ledger.drop_file(sha256)

    def own_looks(self, sha256: str) -> tuple[SeenBefore, ...]:
        """The cases in which I looked at a file, the newest look first; none while the ledger is off."""
        looks = self._try(lambda: self.ledger.own(sha256)) if self._try(lambda: self.on) else None
        newest = {look.case_ref: look.at for look in looks or ()}
        lines = {ref: self.bench.store.line(ref) for ref in newest}
        found = (
            SeenBefore(line.id, ref, "", newest[ref], self.bench.me, 0, mine=True)
            for ref, line in lines.items() if line is not None
        )  # fmt: skip
        return tuple(sorted(found, key=lambda seen: seen.at, reverse=True))

    # --- the budget

    def since(self, now: int) -> int:
        """From when the budget counts: the last whole break, or the beginning of the day."""
        return rules.since(self._try(lambda: self.ledger.fact("rested")) or 0, midnight(now, 0))

    def refresh(self) -> Tally:
        """Count anew."""
        now = self.bench.now()
        since = self.since(now)
        looks = self._try(lambda: self.ledger.looks(since)) if self._try(lambda: self.on) else None
        self.tally = rules.tally(looks or (), since, now)
        return self.tally

    def looked_minutes(self) -> int:
        """Whole minutes at clear since the last break, as last counted; never waits."""
        return int(self.tally.seconds // 60) if self.tally else 0

    def _roll(self) -> None:
        self.ledger.roll(midnight(self.bench.now() - rules.KEPT, 0), when.day)

    def _try(self, call: Callable[[], T]) -> T | None:
        """What a call gives; None where the ledger cannot be used."""
        with suppress(StoreError):
            return call()
        return None


def midnight(now: int, days: int) -> int:
    """The beginning of the day of an instant, or of one so many days later, where the person is."""
    day = when.local(now).date() + timedelta(days=days)
    return round(datetime.combine(day, time.min).timestamp()) * when.SECOND
