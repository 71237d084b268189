"""Rights end in the middle of a pull or a fill; afterwards nothing of what they opened lies on the device.

`revoking.py [ROUNDS [SEED]]`. Each round a new device, a program of its own, takes a desk in (by pages, or as rows); at
a random instant its person's membership is revoked, or some cases are restricted; some devices are killed around it and
started again. Then every byte of every file in the store's folder, and of what the program said, is searched for the
words of cases, notes and drafts. The last round is a control whose device drops without purging: it must be found.
Exit 1 where words are found, or the control's are not.
"""

from __future__ import annotations

import json
import os
import random
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from postgres_pair import Place, until  # noqa: E402  isort: skip
from crew import DESK, RULES, Hand, answers, free_port, grant, now, serve  # noqa: E402

from escaltui.config_remote import Remote as Settings  # noqa: E402
from escaltui.domain import ids  # noqa: E402
from escaltui.domain.operations import AddNote, OpenCase, SetSensitivity  # noqa: E402
from escaltui.domain.wire import Me  # noqa: E402
from escaltui.server import people, pull, schema, tokens  # noqa: E402
from escaltui.server.pokes import CHANNEL, MEMBER  # noqa: E402
from escaltui.store import Store  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402
from escaltui.store.connected import Connected  # noqa: E402
from escaltui.sync.engine import Engine  # noqa: E402
from escaltui.sync.link import Link  # noqa: E402

CASES, NOTES, RESTRICTED = 300, 3, 4
CANARY = re.compile(rb"kanarie-[0-9a-f]{16}")
TAIL = 10
"""The last letters of a canary that are looked for, too: an index may share what words begin with."""


# --- the device, a program of its own


def work(folder: Path, *, purges: bool = True) -> None:
    """A store's engine, with somebody who looks, and who has a text open on what they see; ends with its input."""
    store_folder.RESERVE_SMALLEST = 64 << 10
    store = Store.open(folder, create=False)
    if not purges:
        _control(store)
    link = Link(store, Settings(token="variable"), RULES, now)
    engine = Engine(link, lambda cases: None)
    engine.start()
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    drafts = 0
    while not ended.wait(0.03):
        seen = store.read(lambda c: c.execute("SELECT id, body FROM cases").fetchall())
        stands = {stream: stand.seq for stream, stand in link.remote.stands().items()}
        if seen and drafts < 30 and DESK in link.remote.connected.me.streams:
            case_id, body = seen[drafts % len(seen)]
            with suppress(Exception):
                store.save_draft(f"note {drafts}", case_id, f"quoting {json.loads(body)['title']}", now())
            drafts += 1
        print(json.dumps([link.pulled, [row[0] for row in seen], stands]), flush=True)
    engine.stop()
    link.close()
    store.close()


def _control(store: Store) -> None:
    from escaltui.store import streams

    streams.hide = lambda connection, gone: None
    store.settle = lambda: None  # type: ignore[method-assign]
    store.write(lambda connection: connection.execute("PRAGMA secure_delete = OFF") and None)


class Device:
    """The program, and what it told last."""

    def __init__(self, folder: Path, url: str, token: str, *more: str) -> None:
        store_folder.RESERVE_SMALLEST = 64 << 10
        store = Store.open(folder)
        store.follow(Connected(url, "global", Me("vic", roles=("specialist",), streams=(DESK,), desks=("global",))))
        store.close()
        self.folder, self._token, self._more = folder, token, more
        self.told: tuple[int | None, set[str], dict[str, int]] = (None, set(), {})
        self.start()

    def start(self) -> None:
        command = [sys.executable, __file__, "work", str(self.folder), *self._more]
        self.said = (self.folder.with_name(self.folder.name + ".said")).open("ab")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said,
            env=os.environ | {"ESCALTUI_TOKEN": self._token},
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        for line in process.stdout:
            with suppress(ValueError):
                pulled, cases, stands = json.loads(line)
                self.told = (pulled, set(cases), stands)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.told = (None, set(), {})

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(60) == 0, "the device did not end well"
        self.said.close()

    def found(self, forbidden: set[bytes], sample: random.Random) -> Counter[str]:
        """Which files hold words that may not be there, how often."""
        tails = [each[-TAIL:] for each in sample.sample(sorted(forbidden), min(60, len(forbidden)))]
        hits: Counter[str] = Counter()
        for place in (*self.folder.rglob("*"), Path(self.said.name)):
            if place.is_file():
                data = place.read_bytes()
                hits[place.name] += len(set(CANARY.findall(data)) & forbidden) + sum(tail in data for tail in tails)
        return +hits


