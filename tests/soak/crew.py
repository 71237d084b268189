"""People at work for the programs that break things: real stores, engines and HTTP; and the reckoning after it."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import psycopg
import zstandard

from escaltui import rules_loader
from escaltui.config_remote import Remote as Settings
from escaltui.domain import ids
from escaltui.domain.operations import AddNote, OpenCase, Operation
from escaltui.domain.wire import Me, Push, Pushed
from escaltui.server import people, tokens
from escaltui.store import Done, Store, StoreError
from escaltui.store.connected import Connected
from escaltui.sync.engine import Engine
from escaltui.sync.link import Link

DESK = "desk:global"
ROLES = ("specialist", "lead", "admin")
RULES = rules_loader.load()


def now() -> int:
    return time.time_ns() // 1_000_000


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether a backend lives there."""
    try:
        return httpx.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


class Backend:
    """`escaltui serve` as a process, always on the same port: started and stopped as whoever runs it does."""

    def __init__(self, folder: Path, *words: str, port: int = 0) -> None:
        self.folder, self.words, self.port = folder, words, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.with_name(f"{folder.name}.log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 60.0) -> None:
        command = ["serve", "--port", str(self.port), "--folder", str(self.folder), *self.words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "escaltui", *command], stdout=log, stderr=log,
                env={**os.environ, "ESCALTUI_CONFIG": str(self.log.with_suffix(".toml"))},
            )  # fmt: skip
        end = time.monotonic() + patience
        while not self.alive():
            assert self.process.poll() is None, f"the backend ended: {self.log.read_text()[-800:]}"
            assert time.monotonic() < end, "the backend does not answer"
            time.sleep(0.05)

    def alive(self) -> bool:
        return answers(self.url)

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait(30)


class Tap(httpx.BaseTransport):
    """The network as it is. Notes which operations were acknowledged, which of these were sent again, and when."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.acked: dict[str, float] = {}
        self.again: set[str] = set()
        self.codes: Counter[str] = Counter()
        self.well: list[float] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pushed = request.url.path.endswith("/ops") and request.method == "POST"
        if pushed:
            self.again |= {each.op_id for each in msgspec.json.decode(_plain(request), type=Push).ops} & set(self.acked)
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError:
            self.codes["unreached"] += 1
            raise
        if response.status_code != 200:
            response.read()
            self.codes[f"{response.status_code} {_code(response)}"] += 1
        elif pushed:
            response.read()
            self._note(response)
        return response

    def _note(self, response: httpx.Response) -> None:
        at = time.monotonic()
        self.well.append(at)
        for each in msgspec.json.decode(response.content, type=Pushed).results:
            if each.status == "applied":
                self.acked.setdefault(each.op_id, at)

    def gap(self, around: float) -> float:
        """Seconds between the last acknowledged push before an instant and the first after it."""
        before = [at for at in self.well if at <= around]
        after = [at for at in self.well if at > around]
        return (min(after) - max(before)) if before and after else float("nan")


def _plain(request: httpx.Request) -> bytes:
    body = request.read()
    if request.headers.get("content-encoding") != "zstd":
        return body
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=64 << 20)


def _code(response: httpx.Response) -> str:
    try:
        return str(msgspec.json.decode(response.content).get("code", ""))
    except (msgspec.DecodeError, AttributeError):
        return ""


class Asked(NamedTuple):
    """What somebody was told is saved."""

    person: str
    case_id: str
    words: str
    at: float


class Hand:
    """Somebody at a workbench: a store, its engine, and a thread that types. `rate`: operations a second."""

    def __init__(self, folder: Path, url: str, person: str, token: str, seed: int, rate: float = 15.0,
                 clock: Any = now) -> None:  # fmt: skip
        self.person, self.rate, self.clock, self.random = person, rate, clock, random.Random(seed)
        self.store = Store.open(folder)
        me = Me(person, roles=ROLES, desks=("global",))
        self.remote = self.store.remote or self.store.follow(Connected(url, "global", me))
        self.tap, self.said, self.asked = Tap(), list[str](), dict[str, Asked]()
        self.sentences: Counter[str] = Counter()
        self.link = Link(self.store, Settings(token="memory"), RULES, clock, self.tap)
        self.link.tokens.keep(token)
        self.engine = Engine(self.link, lambda cases: None, self.said.append, random.Random(seed))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.broke: list[BaseException] = []

    def resume(self) -> None:
        """Type from now on."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._types, daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Type no more; the engine goes on."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _types(self) -> None:
        try:
            while not self._stop.wait(self.random.expovariate(self.rate)):
                self.type()
        except BaseException as error:
            self.broke.append(error)

    def type(self) -> str:
        """One operation; its id where it was saved, else "" and the sentence is counted."""
        op_id = ids.operation_id(self.clock(), self.random.randbytes(10))
        cases = self.store.read(lambda connection: [row[0] for row in connection.execute("SELECT id FROM cases")])
        if not cases or self.random.random() < 0.08:
            op: Operation = OpenCase(opens=op_id, title=f"{op_id} title")
            told = Asked(self.person, op_id, f"{op_id} title", time.monotonic())
        else:
            case_id = cases[-1] if self.random.random() < 0.4 else self.random.choice(cases)
            told = Asked(self.person, case_id, f"{op_id} word " * self.random.randint(1, 40), time.monotonic())
            op = AddNote(case=case_id, body=told.words)
        return self.do(op, op_id, told)

    def do(self, op: Operation, op_id: str, told: Asked) -> str:
        try:
            done = self.store.do(op, self.remote.who, self.clock(), RULES, op_id=op_id)
        except StoreError as error:
            self.sentences[str(error)] += 1
            return ""
        if not isinstance(done, Done):
            self.sentences[str(done)] += 1
            return ""
        self.asked[op_id] = told
        self.engine.poke()
        return op_id

    def quiet(self) -> bool:
        """Whether nothing waits to be accepted or to come back."""
        return not self.store.outbox(state="queued")

    def aside(self) -> int:
        """How many operations the server refused; why is printed, each reason once."""
        found = self.store.outbox(state="parked")
        for kind, why in sorted({(each.type, str(each.result)) for each in found}):
            print(f"{self.person}: {kind} is set aside: {why[:300]}")
        return len(found)

    def close(self) -> None:
        self.pause()
        self.engine.stop()
        self.link.close()
        self.store.close()


