"""What the decode worker reads files with. Loaded by path from `worker.py` in its own process, never by the program.

Which reader a file gets is told by its first bytes, and that reader is forced: no other is tried, no name or address is
ever followed. What no reader is named for is not read. Levels and limits: the design's safety page, sections 2 and 3.
"""

from __future__ import annotations

import io
import math
import re
from bisect import bisect_left
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image as Raster

PIXELS, PAGE_PIXELS = 40_000_000, 4_000_000
FRAMES = 200
"""The most frames that one request decodes."""
NEAR = 0.001
"""Times of frames are told in whole milliseconds."""
TEXT_LIMIT, EXIF_VALUE = 256 * 1024, 200
BEHIND = 128
"""The grey behind see-through pictures: black and white both stand out from it."""

KINDS: tuple[tuple[re.Pattern[bytes], str, str, str], ...] = tuple(
    (re.compile(magic, re.DOTALL), kind, name, reader)
    for magic, kind, name, reader in (
        (rb"\xff\xd8\xff", "picture", "JPEG", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "picture", "PNG", "PNG"),
        (rb"RIFF....WEBP", "picture", "WebP", "WEBP"),
        (rb"GIF8", "picture", "GIF", "GIF"),
        (rb"....ftyp(?:hei|hev|mif|msf)", "other", "HEIC", ""),
        (rb"....ftypavi", "other", "AVIF", ""),
        (rb"....ftypqt  ", "video", "QuickTime", "mov"),
        (rb"....ftyp", "video", "MP4", "mov"),
        (rb"\x1a\x45\xdf\xa3.{0,60}webm", "video", "WebM", "matroska"),
        (rb"\x1a\x45\xdf\xa3", "video", "Matroska", "matroska"),
        (rb"RIFF....AVI ", "video", "AVI", "avi"),
        (rb"\x47.{187}\x47", "video", "MPEG-TS", "mpegts"),
        (rb"%PDF-", "document", "PDF", "pdf"),
        (rb"PK\x03\x04", "other", "ZIP", ""),
        (rb"\xd0\xcf\x11\xe0", "other", "Office", ""),
        (rb"Rar!\x1a", "other", "RAR", ""),
        (rb"7z\xbc\xaf", "other", "7z", ""),
        (rb"\x1f\x8b", "other", "gzip", ""),
        (rb"II\*\x00|MM\x00\*", "other", "TIFF", ""),
    )
)
CODECS = "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,mpeg2video,mpeg1video,h263,mjpeg,msmpeg4v2,msmpeg4,prores"
"""Decoders that a film may use. No audio is among them, so libav opens none even to look."""
TURNED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation to Pillow's transpositions."""


class Refused(Exception):
    """A request that is not done; `code` is for the client, with the numbers of its sentence."""

    def __init__(self, code: str, **numbers: object) -> None:
        super().__init__(code)
        self.code, self.numbers = code, numbers


class Item(NamedTuple):
    """A file held in memory, and what its bytes say it is."""

    data: bytes
    kind: str
    name: str
    reader: str


def told(data: bytes) -> tuple[str, str, str]:
    """(kind, name, reader) of a file by its first bytes; ("other", "", "") where nothing is known of them."""
    for magic, kind, name, reader in KINDS:
        if magic.match(data):
            return kind, name, reader
    return ("text", "text", "") if _is_text(data) else ("other", "", "")


def _is_text(data: bytes) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(data[:TEXT_LIMIT])
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def middles(n: int, tiles: int) -> list[int]:
    """The numbers out of `n` that lie in the middle of `tiles` equal spans; all of them where they are few."""
    return list(range(n)) if n <= tiles else [int((at + 0.5) * n / tiles) for at in range(tiles)]


