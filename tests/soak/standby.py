"""A standby is promoted without its last commits, or an old backup is restored, while people work.

`standby.py [ROUNDS [SEED [KIND]]]`, KIND one of `cut` (an asynchronous standby whose tail is cut off), `sync` (a
synchronous one), `dump` (pg_dump and pg_restore), `copy` (a copy of the data folder), `control` (as `cut`, by clients
that send nothing again: it must lose something). The backend is `escaltui serve`, clients are real stores with their
engines over HTTP. Exit 1 where an operation that somebody was told is saved is missing on the server at the end, is
there twice, or has other words.
"""

from __future__ import annotations

import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from postgres_pair import Place, until  # noqa: E402  isort: skip
from crew import Backend, Hand, Tally, grant, reckon, settled  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from escaltui.server import cluster, folders, schema  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402
from escaltui.store.remote import Remote  # noqa: E402

PEOPLE = ("ada", "bo", "cy")
KINDS = ("cut", "sync", "dump", "copy", "control")


class Seen(NamedTuple):
    """The figures of one round. Seconds, and numbers of operations."""

    kind: str
    tail: int
    again: int
    outages: tuple[float, ...]
    healed: float


class Ground:
    """Two places for PostgreSQL, a backend over whichever is the primary, and people at work."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, random.Random(seed)
        self.primary, self.other = Place(folder / "a"), Place(folder / "b")
        self.primary.make()
        self.primary.start()
        schema.upgrade(self.primary.dsn)
        hosts = f"{self.primary.run_folder},{self.other.run_folder}"
        both = make_conninfo(
            host=hosts, port=f"{folders.PORT},{folders.PORT}", dbname=cluster.DATABASE, user=cluster.OWNER,
            target_session_attrs="read-write", connect_timeout=5,
        )  # fmt: skip
        self.backend = Backend(folder / "served", "--db", both)
        self.backend.start()
        held = grant(self.primary.dsn, PEOPLE)
        self.hands = [
            Hand(folder / person, self.backend.url, person, held[person], seed + n) for n, person in enumerate(PEOPLE)
        ]

    def round(self, kind: str) -> Seen:
        """Work, lose the tail of it, go on, and let everybody find out."""
        before = {hand.person: set(hand.tap.again) for hand in self.hands}
        for hand in self.hands:
            hand.resume()
        self._work(0.5, 1.5)
        lose = {"sync": self._fail_over, "dump": self._restore_dump, "copy": self._restore_copy}.get(
            kind, self._fail_over
        )
        at, tail = lose(kind == "sync")
        self._work(2.0, 4.0)
        for hand in self.hands:
            hand.pause()
        healed = settled(self.hands)
        again = sum(len(hand.tap.again - before[hand.person]) for hand in self.hands)
        return Seen(kind, len(tail), again, tuple(hand.tap.gap(at) for hand in self.hands), healed)

    def _work(self, least: float, most: float) -> None:
        time.sleep(self.random.uniform(least, most))
        for hand in self.hands:
            if hand.broke:
                raise hand.broke[0]

    def _acked(self, since: float = 0.0) -> set[str]:
        return {op_id for hand in self.hands for op_id, at in tuple(hand.tap.acked.items()) if at >= since}

    def _lost(self, acked: set[str], place: Place) -> set[str]:
        return acked - {row[0] for row in place.rows("SELECT op_id FROM ledger")}

    def _fail_over(self, synchronous: bool) -> tuple[float, set[str]]:
        old, new = self.primary, self.other
        new.follow(old)
        new.start()
        if synchronous:
            until(lambda: old.rows("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"), "the stream")
            old.set("synchronous_standby_names", "*")
            self._work(1.5, 3.0)
        else:
            self._work(0.3, 2.0)
            new.cut_off()
            self._work(0.3, 2.5)
        old.end(signal.SIGQUIT)
        at = time.monotonic()
        acked = self._acked()
        time.sleep(self.random.uniform(0.0, 2.0))  # until somebody, or something, decides
        if synchronous:
            until(lambda: not new.rows("SELECT 1 FROM pg_stat_wal_receiver"), "the end of the standby's receiver")
            until(lambda: self._replayed(new), "the replay")
        tail = self._lost(acked, new)
        new.promote()
        self.primary, self.other = new, old
        return at, tail

    def _replayed(self, place: Place) -> bool:
        """Whether a standby has taken in what it received; the last record may have come in part."""
        sql = "SELECT pg_last_wal_replay_lsn()::text"
        before = place.rows(sql)
        time.sleep(0.5)
        return place.rows(sql) == before

    def _restore_dump(self, _: bool) -> tuple[float, set[str]]:
        """As docs/operations.md tells it: the processes stop, the dump goes in as one transaction, they start."""
        dump = self.folder / "a" / "escaltui.dump"
        place = self.primary
        self._work(0.3, 1.0)
        place.tool("pg_dump", "--format=custom", f"--file={dump}", place.dsn)
        self._work(0.5, 2.5)
        self.backend.stop()
        at = time.monotonic()
        acked = self._acked()
        place.tool("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={place.dsn}", dump)
        tail = self._lost(acked, place)
        self.backend.start()
        return at, tail

    def _restore_copy(self, _: bool) -> tuple[float, set[str]]:
        """A base backup takes the place of the data that are lost."""
        old, new = self.primary, self.other
        self._work(0.3, 1.0)
        new.follow(old, streaming=False)
        self._work(0.5, 2.5)
        old.end(signal.SIGQUIT)
        at = time.monotonic()
        shutil.rmtree(old.data)
        acked = self._acked()
        new.start()
        self.primary, self.other = new, old
        return at, self._lost(acked, new)

    def close(self) -> None:
        for hand in self.hands:
            hand.close()
        self.backend.stop()
        for place in (self.primary, self.other):
            place.end()


def rounds(folder: Path, kinds: list[str], seed: int) -> tuple[list[Seen], Tally, int]:
    """Some rounds of the same people; their figures, the reckoning at the end, and what was set aside."""
    ground = Ground(folder, seed)
    try:
        for hand in ground.hands:
            hand.engine.start()
        seen = []
        for kind in kinds:
            seen.append(ground.round(kind))
            say(seen[-1])
        return seen, reckon(ground.primary.dsn, ground.hands), sum(hand.aside() for hand in ground.hands)
    finally:
        ground.close()


def say(seen: Seen) -> None:
    outages = ", ".join(f"{each:.1f}" for each in seen.outages)
    print(f"{seen.kind}: lost tail {seen.tail}, sent again {seen.again}, outage {outages} s, "
          f"all alike {seen.healed:.1f} s after the last word", flush=True)  # fmt: skip


def wrong(kinds: list[str], seen: list[Seen], tally: Tally, aside: int) -> list[str]:
    """What does not hold."""
    found = [f"{name} {ids[:3]}" for name, ids in tally._asdict().items() if isinstance(ids, list) and ids]
    found += [f"{tally.apart} copies differ from the server's log"] if tally.apart else []
    found += [f"{aside} set aside"] if aside else []
    found += [
        f"a synchronous standby lost {each.tail}" for each in seen if each.kind == "sync" and each.tail + each.again
    ]
    losing = [each for each in seen if each.kind in ("cut", "dump", "copy")]
    found += ["no round lost anything: nothing was shown"] if losing and not any(each.tail for each in losing) else []
    return found


def main() -> int:
    given = sys.argv[1:]
    count, seed = int(given[0]) if given else 8, int(given[1]) if len(given) > 1 else random.randrange(10**6)
    cycle = [given[2]] if len(given) > 2 else list(KINDS[:4])
    kinds = [cycle[n % len(cycle)] for n in range(count)]
    print(f"seed {seed}")
    store_folder.RESERVE_SMALLEST = 64 << 10
    if "control" in kinds:
        Remote.settled = lambda *_: []  # type: ignore[method-assign,assignment]
        Remote.await_cases = lambda *_: None  # type: ignore[method-assign,assignment]
        Remote._await = lambda *_: None  # type: ignore[method-assign,assignment]
    with tempfile.TemporaryDirectory(prefix="esc-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        seen, tally, aside = rounds(Path(folder), kinds, seed)
    outages = sorted(each for one in seen for each in one.outages)
    print(f"rounds {count}; authored {tally.authored}; in lost tails {sum(each.tail for each in seen)}; "
          f"sent again {sum(each.again for each in seen)}; outage p50 {statistics.median(outages):.1f} s, worst "
          f"{outages[-1]:.1f} s; missing {len(tally.missing)}, doubled {len(tally.doubled)}, changed "
          f"{len(tally.changed)}, set aside {aside}")  # fmt: skip
    if "control" in kinds:
        print("control: found" if tally.missing else "control: NOT found")
        return not tally.missing
    found = wrong(kinds, seen, tally, aside)
    print("\n".join(found) or "holds")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
