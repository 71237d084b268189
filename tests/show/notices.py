"""The real notices at work: what each holds of what the law asks, and decisions on some with their statements."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from escaltui.domain import checklists
from escaltui.domain.entities import Report, Subject
from escaltui.workbench import Workbench

QUOTED = 400
_RULE = re.compile(r"^-{3,}\s*$", re.M)
STATES = checklists.STATES


class Notice(NamedTuple):
    """One notice that became a case: its elements by name, its items, and how it begins, in its own words."""

    ref: str
    kind: str
    elements: dict[str, str]
    asked: frozenset[str]
    """The names that a checklist of checklists.toml asks for."""
    items: tuple[Subject, ...]
    words: str

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a checklist asks for and the notice lacks."""
        return tuple(name for name, state in self.elements.items() if name in self.asked and state == "absent")


def notices(store: Path) -> list[Notice]:
    """Every report of the store, the oldest first."""
    with Workbench.open(store, create=False) as bench:
        bundles = filter(None, map(bench.store.bundle, bench.matching("")))
        found = [(report.received_at, _notice(bench, rows.case, report, rows.subjects))
                 for rows in bundles for report in rows.reports]  # fmt: skip
    return [notice for _at, notice in sorted(found, key=lambda pair: (pair[0], pair[1].ref))]


def _notice(bench: Workbench, case: Any, report: Report, subjects: Sequence[Subject]) -> Notice:
    rows = checklists.elements(case, report, bench.rules)
    asked = frozenset(each.name for each in rows if each.row)
    return Notice(case.ref, report.kind, {each.name: each.state for each in rows}, asked, tuple(subjects),
                  _beginning(report.body))  # fmt: skip


def _beginning(letter: str) -> str:
    """How the letter itself begins, without what the platform put above it when it published it."""
    own = _RULE.split(letter)[-1].strip() or letter
    return " ".join(own.split())[:QUOTED]


def filled(found: Sequence[Notice]) -> Iterator[str]:
    """How many notices have each element, by the kind of notice."""
    for kind, count in Counter(each.kind for each in found).most_common():
        same = [each for each in found if each.kind == kind]
        asked = sum(bool(each.asked) for each in same)
        yield f"{kind}: {count}, a checklist of the rules asks of {asked}"
        for name in sorted({name for each in same for name in each.elements}):
            states = Counter(each.elements.get(name, "not looked for") for each in same)
            yield f"  {name:20} " + "  ".join(f"{state} {states[state]:5}" for state in (*STATES,))


def to_decide(found: Sequence[Notice], whole: int, lacking: int) -> list[Notice]:
    """So many whole notices with at most twenty addresses, and so many that lack something, spread over the years."""
    fit = [each for each in found if each.kind == "notice" and 0 < len(each.items) <= 20
           and all(item.item_type == "url" for item in each.items)]  # fmt: skip
    good, bad = [each for each in fit if not each.lacking], [each for each in fit if each.lacking]
    return [*good[:: max(1, len(good) // whole)][:whole], *bad[:: max(1, len(bad) // lacking)][:lacking]]


def written(file: Path) -> list[dict[str, Any]]:
    """The statements of an exported file."""
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["statements"]
    return found
