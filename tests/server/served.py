"""`escaltui serve` as a process of its own on loopback, and what speaks to it without being a workbench."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from escaltui.domain import ids
from escaltui.domain.operations import Operation
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.server import people, tokens

NOW = 1_790_000_000_000


class Served:
    """A backend that runs. `url`, and the first admin's `token` where one was told. A context manager that stops it."""

    def __init__(self, *words: str | Path, config: Path | None = None) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"} | ({"ESCALTUI_CONFIG": str(config)} if config else {})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "escaltui", "serve", "--port", "0", "--json", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        assert self.process.stdout
        self.errors: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        first = self.process.stdout.readline()
        if not first:
            self.process.wait(30)
            self._reader.join(5)
            raise AssertionError("it did not serve: " + "".join(self.errors))
        self.told: dict[str, Any] = json.loads(first)
        self.url: str = self.told["serving"]
        self.token: str = self.told.get("token", "")

    def _read(self) -> None:
        assert self.process.stderr
        self.errors.extend(self.process.stderr)

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        try:
            code = self.process.wait(20)
        finally:
            self.process.kill()
        self._reader.join(5)
        return code

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log so far; a line that is no JSON fails."""
        return [json.loads(line) for line in tuple(self.errors)]

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        """What speaks to it."""
        told = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=told | headers, timeout=20)


def refused(*words: str | Path, **more: str) -> tuple[int, str]:
    """The exit code and the words of a backend that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "escaltui", "serve", *map(str, words)], capture_output=True, text=True, timeout=60,
        env={**os.environ, **more},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def member(dsn: str, person: str, stream: str = "desk:global", scopes: tuple[str, ...] = ("push", "pull"),
           days: float | None = 90, now: int | None = None) -> str:  # fmt: skip
    """Somebody who may see a stream; their token."""
    at = now or time.time_ns() // 1_000_000
    with psycopg.connect(dsn) as connection:
        people.grant(connection, person, stream, frozenset({"specialist", "lead"}), "system", at)
        return tokens.make(connection, person, frozenset(scopes), at, days=days)


def new_id() -> str:
    """An id for an operation."""
    return ids.operation_id(time.time_ns() // 1_000_000, os.urandom(10))


def push(*operations: Operation) -> bytes:
    """The body of a push of operations by somebody who stands at the beginning."""
    return msgspec.json.encode(
        Push(Stand(), tuple(Sent(new_id(), msgspec.Raw(msgspec.json.encode(op))) for op in operations))
    )


def rows(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    """What a database holds."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(sql.encode()).fetchall()
