"""Two workbenches on one desk, in tmux: a race for a case, a note written offline, a claim taken over, a conflict."""

from __future__ import annotations

import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from terminal import REPOSITORY
from tmux_screen import Tmux

sys.path.insert(0, str(REPOSITORY / "tools"))
import team_demo

REF = re.compile(r"E-[0-9A-HJKMNP-TV-Z]{5,}")
SLOW = 60.0


class Team:
    """A backend that can go away and come back, and two people's workbenches."""

    def __init__(self, folder: Path, tmux: str) -> None:
        self.folder, self._tmux, self._server = folder, tmux, ExitStack()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        url = self.begin()
        self.homes = [team_demo.member(folder, folder / "server", url, person) for person in team_demo.PEOPLE]
        team_demo.fill(self.homes[0], 12)

    def begin(self) -> str:
        return self._server.enter_context(team_demo.backend(self.folder / "server", self._port))

    def end(self) -> None:
        self._server.close()

    def token(self, n: int) -> str:
        return (self.homes[n] / "token").read_text("utf-8")

    def workbench(self, n: int) -> Tmux:
        home = self.homes[n]
        environ = {"ESCALTUI_CONFIG": str(home), "ESCALTUI_TOKEN": self.token(n), "LANG": "C.UTF-8", "LANGUAGE": "en"}
        return Tmux(self._tmux, [team_demo.ESCALTUI], 120, 36, environ, home)

    def said(self, n: int, ref: str) -> list[str]:
        """The notes of a case as somebody's store has them."""
        found: dict[str, Any] = team_demo.run("show", ref, token=self.token(n), home=self.homes[n])
        return [line["text"] for line in found["timeline"] if line["what"] == "note"]


@pytest.fixture
def team(tmux: str) -> Iterator[Team]:
    with tempfile.TemporaryDirectory(prefix="escaltui-team-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's own account passes through where root runs the tests
        made = Team(folder, tmux)
        yield made
        made.end()


def opened(terminal: Tmux) -> str:
    """The reference of the case that is open, claimed."""
    screen = terminal.wait_for("yours until", SLOW)
    found = REF.search(screen[0])
    assert found
    return found[0]


def test_two_specialists_at_one_desk(team: Team) -> None:
    with team.workbench(0) as ada, team.workbench(1) as bo:
        for each in (ada, bo):
            each.wait_for("online", SLOW)
            each.wait_for("12", SLOW)
        ada.press("n")
        bo.press("n")
        hers, his = opened(ada), opened(bo)
        assert hers != his, "one case was given to both"

        team.end()
        ada.press("c")
        ada.wait_for("ctrl+s")
        ada.type("Written on a train.")
        ada.press("ctrl+s")
        ada.wait_for(lambda text: "waiting" in text and "Written on a train." in text, SLOW)
        team.begin()
        ada.wait_for(lambda text: "online" in text and "waiting" not in text, SLOW)
        bo.wait_for("online", SLOW)
        end = time.monotonic() + SLOW
        while not team.said(1, hers) and time.monotonic() < end:
            time.sleep(0.2)
        assert team.said(1, hers) == ["Written on a train."]

        bo.press("escape")
        bo.wait_for("All open", SLOW)
        bo.type(f":open {hers}")
        bo.press("enter")
        bo.wait_for("ada", SLOW)
        bo.press("a")
        bo.wait_for("take over", SLOW)
        bo.press("t")
        bo.wait_for("Why?", SLOW)
        bo.type("Her shift is over")
        bo.press("enter")
        bo.wait_for("yours until", SLOW)
        ada.wait_for(lambda text: "yours until" not in text and "bo" in text, SLOW)


def test_who_came_second_keeps_their_words_and_settles_it(team: Team) -> None:
    with team.workbench(0) as ada, team.workbench(1) as bo:
        for each in (ada, bo):
            each.wait_for("online", SLOW)
            each.wait_for("12", SLOW)
        team.end()
        for each in (ada, bo):
            each.press("home")
            each.press("a")
            each.wait_for("claim: yours", SLOW)
            each.press("a")
            each.wait_for("waiting", SLOW)
        team.begin()

        def settled(text: str) -> bool:
            return "set aside" in text or ("online" in text and "waiting" not in text)

        for each in (ada, bo):
            each.wait_for(settled, SLOW)
        aside = [each for each in (ada, bo) if "set aside" in "\n".join(each.screen())]
        assert len(aside) == 1, "one of them has it, the other is told"
        (second,) = aside
        second.type(":outbox")
        second.press("enter")
        second.wait_for("Set aside", SLOW)
        second.press("enter")
        second.wait_for("keep what stands", SLOW)
        second.press("1")
        second.wait_for(lambda text: "set aside" not in text, SLOW)
