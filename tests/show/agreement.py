"""How the imported notices agree with the type and the number of repositories that the platform published for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from escaltui.domain.entities import Report
from escaltui.workbench import Workbench


class Agreement(NamedTuple):
    """Counts over the notices that have a published row. `types`: (theirs, ours) and how often, most often first."""

    rows: int
    type_agrees: int
    types: list[tuple[tuple[str, str], int]]
    counted: int
    exact: int
    near: int


def name_of(path: str) -> str:
    """A notice's file name without its ending: the published table and the notices write paths differently."""
    return PurePosixPath(path).name.lower().removesuffix(".markdown").removesuffix(".md")


def kind_of(published: str) -> str:
    """A published type in our words: a counter-notice, a retraction, or a notice."""
    plain = "".join(letter for letter in published.lower() if letter.isalpha())
    if plain.startswith("counternotice"):
        return "counter_notice"
    return "retraction" if plain in ("retraction", "reversal") else "notice"


def reports(bench: Workbench) -> Iterator[Report]:
    """Every report of the store, read case by case."""
    for case_id in bench.matching(""):
        rows = bench.store.bundle(case_id)
        yield from rows.reports if rows else ()


def agreement(store: Path, gold: Path) -> Agreement:
    """Compare what the store holds with the published table."""
    table = {name_of(path): value for path, value in json.loads(gold.read_text("utf-8")).items()}
    bench = Workbench.open(store, create=False)
    try:
        pairs = [(report, table[name]) for report in reports(bench)
                 if (name := name_of(report.dedupe_key.removeprefix("notice:"))) in table]  # fmt: skip
    finally:
        bench.close()
    types = Counter((kind_of(value[0]), report.kind) for report, value in pairs if value[0])
    counts = [(report.affected_count, int(value[1])) for report, value in pairs if value[1].isdecimal()]
    return Agreement(
        rows=len(pairs), type_agrees=sum(n for (theirs, ours), n in types.items() if theirs == ours),
        types=types.most_common(), counted=len(counts), exact=sum(ours == theirs for ours, theirs in counts),
        near=sum(abs((ours or 0) - theirs) <= max(1, theirs / 10) for ours, theirs in counts),
    )  # fmt: skip
