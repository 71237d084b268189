"""`kill -9` at random moments: what was acknowledged is there, the store opens clean, the chain verifies.

ESCALTUI_ROUNDS sets how often (20); the seed of the moments is printed and can be given as ESCALTUI_SEED.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from escaltui.store import Store, folder

ROUNDS = int(os.environ.get("ESCALTUI_ROUNDS", "20"))
LEAST = 0.25
NOTES = 5
"""At most so many notes' time passes before a kill, on this machine as busy as it is, and at least so many seconds."""
TYPIST = Path(__file__).with_name("typist.py")


def killed_after(place: Path, case_id: str, seconds: float) -> list[list[str]]:
    """Let the typist work, end it without warning some time after its first word, and give what it acknowledged."""
    child = subprocess.Popen([sys.executable, TYPIST, place, case_id], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    first = child.stdout.readline()
    timer = threading.Timer(seconds, child.send_signal, [signal.SIGKILL])
    timer.start()
    said = first + child.stdout.read()
    child.wait()
    timer.cancel()
    assert child.returncode == -signal.SIGKILL
    return [line.split() for line in said.splitlines() if line.endswith(tuple("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))]


def pace(place: Path, case_id: str) -> float:
    """Seconds from the typist's first word to its first note that is acknowledged."""
    child = subprocess.Popen([sys.executable, TYPIST, place, case_id], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    began = time.monotonic()
    while not child.stdout.readline().startswith("note"):
        assert child.poll() is None
    child.kill()
    child.communicate()
    return time.monotonic() - began


def test_nothing_acknowledged_is_lost_by_a_kill(desk):
    seed = int(os.environ.get("ESCALTUI_SEED", str(random.SystemRandom().randrange(10**6))))
    print(f"seed {seed}")
    moments, case_id, place = random.Random(seed), desk.open(), desk.store.folder
    desk.store.close()
    acknowledged: set[str] = set()
    longest = max(LEAST, NOTES * pace(place, case_id))
    for _ in range(ROUNDS):
        said = killed_after(place, case_id, moments.uniform(0, longest))
        notes = {line[2] for line in said if line[0] == "note" and len(line) == 3 and len(line[2]) == 26}
        drafts = [line[1] for line in said if line[0] == "draft"]
        acknowledged |= notes
        store = Store.open(place)
        try:
            assert store.verify().sound
            assert acknowledged <= {note.id for note in store.bundle(case_id).notes}
            kept = store.draft("note") or ""
            pid, _, number = kept.partition("-")
            assert drafts
            assert pid == drafts[-1].partition("-")[0]
            assert int(number) >= int(drafts[-1].partition("-")[2])
            assert len(store.outbox(limit=100_000)) == store.last_seq()
        finally:
            store.close()
    print(f"{len(acknowledged)} notes acknowledged in {ROUNDS} rounds, none lost")
    assert len(acknowledged) > ROUNDS


def test_an_unclean_end_is_noticed_at_the_next_opening(desk, monkeypatch):
    from escaltui.store import engine

    case_id, place = desk.open(), desk.store.folder
    desk.store.close()
    checked = []
    whole = engine.Engine._check
    monkeypatch.setattr(engine.Engine, "_check", lambda self: (checked.append(1), whole(self)))
    Store.open(place).close()
    assert checked == []
    killed_after(place, case_id, 0.05)
    Store.open(place).close()
    assert checked == [1]
    assert folder.Lock(place / "lock").alone
