"""Who works in `writers.py`, each in a process of their own: writers, polling readers, a control, claimers."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import psycopg

from escaltui.domain import ids
from escaltui.domain.operations import AddNote, OpenCase, Operation, SetSensitivity
from escaltui.domain.wire import Claiming, Pull, Push, Result, Sent, Stand
from escaltui.sync.net import NetError, Refusing, Server

DESK = "desk:global"
A_SECOND = 45
"""Requests of one person: a backend lets everybody ask 50 times a second."""
PAUSE = 0.002
"""Seconds between two looks of a reader that asks the database itself."""
MOVES_EVERY = 20
"""Pushes after which a case moves to a stream of its own: such a push holds two counters."""
WRITERS = 16
SERIAL = "CREATE TABLE IF NOT EXISTS serial_control (seq bigserial PRIMARY KEY, body text NOT NULL)"


def new_id() -> str:
    """An id for an operation."""
    return ids.operation_id(time.time_ns() // 1_000_000, os.urandom(10))


def sent(op: Operation) -> Sent:
    """An operation as it travels."""
    return Sent(new_id(), msgspec.Raw(msgspec.json.encode(op)), time.time_ns() // 1_000_000)


class Paced:
    """Asks a server no faster than one person may. Whoever is told to wait, waits, and that is counted."""

    def __init__(self, url: str, token: str) -> None:
        self.server, self._next, self.waited = Server(url, token, f"soak-{os.getpid()}"), 0.0, 0
        self.took: list[float] = []
        """Milliseconds of each request that was answered."""

    def ask(self, work: Callable[[], Any]) -> Any:
        """What a request gives; None where the server asks to wait, or nobody answers."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        began = time.monotonic()
        self._next = began + 1 / A_SECOND
        try:
            found = work()
        except NetError as error:
            self.waited += 1
            time.sleep(error.retry_after or 0.05 if isinstance(error, Refusing) else 0.05)
            return None
        self.took.append((time.monotonic() - began) * 1000)
        return found


class Part:
    """One of those at work, by its `kind`."""

    def __init__(self, kind: str, **given: Any) -> None:
        self._part = {"writer": Writer, "reader": Reader, "looker": Looker, "control": Control}[kind](**given)

    def run(self, seconds: float) -> None:
        """Work for so long."""
        self._part.run(time.monotonic() + seconds)

    def told(self) -> Any:
        """What it did or saw; a reader reads to the end before."""
        return self._part.told()


class Writer:
    """Pushes into one stream mostly, and into several others; sometimes a case moves between two."""

    def __init__(self, url: str, token: str, cases: list[str], hidden: list[str], seed: int) -> None:
        self._paced, self._draw = Paced(url, token), random.Random(seed)
        self._cases, self._hidden = cases, hidden
        self._numbers: list[tuple[str, int, int]] = []
        self._pushes = 0

    def run(self, end: float) -> None:
        while time.monotonic() < end:
            self._pushes += 1
            if self._pushes % MOVES_EVERY == 0:
                opened = sent(OpenCase(opens=new_id(), title="To be hidden"))
                case_id = msgspec.json.decode(opened.op)["opens"]
                hides = sent(SetSensitivity(case=case_id, sensitivity="restricted", reason="because"))
                self._push(DESK, opened, hides)
            elif self._draw.random() < 0.75:
                self._push(DESK, *self._notes(self._cases))
            else:
                case_id = self._draw.choice(self._hidden)
                self._push(f"case:{case_id}", *self._notes([case_id]))

    def _notes(self, cases: list[str]) -> Iterator[Sent]:
        for _ in range(self._draw.randint(1, 6)):
            yield sent(AddNote(case=self._draw.choice(cases), body="word " * self._draw.randint(1, 40)))

    def _push(self, stream: str, *ops: Sent) -> None:
        results: tuple[Result, ...] = self._paced.ask(lambda: self._paced.server.push(stream, Push(Stand(), ops))) or ()
        for each in results:
            if each.status != "applied":
                raise RuntimeError(f"{each.status}: {each.refused or each.code}")
            self._numbers += [(name, first, last) for name, (first, last) in each.seqs.items()]

    def told(self) -> Any:
        return {"numbers": self._numbers, "waited": self._paced.waited, "took": self._paced.took}


