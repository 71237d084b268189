"""A store that is locked, newer, damaged, shared or old says so in words and loses nothing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from escaltui.domain.operations import AddNote
from escaltui.store import (
    Interrupted,
    Store,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
    backup,
    driver,
    engine,
    folder,
    migrate,
    picks,
    precedents,
    tables,
)


def alter(store: Store, sql: str, *values: object) -> None:
    connection = sqlite3.connect(store.folder / "store.db", isolation_level=None)
    connection.execute(sql, values)
    connection.close()


def bodies(store: Store, case_id: str) -> list[str]:
    return [note.body for note in store.bundle(case_id).notes]


# --- the chain


def test_an_untouched_log_is_sound_and_its_heads_are_the_stands(desk):
    for number in range(3):
        desk.note(desk.open(), str(number))
    report = desk.store.verify()
    assert report.sound
    assert report.changes == sum(seq for seq, _ in report.heads.values())


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE change SET body = replace(body, 'wor', 'woR') WHERE seq = 3", "what it says was altered"),
        ("UPDATE change SET salt = replace(salt, substr(salt, 1, 1), 'x') WHERE seq = 3", "what it says was altered"),
        ("UPDATE change SET at = at + 1 WHERE seq = 3", "its line in the log was altered"),
        ("UPDATE change SET actor = 'eve' WHERE seq = 3", "its line in the log was altered"),
        ("DELETE FROM change WHERE seq = 3", "change 3 is missing"),
        ("DELETE FROM change WHERE seq >= 3", "the log ends at 2, its head says 4"),
        ("UPDATE stand SET hash = 'x'", "the log ends at 4, its head says 4"),
    ],
)
def test_one_altered_byte_is_found_and_its_number_named(desk, sql, reason):
    case_id = desk.open()
    for word in ("first word", "second word", "third word"):
        desk.note(case_id, word)
    alter(desk.store, sql)
    report = desk.store.verify()
    assert not report.sound
    assert report.broken == ("desk:global", 5 if "stand" in sql else 3)
    assert report.reason == reason


def test_a_blanked_change_still_verifies(desk):
    desk.note(desk.open(), "to be erased")
    alter(desk.store, "UPDATE change SET body = NULL, salt = NULL WHERE seq = 2")
    assert desk.store.verify().sound
    assert desk.store.changes()[-1].fields == {}


# --- other programs


def test_two_programs_share_a_store(desk, desk_in):
    other = desk_in(desk.store.folder)
    case_id = desk.open()
    version = desk.store.data_version()
    other.note(case_id, "from the other")
    assert desk.store.data_version() != version
    version = desk.store.data_version()
    desk.note(case_id, "mine")
    assert desk.store.data_version() == version
    assert bodies(desk.store, case_id) == bodies(other.store, case_id) == ["from the other", "mine"]
    assert desk.store.verify().sound


def test_two_processes_write_at_once_and_no_number_is_given_twice(desk):
    case_id = desk.open()
    writer = Path(__file__).with_name("typist.py")
    arguments = [sys.executable, writer, desk.store.folder, case_id, "25"]
    children = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = "".join(child.communicate()[0] for child in children)
    assert [child.returncode for child in children] == [0, 0]
    written = sorted(line.split()[2] for line in said.splitlines() if line.startswith("note "))
    assert len(written) == 50
    assert sorted(note.id for note in desk.store.bundle(case_id).notes) == written
    assert desk.store.verify().sound


def test_a_store_held_by_a_long_write_is_said_to_be_busy(desk):
    case_id = desk.open()
    other = sqlite3.connect(desk.store.folder / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desk.store._engine._writer_connection().execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StoreLocked, match="busy writing"):
        desk.note(case_id, "kept by the editor")
    assert bodies(desk.store, case_id) == []
    other.execute("ROLLBACK")
    other.close()
    desk.note(case_id, "kept by the editor")
    assert bodies(desk.store, case_id) == ["kept by the editor"]


def test_a_store_that_another_program_is_checking_is_said_to_be_busy(tmp_path, monkeypatch):
    Store.open(tmp_path / "s").close()
    monkeypatch.setattr(folder, "WAIT_SECONDS", 0.1)
    held = folder.Lock(tmp_path / "s" / "lock")
    assert held.alone
    with pytest.raises(StoreLocked, match="Nothing was lost"):
        Store.open(tmp_path / "s")
    held.close()
    Store.open(tmp_path / "s").close()


def test_many_threads_write_and_read(desk):
    case_id = desk.open()

    def work(name: str) -> None:
        for number in range(10):
            desk.store.do(AddNote(case=case_id, body=f"{name}{number}"), desk.who, desk.now, desk.rules)
            assert f"{name}{number}" in bodies(desk.store, case_id)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies(desk.store, case_id)) == 30
    assert desk.store.verify().sound


def test_a_long_read_can_be_stopped(store):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    started = threading.Event()

    def forever(connection):
        started.set()
        return connection.execute(endless).fetchone()

    def stop():
        started.wait()
        while reading.is_set():
            store.interrupt_readers()

    reading = threading.Event()
    reading.set()
    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Interrupted):
        store.read(forever)
    reading.clear()
    stopper.join()
    assert store.count(None) == 0


def test_readers_cannot_write(store):
    with pytest.raises(StoreReadOnly):
        store.read(lambda connection: connection.execute("DELETE FROM meta"))
    assert store.meta("device") == store.device


# --- the file


def test_folders_and_files_are_for_their_owner_alone(desk):
    desk.note(desk.open(), "private")
    desk.store.backup()
    desk.store.keep_original(b"x")
    place = desk.store.folder
    assert (place / "store.db-wal").exists()
    for path in [place, *place.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_a_missing_store_is_only_made_when_wanted(tmp_path):
    with pytest.raises(StoreError, match="There is no store in"):
        Store.open(tmp_path / "no", create=False)
    assert not (tmp_path / "no").exists()


def test_a_newer_store_is_left_alone(tmp_path):
    store = Store.open(tmp_path / "s")
    store.close()
    alter(store, "PRAGMA user_version = 99")
    before = (tmp_path / "s" / "store.db").read_bytes()
    with pytest.raises(StoreNewer, match=r"needs a newer escaltui.*schema 99.*Upgrade"):
        Store.open(tmp_path / "s")
    assert (tmp_path / "s" / "store.db").read_bytes() == before


def test_a_file_that_is_no_store_names_the_newest_backup(desk):
    desk.note(desk.open(), "x")
    copy = desk.store.backup()
    desk.store.close()
    (desk.store.folder / "store.db").write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreDamaged) as caught:
        Store.open(desk.store.folder)
    assert str(copy) in str(caught.value)
    copy.replace(desk.store.folder / "store.db")
    again = Store.open(desk.store.folder)
    assert again.count(None) == 1
    assert again.verify().sound
    again.close()


def test_damage_inside_is_found_after_an_unclean_end(desk):
    for number in range(40):
        desk.note(desk.open(f"Case {number}"), "word " * 200)
    desk.store.close()
    path = desk.store.folder / "store.db"
    size = driver.plain(path).execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        for page in range(5, path.stat().st_size // size, 3):
            file.seek(page * size)
            file.write(b"\xff" * 64)
    path.with_name("store.db-wal").write_bytes(b"left behind by a crash")
    with pytest.raises(StoreDamaged, match="There is no backup yet"):
        Store.open(desk.store.folder)


def test_a_damaged_store_does_not_push_out_sound_backups(desk, monkeypatch):
    desk.note(desk.open(), "x")
    good = desk.store.backup()
    monkeypatch.setattr(backup, "_CHECK", "SELECT 'row 1 missing from index'")
    with pytest.raises(StoreDamaged, match="row 1 missing"):
        desk.store.backup()
    assert list(good.parent.iterdir()) == [good]


def test_seven_backups_are_kept_and_each_is_a_whole_store(desk):
    case_id = desk.open()
    desk.note(case_id, "in the copies")
    left = desk.store.folder / "backups" / "store-20200101.1.part"
    left.touch()
    os.utime(left, (0, 0))
    copies = [desk.store.backup() for _ in range(9)]
    assert sorted((desk.store.folder / "backups").iterdir()) == copies[-backup.KEPT :]
    copy = sqlite3.connect(copies[-1])
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert copy.execute("SELECT count(*) FROM note").fetchone() == (1,)
    copy.close()


def test_a_copy_is_made_once_a_day_while_working(desk, desk_in, monkeypatch):
    case_id = desk.open()
    desk.store.close()
    again = desk_in(desk.store.folder)
    backups = desk.store.folder / "backups"
    day = engine._now()
    for today, expected in ((day, 1), (day, 1), (day + engine.DAY, 2)):
        monkeypatch.setattr(engine, "_now", lambda today=today: today)
        again.note(case_id, "x")
        again.store._engine._aside.submit(lambda: None).result()
        assert len(list(backups.glob("store-*.db"))) == expected


def test_a_copy_that_is_no_longer_wanted_is_given_up(desk):
    desk.open()
    stop = driver.Stop()
    stop.set()
    with pytest.raises((backup.Stopped, driver.DriverError)):
        backup.make(desk.store.folder, desk.now, stop)
    assert list((desk.store.folder / "backups").iterdir()) == []


def test_a_copy_is_given_up_while_the_pages_of_a_large_store_are_checked(desk, monkeypatch):
    """One check of pages is one act of the database, in which it asks nobody whether to go on."""
    desk.open()
    slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    monkeypatch.setattr(backup, "_CHECK", slow)  # stands for hours of checking
    monkeypatch.setattr(backup, "_STEPS", 1 << 30)
    stop = driver.Stop()
    raised: list[BaseException] = []

    def copy():
        try:
            backup.make(desk.store.folder, desk.now, stop)
        except BaseException as error:
            raised.append(error)

    copier = threading.Thread(target=copy)
    copier.start()
    while stop.connection is None:
        pass
    stop.set()
    copier.join(20)
    assert not copier.is_alive()
    assert isinstance(raised[0], driver.DriverError)
    assert list((desk.store.folder / "backups").iterdir()) == []


def test_a_closed_store_says_so(store):
    store.close()
    with pytest.raises(StoreError, match="the store is closed"):
        store.set_meta("a", "b")
    with pytest.raises(StoreError):
        store.meta("a")


def test_opening_and_reading_loads_neither_the_tables_nor_the_rules(tmp_path):
    Store.open(tmp_path / "s").close()
    program = (
        "import sys; from pathlib import Path; from escaltui.store import Store; "
        "store = Store.open(Path(sys.argv[1])); store.page(None, 'queue'); store.close(); "
        "print(sorted({'sqlmodel', 'sqlalchemy', 'pydantic', 'escaltui.domain.rules'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", program, tmp_path / "s"], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


# --- the ladder

NOW = migrate.VERSION


def second(connection):
    connection.execute("ALTER TABLE draft ADD COLUMN mood TEXT NOT NULL DEFAULT ''")


def third(connection):
    connection.execute("CREATE TABLE mood (name TEXT PRIMARY KEY)")


def climb(place: Path, *steps) -> None:
    connection = driver.writer(place / "store.db")
    ladder = (*migrate.LADDER, *steps)
    try:
        migrate.climb(connection, place, lambda: backup.make(place, engine._now()), ladder)
    finally:
        connection.close()


def test_each_step_is_taken_once_with_a_backup_before_it(desk):
    case_id = desk.open("Zebra")
    desk.note(case_id, "walrus")
    desk.store.close()
    place = desk.store.folder
    climb(place, second, third)
    climb(place, second, third)
    copies = [driver.plain(path) for path in sorted((place / "backups").iterdir())]
    assert [migrate.version(copy) for copy in copies] == [NOW, NOW + 1]
    connection = driver.plain(place / "store.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (NOW + 2,)
    assert connection.execute("SELECT count(*) FROM case_fts WHERE case_fts MATCH 'walrus zebra'").fetchone() == (1,)
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"order_open_queue", "mood"} <= names


@pytest.mark.parametrize("was", range(1, migrate.VERSION))
def test_a_store_of_an_earlier_schema_takes_the_further_steps_and_keeps_its_cases(desk, was):
    case_id = desk.open("Zebra")
    desk.store.close()
    path = desk.store.folder / "store.db"
    connection = driver.writer(path)
    later = [name for name, step in tables.CAME_WITH.items() if step > was]
    for name in (*later, *picks.TABLES, *(precedents.TABLES if was < 2 else ())):
        connection.execute(f"DROP TABLE {name}")
    connection.execute(f"PRAGMA user_version = {was}")
    connection.close()
    with contextlib.closing(Store.open(desk.store.folder)) as store:
        assert store.read(lambda connection: connection.execute("SELECT id FROM decision").fetchall()) == []
        assert store.sealed(("0" * 64,)) == frozenset()
        assert store.line(case_id) is not None
    copies = [migrate.version(driver.plain(each)) for each in (desk.store.folder / "backups").iterdir()]
    assert sorted(copies) == list(range(was, migrate.VERSION))


def test_a_step_that_fails_leaves_the_store_on_the_step_before(desk):
    case_id = desk.open("Zebra")
    desk.store.close()

    def fails(connection):
        third(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        climb(desk.store.folder, second, fails)
    connection = driver.plain(desk.store.folder / "store.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (NOW + 1,)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mood'").fetchone()
    connection.close()
    climb(desk.store.folder, second, third)
    connection = driver.plain(desk.store.folder / "store.db")
    assert connection.execute("SELECT count(*) FROM case_fts WHERE case_fts MATCH 'zebra'").fetchone() == (1,)
    assert connection.execute("SELECT id FROM cases").fetchone() == (case_id,)


def test_a_step_that_breaks_the_file_is_noticed(desk):
    desk.open()
    desk.store.close()

    def breaks(connection):
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("CREATE TABLE mood (name TEXT CHECK (name != ''))")
        connection.execute("INSERT INTO mood VALUES ('')")
        connection.execute("PRAGMA ignore_check_constraints = OFF")

    with pytest.raises(StoreDamaged, match=r"after the upgrade.*backups"):
        climb(desk.store.folder, breaks)
