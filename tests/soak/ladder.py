"""Stores of every schema there was, made by the programs of their time, climb to the newest, killed at each statement.

`ladder.py [SEED]`: small stores (`tests/store/released`) at every point; where the repository's history is here, also
the demo desks of those programs, at 12 random points each; and power cuts while a store climbs. `ladder.py --make`
makes the small stores anew. A point is a statement of any connection, a sync, a rename, a removal: a child is ended
there by SIGKILL, then the store is opened as ever.
"""

from __future__ import annotations

import lzma
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

import power_cut
import power_work

from escaltui.store import Store, derived, driver, folder, migrate, tables
from escaltui.store.errors import StoreError

HERE = Path(__file__).resolve().parent
ROOT, SMALL = HERE.parent.parent, HERE.parent / "store" / "released"
RELEASED = {1: "c7136c9", 2: "791b8aa", 3: "a7c1495", 4: "52e76b4", 5: "1df0c80", 6: "8c871bd"}
"""The last commit of the program that kept each schema."""
Kinds = dict[tuple[str, str], str]
Rows = dict[str, list[tuple[Any, ...]]]


class Held(NamedTuple):
    """What a store's file is: its schema, and the rows of each table; those of a full text by number."""

    kinds: Kinds
    rows: Rows


def held(path: Path) -> Held:
    """All there is in a file, without the tables that a full text is made of."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        kinds = {(kind, name): sql for kind, name, sql in found}
        virtual = [name for _, name, sql in found if sql and sql.startswith("CREATE VIRTUAL")]
        inner = tuple(f"{name}_" for name in virtual)
        names = [name for kind, name, _ in found if kind == "table" and not name.startswith(inner)]
        rows = {name: sorted(connection.execute(_all(name, virtual)), key=repr) for name in names}
    return Held(kinds, rows)


def _all(name: str, virtual: list[str]) -> str:
    return f"SELECT {'rowid, ' if name in virtual and name != 'policy_terms' else ''}* FROM {name}"


def fresh(ground: Path) -> Kinds:
    """The schema of a store that is made now."""
    Store.open(ground / "fresh").close()
    return held(ground / "fresh" / "store.db").kinds


def unpacked(step: int, place: Path) -> Path:
    """A small store of an earlier program, in a new folder."""
    for inner in ("media", "backups"):
        (place / inner).mkdir(parents=True)
    (place / "store.db").write_bytes(lzma.decompress((SMALL / f"schema{step}.db.xz").read_bytes()))
    return place


def made(step: int, ground: Path, *told: str) -> Path:
    """What an earlier program, taken from the history, leaves in a folder. Raises CalledProcessError without one."""
    source, place = ground / f"program{step}", ground / f"made{step}"
    source.mkdir()
    packed = subprocess.run(["git", "archive", RELEASED[step], "escaltui"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x"], input=packed.stdout, cwd=source, check=True)
    (source / "config.toml").write_text('[me]\nname = "kosei"\n')
    own = {"PYTHONPATH": str(source), "ESCALTUI_CONFIG": str(source), "HOME": str(source)}
    demo = ("-m", "escaltui", "--store", str(place), "demo", "--no-open")
    command = [sys.executable, *((*told, str(place)) if told else demo)]
    subprocess.run(command, cwd=source, env=os.environ | own, check=True, stdout=subprocess.DEVNULL)
    return place


# --- what must be so after it climbed


def wrong(place: Path, was: int, before: Held, kinds: Kinds) -> list[str]:
    """What does not hold of a store that was opened now."""
    after = held(place / "store.db")
    found = [
        f"schema: {name}" for name in kinds.keys() | after.kinds.keys() if kinds.get(name) != after.kinds.get(name)
    ]
    found += [
        f"rows of {name}" for name, rows in before.rows.items() if name != "case_fts" and after.rows[name] != rows
    ]
    found += [f"{name} is not empty" for name in after.rows.keys() - before.rows.keys() if after.rows[name]]
    if was < migrate.VERSION:
        copies = [path for path in (place / "backups").glob("store-*.db") if _version(path) == was]
        found += [] if any(held(path) == before for path in copies) else ["no backup from before"]
    with closing(Store.open(place)) as store:
        found += [] if store.verify().sound else ["chain"]
    return found + _unsound(place / "store.db", after.rows["case_fts"])


def _version(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return migrate.version(connection)


def _unsound(path: Path, words: list[tuple[Any, ...]]) -> list[str]:
    """Whether the file holds together; its full text has to be what would be made anew now."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
        connection.execute("BEGIN")
        connection.execute("DELETE FROM case_fts")
        derived.fill(connection)
        if sorted(connection.execute("SELECT rowid, * FROM case_fts"), key=repr) != words:
            found.append("full text")
        connection.execute("ROLLBACK")
    return found


# --- killed on the way


