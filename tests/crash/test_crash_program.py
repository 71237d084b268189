"""`kill -9` of the real program at random moments of typing and saving: at most two seconds of typing are lost."""

from __future__ import annotations

import os
import random
import time

import pytest
import shift
from desks import Desk
from terminal import Terminal

from escaltui.workbench import Workbench

KEPT_WITHIN = 2.0
"""Seconds of typing that a kill may cost."""
PACE = 0.03
WORDS = "they will publish at four whatever we answer so the desk was told before noon by phone"


class Round:
    """One life of the program: what was typed when, and which notes it said were kept."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name, self.chance = name, chance
        self.noted: list[str] = []
        self.typed: list[tuple[float, str]] = []
        self.saving = ""
        self.killed = 0.0
        self.ref = ""

    def live(self, terminal: Terminal) -> None:
        """Take a case, save up to two notes, type on, and be killed."""
        terminal.wait_for(shift.at_queue, words="queue")
        self.ref = shift.take_next(terminal)
        for number in range(self.chance.randint(0, 2)):
            self.write(terminal, f"{self.name} note {number}")
            self.saving = self.typed[-1][1]
            terminal.press("ctrl+s")
            terminal.wait_for("Noted.")
            self.noted.append(self.saving)
            self.saving, self.typed = "", []
        self.write(terminal, f"{self.name} draft", until=self.chance.uniform(0, 3))
        if self.chance.random() < 0.3:
            self.saving = self.typed[-1][1]
            terminal.press("ctrl+s")
        self.killed = time.monotonic()
        terminal.kill()

    def write(self, terminal: Terminal, text: str, until: float = 0.2) -> None:
        """Type into a new note, a few letters at a time, for some seconds."""
        terminal.press("c")
        terminal.wait_for(f"Note {self.ref}")
        terminal.type(text)
        end = time.monotonic() + until
        self.typed = [(time.monotonic(), text)]
        while time.monotonic() < end:
            word = " " + self.chance.choice(WORDS.split())
            terminal.burst(word, PACE)
            text += word
            self.typed.append((time.monotonic(), text))
        terminal.wait_for(text.split()[-1])

    def must_be_kept(self) -> str:
        """What had been typed two seconds before the kill."""
        return next((text for at, text in reversed(self.typed) if at <= self.killed - KEPT_WITHIN), "")


def check(bench: Workbench, life: Round) -> None:
    """Every note that was said to be kept is there once; the draft has all but the last two seconds."""
    line = bench.line(life.ref)
    assert line is not None
    rows = bench.store.bundle(line.id)
    assert rows is not None
    bodies = [note.body for note in rows.notes]
    assert [bodies.count(note) for note in life.noted] == [1] * len(life.noted)
    draft = bench.draft(f"note {line.id}") or ""
    saved = bool(life.saving) and life.saving in bodies
    assert saved or draft.startswith(life.must_be_kept()), (draft, life.must_be_kept())
    found = bench.store.verify()
    assert found.sound, found.reason


@pytest.mark.parametrize("part", range(4))
def test_killing_the_program_loses_at_most_two_seconds(
    desk: Desk, rounds: int, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(desk.config))
    chance = random.Random(f"{part} {os.environ.get('ESCALTUI_SEED', '')}")
    lives = rounds // 4 if os.environ.get("ESCALTUI_THOROUGH") else 1
    for number in range(lives):
        life = Round(f"life {part}.{number}", chance)
        with desk.open(120, 36) as terminal:
            life.live(terminal)
        bench = Workbench.open(desk.store)
        try:
            check(bench, life)
            bench.drop_draft(f"note {bench.store.line(life.ref).id}")  # type: ignore[union-attr]
        finally:
            bench.close()
