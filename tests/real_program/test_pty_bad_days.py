"""The real program where things are not as they should be: no colours, a tiny window, a resize, a kill, a bad store."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
import shift
from desks import Desk
from terminal import Terminal

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
LOOKS = {"", "0", "1", "2", "3", "4", "7", "22", "23", "24", "27", "39", "49"}
"""Reset, bold, dim, italic, underline, reverse and their ends, the terminal's own ink and paper: no colours."""
NOTE = "The sergeant called back from the number in the directory and confirmed the request"


def open_note(terminal: Terminal) -> str:
    """The note sheet of the next case; gives its reference."""
    terminal.wait_for(shift.at_queue, words="queue")
    ref = shift.take_next(terminal)
    terminal.press("c")
    terminal.wait_for(f"Note {ref}")
    return ref


def colour_codes(output: bytes) -> list[bytes]:
    return [code for code in SGR.findall(output) if not set(code.decode().split(";")) <= LOOKS]


def test_no_color_sends_no_colour(desk: Desk) -> None:
    with desk.open(NO_COLOR="1") as terminal:
        shift.walk(terminal)
        assert not colour_codes(terminal.raw())
        assert SGR.findall(terminal.raw()), "no look at all: the test looks at nothing"


def test_without_no_color_there_are_colours(desk: Desk) -> None:
    with desk.open() as terminal:
        terminal.wait_for(shift.at_queue, words="queue")
        assert colour_codes(terminal.raw())


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (1, 1), (59, 16), (60, 15)])
def test_a_tiny_window_says_so_and_goes_on(desk: Desk, columns: int, rows: int) -> None:
    with desk.open(columns, rows) as terminal:
        if columns >= 20:
            terminal.wait_for("60x16")
            terminal.press("n", "c", "x", "escape")
        terminal.quiet(0.3)
        assert terminal.alive
        terminal.resize(80, 24)
        terminal.wait_for(lambda text: "escaltui / Queue" in text and "60x16" not in text, words="queue")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0


def test_a_resize_while_typing_keeps_the_text(desk: Desk) -> None:
    words = NOTE.split()
    with desk.open(80, 24) as terminal:
        ref = open_note(terminal)
        for number, word in enumerate(words):
            terminal.type(word + " ")
            terminal.resize(*((20, 5), (120, 40), (61, 17), (80, 24))[number % 4])
        terminal.resize(120, 36)
        terminal.wait_for(NOTE)
        terminal.press("ctrl+s")
        terminal.wait_for("Noted.")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    assert NOTE in desk.run("show", ref)


def test_a_killed_note_is_offered_again(desk: Desk) -> None:
    with desk.open(120, 36) as terminal:
        ref = open_note(terminal)
        terminal.type(NOTE)
        terminal.wait_for("draft kept", timeout=2 + 8)  # a draft is kept each second; the rest is a busy machine's
        terminal.kill()
    with desk.open(120, 36) as terminal:
        terminal.wait_for(shift.at_queue, words="queue")
        terminal.press("/")
        terminal.type(f"ref:{ref}")
        terminal.wait_for("1 of 1 ")
        terminal.press("enter", "enter")
        terminal.wait_for(lambda text: shift.at_case(text) and ref in text, words="case")
        terminal.press("c")
        terminal.wait_for(NOTE)
        terminal.press("ctrl+s")
        terminal.wait_for("Noted.")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    assert desk.run("show", ref, "--json").count(NOTE) >= 1
    assert desk.run("audit", "verify")


def draft_in(store: Path) -> str:
    """The text of the one note that is being typed."""
    with sqlite3.connect(store / "store.db") as connection:
        (body,) = connection.execute("SELECT body FROM draft WHERE key LIKE '%note%'").fetchone()
    connection.close()
    return str(body)


def test_leaving_with_a_note_open_keeps_it(desk: Desk) -> None:
    with desk.open(120, 36) as terminal:
        open_note(terminal)
        terminal.type(NOTE)
        terminal.wait_for(NOTE)
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    assert draft_in(desk.store) == NOTE


def test_leaving_right_after_typing_keeps_every_letter(desk: Desk) -> None:
    with desk.open(120, 36) as terminal:
        open_note(terminal)
        terminal.press(*NOTE, "ctrl+q")
        assert terminal.wait_end() == 0
    assert draft_in(desk.store) == NOTE


@pytest.mark.parametrize("fault", ["damaged", "newer", "no folder"])
def test_a_store_that_cannot_be_opened_is_one_sentence(desk: Desk, tmp_path: Path, fault: str) -> None:
    if fault == "damaged":
        (desk.store / "store.db").write_bytes(b"not a database " * 1000)
    elif fault == "newer":
        with sqlite3.connect(desk.store / "store.db") as connection:
            connection.execute("PRAGMA user_version = 9999")
        connection.close()
    else:
        (tmp_path / "file").touch()
        desk = Desk(tmp_path / "file" / "desk", desk.config)
    with desk.open(100, 30) as terminal:
        assert terminal.wait_end() == 3
        assert b"Traceback" not in terminal.raw()
        assert b"A defect" not in terminal.raw()
        assert str(desk.store.name) in terminal.text().replace("\n", "")
