"""The disk gets full under load: the backend's PostgreSQL on a small file system of its own, then a workbench's store.

`full_disk.py [ROUNDS [SEED [KIND]]]`, KIND one of `table` (a table cannot grow), `wal` (PostgreSQL's log cannot grow:
it stops at once), `store` (a workbench's disk). The small disk is a tmpfs, which needs root. What people were told is
saved is on the server once when there is room again, and nobody had to do anything for it. Exit 1 where that does not
hold.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from postgres_pair import until  # noqa: E402  isort: skip
from crew import Backend, Hand, Tally, grant, reckon, settled  # noqa: E402

from escaltui.server import database  # noqa: E402

PEOPLE = ("ada", "bo", "cy")
KINDS = ("table", "wal", "store")
SERVER_MIB, STORE_MIB = 200, 80
"""The second holds the log of a store at its largest (32 MiB), the store, and a reserve as large as that."""
FULL = "Not saved: the disk is full. Free some space, then save again."


class Seen(NamedTuple):
    """The figures of one round. Seconds, and numbers."""

    kind: str
    codes: Counter[str]
    unsaved: int
    restarts: int
    healed: float
    told: bool


@contextmanager
def disk(place: Path, mib: int) -> Iterator[Path]:
    """A real file system that is this large."""
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", place], capture_output=True)
    if made.returncode:
        raise SystemExit(f"No disk can be mounted here: {made.stderr.decode().strip()}. Run it as root, on Linux.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


class Ballast(threading.Thread):
    """Keeps a disk full until it is let go: what is freed is taken at once."""

    def __init__(self, place: Path) -> None:
        super().__init__(daemon=True)
        self._file, self._stop_it = place / "ballast", threading.Event()
        self.start()

    def run(self) -> None:
        with self._file.open("wb", buffering=0) as file:
            while not self._stop_it.is_set():
                try:
                    file.write(bytes(65536))
                except OSError:
                    with suppress(OSError):
                        file.write(bytes(4096))
                    self._stop_it.wait(0.02)

    def let_go(self) -> None:
        self._stop_it.set()
        self.join()
        self._file.unlink()


class Ground:
    """A backend with its private PostgreSQL on a small disk, and people at work, one of them on a small disk, too."""

    def __init__(self, folder: Path, seed: int, disks: tuple[Path, Path]) -> None:
        self.random, (self.disk, self.own_disk) = random.Random(seed), disks
        self.backend = Backend(self.disk / "served")
        self.backend.log = folder / "served.log"
        self.backend.start()
        self.dsn = database.running(self.backend.folder)
        held = grant(self.dsn, PEOPLE)
        places = {person: (self.own_disk if person == "ada" else folder) / person for person in PEOPLE}
        self.hands = [
            Hand(places[person], self.backend.url, person, held[person], seed + n) for n, person in enumerate(PEOPLE)
        ]

    def round(self, kind: str) -> Seen:
        """Work, on a full disk too; then there is room again."""
        before = sum((hand.tap.codes for hand in self.hands), Counter[str]())
        unsaved, restarts = self._unsaved(), self._restarts()
        for hand in self.hands:
            hand.said.clear()
            hand.resume()
        self._work(0.5, 1.5)
        if kind == "store":
            self._full_store()
        else:
            self._full_server(kind == "wal", before)
        self._work(0.5, 1.5)
        for hand in self.hands:
            hand.pause()
        healed = settled(self.hands, 120)
        assert _size(self.hands[0].store.folder / "reserve"), f"the reserve was not made again: {_room(self.own_disk)}"
        codes = sum((hand.tap.codes for hand in self.hands), Counter[str]()) - before
        told = any("disk is full" in each for hand in self.hands for each in hand.said)
        return Seen(kind, codes, self._unsaved() - unsaved, self._restarts() - restarts, healed, told)

    def _work(self, least: float, most: float) -> None:
        time.sleep(self.random.uniform(least, most))
        for hand in self.hands:
            if hand.broke:
                raise hand.broke[0]

    def _full_server(self, log_too: bool, before: Counter[str]) -> None:
        ballast = Ballast(self.disk)
        try:
            if log_too:
                until(self._log_stopped, "PostgreSQL's end on a full disk")
            until(lambda: sum(self._refused().values()) > sum(_of(before).values()) + 3, "a refusal for want of room")
            self._work(2.0, 5.0)
        finally:
            ballast.let_go()

    def _log_stopped(self) -> bool:
        """Have PostgreSQL begin another file of its log, for which there is no room; whether it is gone by that."""
        try:
            with psycopg.connect(self.dsn, autocommit=True, connect_timeout=2) as connection:
                connection.execute("SELECT pg_switch_wal()")
                connection.execute("CREATE TABLE IF NOT EXISTS pad (n int); INSERT INTO pad VALUES (1)")
        except psycopg.errors.DiskFull:
            return False
        except psycopg.OperationalError:
            return True
        return False

    def _refused(self) -> Counter[str]:
        return _of(sum((hand.tap.codes for hand in self.hands), Counter[str]()))

    def _full_store(self) -> None:
        ada, ballast = self.hands[0], Ballast(self.own_disk)
        try:
            until(lambda: sum(ada.sentences.values()) > 5, "a note that is not saved for want of room")
            self._work(2.0, 4.0)
            assert set(ada.sentences) == {FULL}, f"other words: {ada.sentences}"
            assert not _size(ada.store.folder / "reserve"), "the reserve was not given up"
        finally:
            ballast.let_go()

    def _unsaved(self) -> int:
        return sum(sum(hand.sentences.values()) for hand in self.hands)

    def _restarts(self) -> int:
        return self.backend.log.read_text().count("it was started again")

    def close(self) -> None:
        for hand in self.hands:
            hand.close()
        self.backend.stop()


def _size(place: Path) -> int:
    return place.stat().st_size if place.exists() else 0


def _of(codes: Counter[str]) -> Counter[str]:
    return Counter({code: n for code, n in codes.items() if code.startswith(("5", "unreached"))})


def rounds(folder: Path, kinds: list[str], seed: int) -> tuple[list[Seen], Tally, int]:
    with disk(folder / "small", SERVER_MIB) as first, disk(folder / "own", STORE_MIB) as second:
        ground = Ground(folder, seed, (first, second))
        try:
            for hand in ground.hands:
                hand.engine.start()
            seen = []
            for kind in kinds:
                seen.append(ground.round(kind))
                one = seen[-1]
                print(f"{kind}: answers {dict(one.codes)}, not saved and said so {one.unsaved}, PostgreSQL started "
                      f"again {one.restarts}, people told {one.told}, all alike {one.healed:.1f} s after the last word",
                      flush=True)  # fmt: skip
            return seen, reckon(ground.dsn, ground.hands), sum(hand.aside() for hand in ground.hands)
        except BaseException:
            print(ground.backend.log.read_text()[-1500:])
            raise
        finally:
            ground.close()


def wrong(seen: list[Seen], tally: Tally, aside: int) -> list[str]:
    found = [f"{name} {ids[:3]}" for name, ids in tally._asdict().items() if isinstance(ids, list) and ids]
    found += [f"{tally.apart} copies differ from the server's log"] if tally.apart else []
    found += [f"{aside} set aside"] if aside else []
    broke = sum((each.codes for each in seen), Counter[str]())
    found += [f"answered {code}" for code in broke if code.startswith(("500", "507", "4"))]
    return found + [f"nobody was told: {each.kind}" for each in seen if each.kind == "table" and not each.told]


def _room(disk: Path) -> str:
    """What lies on a small disk, in KiB."""
    lie = {str(path.relative_to(disk)): path.stat().st_size >> 10 for path in disk.rglob("*") if path.is_file()}
    return f"{shutil.disk_usage(disk).free >> 10} KiB are free beside {lie}"


def main() -> int:
    given = sys.argv[1:]
    count, seed = int(given[0]) if given else 6, int(given[1]) if len(given) > 1 else random.randrange(10**6)
    names = [given[2]] if len(given) > 2 else list(KINDS)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="esc-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        seen, tally, aside = rounds(Path(place), [names[n % len(names)] for n in range(count)], seed)
    print(f"rounds {count}; authored {tally.authored}; missing {len(tally.missing)}, doubled {len(tally.doubled)}, "
          f"changed {len(tally.changed)}, set aside {aside}; "
          f"PostgreSQL started again {sum(each.restarts for each in seen)}")  # fmt: skip
    found = wrong(seen, tally, aside)
    print("\n".join(found) or "holds")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
