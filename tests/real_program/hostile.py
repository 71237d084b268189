"""A desk of hostile text, the grammar of what the program itself sends to a terminal, and what breaks that grammar."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from payloads import MARKUP, PAYLOADS, raw_in

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Attachment
from escaltui.domain.operations import AddNote, NewSubject, OpenCase, Operation, ReceiveReport, Tag
from escaltui.safety.text import hidden_kinds, storable
from escaltui.workbench import Workbench

TOKEN = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b.|[\x00-\x1f\x7f]", re.DOTALL
)
GRAMMAR = re.compile(
    rb"""
    \x1b\[[0-9;]*m                                  # colours and looks
    | \x1b\[[0-9]+;[0-9]+H                          # where to draw
    | \r | \n
    | \x1b\[\?(?:1049|25|1004|2004|2026|2048|7)[hl] # alternate screen, cursor, focus, paste, sync, size reports, wrap
    | \x1b\[\?(?:2026|2048)\$p                      # what the terminal can do
    | \x1b\[>[0-9]+u | \x1b\[<u                     # key reports
    | \x1b\]22;default\x07                          # the shape of the mouse pointer
    """,
    re.VERBOSE,
)
"""All that a clean run sends besides text. Anything else is not ours."""
SENT = {
    name: storable(payload).removeprefix("before ").removesuffix(" after").encode()
    for name, payload in PAYLOADS
    if name not in MARKUP and raw_in(storable(payload))
}
"""The hostile part of each payload, as the bytes that a terminal would get if nothing cleaned them."""
UNSAFE = (
    sys.executable, "-c",
    "import sys, escaltui.safety.text as text; text.clean = lambda s: s; text.hidden_in = lambda s, shown: ();"
    "from escaltui.cli import main; sys.exit(main())",
)  # fmt: skip
"""The program with its sanitiser off: every text goes out as it came in."""


def not_ours(output: bytes) -> list[str]:
    """What in the program's output is outside its own grammar, or is text that must never reach a terminal."""
    found = [repr(token) for token in TOKEN.findall(output) if not GRAMMAR.fullmatch(token)]
    text = TOKEN.sub(b"\n", output).decode("utf-8", "replace")
    found += raw_in(text)
    return found + [f"{name}: as it came" for name, bytes_ in SENT.items() if bytes_ in output]


def fill(folder: Path, policies: Path) -> int:
    """A store in which every text that the program shows is hostile; gives how many cases there are."""
    _write_policies(policies)
    bench = Workbench.open(folder)
    try:
        for number, (name, payload) in enumerate(PAYLOADS):
            _case(bench, number, name, storable(payload))
        bench.import_policies(policies)
    finally:
        bench.close()
    return len(PAYLOADS)


def _case(bench: Workbench, number: int, name: str, text: str) -> None:
    now = bench.now()
    report = _done(bench, ReceiveReport(
        kind="request", channel="email", requester_name=text, organisation=text, on_behalf_of=text, received_at=now,
        body=f"{name}\n{text}\n\n{text}", dedupe_key=f"hostile:{number}", source=text, hidden=dict(hidden_kinds(text)),
        user_notice_words=text, laws=(text,), problems=(text,), attachments=(Attachment(text, text, 10, ""),),
        elements={"claim": "present"}, answers={"what": text},
    ))  # fmt: skip
    opens = ids.entity_id(bench.operation_id(), 0)
    case = _done(bench, OpenCase(
        opens=opens, report=report, title=text, summary=text, content_note=text, product=text, received_at=now,
        subjects=(NewSubject(platform=text, item_type="post", item_id=text, url=text, author=text, text=text),),
    ))  # fmt: skip
    for operation in (AddNote(case=case, body=text), Tag(case=case, tags=("".join(text.split())[:20],))):
        bench.do(operation)  # a tag may be refused; what is kept must show harmlessly


def _done(bench: Workbench, op: Operation) -> str:
    outcome = bench.do(op)
    assert not isinstance(outcome, Refused), outcome
    wanted = {"ReceiveReport": "report", "OpenCase": "case"}[type(op).__name__]
    return next(change.entity_id for change in outcome.changes if change.entity == wanted)


def _write_policies(folder: Path) -> None:
    document = folder / "hostile rules"
    document.mkdir(parents=True)
    for number, date in enumerate(("2026-01-05", "2026-02-05")):
        parts = ["# Hostile rules\n"]
        for name, payload in PAYLOADS:
            text = storable(payload).replace("\n", " ")
            parts.append(f"## Hostile {name} {text}\n\nHostile words, version {number}: {text}\n")
        (document / f"{date}.md").write_bytes(os.fsencode("\n".join(parts)))
