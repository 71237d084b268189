"""Long work at a terminal: one line on standard error, and Ctrl-C that stops between two batches."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from escaltui.faces import Progress
from escaltui.i18n import _, number

EVERY = 0.5
"""Seconds between two updates, at least."""


def progress_line(stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """Progress on one line of a terminal, with rate and time left; silence where nobody watches."""
    began, shown = clock(), -EVERY

    def show(progress: Progress) -> None:
        nonlocal shown
        now = clock()
        if not stream.isatty() or (now - shown < EVERY and not progress.finished):
            return
        shown = now
        stream.write(f"\r{told(progress, now - began):<60}" + ("\n" if progress.finished else ""))
        stream.flush()

    return show


def told(progress: Progress, seconds: float) -> str:
    """`import 41,200 of 100,000, 1,630 a second, 36 s left`."""
    done, total = number(progress.done), number(progress.total or 0)
    parts = [f"{progress.job} " + (_("{n} of {count}").format(n=done, count=total) if progress.total else done)]
    rate = progress.done / seconds if seconds > 0 else 0
    if rate >= 1:
        parts.append(_("{n} a second").format(n=number(round(rate))))
        if progress.total and not progress.finished:
            left = max(0, progress.total - progress.done) / rate
            parts.append(_("{n} s left").format(n=number(round(left))))
    return ", ".join(parts)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the work ends after the batch in hand. A second one stops at once."""
    pressed = threading.Event()

    def press(_signal: int, _frame: FrameType | None) -> None:
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
