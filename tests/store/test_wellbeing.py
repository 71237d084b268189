"""The ledger's file: private, durable from the first moment of a look, empty after it was emptied, silent while off."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from escaltui.safety.exposure import DAY, Look, by_day
from escaltui.store import StoreError, driver
from escaltui.store.wellbeing import FILE, Ledger
from escaltui.when import day as day_of

NOW = 1_790_000_000_000
SHA = "c0ffee" * 10 + "abcd"
LOOK = Look(NOW, SHA, "9" * 64, "picture", "graphic", "E-CANRY", "clear", True, 0.5)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def test_nothing_is_made_by_reading(ledger: Ledger) -> None:
    assert (ledger.looks(), ledger.own(SHA), ledger.sums(), ledger.off, ledger.fact("rested")) == ([], [], {}, False, 0)
    assert (ledger.forget(), ledger.roll(NOW, day_of), ledger.harms(NOW)) == (0, 0, frozenset())
    assert not ledger.path.exists()


def test_a_look_is_a_row_and_its_file_is_private(ledger: Ledger) -> None:
    old = os.umask(0)
    try:
        number = ledger.begin(LOOK)
    finally:
        os.umask(old)
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert [path.name for path in ledger.path.parent.iterdir()] == [FILE], "no log lies beside it"
    ledger.end(number, 12.5)
    ledger.end(number, 5.0)
    assert ledger.looks() == [LOOK._replace(seconds=12.5)]
    assert ledger.own(SHA) == ledger.looks(NOW)
    assert ledger.looks(NOW + 1) == []
    assert ledger.own("") == []


def test_a_file_that_others_could_read_is_closed_to_them(ledger: Ledger) -> None:
    ledger.begin(LOOK)
    ledger.path.chmod(0o644)
    ledger.looks()
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600


def test_off_writes_nothing(ledger: Ledger) -> None:
    number = ledger.begin(LOOK)
    ledger.turn(off=True)
    before = ledger.path.read_bytes()
    assert ledger.begin(LOOK._replace(sha256="d" * 64)) == 0
    ledger.end(number, 99)
    ledger.rate(SHA, "E-CANRY", "severe")
    ledger.keep("rested", NOW)
    ledger.leave_out({"self_harm": NOW + DAY})
    assert ledger.path.read_bytes() == before
    assert ledger.off
    ledger.turn(off=False)
    assert ledger.begin(LOOK)
    assert ledger.path.read_bytes() != before, "the control: turned on, it writes"


def full(ledger: Ledger) -> None:
    for at in range(300):
        ledger.begin(LOOK._replace(at=NOW - 100 * DAY + at * DAY // 2))
    ledger.roll(NOW - 90 * DAY, day_of)
    ledger.leave_out({"self_harm": NOW + DAY})
    ledger.keep("rested", NOW)


def test_emptied_nothing_is_left_in_the_file(ledger: Ledger) -> None:
    full(ledger)
    words = (SHA.encode(), b"E-CANRY", b"self_harm", b"rested", b"9" * 64, day_of(NOW - 100 * DAY).encode())
    assert [word for word in words if word not in ledger.path.read_bytes()] == [], "the control: they are there before"
    assert ledger.forget() > 0
    assert [word for word in words if word in ledger.path.read_bytes()] == []
    assert (ledger.looks(), ledger.sums(), ledger.harms(NOW), ledger.fact("rested")) == ([], {}, frozenset(), 0)
    assert not list(ledger.path.parent.glob(f"{FILE}-*"))


def test_deleting_alone_would_leave_traces(ledger: Ledger) -> None:
    """The control of the one before: without overwriting and a new file, the raw bytes stay."""
    full(ledger)
    connection = driver.plain(ledger.path)
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("DELETE FROM look")
    connection.close()
    assert SHA.encode() in ledger.path.read_bytes()


def test_emptied_it_stays_off(ledger: Ledger) -> None:
    ledger.begin(LOOK)
    ledger.turn(off=True)
    ledger.forget()
    assert ledger.off


def test_after_ninety_days_a_look_is_a_sum(ledger: Ledger) -> None:
    old = [LOOK._replace(at=NOW - 91 * DAY + at, seconds=30.0) for at in range(3)]
    passage = Look(NOW - 91 * DAY, kind="passage", rating="slur", case_ref="E-CANRY", level="unmasked", area=40)
    for look in (*old, passage):
        ledger.begin(look)
    kept = LOOK._replace(sha256="a" * 64, pdq="", case_ref="E-OTHER")
    ledger.begin(kept)
    assert ledger.roll(NOW - 90 * DAY, day_of) == 4
    assert ledger.looks() == [kept]
    assert ledger.sums() == by_day([*old, passage], day_of)
    assert SHA.encode() not in ledger.path.read_bytes()
    ledger.begin(old[0])
    ledger.roll(NOW - 90 * DAY, day_of)
    assert ledger.sums()[day_of(old[0].at)].looks == 4, "sums of the same day are added"


def test_a_sealed_file_leaves_no_hash(ledger: Ledger) -> None:
    ledger.begin(LOOK._replace(seconds=7.0))
    ledger.drop_file(SHA)
    raw = ledger.path.read_bytes()
    assert SHA.encode() not in raw
    assert b"9" * 64 not in raw
    assert [(look.sha256, look.pdq, look.seconds) for look in ledger.looks()] == [("", "", 7.0)]


def test_what_was_rated_later_counts_as_rated(ledger: Ledger) -> None:
    ledger.begin(LOOK._replace(rating="unknown"))
    ledger.begin(LOOK._replace(rating="unknown", case_ref="E-OTHER"))
    ledger.rate(SHA, "E-CANRY", "severe")
    assert [look.rating for look in ledger.looks()] == ["severe", "unknown"]


def test_harms_last_until_their_instant(ledger: Ledger) -> None:
    ledger.leave_out({"self_harm": NOW + 10, "violence": NOW + 10})
    assert ledger.harms(NOW + 9) == {"self_harm", "violence"}
    assert ledger.harms(NOW + 10) == frozenset()
    ledger.leave_out({"violence": NOW + 10})
    assert ledger.harms(NOW) == {"violence"}


def test_a_file_that_is_none_of_ours_is_a_sentence(ledger: Ledger) -> None:
    ledger.path.write_bytes(b"no database" * 200)
    with pytest.raises(StoreError, match="starts it anew"):
        ledger.looks()
    assert ledger.path.read_bytes().startswith(b"no database")


def test_a_newer_file_is_left_alone(ledger: Ledger) -> None:
    ledger.begin(LOOK)
    connection = driver.plain(ledger.path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StoreError, match="later escaltui"):
        ledger.begin(LOOK)


LOOKER = """
import sys
from pathlib import Path
from escaltui.safety.exposure import Look
from escaltui.store.wellbeing import Ledger
ledger, at = Ledger(Path(sys.argv[1])), 0
while True:
    at += 1
    number = ledger.begin(Look(at, "a" * 64, case_ref="E-1"))
    print("began", at, flush=True)
    ledger.end(number, 5.0)
    print("told", at, flush=True)
"""


def test_killed_while_looking_only_the_running_seconds_are_lost(ledger: Ledger) -> None:
    for lines in (1, 2, 7, 12):
        ledger.path.unlink(missing_ok=True)
        child = subprocess.Popen([sys.executable, "-c", LOOKER, ledger.path.parent], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        said = [child.stdout.readline().split() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        said += [line.split() for line in child.stdout.read().splitlines() if line[-1:].isdigit()]
        child.wait()
        rows = {look.at: look.seconds for look in ledger.looks()}
        assert {int(at) for word, at in said if word == "began"} <= set(rows)
        assert all(rows[int(at)] == 5.0 for word, at in said if word == "told")
