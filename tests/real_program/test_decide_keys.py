"""The jobs of deciding by keys alone, in the real program at 80x24: none above its budget of keys, prose aside."""

from __future__ import annotations

import json

import pytest
import shift
from desks import Desk
from terminal import Terminal

WHY = "It calls for violence"
PERSON = "rmarin"


class Counted:
    """A terminal that counts keys; prose is typed aside."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self.keys = terminal, 0

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        self.terminal.press(*keys)


def opened(desk: Desk, terminal: Terminal, case_type: str, *, claimed: bool = True) -> str:
    """A new case with one post, open on the screen."""
    made = json.loads(desk.run("--as", PERSON, "new", "--title", "A post", "--type", case_type, "--item",
                               "https://commonlea.example/posts/7", "--json"))  # fmt: skip
    ref: str = made["ref"]
    if claimed:
        desk.run("--as", PERSON, "claim", ref)
    terminal.wait_for(shift.at_queue, words="queue")
    terminal.press("/")
    terminal.type(f"ref:{ref}")
    terminal.wait_for(lambda text: f"ref:{ref}" in text and "1 of 1 " in text.split("\n")[0], words="filter")
    terminal.press("enter", "enter")
    terminal.wait_for(lambda text: shift.at_case(text) and ref in text.split("\n")[0], words="case")
    return ref


def case(desk: Desk, ref: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(desk.run("show", ref, "--json"))
    return found


def test_the_next_case_takes_one_key(desk: Desk) -> None:
    with desk.open(ESCALTUI_AS=PERSON) as terminal:
        terminal.wait_for(shift.at_queue, words="queue")
        ref = shift.take_next(terminal)  # n
    assert case(desk, ref)["case"]["lease"]["person"] == PERSON  # type: ignore[index]


def test_triage_as_proposed_takes_three_keys(desk: Desk) -> None:
    with desk.open(ESCALTUI_AS=PERSON) as terminal:
        ref = opened(desk, terminal, "user_escalation", claimed=False)
        counted = Counted(terminal)
        counted.press("e", "t", "ctrl+s")
        terminal.wait_for(lambda text: shift.at_case(text) and "Triaged" in text, words="triage that is done")
    assert case(desk, ref)["case"]["status"] == "triaged"  # type: ignore[index]
    assert counted.keys <= 3


@pytest.mark.parametrize("packet", [False, True])
def test_deciding_with_a_section_takes_ten_keys(desk: Desk, packet: bool) -> None:
    with desk.open(ESCALTUI_AS=PERSON) as terminal:
        ref = opened(desk, terminal, "user_escalation")
        counted = Counted(terminal)
        keys = ("d", "2", "v", "i", ".", "2", "enter", "r")
        if packet:
            counted.press(*keys)
        else:
            for key in keys:
                counted.press(key)
                terminal.quiet()
        terminal.type(WHY)
        counted.press("ctrl+s")
        terminal.wait_for("Decided")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    (made,) = case(desk, ref)["decisions"]  # type: ignore[misc]
    (line,) = made["lines"]
    assert (line["outcome"], [each["section"] for each in line["cites"]]) == ("violation_action", ["vi.2"])
    assert ([each["name"] for each in line["actions"]], made["rationale"]) == (["remove"], WHY)
    assert counted.keys <= 10


def test_asking_legal_takes_three_keys(desk: Desk) -> None:
    with desk.open(ESCALTUI_AS=PERSON) as terminal:
        ref = opened(desk, terminal, "legal_removal")
        counted = Counted(terminal)
        counted.press("C", "l", "ctrl+s")
        terminal.wait_for(lambda text: shift.at_case(text) and "Legal is asked" in text, words="question that is asked")
    (asked,) = case(desk, ref)["consults"]  # type: ignore[misc]
    assert (asked["team"], asked["created_by"]) == ("legal", PERSON)
    assert "answer" not in asked
    assert counted.keys <= 3
