"""How much of a picture each level still tells: canaries through the real reader, and photos (SAFETY.md, rows 1 and 2).

A frame is what the reader's worker sends for a widget of so many cells: one value a sample, the very samples that the
terminal shows (`same_on_the_terminal` proves that of the real program).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import canary
import canary_desk
import numpy as np
import pictures
import test_viewer_pty as viewer
from canary import Grid
from desks import Desk
from first_light import need
from PIL import Image

from escaltui.protection import Shielding
from escaltui.safety.decode import Picture, Reader, Want
from escaltui.safety.shield import Shield
from escaltui.safety.worker_levels import SIGMA

NOW = 1.0
"""The instant at which everything is asked: past the moment in which keys are deaf."""
SIZES = ((120, 34), (104, 30), (90, 26), (160, 46), (240, 68))
"""Widgets, in cells, whose frames an attacker averages."""
SCALE, ZOOM = 8, 8
SEEN = 0.2
"""An attack that leaves no more than this at clear works."""
Region = tuple[float, float, float, float]
WHOLE: Region = (0.0, 0.0, 1.0, 1.0)


class Eye:
    """Files put before the real reader, and the frames that it gives of them at each level."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="eye-")
        self.reader, self.shield = Reader(now=lambda: NOW), Shield(Shielding())
        self.sha256 = ""

    def __enter__(self) -> Eye:
        return self

    def __exit__(self, *_error: object) -> None:
        self.reader.close()
        self._folder.cleanup()

    def put(self, data: bytes) -> Eye:
        """Another file before the reader; the one before is forgotten."""
        if self.sha256:
            self.reader.forget(self.sha256)
        self.sha256 = hashlib.sha256(data).hexdigest()
        path = Path(self._folder.name) / "file"
        path.write_bytes(data)
        self.reader.open(path, self.sha256, "")
        return self

    def picture(self, level: str, cols: int = 120, rows: int = 34, region: Region = WHOLE) -> Picture:
        """What comes at a level: heavy at rest, light by a lease, clear as a colleague rated it `none`."""
        self.shield.show(self.sha256, "clear" if level == "clear" else "heavy", 0.0)
        if level == "light":
            self.shield.lift(NOW)
        want: Any = Want(self.sha256, level, False, cols, rows, region)  # type: ignore[arg-type]
        return self.reader.view(want, self.shield, self.shield.permit(NOW))

    def frame(self, level: str, cols: int = 120, rows: int = 34, region: Region = WHOLE) -> Grid:
        """The same as values from 0 to 1."""
        return grid(self.picture(level, cols, rows, region))


def grid(picture: Picture) -> Grid:
    """The samples of a grey picture, from 0 to 1."""
    return np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.width) / 255.0


def sized(frame: Grid, width: int = canary.WIDTH, height: int = canary.HEIGHT) -> Grid:
    """A frame at another size: each sample the mean of what it covers."""
    image = Image.fromarray(frame.astype(np.float32), "F")
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), dtype=np.float64)


class Way(NamedTuple):
    """One way to have a frame at 120 x 68 samples of a canary."""

    name: str
    scale: int
    shown: Callable[[Eye, str], Grid]


def _larger(eye: Eye, level: str) -> Grid:
    return sized(eye.frame(level, 240, 68))


def _zoomed(eye: Eye, level: str) -> Grid:
    """All 64 eighths of the picture, each enlarged to the whole widget, put together again."""
    side = 1 / ZOOM
    rows = [np.hstack([eye.frame(level, region=(x * side, y * side, side, side)) for x in range(ZOOM)])
            for y in range(ZOOM)]  # fmt: skip
    return sized(np.vstack(rows))


def _averaged(eye: Eye, level: str) -> Grid:
    return np.mean([sized(eye.frame(level, *size)) for size in SIZES], axis=0)


PLAIN = Way("120×68", 1, lambda eye, level: eye.frame(level))
WAYS = (
    Way("240×136", 1, _larger), Way("zoom 8, all parts put together", SCALE, _zoomed),
    Way("five sizes averaged", SCALE, _averaged),
)  # fmt: skip


def attacked(eye: Eye, level: str, way: Way = PLAIN) -> dict[str, float]:
    """Bit errors left to each attack."""
    return canary.attacked(
        lambda png: way.shown(eye.put(png), level), SIGMA.get(level, 0.0), scale=way.scale
    )  # fmt: skip


