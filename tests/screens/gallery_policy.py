"""The stops of what changed in the policies: the list, the sections of a version, the words of one."""

from __future__ import annotations

from .gallery import Stop

STOPS: tuple[Stop, ...] = (
    ("changes", ("p", "tab", "D")), ("diff", ("enter",)), ("diff-words", ("enter",)),
)  # fmt: skip
