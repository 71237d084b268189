"""What came from outside made into operations: a report and its case for each, 1,000 operations to a transaction.

Idempotent: ids come from the report's dedupe key, so that importing a file twice, or again after a crash, adds nothing.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.entities import AskedTime, Attachment
from escaltui.domain.operations import NewSubject, OpenCase, Operation, ReceiveReport
from escaltui.faces import Progress
from escaltui.intake import apart, files
from escaltui.intake.found import FoundReport, replaced
from escaltui.intake.lines import lines
from escaltui.safety.text import SafeText, hidden_kinds, line, storable
from escaltui.store import derived

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

BATCH = 500
SELDOM = 200_000
LOW_CONFIDENCE = 0.7
CHECK_TAG = "check-intake"
PROBLEMS_KEPT = 1000


class ImportSummary(NamedTuple):
    """What an import did. `problems` name each thing that was not understood, at most 1,000 of them."""

    opened: int
    known: int
    low_confidence: int
    problems: tuple[SafeText, ...]
    cancelled: bool = False


class Pair(NamedTuple):
    """The two operations of one found report, with their ids."""

    report: ReceiveReport
    report_op: str
    case: OpenCase
    case_op: str


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
        low += sum(report.confidence < LOW_CONFIDENCE for report in batch)
        room = PROBLEMS_KEPT - len(problems)
        problems.extend(line(f"{r.source}: {p}") for r in islice(batch, max(room, 0)) for p in r.problems)
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


def take_in(bench: Workbench, batch: Sequence[FoundReport], problems: list[SafeText]) -> int:
    """Write one batch in one transaction; gives how many cases are new."""
    now = bench.now()
    keys = set(bench.store.known_reports([report.dedupe_key for report in batch]))
    pairs = []
    for report in batch:
        if report.dedupe_key not in keys:
            keys.add(report.dedupe_key)
            keep_attachments(bench, report)
            pairs.append(operations(known_type(bench, report), now))
    ops: list[Operation] = [op for pair in pairs for op in (pair.report, pair.case)]
    op_ids = [op_id for pair in pairs for op_id in (pair.report_op, pair.case_op)]
    outcomes = bench.do_many(ops, op_ids)
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            problems.append(line(" ".join(wording.refusal(outcome))))
    return sum(not isinstance(outcome, Refused) for outcome in outcomes[1::2])


def known_type(bench: Workbench, found: FoundReport) -> FoundReport:
    """A report of a type that the team's rules took away is not lost: it is routed like one without a type."""
    if not found.case_type or found.case_type in bench.rules.types:
        return found
    problem = f"There is no case type {found.case_type} in the rules: check its type."
    return replaced(found, case_type="", problems=(*found.problems, problem), confidence=min(found.confidence, 0.5))


def keep_attachments(bench: Workbench, report: FoundReport) -> None:
    """Keep the bytes of attachments as originals, unopened."""
    for attachment in report.attachments:
        if attachment.content:
            bench.store.keep_original(attachment.content)


def operation_ids(dedupe_key: str, now: int) -> tuple[str, str, str]:
    """The ids of two operations and of the case: UUIDv7s of the key's hash in place of entropy.

    The case's id is ordered by time, too, so that what the store keeps by it lies together: half the pages to write.
    """
    digest = hashlib.sha256(dedupe_key.encode("utf-8", "surrogatepass")).digest()
    return ids.operation_id(now, digest[:10]), ids.operation_id(now, digest[10:20]), ids.operation_id(now, digest[20:])


def operations(found: FoundReport, now: int) -> Pair:
    """The report and the case of something found.

    Words of a list are interned: a default is left out of what is kept only where it is the very same object.
    """
    report_op, case_op, case_id = operation_ids(found.dedupe_key, now)
    hidden = dict(hidden_kinds(found.body))
    received = _instant(found.received_at, now)
    report = ReceiveReport(
        kind=intern(found.kind), channel=intern(found.channel), requester_name=storable(found.requester.name),
        requester_kind=intern(found.requester.kind), organisation=storable(found.requester.organisation),
        country=found.requester.country or found.country, on_behalf_of=storable(found.on_behalf_of),
        received_at=received, body=storable(found.body), elements=dict(found.elements), answers=_stored(found.answers),
        laws=tuple(map(storable, found.laws)), right_claimed=storable(found.right_claimed),
        affected_count=found.affected_count, dedupe_key=found.dedupe_key, source=storable(found.source),
        attachments=tuple(Attachment(storable(a.name), storable(a.declared_type), a.size, a.sha256)
                          for a in found.attachments),
        asked=tuple(AskedTime(storable(t.words), _optional(t.instant), t.minutes) for t in found.asked),
        user_notice_words=storable(found.user_notice.words) if found.user_notice else "", hidden=hidden,
        confidence=found.confidence, problems=tuple(map(storable, found.problems)),
    )  # fmt: skip
    case = OpenCase(
        report=ids.entity_id(report_op, 0), title=storable(found.title), case_type=intern(found.case_type),
        countries=(found.country.upper(),) if found.country else (), languages=found.languages,
        subjects=tuple(NewSubject(platform=s.platform, item_type=intern(s.item_type), item_id=storable(s.item_id),
                                  url=storable(s.url), author=storable(s.author)) for s in found.subjects),
        tags=(CHECK_TAG,) if found.confidence < LOW_CONFIDENCE else (), received_at=received,
        opens=case_id,
    )  # fmt: skip
    return Pair(report, report_op, case, case_op)


def _stored(answers: dict[str, str]) -> dict[str, str]:
    return {storable(question).replace(".", "_"): storable(answer) for question, answer in answers.items()}


def _optional(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.astimezone(UTC).timestamp() * 1000)


def _instant(moment: datetime | None, now: int) -> int:
    return min(_optional(moment) or now, now)
