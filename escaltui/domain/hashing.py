"""SHA-256, loaded when it is first asked for: the system's library takes milliseconds that no first paint needs."""

from __future__ import annotations


def digest(data: bytes) -> bytes:
    """The 32 bytes of its hash."""
    import hashlib

    return hashlib.sha256(data).digest()


def hexdigest(data: bytes) -> str:
    """The hash as 64 digits."""
    return digest(data).hex()
