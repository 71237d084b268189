"""Whom a token stands for, remembered for a moment, so that a request does not cost a transaction for that alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from escaltui.server.people import Caller

SECONDS = 15.0
"""How long a revoked token may still be taken: half of what is promised."""
_MOST = 10_000


class Remembered:
    """Callers by token and device; the tokens themselves are not kept. Unknown ones are asked for each time."""

    def __init__(
        self, find: Callable[[str, str], Caller | None], seconds: float = SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._find, self._seconds, self._now = find, seconds, now
        self._held: dict[bytes, tuple[float, Caller]] = {}

    def held(self, token: str, device: str) -> Caller | None:
        """Whoever showed that token a moment ago. Does not block."""
        found = self._held.get(_key(token, device))
        return found[1] if found is not None and self._now() < found[0] else None

    def find(self, token: str, device: str) -> Caller | None:
        """Whoever shows a token, as the database has it now. Blocks."""
        key, until = _key(token, device), self._now() + self._seconds
        caller = self._find(token, device)
        if caller is None:
            self._held.pop(key, None)
            return None
        if len(self._held) >= _MOST:
            self._held.clear()
        self._held[key] = (until, caller)
        return caller


def _key(token: str, device: str) -> bytes:
    return hashlib.sha256(f"{device}\0{token}".encode("utf-8", "surrogatepass")).digest()