def killed_at(point: int, place: Path) -> bool:
    """Open a store in a child that is ended by SIGKILL at its n-th point; False where it came to its end before."""
    child = os.fork()
    if not child:
        try:
            _dying(point)
            Store.open(place).close()
            os._exit(0)
        finally:
            os._exit(1)  # whatever happens, no second run of what comes after
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        assert os.waitstatus_to_exitcode(status) == 0, "the child failed by itself"
        return False
    return os.WTERMSIG(status) == signal.SIGKILL


def _dying(point: int) -> None:
    left, real = [point], driver._opened

    def step(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def opened(*given: Any, **more: Any) -> driver.Connection:
        connection = real(*given, **more)
        connection.set_trace_callback(step)
        return connection

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **more: Any) -> Any:
            step()
            return call(*given, **more)

        return called

    driver._opened = opened
    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, watched(getattr(os, name)))


def climbs(was: int, start: Path, ground: Path, kinds: Kinds, points: list[int] | None = None) -> Counter[str]:
    """Kill an opening at some points, or at every one there is, each time of a new copy; count what does not hold."""
    before, found, place = held(start / "store.db"), Counter[str](), ground / "climbing"
    for point in points if points is not None else range(1_000_000):
        shutil.copytree(start, place)
        killed = killed_at(point, place)
        Store.open(place).close()
        found.update(["killed" if killed else "whole", *wrong(place, was, before, kinds)])
        shutil.rmtree(place)
        if not killed:
            break
    return found


def count(start: Path, ground: Path) -> int:
    """How many points an opening has, found by halving."""
    low, high = 0, 1 << 20
    while low < high:
        middle = (low + high) // 2
        shutil.copytree(start, ground / "counting")
        low, high = (middle + 1, high) if killed_at(middle, ground / "counting") else (low, middle)
        shutil.rmtree(ground / "counting")
    return low


def _power(ground: Path, was: int, kinds: Kinds) -> Counter[str]:
    place = unpacked(was, ground / f"power{was}")
    before = held(place / "store.db")
    disk = power_cut.record(power_work.climbing, place)
    check = partial(_after_cut, was=was, before=before, kinds=kinds)
    begun = next(at for at, event in enumerate(disk.log) if event.kind == "said")
    at = [each for each in power_cut.points(disk.log, random.Random(1)) if each > begun]
    found = power_cut.judge(disk.log, ground, 5, 1, at, check)
    print(
        f"schema {was}, power: {found.points} points, {found.cuts} cuts: {dict(found.wrong) or 'all held'}", flush=True
    )
    return found.wrong


def _after_cut(place: Path, told: object, was: int, before: Held, kinds: Kinds) -> list[str]:
    try:
        Store.open(place).close()
        return wrong(place, was, before, kinds)
    except (StoreError, sqlite3.Error) as error:
        return [f"corrupt: {error}"]


def _small(seed: int, ground: Path, kinds: Kinds) -> Counter[str]:
    total = Counter[str]()
    for was in sorted(RELEASED):
        began, start = time.monotonic(), unpacked(was, ground / f"small{was}")
        found = climbs(was, start, ground, kinds)
        print(f"schema {was}: {dict(found)}, {time.monotonic() - began:.0f} s", flush=True)
        total += found
        if was < migrate.VERSION:
            total += _power(ground, was, kinds)
    return total


def _demo(seed: int, ground: Path, kinds: Kinds) -> Counter[str]:
    total = Counter[str]()
    for was in range(1, migrate.VERSION):
        began, start = time.monotonic(), made(was, ground)
        every = count(start, ground)
        points = sorted(random.Random(seed).sample(range(every), 12))
        found = climbs(was, start, ground, kinds, [*points, every])
        print(f"schema {was}, demo desk: {every} points, {dict(found)}, {time.monotonic() - began:.0f} s", flush=True)
        total += found
    return total


def make() -> None:
    """The small stores, made anew by the programs of their time."""
    with tempfile.TemporaryDirectory() as ground:
        for step in RELEASED:
            place = made(step, Path(ground), str(HERE / "ladder_old.py"))
            packed = lzma.compress((place / "store.db").read_bytes(), preset=9)
            (SMALL / f"schema{step}.db.xz").write_bytes(packed)


def main() -> int:
    if "--make" in sys.argv:
        make()
        return 0
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    tables.statements(1)  # imported once, before there are children
    folder.RESERVE_SMALLEST = 64 << 10
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").exists() else None) as name:
        ground = Path(name)
        kinds = fresh(ground)
        total = _small(seed, ground, kinds)
        if (ROOT / ".git").exists():
            total += _demo(seed, ground, kinds)
    bad = total.keys() - {"killed", "whole"}
    print(f"{total['killed']} kills: " + (f"FAILED {dict(total)}" if bad else "equal to a fresh schema, nothing lost"))
    return bool(bad)


if __name__ == "__main__":
    raise SystemExit(main())
