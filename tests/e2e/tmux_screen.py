"""A program in a tmux window of its own server: keys by send-keys, the screen by capture-pane."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from terminal import PATIENCE, REPOSITORY, environment

LOOK_EVERY = 0.05
"""Seconds between two looks at the screen: tmux tells nobody when it changes."""
NAMES = {"enter": "Enter", "escape": "Escape", "tab": "Tab", "backspace": "BSpace", "up": "Up", "down": "Down",
         "home": "Home", "end": "End", "pageup": "PPage", "pagedown": "NPage", "space": "Space"}  # fmt: skip


class Tmux:
    """One program in one window. Use it as a context: its server, and no other, is ended with it."""

    def __init__(
        self, tmux: str, argv: Sequence[str], columns: int, rows: int, env: Mapping[str, str], folder: Path
    ) -> None:
        self._tmux, self._socket, self._code = tmux, folder / "tmux", folder / "code"
        self._code.unlink(missing_ok=True)
        command = f"{shlex.join(argv)}; echo $? > {shlex.quote(str(self._code))}; exec cat"
        variables = [part for name, value in env.items() for part in ("-e", f"{name}={value}")]
        self._run("-f", os.devnull, "new-session", "-d", "-s", "desk", "-x", str(columns), "-y", str(rows),
                  "-c", str(REPOSITORY), *variables, command)  # fmt: skip

    def __enter__(self) -> Tmux:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("kill-server")

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._tmux, "-u", "-S", str(self._socket), *arguments], capture_output=True, text=True,
            env=environment({}), timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def press(self, *keys: str) -> None:
        """Keys, in one call."""
        named = [NAMES.get(key, "C-" + key[5:] if key.startswith("ctrl+") else key) for key in keys]
        self._run("send-keys", "-t", "desk", *named)

    def type(self, text: str) -> None:
        """Text, letter for letter."""
        self._run("send-keys", "-t", "desk", "-l", text)

    def screen(self) -> list[str]:
        """The lines on the screen."""
        return [line.rstrip() for line in self._run("capture-pane", "-p", "-t", "desk").split("\n")[:-1]]

    def wait_for(
        self, wanted: str | Callable[[str], bool], timeout: float | None = None, *, words: str = ""
    ) -> list[str]:
        """The screen once it has a text or meets a condition. Raises AssertionError with the screen it has instead."""
        end = time.monotonic() + (timeout or PATIENCE)
        while True:
            shown = "\n".join(self.screen())
            if wanted in shown if isinstance(wanted, str) else wanted(shown):
                return shown.split("\n")
            if time.monotonic() > end:
                raise AssertionError(
                    f"no {words or (wanted if isinstance(wanted, str) else 'such screen')} in:\n{shown}"
                )
            time.sleep(LOOK_EVERY)

    def wait_end(self, timeout: float | None = None) -> int:
        """The exit code, once the program has ended."""
        end = time.monotonic() + (timeout or PATIENCE)
        while not (self._code.exists() and self._code.read_text().strip()):
            if time.monotonic() > end:
                raise AssertionError("the program goes on:\n" + "\n".join(self.screen()))
            time.sleep(LOOK_EVERY)
        return int(self._code.read_text())