def canaries(eye: Eye) -> tuple[list[str], list[str]]:
    """The lines of the README's table and the claims that do not hold."""
    table = ["| level | local threshold | Wiener | ridge regression | best attack | bar |", "|---|---|---|---|---|---|"]
    bad = []
    for level, bar in canary.BARS.items():
        found = attacked(eye, level)
        best = min(found.values())
        name = f"{level} (default)" if level == "heavy" else level
        cells = " | ".join(f"{each:.3f}" for each in (*found.values(), best))
        table.append(f"| {name} | {cells} | {bar:.2f} |")
        good = best >= bar if bar else best == 0.0
        bad += [] if good else [f"{level}: {best:.3f}, the bar is {bar}"]
    return table, bad


def larger_and_averaged(eye: Eye) -> Iterator[str]:
    """Heavy at a larger size, zoomed, and averaged; the control is the same attack on clear frames."""
    bar = canary.BARS["heavy"]
    bad = []
    for way in WAYS:
        found = attacked(eye, "heavy", way)
        best, control = min(found.values()), min(_seen(eye, way))
        told = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
        yield f"heavy, {way.name}: {told}; best {best:.3f} (bar ≥ {bar}); control, the same at clear: {control:.3f}"
        bad += [f"heavy, {way.name}: {best:.3f}"] if best < bar else []
        bad += [f"{way.name}: the attack does not work at clear ({control:.3f})"] if control > SEEN else []
    need(not bad, "; ".join(bad))


def _seen(eye: Eye, way: Way) -> Iterator[float]:
    """Errors of plain guesses at clear: each sample against the middle, and against its surroundings."""
    bits = canary.bits(0)
    frame = way.shown(eye.put(canary.picture(bits, way.scale)), "clear")
    yield canary.wrong(frame, bits)
    yield canary.wrong(canary.local_threshold(frame), bits)


# --- photos

FINE = 0.1
"""The most that fine detail of a heavy frame may have in common with its source."""


def photos(eye: Eye, files: Sequence[Path]) -> Iterator[str]:
    """Correlation of each frame with the fine detail of its source, heavy and, as the control, clear."""
    worst, weakest = 0.0, 1.0
    for file in files:
        heavy, clear = (eye.put(file.read_bytes()).frame(level) for level in ("heavy", "clear"))
        with Image.open(file) as image:
            detail = pictures.fine_detail(image, (heavy.shape[1], heavy.shape[0]))
        shut, open_ = (abs(pictures.correlation(fine(frame), detail)) for frame in (heavy, clear))
        plain = abs(pictures.correlation(heavy, detail))
        yield f"{file.name}: fine detail of the heavy frame {shut:.3f} (bar ≤ {FINE}), the whole frame {plain:.3f}; " \
              f"control, clear: {open_:.3f}"  # fmt: skip
        worst, weakest = max(worst, shut), min(weakest, open_)
    need(len(files) == 5, f"there should be 5 photos, there are {len(files)}")
    need(worst <= FINE, f"a heavy frame has {worst:.3f} in common with its source")
    need(weakest > 0.9, f"the control fails: a clear frame has only {weakest:.3f} in common with its source")


def fine(frame: Grid) -> Grid:
    """What of a frame is lost in a blur of sigma 2."""
    return frame - canary.blurred(frame, 2.0)


# --- what the terminal shows


def same_on_the_terminal(eye: Eye, folder: Path) -> Iterator[str]:
    """A frame read back from a pty by pyte equals what the reader gives, sample by sample, at each level."""
    png = canary_desk.png(canary_desk.bits(11))
    canary_desk.fill(folder / "desk", [("one.png", png)])
    keys = {"heavy": (), "light": ("]",), "clear": ("enter",)}
    words = {"heavy": "heavy blur", "light": "light blur · ", "clear": "clear grey · "}
    with Desk(folder / "desk", folder / "config").open(*viewer.SIZE, COLORTERM="truecolor") as terminal:
        terminal.wait_for(lambda text: "Canary" in text, words="queue")
        terminal.press("enter")
        terminal.wait_for("Look at these", words="case")
        terminal.press("v")
        viewer.at_rest(terminal)
        for level, pressed in keys.items():
            terminal.press(*pressed)
            terminal.wait_for(words[level])
            terminal.quiet(0.3, timeout=2)
            shown = np.rint(np.array(canary_desk.frame(terminal)) * 255)
            height, width = shown.shape
            given = np.rint(eye.put(png).frame(level, width, height // 2) * 255)
            need(given.shape == shown.shape, f"{level}: {given.shape} was given, {shown.shape} is shown")
            differ = int(np.sum(given != shown))
            yield f"{level}, {width}×{height} on the terminal: {differ} of {shown.size} samples are not the reader's"
            need(differ == 0, f"{level}: the terminal shows something else than the reader gave")
