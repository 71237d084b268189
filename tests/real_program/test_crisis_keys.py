"""The jobs of an incident and of a handover by keys alone, in the real program at 80x24, each in one packet."""

from __future__ import annotations

import json
import re

import shift
from desks import Desk
from terminal import Terminal

WORDS = "dare"
LEAD, GIVER = "pverma", "rmarin"
OFFERED = re.compile(r"Offered to (\w+)\.")


def rows(desk: Desk, *command: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in desk.run(*command, "--json").splitlines()]


def test_cases_to_an_incident_and_an_update_take_eight_keys(desk: Desk) -> None:
    found = [str(row["ref"]) for row in rows(desk, "ls", f"{WORDS} is:open")]
    assert len(found) > 1
    desk.run("--as", LEAD, "people", found[0], "--add", "Head, head@example.org, line")
    keys = (("*",), ("enter", ";", "I", "n", "ctrl+s"), ("S", "ctrl+s"))
    assert sum(map(len, keys)) <= 8
    with desk.open(ESCALTUI_AS=LEAD) as terminal:
        terminal.wait_for(shift.at_queue, words="queue")
        terminal.press("0", *keys[0])
        terminal.type(WORDS)
        terminal.press(*keys[1], *keys[2])
        terminal.wait_for("The update is out", words="update that is out")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    made = next(row for row in rows(desk, "incident", "list") if row["lead"] == LEAD)
    assert made["cases"] == len(found)


def seen(terminal: Terminal) -> list[str]:
    """The screen once the handover is offered. pyte cannot read half of a wide sign that was drawn over: draw anew."""
    for _try in range(3):
        try:
            return terminal.wait_for(lambda text: OFFERED.search(text) is not None, words="handover that is offered")
        except IndexError:
            terminal.press("ctrl+l")
            terminal.quiet()
    return terminal.screen()


def test_a_handover_takes_five_keys_and_its_receiver_sees_it(desk: Desk) -> None:
    keys = ("g", "s", "@", "enter", "ctrl+s")
    assert len(keys) <= 5
    with desk.open(ESCALTUI_AS=GIVER) as terminal:
        terminal.wait_for(shift.at_queue, words="queue")
        terminal.press(*keys)
        shown = seen(terminal)
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
    (to,) = OFFERED.findall("\n".join(shown))
    made = next(row for row in rows(desk, "--as", to, "handover") if row["from"] == GIVER)
    assert made["to"] == to
    assert made["items"]
