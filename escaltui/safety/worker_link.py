"""The wire to the decode worker: its process, its frames, its time. What it answers is believed only where it fits.

One thread at a time asks; `kill` may come from any other. Nothing here knows what a picture is.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from io import RawIOBase
from typing import Annotated, Any, BinaryIO, Literal, TypeVar, cast

import msgspec

from escaltui.safety import worker
from escaltui.safety.original import Original
from escaltui.safety.worker import FILM_LIMIT, HEAD, HEADER_LIMIT, LENGTH, MIB

Said = TypeVar("Said")
Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 31) - 1)]


class Numbers(msgspec.Struct, frozen=True):
    """The numbers of a refusal's sentence."""

    amount: Count = 0
    limit: Count = 0
    unit: Literal["", "MP", "MB"] = ""


class _Header(msgspec.Struct, frozen=True):
    id: int
    ok: bool
    n: Count
    resident: Count
    said: msgspec.Raw
    code: Literal["", "absent", "too_big", "bad_file", "no_reader", "password", "missing_extra", "damaged_original"] = (
        ""
    )


class Nothing(msgspec.Struct, frozen=True):
    """The header of a reply that is all payload, or none."""


class Refusal(Exception):
    """The worker answered that it will not, or a file is none to send. `code` "absent": it does not hold the file."""

    def __init__(self, code: str, numbers: Numbers = Numbers()) -> None:  # noqa: B008  frozen
        super().__init__(code)
        self.code, self.numbers = code, numbers


class Gone(Exception):
    """The worker ended, was ended, or answered what no worker of ours answers; then it has been ended."""


class Link:
    """One worker process and its socket. It starts with the object; it ends with `kill` or `close`."""

    def __init__(self, wrapper: Sequence[str] = ()) -> None:
        """Starts the process, `wrapper` before its own command. Raises OSError."""
        self.jobs = 0
        self.dismissed = False
        """Whether we ended it on purpose."""
        self.resident = 0
        """MiB in use besides the files it holds, as it says."""
        self._ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [*wrapper, sys.executable, "-I", worker.__file__], stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={"OPENBLAS_NUM_THREADS": "1"}, cwd="/", start_new_session=True,
            )  # fmt: skip
        except BaseException:
            self._ours.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process.poll() is None else None

    def kill(self) -> None:
        """End the process, with what its wrapper started, at once and from any thread. Whoever waits gets `Gone`."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()

    def close(self) -> None:
        """End the process and let go of all that it had here. Only for the thread that asks."""
        self.kill()
        self._ours.close()
        self._process.wait()

    def tell(self, request: dict[str, object]) -> None:
        """Send what is answered by nothing. Raises Gone."""
        frame = msgspec.json.encode(request)
        try:
            self._ours.settimeout(1.0)
            self._ours.sendall(LENGTH.pack(len(frame)) + frame)
        except OSError as error:
            raise self._gone() from error

    def ask(
        self, request: dict[str, object], said: type[Said], fits: Callable[[Said, int], bool], seconds: float,
        file: RawIOBase | None = None, size: int = 0,
    ) -> tuple[Said, bytes]:  # fmt: skip
        """One request, with the bytes of a file where it has one, and its reply: header and payload.

        `fits` says whether a reply can be true, by its header and the length of its payload, before that is read.
        Raises Refusal; TimeoutError when no reply came within `seconds`; Gone. After the last two the process is dead.
        """
        self.jobs += 1
        try:
            self.tell(request | {"id": self.jobs})
            self._send(file, size)
            return self._reply(said, fits, time.monotonic() + seconds)
        except TimeoutError:
            self.kill()
            raise
        except (OSError, msgspec.DecodeError) as error:
            raise self._gone() from error

    def pour(self, original: Original, sha256: str, seconds: float) -> None:
        """Hand over a file, from disk to socket: its bytes never pass through this process. Those of an encrypted store
        do, as bytes: it is decrypted here, and decoded there.

        The worker checks its hash. Raises as `ask` does, Refusal also where the file is missing, odd, or too large.
        """
        try:
            if not original.is_file():
                raise Refusal("damaged_original")
            file = original.open("rb", buffering=0)
        except OSError as error:
            raise Refusal("damaged_original") from error
        with file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            if size > FILM_LIMIT:
                raise Refusal("too_big", Numbers(-(-size // MIB), FILM_LIMIT // MIB, "MB"))
            about: dict[str, object] = {"sha256": sha256, "size": size}
            self.ask(about | {"do": "open", "head": (file.read(HEAD) or b"").hex()}, Nothing, _empty, seconds)
            file.seek(0)
            self.ask(about | {"do": "fill"}, Nothing, _empty, seconds, file, size)

    def _send(self, file: RawIOBase | None, size: int) -> None:
        if file is not None and size and self._ours.sendfile(cast(BinaryIO, file), 0, size) != size:
            raise self._gone()  # it shrank meanwhile

    def _reply(self, said: type[Said], fits: Callable[[Said, int], bool], until: float) -> tuple[Said, bytes]:
        (length,) = LENGTH.unpack(self._take(LENGTH.size, until))
        if length > HEADER_LIMIT:
            raise self._gone()
        header = msgspec.json.decode(self._take(length, until), type=_Header)
        if header.id != self.jobs or (header.n and not header.ok) or header.ok != (header.code == ""):
            raise self._gone()
        self.resident = header.resident
        if not header.ok:
            raise Refusal(header.code, msgspec.json.decode(header.said, type=Numbers))
        told = msgspec.json.decode(header.said, type=said)
        if not fits(told, header.n):
            raise self._gone()
        return told, self._take(header.n, until)

    def _take(self, n: int, until: float) -> bytes:
        taken = bytearray(n)
        view: Any = memoryview(taken)
        while view:
            self._ours.settimeout(max(0.001, until - time.monotonic()))
            got = self._ours.recv_into(view)
            if not got:
                raise self._gone()
            view = view[got:]
        return bytes(taken)

    def _gone(self) -> Gone:
        self.kill()
        return Gone()


def _empty(_said: Nothing, n: int) -> bool:
    return n == 0
