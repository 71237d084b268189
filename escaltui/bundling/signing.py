"""The signature of a bundle: Ed25519 (RFC 8032) over its manifest, by a key of the store's own.

A key is known to people by its fingerprint: the first 160 bits of the SHA-256 of the public key's 32 bytes, in groups
of four hexadecimal digits.
"""

from __future__ import annotations

import re

from escaltui.bundling.faults import BundleFault
from escaltui.domain.hashing import hexdigest
from escaltui.i18n import _

ALGORITHM = "Ed25519"
SEED, PUBLIC, SIGNATURE = 32, 32, 64
"""Bytes of a secret, a public key, a signature."""
_PURPOSE = b"escaltui case bundle, schema 1\n"
"""Signed before the manifest, so that no signature for another purpose passes for one of a bundle."""
_DIGITS = 40


def public(seed: bytes) -> bytes:
    """The public key of a secret of 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # only here: 20 ms to load

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, manifest: bytes) -> bytes:
    """The signature of a manifest."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).sign(_PURPOSE + manifest)


def holds(key: bytes, signature: bytes, manifest: bytes) -> bool:
    """Whether a signature of a manifest is by a key; False also for what is neither."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _PURPOSE + manifest)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(key: bytes) -> str:
    """What people compare: ten groups of four digits."""
    digits = hexdigest(key)[:_DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, _DIGITS, 4))


def read_fingerprint(typed: str) -> str:
    """A fingerprint as somebody typed it, with or without gaps. Raises BundleFault for what is none, or not whole."""
    digits = re.sub(r"[\s:-]", "", typed).lower()
    if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS}}}", digits):
        said = _("{typed} is no fingerprint: it has {n} hexadecimal digits. Copy the whole of it.")
        raise BundleFault("typed", said.format(typed=ascii(typed[:60]), n=_DIGITS))
    return " ".join(digits[at : at + 4] for at in range(0, _DIGITS, 4))
