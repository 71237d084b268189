"""The pictures and films of a record: found by their reference, fetched unopened, checked against their own name."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from escaltui.domain.media import Rating
from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.intake.found import FoundAttachment
from escaltui.intake.ozone.xrpc import PICTURE_MOST, Silent, Xrpc

MOST = 20
DEEPEST = 12
_RAW_SHA256 = b"\x01\x55\x12\x20"
"""A CID of version 1 for raw bytes by SHA-256 of 32 bytes (multiformats)."""


class Blob(NamedTuple):
    """A file that a record names. `words` describe it, as its author gave them."""

    cid: str
    kind: str
    size: int
    words: str


def blobs(value: object, words: str = "", depth: int = 0) -> Iterator[Blob]:
    """Every file of a record, in its order."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from blobs(each, words, depth + 1)
    elif isinstance(value, dict):
        if value.get("$type") == "blob":
            found = _blob(value, words)
            if found is not None:
                yield found
            return
        alt = value.get("alt")
        for each in value.values():
            yield from blobs(each, alt if isinstance(alt, str) else words, depth + 1)


def _blob(value: dict[str, Any], words: str) -> Blob | None:
    ref, kind, size = value.get("ref"), value.get("mimeType"), value.get("size")
    cid = ref.get("$link") if isinstance(ref, dict) else None
    if not isinstance(cid, str):
        return None
    return Blob(cid, kind if isinstance(kind, str) else "", size if isinstance(size, int) else 0, words)


def sha256_of(cid: str) -> str:
    """The SHA-256 that a CID says its bytes have, "" where it says another hash."""
    try:
        content = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8)) if cid.startswith("b") else b""
    except ValueError:
        return ""
    return content[4:].hex() if content.startswith(_RAW_SHA256) and len(content) == 36 else ""


def fetched(
    xrpc: Xrpc, did: str, found: list[Blob], *, sealing: bool, rating: Rating
) -> tuple[tuple[FoundAttachment, ...], list[str]]:
    """The files of an account's record, and what could not be had of them, in words. Nothing of a sealed one is asked.

    Raises ConnectorError only where the server asks to be left alone or cannot be reached: then all is asked again.
    """
    files: list[FoundAttachment] = []
    problems: list[str] = []
    for number, blob in enumerate(found[:MOST], 1):
        name = f"{number} {blob.cid[:60]}"
        claimed = FoundAttachment(
            name=name, declared_type=blob.kind, size=blob.size, sha256="", content=b"",
            claimed_sha256=sha256_of(blob.cid), claimed=rating, transcript=blob.words,
        )  # fmt: skip
        content, why = (b"", "") if sealing else _bytes(xrpc, did, blob)
        if why:
            problems.append(_("A picture was not fetched: {why}").format(why=why))
        files.append(_with(claimed, content) if content else claimed)
    if len(found) > MOST:
        said = _("The record has {n} files: the first {most} are here.")
        problems.append(said.format(n=len(found), most=MOST))
    return tuple(files), problems


def _with(claimed: FoundAttachment, content: bytes) -> FoundAttachment:
    digest = hashlib.sha256(content).hexdigest()
    return msgspec.structs.replace(claimed, content=content, size=len(content), sha256=digest)


def _bytes(xrpc: Xrpc, did: str, blob: Blob) -> tuple[bytes, str]:
    """The bytes, or why there are none."""
    if blob.size > PICTURE_MOST:
        return b"", _("it is larger than {most} MB.").format(most=PICTURE_MOST >> 20)
    try:
        content = xrpc.picture(did, blob.cid)
    except Silent as error:  # of this one file's way, which may lead elsewhere: the report comes all the same
        return b"", str(error)
    except ConnectorError as error:
        if error.again:
            raise
        return b"", str(error)
    named = sha256_of(blob.cid)
    if named and hashlib.sha256(content).hexdigest() != named:
        return b"", _("its bytes are not those that the record names.")
    return content, ""
