"""What a reader of files is asked for, what it gives, and in which words it refuses. Values only."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec

from escaltui.i18n import N_, _
from escaltui.safety.shield import Level
from escaltui.safety.text import line
from escaltui.safety.worker_link import Count

Code = Literal[
    "too_big", "bad_file", "timeout", "died", "no_reader", "undecodable", "password", "missing_extra", "revoked",
    "damaged_original",
]  # fmt: skip
Kind = Literal["picture", "video", "document", "text", "other"]
WIDEST, HIGHEST = 400, 240
"""The largest grid that may come, in samples."""
TILES_ACROSS = 4
TONES = bytes(range(0, 256, 17))
"""The 16 values that samples of a blurred level may have."""
TYPES = {
    "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF",
    "image/heic": "HEIC", "image/heif": "HEIC", "image/avif": "AVIF", "image/svg+xml": "SVG", "image/tiff": "TIFF",
    "video/mp4": "MP4", "video/quicktime": "QuickTime", "video/webm": "WebM", "video/x-matroska": "Matroska",
    "video/x-msvideo": "AVI", "video/mp2t": "MPEG-TS", "application/pdf": "PDF", "application/zip": "ZIP",
    "text/plain": "text", "text/html": "HTML", "text/csv": "CSV", "application/json": "JSON",
    "message/rfc822": "mail",
}  # fmt: skip
"""Declared types by the names that people use."""
NO_CLAIM = ("", "application/octet-stream", "binary/octet-stream")
ALIKE = (frozenset({"MP4", "QuickTime"}), frozenset({"Matroska", "WebM"}))
"""Types so near that one taken for the other is no sign of anything."""
TEXTS = frozenset({"text", "HTML", "SVG", "CSV", "JSON", "mail"})

_SENTENCES: dict[Code, str] = {
    "too_big": N_("Not shown: {amount} {unit} is over the {limit} {unit} limit."),
    "bad_file": N_("Not shown: damaged, or not what it says."),
    "timeout": N_("Not shown: reading took over {limit} s; stopped."),
    "died": N_("The reader stopped and was restarted."),
    "no_reader": N_("No safe reader for this type."),
    "undecodable": N_("Not shown: reading it failed twice; it is not tried again."),
    "password": N_("Not shown: it asks for a password."),
    "missing_extra": N_("Not shown: this type needs more; install it with: pip install 'escaltui[media]'"),
    "revoked": N_("Not shown: the look was over before the picture came."),
    "damaged_original": N_("Not shown: the kept file is missing, or is not the one that came in."),
}
_MEMORY = N_("Not shown: reading it takes more memory than the reader may use.")


class NotShown(Exception):
    """A file is not shown; `code` says why to the program, `str()` to people, in their language."""

    def __init__(self, code: Code, amount: int = 0, limit: int = 0, unit: str = "") -> None:
        template = _MEMORY if code == "too_big" and not limit else _SENTENCES[code]
        super().__init__(_(template).format(amount=amount, limit=limit, unit=unit))
        self.code: Code = code


class Facts(NamedTuple):
    """What a file is, told by its bytes, beside what it was declared to be. Nothing was decoded to find it.

    `says` is a claim; `is_` is "" where the bytes are of no known type. `width` x `height` in pixels, of a document's
    first page in points, 0 where unknown; `frames` of pictures and films, `pages` of documents. `exif` only when asked
    for: (name, value), both cleaned.
    """

    sha256: str
    kind: Kind
    says: str
    is_: str
    size: int
    width: int
    height: int
    frames: int
    pages: int
    seconds: float
    gps: bool
    audio: bool
    exif: tuple[tuple[str, str], ...] = ()

    @property
    def mismatch(self) -> bool:
        """Whether it is not what it says; a file of no known type only where it claims to be of a known one."""
        if not self.says or self.says == self.is_ or any({self.says, self.is_} <= alike for alike in ALIKE):
            return False
        if self.is_ == "text":
            return self.says not in TEXTS
        return self.says in TYPES.values() or self.is_ not in ("", "ZIP", "Office", "text")


class Want(NamedTuple):
    """What to show: a region of one frame at a level, for a widget of `cols` x `rows` terminal cells.

    `region` is (x, y, width, height) in fractions of the whole; `frame` a frame's or page's number from 0, of a film
    milliseconds (a sheet's tile says its own: `Tile.frame`).
    """

    sha256: str
    level: Level
    colour: bool
    cols: int
    rows: int
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    frame: int = 0


class Picture(NamedTuple):
    """Samples, rows from the top, one byte each (`mode` "L") or three ("RGB"). A sample is half a terminal cell: a
    column wide, half a row high. Blurred levels hold 16 tones and no more detail than 120 x 68 samples."""

    sha256: str
    level: Level
    mode: Literal["L", "RGB"]
    width: int
    height: int
    data: bytes


class Tile(NamedTuple):
    """One tile of a contact sheet. `at`: seconds into a film, else the number of the frame or page, from 0; `frame`:
    what a `Want` for it says."""

    at: float
    picture: Picture
    frame: int = 0


def spoken_type(declared: str) -> str:
    """A declared media type as people call it, "" where it claims nothing. Safe, and short."""
    plain = declared.partition(";")[0].strip().lower()
    if plain in NO_CLAIM:
        return ""
    return TYPES.get(plain, "text" if plain.startswith("text/") else line(plain[:60]).value)


# --- what the worker's replies may look like


class Told(msgspec.Struct, frozen=True):
    """The reply to `facts`."""

    kind: Kind
    is_: Annotated[str, msgspec.Meta(max_length=20)]
    size: Count
    width: Count = 0
    height: Count = 0
    frames: Count = 0
    pages: Count = 0
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    gps: bool = False
    audio: bool = False

    def fits(self, n: int, most: int) -> bool:
        return n <= most and line(self.is_).value == self.is_


class Still(msgspec.Struct, frozen=True):
    """The reply to `view`."""

    mode: Literal["L", "RGB"]
    w: Count
    h: Count

    def fits(self, n: int, want: Want) -> bool:
        """Whether it can be the answer: no larger than asked, colour only where asked, as many bytes as samples."""
        most = min(want.cols, WIDEST), min(2 * want.rows, HIGHEST)
        small = 0 < self.w <= most[0] and 0 < self.h <= most[1]
        return small and self.mode in modes(want) and n == self.w * self.h * len(self.mode)


class Sheet(msgspec.Struct, frozen=True):
    """The reply to `sheet`: (at, frame, width, height) of each tile."""

    mode: Literal["L", "RGB"]
    tiles: tuple[tuple[Annotated[float, msgspec.Meta(ge=0)], Count, Count, Count], ...]

    def fits(self, n: int, want: Want, tiles: int) -> bool:
        """As for a view, for each tile of its own size."""
        sizes = [(self.mode, wide, high) for _at, _frame, wide, high in self.tiles]
        each = all(Still(mode, w, h).fits(w * h * len(mode), want) for mode, w, h in sizes)
        return 0 < len(sizes) <= tiles and each and n == sum(w * h * len(mode) for mode, w, h in sizes)


class Hashes(msgspec.Struct, frozen=True):
    """The reply to `hash`; "" for what is no picture."""

    pdq: Annotated[str, msgspec.Meta(pattern="^(?:[0-9a-f]{64})?$")] = ""
    mirrored: Annotated[str, msgspec.Meta(pattern="^(?:[0-9a-f]{64})?$")] = ""
    quality: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


def modes(want: Want) -> tuple[str, ...]:
    """The modes that an answer may come in: colour at clear only."""
    return ("RGB",) if want.colour and want.level == "clear" else ("L",)


def tile_of(want: Want, tiles: int) -> Want:
    """What one tile of a sheet is asked for: a column between tiles, a row under each for its time."""
    down = -(-tiles // TILES_ACROSS)
    return want._replace(
        cols=max(1, want.cols // TILES_ACROSS - 1), rows=max(1, want.rows // down - 1), region=(0.0, 0.0, 1.0, 1.0)
    )
