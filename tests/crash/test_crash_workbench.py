"""`kill -9` at random moments of a program that types drafts and saves notes: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from escaltui.workbench import Workbench

TYPIST = Path(__file__).with_name("typist.py")


class Heard:
    """What the typist said before it was killed."""

    def __init__(self, lines: list[bytes]) -> None:
        said = [json.loads(line) for line in lines]
        self.case = next(each["case"] for each in said if "case" in each)
        self.notes = [each["note"] for each in said if "note" in each]
        self.draft = ""
        for each in said:
            self.draft = each.get("draft", "")


def one_round(store: Path, name: str, chance: random.Random) -> Heard:
    """Let a typist work for a random time, counted from its first word, and kill it."""
    typist = subprocess.Popen([sys.executable, str(TYPIST), str(store), name], stdout=subprocess.PIPE)
    assert typist.stdout is not None
    said = bytearray(os.read(typist.stdout.fileno(), 65536))
    assert said, f"the typist did not start: {typist.wait(20)}"
    end = time.monotonic() + chance.uniform(0, 0.25)
    while (left := end - time.monotonic()) > 0:
        if select.select([typist.stdout], [], [], left)[0]:
            said += os.read(typist.stdout.fileno(), 65536)
    os.kill(typist.pid, signal.SIGKILL)
    said += typist.stdout.read()
    typist.stdout.close()
    assert typist.wait(20) == -signal.SIGKILL, "it ended before it was killed"
    return Heard(bytes(said).splitlines(keepends=False) if said.endswith(b"\n") else bytes(said).splitlines()[:-1])


def notes_of(bench: Workbench, case: str) -> list[str]:
    rows = bench.store.bundle(case)
    assert rows is not None
    return [note.body for note in rows.notes]


def check(store: Path, heard: Heard) -> None:
    """Nothing acknowledged is lost, nothing is there twice, and the log is sound."""
    bench = Workbench.open(store)  # raises where the store does not open clean
    try:
        kept = notes_of(bench, heard.case)
        missing = [note for note in heard.notes if kept.count(note) != 1]
        assert not missing
        assert len(kept) == len(set(kept))
        draft = bench.draft(f"note {heard.case}") or ""
        saved_unheard = [note for note in kept if note.startswith(heard.draft) and note not in heard.notes]
        assert draft.startswith(heard.draft) or saved_unheard, "the last acknowledged draft is gone"
        found = bench.store.verify()
        assert found.sound, found.reason
    finally:
        bench.close()


def test_no_acknowledged_word_is_lost(desk_folder: Path, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(desk_folder.parent / "config"))
    chance = random.Random()
    notes = 0
    for number in range(rounds):
        heard = one_round(desk_folder, f"round {number}", chance)
        check(desk_folder, heard)
        notes += len(heard.notes)
    assert notes, "no round saved a note: the typist was always killed too early"


def test_the_check_finds_a_lost_note(desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(desk_folder.parent / "config"))
    heard = one_round(desk_folder, "alone", random.Random(3))
    check(desk_folder, heard)
    heard.notes.append("[alone.9999] never written")
    with pytest.raises(AssertionError):
        check(desk_folder, heard)


def test_the_check_finds_a_lost_draft(desk_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(desk_folder.parent / "config"))
    heard = one_round(desk_folder, "alone", random.Random(3))
    heard.draft = "[alone.9999] never kept"
    with pytest.raises(AssertionError):
        check(desk_folder, heard)
