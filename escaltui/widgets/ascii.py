"""Drawing with ASCII alone: lines, bars and signs that a terminal without UTF-8 would break become letters and dots.

Each sign gives way to one of the same width, so that nothing moves. Words keep their accents: they are no drawing.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ROWS = (
    ("─━═╌┄", "-"), ("│┃║╎┆", "|"), ("┌┐└┘├┤┬┴┼┏┓┗┛╔╗╚╝╭╮╯╰╟╢", "+"), ("▔", "-"), ("▁", "_"), ("▂▃", "."), ("▄▅", ":"),
    ("▆▇█▓▒■", "#"), ("▀▌▐▎▏▍▋▊▉▕░", " "), ("…", ">"), ("§", "S"), ("•●", "*"), ("·↵␛␦", "."), ("\ufffd", "?"),
    ("▶▸►→", ">"), ("◀◂◄←", "<"), ("▲▴↑", "^"), ("▼▾↓", "v"), ("×✕", "x"), ("✓", "+"), ("–—", "-"), ("«»“”", '"'),
    ("‘’", "'"), ("\u00a0\u202f", " "),
)  # fmt: skip
SIGNS = str.maketrans({sign: plain for signs, plain in _ROWS for sign in signs})
_CONTROLS = str.maketrans({chr(0x2400 + code): "." for code in (*range(0x20), 0x21)})
"""The pictures that stand for control characters."""


def in_ascii(text: str) -> str:
    """A text with its signs drawn in ASCII, as wide as before."""
    return text if text.isascii() else text.translate(SIGNS).translate(_CONTROLS)


class Ascii(LineFilter):
    """Textual's place to change what was drawn, line by line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]
