"""Files in a bucket that speaks S3: for a backend of several hosts. boto3 is imported where one is configured.

What arrives of an upload lies as objects named by their offset, `parts/<upload>/<offset>`, which any process reads and
goes on with; what follows without a hole from 0 counts. A whole file is read back, hashed, and given to a multipart
upload in the same go, which is completed only where the hash is right: exactly the hashed bytes get the name.
Credentials come from boto3's own chain (its environment, its files, the host's role) and are nowhere of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from escaltui.domain.wire import BLOB_PART
from escaltui.i18n import _
from escaltui.server.blob_keepers import PIECE, BlobError, Opened, Part, Whole, elsewhere, full
from escaltui.server.faults import ServeError

FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "507"})
MISSING = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound", "416", "InvalidRange"})
UNASKED = frozenset({"NotImplemented", "MethodNotAllowed", "501", "405"})
"""What a store says that knows nothing of old versions: so it keeps none."""
CONNECT, READ, TRIES = 5, 20, 3
"""Seconds to wait, and how often a request is sent."""
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Piece(NamedTuple):
    """What arrived from an offset on."""

    key: str
    at: int
    size: int


def opened(address: str, endpoint: str = "") -> S3:
    """The keeper at `s3://bucket/prefix`, which was reached. `endpoint`: of another than Amazon's.

    Raises ServeError, which says how to mend it.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ServeError(_("{address} is no bucket. Write s3://bucket or s3://bucket/prefix.").format(address=address))
    parts = urlsplit(endpoint)
    if endpoint and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
        raise ServeError(_("Files go to S3 by https only. Write --s3-endpoint https://..."))
    try:
        keeper = S3(found[1], (found[2] or "").strip("/"), endpoint)
    except ModuleNotFoundError:
        raise ServeError(_("Files in S3 need more. Install it: pip install 'escaltui[s3]'")) from None
    keeper.check()
    return keeper


