"""The walk over the start of a shift: what is offered, my draft, a watch and a risk being written."""

from __future__ import annotations

from .gallery import Stop

STOPS: tuple[Stop, ...] = (
    ("shift", ("g", "s")), ("shift-end", ("end",)), ("risk", ("e",)), ("watch", ("escape", "N", "w")),
    ("handover", ("escape", "home", *["tab"] * 5, "e")),
)  # fmt: skip
WIDE: tuple[Stop, ...] = (("shift-wide", ("g", "s")), ("shift-receiver", ("@",)))
