"""Identifiers: 128 bits written as 26 Crockford base-32 characters, which sort as their bits do.

Operation ids are UUIDv7 (time-ordered; RFC 9562 section 5.7, own code because Python 3.11 has none). Entity ids are
UUIDv8 made from the operation's id, so that a client and a server give the same one.
"""

from __future__ import annotations

from functools import lru_cache

from escaltui.domain.hashing import digest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
NAME_LONGEST = 160
REF_PREFIX = "E-"
INCIDENT_PREFIX = "I-"
REF_SHORTEST = 5
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_SHIFTS = range(120, -1, -10)
_READ = {**{c: c for c in ALPHABET}, "I": "1", "L": "1", "O": "0"}


def text(number: int) -> str:
    """A 128-bit number as 26 Crockford characters."""
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])


def is_id(value: str) -> bool:
    """Whether a text has the form of an identifier."""
    return len(value) == LENGTH and not value.strip(ALPHABET)


def is_operation(value: str) -> bool:
    """Whether a text may name an operation: an id of ours, or a name that somebody gave it (`--op-id`)."""
    return 0 < len(value) <= NAME_LONGEST and value.isascii() and value.isprintable() and " " not in value


def operation_id(now_ms: int, entropy: bytes) -> str:
    """A UUIDv7 of a time in milliseconds and at least 10 bytes of entropy, which the caller brings."""
    random = int.from_bytes(entropy[:10], "big")
    high, low = random >> 68 & 0xFFF, random & (1 << 62) - 1
    return text((now_ms & (1 << 48) - 1) << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


def made_at(op_id: str) -> int:
    """The time in milliseconds that an operation id carries."""
    number = 0
    for character in op_id:
        number = number << 5 | ALPHABET.index(character)
    return number >> 80


@lru_cache(2048)
def entity_id(op_id: str, n: int) -> str:
    """The n-th entity id that an operation makes: a UUIDv8 of sha256(op_id, n).

    The last ones are kept: who names a row before it is made asks for its id, and so does the rule that makes it.
    """
    number = int.from_bytes(digest(f"{op_id}/{n}".encode("utf-8", "surrogatepass"))[:16], "big")
    number = number & ~(0xF << 76) | 8 << 76
    return text(number & ~(3 << 62) | 2 << 62)


def case_ref(case_id: str, characters: int = REF_SHORTEST) -> str:
    """The short name people use for a case, as `E-7K2QX`: the last characters of its id."""
    return REF_PREFIX + case_id[-characters:]


def incident_ref(incident_id: str) -> str:
    """An incident's reference, `I-7K2QX`: the last five characters of its id. Incidents are few."""
    return f"{INCIDENT_PREFIX}{incident_id[-REF_SHORTEST:]}"


def read_ref(typed: str) -> str:
    """What a person typed as a reference, in its stored form: any case, without the prefix, I L O read as digits."""
    bare = typed.strip().upper().removeprefix(REF_PREFIX)
    return REF_PREFIX + "".join(_READ.get(character, character) for character in bare)