class Tally(NamedTuple):
    """What became of what was authored. `apart`: how many copies differ from the server's log."""

    authored: int
    missing: list[str]
    doubled: list[str]
    changed: list[str]
    apart: int


def grant(dsn: str, persons: tuple[str, ...], stream: str = DESK) -> dict[str, str]:
    """Let people work at a desk; their tokens."""
    with psycopg.connect(dsn) as connection:
        for person in persons:
            people.grant(connection, person, stream, frozenset(ROLES), "system", now())
        return {person: tokens.make(connection, person, frozenset({"push", "pull"}), now()) for person in persons}


def settled(hands: list[Hand], patience: float = 90.0) -> float:
    """Wait until nothing waits anywhere and all copies stand alike; the seconds it took."""
    began = time.monotonic()
    while not (
        all(hand.quiet() for hand in hands) and len({str(hand.remote.stands().get(DESK)) for hand in hands}) == 1
    ):
        if time.monotonic() - began > patience:
            left = {
                hand.person: (len(hand.store.outbox(state="queued")), hand.remote.stands().get(DESK)) for hand in hands
            }
            raise AssertionError(f"I9 it does not settle: {left}")
        time.sleep(0.05)
    return time.monotonic() - began


def reckon(dsn: str, hands: list[Hand]) -> Tally:
    """Compare what people were told is saved with what the server holds."""
    with psycopg.connect(dsn) as connection:
        notes = {row[0]: msgspec.json.decode(row[1]) for row in connection.execute("SELECT id, body FROM note")}
        cases = {row[0]: msgspec.json.decode(row[1]) for row in connection.execute("SELECT id, body FROM cases")}
        sql = "SELECT op_id, count(*) FROM change WHERE entity IN ('note', 'case') AND action = 'created' GROUP BY 1"
        made = dict(connection.execute(sql).fetchall())
        heads = dict(connection.execute("SELECT stream, hash FROM head").fetchall())
    missing, doubled, changed = list[str](), list[str](), list[str]()
    for op_id, asked in [pair for hand in hands for pair in hand.asked.items()]:
        held = cases.get(op_id) if asked.case_id == op_id else notes.get(ids.entity_id(op_id, 0))
        if held is None or not made.get(op_id):
            missing.append(op_id)
        elif made[op_id] > 1:
            doubled.append(op_id)
        elif (held["created_by"], held.get("body", held.get("title"))) != (asked.person, asked.words):
            changed.append(op_id)
    apart = sum(hand.remote.stands()[DESK].hash != heads[DESK] or not hand.store.verify().sound for hand in hands)
    return Tally(sum(len(hand.asked) for hand in hands), missing, doubled, changed, apart)


def serve(dsn: str, port: int, clock: Any = now, folder: Path | None = None) -> None:
    """A backend in this process, whose clock and limits may be bent before."""
    import uvicorn
    from psycopg_pool import ConnectionPool

    from escaltui.server import app
    from escaltui.server.desk import Desk
    from escaltui.server.pokes import Pokes

    pokes = Pokes(lambda: psycopg.connect(dsn, autocommit=True))
    pool: ConnectionPool[Any] = ConnectionPool(dsn, min_size=1, max_size=8, open=True)
    made = app.make(Desk(pool, RULES, pokes.told, clock), pokes, media=folder)
    uvicorn.run(made, port=port, log_level="critical")
