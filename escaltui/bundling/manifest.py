"""What a bundle says of itself: of which case, by whom, when and why, what is in it, and what was kept back."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from escaltui.bundling.faults import BundleFault
from escaltui.i18n import _

T = TypeVar("T", bound=msgspec.Struct)
MANIFEST, SIGNED = "manifest.json", "signature.json"
"""The first and the last file of a bundle."""
KIND, SCHEMA = "escaltui case bundle", 1
LONGEST = 4 << 20
"""Bytes of either of them, at most."""


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the bundle."""

    name: str
    size: int
    sha256: str


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who made it, with what, when (UTC), for whom and why."""

    at: str
    by: str
    reader: str
    why: str
    program: str


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the log that the case lies in had come: its stream, number and hash of its last change."""

    stream: str
    seq: int
    head: str


class KeptBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not told: by which rule, what that rule says, and at how many places."""

    rule: str
    says: str
    places: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole. `files` are in the order in which they lie in it; manifest and signature are not among them."""

    bundle: str
    schema: int
    case: str
    made: Made
    log: Origin
    key: str
    redacted: tuple[KeptBack, ...]
    left_out: tuple[KeptBack, ...]
    files: tuple[Held, ...]


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signature: both in hexadecimal digits."""

    algorithm: str
    key: str
    signature: str


def encode(value: Any) -> bytes:
    """Plain JSON that people can read; of the same values the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def manifest(raw: bytes) -> Manifest:
    """Raises BundleFault for what is none, or of a schema that this program does not know."""
    try:
        about = msgspec.json.decode(raw, type=_About)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(MANIFEST) from error
    if about.bundle != KIND or about.schema != SCHEMA:
        said = _("It is a bundle of schema {schema}; this program knows {known}. Check it with a newer escaltui.")
        raise BundleFault("schema", said.format(schema=about.schema, known=SCHEMA))
    return _as(raw, Manifest, MANIFEST)


def signed(raw: bytes) -> Signed:
    """Raises BundleFault for what is no signature file."""
    return _as(raw, Signed, SIGNED)


class _About(msgspec.Struct):
    bundle: str
    schema: int


def _as(raw: bytes, kind: type[T], name: str) -> T:
    try:
        found = msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(name) from error
    if encode(found) != raw:  # one way to write it: nothing said twice, nothing between the lines
        raise _unreadable(name)
    return found


def _unreadable(name: str) -> BundleFault:
    return BundleFault("unreadable", _("{name} is not as this program writes it: it was changed.").format(name=name))
