"""The bars on the real material: other notices of the same kind are kept aside, so these are floors, not targets."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from escaltui.intake.files import read
from escaltui.intake.found import FoundReport, replaced
from escaltui.intake.government import parse_government
from escaltui.intake.links import refanged
from escaltui.intake.requesters import suggestions

pytestmark = pytest.mark.real_data


@cache
def notices(folder: Path) -> list[FoundReport]:
    return list(read(folder / "notices.jsonl.gz"))


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(folder / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def name_of(path: str) -> str:
    return PurePosixPath(path).name.lower().removesuffix(".markdown").removesuffix(".md")


def gold(folder: Path) -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads((folder / "dmca_gold_2015_2021.json").read_text("utf-8"))
    return {name_of(path): value for path, value in table.items()}


def path_of(report: FoundReport) -> str:
    return report.dedupe_key.removeprefix("notice:")


def test_every_notice_parses_whole(real_data: Path) -> None:
    found = notices(real_data)
    raw = rows(real_data, "notices.jsonl.gz")
    assert len(found) == 3000 == len({report.dedupe_key for report in found})
    assert [report.body for report in found] == [row["text"] for row in raw]
    assert all(report.received_at for report in found)
    assert not [report.problems for report in found if report.problems]
    forms = sum(report.channel == "form" for report in found)
    assert forms >= 0.70 * len(found)


def test_affected_count_against_the_platform(real_data: Path) -> None:
    table = gold(real_data)
    pairs = [
        (report.affected_count, int(value[1]))
        for report in notices(real_data)
        if (value := table.get(name_of(path_of(report)))) and value[1].isdecimal()
    ]
    exact = sum(ours == theirs for ours, theirs in pairs) / len(pairs)
    near = sum(abs(ours - theirs) <= max(1, 0.1 * theirs) for ours, theirs in pairs) / len(pairs)
    print(f"affected count on {len(pairs)}: exact {exact:.3f}, within 1 or 10 % {near:.3f}")
    assert len(pairs) > 1400
    assert exact >= 0.85
    assert near >= 0.97


def test_kind_from_text(real_data: Path) -> None:
    named = [report for report in notices(real_data) if "counter" in path_of(report).lower()]
    right = sum(report.kind == "counter_notice" for report in named)
    wrong = [r for r in notices(real_data) if r.kind == "counter_notice" and "counter" not in path_of(r).lower()]
    print(f"counter-notices known from the text: {right} of {len(named)}, falsely: {len(wrong)}")
    assert right > 54
    assert len(wrong) <= 5
    table = gold(real_data)
    kinds = Counter(
        report.kind == ("counter_notice" if value[0].lower().startswith("counter") else "notice")
        for report in notices(real_data)
        if (value := table.get(name_of(path_of(report))))
        and value[0].lower().rstrip("s").endswith(("takedown", "notice"))
    )
    assert kinds[False] <= 5


def government(folder: Path) -> list[tuple[FoundReport, dict[str, Any]]]:
    """Parsed from the text alone, with the place it was published in: not from the record's own subjects and laws."""
    raw = rows(folder, "government_requests.jsonl.gz")
    return [(parse_government(row["text"], path=row["path"], country=row["country"]), row) for row in raw]


def test_government_requests(real_data: Path) -> None:
    found = government(real_data)
    dated = sum(bool(r.received_at) and str(r.received_at)[:10] == row["date"] for r, row in found)
    with_subject = sum(bool(r.subjects) for r, _ in found)
    with_law = sum(bool(r.laws) for r, _ in found)
    named = sum(bool(r.requester.name) for r, _ in found)
    print(f"of {len(found)}: date {dated}, subject {with_subject}, law {with_law}, authority {named}")
    assert len(found) == dated == 109
    assert with_subject >= 105
    assert with_law >= 24
    assert named >= 100
    assert all(len(r.country) == 2 for r, _ in found)
    # Nothing invented: what is named as a subject stands in the text.
    for report, row in found:
        plain = refanged(row["text"]).lower().replace(" ", "")
        for one in report.subjects:
            assert one.item_id.split("/")[-1].lower() in plain


def test_the_file_gives_the_same_as_the_text(real_data: Path) -> None:
    found = list(read(real_data / "government_requests.jsonl.gz"))
    alone = [replaced(report, source="") for report, _ in government(real_data)]
    assert [report.subjects for report in found] == [report.subjects for report in alone]
    assert all(report.case_type in ("legal_removal", "court_order") for report in found)


def test_spellings_of_one_authority_are_suggested(real_data: Path) -> None:
    agencies = {row["agency"] for row in rows(real_data, "government_requests.jsonl.gz")}
    spellings = {name for name in agencies if "nadzor" in name}
    linked = {name for a, b, _ in suggestions(agencies) for name in (a, b)}
    assert len(spellings) >= 4
    assert linked == spellings
