"""The decode worker: the one process where files from outside are decoded. Run as `python -I worker.py`.

It reads frames from the socket that is its standard input: u32 length, JSON header, and for `open` the file's bytes,
which it holds in memory. It opens no file, starts nothing, and can write nothing but its replies. The program takes the
numbers of the protocol from here; it never calls what decodes (`worker_readers.py`, loaded here alone).
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import signal
import socket
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Raster

    from escaltui.safety import worker_levels as levels
    from escaltui.safety import worker_readers as readers

MIB = 1 << 20
LENGTH = struct.Struct(">I")
MOST = (1 << 31) - 1
"""The largest number that a reply may say."""
HEADER_LIMIT = 4096
HEAD = 192
"""So many first bytes tell what a file is."""
FILE_LIMIT, FILM_LIMIT = 64 * MIB, 256 * MIB
HELD_ITEMS, HELD_BYTES = 4, 256 * MIB
TEXT_LIMIT, EXIF_LIMIT, EXIF_VALUE = 256 * 1024, 64 * 1024, 200
MEMORY = 1 << 30
LONGEST = 30
"""Seconds on one request after which the worker ends itself, in case nobody is left to end it."""

Reply = tuple[dict[str, Any], bytes]


def beside(name: str) -> Any:
    """A module of this folder, by its path: `python -I` finds no neighbours."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def limit() -> None:
    """Take from this process what decoding does not need. Systems that ignore a limit are not refused."""
    import resource

    limits = {"AS": MEMORY, "FSIZE": 0, "CORE": 0, "NOFILE": 16}
    if os.geteuid() != 0:  # root is not held by it
        limits["NPROC"] = 0
    for name, most in limits.items():
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
        except (ValueError, OSError, AttributeError):
            continue
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    sys.dont_write_bytecode = True


