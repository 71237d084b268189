"""A desk whose pictures are canaries: random bits, so that what is on the screen tells exactly how much was shown.

And the eye that reads them back from the terminal: a cell of a picture is `▀`, its colours are two samples.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from terminal import Terminal

from escaltui.config import Config, Me
from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.media import Attachment
from escaltui.domain.operations import OpenCase, ReceiveReport
from escaltui.workbench import Workbench

HALF = "▀"
WIDTH, HEIGHT = 120, 68
Bits = list[list[int]]


def bits(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Bits:
    """A canary: one random bit a sample."""
    draw = random.Random(seed)
    return [[draw.getrandbits(1) for _ in range(width)] for _ in range(height)]


def png(canary: Bits) -> bytes:
    """A canary as a grey PNG: no library is needed to write one."""
    rows = b"".join(b"\0" + bytes(255 * bit for bit in row) for row in canary)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", len(canary[0]), len(canary), 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def fill(store: Path, files: Sequence[tuple[str, bytes]], *, title: str = "Canary", config: Path | None = None,
         **case: object) -> str:  # fmt: skip
    """A store with one case whose report brought these files, as (name, bytes). Gives the case's reference."""
    settings = Config(config or store.parent / "settings", me=Me(name="kosei"))
    with Workbench.open(store, config=settings) as bench:
        attached = tuple(
            Attachment(name, _type(name), len(data), bench.store.keep_original(data)) for name, data in files
        )
        received = bench.operation_id()
        report = ReceiveReport(requester_name="Reporter", body="Look at these.", attachments=attached)
        assert not isinstance(bench.do(report, op_id=received), Refused)
        opened = bench.operation_id()
        case_id = ids.entity_id(opened, 0)
        op = OpenCase(report=ids.entity_id(received, 0), opens=case_id, title=title, **case)  # type: ignore[arg-type]
        outcome = bench.do(op, op_id=opened)
        assert not isinstance(outcome, Refused), outcome
        row = bench.store.line(case_id)
        assert row is not None
        return row.ref


def _type(name: str) -> str:
    return {"png": "image/png", "jpg": "image/jpeg", "mp4": "video/mp4", "pdf": "application/pdf"}[name[-3:]]


def frame(terminal: Terminal) -> list[list[float]]:
    """The picture on the screen as samples from 0 to 1, two rows a line; empty where none is shown.

    What something else covers counts as 0.5."""
    cells = _cells(terminal)
    if not cells:
        return []
    left, right = min(x for x, _y in cells), max(x for x, _y in cells)
    top, bottom = min(y for _x, y in cells), max(y for _x, y in cells)
    rows: list[list[float]] = []
    for y in range(top, bottom + 1):
        pairs = [cells.get((x, y), ("", "")) for x in range(left, right + 1)]
        rows += [[_grey(above) for above, _below in pairs], [_grey(below) for _above, below in pairs]]
    return rows


def _cells(terminal: Terminal) -> dict[tuple[int, int], tuple[str, str]]:
    """The colours of the upper and the lower sample of each cell of a picture, by its place."""
    terminal.screen()
    buffer, screen = terminal._pyte.buffer, terminal._pyte
    return {
        (x, y): (buffer[y][x].fg, buffer[y][x].bg)
        for y in range(screen.lines) for x in range(screen.columns) if buffer[y][x].data == HALF
    }  # fmt: skip


def _grey(colour: str) -> float:
    return sum(int(colour[at : at + 2], 16) for at in (0, 2, 4)) / 765 if len(colour) == 6 else 0.5


def coloured(terminal: Terminal) -> bool:
    """Whether any sample on the screen has a colour."""
    samples = (sample for pair in _cells(terminal).values() for sample in pair if len(sample) == 6)
    return any(len({each[:2], each[2:4], each[4:]}) > 1 for each in samples)


def fitted(shown: Sequence[Sequence[float]], width: int = WIDTH, height: int = HEIGHT) -> list[list[float]]:
    """A frame of any size at one value a sample of the canary."""
    across, down = len(shown[0]), len(shown)
    return [
        [shown[int((y + 0.5) * down / height)][int((x + 0.5) * across / width)] for x in range(width)]
        for y in range(height)
    ]


def wrong(shown: Sequence[Sequence[float]], canary: Bits) -> float:
    """The share of a canary's bits that comparing each sample with its surroundings guesses wrong; 0.5 at most."""
    if not shown:
        return 0.5
    height, width = len(canary), len(canary[0])
    samples = fitted(shown, width, height)
    missed = sum(
        (samples[y][x] > _around(samples, x, y)) != bool(canary[y][x]) for y in range(height) for x in range(width)
    )
    share = missed / (width * height)
    return min(share, 1 - share)


def _around(samples: Sequence[Sequence[float]], x: int, y: int, reach: int = 3) -> float:
    values = [
        value for row in samples[max(0, y - reach) : y + reach + 1] for value in row[max(0, x - reach) : x + reach + 1]
    ]
    return sum(values) / len(values)


def sees(values: Iterable[float], bar: float) -> bool:
    """Whether every one of some error shares is at least a bar."""
    return all(value >= bar for value in values)
