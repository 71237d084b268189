"""A program for the crash rounds: seals one picture after the other until it is killed, and says what is done.

Run as `python sealer.py FOLDER [stop]`; with `stop` it waits between the seal and its purge. A word a line on standard
output: `seal N` before, `stopped` in between, `sealed N` after.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from escaltui.domain.changes import Refused
from escaltui.workbench import Workbench


def said(words: str) -> None:
    """Tell the parent, in one write of its own."""
    os.write(1, f"{words}\n".encode())


def between(_hashes: frozenset[str]) -> None:
    """The seal is on the disk, the purge has not begun."""
    said("stopped")
    sys.stdin.read()


def main(folder: Path, stop: bool) -> None:
    """Seal every file of every case that is not sealed yet."""
    with Workbench.open(folder) as bench:
        if stop:
            bench.on_seal.append(between)
        for row in bench.page("is:open", limit=100):
            for face in bench.media(row.id):
                if not face.sealed:
                    said(f"seal {face.number}")
                    assert not isinstance(bench.seal(face), Refused)
                    said(f"sealed {face.number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "stop" in sys.argv)
