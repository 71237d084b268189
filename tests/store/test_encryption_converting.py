"""A store that is encrypted, or made plain again, later: whole or not at all, and nothing plain left behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import numpy as np
import pytest
import stand_in
from test_encryption import CANARY, PLACES, fill, plain_bytes

from escaltui import cli
from escaltui.store import Store, StoreError, StoreLocked, conversion, key
from escaltui.store.errors import KeyMissing
from escaltui.store.vectors import VectorWriter

ORIGINAL = f"{CANARY}-original".encode() * 100_000
STEPS = ("open", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[stand_in.Ring]:
    before, own = keyring.get_keyring(), stand_in.Ring()
    monkeypatch.delenv(stand_in.FILE, raising=False)
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def place(tmp_path: Path, desk_of: Any) -> Path:
    """A plain store with words and bytes everywhere."""
    store = Store.open(tmp_path / "store")
    fill(store, desk_of)
    store.close()
    return tmp_path / "store"


def holds(store: Store) -> dict[str, object]:
    """What must be the same before and after: every row of every table, the original, the ledger."""

    def rows(connection: Any) -> dict[str, object]:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [row[0] for row in connection.execute(sql)]
        found = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in names}
        found["words"] = connection.execute("SELECT rowid FROM case_fts WHERE case_fts MATCH 'title'").fetchall()
        return found | {"version": connection.execute("PRAGMA user_version").fetchall()}

    (original,) = {path.name for path in (store.folder / "media").iterdir()} or set(store._inside.hashes())
    assert store.original(original).read_bytes() == ORIGINAL
    assert store.verify().sound
    return store.read(rows) | {"looks": store.ledger().looks()}


def opened(place: Path) -> Store:
    """The store as it is now."""
    return Store.open(place, encrypt="keyring" if key.kind(place) == "encrypted" else "off")


def state(place: Path) -> dict[str, object]:
    store = opened(place)
    try:
        return holds(store)
    finally:
        store.close()


def test_there_and_back_is_the_same_store(place: Path) -> None:
    before = state(place)
    assert set().union(*plain_bytes(place).values()) == {*PLACES}, "the control: it is all there in plain"
    assert conversion.encrypt(place, "keyring")
    assert not conversion.encrypt(place, "keyring"), "it is done already"
    assert plain_bytes(place) == {}
    assert len(list((place / "backups").iterdir())) == 1, "the old ones are gone, and one is made anew"
    assert not [path for path in place.rglob("*") if path.suffix in (".new", ".old")]
    assert state(place) == before
    assert conversion.decrypt(place)
    assert not conversion.decrypt(place)
    assert state(place) == before
    assert {path.name for path in place.iterdir()} >= {"store.db", "media", "wellbeing.db"}
    assert not (place / key.FILE).exists()
    assert not (place / "originals.db").exists()


def test_the_old_file_is_overwritten_before_it_goes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = os.open(place / "store.db", os.O_RDONLY)
    originals = [path.open("rb") for path in (place / "media").iterdir()]
    assert CANARY.encode() in os.pread(held, 1 << 24, 0)
    conversion.encrypt(place, "keyring")
    assert set(os.pread(held, 1 << 24, 0)) == {0}
    assert [set(each.read()) for each in originals] == [{0}]
    os.close(held)


def killed(place: Path, convert: Callable[[Path], object], at: int) -> bool:
    """Whether a process that converts was killed, right before its step `at` on files of the store; else it ended."""
    child = os.fork()
    if child == 0:
        steps = 0

        def count(event: str, given: tuple[object, ...]) -> None:
            nonlocal steps
            if event in STEPS and str(place) in str(given[0]):
                steps += 1
                if steps == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            convert(place)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


WAYS: dict[str, Callable[[Path], object]] = {
    "encrypt": lambda place: conversion.encrypt(place, "keyring"), "decrypt": conversion.decrypt,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_each_step_it_is_whole(tmp_path: Path, place: Path, kept: stand_in.Ring, monkeypatch, way) -> None:
    """A kill before each opening, renaming, linking and removing of a file: the store is whole, and what it is."""
    monkeypatch.setenv(stand_in.FILE, str(tmp_path / "ring"))  # what the killed process keeps in it stays
    if way == "decrypt":
        conversion.encrypt(place, "keyring")
    before, at, seen, left = state(place), 0, set(), 0
    shutil.copytree(place, tmp_path / "as it was")
    while True:
        at += 1
        if not killed(place, WAYS[way], at):
            break
        what = key.kind(place)
        left += what == "encrypted" and plain_bytes(place) != {}
        seen.add((what, (place / "store.db.old").exists(), (place / "store.db.new").exists()))
        assert state(place) == before, (way, at)
        assert not [path for path in place.rglob("*") if path.suffix in (".new", ".old")], (way, at)
        if what == "encrypted":
            assert plain_bytes(place) == {}, (way, at)
        shutil.rmtree(place)
        shutil.copytree(tmp_path / "as it was", place)
    assert at > 25, "the steps are seen"
    assert left, "the control: where it was killed, plain bytes lay about until the store was opened"
    assert {("plain", True, False), ("encrypted", True, False)} & seen, "after the point of no return"
    assert {("plain", False, True), ("encrypted", False, True)} & seen, "before it"
    assert key.kind(place) == ("encrypted" if way == "encrypt" else "plain")


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_any_time_it_is_whole(tmp_path: Path, place: Path, kept: stand_in.Ring, monkeypatch, way) -> None:
    """The same by the clock, so that it is hit while the database itself writes."""
    monkeypatch.setenv(stand_in.FILE, str(tmp_path / "ring"))
    if way == "decrypt":
        conversion.encrypt(place, "keyring")
    before, hit, chance = state(place), 0, random.Random(7)
    shutil.copytree(place, tmp_path / "as it was")
    began = time.monotonic()
    assert not killed(place, WAYS[way], 0)
    span = time.monotonic() - began
    for attempt in range(60):
        shutil.rmtree(place)
        shutil.copytree(tmp_path / "as it was", place)
        child = os.fork()
        if child == 0:
            try:
                WAYS[way](place)
            finally:
                os._exit(0)
        end = time.monotonic() + chance.uniform(0, span)
        while time.monotonic() < end:
            pass
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert state(place) == before, (way, attempt)
        hit, span = (hit, span * 0.8) if ended else (hit + 1, span)  # on a busy machine the child is ahead of us
        if hit == 20:
            break
    assert hit >= 10, "killed on its way"


def test_not_while_somebody_has_it_open(place: Path) -> None:
    store = Store.open(place)
    with pytest.raises(StoreLocked, match="Close it there"):
        conversion.encrypt(place, "keyring")
    store.close()
    assert key.kind(place) == "plain"
    conversion.encrypt(place, "keyring")
    store = opened(place)
    with pytest.raises(StoreLocked, match="Close it there"):
        conversion.decrypt(place)
    store.close()


def test_one_who_waited_for_it_does_not_write_into_the_old_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.store import engine

    prepare = engine.Engine._prepare

    def late(self: engine.Engine) -> None:
        prepare(self)
        self._lock.close()
        conversion.encrypt(place, "keyring")
        self._lock = engine.folder.Lock(place / "lock")

    monkeypatch.setattr(engine.Engine, "_prepare", late)
    with pytest.raises(StoreLocked):
        Store.open(place)


def test_without_key_texts_or_whole_originals_nothing_is_begun(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(place)
    keyring.set_keyring(stand_in.Forgetful())
    with pytest.raises(KeyMissing, match="Start a keyring"):
        conversion.encrypt(place, "keyring")
    keyring.set_keyring(stand_in.Ring())
    (place / "drafts").mkdir()
    (place / "drafts" / "x.md").write_text("left")
    with pytest.raises(StoreError, match="holds a text that an editor left"):
        conversion.encrypt(place, "keyring")
    (place / "drafts" / "x.md").unlink()
    odd = place / "media" / ("0" * 64)
    odd.write_bytes(b"not what its name says")
    with pytest.raises(StoreError, match="is damaged: it is not what its name says"):
        conversion.encrypt(place, "keyring")
    odd.unlink()
    assert state(place) == before
    assert not list(place.glob("*.new"))
    with pytest.raises(StoreError, match="There is no store in"):
        conversion.encrypt(place / "nowhere", "keyring")
    assert not (place / "nowhere").exists()


def test_by_a_passphrase_and_by_the_commands(place: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(key, "ROUNDS", 1000)
    settings = tmp_path / "settings"
    settings.mkdir()
    monkeypatch.setenv("ESCALTUI_CONFIG", str(settings))
    where = ("--store", str(place))
    assert cli.main(["store", "encrypt", *where]) == 2
    assert "Say first where the key shall be" in capsys.readouterr().err
    (settings / "config.toml").write_text('[store]\nencrypt = "passphrase"\n')
    assert cli.main(["ls", *where]) == 3
    assert "escaltui store encrypt" in capsys.readouterr().err
    (place / "letters").mkdir()
    (place / "letters" / "a.eml").write_text("a letter")
    monkeypatch.setenv(key.VARIABLE, "four words in a row")
    assert cli.main(["store", "encrypt", *where]) == 0
    said = capsys.readouterr()
    assert "key: passphrase" in said.out
    assert "stay plain" in said.err
    assert "letters" in said.err
    monkeypatch.setenv(key.VARIABLE, "four words in a row")
    assert cli.main(["ls", *where]) == 0
    monkeypatch.setenv(key.VARIABLE, "four words in a raw")
    assert cli.main(["store", "decrypt", *where]) == 3
    assert "passphrase is not the one" in capsys.readouterr().err
    monkeypatch.setenv(key.VARIABLE, "four words in a row")
    assert cli.main(["store", "decrypt", *where]) == 0
    assert 'Now write encrypt = "off"' in capsys.readouterr().err
    assert key.kind(place) == "plain"


def test_vectors_are_only_kept_in_clear_and_go(place: Path) -> None:
    """CONTROL: a store that stays plain keeps them."""
    with VectorWriter(place, "model", 2) as writer:
        writer.add([("text", np.ones((1, 2), np.float32))])
    assert conversion.strangers(place) == []
    Store.open(place).close()
    assert (place / "meaning" / "model.f16").stat().st_size == 4
    conversion.encrypt(place, "keyring")
    assert list((place / "meaning").iterdir()) == []
