"""What the story of the week is told with: a backend, stores that follow its desk, workbenches whose keys are counted.

The backend has a PostgreSQL of its own; letters go to a mail server on loopback.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import wave_rows as reports
from terminal import REPOSITORY

sys.path.append(str(REPOSITORY / "tools"))
sys.path.append(str(REPOSITORY / "tests" / "e2e"))
sys.path.append(str(REPOSITORY / "tests" / "outbound"))
import team_demo
from smtp_server import MailServer
from tmux_screen import Tmux

SLOW = 90.0
"""Seconds until a state that does not come is a failure."""
ADA, BO, CY = "ada", "bo", "cy"
"""Who declares the incident, who takes the shift over, whose store takes the reports in."""
MAIL = '\n[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "desk@commonlea.example"\nsecurity = "none"\n'


class Hands(Tmux):
    """A workbench in tmux; counts the keys that are pressed, and apart from them the letters of words typed."""

    keys = 0
    letters = 0

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        super().press(*("\\;" if key == ";" else key for key in keys))  # to tmux a bare one ends a command

    def type(self, text: str) -> None:
        self.letters += len(text)
        super().type(text)

    def line(self, text: str) -> None:
        """A line typed into a field."""
        self.type(text)
        self.wait_for(text.strip()[-20:], SLOW)

    def told(self, what: str) -> str:
        """What was pressed since the last time."""
        said = f"{what}: {self.keys} keys" + (f" and {self.letters} letters of words" if self.letters else "")
        self.keys = self.letters = 0
        return said


class Night:
    """The backend, three stores on its desk, the mail server."""

    def __init__(self, folder: Path, tmux: str) -> None:
        self.folder, self._tmux, self._over = folder, tmux, ExitStack()
        self.mail = self._over.enter_context(MailServer())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.server = folder / "server"
        self.url = self._over.enter_context(team_demo.backend(self.server, port))
        self.homes: dict[str, Path] = {}
        for person in (ADA, BO, CY):
            self.join(person)

    def join(self, person: str) -> None:
        """One more store on the desk."""
        home = self.homes[person] = team_demo.member(self.folder, self.server, self.url, person)
        with (home / "config.toml").open("a", encoding="utf-8") as file:
            file.write(MAIL.format(port=self.mail.port))

    def revoke(self, person: str) -> None:
        """Somebody works at the desk no more."""
        team_demo.run("serve", "revoke", person, "global", "--folder", str(self.server))

    def end(self) -> None:
        """Stop the backend and the mail server."""
        self._over.close()

    def token(self, person: str) -> str:
        return (self.homes[person] / "token").read_text("utf-8")

    def workbench(self, person: str, columns: int = 120, rows: int = 36) -> Hands:
        """Somebody's workbench."""
        home = self.homes[person]
        environ = {"ESCALTUI_CONFIG": str(home), "ESCALTUI_TOKEN": self.token(person), "LANG": "C.UTF-8",
                   "LANGUAGE": "en"}  # fmt: skip
        return Hands(self._tmux, [team_demo.ESCALTUI], columns, rows, environ, home)

    def ran(self, person: str, words: Sequence[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Somebody's plain command, however it ends."""
        environ = {**os.environ, "ESCALTUI_TOKEN": self.token(person), "ESCALTUI_CONFIG": str(self.homes[person]),
                   "LANGUAGE": "en"}  # fmt: skip
        return subprocess.run([team_demo.ESCALTUI, *words], capture_output=True, text=True, env=environ, check=False,
                              input=text)  # fmt: skip

    def said(self, person: str, *words: str, text: str | None = None) -> str:
        """What somebody's plain command prints."""
        done = self.ran(person, words, text)
        assert done.returncode == 0, f"{person}: escaltui {' '.join(words)}: {done.returncode}: {done.stderr}"
        return done.stdout

    def rows(self, person: str, *words: str, text: str | None = None) -> list[dict[str, Any]]:
        """The same as objects."""
        told = self.said(person, *words[:1], "--json", *words[1:], text=text)
        return [json.loads(line) for line in told.splitlines() if line.startswith("{")]

    def takes_in(self, name: str, rows: Iterator[dict[str, Any]]) -> int:
        """Reports come: into Cy's store, and from there to the desk. Gives how many cases were opened."""
        (found,) = self.rows(CY, "import", str(reports.written(self.folder / name, rows)))
        self.said(CY, "sync")
        return int(found["opened"])


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait for a state outside a screen."""
    end = time.monotonic() + SLOW
    while not (found := holds()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.2)
    return found
