"""A power cut at some points of some work: what was acknowledged is there, whole. `tests/soak/power_cut.py` does it at
every one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "soak"))

import power_cut
import power_work
from power_disk import SECTOR, Cut, Disk, Event

from escaltui.store import Store, purge

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Open files are named by /proc.")
Judge = Callable[..., power_cut.Found]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Do some work and look at a number of cuts in it, `between` two things that were said."""

    def judge(work: power_cut.Work, count: int, between: tuple[str, str] = ("", "")) -> power_cut.Found:
        log = power_cut.record(work, tmp_path / "desk").log
        said = {event.told[0]: at for at, event in enumerate(log) if event.told}
        first, last = said.get(between[0], 0), said.get(between[1], len(log))
        near = [at for at in power_cut.points(log, Random(1), 0) if first < at <= last]
        return power_cut.judge(log, tmp_path, 1, 1, near[:: max(1, len(near) // count)])

    return judge


def test_no_acknowledged_work_is_lost(judged: Judge) -> None:
    found = judged(partial(power_work.alone, notes=8), 16)
    assert found.wrong == {}
    assert found.acknowledged > 15
    assert found.cuts > found.points >= 16


def test_with_a_server_only_whole_pages_are_lost(judged: Judge) -> None:
    """They do not wait for the disk, and the server gives them again; nothing that was typed here is among them."""
    assert judged(partial(power_work.following, pages=4), 20).wrong.keys() <= {"page"}


@pytest.mark.parametrize(
    ("broken", "kind"), [(power_cut.normal_for_ops, "lost"), (power_cut.off, "corrupt")], ids=["normal", "off"]
)
def test_control_a_store_that_does_not_wait_for_the_disk_loses(
    judged: Judge, broken: Callable[[], AbstractContextManager[None]], kind: str
) -> None:
    with broken():
        found = judged(partial(power_work.alone, notes=6), 12)
    assert found.wrong[kind]


def test_no_backup_comes_back_with_words_that_were_purged(judged: Judge) -> None:
    """Once the store says that the copies are renewed, the old ones' names are gone for good."""
    assert judged(partial(power_work.alone, notes=14), 20, ("purged", "renewed")).wrong == {}


def test_control_a_backup_comes_back_where_its_removal_was_not_synced(judged: Judge) -> None:
    with patch.object(purge, "sync", lambda _: None):
        found = judged(partial(power_work.alone, notes=14), 20, ("purged", "renewed"))
    assert found.wrong.keys() == {"outlives"}


def test_the_name_of_a_new_store_is_synced_in_each_new_folder_above_it(tmp_path: Path) -> None:
    synced = list[str]()
    real = os.fsync

    def spy(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    with patch("os.fsync", spy):
        Store.open(tmp_path / "new" / "newer" / "desk").close()
    assert {str(tmp_path), str(tmp_path / "new"), str(tmp_path / "new" / "newer")} <= set(synced)


# --- the disk itself


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    return Disk(tmp_path)


def after(disk: Disk) -> Cut:
    cut = Cut()
    for event in disk.log:
        cut.take(event)
    return cut


def test_what_was_synced_stays_and_what_was_not_may_go(disk: Disk, tmp_path: Path) -> None:
    file = disk.file(str(tmp_path / "a"))
    disk.log += [Event("write", file, 0, b"sure"), Event("sync", file), Event("write", file, 4, b" and not")]
    cut = after(disk)
    assert cut.left(Random(1), 0) == {}, "its name is in no synced folder"
    disk.folder(str(tmp_path))
    cut = after(disk)
    assert cut.left(Random(1), 0) == {"a": b"sure"}
    assert cut.left(Random(1), 1) == {"a": b"sure and not"}


def test_a_write_may_be_torn_at_its_sectors_only(disk: Disk, tmp_path: Path) -> None:
    disk.rewritten(str(_file(tmp_path, bytes(8 * SECTOR))))
    disk.folder(str(tmp_path))
    disk.log.append(Event("write", disk.file(str(tmp_path / "a")), 0, b"x" * 8 * SECTOR))
    cut = after(disk)
    found = {cut.left(Random(seed))["a"] for seed in range(200)}
    assert len(found) > 20
    for each in found:
        assert all(len(set(each[at : at + SECTOR])) == 1 for at in range(0, 8 * SECTOR, SECTOR))


def test_a_name_that_was_replaced_is_the_old_file_or_the_new(disk: Disk, tmp_path: Path) -> None:
    for name in ("a", "b"):
        disk.rewritten(str(_file(tmp_path, name.encode(), name)))
    disk.folder(str(tmp_path))
    disk.moved(str(tmp_path / "b"), str(tmp_path / "a"))
    cut = after(disk)
    found = [cut.left(Random(seed)) for seed in range(20)]
    assert {"a": b"b"} in found
    assert {"a": b"a", "b": b"b"} in found


def _file(folder: Path, content: bytes, name: str = "a") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
