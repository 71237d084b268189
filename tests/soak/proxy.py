"""A network that misbehaves: a TCP proxy between clients and a backend, with a seeded fault for some of the requests.

It reads HTTP/1.1 just as far as where a request or a reply ends, and passes bytes on as they came. A connection of a
client has one of its own to the backend. Who is drawn a fault depends on the order in which requests come in, so a seed
gives the same mixture of faults, not the same run.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any

FAULTS = ("delayed", "dribbled", "lost", "request cut", "reply cut", "reply lost", "reset", "repeated", "repeated late",
          "held back", "html", "502", "502 after")  # fmt: skip
LONGEST = 0.4
"""Seconds of a delay, and between the lives of a request that is repeated late."""
HELD_MOST = 1.0
"""Seconds for which a request waits for another one to pass it."""
PIECE = 1 << 16
PORTS = range(20_000, 30_000)
"""Below those that a system gives to whoever connects: a backend that was killed finds its own free again."""
HTML = b"<html><h1>Welcome to the hotel's network</h1></html>"


class Closed(Exception):
    """The other side ended, in the middle of something or not."""


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as tried, suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            return port


class Proxy:
    """Listens as long as the context lasts. `chance`: of a fault, for each request; `plan`: the next ones by name.

    `seen`: what was done, by kind. `asked`, `passed`: requests that came, and those that were answered.
    """

    def __init__(self, to: int, seed: int, chance: float = 0.0) -> None:
        self._to, self._draw, self.chance = ("127.0.0.1", to), random.Random(seed), chance
        self.seen, self.plan, self.asked, self.passed = Counter[str](), list[str](), 0, 0
        self._guard, self._pass = threading.Lock(), threading.Condition()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.port: int = self._listening.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in tuple(self._open):
            _end(each)

    def held(self) -> None:
        """The other side has answered, and that is held back: whoever wants something done just then does it here."""

    def draw(self, request: bytes = b"") -> str:
        """The fault of the next request, "" for none."""
        with self._guard:
            self.asked += 1
            kind = self.plan.pop(0) if self.plan else ""
            if not kind and self._draw.random() < self.chance:
                kind = self._draw.choice(FAULTS)
            if kind:
                self.seen[kind] += 1
            return kind

    def share(self, most: float = 1.0) -> float:
        """A number below `most`, drawn."""
        with self._guard:
            return self._draw.random() * most

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        line = Line(self, client)
        self._open.add(client)
        try:
            line.run()
        except (Closed, OSError):
            pass
        finally:
            self._open.discard(client)
            line.close()

    def connect(self) -> socket.socket:
        """To the backend. Raises OSError where nobody is there."""
        return socket.create_connection(self._to, timeout=30)

    def gone_by(self) -> None:
        """A request was answered: whoever is held back for that goes on."""
        with self._pass:
            self.passed += 1
            self._pass.notify_all()

    def wait_for_another(self, before: int) -> None:
        """Until more requests than so many were answered."""
        with self._pass:
            self._pass.wait_for(lambda: self.passed > before, HELD_MOST)


class Line:
    """One connection of a client, and its own one to the backend."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy, self._client = proxy, client
        self._from_client, self._server, self._from_server = Reader(client), socket.socket(), Reader(socket.socket())
        self._reached, self._before = False, 0

    def close(self) -> None:
        for each in (self._client, self._server):
            _end(each)

    def run(self) -> None:
        """Request after request, until somebody ends."""
        while True:
            request = self._from_client.message()
            self._before = self._proxy.passed
            kind = self._proxy.draw(request)
            getattr(self, "_" + kind.replace(" ", "_") if kind else "_plain")(request)
            self._proxy.gone_by()
            if self._from_server.ended:  # what has no length lasts until its end
                return

    def _send(self, request: bytes) -> None:
        if not self._reached:
            self._server = self._proxy.connect()
            self._from_server, self._reached = Reader(self._server), True
        self._server.sendall(request)

    def _plain(self, request: bytes) -> None:
        self._send(request)
        self._from_server.message(reply=True, to=self._client)

    def _delayed(self, request: bytes) -> None:
        time.sleep(self._proxy.share(LONGEST))
        self._plain(request)

    def _dribbled(self, request: bytes) -> None:
        """The reply comes in small pieces."""
        self._send(request)
        reply = self._from_server.message(reply=True)
        step = max(len(reply) // 8, 1)
        for at in range(0, len(reply), step):
            self._client.sendall(reply[at : at + step])
            time.sleep(self._proxy.share(LONGEST / 8))

    def _lost(self, request: bytes) -> None:
        raise Closed

    def _request_cut(self, request: bytes) -> None:
        self._send(request[: 1 + int(self._proxy.share(len(request) - 1))])
        raise Closed

    def _reply_cut(self, request: bytes) -> None:
        self._send(request)
        reply = self._from_server.message(reply=True)
        self._client.sendall(reply[: 1 + int(self._proxy.share(len(reply) - 1))])
        raise Closed

    def _reply_lost(self, request: bytes) -> None:
        self._send(request)
        self._from_server.message(reply=True)
        raise Closed

    def _reply_held(self, request: bytes) -> None:
        self._send(request)
        self._from_server.message(reply=True)
        self._proxy.held()
        raise Closed

    def _reset(self, request: bytes) -> None:
        """Cut at once, in both directions, while the backend may be at it."""
        self._send(request)
        for each in (self._client, self._server):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Closed

    def _repeated(self, request: bytes) -> None:
        """The same bytes at the same time on two connections."""
        twin = threading.Thread(target=self._again, args=(request,), daemon=True)
        twin.start()
        self._plain(request)
        twin.join(30)

    def _repeated_late(self, request: bytes) -> None:
        """The same bytes once more, when the client is at something else."""
        pause = self._proxy.share(LONGEST)
        threading.Thread(target=self._again, args=(request, pause), daemon=True).start()
        self._plain(request)

    def _repeated_after(self, request: bytes) -> None:
        """The same bytes once more, as soon as they were answered."""
        self._plain(request)
        self._again(request)

    def _again(self, request: bytes, pause: float = 0.0) -> None:
        time.sleep(pause)
        with suppress(Closed, OSError), self._proxy.connect() as twin:
            twin.sendall(request)
            Reader(twin).message(reply=True)

    def _held_back(self, request: bytes) -> None:
        """It waits until another connection's request was answered."""
        self._proxy.wait_for_another(self._before)
        self._plain(request)

    def _html(self, request: bytes) -> None:
        self._client.sendall(_page("200 OK"))

    def _502(self, request: bytes) -> None:
        self._client.sendall(_page("502 Bad Gateway"))

    def _502_after(self, request: bytes) -> None:
        self._send(request)
        self._from_server.message(reply=True)
        self._client.sendall(_page("502 Bad Gateway"))


class Reader:
    """Messages of HTTP/1.1 out of a stream of bytes."""

    def __init__(self, source: socket.socket) -> None:
        self._source, self._held, self.ended = source, b"", False

    def message(self, *, reply: bool = False, to: socket.socket | None = None) -> bytes:
        """One request, or one reply, as it came; sent on to `to` as it comes. Raises Closed where it ends before."""
        head = self._until(b"\r\n\r\n")
        _pass(head, to)
        fields = _fields(head)
        whole = [head]
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            whole += self._chunks(to)
        elif b"content-length" in fields:
            whole.append(self._exactly(int(fields[b"content-length"]), to))
        elif reply and not head.split(b" ", 2)[1].startswith((b"1", b"204", b"304")):
            whole.append(self._rest(to))
        return b"".join(whole)

    def _more(self) -> bytes:
        found = self._source.recv(PIECE)
        if not found:
            raise Closed
        return found

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._held:
            self._held += self._more()
        found, _, self._held = self._held.partition(mark)
        return found + mark

    def _exactly(self, count: int, to: socket.socket | None = None) -> bytes:
        while len(self._held) < count:
            self._held += self._more()
        found, self._held = self._held[:count], self._held[count:]
        _pass(found, to)
        return found

    def _chunks(self, to: socket.socket | None) -> list[bytes]:
        found: list[bytes] = []
        while True:
            size = self._until(b"\r\n")
            body = self._exactly(int(size.split(b";")[0], 16) + 2)
            _pass(size + body, to)
            found.append(size + body)
            if body == b"\r\n":
                return found

    def _rest(self, to: socket.socket | None) -> bytes:
        self.ended, found = True, [self._held]
        _pass(self._held, to)
        with suppress(Closed):
            while True:
                found.append(self._more())
                _pass(found[-1], to)
        return b"".join(found)


def _pass(found: bytes, to: socket.socket | None) -> None:
    if to is not None:
        to.sendall(found)


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines: Any = (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _page(status: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {len(HTML)}\r\n\r\n"
    return head.encode() + HTML


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.close()
