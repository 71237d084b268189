"""Finding pictures that look alike: an exact index over PDQ hashes, 256 bits each.

Two hashes are near at a distance of at most 31 bits. The 256 bits are cut into 16 bands of 16: 32 differing bits are
needed for two in every band, so two near hashes agree in some band but for at most one bit. Each band is looked up
with none and with one of its bits changed, which finds every near hash, and what it finds is measured in full.
(PDQ: Facebook's ThreatExchange, hashing/pdq; multi-index hashing: Norouzi, Punjani, Fleet, CVPR 2012.)

numpy is imported when an index is made: by a thread, never before the first paint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 31
"""The most bits of 256 in which two pictures that look alike differ."""
GOOD = 50
"""The least quality of a hash, of 100: flat pictures have none worth comparing."""
BANDS, WIDTH = 16, 16
TAIL = 4096
"""So many new hashes are compared one by one before the index is made anew."""


class Near(NamedTuple):
    """A picture that looks like another one: its place in the order of adding, and the bits that differ."""

    at: int
    distance: int


class Index:
    """Hashes (64 hexadecimal digits each) in the order in which they were added."""

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        import numpy as np

        self._np = np
        self._ones: NDArray[Any] = np.array([value.bit_count() for value in range(1 << WIDTH)], np.uint8)
        self._flips: NDArray[Any] = np.array([0, *(1 << bit for bit in range(WIDTH))], np.uint16)
        self._words = self._read(hashes)
        self._indexed = 0
        self._make()

    def __len__(self) -> int:
        return len(self._words)

    def add(self, hashes: Sequence[str]) -> None:
        """Add further ones behind."""
        self._words = self._np.concatenate([self._words, self._read(hashes)])
        if len(self._words) - self._indexed > TAIL:
            self._make()

    def near(self, wanted: str, distance: int = NEAR) -> list[Near]:
        """Every hash within a distance (at most 31), the nearest first."""
        if not 0 <= distance <= NEAR:
            raise ValueError(f"distance must be from 0 to {NEAR}")
        np, query = self._np, self._read((wanted,))[0]
        places = np.concatenate([*self._candidates(query), np.arange(self._indexed, len(self._words), dtype=np.int32)])
        apart = self._ones[self._words[places] ^ query].sum(axis=1, dtype=np.int32)
        close = apart <= distance
        found = dict(zip(places[close].tolist(), apart[close].tolist(), strict=True))
        return sorted((Near(at, bits) for at, bits in found.items()), key=lambda near: (near.distance, near.at))

    def _candidates(self, query: NDArray[Any]) -> list[NDArray[Any]]:
        """The places of those that agree with a hash in some band, but for one bit."""
        values = (query[:, None] ^ self._flips).astype(self._np.int64)
        bands = self._np.arange(BANDS)[:, None]
        firsts, ends = self._starts[bands, values].tolist(), self._starts[bands, values + 1].tolist()
        return [
            order[first:end]
            for order, begun, ended in zip(self._order, firsts, ends, strict=True)
            for first, end in zip(begun, ended, strict=True)
            if end > first
        ]

    def _read(self, hashes: Iterable[str]) -> NDArray[Any]:
        raw = bytes.fromhex("".join(hashes))
        return self._np.frombuffer(raw, dtype=">u2").astype(self._np.uint16).reshape(-1, BANDS)

    def _make(self) -> None:
        """Sort each band's values, so that all with one value lie beside each other."""
        np = self._np
        columns = [self._words[:, band] for band in range(BANDS)]
        self._order: list[NDArray[Any]] = [np.argsort(each, kind="stable").astype(np.int32) for each in columns]
        counted = [np.cumsum(np.bincount(each, minlength=1 << WIDTH)) for each in columns]
        self._starts: NDArray[Any] = np.pad(np.array(counted, np.int32), ((0, 0), (1, 0)))
        self._indexed = len(self._words)
