"""A ZIP file that can be written in one way only: files as they are, in order, every other field fixed.

Whatever another program may vary (compression, times, rights, extra fields, comments, a second list of names) has one
value here, and a reader that goes from the first byte to the last holds each byte against it. So no two readers can see
different files in it, nothing inflates, and nothing hides before, between or behind. Laid out by PKWARE's APPNOTE 6.3.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import BinaryIO, NamedTuple

from escaltui.bundling.faults import BundleFault
from escaltui.i18n import _

_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_NEXT, _LIST, _LAST = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_VERSION, _UTF8, _STORED, _MIDNIGHT, _DAY = 20, 0x800, 0, 0, 0x21
"""What a reader must understand; names are UTF-8; not compressed; 1980-01-01 00:00, the first instant there is."""
_UNIX, _RIGHTS = 3 << 8 | _VERSION, 0o100600 << 16
MOST_FILES = 2_000
MOST_BYTES = (1 << 32) - (1 << 24)
"""Of the whole file: what its 32-bit fields can say."""
NAME_LONGEST = 120
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9][a-z0-9_-]*)*")
_CHUNK = 1 << 20


class Entry(NamedTuple):
    """A file within: its name, size, the CRC-32 that is written of it, where its bytes begin, and what they hash to."""

    name: str
    size: int
    crc: int
    start: int
    sha256: str = ""
    crc_found: int = 0


class Source(NamedTuple):
    """A file to be put in: its name, and how its bytes are opened, anew each time."""

    name: str
    opened: Callable[[], BinaryIO]


def sound_name(name: str) -> bool:
    """Whether a file may be called so: lower case, no folder above, alike on every system."""
    return len(name) <= NAME_LONGEST and _NAME.fullmatch(name) is not None


def local(name: str, crc: int, size: int) -> bytes:
    """What stands before a file."""
    raw = name.encode("ascii")
    fixed = (_VERSION, _UTF8, _STORED, _MIDNIGHT, _DAY)
    return _LOCAL.pack(_NEXT, *fixed, crc, size, size, len(raw), 0) + raw


def listing(entries: Iterable[Entry], start: int) -> bytes:
    """What stands behind all files: their list, and the end. `start`: where it begins."""
    parts, at = [], 0
    for count, each in enumerate(entries, 1):
        raw, fixed = each.name.encode("ascii"), (_UNIX, _VERSION, _UTF8, _STORED, _MIDNIGHT, _DAY)
        sizes = (each.crc, each.size, each.size, len(raw), 0, 0, 0, 0, _RIGHTS, at)
        parts.append(_CENTRAL.pack(_LIST, *fixed, *sizes) + raw)
        at += _LOCAL.size + len(raw) + each.size
        assert count <= MOST_FILES
    found = b"".join(parts)
    return found + _END.pack(_LAST, 0, 0, len(parts), len(parts), len(found), start, 0)


def write(out: BinaryIO, sources: Iterable[Source]) -> None:
    """Write all of them to a file that can be sought in, and is empty. Raises BundleFault where they are too much."""
    entries: list[Entry] = []
    for source in sources:
        assert sound_name(source.name), source.name
        start = out.tell() + _LOCAL.size + len(source.name)
        out.write(local(source.name, 0, 0))
        crc = size = 0
        with source.opened() as file:
            while chunk := file.read(_CHUNK):
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
                if start + size > MOST_BYTES or len(entries) == MOST_FILES:
                    raise BundleFault("large", _("This is too much for one bundle. Leave attachments out."))
                out.write(chunk)
        end = out.tell()
        out.seek(start - _LOCAL.size - len(source.name))
        out.write(local(source.name, crc, size))
        out.seek(end)
        entries.append(Entry(source.name, size, crc, start))
    out.write(listing(entries, out.tell()))


def read(file: BinaryIO) -> tuple[Entry, ...]:
    """The files of a container, in order, each hashed; raises BundleFault at the first byte that is not as it must be.

    Reads once, from the beginning; no more than a chunk is held.
    """
    entries: list[Entry] = []
    names: set[str] = set()
    while (head := file.read(4)) == _NEXT:
        entry = _entry(file, head + _whole(file, _LOCAL.size - 4))
        if entry.name in names:
            raise BundleFault("twice", _("{name} is in it twice.").format(name=entry.name))
        names.add(entry.name)
        entries.append(_hashed(file, entry))
        if len(entries) > MOST_FILES:
            raise BundleFault("large", _("It holds more than {most} files.").format(most=MOST_FILES))
    if not entries:
        said = _("It does not begin as a bundle does: something stands before it, or it is another kind of file.")
        raise BundleFault("foreign", said)
    _behind(file, head, entries)
    return tuple(entries)


def content(file: BinaryIO, entry: Entry) -> bytes:
    """The bytes of one that was read."""
    file.seek(entry.start)
    return _whole(file, entry.size)


def _whole(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise _short()
    return found


def _short() -> BundleFault:
    return BundleFault("short", _("It ends in the middle: part of it is missing. Copy it again."))


def _entry(file: BinaryIO, head: bytes) -> Entry:
    _sign, version, flags, method, time, day, crc, packed, size, length, extra = _LOCAL.unpack(head)
    name = _named(_whole(file, length))
    if method != _STORED or packed != size:
        said = _("{name} is compressed. A bundle holds files as they are: it is not one of ours, and is not unpacked.")
        raise BundleFault("packed", said.format(name=name))
    if extra or (version, flags, time, day) != (_VERSION, _UTF8, _MIDNIGHT, _DAY):
        said = _("What is written beside {name} (time, flags, extra fields) was changed.")
        raise BundleFault("facts", said.format(name=name))
    return Entry(name, size, crc, file.tell())


def _named(raw: bytes) -> str:
    name = raw.decode("utf-8", "replace")
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or ".." in parts:
        raise BundleFault("path", _("A file in it is named so that it would land outside its folder: {name}.").format(
            name=ascii(name)))  # fmt: skip
    if not sound_name(name):
        raise BundleFault("name", _("No file of a bundle is named so: {name}.").format(name=ascii(name[:NAME_LONGEST])))
    return name


def _hashed(file: BinaryIO, entry: Entry) -> Entry:
    import hashlib  # only here: see domain.hashing

    found, crc, left = hashlib.sha256(), 0, entry.size
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise _short()
        found.update(chunk)
        crc, left = zlib.crc32(chunk, crc), left - len(chunk)
    return entry._replace(sha256=found.hexdigest(), crc_found=crc)


def _behind(file: BinaryIO, begun: bytes, entries: list[Entry]) -> None:
    """Refuse any list but the one that follows from the files themselves, and anything behind it."""
    start = file.tell() - len(begun)
    due = listing(entries, start)
    found = begun + file.read(len(due) - len(begun))
    if found != due:
        if due.startswith(found):
            raise _short()
        if found[: -_END.size] == due[: -_END.size] and found[:-2] == due[:-2]:
            raise BundleFault("behind", _("A comment was put behind it."))
        raise BundleFault("list", _("Its list of files is not that of the files in it: another program would see "
                                    "something else."))  # fmt: skip
    if file.read(1):
        raise BundleFault("behind", _("Something stands behind its end."))
