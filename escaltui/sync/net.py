"""Speaking to a server: each answer is a value, each way in which there is none is an error with a meaning.

Nothing is followed and nothing is trusted that is not the server: no redirects, no plain HTTP beyond this machine, no
certificate that does not verify.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import zstandard

from escaltui.domain import wire
from escaltui.domain.wire import Failure, Page, Result, Stream
from escaltui.i18n import _

T = TypeVar("T")
TIMES = httpx.Timeout(20.0, connect=5.0)
QUICK = httpx.Timeout(5.0, connect=1.0)
"""For whoever waits at a prompt."""
SILENCE = 45.0
"""Seconds without a word on the event stream after which it is dead."""
PACK_FROM = 1024
ANSWER_MOST = 64 << 20
PIECE = 256 << 10


class NetError(Exception):
    """There is no answer; str() is a sentence for people."""


class Offline(NetError):
    """The server was not reached, or its answer was cut: what was sent may have arrived."""


class Unreached(Offline):
    """Nobody was there: what was to be sent was not."""


class NotSignedIn(NetError):
    """401: the token is unknown here, ended, or revoked."""


class NotOurs(NetError):
    """Whoever answers is not our server, or not safely: nothing was sent again."""


class Refusing(NetError):
    """An answer that is no success; `status` and what the server said."""

    def __init__(self, status: int, failure: Failure, retry_after: float | None = None) -> None:
        super().__init__(failure.reason + (f" {failure.mend}" if failure.mend else ""))
        self.status, self.failure, self.retry_after = status, failure, retry_after


def allowed(url: str) -> str:
    """An address that may be spoken to. Raises NotOurs: plain HTTP goes no further than this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _here(parts.hostname):
        return url.rstrip("/")
    raise NotOurs(_("{url} is not safe: use https://, or http:// on this machine only.").format(url=url))