def _too_many_pixels(width: int, height: int) -> None:
    if width * height > PIXELS:
        raise Refused("too_big", amount=math.ceil(width * height / 1e6), limit=PIXELS // 1_000_000, unit="MP")


def _flat(image: Raster, colour: bool) -> Raster:
    """Any mode as L or RGB; 16 bits become 8, what is see-through stands before grey."""
    from PIL import Image

    if image.mode[0] in "IF":
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    flat = image.convert("RGB" if colour else "L")
    if image.mode in ("RGBA", "LA"):
        behind = Image.new(flat.mode, flat.size, (BEHIND,) * 3 if colour else BEHIND)
        behind.paste(flat, mask=image.getchannel("A"))
        return behind
    return flat


class Pictures:
    """Frames of a JPEG, PNG, WebP or GIF by Pillow. A place is a frame's number."""

    def __init__(self, item: Item) -> None:
        from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401  readers

        self.image = None
        if item.reader == "WEBP":
            self.size = _webp_size(item.data)
            if self.size[0] * self.size[1] > PIXELS:  # its decoder takes memory for the canvas as it is made
                return
        Image.MAX_IMAGE_PIXELS = None
        self.image = Image.open(io.BytesIO(item.data), formats=(item.reader,))
        Image.MAX_IMAGE_PIXELS = PIXELS // 2  # Pillow refuses twice as much, in later frames too
        self.size = self.image.size

    def facts(self) -> dict[str, object]:
        exif = self.exif()
        wide, high = self.size[::-1] if exif.get(0x0112, 1) in (5, 6, 7, 8) else self.size
        return {"width": wide, "height": high, "frames": self.count(), "gps": bool(exif.get(0x8825))}

    def count(self) -> int:
        """How many frames there are; what cameras put behind a JPEG is none."""
        return getattr(self.image, "n_frames", 1) if self.image and self.image.format != "MPO" else 1

    def exif(self) -> Any:
        if self.image is None or (self.image.format == "PNG" and "exif" not in self.image.info):
            return {}  # Pillow would decode the whole of a PNG to look for it at the end
        try:
            return self.image.getexif()
        except Exception:  # a broken block of them says nothing of the picture
            return {}

    def told(self) -> Iterator[tuple[str, object]]:
        from PIL import ExifTags

        exif = self.exif()
        for tag, value in exif.items():
            yield ExifTags.TAGS.get(tag, str(tag)), value
        for ifd, names in ((0x8769, ExifTags.TAGS), (0x8825, ExifTags.GPSTAGS)):
            for tag, value in (exif.get_ifd(ifd) if exif else {}).items():
                yield names.get(tag, str(tag)), value

    def places(self, tiles: int) -> list[int]:
        _too_many_pixels(*self.size)
        return middles(min(self.count(), FRAMES), tiles)

    def still(self, place: int, need: tuple[int, int], colour: bool) -> tuple[float, Raster]:
        from PIL import Image

        _too_many_pixels(*self.size)
        assert self.image is not None
        turned = TURNED.get(self.exif().get(0x0112, 1))
        self.image.draft("RGB" if colour else "L", (max(need), max(need)))
        place = min(place, FRAMES - 1, self.count() - 1) if place else 0
        if place:
            self.image.seek(place)
        flat = _flat(self.image, colour)
        return place, flat if turned is None else flat.transpose(Image.Transpose(turned))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in the header of a WebP (RFC 9649, sections 2.5 to 2.7)."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


class Film:
    """Frames of a film by PyAV. A place is a time in milliseconds; audio is never opened."""

    def __init__(self, item: Item) -> None:
        import av

        options = {"codec_whitelist": CODECS, "protocol_whitelist": "none"}
        data = io.BytesIO(item.data)
        self.file = av.open(data, mode="r", format=item.reader, options=options, metadata_errors="replace")
        self.stream = next((each for each in self.file.streams.video), None)
        if self.stream is not None:
            self.stream.codec_context.thread_count = 1  # no more threads may be started
        self.format = item.reader
        self.begin = self.file.start_time / 1e6 if self.file.start_time else 0.0
        self.seconds = max(0.0, (self.file.duration or 0) / 1e6)
        self.walking = False
        """Whether places are asked for in order: then the film is decoded once, from its first."""
        self.frames: Iterator[Any] = iter(())
        self.now: Any = None
        self.then: Any = None

    def facts(self) -> dict[str, object]:
        found: dict[str, object] = {"seconds": self.seconds, "audio": bool(self.file.streams.audio)}
        if self.stream is not None:
            size = {"width": self.stream.width, "height": self.stream.height, "frames": max(0, self.stream.frames)}
            found |= size
        return found | {"gps": any("location" in key.lower() for key, _value in self.told())}

    def told(self) -> Iterator[tuple[str, object]]:
        yield from self.file.metadata.items()

    def places(self, tiles: int) -> list[int]:
        """The key frames nearest the middles of the spans; of a few frames, any of them."""
        stream = self._readable()
        self.walking = 0 < stream.frames <= FRAMES
        spans = min(tiles, stream.frames) if self.walking else tiles
        wanted = [(at + 0.5) * self.seconds / spans for at in range(spans)]
        if not self.walking:
            stream.codec_context.skip_frame = "NONKEY"
            keys = self._keys(stream)
            wanted = [nearest(keys, at) for at in wanted]
        return sorted({max(0, round(1000 * at)) for at in wanted})

    def _keys(self, stream: Any) -> list[float]:
        """When key frames are shown, by the film's own index; none where it has no whole one."""
        if self.format == "mpegts":
            return []
        base = float(stream.time_base or 1)
        self.file.seek(int((self.begin + self.seconds) / base), stream=stream)  # some read their index only then
        return sorted({each.timestamp * base - self.begin for each in stream.index_entries if each.is_keyframe})

    def still(self, place: int, need: tuple[int, int], colour: bool) -> tuple[float, Raster]:
        from PIL import Image

        frame = self._shown(self.begin + place / 1000)
        _too_many_pixels(frame.width, frame.height)
        mode = "RGB" if colour else "L"
        part = max(1, min(frame.width // (2 * need[0]), frame.height // (2 * need[1])))
        size = max(1, frame.width // part), max(1, frame.height // part)
        form = "rgb24" if colour else "gray"
        plane = frame.reformat(*size, format=form, interpolation="AREA", threads=1).planes[0]
        image = Image.frombuffer(mode, size, bytes(plane), "raw", mode, plane.line_size, 1)
        at = max(0.0, (frame.time or 0.0) - self.begin)
        return at, image.rotate(frame.rotation, expand=True) if frame.rotation else image

    def _readable(self) -> Any:
        if self.stream is None or self.stream.codec_context.codec.name not in CODECS.split(","):
            raise Refused("no_reader")
        _too_many_pixels(self.stream.width, self.stream.height)
        return self.stream

    def _shown(self, wanted: float) -> Any:
        """The frame on show at a time: decoded from the key frame before it, at most 200 frames on."""
        stream = self._readable()
        if self.now is None or not self.walking:
            ticks = int((wanted + NEAR) / float(stream.time_base or 1))
            self.file.seek(ticks, stream=stream)
            self.frames = self.file.decode(stream)
            self.now, self.then = next(self.frames, None), None
        if self.now is None:
            raise Refused("bad_file")
        for _ in range(FRAMES):
            if (self.now.time or 0.0) >= wanted - NEAR:
                break
            self.then = self.then or next(self.frames, None)
            if self.then is None or (self.then.time or 0.0) > wanted + NEAR:
                break
            self.now, self.then = self.then, None
        return self.now


def nearest(sorted_times: list[float], at: float) -> float:
    """The time nearest to `at`; `at` itself where there are none."""
    if not sorted_times:
        return at
    right = bisect_left(sorted_times, at)
    return min(sorted_times[max(0, right - 1) : right + 1], key=lambda time: abs(time - at))


class Pages:
    """Pages of a PDF by PDFium. A place is a page's number, from 0."""

    def __init__(self, item: Item) -> None:
        import pypdfium2

        try:
            self.document = pypdfium2.PdfDocument(item.data)
        except pypdfium2.PdfiumError as error:
            raise Refused("password" if "password" in str(error).lower() else "bad_file") from error

    def facts(self) -> dict[str, object]:
        wide, high = self.document.get_page_size(0)
        return {"width": round(wide), "height": round(high), "pages": len(self.document)}

    def told(self) -> Iterator[tuple[str, object]]:
        yield from self.document.get_metadata_dict(skip_empty=True).items()

    def places(self, tiles: int) -> list[int]:
        return middles(len(self.document), tiles)

    def still(self, place: int, need: tuple[int, int], colour: bool) -> tuple[float, Raster]:
        page = self.document[min(place, len(self.document) - 1)]
        wide, high = page.get_size()
        most = math.sqrt(PAGE_PIXELS / (wide * high))
        scale = min(most, max(need[0] / wide, need[1] / high))
        if not 0 < scale * max(wide, high) < PAGE_PIXELS:
            raise Refused("bad_file")
        return place, _flat(page.render(scale=scale, grayscale=not colour).to_pil(), colour)

    def text(self) -> str:
        """The text layer, pages apart by an empty line, as much of it as is shown."""
        parts: list[str] = []
        for page in self.document:
            parts.append(page.get_textpage().get_text_range().replace("\r\n", "\n").strip())
            if sum(map(len, parts)) > TEXT_LIMIT:
                break
        return "\n\n".join(filter(None, parts))


Reader = Pictures | Film | Pages
READERS: dict[str, Callable[[Item], Reader]] = {"picture": Pictures, "video": Film, "document": Pages}


def hashes(image: Raster) -> tuple[str, str, int]:
    """PDQ of an RGB picture and of its mirror image, in hex, and the quality."""
    import numpy
    import pdqhash
    from PIL import Image

    image.thumbnail((512, 512))
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    (bits, quality), (other, _same) = (pdqhash.compute(numpy.asarray(each)) for each in (image, mirrored))
    return numpy.packbits(bits).tobytes().hex(), numpy.packbits(other).tobytes().hex(), int(quality)


def spoken(value: object) -> str:
    """A value of EXIF as words: bytes that are no text are counted."""
    if isinstance(value, bytes):
        try:
            value = value.decode("ascii").strip("\0 ")
        except UnicodeDecodeError:
            return f"{len(value)} bytes"
    return str(value)[:EXIF_VALUE].encode("utf-8", "replace").decode()
