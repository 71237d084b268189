"""The index of picture hashes finds exactly what comparing with every one would."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.safety import seen
from escaltui.safety.seen import NEAR, Index, Near

BIG = 1_000_000 if os.environ.get("ESCALTUI_THOROUGH") else 20_000
ASKED = 10_000 if os.environ.get("ESCALTUI_THOROUGH") else 400
hashes = st.lists(st.integers(0, 2**256 - 1), max_size=60)


def written(value: int) -> str:
    return f"{value:064x}"


def turned(value: int, bits: int, draw: random.Random) -> int:
    for bit in draw.sample(range(256), bits):
        value ^= 1 << bit
    return value


def one_by_one(kept: list[int], wanted: int, distance: int = NEAR) -> list[Near]:
    found = [Near(at, (each ^ wanted).bit_count()) for at, each in enumerate(kept)]
    return sorted((near for near in found if near.distance <= distance), key=lambda near: (near.distance, near.at))


@given(kept=hashes, at=st.integers(0, 59), bits=st.integers(0, 40), seed=st.integers(0, 9), distance=st.integers(0, 31))
def test_it_finds_what_comparing_with_each_finds(kept, at, bits, seed, distance) -> None:
    wanted = turned(kept[at % len(kept)], bits, random.Random(seed)) if kept else 7
    assert Index(map(written, kept)).near(written(wanted), distance) == one_by_one(kept, wanted, distance)


def test_two_bits_in_all_bands_but_one_are_found_and_in_every_band_are_too_far() -> None:
    kept = 0
    nearest = sum(0b11 << (16 * band) for band in range(15)) | 1 << 250  # 31 bits: one band has a single one
    too_far = sum(0b11 << (16 * band) for band in range(16))
    index = Index([written(kept)])
    assert index.near(written(nearest)) == [Near(0, 31)]
    assert index.near(written(too_far)) == []


def test_a_large_index_equals_brute_force() -> None:
    np = pytest.importorskip("numpy")
    draw = random.Random(4)
    raw = np.frombuffer(draw.randbytes(32 * BIG), dtype=np.uint8).reshape(BIG, 32)
    index = Index([raw.tobytes().hex()])
    ones = np.array([value.bit_count() for value in range(256)], np.uint8)
    for _ in range(ASKED):
        wanted = turned(int.from_bytes(raw[draw.randrange(BIG)].tobytes()), draw.randrange(0, 36), draw)
        apart = ones[raw ^ np.frombuffer(wanted.to_bytes(32), np.uint8)].sum(axis=1)
        expected = {int(at): int(apart[at]) for at in np.flatnonzero(apart <= NEAR)}
        assert {near.at: near.distance for near in index.near(written(wanted))} == expected


def test_what_is_added_later_is_found_before_and_after_the_index_is_made_anew(monkeypatch) -> None:
    monkeypatch.setattr(seen, "TAIL", 5)
    draw, index, kept = random.Random(1), Index(), []
    for _ in range(12):
        kept.append(draw.getrandbits(256))
        index.add([written(kept[-1])])
        wanted = turned(draw.choice(kept), 20, draw)
        assert index.near(written(wanted)) == one_by_one(kept, wanted)


def test_a_distance_that_bands_cannot_promise_is_refused() -> None:
    with pytest.raises(ValueError, match="31"):
        Index().near(written(0), 32)


def test_the_check_above_notices_an_index_that_probes_too_little(monkeypatch) -> None:
    """The control: without the probes of one changed bit the index misses what is near."""
    monkeypatch.setattr(seen, "WIDTH", 16)
    index = Index([written(0)])
    index._flips = index._flips[:1]
    spread = sum(1 << (16 * band) for band in range(16))  # one bit in every band
    assert one_by_one([0], spread) == [Near(0, 16)]
    assert index.near(written(spread)) == []
