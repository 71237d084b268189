"""The rule set that the backend decides by: read from a folder, given to whoever asks by its hash, read anew when the
files change. Files that do not hold together change nothing: the last set that did stays, and the log says why."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from escaltui import rules_packed
from escaltui.domain.ruleset import RuleSet
from escaltui.rules_loader import RuleFault
from escaltui.rules_packed import Book

LOOK = 30.0
"""Seconds between two looks at the files."""
KEPT = 4
"""Sets that are still given by their hash: who asked for one may come just after it changed."""
Stamp = tuple[tuple[str, int, int], ...]


class Rulebook:
    """The rule set in force. `folder`: a team's rules, laid over the packaged ones; None for those alone. Raises
    RuleFault where the files cannot be used at first."""

    def __init__(self, folder: Path | None, log: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self._folder, self._log, self._guard = folder, log, threading.Lock()
        self._stamp = self._stamped()
        first = rules_packed.read(folder)
        self._books = {first.rules.hash: first}
        self._now = first
        self.changed: Callable[[RuleSet], None] = lambda _: None
        """Told when another set is in force."""

    @property
    def rules(self) -> RuleSet:
        """The set in force."""
        return self._now.rules

    def text(self, wanted: str) -> bytes | None:
        """A set by its hash, as it travels; None for one that was not in force lately."""
        found = self._books.get(wanted)
        return found.text if found is not None else None

    def look(self) -> bool:
        """Read the files where they changed; whether another set is in force. Safe from any thread."""
        with self._guard:
            stamp = self._stamped()
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            try:
                found = rules_packed.read(self._folder)
            except (RuleFault, OSError) as error:
                kinds = error.faults if isinstance(error, RuleFault) else (type(error).__name__,)
                self._log({"rules": "kept", "hash": self._now.rules.hash, "faults": list(kinds[:20])})
                return False
            return self._taken(found)

    def _taken(self, found: Book) -> bool:
        if found.rules.hash == self._now.rules.hash:
            return False
        self._now = found
        self._books = dict([*self._books.items(), (found.rules.hash, found)][-KEPT:])
        self._log({"rules": "changed", "hash": found.rules.hash})
        self.changed(found.rules)
        return True

    def watch(self, stop: threading.Event) -> None:
        """Look every 30 seconds until it is to stop."""
        while not stop.wait(LOOK):
            self.look()

    def _stamped(self) -> Stamp:
        if self._folder is None:
            return ()
        found = []
        for path in sorted([*self._folder.glob("*.toml"), *self._folder.glob("templates/*.md")]):
            with suppress(OSError):
                stat = path.stat()
                found.append((path.name, stat.st_mtime_ns, stat.st_size))
        return tuple(found)
