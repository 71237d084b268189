"""Workbenches' stores that follow a backend, each in a process of its own, and a network that counts its bytes."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from escaltui import rules_loader
from escaltui.config_remote import Remote as Settings
from escaltui.store import Store
from escaltui.store.connected import Connected
from escaltui.sync.link import Link
from escaltui.sync.net import Server

CLIENTS = "clients"
"""The folder that the stores lie in; it goes when a part is done."""


def now() -> int:
    """The time in milliseconds."""
    return time.time_ns() // 1_000_000


class Counted(httpx.SyncByteStream):
    """A body whose bytes are counted as they come, packed as they are."""

    def __init__(self, inner: httpx.SyncByteStream, of: Counting) -> None:
        self._inner, self._of = inner, of

    def __iter__(self) -> Iterator[bytes]:
        for part in self._inner:
            self._of.received += len(part)
            yield part

    def close(self) -> None:
        self._inner.close()


class Counting(httpx.BaseTransport):
    """The network, with the bytes of bodies that came over it."""

    def __init__(self) -> None:
        self._inner, self.received = httpx.HTTPTransport(), 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = self._inner.handle_request(request)
        assert isinstance(found.stream, httpx.SyncByteStream)
        body = Counted(found.stream, self)
        return httpx.Response(found.status_code, headers=found.headers, stream=body, extensions=found.extensions)

    def close(self) -> None:
        self._inner.close()


class Workbench:
    """A fresh store that follows the desk, and its link. `encrypt`: as the settings say it."""

    def __init__(self, folder: str, url: str, token: str, encrypt: str = "off") -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.rules, self.network = rules_loader.load(), Counting()
        self.store = Store.open(Path(folder), encrypt=encrypt)
        server = Server(url, token, self.store.device)
        self.remote = self.store.follow(Connected(url, "global", server.me()))
        server.close()
        self.link = Link(self.store, Settings(token="memory"), self.rules, now, self.network)
        self.link.tokens.hold(token)
        self.link.greet()


def peak() -> float:
    """The most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)


def size(folder: Path) -> float:
    """The bytes of a folder's files, in MB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