def _trusted(ca: str) -> ssl.SSLContext:
    """What the system trusts, or the certificates of one file alone. Raises NotOurs where that cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as error:
        said = _("The certificates of {ca} cannot be read: {why}. Mend ca under [remote].")
        raise NotOurs(said.format(ca=ca, why=error)) from error


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Server:
    """A server's endpoints. Blocks; raises NetError. `transport` stands for the network in tests of its faults."""

    def __init__(
        self, url: str, token: str = "", device: str = "", *, ca: str = "", times: httpx.Timeout = TIMES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.url = allowed(url)
        headers = {"escaltui-protocol": str(wire.PROTOCOL), "escaltui-device": device}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._listening: httpx.Response | None = None
        secure = self.url.startswith("https")
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=times,
            follow_redirects=False,
            verify=_trusted(ca) if secure and transport is None else True,
            trust_env=secure,  # what stays on this machine passes no proxy
            transport=transport,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def about(self) -> wire.About:
        """What the server is."""
        return self._value(wire.About, self._ask("GET", "/v1/about"))

    def me(self) -> wire.Me:
        """Who the token stands for."""
        return self._value(wire.Me, self._ask("GET", "/v1/me"))

    def rules(self, wanted: str) -> bytes:
        """The rule set of a hash, as it travels."""
        return self._ask("GET", f"/v1/rules/{quote(wanted, safe='')}").content

    def sign_in(self, asked: wire.SigningIn) -> wire.SignedIn:
        """A token of the server's own for what a provider of identities said."""
        return self._value(wire.SignedIn, self._ask("POST", "/v1/signin", asked))

    def sign_out(self) -> bool:
        """End our token there; whether it ended by that."""
        return self._value(wire.SignedOut, self._ask("DELETE", "/v1/signin")).ended

    def push(self, stream: Stream, push: wire.Push) -> tuple[Result, ...]:
        """Send operations; one result for each."""
        found = self._value(wire.Pushed, self._ask("POST", f"/v1/streams/{quote(stream, safe='')}/ops", push))
        if [each.op_id for each in found.results] != [each.op_id for each in push.ops]:
            raise Offline(_("The server's answer is not to what was sent."))
        return found.results

    def pull(self, pull: wire.Pull) -> list[Page]:
        """What changed after some stands."""
        return self._lines(Page, self._ask("POST", "/v1/pull", pull))

    def snapshot(self, stream: Stream, after: str = "", since: int = 0) -> Generator[wire.SnapshotLine, None, None]:
        """A stream as rows, from its beginning or from a mark on; whole only where the last line is a mark that says
        so. Close it to stop."""
        asked = f"?after={quote(after, safe='')}&since={since}" if after else ""
        return self._streamed(f"/v1/streams/{quote(stream, safe='')}/snapshot{asked}")

    def case(self, case_id: str) -> list[wire.SnapshotLine]:
        """One case whole, of whatever age."""
        found = list(self._streamed(f"/v1/cases/{quote(case_id, safe='')}"))
        if not found or not (isinstance(found[-1], wire.Mark) and found[-1].end):
            raise Offline(_("{url} gave no whole answer.").format(url=self.url))
        return found

    def _streamed(self, path: str) -> Generator[wire.SnapshotLine, None, None]:
        with self._reached(), self._client.stream("GET", path) as response:
            if response.status_code != 200:
                response.read()
                self._check(response)
            decoder = msgspec.json.Decoder(wire.SnapshotLine)
            try:
                for line in _each_line(response.iter_bytes(PIECE)):
                    yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise NotOurs(_("What answers at {url} is not our server.").format(url=self.url)) from error

    def begin_blob(self, wanted: wire.BlobWanted) -> wire.BlobUpload:
        """Begin to bring a file, or go on with it."""
        return self._value(wire.BlobUpload, self._ask("POST", "/v1/blobs", wanted))

    def append_blob(self, upload: str, offset: int, part: bytes) -> int:
        """Send a part of a file; how much of it is there now."""
        headers = {"upload-offset": str(offset), "content-type": "application/octet-stream"}
        with self._reached():
            response = self._client.patch(f"/v1/uploads/{quote(upload, safe='')}", content=part, headers=headers)
        self._check(response)
        return self._value(wire.BlobUpload, response).offset

    def blob(self, sha256: str, first: int = 0) -> Iterator[bytes]:
        """A file from a byte on. Raises Offline where it was cut."""
        headers = {"range": f"bytes={first}-", "accept-encoding": "identity"} if first else {}
        with self._reached(), self._client.stream("GET", f"/v1/blobs/{quote(sha256, safe='')}", headers=headers) as got:
            if got.status_code not in (200, 206) or (got.status_code == 200 and first):
                got.read()
                self._check(got)
                raise NotOurs(_("What answers at {url} is not our server.").format(url=self.url))
            yield from got.iter_bytes()  # as it comes: of a piece that is gathered a cut would take all

    def known(self, op_ids: tuple[str, ...]) -> tuple[Result, ...]:
        """Those of some operations that arrived."""
        return self._value(wire.Known, self._ask("POST", "/v1/ops/status", wire.Asked(op_ids))).results

    def claim(self, stream: Stream, claiming: wire.Claiming) -> wire.Claimed:
        """Reach for the first free case of a list."""
        path = f"/v1/streams/{quote(stream, safe='')}/claims"
        return self._value(wire.Claimed, self._ask("POST", path, claiming))

    def beat(self, stream: Stream, beat: wire.Beat) -> wire.Beaten:
        """Claims that go on; nothing is queued by it."""
        path = f"/v1/streams/{quote(stream, safe='')}/leases"
        return self._value(wire.Beaten, self._ask("POST", path, beat))

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the server tells as it happens: a name and its values, and ("", {}) for a sign of life."""
        times = httpx.Timeout(SILENCE, connect=5.0)
        with self._reached(), self._client.stream("GET", "/v1/events", timeout=times) as response:
            self._listening = response
            if response.status_code != 200:
                response.read()
                self._check(response)
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                raise NotOurs(_("What answers at {url} is not our server.").format(url=self.url))
            yield from _told(response.iter_lines())

    def hang_up(self) -> None:
        """End `events`, from another thread."""
        listening, self._listening = self._listening, None
        if listening is not None and (stream := listening.extensions.get("network_stream")) is not None:
            with suppress(OSError, AttributeError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _ask(self, method: str, path: str, value: msgspec.Struct | None = None) -> httpx.Response:
        headers = {}
        body = b"" if value is None else msgspec.json.encode(value)
        if len(body) >= PACK_FROM:
            body = zstandard.ZstdCompressor(level=3).compress(body)
            headers["content-encoding"] = "zstd"
        with self._reached():
            response = self._client.request(method, path, content=body, headers=headers)
        self._check(response)
        return response

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            if "certificate" in str(error).lower():
                raise NotOurs(_("The certificate of {url} does not verify.").format(url=self.url)) from error
            raise Unreached(_("{url} is not reached.").format(url=self.url)) from error
        except (httpx.TransportError, httpx.DecodingError, httpx.StreamError) as error:
            raise Offline(_("{url} gave no whole answer.").format(url=self.url)) from error

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        if response.is_redirect:
            said = _("{url} sends us elsewhere: somebody stands between. Sign in to the network first.")
            raise NotOurs(said.format(url=self.url))
        try:
            failure = msgspec.json.decode(response.content, type=Failure)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = _("{url} answered {status}.").format(url=self.url, status=response.status_code)
            failure = Failure("", said)
        if response.status_code == 401:
            raise NotSignedIn(failure.reason)
        raise Refusing(response.status_code, failure, _seconds(response.headers.get("retry-after", "")))

    def _value(self, kind: type[T], response: httpx.Response) -> T:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurs(_("What answers at {url} is not our server.").format(url=self.url)) from error

    def _lines(self, kind: type[T], response: httpx.Response) -> list[T]:
        try:
            return msgspec.json.Decoder(kind).decode_lines(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurs(_("What answers at {url} is not our server.").format(url=self.url)) from error


def _each_line(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines out of pieces; what a cut leaves of one is left out. A line without an end is never held."""
    held = b""
    for piece in pieces:
        lines = (held + piece).split(b"\n")
        held = lines.pop()
        if len(held) > ANSWER_MOST:
            raise msgspec.DecodeError("a line without an end")
        yield from lines


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, min(float(text), 3600.0))
    except ValueError:
        return None


def _told(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            try:
                found = json.loads(value)
            except ValueError:
                continue
            yield name, found if isinstance(found, dict) else {}
        elif not field and value:
            yield "", {}
