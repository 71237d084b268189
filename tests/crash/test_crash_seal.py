"""A program killed while it seals: whatever was sealed, nothing of it is left once the next one has opened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from escaltui.config import Config
from escaltui.domain import ids
from escaltui.domain.media import Attachment
from escaltui.domain.operations import DescribeMedia, NewSubject, OpenCase
from escaltui.store import Done
from escaltui.store import folder as store_folder
from escaltui.workbench import Workbench

SEALER = Path(__file__).with_name("sealer.py")
LONGEST = 0.1
PICTURES = 24
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)


def canary(n: int) -> bytes:
    return f"canary-picture-{n:04}-".encode() * 50


def opened(place: Path) -> Workbench:
    return Workbench.open(place / "store", config=Config(place / "settings"))


def filled(place: Path) -> None:
    """A store with cases of two described pictures each, and a backup."""
    with opened(place) as bench:
        for n in range(0, PICTURES, 2):
            held = tuple(
                Attachment(f"{each}.png", "image/png", 9, bench.store.keep_original(canary(each)))
                for each in (n, n + 1)
            )
            op_id = bench.operation_id()
            case = ids.entity_id(op_id, 0)
            op = OpenCase(opens=case, title=f"Case {n}", subjects=(NewSubject(item_id=f"p{n}", media=held),))
            assert isinstance(bench.do(op, op_id=op_id), Done)
            for face in bench.media(case):
                said = DescribeMedia(case=case, holder=face.holder, at=face.at, text=f"words-on-{n + face.at:04}-")
                assert isinstance(bench.do(said), Done)
        bench.store.backup()


def run(place: Path, *more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "ESCALTUI_CONFIG": str(place / "settings")}
    command = [sys.executable, str(SEALER), str(place / "store"), *more]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL, "it ended before it was killed"


def left(place: Path) -> set[int]:
    """The pictures of which bytes or words lie anywhere under the store."""
    content = b"".join(path.read_bytes() for path in (place / "store").rglob("*") if path.is_file())
    return {n for n in range(PICTURES) if canary(n)[:20] in content or f"words-on-{n:04}-".encode() in content}


def sealed(bench: Workbench) -> set[int]:
    faces = [face for row in bench.page("is:open", limit=100) for face in bench.media(row.id)]
    titles = {row.id: int(row.title.value.split()[1]) for row in bench.page("is:open", limit=100)}
    return {titles[face.case_id] + face.at for face in faces if face.sealed}


def test_killed_between_the_seal_and_its_purge(tmp_path: Path) -> None:
    filled(tmp_path)
    child = run(tmp_path, "stop")
    assert child.stdout is not None
    assert [child.stdout.readline().split()[0] for _line in range(2)] == ["seal", "stopped"]
    killed(child)
    assert left(tmp_path) == set(range(PICTURES)), "the control: it was killed before anything went"
    with opened(tmp_path) as bench:
        (one,) = sealed(bench)
        assert not any(canary(one)[:20] in path.read_bytes() for path in (tmp_path / "store" / "media").iterdir())
        bench.tick()
        assert bench.store.verify().sound
    assert left(tmp_path) == set(range(PICTURES)) - {one}


def test_killed_at_any_moment(tmp_path: Path, rounds: int) -> None:
    seed = int(os.environ.get("ESCALTUI_SEED", str(random.SystemRandom().randrange(10**6))))
    print(f"seed {seed}")
    moments, done = random.Random(seed), set[int]()
    filled(tmp_path)
    for _round in range(rounds):
        child = run(tmp_path)
        assert child.stdout is not None
        if not child.stdout.readline():  # nothing is left to seal
            child.communicate()
            break
        timer = threading.Timer(moments.uniform(0, LONGEST), child.kill)
        timer.start()
        child.communicate()
        timer.cancel()
        with opened(tmp_path) as bench:
            bench.tick()
            now = sealed(bench)
            assert done <= now, "a seal is not lost"
            assert bench.store.verify().sound
            done = now
        assert left(tmp_path) == set(range(PICTURES)) - done
    print(f"{len(done)} of {PICTURES} sealed in {_round + 1} rounds, nothing of them left")
    assert done
