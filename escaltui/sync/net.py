"""Speaking to a server: each answer is a value, each way in which there is none is an error with a meaning.

Nothing is followed and nothing is trusted that is not the server: no redirects, no plain HTTP beyond this machine, no
certificate that does not verify.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import zstandard

from escaltui.domain import wire
from escaltui.domain.wire import Failure, Page, Result, Stream

T = TypeVar("T")
TIMES = httpx.Timeout(20.0, connect=5.0)
SILENCE = 45.0
"""Seconds without a word on the event stream after which it is dead."""
PACK_FROM = 1024
ANSWER_MOST = 64 << 20


class NetError(Exception):
    """There is no answer; str() is a sentence for people."""


class Offline(NetError):
    """The server was not reached, or its answer was cut: what was sent may have arrived."""


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
    raise NotOurs(f"{url} is not safe: use https://, or http:// on this machine only.")


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
        self, url: str, token: str = "", device: str = "", *, ca: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = allowed(url)
        headers = {"escaltui-protocol": str(wire.PROTOCOL), "escaltui-device": device}
        if token:
            headers["authorization"] = f"Bearer {token}"
        verify: Any = ca or True
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=TIMES,
            follow_redirects=False,
            verify=verify,
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

    def push(self, stream: Stream, push: wire.Push) -> tuple[Result, ...]:
        """Send operations; one result for each."""
        found = self._value(wire.Pushed, self._ask("POST", f"/v1/streams/{quote(stream, safe='')}/ops", push))
        if [each.op_id for each in found.results] != [each.op_id for each in push.ops]:
            raise Offline("The server's answer is not to what was sent.")
        return found.results

    def pull(self, pull: wire.Pull) -> list[Page]:
        """What changed after some stands."""
        return self._lines(Page, self._ask("POST", "/v1/pull", pull))

    def known(self, op_ids: tuple[str, ...]) -> tuple[Result, ...]:
        """Those of some operations that arrived."""
        return self._value(wire.Known, self._ask("POST", "/v1/ops/status", wire.Asked(op_ids))).results

    def claim(self, stream: Stream, claiming: wire.Claiming) -> wire.Claimed:
        """Reach for the first free case of a list."""
        path = f"/v1/streams/{quote(stream, safe='')}/claims"
        return self._value(wire.Claimed, self._ask("POST", path, claiming))

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What the server tells as it happens: a name and its values, and ("", {}) for a sign of life."""
        times = httpx.Timeout(SILENCE, connect=5.0)
        with self._reached(), self._client.stream("GET", "/v1/events", timeout=times) as response:
            if response.status_code != 200:
                response.read()
                self._check(response)
            yield from _told(response.iter_lines())

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
        except httpx.ConnectError as error:
            if "certificate" in str(error).lower():
                raise NotOurs(f"The certificate of {self.url} does not verify.") from error
            raise Offline(f"{self.url} is not reached.") from error
        except (httpx.TransportError, httpx.DecodingError, httpx.StreamError) as error:
            raise Offline(f"{self.url} gave no whole answer.") from error

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        if response.is_redirect:
            raise NotOurs(f"{self.url} sends us elsewhere: somebody stands between. Sign in to the network first.")
        try:
            failure = msgspec.json.decode(response.content, type=Failure)
        except (msgspec.DecodeError, UnicodeDecodeError):
            failure = Failure("", f"{self.url} answered {response.status_code}.")
        if response.status_code == 401:
            raise NotSignedIn(failure.reason)
        raise Refusing(response.status_code, failure, _seconds(response.headers.get("retry-after", "")))

    def _value(self, kind: type[T], response: httpx.Response) -> T:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurs(f"What answers at {self.url} is not our server.") from error

    def _lines(self, kind: type[T], response: httpx.Response) -> list[T]:
        try:
            return msgspec.json.Decoder(kind).decode_lines(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurs(f"What answers at {self.url} is not our server.") from error


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