class Reader:
    """Pulls over HTTP after where it stands, page by page, as a workbench does."""

    def __init__(self, url: str, token: str, streams: list[str]) -> None:
        self._paced = Paced(url, token)
        self._stands = {stream: Stand() for stream in streams}
        self._seen: dict[str, list[int]] = {stream: [] for stream in streams}
        self._lost: list[str] = []

    def run(self, end: float) -> None:
        while time.monotonic() < end:
            self._pull()

    def _pull(self) -> int | None:
        """How much came; None where there was no answer."""
        pages = self._paced.ask(lambda: self._paced.server.pull(Pull(dict(self._stands))))
        for page in pages or ():
            if page.gone or page.forked or page.refill:
                self._lost.append(f"{page.stream}: gone {page.gone}, forked {page.forked}, refill {page.refill}")
            for change in page.changes:
                self._seen[page.stream].append(change.seq)
                self._stands[page.stream] = Stand(change.seq, change.hash)
        return None if pages is None else sum(len(page.changes) for page in pages)

    def told(self) -> Any:
        while self._pull() != 0:
            pass
        return {"seen": self._seen, "lost": self._lost, "asked": len(self._paced.took)}


class Looker:
    """Asks the database itself for whatever has a higher number than it saw, without a pause: the hardest reader."""

    def __init__(self, dsn: str, table: str, streams: list[str]) -> None:
        self._connection, self._asked = psycopg.connect(dsn, autocommit=True), 0
        where = "stream = %s AND" if table == "change" else "%s <> '' AND"
        self._sql = f"SELECT seq FROM {table} WHERE {where} seq > %s ORDER BY seq LIMIT 1000"
        self._seen: dict[str, list[int]] = {stream: [] for stream in streams}

    def run(self, end: float) -> None:
        while time.monotonic() < end:
            self._look()
            time.sleep(PAUSE)

    def _look(self) -> int:
        found, self._asked = 0, self._asked + 1
        for stream, seen in self._seen.items():
            rows = self._connection.execute(self._sql.encode(), (stream, seen[-1] if seen else 0)).fetchall()
            seen += [row[0] for row in rows]
            found += len(rows)
        return found

    def told(self) -> Any:
        while self._look():
            pass
        return {"seen": self._seen, "lost": [], "asked": self._asked}


class Control:
    """The same number of writers, a serial column as the number: an insert, one more statement, the commit."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    def run(self, end: float) -> None:
        threads = [threading.Thread(target=self._write, args=(end,)) for _ in range(WRITERS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    def _write(self, end: float) -> None:
        with psycopg.connect(self._dsn) as connection:
            while time.monotonic() < end:
                connection.execute("INSERT INTO serial_control (body) VALUES (%s)", ("word " * random.randint(1, 40),))
                connection.execute("SELECT count(*) FROM head")
                connection.commit()
                time.sleep(random.uniform(0.0, 0.05))

    def told(self) -> Any:
        return {}


class Claimer:
    """Reaches for cases until a list is through: by name, or for the first free one of the top of the list."""

    def __init__(self, url: str, token: str, person: str) -> None:
        self._paced, self._person = Paced(url, token), person
        self._paced.ask(self._paced.server.about)  # as at a workbench: there is a connection

    def claim(self, lists: dict[str, list[str]], top: int) -> Any:
        """`top`: how many are named at once. Which were given (with their fence), and how many others had."""
        left, given, gone = lists[self._person], dict[str, int](), 0
        self._paced.took.clear()
        while left:
            asked = Claiming(new_id(), tuple(left[:top]))
            found = None
            while found is None:  # the same id again: whoever did not hear the answer asks for the same
                found = self._paced.ask(lambda asked=asked: self._paced.server.claim(DESK, asked))  # type: ignore[misc]
            if found.case:
                given[found.case] = found.fence
                left = left[left.index(found.case) + 1 :]
            else:
                gone, left = gone + 1, left[top:]
        return {"given": given, "gone": gone, "took": self._paced.took, "waited": self._paced.waited}
