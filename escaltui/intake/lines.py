"""Bytes of a file as numbered lines: gzip undone as far as it goes, encodings read with a note, nothing dropped."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from escaltui.i18n import _
from escaltui.intake.found import IntakeError

_CHUNK = 1 << 16
_OUT = 1 << 20  # bytes undone at a time, so that a small file cannot fill the memory
LINE_LIMIT = 64 << 20  # bytes of one line; what is longer is cut there and goes on as the next line
GZIP_MARK = b"\x1f\x8b"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Line(NamedTuple):
    """One line without its end, or (content empty) the sentence that says why reading stopped."""

    number: int
    content: bytes
    problem: str = ""


def opened(path: Path) -> IO[bytes]:
    """The file for reading. Raises IntakeError with the mend."""
    try:
        if path.is_dir():
            raise IntakeError(_("{name} is a folder: name a file in it.").format(name=path.name))
        return path.open("rb")
    except FileNotFoundError:
        raise IntakeError(_("There is no file {name}: check the name and the folder.").format(name=path.name)) from None
    except PermissionError:
        raise IntakeError(
            _("{name} may not be read: ask for permission, or copy it to a folder of yours.").format(name=path.name)
        ) from None
    except (OSError, ValueError) as error:
        raise IntakeError(
            _("{name} cannot be read ({why}): check the disk and the name.").format(name=path.name, why=error)
        ) from error


def whole(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """All bytes of the file, gzip undone, and the sentences about what could not be read."""
    problems: list[str] = []
    return b"".join(_chunks(path, problems)), tuple(problems)


def lines(path: Path) -> Iterator[Line]:
    """The file's lines, numbered from 1. A break in the file yields what came before, then a line with a problem."""
    problems: list[str] = []
    number, rest = 0, b""
    for chunk in _as_utf8(_chunks(path, problems)):
        pieces = (rest + chunk).split(b"\n") if b"\n" in chunk else [rest + chunk]
        rest = pieces.pop()
        for piece in pieces:
            number += 1
            yield Line(number, piece.removesuffix(b"\r"))
        if len(rest) > LINE_LIMIT:
            number += 1
            yield Line(number, rest)
            rest = b""
    if rest:
        number += 1
        yield Line(number, rest.removesuffix(b"\r"))
    for problem in problems:
        yield Line(number + 1, b"", problem)


def decoded(content: bytes) -> tuple[str, str]:
    """The text of `content` and a note: UTF-8, else Windows-1252 (the note says so; the caller keeps the bytes)."""
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        return content.decode(
            "cp1252", "replace"
        ), "Not UTF-8, read as Windows-1252: check its accents. The bytes are attached."


def _chunks(path: Path, problems: list[str]) -> Iterator[bytes]:
    """The file's bytes, gzip undone; a break ends them and adds a sentence to `problems`."""
    with opened(path) as file:
        try:
            first = file.read(_CHUNK)
            if first.startswith(GZIP_MARK):
                yield from _unzipped(first, file, problems)
                return
            while first:
                yield first
                first = file.read(_CHUNK)
        except OSError as error:
            problems.append(f"{path.name} could not be read to its end ({error.strerror}): copy it again.")


def _unzipped(first: bytes, file: IO[bytes], problems: list[str]) -> Iterator[bytes]:
    inflate, data = zlib.decompressobj(31), first
    while data or (data := file.read(_CHUNK)):
        before = inflate.copy()
        try:
            out = inflate.decompress(data, _OUT)
        except zlib.error:
            yield _before_the_break(before, data)
            problems.append("The compressed file is damaged from here on: what came before was read. Get it again.")
            return
        if out:
            yield out
        data = inflate.unconsumed_tail
        if inflate.eof:
            data = inflate.unused_data or file.read(_CHUNK)
            if not data.startswith(GZIP_MARK[:1]):
                return  # padding after the last member
            inflate = zlib.decompressobj(31)
    if not inflate.eof:
        problems.append("The compressed file is cut off at its end: what came before was read. Get it again.")


def _before_the_break(inflate: zlib._Decompress, data: bytes) -> bytes:
    """What can still be undone of `data` in front of the damage, byte by byte."""
    out = bytearray()
    for place in range(len(data)):
        try:
            out += inflate.decompress(data[place : place + 1])
        except zlib.error:
            break
    return bytes(out)


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without a byte order mark; UTF-16 becomes UTF-8."""
    first = next(chunks, b"")
    for mark, encoding in _BOMS:
        if first.startswith(mark):
            first = first[len(mark) :]
            if encoding != "utf-8":
                decoder = codecs.getincrementaldecoder(encoding)("replace")
                yield decoder.decode(first).encode("utf-8", "replace")
                for chunk in chunks:
                    yield decoder.decode(chunk).encode("utf-8", "replace")
                return
    yield first
    yield from chunks
