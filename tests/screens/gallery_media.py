"""The walk through the viewer: a film, a picture at rest, what is said of it, its facts, a sealed one, a document."""

from __future__ import annotations

from .gallery import Stop

STOPS: tuple[Stop, ...] = (
    ("viewer-film", (*"/pkq82", "enter", "enter", "v")), ("viewer-curtain", ("#",)), ("viewer-heavy", ("2",)),
    ("rating", ("e",)), ("file-facts", ("escape", "i")), ("seal-question", ("escape", "!")), ("sealed", ("y",)),
    ("viewer-document", ("escape", "escape", "escape", *"/xk28g", "enter", "enter", "v", "2")),
)  # fmt: skip
