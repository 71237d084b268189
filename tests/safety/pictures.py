"""Synthetic pictures, films and documents for the tests of the reader: plain ones, and ones made to break it."""

from __future__ import annotations

import hashlib
import io
import math
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageFilter

PNG = b"\x89PNG\r\n\x1a\n"
Grid = np.ndarray[Any, np.dtype[np.float64]]


def kept(folder: Path, data: bytes) -> tuple[Path, str]:
    """A file as the store keeps it: named by its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / sha256
    path.write_bytes(data)
    return path, sha256


def photo(width: int = 320, height: int = 180, seed: int = 1) -> Image.Image:
    """Coloured, with large shapes and fine grain, as photographs have."""
    chance = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for size in (2, 5, 12, 40, 120):
        noise = Image.fromarray(chance.integers(0, 256, (size, size, 3), dtype=np.uint8))
        total += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC), dtype=float) * (
            1 / math.sqrt(size)
        )
    total += chance.normal(0, 12, total.shape)
    total = (total - total.min()) / (total.max() - total.min()) * 255
    return Image.fromarray(total.astype(np.uint8))


def canary(cols: int, rows: int, seed: int) -> tuple[Grid, Image.Image]:
    """One random bit a sample, and the picture of it, eight pixels a sample."""
    bits = np.random.default_rng(seed).integers(0, 2, (rows, cols))
    picture = Image.fromarray((bits * 255).astype(np.uint8)).resize((cols * 8, rows * 8), Image.Resampling.NEAREST)
    return bits.astype(float), picture


def encoded(image: Image.Image, form: str, **more: Any) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def greys(n: int, width: int = 64, height: int = 48) -> list[Image.Image]:
    """Frames that tell themselves apart: each one flat grey, brighter than the one before."""
    return [Image.new("L", (width, height), 20 + 200 * at // max(1, n - 1)) for at in range(n)]


def moving(frames: list[Image.Image], form: str) -> bytes:
    """Frames as one GIF, WebP or PNG."""
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=40)


def film(frames: list[Image.Image], form: str = "mp4", rate: int = 10, gop: int = 10, audio: bool = False) -> bytes:
    """Frames as a film, a key frame every `gop`. With `audio`: a stream of silence beside it."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as made:
        stream: Any = made.add_stream("mpeg4" if form == "avi" else "libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *frames[0].size, "yuv420p"
        stream.gop_size = gop
        if form != "avi":
            stream.options = {"preset": "ultrafast", "sc_threshold": "0", "keyint_min": str(gop)}
        sound: Any = made.add_stream("aac", rate=8000) if audio else None
        for at, image in enumerate(frames):
            frame = av.VideoFrame.from_image(image.convert("RGB"))
            frame.pts = at
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
        if sound is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
            silence.sample_rate = 8000
            made.mux(sound.encode(silence))
            made.mux(sound.encode())
    return out.getvalue()


def pdf(*pages: str, size: tuple[float, float] = (300, 200), password: bool = False) -> bytes:
    """A PDF written by hand: a line of text a page, and a dark box that grows with each page."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(count))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {count}>>"]
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for at, words in enumerate(pages):
        drawn = f"BT /F1 18 Tf 20 150 Td ({words}) Tj ET 0.2 g 0 0 {20 * (at + 1)} 60 re f"
        box = f"[0 0 {size[0]} {size[1]}]"
        fonts = "<</Font<</F1 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Contents {5 + 2 * at} 0 R/Resources{fonts}>>")
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    return _pdf_file(objects, password)


def _pdf_file(objects: list[str], password: bool) -> bytes:
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{'a1' * 32}>/U<{'b2' * 32}>>>"
    more = f"/Encrypt {lock}/ID[<{'c3' * 16}><{'c3' * 16}>]" if password else ""
    tail = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}trailer<</Size {len(objects) + 1}/Root 1 0 R{more}>>"
    )
    return out + f"{tail}\nstartxref\n{len(out)}\n%%EOF\n".encode()


# --- made to break a reader


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A small PNG that says it is large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return PNG + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_bomb() -> bytes:
    """A JPEG whose frame header says 65,535 x 65,535."""
    data = bytearray(encoded(photo(64, 48), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff" * 4
    return bytes(data)


def gif_bomb() -> bytes:
    """A GIF whose screen and frame say 65,535 x 65,535."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + frame + b"\x3b"


def gif_that_grows() -> bytes:
    """A small GIF whose second frame is far outside its screen."""
    small = encoded(Image.new("P", (8, 8)), "GIF")
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\x00"
    return small[:-1] + frame + b"\x3b"


def webp_bomb() -> bytes:
    """A WebP whose canvas says 16,383 x 16,383."""
    data = bytearray(moving(greys(3), "WEBP"))
    data[24:30] = (16382).to_bytes(3, "little") * 2
    return bytes(data)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with bytes changed, cut out, doubled, or its end missing; of a PNG, mostly with its sums right."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 4, 16))):
        if len(changed) < 64:
            break
        at, how = chance.randrange(len(changed)), chance.random()
        if how < 0.7:
            changed[at] = chance.choice((0, 0x7F, 0xFF, chance.randrange(256)))
        elif how < 0.8:
            del changed[at : at + chance.randrange(1, 40)]
        elif how < 0.9:
            changed[at:at] = changed[at : at + chance.randrange(1, 40)]
        elif at > 12:
            del changed[at:]
    return summed(changed) if data.startswith(PNG) and chance.random() < 0.7 else bytes(changed)


def summed(png: bytearray) -> bytes:
    """A PNG with the right check sum for each chunk, so that what is wrong in it gets further."""
    at = len(PNG)
    while at + 12 <= len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(png):
            break
        png[end : end + 4] = struct.pack(">I", zlib.crc32(png[at + 4 : end]))
        at = end + 4
    return bytes(png)


def fine_detail(image: Image.Image, size: tuple[int, int]) -> Grid:
    """What of a picture is lost in a blur of sigma 2, at the size it is shown in."""
    fitted = image.convert("L").resize(size, Image.Resampling.BOX)
    blurred = fitted.filter(ImageFilter.GaussianBlur(2))
    return np.asarray(fitted, dtype=float) - np.asarray(blurred, dtype=float)


def correlation(one: Grid, other: Grid) -> float:
    """Pearson's, 0 where either is flat."""
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
