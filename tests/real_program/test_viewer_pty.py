"""The viewer of the real program: canaries on the screen tell what is shown; every trigger brings the shield back.

ESCALTUI_ROUNDS sets how often each trigger is tried (1 by default; `make show-media` tries 50 times).
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import canary_desk
import pytest
from desks import Desk
from terminal import Terminal

ROUNDS = int(os.environ.get("ESCALTUI_ROUNDS", "1"))
THOROUGH = bool(os.environ.get("ESCALTUI_THOROUGH"))
SIZE = (174, 44)
"""At this size the picture has 120 columns: one sample of a canary each."""
HIDDEN, LAST_BYTE = 0.45, 0.3
"""Bit errors of a shielded frame, at least; seconds until its last byte (published, asserted only when thorough)."""
CANARIES = [canary_desk.bits(seed) for seed in (11, 12)]
BLUR = b"\x1b[O"
"""What a terminal sends when it loses the focus."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two pictures of one report."""
    folder = tmp_path_factory.mktemp("canaries")
    canary_desk.fill(folder / "desk", [(f"{n}.png", canary_desk.png(c)) for n, c in enumerate(CANARIES)])
    return folder


@contextmanager
def viewer(place: Path) -> Iterator[Terminal]:
    """The viewer, open on the first picture at rest."""
    with Desk(place / "desk", place / "config").open(*SIZE, COLORTERM="truecolor") as opened:
        opened.wait_for(lambda text: "Canary" in text, words="queue")
        opened.press("enter")
        opened.wait_for("Look at these", words="case")
        opened.press("v")
        at_rest(opened)
        yield opened


@pytest.fixture
def terminal(place: Path) -> Iterator[Terminal]:
    with viewer(place) as opened:
        yield opened


def at_rest(terminal: Terminal) -> None:
    terminal.wait_for(
        lambda text: "heavy blur" in text and canary_desk.HALF in text and " · " not in text, words="heavy blur"
    )
    terminal.quiet(0.4, timeout=3)  # longer than new items turn keys away


def to_clear_colour(terminal: Terminal) -> None:
    """The most that can be borrowed: clear and in colour."""
    terminal.press("enter")
    terminal.wait_for("clear grey · ", words="clear grey")
    terminal.press("o")
    terminal.wait_for("clear, colour · ", words="clear, colour")
    terminal.wait_for(lambda _text: errors(terminal) < 0.01, words="clear canary")


def errors(terminal: Terminal, which: int = 0) -> float:
    return canary_desk.wrong(canary_desk.frame(terminal), CANARIES[which])


def test_a_picture_rests_heavily_blurred_and_a_key_shows_it_for_a_while(terminal: Terminal) -> None:
    assert errors(terminal) >= HIDDEN
    terminal.press("space")
    terminal.wait_for(lambda _text: errors(terminal) < 0.01, words="peek")
    terminal.wait_for(lambda _text: errors(terminal) >= HIDDEN, words="end of the peek")
    terminal.press("]")
    terminal.wait_for("light blur · ", words="light")
    terminal.quiet(0.2)
    assert canary_desk.wrong(canary_desk.frame(terminal), CANARIES[0]) >= 0.39
    to_clear_colour(terminal)  # the control: the same eye reads every bit when nothing is in between


TRIGGERS: dict[str, Callable[[Terminal], None]] = {
    "b": lambda t: t.press("b"),
    "esc": lambda t: t.press("escape"),
    "[": lambda t: t.press("["),
    "focus lost": lambda t: t.send(BLUR),
    "another size": lambda t: t.resize(SIZE[0] + 1, SIZE[1]),
    "another picture": lambda t: t.press("2"),
    "commands": lambda t: t.press(":"),
    "help": lambda t: t.press("?"),
    "rating": lambda t: t.press("e"),
    "menu": lambda t: t.press("g"),
    "policies": lambda t: t.press("p"),
    "break": lambda t: t.press("B"),
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_each_trigger_brings_the_shield_back(place: Path, name: str) -> None:
    taken: list[float] = []
    for _ in range(ROUNDS):
        with viewer(place) as opened:
            to_clear_colour(opened)
            begun = time.monotonic()
            TRIGGERS[name](opened)
            taken.append(opened.answered(0.15) - begun)
            assert errors(opened) >= HIDDEN, "something of the picture is still there"
            assert errors(opened, 1) >= HIDDEN, "the other picture shows"
            assert not canary_desk.coloured(opened)
    print(f"{name}: key to last byte median {statistics.median(taken) * 1000:.0f} ms, worst {max(taken) * 1000:.0f} ms")
    if THOROUGH:
        assert max(taken) <= LAST_BYTE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_leaves_no_clear_frame(terminal: Terminal, number: signal.Signals) -> None:
    to_clear_colour(terminal)
    os.kill(terminal.pid, number)
    terminal.wait_end()
    assert errors(terminal) >= HIDDEN


def test_zoom_at_heavy_shows_no_more(terminal: Terminal) -> None:
    whole = canary_desk.frame(terminal)
    for _ in range(3):
        terminal.press("+")
        terminal.quiet(0.3, timeout=3)
    terminal.wait_for("×8")
    zoomed = canary_desk.frame(terminal)
    known = {round(value, 3) for row in whole for value in row}
    assert {round(value, 3) for row in zoomed for value in row} <= known, "a tone that the whole picture has not"
    steps = sum(a != b for row in zoomed for a, b in pairwise(row))
    assert steps <= len(zoomed) * len(zoomed[0]) / 6, "an enlarged part has finer steps than eight samples"


def test_only_our_own_sequences_reach_the_terminal(terminal: Terminal) -> None:
    to_clear_colour(terminal)
    terminal.press("b")
    terminal.quiet(0.2)
    found = set(re.findall(rb"\x1b[PX^_]|\x1b\](?!22;|52;)[0-9]+|\x9b|\x9d", terminal.raw()))
    assert not found, "a graphics protocol, an address or a title would outlive the picture"
