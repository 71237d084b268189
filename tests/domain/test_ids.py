"""Identifiers: of the published form, sorted by time, the same on both sides, and readable back."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain import ids

MOMENTS = st.integers(0, (1 << 48) - 1)
ENTROPY = st.binary(min_size=10, max_size=10)


def as_uuid(text: str) -> uuid.UUID:
    number = 0
    for character in text:
        number = number << 5 | ids.ALPHABET.index(character)
    return uuid.UUID(int=number)


@given(MOMENTS, ENTROPY)
def test_an_operation_id_is_a_uuid_of_version_seven_with_its_time(now: int, entropy: bytes) -> None:
    made = ids.operation_id(now, entropy)
    found = as_uuid(made)
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert ids.made_at(made) == now
    assert ids.is_id(made)


@given(MOMENTS, MOMENTS, ENTROPY, ENTROPY)
def test_operation_ids_sort_by_time(one: int, other: int, first: bytes, second: bytes) -> None:
    if one != other:
        assert (ids.operation_id(one, first) < ids.operation_id(other, second)) == (one < other)
    else:
        assert (ids.operation_id(one, first) == ids.operation_id(one, second)) == (_bits(first) == _bits(second))


def _bits(entropy: bytes) -> int:
    """The 74 bits that an id has room for."""
    random = int.from_bytes(entropy, "big")
    return (random >> 68 & 0xFFF) << 62 | random & (1 << 62) - 1


@given(st.text(max_size=30), st.integers(0, 99))
def test_an_entity_id_is_a_uuid_of_version_eight_and_always_the_same(op_id: str, n: int) -> None:
    made = ids.entity_id(op_id, n)
    assert (as_uuid(made).version, as_uuid(made).variant) == (8, uuid.RFC_4122)
    assert made == ids.entity_id(op_id, n) != ids.entity_id(op_id, n + 1)


def test_an_entity_id_is_known_by_heart() -> None:
    assert ids.entity_id("x", 0) == "04WRHCF5DDH3JVK1WHZAHMZ9F0"
    assert ids.text(0) == "0" * 26
    assert ids.text((1 << 128) - 1) == "7" + "Z" * 25


@pytest.mark.parametrize(
    ("typed", "read"),
    [("e-7k2qx", "E-7K2QX"), (" 7K2QX ", "E-7K2QX"), ("E-ILO01", "E-11001"), ("o1l", "E-011"), ("", "E-")],
)
def test_a_reference_is_read_however_it_is_typed(typed: str, read: str) -> None:
    assert ids.read_ref(typed) == read


@given(MOMENTS, ENTROPY, st.integers(5, 26))
def test_a_reference_reads_back(now: int, entropy: bytes, size: int) -> None:
    ref = ids.case_ref(ids.operation_id(now, entropy), size)
    assert ids.read_ref(ref) == ids.read_ref(ref.lower()) == ref
    assert len(ref) == size + 2


@pytest.mark.parametrize("text", ["", "A" * 25, "A" * 27, "I" * 26, "a" * 26, "É" * 26])
def test_what_is_no_id(text: str) -> None:
    assert not ids.is_id(text)


def test_a_foreign_id_carries_no_time() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        ids.made_at("not-ours")
