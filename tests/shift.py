"""The path of one short shift, by keys alone: next, read, look up, cite, note, skip, undo, quit; and that it is kept.

Walked over a pty on the demo desk, and in tmux on real material. `Screenful` is what both terminals offer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

from desks import Desk

LOOKED_UP = "court order"
NOTE = "Called the desk at noon; the order names twelve posts, we hold four of them."
REF = re.compile(r"E-[0-9A-Z]{5,}")
SECTION = re.compile(r"─ (\S+) [^─]*\[ \d{4}-\d\d-\d\d \]")
"""The head of the section that is being read: its id, and the version in brackets."""


class Screenful(Protocol):
    """A terminal that shows the program."""

    def press(self, *keys: str) -> None:
        """Keys, in one packet."""

    def type(self, text: str) -> None:
        """Text, in one packet."""

    def screen(self) -> list[str]:
        """The lines on the screen."""

    def wait_for(
        self, wanted: str | Callable[[str], bool], timeout: float | None = ..., *, words: str = ...
    ) -> list[str]:
        """The screen once it is as wanted."""

    def wait_end(self, timeout: float | None = ...) -> int:
        """The exit code."""


class Walked(NamedTuple):
    """What a walk did: the case it took, the section it cited."""

    ref: str
    section: str


def at_queue(shown: str) -> bool:
    """Whether the queue is open and lists something."""
    return shown.startswith("escaltui / Queue ") and REF.search(shown) is not None


def at_case(shown: str) -> bool:
    """Whether a case is open, with nothing over it."""
    return shown.startswith("escaltui / Queue / E-") and "┌─" not in shown


def take_next(terminal: Screenful) -> str:
    """`n` from wherever; gives the reference of the case that opens."""
    before = terminal.screen()[0]
    terminal.press("n")
    shown = terminal.wait_for(
        lambda text: at_case(text) and text.split("\n")[0] != before and "yours until" in text.split("\n")[0],
        words="case that is mine",
    )
    found = REF.search(shown[0])
    assert found is not None
    return found[0]


def read_through(terminal: Screenful) -> None:
    """Read the case to its end and back."""
    terminal.press("end", "home")
    terminal.wait_for(at_case)


def look_up(terminal: Screenful) -> str:
    """`p`, the words, the first hit; gives its section."""
    terminal.press("p")
    terminal.wait_for(lambda text: text.startswith("escaltui / Policy"), words="policy screen")
    terminal.type(LOOKED_UP)
    terminal.wait_for(lambda text: f"/ {LOOKED_UP}" in text, words="words in the search field")
    terminal.press("enter")
    shown = terminal.wait_for(lambda text: SECTION.search(text) is not None, words="section")
    found = SECTION.search("\n".join(shown))
    assert found is not None
    return found[1]


def walk(terminal: Screenful) -> Walked:
    """The whole path, up to the end of the program."""
    terminal.wait_for(at_queue, words="queue")
    ref = take_next(terminal)
    read_through(terminal)
    section = look_up(terminal)
    terminal.press("L")
    terminal.wait_for(lambda text: at_case(text) and f"Cited {section}" in text, words="citation")
    terminal.press("c")
    terminal.wait_for(f"Note {ref}")
    terminal.type(NOTE)
    terminal.wait_for(NOTE[:40])
    terminal.press("ctrl+s")
    terminal.wait_for(lambda text: at_case(text) and "Noted." in text, words="note that is kept")
    terminal.press("s")
    terminal.wait_for(f"Skip {ref}")
    terminal.press("f")
    terminal.wait_for("Skipped")
    terminal.press("u")
    terminal.wait_for(lambda text: "Undone" in text and "kip" in text, words="undone skip")
    terminal.press("ctrl+q")
    assert terminal.wait_end() == 0
    return Walked(ref, section)


def check_kept(desk: Desk, walked: Walked) -> None:
    """What the walk did, told by the plain twin: one object, from another process."""
    found = json.loads(desk.run("show", walked.ref, "--json"))
    case = found["case"]
    assert case["lease"]["person"] == "kosei"
    assert walked.section in case.get("pins", {})
    assert [note["body"] for note in found["notes"]].count(NOTE) == 1
    assert not case.get("skipped")
    told = [entry["what"] for entry in found["timeline"]]
    assert any("skip" in what for what in told), "the log has forgotten the skip"
    assert json.loads(desk.run("audit", "verify", "--json"))["sound"] is True


def check_shown(terminal: Screenful, walked: Walked) -> None:
    """What the walk did, seen in the program opened anew."""
    terminal.wait_for(at_queue, words="queue")
    terminal.press("/")
    terminal.type(f"ref:{walked.ref}")
    terminal.wait_for(lambda text: f"ref:{walked.ref}" in text and "1 of 1 " in text.split("\n")[0], words="filter")
    terminal.press("enter", "enter")
    terminal.wait_for(lambda text: at_case(text) and walked.ref in text.split("\n")[0], words="case")
    terminal.press("2", "end")
    terminal.wait_for("Called the desk")
    terminal.wait_for(walked.section[:30])  # a long id is broken over lines
    terminal.press("ctrl+q")
    assert terminal.wait_end() == 0
