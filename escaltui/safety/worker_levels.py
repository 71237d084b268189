"""The shield's levels over pixels: which grid of samples leaves the decode worker. Loaded by path from `worker.py`.

One sample is half a terminal cell: a column wide, half a row high, so about square. At a blurred level the whole
picture is fitted to the reference grid, made grey, blurred and cut to 16 tones; only then a region is cut out and
enlarged. So neither zoom nor a bigger widget ever sharpens it (the design's safety page, section 2).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image as Raster

WIDEST, HIGHEST = 400, 240
"""The largest grid that is ever sent, in samples."""
REFERENCE = (120, 68)
"""The largest grid that blurred levels hold, whatever the size of the widget."""
SIGMA = {"heavy": 6.0, "light": 2.5}
"""Of the blur, in samples of the reference grid."""
SMALLEST = 0.01
"""The narrowest region, as a part of the whole."""


def within(value: float, least: float, most: float) -> float:
    """`value`, or the bound that it passes."""
    return min(most, max(least, value))


def fitted(width: float, height: float, cols: int, rows: int) -> tuple[int, int]:
    """The largest size of the same shape within `cols` x `rows` samples, at least one sample either way."""
    scale = min(cols / width, rows / height)
    return max(1, min(cols, round(width * scale))), max(1, min(rows, round(height * scale)))


class Room(NamedTuple):
    """What a view is asked for: a grid for a region, of one place, at one level."""

    level: str
    colour: bool
    cols: int
    rows: int
    region: tuple[float, float, float, float]

    @classmethod
    def of(cls, asked: dict[str, Any]) -> Room:
        """A request's, within bounds. Blurred levels are grey whatever is asked."""
        x, y, wide, high = asked["region"]
        x, y = within(x, 0.0, 1 - SMALLEST), within(y, 0.0, 1 - SMALLEST)
        region = x, y, within(wide, SMALLEST, 1 - x), within(high, SMALLEST, 1 - y)
        cols, rows = max(1, min(WIDEST, asked["cols"])), max(1, min(HIGHEST, 2 * asked["rows"]))
        return cls(asked["level"], bool(asked["colour"]) and asked["level"] == "clear", cols, rows, region)

    def need(self) -> tuple[int, int]:
        """How large the whole must be decoded to fill the grid."""
        if self.level != "clear":
            return min(self.cols, REFERENCE[0]), min(self.rows, REFERENCE[1])
        return math.ceil(self.cols / self.region[2]), math.ceil(self.rows / self.region[3])


def grid(whole: Raster, room: Room) -> Raster:
    """What a view is cut from: the whole itself at clear, else the reference grid: fitted, grey, blurred, 16 tones."""
    from PIL import Image

    if room.level == "clear":
        return whole
    size = fitted(*whole.size, *room.need())
    small = whole.convert("L").resize(size, Image.Resampling.BOX, reducing_gap=3.0)
    return blurred(small, SIGMA[room.level]).point([at // 16 * 17 for at in range(256)])


def blurred(grid: Raster, sigma: float) -> Raster:
    """A Gaussian blur of a grid that is mirrored at its edges: repeated there, its corners would show in the result."""
    from PIL import Image, ImageFilter, ImageOps

    wide, high = grid.size
    flipped = ImageOps.flip(grid)
    mirrored = Image.new("L", (3 * wide, 3 * high))
    for row, middle in enumerate((flipped, grid, flipped)):
        for column, part in enumerate((ImageOps.mirror(middle), middle, ImageOps.mirror(middle))):
            mirrored.paste(part, (column * wide, row * high))
    return mirrored.filter(ImageFilter.GaussianBlur(sigma)).crop((wide, high, 2 * wide, 2 * high))


def shown(grid: Raster, whole: tuple[int, int], room: Room) -> Raster:
    """What is sent: the region of a grid, scaled to the widget in the shape it has in the whole (`whole`: its size).

    At a blurred level that adds no tone and no detail.
    """
    from PIL import Image

    clear = room.level == "clear"
    x, y, wide, high = room.region
    box = (x * grid.width, y * grid.height, (x + wide) * grid.width, (y + high) * grid.height)
    size = fitted(wide * whole[0], high * whole[1], room.cols, room.rows)
    how = Image.Resampling.LANCZOS if clear else Image.Resampling.NEAREST
    return grid.resize(size, how, box=box, reducing_gap=3.0 if clear else None)
