"""The table of worked examples: what each legal rule comes to on given days, through the clocks of a case."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from escaltui import rules_loader
from escaltui.domain import clocks, statutory
from escaltui.domain.clock import At, Due, Unstated, Window
from escaltui.domain.entities import Case

RULES = rules_loader.load()
TABLE = Path(__file__).with_name("worked_examples.md")
EXTENDED = ", extended"
ORDER: dict[str, Any] = {"type": "legal_removal"}
CASES: dict[str, dict[str, Any]] = {
    "us-dmca-restore": {"type": "ip_copyright"}, "us-dmca-forward": {"type": "ip_copyright"},
    "us-dmca-notice": {"type": "ip_copyright", "countries": ("US",)},
    "us-ncii": {"flags": ("ncii",), "countries": ("US",)},
    "us-csam": {"flags": ("minor_involved",), "harm": "protection_of_minors", "countries": ("US",)},
    "us-emergency": {"type": "emergency_disclosure", "countries": ("US",)},
    "eu-terror": {**ORDER, "flags": ("terrorism",), "countries": ("BE",)},
    "eu-dsa-order": {**ORDER, "countries": ("FR", "US")}, "eu-dsa-complaint": {"countries": ("PT",)},
    "eu-gdpr-erasure": {
        "type": "legal_rights", "harm": "data_protection_and_privacy_violations", "countries": ("NO",),
    },
    "in-order": {**ORDER, "countries": ("IN",)}, "in-order-2021": {"type": "court_order", "countries": ("IN",)},
    "in-ncii": {"flags": ("ncii",), "countries": ("IN",)}, "in-ncii-2021": {"flags": ("ncii",), "countries": ("IN",)},
    "in-grievance": {"countries": ("IN",)}, "in-grievance-2021": {"type": "appeal", "countries": ("IN",)},
    "au-notice": {**ORDER, "countries": ("AU",)},
    "br-order": {**ORDER, "countries": ("BR",)}, "tr-order": {**ORDER, "countries": ("TR",)},
    "sg-direction": {**ORDER, "countries": ("SG",)},
}  # fmt: skip
"""A case to which each rule applies."""


class Example(NamedTuple):
    """One line of the table."""

    rule: str
    source: str
    received: str
    zone: str
    due: str
    why: str


def examples() -> list[Example]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ") and "| Rule |" not in line]
    return [Example(*(cell.strip() for cell in line.strip("| ").split("|"))) for line in lines if "Source" not in line]


EXAMPLES = examples()


def instant(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def local(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def told(due: Due, zone: str) -> str:
    match due:
        case At(instant=at):
            return local(at, zone)
        case Window(opens=opens, closes=closes):
            return f"opens {local(opens, zone)}, closes {local(closes, zone)}"
        case Unstated(wording=wording):
            return f'"{wording}"' if wording else "no number"


def found(example: Example) -> str:
    """What a case that is opened at that instant shows under the rule."""
    row = RULES.statutory[example.rule]
    extended = example.received.endswith(EXTENDED)
    at = instant(example.received.removesuffix(EXTENDED), example.zone)
    happened = {} if row.trigger == "opened" else {row.trigger: at}
    case = Case(id="1", ref="E-1", received_at=at, came=happened, **CASES[example.rule])
    case = clocks.settle(None, case, {"opened"}, at, RULES)
    if extended:
        case = statutory.happened(case, statutory.EXTENDED, at, RULES)
    if example.rule in case.clocks:
        assert case.clocks[example.rule].started_at == at
        return told(case.clocks[example.rule].due, example.zone)
    notice = statutory.unread(case, RULES)
    if row.unread:
        assert str(notice) == f"A legal time limit may apply ({row.jurisdiction}). Not verified: ask counsel."
    return "not read" if row.unread else "not in force"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.rule} {e.received} {e.zone}")
def test_the_table(example: Example) -> None:
    assert found(example) == example.due


def test_the_table_is_large_enough_and_cites_the_sources_of_the_rules() -> None:
    assert len([e for e in EXAMPLES if e.due[0].isdigit() or e.due.startswith("opens")]) >= 45
    for example in EXAMPLES:
        words = {word.strip(",;.") for word in RULES.statutory[example.rule].source.split()}
        assert len(words & {word.strip(",;.") for word in example.source.split()}) >= min(2, len(words)) or (
            example.rule == "sg-direction"
        )
