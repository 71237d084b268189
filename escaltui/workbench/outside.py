"""A still, a frame or a page in another program: encoded anew, in a private folder, gone at exit.

That program may keep a copy; the person is told so before. The bytes never pass a shell, and their name tells nothing.
Each running workbench has a folder of its own here and holds a lock on it: what nobody holds was left by one that was
killed, and is swept at the next start.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.operations import RecordAccess
from escaltui.i18n import _
from escaltui.state import OPENED, private, state_folder
from escaltui.workbench import media

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.workbench.door import Workbench

PNG = b"\x89PNG\r\n\x1a\n"
LOCK = "lock"
FAILS_WITHIN = 1.0
"""Seconds in which a program that cannot open anything says so."""
FOREGROUND = 10.0
"""xdg-open hands over and ends at once where there is a desktop; one that ran for longer was the program itself."""
Launch = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


class OutsideError(Exception):
    """A picture was not opened outside; str() says why, and how to mend it."""


def open_outside(bench: Workbench, face: MediaFace, png: bytes, number: int, launch: Launch | None = None) -> str:
    """Show the bytes of a PNG, encoded anew by the reader, in the system's own program; gives what to say.

    `number` is the still's, frame's or page's. Blocks for up to a second: call it from a thread. The access is written
    to the case's log first, where the rules say so. Raises OutsideError; nothing was opened then.
    """
    if media.closed(bench, face):
        raise OutsideError(_("A sealed item is never opened."))
    protection = bench.protection
    if protection.shield.external_open == "never":
        file = "safety.toml" if "external_open" in protection.operator else "config.toml"
        raise OutsideError(_("Opening outside is off: external_open is never in {file}.").format(file=file))
    if not png.startswith(PNG):
        raise OutsideError(_("Only a picture that was encoded anew is opened outside."))
    argv = program(os.environ, sys.platform) if launch is None else ["xdg-open"]
    if media.logged(bench, face):
        outcome = bench.do(RecordAccess(case=face.case_id, what=f"file {face.number}, outside"))
        if isinstance(outcome, Refused):
            raise OutsideError(" ".join(wording.refusal(outcome)))
    bench.outside.show(png, face.sha256, number, argv, launch or launched)
    return _("Opened outside, clear and in colour. It is removed when you leave; that program may keep a copy.")


def program(environ: Mapping[str, str], platform: str) -> list[str]:
    """The system's program that opens files. Raises OutsideError where there is none, or no desktop."""
    if platform == "win32":
        raise OutsideError(_("Pictures are not opened outside on Windows."))
    if platform == "darwin":
        return ["open", "-W"]
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        raise OutsideError(_("There is no desktop here to open a picture on; over ssh there is none."))
    found = shutil.which("xdg-open", path=environ.get("PATH"))
    if found is None:
        raise OutsideError(_("No program here opens pictures. Install xdg-utils."))
    return [found]


def launched(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: it has neither our terminal nor our files."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(argv, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, cwd="/")


class Outside:
    """The pictures that this workbench shows in other programs. Safe to use from several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or state_folder() / OPENED
        self._own: Path | None = None
        self._lock: IO[bytes] | None = None
        self._guard = threading.Lock()

    def show(self, png: bytes, sha256: str, number: int, argv: Sequence[str], launch: Launch) -> None:
        """Write the bytes and start the program on them. Raises OutsideError."""
        try:
            file = self._write(png, f"{key_of(sha256)}-{number}-{os.urandom(4).hex()}.png")
        except OSError as error:
            said = _("The picture cannot be written to {folder}: {why}. Make room there, or make it writable.")
            raise OutsideError(said.format(folder=self._folder, why=error.strerror or error)) from error
        try:
            begun, process = time.monotonic(), launch([*argv, str(file)])
            code = process.wait(FAILS_WITHIN)
        except subprocess.TimeoutExpired:
            waiting = (process, file, begun, "-W" in argv)
            threading.Thread(target=self._until_closed, args=waiting, daemon=True, name="outside").start()
            return
        except OSError as error:
            file.unlink(missing_ok=True)
            said = _("{program} cannot be started: {why}.")
            raise OutsideError(said.format(program=argv[0], why=error.strerror or error)) from error
        if code:
            file.unlink(missing_ok=True)
            said = _("{program} could not open the picture ({code}).")
            raise OutsideError(said.format(program=Path(argv[0]).name, code=code))

    def close_all(self) -> None:
        """Remove everything that was opened."""
        with self._guard:
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
            if self._lock is not None:
                self._lock.close()
            self._own = self._lock = None

    def _until_closed(self, process: subprocess.Popen[bytes], file: Path, begun: float, waits: bool) -> None:
        process.wait()
        if waits or time.monotonic() - begun > FOREGROUND:
            file.unlink(missing_ok=True)

    def _write(self, png: bytes, name: str) -> Path:
        with self._guard:
            if self._own is None:
                self._begin()
            assert self._own is not None
            file = self._own / name
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(png)
            return file

    def _begin(self) -> None:
        private(self._folder)
        with _alone(self._folder):  # nobody sweeps between the making of the folder and its lock
            own = self._folder / os.urandom(8).hex()
            own.mkdir(mode=0o700)
            self._lock = (own / LOCK).open("xb")
            _hold(self._lock)
        self._own = own
        atexit.register(self.close_all)


def key_of(sha256: str) -> str:
    """The name of a file's pictures: the same for all of them, and not its hash, since programs list what they open."""
    return hashlib.sha256(f"opened {sha256}".encode()).hexdigest()[:20]


def forget_all(hashes: Iterable[str], folder: Path | None = None) -> int:
    """Remove every picture of files that were sealed, whichever workbench opened it. Gives how many there were."""
    opened = list((folder or state_folder() / OPENED).glob("*/*.png"))
    keys = {key_of(each) for each in hashes} if opened else set()
    found = [file for file in opened if file.name.partition("-")[0] in keys]
    for file in found:
        file.unlink(missing_ok=True)
    return len(found)


def sweep(folder: Path) -> int:
    """Remove what workbenches left that were killed; what a running one holds stays. Gives how many it removed."""
    if sys.platform == "win32" or not folder.is_dir():
        return 0
    removed = 0
    with suppress(OSError), _alone(folder):
        for own in [each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()]:
            if not _held(own / LOCK):
                shutil.rmtree(own, ignore_errors=True)
                removed += 1
    return removed


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "rb") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hold(lock: IO[bytes]) -> None:
    if sys.platform != "win32":
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _held(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            _hold(lock)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
