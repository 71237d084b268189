"""Speed of pictures, films and words: keys over a pty, the reader alone, look-ups, masks. Published, never asserted.

`python tests/perf/media_bench.py [--quick] [--where FOLDER]`, or the part "media" of `bench.py`. Beside our picture the
same photo by textual-image's half cells, at the same size and in the same run; it is installed for that into the folder
of the bench only. Budgets are those of the design's safety page, section 10, row 13.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "safety")]

import av  # noqa: E402
import canary_desk  # noqa: E402
import numpy as np  # noqa: E402
import pictures  # noqa: E402
from desks import Desk  # noqa: E402
from measure import Row, Sample, key, machine, row, rows, table  # noqa: E402
from PIL import Image, ImageFilter, ImageOps  # noqa: E402
from terminal import REPOSITORY, Terminal  # noqa: E402

from escaltui.protection import Masking, Shielding  # noqa: E402
from escaltui.safety.decode import Reader, Want  # noqa: E402
from escaltui.safety.lexicon_files import load  # noqa: E402
from escaltui.safety.seen import NEAR, Index  # noqa: E402
from escaltui.safety.shield import Shield  # noqa: E402

SIZES = ((120, 40), (174, 44))
"""Of the terminal; in the second the picture has 120 columns."""
STEP, FRAME, SHEET = 100, 50, 150
"""Budgets: a level step in ms, a heavy frame in KB, a contact sheet in ms."""
SILENCE = 0.25
"""Seconds without a byte after which a picture is taken to be drawn: longer than the reader takes, shorter than the
next tick of the countdown."""
BARE, BESIDE = HERE / "bare.py", HERE / "picture_app.py"
MARK = "▀".encode()
POST = (
    "I read the article twice and still do not see why the account was closed; the 3 posts quoted in your e-mail are "
    "about the election. Nobody was insulted, and what a pity the appeal was late. Please look again before Friday. "
)


# --- what is shown


def noisy(width: int = 1920, height: int = 1080, seed: int = 3) -> Image.Image:
    """A photo with grain that is still there at the size it is shown in."""
    base = pictures.photo(960, 540, seed).resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(seed).integers(0, 256, (135, 240, 3), dtype=np.uint8)
    return Image.blend(base, Image.fromarray(grain).resize((width, height), Image.Resampling.BICUBIC), 0.4)


def film(path: Path, seconds: int = 60) -> Path:
    """A film of 1280 x 720, 24 frames a second, a key frame every two seconds; made once."""
    if path.exists():
        return path
    base, out = np.asarray(pictures.photo(1280, 720).filter(ImageFilter.GaussianBlur(1.5))), io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        stream: Any = made.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 1280, 720, "yuv420p", 48
        stream.options = {"preset": "ultrafast", "sc_threshold": "0", "keyint_min": "48", "threads": "1"}
        for at in range(24 * seconds):
            frame = av.VideoFrame.from_ndarray(np.roll(base, 5 * at, axis=1), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 24)
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    path.write_bytes(out.getvalue())
    return path


def desk(folder: Path) -> Desk:
    """A case with a noisy photo and a film; made once."""
    if not (folder / "desk").exists():
        photo = pictures.encoded(noisy(), "JPEG", quality=90)
        canary_desk.fill(folder / "desk", [("one.jpg", photo), ("film.mp4", film(folder / "film.mp4").read_bytes())])
    return Desk(folder / "desk", folder / "config")


def at_picture(terminal: Terminal) -> None:
    """The viewer, open on the photo at rest."""
    terminal.wait_for(lambda text: "Canary" in text, timeout=60, words="queue")
    terminal.press("enter")
    terminal.wait_for("Look at these", words="case")
    terminal.press("v")
    terminal.wait_for(lambda text: canary_desk.HALF in text and "heavy blur" in text, words="heavy blur")
    terminal.quiet(0.5, timeout=5)


# --- over a pty


def levels(folder: Path, times: int) -> Iterator[Row]:
    """Each step between levels, to its last byte, and the bytes of each frame."""
    for size in SIZES:
        with desk(folder).open(*size, COLORTERM="truecolor") as terminal:
            at_picture(terminal)
            shown = canary_desk.frame(terminal)
            name = f"{size[0]}×{size[1]}, picture {len(shown[0])}×{len(shown) // 2}:"
            taken = _steps(terminal, times)
        for step, samples in taken.items():
            yield from rows(f"{name} {step}", samples, wall=STEP if "→" in step else 0)
        for step, level in (("clear → heavy (b)", "heavy"), ("heavy → light (])", "light"),
                            ("heavy → clear (enter)", "clear"), ("clear, colour (o)", "clear colour")):  # fmt: skip
            sent = [sample.sent / 1000 for sample in taken[step]]
            yield row(f"{name} bytes of a {level} frame", sent, FRAME if level == "heavy" else 0, "KB")


def _steps(terminal: Terminal, times: int) -> dict[str, list[Sample]]:
    """Keys round and round: to clear, in colour, back; to light, back."""
    taken: dict[str, list[Sample]] = {}
    for _time in range(times):
        for step, pressed in (("heavy → clear (enter)", "enter"), ("clear, colour (o)", "o"),
                              ("colour → heavy (b)", "b"), ("heavy → clear (enter)", "enter"),
                              ("clear → heavy (b)", "b"), ("heavy → light (])", "]"),
                              ("light → heavy (b)", "b")):  # fmt: skip
            taken.setdefault(step, []).append(key(terminal, pressed, silence=SILENCE))
    return taken


def sheets(folder: Path, times: int) -> Iterator[Row]:
    """The contact sheet of the film, each time in a viewer opened anew."""
    samples = []
    with desk(folder).open(*SIZES[0], COLORTERM="truecolor") as terminal:
        at_picture(terminal)
        for _time in range(max(3, times // 3)):
            terminal.press("2")
            terminal.wait_for("not played", words="film")
            terminal.quiet(0.4, timeout=3)
            samples.append(key(terminal, "#", silence=SILENCE))
            terminal.press("escape")
            terminal.quiet(0.2)
            terminal.press("escape")
            terminal.wait_for("Look at these", words="case")
            terminal.press("v")
            terminal.wait_for(lambda text: canary_desk.HALF in text and "heavy blur" in text, words="heavy blur")
            terminal.quiet(0.4, timeout=3)
    size = (folder / "film.mp4").stat().st_size / 1e6
    yield from rows(f"120×40: contact sheet of 60 s of 720p, {size:.0f} MB (#)", samples, wall=SHEET)


# --- the reader alone


def reading(folder: Path, times: int) -> Iterator[Row]:
    """The reader without a screen: a contact sheet, pictures of 40 MP from opening to frame."""
    large = noisy(2000, 1250).resize((8000, 5000), Image.Resampling.BILINEAR)
    files = {"40 MP JPEG": pictures.encoded(large, "JPEG", quality=85),
             "40 MP WebP": pictures.encoded(large, "WEBP", quality=80, method=0),
             "1080p JPEG": pictures.encoded(noisy(), "JPEG", quality=90)}  # fmt: skip
    reader, shield = Reader(now=lambda: 1.0), Shield(Shielding())
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "file"

        def opened(data: bytes) -> str:
            sha256 = hashlib.sha256(data).hexdigest()
            path.write_bytes(data)
            shield.show(sha256, "clear", 0.0)
            reader.open(path, sha256, "")
            return sha256

        sha256 = opened(film(folder / "film.mp4").read_bytes())
        want = Want(sha256, "heavy", False, 70, 34)
        yield row("reader: contact sheet of 60 s of 720p, 12 tiles",
                  [ms(lambda: reader.sheet(want, shield, None)) for _ in range(max(3, times // 2))], SHEET)  # fmt: skip
        for name, data in files.items():
            taken = []
            for _time in range(max(3, times // 3)):
                begun = time.perf_counter()
                sha256 = opened(data)
                reader.view(Want(sha256, "heavy", False, 120, 34), shield, None)
                taken.append((time.perf_counter() - begun) * 1000)
                reader.forget(sha256)
            yield row(f"reader: {name}, opened to heavy frame", taken, 0, "ms", f"{len(data) / 1e6:.1f} MB")
    reader.close()


def ms(call: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


# --- look-ups and words


def index_of(size: int) -> tuple[Index, np.ndarray[Any, Any]]:
    """An index of so many random hashes, and the hashes as bytes."""
    raw = np.frombuffer(random.Random(4).randbytes(32 * size), np.uint8).reshape(size, 32)
    return Index([raw.tobytes().hex()]), raw


def asked(raw: np.ndarray[Any, Any], times: int) -> list[str]:
    """Hashes that are up to 36 bits from one that is there."""
    draw, found = random.Random(5), []
    for _time in range(times):
        value = int.from_bytes(raw[draw.randrange(len(raw))].tobytes(), "big")
        for bit in draw.sample(range(256), draw.randrange(37)):
            value ^= 1 << bit
        found.append(f"{value:064x}")
    return found


def lookups(size: int, times: int) -> Iterator[Row]:
    """Look-ups among so many hashes; the second figure of p99 is a row of its own."""
    begun = time.perf_counter()
    index, raw = index_of(size)
    yield row(f"seen before: index of {size:,} hashes made", [time.perf_counter() - begun], 0, "s")
    taken = sorted(ms(lambda each=each: index.near(each)) for each in asked(raw, times))
    yield row(f"seen before: look-up among {size:,}", taken, 0, "ms", f"n={times}")
    yield row(f"seen before: look-up among {size:,}: p99", [taken[int(0.99 * len(taken))]], 10)


def against_brute_force(size: int, times: int) -> Iterator[str]:
    """Each look-up beside comparing with every hash; raises AssertionError where they differ."""
    index, raw = index_of(size)
    words = [np.ascontiguousarray(each) for each in raw.view(">u8").astype(np.uint64).T]
    queries, taken, differ, hits = asked(raw, times), [], 0, 0
    expected = brute_force(words, queries)
    for query, wanted in zip(queries, expected, strict=True):
        begun = time.perf_counter()
        found = index.near(query)
        taken.append((time.perf_counter() - begun) * 1000)
        got = {near.at: near.distance for near in found}
        differ += got != wanted
        hits += bool(got)
    taken.sort()
    p99 = taken[int(0.99 * len(taken))]
    yield f"{size:,} hashes, {times:,} look-ups: median {statistics.median(taken):.2f} ms, p99 {p99:.2f} ms (bar 10 ms)"
    yield f"different from brute force: {differ} (bar 0); {hits:,} of them found something"
    assert not differ, f"{differ} look-ups differ from brute force"
    assert p99 <= 10, f"p99 is {p99:.1f} ms"


def brute_force(words: list[np.ndarray[Any, Any]], queries: list[str], block: int = 32_768) -> list[dict[int, int]]:
    """Of each query all hashes within reach, and how far they are."""
    found: list[dict[int, int]] = [{} for _query in queries]
    asked_ = [[int(query[at : at + 16], 16) for at in range(0, 64, 16)] for query in queries]
    for begin in range(0, len(words[0]), block):
        part = [each[begin : begin + block] for each in words]
        for number, query in enumerate(asked_):
            apart = np.bitwise_count(part[0] ^ np.uint64(query[0])).astype(np.uint16)
            for each, value in zip(part[1:], query[1:], strict=True):
                apart += np.bitwise_count(each ^ np.uint64(value))
            for at in np.flatnonzero(apart <= NEAR):
                found[number][begin + int(at)] = int(apart[at])
    return found


def masking(times: int) -> Iterator[Row]:
    """Masks of 100 KB and of a post, by our own lists."""
    masker = load(Masking(), Path("no such folder"))
    big = (POST * 600)[:100_000]
    yield row("masks: 100 KB", [ms(lambda: masker.spans(big)) for _ in range(max(5, times))], 50)
    yield row("masks: a post", [ms(lambda: masker.spans(POST)) for _ in range(20 * times)], 0.16, "ms",
              f"{len(POST)} characters")  # fmt: skip


# --- beside it


def beside(folder: Path, times: int) -> Iterator[Row]:
    """The same photo by textual-image, in as many cells as ours has, and the other way round by a key."""
    place = installed(folder)
    if place is None:
        yield Row("textual-image: not measured, pip could not install it", 0, "", 0, 0)
        return
    ours = desk(folder)
    with ours.open(*SIZES[0], COLORTERM="truecolor") as terminal:
        at_picture(terminal)
        shown = canary_desk.frame(terminal)
    columns, lines = len(shown[0]), len(shown) // 2
    files = [folder / "one.jpg", folder / "two.jpg"]
    for file, image in zip(files, (noisy(), ImageOps.mirror(noisy())), strict=True):
        image.save(file, "JPEG", quality=90)
    argv = [sys.executable, str(BESIDE), str(columns), str(lines), *map(str, files)]
    env = {**ours.environment, "PYTHONPATH": str(place), "COLORTERM": "truecolor"}
    painted, bare, turned, sent = [], [], [], []
    for _time in range(max(3, times // 6)):
        with Terminal(argv, *SIZES[0], env) as terminal:
            painted.append(until_sent(terminal, MARK))
            sent.append(len(terminal.raw()) / 1000)
            turned += [key(terminal, "t", silence=SILENCE) for _turn in range(4)]
        with Terminal([sys.executable, str(BARE)], *SIZES[0], ours.environment) as terminal:
            bare.append(until_sent(terminal, b"E-READY"))
    name = f"textual-image, the same photo in {columns}×{lines} cells:"
    yield row(f"{name} start to first paint: CPU", painted, 0, "s")
    yield row("a bare Textual app: start to first paint: CPU", bare, 0, "s")
    yield from rows(f"{name} the other picture", turned)
    yield row(f"{name} bytes of a frame", [sample.sent / 1000 for sample in turned], 0, "KB", "in colour")


def until_sent(terminal: Terminal, mark: bytes) -> float:
    """Seconds of CPU until a mark was sent and all that came with it."""
    end = time.monotonic() + 60
    while not re.search(re.escape(mark), terminal.raw()):
        if time.monotonic() > end:
            raise AssertionError(f"no {mark!r} within a minute")
        time.sleep(0.0005)
    terminal.quiet(SILENCE, timeout=5)
    return terminal.cpu()


def installed(folder: Path) -> Path | None:
    """The folder with textual-image, pinned by hash; None where it cannot be had."""
    place = folder / "textual-image"
    if not (place / "textual_image").is_dir():
        asked_for = ["--quiet", "--require-hashes", "--no-deps", "-r", str(HERE / "bench-requirements.txt")]
        done = subprocess.run([sys.executable, "-m", "pip", "install", *asked_for, "--target", str(place)],
                              cwd=REPOSITORY, capture_output=True)  # fmt: skip
        if done.returncode:
            return None
    return place


def media(folder: Path, times: int, size: int) -> Iterator[Row]:
    """All rows, in order. `times`: how often each key is pressed; `size`: hashes in the index."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from levels(folder, times)
    yield from beside(folder, times)
    yield from sheets(folder, times)
    yield from reading(folder, times)
    yield from lookups(size, 50 * times)
    yield from masking(times)


def main() -> int:
    """Measure, and print the table."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--quick", action="store_true", help="few keys, a small index: whether it runs at all")
    ask.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    args = ask.parse_args()
    print(machine())
    print(table(media(args.where / "media", *((3, 50_000) if args.quick else (20, 1_000_000)))))
    print(f"at the end: {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
