"""A program for the crash rounds: types notes as drafts and saves them, and says what the store has acknowledged.

Run as `python typist.py FOLDER ROUND`; it goes on until it is killed. One JSON line on standard output for each call
that has returned: {"draft": text} or {"note": text}.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote
from escaltui.workbench import Workbench

WORDS = "called the press desk at noon and they will publish at four whatever we answer before"


def said(**what: str) -> None:
    """Tell the parent, in one write of its own."""
    os.write(1, (json.dumps(what) + "\n").encode())


def main(folder: Path, round_: str) -> None:
    """Write one note after the other on the best case."""
    chance = random.Random(round_)
    bench = Workbench.open(folder)
    case = bench.page("is:open", limit=1)[0]
    said(case=case.id)
    for number in range(1_000_000):
        text = f"[{round_}.{number}]"
        for _ in range(chance.randint(1, 12)):
            text += " " + chance.choice(WORDS.split())
            bench.save_draft(f"note {case.id}", text, case.id)
            said(draft=text)
        outcome = bench.do(AddNote(case=case.id, body=text))
        assert not isinstance(outcome, Refused), outcome
        said(note=text)
        bench.drop_draft(f"note {case.id}")
        said(dropped=text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
