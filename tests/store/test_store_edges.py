"""The rare ways in a store: keyrings that lie, files that go while they are read, a folder that is busy or full; and
what is looked for across cases."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
import stand_in

from escaltui.domain.entities import Consult, Task
from escaltui.domain.exchange import Message
from escaltui.domain.operations import AddTask, AskConsult, RecordInbound, SetTask
from escaltui.store import DiskFull, Store, driver, errors, folder, hanging, judging, key, letter_rows, ring
from escaltui.store.encrypted_originals import CHUNK, EncryptedOriginals
from escaltui.store.key import Key
from escaltui.store.originals import ChangedContent

MAIL = "<{}@example.net>"


# --- what a mail answers


def inbound(desk: Any, case_id: str, name: str, reply_to: str = "") -> None:
    desk.do(RecordInbound(case=case_id, party="requester", body=f"Letter {name}", message_id=name, reply_to=reply_to))


def answered(desk: Any, *names: str) -> Any:
    return desk.store.read(lambda connection: letter_rows.answered(connection, names))


def test_a_mail_that_names_nothing_of_ours_answers_nothing(desk: Any) -> None:
    inbound(desk, desk.open(), MAIL.format(1))
    assert answered(desk) is None
    assert answered(desk, MAIL.format("unknown"), "") is None, "letters without an id answer to no empty one"


def test_the_nearest_earlier_mail_of_a_thread_counts(desk: Any) -> None:
    first, second = desk.open("First"), desk.open("Second")
    inbound(desk, first, MAIL.format(1))
    inbound(desk, second, MAIL.format(2))
    assert answered(desk, MAIL.format(2), MAIL.format(1)).case == second
    assert answered(desk, MAIL.format("unknown"), MAIL.format(1), MAIL.format(2)).case == first


def test_a_report_that_came_by_mail_is_found_once_it_has_a_case(desk: Any) -> None:
    report = desk.report("By mail.", dedupe_key=f"mail:{MAIL.format(3)}")
    assert answered(desk, MAIL.format(3)) is None
    case_id = desk.open("From a report", report=report)
    assert answered(desk, MAIL.format(3)).id == report
    inbound(desk, case_id, MAIL.format(4))
    assert answered(desk, MAIL.format(4), MAIL.format(3)).message_id == MAIL.format(4)


def test_a_letter_and_a_question_of_ours_come_before_what_came_in(desk: Any) -> None:
    """The nearest of ours counts, whatever came in is named before it."""
    case_id = desk.open()
    inbound(desk, case_id, MAIL.format(5))
    asked = desk.do(AskConsult(case=case_id, team="legal", question="May it stay?"))
    consult = next(change.entity_id for change in asked.changes if change.entity == Consult.NAME)
    named = "UPDATE consult SET key = ? WHERE id = ?"
    desk.store.write(lambda connection: connection.execute(named, (MAIL.format(6), consult)))
    assert answered(desk, MAIL.format(5), MAIL.format(6)).id == consult
    sent = "UPDATE message SET body = json_set(body, '$.direction', 'out') WHERE key = ?"
    desk.store.write(lambda connection: connection.execute(sent, (MAIL.format(5),)))
    found = answered(desk, MAIL.format(5), MAIL.format(6))
    assert isinstance(found, Message)
    assert found.direction == "out"


# --- lists across cases


def test_tasks_of_one_and_of_all_by_when_they_are_due(desk: Any) -> None:
    one, other = desk.open("One"), desk.open("Other")
    for case_id, title, who, due in (
        (one, "later", "ada", 20),
        (other, "sooner", "ada", 10),
        (one, "bo's", "bo", None),
    ):
        desk.do(AddTask(case=case_id, title=title, assignee=who, due=due and desk.now + due * 10**6))

    def titles(person: str | None) -> list[str]:
        found = desk.store.read(lambda connection: hanging.tasks_of(connection, person))
        return [task.title for _, task in found]

    assert titles("ada") == ["sooner", "later"]
    assert titles(None) == ["sooner", "later", "bo's"], "what has no day comes last"
    assert titles("cy") == []
    tasks = desk.store.read(lambda connection: hanging.siblings(connection, Task, [one, one, "unknown"]))
    assert sorted(task.title for task in tasks.values()) == ["bo's", "later"]
    done = next(task for task in tasks.values() if task.title == "later")
    desk.do(SetTask(case=one, task=done.id, state="done"))
    assert titles("ada") == ["sooner"]


def test_questions_of_one_team_and_of_all(desk: Any) -> None:
    case_id = desk.open()
    for team in ("legal", "privacy"):
        desk.do(AskConsult(case=case_id, team=team, question=f"Of {team}?"))

    def asked(team: str | None) -> list[str]:
        found = desk.store.read(lambda connection: hanging.open_consults(connection, team))
        return sorted(consult.team for _, consult in found)

    assert (asked("legal"), asked(None), asked("press")) == (["legal"], ["legal", "privacy"], [])


def test_nothing_asked_changes_nothing(desk: Any) -> None:
    run = desk.store.write
    assert run(lambda connection: judging.run_each(connection, [], desk.rules, alone=True)) == []


# --- keyrings


class Lying(stand_in.Ring):
    """Gives back something else for what it was probed with."""

    def get_password(self, service: str, username: str) -> str | None:
        return "something else"


class Undeletable(stand_in.Ring):
    """Deletes nothing."""

    def delete_password(self, service: str, username: str) -> None:
        return None


class Turning(stand_in.Ring):
    """Passes the probe, and then gives back something else, or fails."""

    def __init__(self, *, fails: bool) -> None:
        super().__init__()
        self.fails = fails

    def get_password(self, service: str, username: str) -> str | None:
        if username.startswith("probe "):
            return super().get_password(service, username)
        if self.fails:
            raise RuntimeError("the session ended")
        return "another"


@pytest.fixture
def used() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (Lying(), "gives back something else"),
        (Undeletable(), "does not delete"),
        (stand_in.Locked(), "Locked"),
        (Turning(fails=True), "session ended"),
        (Turning(fails=False), "does not keep what is written"),
    ],
)
def test_a_keyring_that_does_not_keep_is_found_out_before_it_is_trusted(used: None, backend: Any, why: str) -> None:
    keyring.set_keyring(backend)
    with pytest.raises(ring.RingError, match=why):
        ring.keep("service", "entry", "secret")
    assert "secret" not in backend.kept.values()


def test_a_keyring_whose_settings_are_broken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ImportError("no module named keyrings.of.yesterday")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    with pytest.raises(ring.RingError, match="cannot be loaded"):
        ring.fetch("service", "entry")


def test_a_secret_is_found_though_another_keyring_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    good = stand_in.Ring()
    monkeypatch.setattr(ring, "usable", lambda: [stand_in.Locked(), good])
    with pytest.raises(ring.RingError, match="does not answer"):
        ring.fetch("service", "entry")
    good.set_password("service", "entry", "secret")
    assert ring.fetch("service", "entry") == "secret"
    monkeypatch.setattr(ring, "usable", lambda: [good])
    assert ring.fetch("service", "another") is None


def test_a_back_end_is_called_by_what_a_person_knows() -> None:
    system = type("Keyring", (), {"__module__": "keyring.backends.SecretService"})
    assert ring.name(system()) == "SecretService"
    assert ring.name(stand_in.Ring()) == "Ring"


# --- encrypted originals


@pytest.fixture
def originals(tmp_path: Path) -> EncryptedOriginals:
    return EncryptedOriginals(tmp_path, Key("keyring", bytes(range(32)).hex()))


def kept(held: EncryptedOriginals, data: bytes) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    held.keep(io.BytesIO(data), sha256)
    return sha256


def test_without_a_file_there_are_no_originals(originals: EncryptedOriginals) -> None:
    assert originals.hashes() == []
    assert originals.size("ab" * 32) is None
    assert originals.remove(["ab" * 32]) == 0
    assert originals.remove([]) == 0
    assert not originals.original("ab" * 32).exists()
    with pytest.raises(FileNotFoundError):
        originals.original("ab" * 32).read_bytes()


def test_an_original_that_is_another_than_its_name_leaves_nothing(originals: EncryptedOriginals) -> None:
    with pytest.raises(ChangedContent):
        originals.keep(io.BytesIO(b"changed while it was read"), "ab" * 32)
    assert originals.hashes() == []


def test_an_original_can_be_read_from_anywhere_in_it(originals: EncryptedOriginals) -> None:
    data = os.urandom(CHUNK) + b"the second piece"
    sha256 = kept(originals, data)
    assert kept(originals, data) == sha256, "once"
    assert originals.hashes() == [sha256]
    with originals.original(sha256).open() as file:
        assert file.readable()
        assert file.seekable()
        assert (file.seek(-16, os.SEEK_END), file.read(), file.read()) == (CHUNK, b"the second piece", b"")
        assert (file.seek(CHUNK - 2), file.read(2), file.tell()) == (CHUNK - 2, data[CHUNK - 2 : CHUNK], CHUNK)
        assert file.seek(-10 * CHUNK, os.SEEK_CUR) == 0
        assert file.read(4) == data[:4]
    file.close()  # twice is nothing


def test_an_original_that_is_sealed_while_it_is_read_ends(originals: EncryptedOriginals) -> None:
    sha256 = kept(originals, os.urandom(3 * CHUNK))
    with originals.original(sha256).open() as file:
        assert file.read(10)
        assert originals.remove([sha256]) == 1
        file.seek(2 * CHUNK)
        with pytest.raises(OSError, match=sha256):
            file.read(10)


def test_originals_under_another_key_are_said_in_words(originals: EncryptedOriginals, tmp_path: Path) -> None:
    sha256 = kept(originals, b"hidden")
    other = EncryptedOriginals(tmp_path, Key("keyring", bytes(32).hex()))
    with pytest.raises(errors.StoreError, match="could not be used"):
        other.hashes()
    with pytest.raises(errors.StoreError, match="could not be used"):
        kept(other, b"more")
    assert originals.original(sha256).read_bytes() == b"hidden"


# --- the folder


def test_who_waits_for_a_busy_folder_gets_in_or_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "WAIT_SECONDS", 0.2)
    importing, waiting = folder.Lock(tmp_path / "lock"), folder.Lock(tmp_path / "lock")
    assert (importing.alone, waiting.alone) == (True, False)
    with pytest.raises(errors.StoreLocked, match="Nothing was lost"):
        waiting.share()
    monkeypatch.setattr(folder, "WAIT_SECONDS", 10.0)
    patient = folder.Lock(tmp_path / "lock")
    timer = threading.Timer(0.1, importing.share)
    timer.start()
    patient.share()
    timer.join()
    importing.close()
    patient.close()


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EACCES, errors.StoreReadOnly)],
)
def test_what_a_failed_write_means(tmp_path: Path, number: int, kind: type[Exception]) -> None:
    found = folder.not_writable(tmp_path, OSError(number, os.strerror(number)))
    assert type(found) is kind
    assert str(tmp_path) in str(found)


def test_a_reserve_is_made_where_there_is_room_and_without_a_word_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store.db").write_bytes(b"x" * 100)
    reserve, there = folder.Reserve(tmp_path), tmp_path / "reserve"
    assert not reserve.free(), "there is none"

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(folder, "_allocate", full)
        reserve.keep()
        assert there.stat().st_size == 0
    reserve.keep()  # once there is room
    assert there.stat().st_size == folder.RESERVE_SMALLEST
    there.write_bytes(b"")
    reserve.keep()
    assert there.stat().st_size == 0, "it is looked at once"
    assert not reserve.free(), "an empty one gives nothing"
    reserve.keep()
    assert reserve.free()
    assert not there.exists()
    there.mkdir()
    reserve.keep()  # where it cannot be made there is none


def test_where_a_whole_reserve_has_no_room_the_smallest_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store.db").write_bytes(b"x" * (3 * folder.RESERVE_SMALLEST))
    allocate = folder._allocate

    def narrow(descriptor: int, size: int) -> None:
        if size > 2 * folder.RESERVE_SMALLEST:
            raise OSError(errno.ENOSPC, "full")
        allocate(descriptor, size)

    monkeypatch.setattr(folder, "_allocate", narrow)
    folder.Reserve(tmp_path).keep()
    assert (tmp_path / "reserve").stat().st_size == folder.RESERVE_SMALLEST


def test_a_system_that_allocates_nothing_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate")
    with (tmp_path / "reserve").open("wb") as file:
        folder._allocate(file.fileno(), 3 << 19)
    assert (tmp_path / "reserve").stat().st_size >= 3 << 19


# --- the driver


def test_a_copy_that_lacks_a_row_is_not_the_same(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        with_rows = driver.plain(tmp_path / name)
        with_rows.execute("CREATE TABLE t (n)")
        with_rows.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(3 if name != "c" else 2)])
        with_rows.close()
    assert driver.same(tmp_path / "a", None, tmp_path / "b", None)
    assert not driver.same(tmp_path / "a", None, tmp_path / "c", None)


def test_a_job_that_breaks_leaves_nothing_and_the_next_is_durable(tmp_path: Path) -> None:
    connection = driver.writer(tmp_path / "a.db")
    driver.once(connection, lambda c: c.execute("CREATE TABLE t (n)"))
    for durable in (True, False):
        with pytest.raises(ZeroDivisionError):
            driver.once(connection, lambda c: (c.execute("INSERT INTO t VALUES (1)"), 1 // 0), durable)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.close()


def test_a_conversion_that_cannot_be_settled_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.store import conversion

    Store.open(tmp_path / "s").close()
    conversion.settle(tmp_path / "s")  # nothing was begun
    (tmp_path / "s" / "store.db.new").write_bytes(b"half of it")
    with monkeypatch.context() as patch:

        def full(_: Path) -> None:
            raise OSError(errno.ENOSPC, "full")

        patch.setattr(conversion, "_drop", full)
        patch.setattr(conversion, "_scrub", full)
        with pytest.raises(DiskFull):
            conversion.settle(tmp_path / "s")
    assert folder.is_converting(tmp_path / "s")
    conversion.settle(tmp_path / "s")
    assert not folder.is_converting(tmp_path / "s")
    assert key.kind(tmp_path / "s") != "encrypted"
    Store.open(tmp_path / "s").close()
