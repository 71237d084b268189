"""What the viewer's pictures are measured against: textual-image's half cells in a Textual app of nothing else.

`python picture_app.py COLUMNS ROWS ONE TWO`, with textual-image on the path: shows the first of two pictures in so many
cells; `t` shows the other one. Leaves at ctrl+q.
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual_image.widget import HalfcellImage


class Pictures(App[None]):
    """One of two pictures."""

    BINDINGS = [("t", "turn", "the other picture")]

    def __init__(self, columns: int, rows: int, files: list[str]) -> None:
        super().__init__()
        self.columns, self.rows, self.files = columns, rows, files

    def compose(self) -> ComposeResult:
        picture = HalfcellImage(self.files[0])
        picture.styles.width, picture.styles.height = self.columns, self.rows
        yield picture

    def action_turn(self) -> None:
        """The other picture."""
        self.files.reverse()
        self.query_one(HalfcellImage).image = self.files[0]


if __name__ == "__main__":
    Pictures(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:5]).run(mouse=False)
