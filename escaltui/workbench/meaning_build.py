"""Making the vectors: only of what has none, in small steps each whole, so that it may be stopped or killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.faces import Progress
from escaltui.i18n import _
from escaltui.policy.model_files import ModelError
from escaltui.policy.pieces import pieces_of
from escaltui.store import meaning
from escaltui.store.vectors import VectorWriter
from escaltui.workbench.library import today
from escaltui.workbench.meaning import CASES, SECTIONS, UPTO

if TYPE_CHECKING:
    from escaltui.policy.encoder import Encoder
    from escaltui.workbench.door import Workbench

STEP, CASES_STEP = 32, 256
"""Sections and cases that are encoded and kept at once: a kill loses the work of seconds. Those of cases are short."""


class Built(NamedTuple):
    """What was done: texts that got vectors, those that had them, those taken out; whether all is ready."""

    made: int
    kept: int
    removed: int
    whole: bool


Pieces = Callable[[Sequence[str]], Mapping[str, Sequence[str]]]


def build(
    bench: Workbench, on_progress: Callable[[Progress], None] = lambda _p: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Built:  # fmt: skip
    """Bring the vectors to what the store holds: sections first, then decided cases. Raises ModelError, StoreError."""
    chosen = bench.meaning.chosen()
    if chosen is None:
        raise ModelError(_("No model is chosen. escaltui policy model use PATH chooses one."))
    encoder = bench.meaning.encoder(chosen)
    stamp = bench.store.read(lambda connection: meaning.stamp(connection, today(bench)))
    sections = bench.store.read(meaning.sections)
    words = dict(bench.store.read(lambda connection: list(meaning.cases(connection))))
    total, began = len(sections) + len(words), bench.now()

    def tell(done: int) -> None:
        on_progress(Progress(_("meaning"), done, total, began, done >= total))

    def of_sections(keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return bench.store.read(lambda connection: meaning.section_pieces(connection, keys))

    def of_cases(keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return {key: pieces_of(words[key])[:4] for key in keys}

    parts = []
    before = 0
    kinds = ((SECTIONS, sections, of_sections, STEP), (CASES, list(words), of_cases, CASES_STEP))
    for kind, keys, pieces, most in kinds:
        with VectorWriter(bench.store.folder, chosen.id + kind, chosen.width) as writer:
            step = _Step(writer, encoder, pieces, most, lambda n, before=before: tell(before + n), stopped)  # type: ignore[misc]
            parts.append(step.bring(keys))
            before += len(keys)
    whole = all(part.whole for part in parts)
    if whole:
        with VectorWriter(bench.store.folder, chosen.id + SECTIONS, chosen.width) as writer:
            writer.set_fact(UPTO, stamp)
    made, kept, removed = (sum(part[n] for part in parts) for n in range(3))
    return Built(made, kept, removed, whole)


class _Step(NamedTuple):
    writer: VectorWriter
    encoder: Encoder
    pieces: Pieces
    most: int
    tell: Callable[[int], None]
    stopped: Callable[[], bool]

    def bring(self, wanted: Sequence[str]) -> Built:
        """Take out what is not wanted any more, then make what is missing."""
        have = self.writer.keys()
        gone = have - set(wanted)
        if gone:
            self.writer.drop(sorted(gone))
        due = [key for key in wanted if key not in have]
        kept = len(wanted) - len(due)
        self.tell(kept)
        for at in range(0, len(due), self.most):
            if self.stopped():
                return Built(at, kept, len(gone), False)
            self.encode(due[at : at + self.most])
            self.tell(kept + min(at + self.most, len(due)))
        return Built(len(due), kept, len(gone), True)

    def encode(self, keys: Sequence[str]) -> None:
        """Make the vectors of some texts, and keep them."""
        found = self.pieces(keys)
        texts = [piece for pieces in found.values() for piece in pieces]
        rows = self.encoder.encode(texts)
        entries, at = [], 0
        for key, pieces in found.items():
            entries.append((key, rows[at : at + len(pieces)]))
            at += len(pieces)
        if entries:
            self.writer.add(entries)


class Beside:
    """The making of vectors in a process of its own, beside the workbench; at most one at a time."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._process: subprocess.Popen[bytes] | None = None
        self._tried = ""

    def refresh(self) -> bool:
        """Start it where there may be something to do; whether it runs. What failed once is not tried again at once."""
        if self.runs():
            return True
        due = self._bench.meaning.is_due()
        mark = f"{self._bench.store.last_seq()} {today(self._bench)}"
        if not due or mark == self._tried or self._bench.store.read_only:
            return False
        self._tried = mark
        command = [sys.executable, "-m", "escaltui", "--store", str(self._bench.store.folder), "policy", "model",
                   "build", "--beside"]  # fmt: skip
        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
        return True

    def runs(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None


def give_way() -> Callable[[], bool]:
    """Let other programs go first; whether the program that started this one has ended, so that this one shall too."""
    if sys.platform == "win32":
        return lambda: False
    os.nice(10)
    parent = os.getppid()
    return lambda: os.getppid() != parent
