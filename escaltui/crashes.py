"""What a defect leaves behind: its kind, its place in the code and an id. Never a message, a value or a source line.

A message may carry case text, and so may the values of a frame (SAFETY.md section 8). Whatever raises, in whatever
thread, ends here: `Defects.install` takes the place of the interpreter's own ways of printing a traceback.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from escaltui.i18n import _
from escaltui.state import private

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

DEFECT = 70
"""Exit code after a defect (EX_SOFTWARE)."""
LOG = "defects.log"
LARGEST = 256 << 10
"""Bytes after which the log begins anew."""
_OURS = f"{os.sep}escaltui{os.sep}"


class Defect(NamedTuple):
    """One defect: `kind` is the exception's class, `place` a file and a line."""

    id: str
    kind: str
    place: str


def place_of(error: BaseException) -> str:
    """Where an exception came from: the line that raised it, and where that is not ours, the last line of ours on its
    way there: `base.py:120<store/store.py:33`."""
    ours, last, trace = "", "?", error.__traceback__
    while trace is not None:
        name, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        last = f"{os.path.basename(name)}:{line}"
        if _OURS in name:
            ours = last = f"{name.rpartition(_OURS)[2]}:{line}"
        trace = trace.tb_next
    return last if ours in ("", last) else f"{last}<{ours}"


def cause_of(error: BaseException) -> BaseException:
    """The exception that another only carries, as the one of a failed worker does."""
    carried = getattr(error, "error", None)
    return carried if isinstance(carried, BaseException) else error


def defect_of(error: BaseException) -> Defect:
    """What may be said of an exception."""
    cause = cause_of(error)
    return Defect(os.urandom(4).hex(), type(cause).__name__, place_of(cause))


def defect_sentence(error: BaseException, defect: Defect | None = None) -> str:
    """What is said when a defect ended the workbench."""
    found = defect or defect_of(error)
    return _(
        "escaltui stopped on a defect ({kind} at {place}, id {id}). Everything saved is safe, drafts too. "
        "escaltui doctor checks the store."
    ).format(kind=found.kind, place=found.place, id=found.id)


class Defects:
    """The log of defects in a folder (none where it is None); `tell` hears of those that end nothing by themselves."""

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self.tell: Callable[[Defect], None] = lambda defect: None

    def note(self, error: BaseException, where: str) -> Defect:
        """Write one line: when, id, kind, place, and which hook saw it. Never raises."""
        found = defect_of(error)
        self.write(found.id, found.kind, found.place, where)
        return found

    def write(self, *words: str) -> None:
        """One line of ids, codes and places. Never raises: a full disk must not hide the defect itself."""
        if self._folder is None:
            return
        from time import gmtime, strftime

        line = " ".join((strftime("%Y-%m-%dT%H:%M:%SZ", gmtime()), *("".join(word.split()) for word in words)))
        with suppress(OSError):
            path = private(self._folder()) / LOG
            with suppress(FileNotFoundError):
                if path.stat().st_size > LARGEST:
                    path.unlink()
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
                out.write(line + "\n")

    # --- the interpreter's hooks

    def install(self) -> None:
        """Take the place of what prints tracebacks in the main thread, in others, and in what is thrown away; and let
        nobody write a core file, which would hold everything."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable
        no_core()

    def quiet_logs(self) -> None:
        """Of what libraries log only warnings pass, and of those only who, how bad and where."""
        import logging

        defects = self

        class Codes(logging.Handler):
            """A line without its message."""

            def emit(self, record: logging.LogRecord) -> None:
                defects.write("-", record.levelname, f"{record.filename}:{record.lineno}", record.name)

        logging.raiseExceptions = False  # else a handler that fails prints the message and its values
        logging.getLogger().addHandler(Codes(logging.WARNING))
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def in_loop(self, loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        """For `loop.set_exception_handler`: a task whose exception nobody took."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.tell(self.note(error, "task"))
        else:
            self.write("-", "loop")

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            with suppress(OSError, ValueError):
                sys.stderr.write(f"escaltui: {defect_sentence(error, self.note(error, 'main'))}\n")

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self.tell(self.note(args.exc_value, "thread"))

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None and not sys.is_finalizing():
            self.note(args.exc_value, "unraisable")


def no_core() -> None:
    """No core file of this process or of what it starts."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