def resident() -> int:
    """MiB of memory in use now; where the system does not tell, the most there ever was."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // MIB
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (MIB if sys.platform == "darwin" else 1024)


class Worker:
    """Files in memory, and the requests about them. Every method named like a request answers it."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.items: OrderedDict[str, readers.Item] = OrderedDict()
        self.whole: tuple[tuple[str, int, bool], tuple[int, int], Raster] | None = None
        """The picture decoded last, so that a step of level or region need not decode again."""
        self.grids: dict[tuple[object, ...], tuple[Raster, tuple[int, int]]] = {}
        """Heavily blurred grids: what a re-shield asks for comes at once."""

    # --- frames

    def take(self, n: int) -> bytes:
        """The next `n` bytes. Raises EOFError when the client is gone."""
        taken = io.BytesIO()
        while taken.tell() < n:
            piece = self.link.recv(min(MIB, n - taken.tell()))
            if not piece:
                raise EOFError
            taken.write(piece)
        return taken.getvalue()

    def serve(self) -> None:
        """Answer one request after the other until the client is gone."""
        while True:
            (length,) = LENGTH.unpack(self.take(LENGTH.size))
            asked = json.loads(self.take(min(length, HEADER_LIMIT)))
            signal.alarm(LONGEST)
            if asked["do"] == "forget":  # answered by nothing: the client does not wait
                self.forget(asked["sha256"])
            else:
                said, payload = self.answer(asked)
                said |= {"id": asked["id"], "n": len(payload), "resident": max(0, resident() - self.held() // MIB)}
                header = json.dumps(said).encode()
                self.link.sendall(LENGTH.pack(len(header)) + header)
                self.link.sendall(payload)
            signal.alarm(0)

    def answer(self, asked: dict[str, Any]) -> Reply:
        """The reply to one request; what goes wrong in a reader is a refusal."""
        requests = {
            "open": self.open, "fill": self.fill, "facts": self.facts, "view": self.view, "sheet": self.sheet,
            "hash": self.hash, "text": self.text, "export": self.export,
        }  # fmt: skip
        try:
            said, payload = requests[asked["do"]](asked)
            return {"ok": True, "said": said}, payload
        except readers.Refused as refused:
            return {"ok": False, "code": refused.code, "said": refused.numbers}, b""
        except MemoryError:
            self.whole = None
            return {"ok": False, "code": "too_big", "said": {}}, b""
        except ImportError:
            return {"ok": False, "code": "missing_extra", "said": {}}, b""
        except Exception:  # a hostile file can make a reader raise anything
            return {"ok": False, "code": "bad_file", "said": {}}, b""

    # --- requests

    def open(self, asked: dict[str, Any]) -> Reply:
        """Whether a file may come, by its size and first bytes; room is made for it."""
        size = asked["size"]
        film = readers.told(bytes.fromhex(asked["head"]))[0] == "video"
        most = FILM_LIMIT if film else FILE_LIMIT
        if size > most:
            raise readers.Refused("too_big", amount=-(-size // MIB), limit=most // MIB, unit="MB")
        while self.items and (len(self.items) >= HELD_ITEMS or size + self.held() > HELD_BYTES):
            self.forget(next(iter(self.items)))
        return {}, b""

    def fill(self, asked: dict[str, Any]) -> Reply:
        """Take the file that follows, and check its hash."""
        data = self.take(asked["size"])
        if hashlib.sha256(data).hexdigest() != asked["sha256"]:
            raise readers.Refused("damaged_original")
        self.items[asked["sha256"]] = readers.Item(data, *readers.told(data))
        return {}, b""

    def facts(self, asked: dict[str, Any]) -> Reply:
        """What the file says of itself, without decoding it. A broken one has facts too, if fewer."""
        item = self._item(asked)
        said: dict[str, Any] = {"kind": item.kind, "is_": item.name, "size": len(item.data)}
        told: list[tuple[str, str]] = []
        try:
            reader = self._reader(item)
            said |= {key: min(value, MOST) for key, value in reader.facts().items()}
            if asked["exif"]:
                told = [(name[:EXIF_VALUE], readers.spoken(value)) for name, value in reader.told()]
        except Exception:
            told = told or []
        payload = json.dumps(told).encode() if asked["exif"] else b""
        while len(payload) > EXIF_LIMIT:
            told = told[: len(told) // 2]
            payload = json.dumps(told).encode()
        return said, payload

    def view(self, asked: dict[str, Any]) -> Reply:
        """One grid of one place of a file, at a level."""
        room = levels.Room.of(asked)
        key = (asked["sha256"], asked["frame"], room.need(), room.level)
        grid, size = self.grids.get(key) or (None, (0, 0))
        if grid is None:
            whole = self._whole(asked["sha256"], asked["frame"], room.need(), room.colour)
            grid, size = levels.grid(whole, room), whole.size
            if room.level == "heavy":
                self.grids[key] = grid, size
        image = levels.shown(grid, size, room)
        return {"mode": image.mode, "w": image.width, "h": image.height}, image.tobytes()

    def sheet(self, asked: dict[str, Any]) -> Reply:
        """The tiles of a contact sheet, each a view of its own size."""
        room = levels.Room.of(asked)
        reader = self._reader(self._item(asked))
        tiles, parts = [], []
        for place in reader.places(asked["tiles"]):
            at, whole = reader.still(place, room.need(), room.colour)
            image = levels.shown(levels.grid(whole, room), whole.size, room)
            tiles.append((round(at, 3), place, image.width, image.height))
            parts.append(image.tobytes())
        return {"mode": "RGB" if room.colour else "L", "tiles": tiles}, b"".join(parts)

    def hash(self, asked: dict[str, Any]) -> Reply:
        """PDQ of a picture and of its mirror image, and the quality of both."""
        if self._item(asked).kind != "picture":
            return {}, b""
        pdq, mirrored, quality = readers.hashes(self._whole(asked["sha256"], 0, (512, 512), True))
        return {"pdq": pdq, "mirrored": mirrored, "quality": quality}, b""

    def text(self, asked: dict[str, Any]) -> Reply:
        """The words of a text file or of a PDF's text layer, the first 256 KiB."""
        item = self._item(asked)
        words = b""
        if item.kind == "text":
            words = item.data
        elif item.kind == "document":
            words = self._reader(item).text().encode("utf-8", "replace")
        return {}, words[:TEXT_LIMIT].decode("utf-8", "ignore").encode()

    def export(self, asked: dict[str, Any]) -> Reply:
        """One frame, still or page at its full size and in colour, as a PNG that says nothing else."""
        largest = readers.PIXELS
        image = self._whole(asked["sha256"], asked["frame"], (largest, largest), True)
        image.info = {}
        written = io.BytesIO()
        image.save(written, "PNG", compress_level=1)
        return {}, written.getvalue()

    def forget(self, sha256: str) -> None:
        """Drop a file with all that was made of it; "": the clear picture only."""
        self.whole = None
        if sha256:
            self.items.pop(sha256, None)
            self.grids = {key: grid for key, grid in self.grids.items() if key[0] != sha256}

    # --- what is held

    def held(self) -> int:
        """Bytes of the files in memory."""
        return sum(len(item.data) for item in self.items.values())

    def _item(self, asked: dict[str, Any]) -> readers.Item:
        if asked["sha256"] not in self.items:
            raise readers.Refused("absent")
        self.items.move_to_end(asked["sha256"])
        return self.items[asked["sha256"]]

    def _reader(self, item: readers.Item) -> Any:
        if item.kind not in readers.READERS:
            raise readers.Refused("no_reader")
        return readers.READERS[item.kind](item)

    def _whole(self, sha256: str, place: int, need: tuple[int, int], colour: bool) -> Raster:
        """A whole picture at least so large, or as large as it is; the last one is kept until it is forgotten."""
        item = self._item({"sha256": sha256})
        key = (sha256, place, colour)
        if self.whole is not None and self.whole[0] == key and all(map(int.__ge__, self.whole[1], need)):
            return self.whole[2]
        self.whole = None
        image: Raster = self._reader(item).still(place, need, colour)[1]
        reduced = item.kind != "picture" or item.reader == "JPEG"
        self.whole = key, need if reduced else (readers.PIXELS, readers.PIXELS), image
        return image


def main() -> None:
    """Serve the socket on standard input until its other end is closed."""
    limit()
    try:
        import PIL.Image
        import PIL.ImageFilter
        import PIL.JpegImagePlugin  # noqa: F401  loaded before the first picture comes
    except ImportError:
        pass  # told at the first request that needs it
    try:
        Worker(socket.socket(fileno=0)).serve()
    except (EOFError, ConnectionError):
        return


if __name__ == "__main__":
    if not TYPE_CHECKING:
        levels, readers = beside("worker_levels"), beside("worker_readers")
    main()
