"""The real program on a pseudo-terminal: keys go in as bytes, a pyte screen shows what comes out.

Nothing here sleeps for a time that it hopes is enough: every wait is for a state of the screen or for the program's
end, and names what was on the screen where it did not come.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

PROGRAM = (sys.executable, "-m", "escaltui")
REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE = 20.0
"""Seconds until a state that does not come is a failure; generous, since test machines are busy."""
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "end": "F", "home": "H"}
KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "delete": "\x1b[3~", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "f1": "\x1bOP", "f2": "\x1bOQ",
    **{name: f"\x1b[{letter}" for name, letter in _CURSOR.items()},
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}  # fmt: skip
_DROPPED_BY_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
"""Queries and keyboard modes: pyte would draw some of them or take them for others."""


def keystroke(key: str) -> bytes:
    """What a terminal sends for a key: a name of `KEYS`, or the character itself."""
    return KEYS.get(key, key).encode()


class Terminal:
    """A program on a terminal of its own. Use it as a context: what still runs at the end is killed, by its own id."""

    def __init__(
        self, argv: Sequence[str], columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:  # fmt: skip
        self.argv = list(argv)
        self.patience = PATIENCE
        self._pyte = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._pyte)
        self._raw = bytearray()
        self._drawn = 0
        self._ended = False
        self.process, self._master = _spawn(self.argv, columns, rows, environment(env or {}), cwd)
        self.pid = self.process.pid

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        os.close(self._master)

    # --- typing

    def press(self, *keys: str) -> None:
        """Keys, all in one packet, as a fast typist's over ssh arrive."""
        self.send(b"".join(keystroke(key) for key in keys))

    def type(self, text: str) -> None:
        """Text, all in one packet."""
        self.send(text.encode())

    def burst(self, keys: Iterable[str], gap: float) -> None:
        """Keys with a gap of seconds between them; 0 makes one packet. Output is taken in meanwhile."""
        if not gap:
            self.press(*keys)
            return
        for key in keys:
            self.press(key)
            self._take_until(time.monotonic() + gap)

    def send(self, data: bytes) -> None:
        """Bytes as they are; a program that does not read just now is waited for."""
        end = time.monotonic() + PATIENCE
        while data:
            _readable, writable, _ = select.select([], [self._master], [], 0.05)
            if writable:
                data = data[os.write(self._master, data[:512]) :]
            self._take(0)
            if time.monotonic() > end:
                raise self._failure("the program does not read its keys")

    def resize(self, columns: int, rows: int) -> None:
        """Another size of the window; the kernel tells the program."""
        self.screen()
        self._pyte.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # --- seeing

    def screen(self) -> list[str]:
        """The lines on the screen, without the spaces at their ends."""
        self._take(0)
        self._draw()
        return [line.rstrip() for line in self._pyte.display]

    def text(self) -> str:
        """The whole screen as one text."""
        return "\n".join(self.screen())

    def raw(self) -> bytes:
        """Every byte that the program has sent so far."""
        self._take(0)
        return bytes(self._raw)

    def wait_for(
        self, wanted: str | Callable[[str], bool], timeout: float | None = None, *, words: str = ""
    ) -> list[str]:
        """The screen once it has a text or meets a condition. Raises AssertionError with the screen it has instead."""
        end = time.monotonic() + (timeout or self.patience)
        while True:
            shown = self.text()
            if wanted in shown if isinstance(wanted, str) else wanted(shown):
                return shown.split("\n")
            if self._ended or time.monotonic() > end:
                raise self._failure(f"no {words or (repr(wanted) if isinstance(wanted, str) else 'such screen')}")
            self._take(min(0.25, max(0.0, end - time.monotonic())))

    def wait_gone(self, text: str, timeout: float | None = None) -> list[str]:
        """The screen once a text is no longer on it."""
        return self.wait_for(lambda shown: text not in shown, timeout, words=f"screen without {text!r}")

    def wait_end(self, timeout: float | None = None) -> int:
        """The exit code, once the program has ended by itself."""
        end = time.monotonic() + (timeout or self.patience)
        while not self._ended and time.monotonic() < end:
            self._take(0.1)
        if not self._ended:
            raise self._failure("the program goes on")
        return self.process.wait(PATIENCE)

    def quiet(self, silence: float = 0.05, timeout: float = PATIENCE) -> int:
        """Take output in until the program has sent nothing for `silence` seconds; gives how many bytes came."""
        before, end, last = len(self._raw), time.monotonic() + timeout, time.monotonic()
        while time.monotonic() - last < silence and time.monotonic() < end and not self._ended:
            if self._take(silence):
                last = time.monotonic()
        return len(self._raw) - before

    def answered(self, silence: float = 0.05, timeout: float = 1.0) -> float:
        """Wait for a first byte, then for silence; gives the moment of the last byte (of time.monotonic()).

        A program that sends nothing at all has answered at once.
        """
        before, begun = len(self._raw), time.monotonic()
        end, last = begun + timeout, 0.0
        while not self._ended and time.monotonic() < end:
            if self._take(silence):
                last = time.monotonic()
            elif len(self._raw) > before:
                break
        return last or begun

    # --- the process

    @property
    def alive(self) -> bool:
        """Whether the program still runs."""
        return self.process.poll() is None

    def cpu(self) -> float:
        """Seconds of CPU, user and system, that the program has used: all its threads, by the kernel's own clock."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of a process, see clock_getcpuclockid(3)
        except OSError:
            ticks = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def cpu_drawing(self) -> float:
        """Seconds of CPU of the thread that reads keys and draws; its threads that read or write the store left out."""
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def memory(self, what: str = "VmRSS") -> float:
        """MiB of a line of /proc/PID/status: VmRSS is resident now, VmHWM its peak."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))

    def kill(self) -> None:
        """kill -9, this program only."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    # --- inside

    def _take_until(self, end: float) -> None:
        while (left := end - time.monotonic()) > 0:
            self._take(left)

    def _take(self, timeout: float) -> int:
        """Read what is there, after waiting for something up to `timeout`; gives how many bytes came."""
        taken = 0
        while not self._ended and select.select([self._master], [], [], 0 if taken else timeout)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # EIO: nobody has the other end any more
                data = b""
            if not data:
                self._ended = True
                break
            taken += len(data)
            self._raw += data
        return taken

    def _draw(self) -> None:
        """Feed pyte what is new: whole sequences only, without those it does not know."""
        data = bytes(self._raw[self._drawn :])
        cut = data.rfind(b"\x1b")
        if cut >= 0 and not re.match(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[^\[])", data[cut:]):
            data = data[:cut]
        self._drawn += len(data)
        self._stream.feed(_DROPPED_BY_PYTE.sub(b"", data))

    def _failure(self, problem: str) -> AssertionError:
        if self._ended:
            self.process.wait(PATIENCE)
        state = "it runs" if self.alive else f"it ended with {self.process.poll()}"
        shown = "\n".join(f"|{line}" for line in self.screen())
        return AssertionError(f"{problem}; {state}; the screen:\n{shown}")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a plain terminal: nothing of this machine's own settings but where programs are."""
    kept = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH") if name in os.environ}
    plain = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": os.devnull, "PYTHONUTF8": "1"}
    return {**kept, **plain, **more}


def _spawn(
    argv: Sequence[str], columns: int, rows: int, env: Mapping[str, str], cwd: Path | None
) -> tuple[subprocess.Popen[bytes], int]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_blocking(master, True)

    def own_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        list(argv), stdin=slave, stdout=slave, stderr=slave, env=dict(env), cwd=cwd or REPOSITORY, close_fds=True,
        start_new_session=True, preexec_fn=own_the_terminal,
    )  # fmt: skip
    os.close(slave)
    return process, master