# --- the team


class Ground:
    """A PostgreSQL, two backends over it (one that sends pages, one that sends rows to whoever is behind), a lead."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.place = Place(folder / "pg")
        self.place.make()
        self.place.start()
        schema.upgrade(self.place.dsn)
        self.servers = {}
        for kind, most in (("pages", 10**6), ("rows", 20)):
            self.servers[kind] = self._serving(most)
        token = grant(self.place.dsn, ("ada",))["ada"]
        self.lead = Hand(folder / "ada", self.servers["pages"][0], "ada", token, seed)
        self.canaries: dict[str, set[bytes]] = {}
        self._fill()
        self.open = list(self.canaries)

    def _serving(self, most: int) -> tuple[str, subprocess.Popen[bytes]]:
        port = free_port()
        process = subprocess.Popen([sys.executable, __file__, "serve", self.place.dsn, str(port), str(most)])
        url = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or answers(url), "a backend")
        return (url, process) if process.poll() is None else self._serving(most)  # another took the port meanwhile

    def _fill(self) -> None:
        for _ in range(CASES):
            case_id = ids.operation_id(now(), os.urandom(10))
            words = [f"kanarie-{secrets.token_hex(8)}" for _ in range(NOTES + 2)]
            self.canaries[case_id] = {each.encode() for each in words}
            self._do(OpenCase(opens=case_id, title=f"Order {words[0]}", summary=words[1]), case_id)
            for each in words[2:]:
                self._do(AddNote(case=case_id, body=f"They wrote {each} twice: {each}"))
        until(lambda: self._pushed(), "the desk's beginning")

    def _do(self, op: Any, op_id: str = "") -> None:
        op_id = op_id or ids.operation_id(now(), os.urandom(10))
        done = self.lead.store.do(op, self.lead.remote.who, now(), RULES, op_id=op_id)
        assert type(done).__name__ == "Done", done

    def _pushed(self) -> bool:
        from escaltui.sync.net import NetError

        with suppress(NetError):
            self.lead.link.round()
        return self.lead.quiet()

    def device(self, n: int, kind: str, *more: str) -> Device:
        with psycopg.connect(self.place.dsn) as connection:
            people.grant(connection, "vic", DESK, frozenset({"specialist"}), "system", now())
            token = tokens.make(connection, "vic", frozenset({"push", "pull"}), now())
        return Device(self.folder / f"vic-{n}", self.servers[kind][0], token, *more)

    def revoke(self) -> set[bytes]:
        """End the membership; some of the time nobody is told, as where a notice is lost."""
        with psycopg.connect(self.place.dsn, autocommit=True) as connection:
            people.revoke(connection, "vic", DESK)
            if self.random.random() < 0.85:
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, MEMBER))
        return set().union(*self.canaries.values())

    def restrict(self) -> tuple[set[str], set[bytes]]:
        """Restrict some cases that were everybody's; all that ever were are forbidden."""
        for case_id in self.random.sample(self.open, RESTRICTED):
            self.open.remove(case_id)
            self._do(SetSensitivity(case=case_id, sensitivity="restricted", reason="a person is named in it"))
        until(self._pushed, "the restriction")
        gone = set(self.canaries) - set(self.open)
        return gone, set().union(*(self.canaries[each] for each in gone))

    def head(self) -> int:
        return int(self.place.rows("SELECT seq FROM head WHERE stream = %s", DESK)[0][0])

    def close(self) -> None:
        self.lead.close()
        for _, process in self.servers.values():
            process.kill()
        self.place.end()


