"""An original as the decode worker is given it: a file of the store, or what an encrypted store keeps in its own."""

from __future__ import annotations

from io import RawIOBase
from typing import Literal, Protocol


class Original(Protocol):
    """As much of a path as reading takes; a `Path` is one. It may not be there, or go at any time."""

    def exists(self) -> bool:
        """Whether the bytes are here."""

    def is_file(self) -> bool:
        """Whether they are here and can be read like a file's. Raises OSError."""

    def read_bytes(self) -> bytes:
        """All of them. Raises OSError."""

    def open(self, mode: Literal["rb"], buffering: Literal[0]) -> RawIOBase:
        """Them as a stream that can be sought. Raises OSError."""
