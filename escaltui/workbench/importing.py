"""What came from outside made into operations: a report and its case for each, 1,000 operations to a transaction.

Idempotent: ids come from the report's dedupe key, so that importing a file twice, or again after a crash, adds nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.faces import Progress
from escaltui.intake import apart, files
from escaltui.intake.lines import lines
from escaltui.intake.pairs import Pair, named, of_unknown_type
from escaltui.safety.text import SafeText, line
from escaltui.store import derived
from escaltui.workbench import screening

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

BATCH = 500
SELDOM = 200_000
PROBLEMS_KEPT = 1000


class ImportSummary(NamedTuple):
    """What an import did. `problems` name each thing that was not understood, at most 1,000 of them."""

    opened: int
    known: int
    low_confidence: int
    problems: tuple[SafeText, ...]
    cancelled: bool = False


def import_path(
    bench: Workbench, path: Path, mapping: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None, cancelled: Callable[[], bool] = lambda: False,
) -> ImportSummary:  # fmt: skip
    """Every report of a file as a case; a mail that answers one of ours goes to its thread instead.

    Raises IntakeError where the file cannot be read at all.
    """
    if path.is_file() and files.format_of(path) == "mail":
        from escaltui.workbench import letters

        if isinstance(letters.receive_mail(bench, path), letters.Received):
            return ImportSummary(0, 1, 0, ())
    with seldom_collected(), _room(bench, path):
        return _import(bench, path, mapping, on_progress, cancelled)


def _import(
    bench: Workbench, path: Path, mapping: Path | None, on_progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> ImportSummary:  # fmt: skip
    found = apart.read(path, mapping)
    started, total = bench.now(), how_many(path)
    opened, known, low, done = 0, 0, 0, 0
    problems: list[SafeText] = []
    while not cancelled():
        batch = list(islice(found, BATCH))
        if not batch:
            on_progress(Progress("import", done, done, started, finished=True))
            return ImportSummary(opened, known, low, tuple(problems))
        new = take_in(bench, batch, problems)
        opened, known, done = opened + new, known + len(batch) - new, done + len(batch)
        low += sum(each.unsure for each in batch)
        room = PROBLEMS_KEPT - len(problems)
        reports = (each.report for each in islice(batch, max(room, 0)))
        problems.extend(line(f"{r.source}: {p}") for r in reports for p in r.problems)
        on_progress(Progress("import", done, total, started))
    on_progress(Progress("import", done, total, started, finished=True))
    return ImportSummary(opened, known, low, tuple(problems), cancelled=True)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for garbage in circles between batches at most: one is a million values without it; a tenth of an import."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _room(bench: Workbench, path: Path) -> AbstractContextManager[None]:
    """A large file that comes into an empty store which no screen shows is written without indexes, made at the end."""
    if bench._listeners or not path.is_file() or path.stat().st_size < apart.LARGE or bench.store.count(None, limit=1):
        return nullcontext()
    return derived.filling(bench.store.write)


def how_many(path: Path) -> int | None:
    """How many reports a file of JSON lines holds, for the time left; None where only reading it whole would tell."""
    if files.format_of(path) != "jsonl":
        return None
    return sum(bool(each.content.strip()) for each in lines(path))


def take_in(bench: Workbench, batch: Sequence[Pair], problems: list[SafeText]) -> int:
    """Write one batch in one transaction; gives how many cases are new."""
    now = bench.now()
    keys = set(bench.store.known_reports([each.report.dedupe_key for each in batch]))
    fresh: list[Pair] = []
    for each in batch:
        if each.report.dedupe_key not in keys:
            keys.add(each.report.dedupe_key)
            fresh.append(known_type(bench, each))
    ops: list[Operation] = []
    op_ids: list[str] = []
    for each in screening.taken_in(bench, fresh, problems):
        new = named(each, now)
        ops += (new.report, new.case)
        op_ids += (new.report_op, new.case_op)
    outcomes = bench.do_many(ops, op_ids)
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            problems.append(line(" ".join(wording.refusal(outcome))))
    return sum(not isinstance(outcome, Refused) for outcome in outcomes[1::2])


def known_type(bench: Workbench, found: Pair) -> Pair:
    """A pair whose type the team's rules know, or that has none."""
    known = not found.case.case_type or found.case.case_type in bench.rules.types
    return found if known else of_unknown_type(found)
