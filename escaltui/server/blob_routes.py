"""The addresses of files: begun, brought in parts, given by range."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from escaltui.domain.wire import BLOB_PART, BlobUpload, BlobWanted, Failure
from escaltui.server import bodies
from escaltui.server.blob_keepers import BlobError, Folder, Keeper
from escaltui.server.blobs import Blobs
from escaltui.server.desk import Desk, NotAllowed
from escaltui.server.front import told
from escaltui.server.people import Caller

KIND = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_NUMBER = re.compile(r"\d{1,12}")


class Files:
    """The handlers. Without a keeper, or a folder, there are no files."""

    def __init__(
        self, desk: Desk, caller: Callable[[Request, str], Awaitable[Caller]], media: Keeper | Path | None
    ) -> None:
        self._caller = caller
        keeper = Folder(media) if isinstance(media, Path) else media
        self.blobs = Blobs(keeper, desk) if keeper is not None else None

    def _kept(self) -> Blobs:
        if self.blobs is None:
            raise NotAllowed
        return self.blobs

    async def begin(self, request: Request) -> Response:
        """Begin to bring a file, or go on with it."""
        caller = await self._caller(request, "push")
        body = await bodies.unpacked(request)
        try:
            wanted = msgspec.json.decode(body, type=BlobWanted)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _failed(request, BlobError(400, "unreadable", "The body cannot be read.", "Send JSON as described."))
        told(request).stream = wanted.stream
        try:
            found = await run_in_threadpool(self._kept().begin, caller, wanted)
        except BlobError as error:
            return _failed(request, error)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def standing(self, request: Request) -> Response:
        """How far an upload has come."""
        caller = await self._caller(request, "push")
        try:
            at = await run_in_threadpool(self._kept().standing, caller, request.path_params["upload"])
        except BlobError as error:
            return _failed(request, error)
        return Response(headers={"upload-offset": str(at)})

    async def append(self, request: Request) -> Response:
        """A part, of which what arrives is kept."""
        caller = await self._caller(request, "push")
        offset = request.headers.get("upload-offset", "")
        if not _NUMBER.fullmatch(offset):
            return _failed(
                request, BlobError(400, "unreadable", "Upload-Offset is a number.", "Say where the part begins.")
            )
        content = await _part(request)
        if content is None:
            return _failed(
                request, BlobError(413, "too_large", f"A part has at most {BLOB_PART:,} bytes.", "Send less at once.")
            )
        work = self._kept().append
        try:
            at = await run_in_threadpool(work, caller, request.path_params["upload"], int(offset), content)
        except BlobError as error:
            return _failed(request, error)
        found = BlobUpload(upload=request.path_params["upload"], offset=at)
        return Response(msgspec.json.encode(found), 200, {"upload-offset": str(at)}, "application/json")

    async def give(self, request: Request) -> Response:
        """A file, or a range of it."""
        caller = await self._caller(request, "pull")
        try:
            file = await run_in_threadpool(self._kept().open, caller, request.path_params["sha"])
        except BlobError as error:
            return _failed(request, error)
        size = file.size
        headers = {"accept-ranges": "bytes", "content-disposition": "attachment"}
        found = _RANGE.fullmatch(request.headers.get("range", ""))
        first, last = (int(found[1]), int(found[2] or size - 1)) if found else (0, size - 1)
        last = min(last, size - 1)
        if found and (first > last):
            file.close()
            return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
        headers["content-length"] = str(last - first + 1)
        if found:
            headers["content-range"] = f"bytes {first}-{last}/{size}"
        return StreamingResponse(file.pieces(first, last), 206 if found else 200, headers, KIND)


async def _part(request: Request) -> bytes | None:
    """What arrives of a part; None for more than one part may have."""
    held = bytearray()
    try:
        async for piece in request.stream():
            held += piece
            if len(held) > BLOB_PART:
                return None
    except ClientDisconnect:
        pass  # what came is kept: whoever sent it goes on from there
    return bytes(held)


def _failed(request: Request, error: BlobError) -> Response:
    headers = {} if error.offset is None else {"upload-offset": str(error.offset)}
    if error.status in (429, 503, 507):
        headers["retry-after"] = "30"
    of = told(request)
    of.code = error.code
    body = msgspec.json.encode(Failure(error.code, str(error), error.mend, of.id))
    return Response(body, error.status, headers, "application/json")
