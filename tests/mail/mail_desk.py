"""A desk that mails come to: letters it has sent, taking in page by page, and whether all is where it must be."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mail_plan import Sample

from escaltui.config import Config, Me
from escaltui.domain import ids
from escaltui.domain.exchange import Message
from escaltui.domain.operations import DraftMessage, OpenCase, RecordSent, SendMessage
from escaltui.intake.connector import Connector
from escaltui.intake.mail import WHOLE
from escaltui.safety.text import SafeText, line
from escaltui.store import Done
from escaltui.workbench import Workbench, mailing


def opened(folder: Path) -> Workbench:
    """The desk in a folder, opened again and again."""
    return Workbench.open(folder / "store", config=Config(folder / "settings", me=Me(name="Ada Marin")))


def sent(bench: Workbench, count: int) -> list[str]:
    """The Message-IDs of letters that this desk sent, each on a case of its own."""
    return [_sent(bench, number) for number in range(count)]


def _sent(bench: Workbench, number: int) -> str:
    op_id = bench.operation_id()
    case, key = ids.entity_id(op_id, 0), f"ours{number}@commonlea.example"
    assert isinstance(bench.do(OpenCase(title=f"Case {number}", opens=case), op_id=op_id), Done)
    draft = DraftMessage(
        case=case, party="requester", subject="Your request", body="By Friday.", address="jo@lowmere.example"
    )
    done = bench.do(draft)
    assert isinstance(done, Done)
    letter = bench.store.row(Message.NAME, next(each.entity_id for each in done.changes if each.entity == "message"))
    assert isinstance(letter, Message)
    send = SendMessage(case=case, message=letter.id, content_sha256=letter.content_sha256, message_id=key)
    for op in (send, RecordSent(case=case, message=letter.id, outcome="sent")):
        assert isinstance(bench.do(op), Done)
    return key


def taken(bench: Workbench, box: Connector, cursor: str = "") -> tuple[Counter[str], list[SafeText], str]:
    """Fetch and take in until nothing is new, as a run does; gives the counts, the problems, the last cursor."""
    counts, problems = Counter[str](), list[SafeText]()
    while True:
        page = box.fetch(cursor)
        counts.update(mailing.take_in(bench, page.mails, problems, box.name)._asdict())
        problems += [line(each) for each in page.problems]
        cursor = page.cursor
        if not page.more:
            return counts, problems, cursor


def rows(bench: Workbench, entity: str) -> list[dict[str, object]]:
    """All rows of a kind as they are kept."""
    sql = f"SELECT body, case_id FROM {entity}"
    found = bench.store.read(lambda connection: connection.execute(sql).fetchall())
    return [json.loads(body) | {"case": case} for body, case in found]


def letter_of(bench: Workbench, key: str) -> dict[str, object]:
    """A letter by its Message-ID."""
    return next(each for each in rows(bench, "message") if each.get("message_id") == key)


def misplaced(bench: Workbench, plan: Sequence[Sample], ours: Sequence[str]) -> list[str]:
    """What is not where a plan says it must be, in words; nothing where all is right."""
    reports = rows(bench, "report")
    came = [each for each in rows(bench, "message") if each.get("direction") == "in"]
    faults = []
    wanted = len(ours) + sum(each.expects == "case" for each in plan)
    for what, is_, must in (
        ("cases", bench.store.count(None), wanted), ("reports", len(reports), wanted - len(ours)),
        ("letters", len(came), sum(each.expects == "letter" for each in plan)),
    ):  # fmt: skip
        faults += [f"{what}: {is_}, not {must}"] if is_ != must else []
    by_key = {str(each["dedupe_key"]).removeprefix("mail:"): each for each in reports}
    cases = {key: each["case"] for key, each in by_key.items()}
    cases |= {key: letter_of(bench, key)["case"] for key in ours}
    for each in plan:
        if each.expects == "case" and each.key:
            faults += _report_faults(bench, each, by_key.get(each.key))
        if each.expects == "letter":
            found = [row for row in came if row.get("message_id") == each.key]
            right = [(row["case"], len(row.get("files", ()))) for row in found]  # type: ignore[arg-type]
            faults += [f"{each.name} {each.key}: {right}"] if right != [(cases.get(each.of), each.files)] else []
    return faults


def _report_faults(bench: Workbench, sample: Sample, report: dict[str, object] | None) -> list[str]:
    if report is None:
        return [f"{sample.name} {sample.key[:60]}: no case"]
    files: list[dict[str, str]] = report.get("attachments", [])  # type: ignore[assignment]
    whole = [each["sha256"] for each in files if each["name"] == WHOLE]
    others = len(files) - len(whole)
    faults = [f"{sample.name}: {others} files, not {sample.files}"] if others != sample.files else []
    kept = bench.store.original(whole[0]).read_bytes() if len(whole) == 1 else b""
    if whole != [hashlib.sha256(kept).hexdigest()] or not kept.endswith(sample.content):
        faults.append(f"{sample.name} {sample.key[:60]}: not kept as it came")
    return faults
