"""A large file read by a process of its own, so that one core reads while another writes.

What it sends are the reports in their order, as operations, nothing else. Where it cannot start, or ends before it
should (it was killed, memory ran out, a report cannot be sent), reading goes on in this process from where it stopped:
the reports are the same, and so is the error of a file that cannot be read. It ends by itself when nobody listens any
more.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from escaltui.intake import files
from escaltui.intake.pairs import Pair, pair

LARGE = 1 << 20
"""Bytes from which on a second process is worth its start."""
AT_ONCE = 500
"""Reports sent together: as many as are written together, so that the next ones are ready when those are written."""
ROOM = 1 << 20
"""Bytes that wait between the two, where the system lets us say so: reports sent together, so that nobody waits."""
_COUNT = 4
_SELDOM = 10_000
_START = "import sys; sys.path.append(sys.argv.pop(1)); from escaltui.intake.apart import serve; serve(*sys.argv[1:])"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Pair]).decode


def read(path: Path, mapping: Path | None = None, now: datetime | None = None) -> Iterator[Pair]:
    """The reports of `files.read` as pairs of operations, a large file's made by a second process. IntakeError as
    there."""
    now = now or datetime.now(UTC)
    here = map(pair, files.read(path, mapping, now))
    if not path.is_file() or path.stat().st_size < LARGE or (os.cpu_count() or 1) < 2 or not sys.executable:
        return here
    return _apart(here, path, mapping, now)


def _apart(here: Iterator[Pair], path: Path, mapping: Path | None, now: datetime) -> Iterator[Pair]:
    sent = yield from _sent(path, mapping, now)
    if sent is not None:
        yield from islice(here, sent, None)


def _sent(path: Path, mapping: Path | None, now: datetime) -> Generator[Pair, None, int | None]:
    """What the other process sends; gives None where that is all, else how many reports came."""
    sent = 0
    try:
        reader = _started(path, mapping, now)
    except OSError:
        return sent
    assert reader.stdout is not None
    try:
        while frame := _frame(reader.stdout):
            reports = _decode(frame)
            yield from reports
            sent += len(reports)
        return None if frame is not None else sent
    except msgspec.MsgspecError:
        return sent
    finally:
        reader.kill()
        reader.stdout.close()
        reader.wait()


def _started(path: Path, mapping: Path | None, now: datetime) -> subprocess.Popen[bytes]:
    ours = str(Path(__file__).resolve().parents[2])
    asked = (str(path.absolute()), str(mapping.absolute()) if mapping else "", now.isoformat())
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, ours, *asked],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=ROOM,
    )  # fmt: skip


def _frame(pipe: IO[bytes]) -> bytes | None:
    """The next reports as they were sent; empty where that was all, None where the other end broke off."""
    head = pipe.read(_COUNT)
    size = int.from_bytes(head, "big")
    frame = pipe.read(size) if size else b""
    return frame if len(head) == _COUNT and len(frame) == size else None


def serve(path: str, mapping: str, now: str) -> None:
    """The other process: write the reports of a file to the pipe, then an empty frame."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who listens: we end when they do
    gc.set_threshold(_SELDOM)
    found = map(pair, files.read(Path(path), Path(mapping) if mapping else None, datetime.fromisoformat(now)))
    try:
        while batch := list(islice(found, AT_ONCE)):
            _send(_encode(batch))
        _send(b"")
    except OSError:  # nobody listens any more; what is left in the buffer has nowhere to go
        os._exit(1)


def _send(frame: bytes) -> None:
    pipe = sys.stdout.buffer
    pipe.write(len(frame).to_bytes(_COUNT, "big") + frame)
    pipe.flush()