class S3:
    """Keeps files in a bucket. Safe among threads and processes."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str = "") -> None:
        boto3, config = import_module("boto3"), import_module("botocore.config")
        errors = import_module("botocore.exceptions")
        self._errors: tuple[type[Exception], ...] = (errors.ClientError, errors.BotoCoreError)
        self.bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        settings = config.Config(
            connect_timeout=CONNECT, read_timeout=READ, retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=32, request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )  # fmt: skip
        session = boto3.session.Session()  # one of our own: the module's is shared
        try:
            self._client: Any = session.client("s3", endpoint_url=endpoint or None, config=settings)
        except self._errors as error:
            raise ServeError(_("S3 is not set up: {why}").format(why=type(error).__name__)) from error

    def check(self) -> None:
        """Raise ServeError where the bucket is not reached, or keeps what is removed."""
        try:
            self._client.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1)
            status = self._versioning()
        except self._errors as error:
            said = _("The bucket {bucket} is not reached ({why}). Look at its name, the endpoint and the credentials.")
            raise ServeError(said.format(bucket=self.bucket, why=_code(error) or type(error).__name__)) from None
        if status:
            said = _("The bucket {bucket} keeps old versions: a sealed file would stay. Name one without versioning.")
            raise ServeError(said.format(bucket=self.bucket))

    def _versioning(self) -> str:
        try:
            return str(self._client.get_bucket_versioning(Bucket=self.bucket).get("Status", ""))
        except self._errors as error:
            if _code(error) in UNASKED:
                return ""
            raise

    def room(self, size: int) -> None:
        """See Keeper: a bucket tells when it is full, not before."""

    def offset(self, upload: str) -> int:
        """See Keeper."""
        return sum(each.size for each in self.pieces(upload))

    @contextmanager
    def part(self, upload: str, sha256: str) -> Iterator[Part]:
        """See Keeper. Two who go on with one upload at once do no harm: what follows without a hole is hashed."""
        yield _Part(self, upload, sha256)

    def has(self, sha256: str) -> bool:
        """See Keeper."""
        return self.open(sha256) is not None

    def open(self, sha256: str) -> Opened | None:
        """See Keeper."""
        with self.worded():
            try:
                told = self._client.head_object(Bucket=self.bucket, Key=self.key(sha256))
            except self._errors as error:
                if _code(error) in MISSING:
                    return None
                raise
        return _Opened(self, self.key(sha256), int(told["ContentLength"]))

    def remove(self, hashes: Collection[str]) -> None:
        """See Keeper."""
        with self.worded():
            self._stop_making(hashes)
            self._gone(self.key(each) for each in hashes)

    def uploads(self) -> frozenset[str]:
        """See Keeper."""
        start = f"{self._prefix}parts/"
        found = frozenset(key[len(start) :].partition("/")[0] for key, _size in self._listed(start))
        with self.worded():
            return found | {key.rpartition("/")[2] for key, _making in self._making()}

    def forget(self, uploads: Collection[str]) -> None:
        """See Keeper."""
        with self.worded():
            if hashes := [each for each in uploads if len(each) == 64]:
                self._stop_making(hashes)
            for upload in uploads:
                self._gone([each for each, _size in self._listed(f"{self._prefix}parts/{upload}/")])

    # --- for parts and files

    def key(self, sha256: str) -> str:
        """The name of a whole file."""
        return f"{self._prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def pieces(self, upload: str) -> list[Piece]:
        """What arrived of an upload, from 0 on without a hole."""
        start, at, found = f"{self._prefix}parts/{upload}/", 0, []
        for key, size in sorted(self._listed(start)):
            if key != f"{start}{at:012d}":
                break
            found.append(Piece(key, at, size))
            at += size
        return found

    def put(self, key: str, content: bytes) -> None:
        """An object, durable when this returns."""
        with self.worded():
            self._client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def place(self, upload: str, at: int) -> str:
        """The name of what arrives at an offset."""
        return f"{self._prefix}parts/{upload}/{at:012d}"

    def read(self, key: str, first: int = 0, last: int | None = None) -> bytes | None:
        """An object, or a range of it; None where it is not here."""
        ranged = {} if last is None else {"Range": f"bytes={first}-{last}"}
        with self.worded():
            try:
                content: bytes = self._client.get_object(Bucket=self.bucket, Key=key, **ranged)["Body"].read()
            except self._errors as error:
                if _code(error) in MISSING:
                    return None
                raise
        return content

    def begin(self, key: str) -> str:
        """Begin to make a large object; the id of its making."""
        with self.worded():
            return str(self._client.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"])

    def add(self, key: str, making: str, number: int, content: bytes) -> dict[str, Any]:
        """A part of it."""
        with self.worded():
            told = self._client.upload_part(
                Bucket=self.bucket, Key=key, UploadId=making, PartNumber=number, Body=content
            )
        return {"PartNumber": number, "ETag": told["ETag"]}

    def complete(self, key: str, making: str, parts: list[dict[str, Any]]) -> None:
        """It is there from now on."""
        with self.worded():
            self._client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=making, MultipartUpload={"Parts": parts}
            )

    def abort(self, key: str, making: str) -> None:
        """It is not made; its parts go."""
        with self.worded():
            self._abort(key, making)

    @contextmanager
    def worded(self) -> Iterator[None]:
        """What a store says, as what a person can do about it."""
        try:
            yield
        except self._errors as error:
            if _code(error) in FULL:
                raise full() from error
            reason = "The place where files are kept is not reached."
            raise BlobError(503, "busy", reason, "It is tried again; tell whoever runs the backend.") from error

    def _abort(self, key: str, making: str) -> None:
        try:
            self._client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=making)
        except self._errors as error:
            if _code(error) not in MISSING:
                raise

    def _making(self) -> list[tuple[str, str]]:
        asked = self._client.get_paginator("list_multipart_uploads")
        pages = asked.paginate(Bucket=self.bucket, Prefix=self._prefix)
        return [(each["Key"], each["UploadId"]) for page in pages for each in page.get("Uploads", ())]

    def _stop_making(self, hashes: Collection[str]) -> None:
        keys = {self.key(each) for each in hashes}
        for key, making in self._making():
            if key in keys:
                self._abort(key, making)

    def _listed(self, start: str) -> list[tuple[str, int]]:
        with self.worded():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start)
            return [(each["Key"], int(each["Size"])) for page in pages for each in page.get("Contents", ())]

    def _gone(self, keys: Iterable[str]) -> None:
        """One by one: not every store removes many at once."""
        for key in keys:
            self._client.delete_object(Bucket=self.bucket, Key=key)


class _Part:
    def __init__(self, keeper: S3, upload: str, sha256: str) -> None:
        self._keeper, self._upload, self._sha256 = keeper, upload, sha256

    def append(self, offset: int, content: bytes) -> int:
        """A small piece before is joined with this one: many small cuts do not make many objects."""
        pieces = self._keeper.pieces(self._upload)
        at = sum(each.size for each in pieces)
        if at != offset:
            raise elsewhere(at)
        if not content:
            return at
        key, held = self._keeper.place(self._upload, at), content
        if pieces and pieces[-1].size + len(content) <= BLOB_PART:
            before = self._keeper.read(pieces[-1].key)
            if before is None or len(before) != pieces[-1].size:
                raise elsewhere(self._keeper.offset(self._upload))
            key, held = pieces[-1].key, before + content
        self._keeper.put(key, held)
        return at + len(content)

    @contextmanager
    def whole(self, size: int) -> Iterator[Whole]:
        made = _Whole(self._keeper, self._keeper.key(self._sha256))
        try:
            for each in self._keeper.pieces(self._upload):
                content = self._keeper.read(each.key)
                if content is None or len(content) != each.size:
                    break
                made.take(content)
            if made.size != size:
                raise elsewhere(self._keeper.offset(self._upload))
            made.fill()
            yield made
        finally:
            made.end()

    def discard(self) -> None:
        self._keeper.forget((self._upload,))


class _Whole:
    """What is small is put in one go, what is large is made of parts of one size."""

    def __init__(self, keeper: S3, key: str) -> None:
        self._keeper, self._key, self._found, self.size = keeper, key, hashlib.sha256(), 0
        self._held, self._making, self._kept = bytearray(), "", False
        self._parts: list[dict[str, Any]] = []

    @property
    def sha256(self) -> str:
        return self._found.hexdigest()

    def take(self, content: bytes) -> None:
        self._found.update(content)
        self._held += content
        self.size += len(content)
        while len(self._held) > BLOB_PART:
            self._send(bytes(self._held[:BLOB_PART]))
            del self._held[:BLOB_PART]

    def fill(self) -> None:
        """The last part of what is large."""
        if self._making:
            self._send(bytes(self._held))

    def keep(self) -> None:
        if self._kept:
            return
        if self._making:
            self._keeper.complete(self._key, self._making, self._parts)
        else:
            self._keeper.put(self._key, bytes(self._held))
        self._kept = True

    def end(self) -> None:
        """What was begun and not kept is aborted, now or by the next sweep."""
        if self._making and not self._kept:
            with suppress(BlobError):
                self._keeper.abort(self._key, self._making)

    def _send(self, content: bytes) -> None:
        self._making = self._making or self._keeper.begin(self._key)
        self._parts.append(self._keeper.add(self._key, self._making, len(self._parts) + 1, content))


class _Opened:
    def __init__(self, keeper: S3, key: str, size: int) -> None:
        self._keeper, self._key, self.size = keeper, key, size

    def pieces(self, first: int, last: int) -> Iterator[bytes]:
        while first <= last:
            try:
                piece = self._keeper.read(self._key, first, min(first + PIECE - 1, last))
            except BlobError:
                return  # whoever reads asks for the rest
            if not piece:
                return
            first += len(piece)
            yield piece

    def close(self) -> None:
        """Nothing is held open."""


def _code(error: Exception) -> str:
    told: dict[str, Any] = getattr(error, "response", {})
    return str(told.get("Error", {}).get("Code", ""))