class Round:
    """One device, one end of a right."""

    def __init__(self, ground: Ground, n: int, whole: float) -> None:
        self.ground, self.draw = ground, ground.random
        self.kind, self.how = self.draw.choice(("pages", "rows")), self.draw.choice(("revoke", "restrict"))
        self.n, self.delay, self.whole = n, self.draw.uniform(0.0, 1.3 * whole), whole
        self.killed = self.draw.random() < 0.35
        self.amid = False

    def run(self, *more: str) -> Counter[str]:
        device = self.ground.device(self.n, self.kind, *more)
        if more:  # a control has to have something before it goes
            until(lambda: len(device.told[1]) >= len(self.ground.open), "all of the desk")
        until(lambda: device.process.poll() is not None or device.told != (None, set(), {}), "the device's first word")
        time.sleep(self.delay)
        self.amid = 0 < device.told[2].get(DESK, 0) < self.ground.head() or not device.told[2].get(DESK)
        forbidden = self._end_right()
        if self.killed and not more:
            time.sleep(self.draw.uniform(0.0, 0.4))
            device.kill()
            device.start()
        try:
            until(lambda: self._knows(device), f"the end of a right ({self.how}, {self.kind})", 45)
        except AssertionError:
            pulled, cases, stands = device.told
            facts = Store.open(device.folder, create=False).meta("sync")
            print(f"{pulled} {len(cases)} cases {stands} {facts}; it said {Path(device.said.name).read_text()[-900:]}")
            raise
        found = device.found(forbidden, self.draw)
        device.end()
        found += device.found(forbidden, self.draw)
        if found and not more:
            print(f"  it lies in: {lies_in(device.folder / 'store.db', forbidden)}")
        return found

    def _end_right(self) -> set[bytes]:
        if self.how == "revoke":
            return self.ground.revoke()
        self.gone, forbidden = self.ground.restrict()
        return forbidden

    def _knows(self, device: Device) -> bool:
        pulled, cases, stands = device.told
        if self.how == "revoke":
            return pulled is not None and DESK not in stands and not cases
        return stands.get(DESK) == self.ground.head() and not cases & self.gone


def lies_in(path: Path, forbidden: set[bytes]) -> Counter[str]:
    """Which columns of a store hold forbidden words."""
    hits: Counter[str] = Counter()
    with closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            with suppress(sqlite3.Error):
                cursor = connection.execute(f'SELECT * FROM "{table}"')
                for row in cursor:
                    for column, value in zip(cursor.description, row, strict=True):
                        data = value if isinstance(value, bytes) else str(value).encode()
                        hits[f"{table}.{column[0]}"] += any(each in data for each in forbidden)
    return +hits


def whole(ground: Ground) -> float:
    """Seconds that a device takes to have all."""
    began, device = time.monotonic(), ground.device(0, "pages")
    until(lambda: device.told != (None, set(), {}), "the device's first word")
    first = time.monotonic()
    until(lambda: len(device.told[1]) == CASES and device.told[2].get(DESK) == ground.head(), "all of the desk")
    took = time.monotonic() - first
    assert device.found(set().union(*ground.canaries.values()), ground.random), "a desk that is held is not found"
    device.end()
    print(f"a device has {CASES} cases {took:.1f} s after its first word, {time.monotonic() - began:.1f} s in all")
    return took


def main() -> int:
    given = [int(each) for each in sys.argv[1:3]]
    count, seed = (*given, *(24, random.randrange(10**6))[len(given) :])
    print(f"seed {seed}")
    bad: list[str] = []
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="esc-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        ground = Ground(Path(folder), seed)
        try:
            took = whole(ground)
            for n in range(1, count + 1):
                one = Round(ground, n, took)
                found = one.run()
                kinds[f"{one.how}, {one.kind}"] += 1
                kinds["in the middle"] += one.amid
                kinds["killed"] += one.killed
                if found:
                    bad.append(
                        f"round {n}: {one.how}, {one.kind}, killed {one.killed}, after {one.delay:.2f} s: {dict(found)}"
                    )
                    print(bad[-1], flush=True)
            control = Round(ground, count + 1, 0.0)
            control.how = "revoke"
            caught = control.run("control")
        finally:
            ground.close()
    print(f"rounds {count}: {dict(kinds)}; devices with forbidden words {len(bad)}; control found in {dict(caught)}")
    return bool(bad) or not caught


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(Path(sys.argv[2]), purges=len(sys.argv) == 3)
    elif sys.argv[1:2] == ["serve"]:
        pull.BEHIND_MOST = int(sys.argv[4])
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        raise SystemExit(main())
