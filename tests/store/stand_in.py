"""Keyrings that stand for the system's own: a good one, and those that must not be trusted with a key."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend

FILE = "TEST_RING"
"""The file that a stand-in shares between processes; without it, it is in memory."""


class Ring(KeyringBackend):
    """Keeps what it is given, as GNOME Keyring and the like do."""

    priority = -1
    """Never chosen by itself: that a test knows it would make it the system's for all that come after."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}\n{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._kept() | {f"{service}\n{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._keep({name: value for name, value in self._kept().items() if name != f"{service}\n{username}"})

    def _kept(self) -> dict[str, str]:
        file = os.environ.get(FILE)
        if not file:
            return self.kept
        return dict(json.loads(Path(file).read_text())) if Path(file).exists() else {}

    def _keep(self, kept: dict[str, str]) -> None:
        self.kept = kept
        if file := os.environ.get(FILE):
            Path(file).write_text(json.dumps(kept))


class Forgetful(Ring):
    """Takes everything and gives nothing back."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class Locked(Ring):
    """Is not unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("the collection is locked")

    set_password = delete_password = get_password  # type: ignore[assignment]


class PlaintextKeyring(Ring):
    """Keeps it for everybody to read."""
