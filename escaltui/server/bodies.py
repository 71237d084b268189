"""Bodies in and out, packed with zstd (RFC 8878) where both sides do. What unpacks beyond the limit is never held."""

from __future__ import annotations

import asyncio

import zstandard
from starlette.requests import Request
from starlette.responses import Response

PACKED_MOST = 1 << 20
UNPACKED_MOST = 4 << 20
PACK_FROM = 1024
"""Shorter bodies are sent as they are."""
SECONDS = 30.0
"""How long a body may take to arrive."""


class TooLarge(Exception):
    """A body beyond the limit; str() says which."""


class Unreadable(Exception):
    """A body that does not unpack; str() says why."""


class TooSlow(Exception):
    """A body that does not arrive; str() says so."""


async def unpacked(request: Request) -> bytes:
    """The body of a request. Raises TooLarge, TooSlow, Unreadable."""
    held = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for part in request.stream():
                held += part
                if len(held) > PACKED_MOST:
                    raise TooLarge(f"A body has at most {PACKED_MOST:,} bytes.")
    except TimeoutError as error:
        raise TooSlow(f"The body did not arrive within {SECONDS:.0f} seconds.") from error
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding == "zstd":
        return unzstd(bytes(held))
    if coding not in ("", "identity"):
        raise Unreadable(f"Bodies are packed with zstd or not at all, not with {coding[:20]}.")
    return bytes(held)


def unzstd(packed: bytes) -> bytes:
    """What was packed. A small body that would fill the memory is refused while it is unpacked."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=UNPACKED_MOST).stream_reader(packed) as reader:
            found = reader.read(UNPACKED_MOST + 1)
    except zstandard.ZstdError as error:
        raise Unreadable(f"The body does not unpack: {error}.") from error
    if len(found) > UNPACKED_MOST:
        raise TooLarge(f"A body unpacks to at most {UNPACKED_MOST:,} bytes.")
    return found


def packed(request: Request, body: bytes, status: int, kind: str = "application/json") -> Response:
    """An answer, packed where the asker reads that."""
    headers = {"content-type": kind, "vary": "accept-encoding"}
    if len(body) >= PACK_FROM and "zstd" in request.headers.get("accept-encoding", ""):
        body = zstandard.ZstdCompressor(level=3).compress(body)
        headers["content-encoding"] = "zstd"
    return Response(body, status, headers)
