"""A disk without room, a folder without the right to write: said in words, nothing lost, and on again once mended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from escaltui.store import DiskFull, Store, StoreReadOnly, folder

MIB = 1 << 20


def bodies(store: Store, case_id: str) -> list[str]:
    return [note.body for note in store.bundle(case_id).notes]


def fill(desk) -> None:
    """Let the file grow no more, as on a full disk."""
    connection = desk.store._engine._writer_connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_takes_what_the_reserve_can_hold(desk, monkeypatch):
    case_id = desk.open()
    fill(desk)
    freed = folder.Reserve.free

    def free(self):
        desk.store._engine._writer_connection().execute("PRAGMA max_page_count = 1000000")
        return freed(self)

    monkeypatch.setattr(folder.Reserve, "free", free)
    assert (desk.store.folder / "reserve").stat().st_size >= folder.RESERVE_SMALLEST
    desk.note(case_id, "word " * 5000)
    assert bodies(desk.store, case_id) == ["word " * 5000]
    assert not (desk.store.folder / "reserve").exists()
    desk.note(case_id, "and on")
    assert (desk.store.folder / "reserve").exists()


def test_a_disk_that_stays_full_is_said_and_nothing_half_is_kept(desk):
    case_id = desk.open()
    fill(desk)
    with pytest.raises(DiskFull, match=r"Not saved: the disk is full\. Free some space"):
        desk.note(case_id, "word " * 5000)
    assert bodies(desk.store, case_id) == []
    assert desk.store.verify().sound
    desk.store._engine._writer_connection().execute("PRAGMA max_page_count = 1000000")
    desk.note(case_id, "now")
    assert bodies(desk.store, case_id) == ["now"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreReadOnly, match="give another with --store"):
        Store.open(tmp_path / "file" / "store")


def read_only(place: Path) -> None:
    for path in place.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    place.chmod(0o555)


@pytest.mark.parametrize("clean", [True, False])
def test_a_read_only_store_can_be_read_and_refuses_to_write(desk, as_nobody_after, clean):
    case_id = desk.open()
    desk.note(case_id, "readable")
    if clean:
        desk.store.close()
    read_only(desk.store.folder)
    with as_nobody_after():
        store = Store.open(desk.store.folder)
        assert store.read_only
        assert bodies(store, case_id) == ["readable"]
        assert store.due(10**15, desk.rules, desk.who) == frozenset()
        with pytest.raises(StoreReadOnly, match=r"Not saved.*--store FOLDER"):
            store.save_draft("k", case_id, "text", 1)
        with pytest.raises(StoreReadOnly):
            store.keep_original(b"x")
        store.close()


# --- a disk of its own


def mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real file system of 40 MiB, with the reserve as large as for people."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not os.path.exists("/proc/mounts"):
        pytest.skip("mounting a disk needs Linux and root")
    monkeypatch.setattr(folder, "RESERVE_SMALLEST", 8 * MIB)
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", "size=40m", "tmpfs", place)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill_up(disk: Path) -> Path:
    """Leave no free block."""
    ballast = disk / f"ballast-{len(list(disk.iterdir()))}"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


FULL = "Not saved: the disk is full. Free some space, then save again."


def type_until_full(desk, disk: Path, case_id: str) -> list[str]:
    """Notes that were acknowledged, each typed onto a full disk, until one is not."""
    kept: list[str] = []
    for number in range(200):
        fill_up(disk)
        body = f"{number} " + "word " * 40_000
        if not typed(desk, case_id, body):
            return kept
        kept.append(body)
    raise AssertionError("the disk never was full")


def typed(desk, case_id: str, body: str) -> bool:
    """Whether a note was acknowledged; else the sentence must be the one for a full disk."""
    try:
        desk.note(case_id, body)
    except DiskFull as error:
        said = str(error)
    else:
        return True
    assert said == FULL
    return False


def test_a_full_disk_keeps_what_it_acknowledged_and_works_again_when_there_is_room(disk, desk_in):
    desk = desk_in(disk / "store")
    case_id = desk.open()
    desk.note(case_id, "before")
    kept = type_until_full(desk, disk, case_id)
    assert kept, "the reserve took nothing"
    with pytest.raises(DiskFull, match="Free some space"):
        desk.store.keep_original(bytes(MIB))
    assert bodies(desk.store, case_id) == ["before", *kept]
    assert desk.store.verify().sound
    for ballast in disk.glob("ballast-*"):
        ballast.unlink()
    desk.note(case_id, "the note that the editor kept")
    assert bodies(desk.store, case_id) == ["before", *kept, "the note that the editor kept"]
    assert list((desk.store.folder / "media").iterdir()) == []


def test_a_store_closed_on_a_full_disk_opens_whole(disk, desk_in):
    desk = desk_in(disk / "store")
    case_id = desk.open()
    kept = type_until_full(desk, disk, case_id)
    desk.store.close()
    again = desk_in(disk / "store")
    assert bodies(again.store, case_id) == kept
    again.store.close()
    for ballast in disk.glob("ballast-*"):
        ballast.unlink()
    again = desk_in(disk / "store")
    again.now = desk.now
    again.note(case_id, "on again", op_id="")
    assert bodies(again.store, case_id) == [*kept, "on again"]
    assert again.store.verify().sound
    sql = "PRAGMA integrity_check"
    assert again.store.read(lambda connection: connection.execute(sql).fetchall()) == [("ok",)]


def test_a_store_is_not_begun_on_a_full_disk(disk, desk_in):
    fill_up(disk).rename(disk / "ballast")
    with pytest.raises(DiskFull, match="disk is full"):
        Store.open(disk / "store")
    (disk / "ballast").unlink()
    desk = desk_in(disk / "store")
    desk.note(desk.open(), "now")


@pytest.mark.parametrize("clean", [True, False])
def test_a_disk_mounted_read_only_can_be_read(disk, desk_in, clean):
    desk = desk_in(disk / "store")
    case_id = desk.open()
    desk.note(case_id, "readable")
    if clean:
        desk.store.close()
        mount("-o", "remount,ro", disk)
        place = disk / "store"
    else:  # as after a crash: a copy with a log beside it
        place = disk / "copy"
        subprocess.run(["cp", "-a", disk / "store", place], check=True)
        desk.store.close()
        mount("-o", "remount,ro", disk)
    store = Store.open(place)
    assert store.read_only
    assert bodies(store, case_id) == ["readable"]
    with pytest.raises(StoreReadOnly, match=r"Not saved.*Make it writable.*--store FOLDER"):
        store.save_draft("k", case_id, "text", 1)
    with pytest.raises(StoreReadOnly, match="Make it writable"):
        Store.open(disk / "new")
    store.close()
