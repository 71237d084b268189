"""Ids across real restructurings against 60 sections labelled by hand: which of the newer text is the same rule.

`restructured.json` holds names and versions only, labelled by reading both texts before the ids were first measured.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from escaltui.policy.ids import natural_ids
from escaltui.policy.library import Section, Version
from escaltui.policy.sources import Sources, read_sources
from escaltui.policy.split import split
from escaltui.policy.versions import History, next_version

LABELS: dict[str, Any] = json.loads((Path(__file__).parent / "restructured.json").read_text())


def test_sixty_sections_are_labelled_once() -> None:
    old = [(p["document"], p["before"], s["old"]) for p in LABELS["pairs"] for s in p["sections"]]
    assert len(old) == len(set(old)) == 60
    years = Counter(p["after"][:4] for p in LABELS["pairs"] for _ in p["sections"])
    assert set(years) == {"2024", "2025"}


def judged(label: dict[str, Any], given: str) -> str:
    """right, wrong, lost, or merged: `given` names the section of the newer text that has the older one's id."""
    if given in label["new"]:
        return "right"
    if not label["new"] and given in ("", label.get("in")):
        return "right" if not given else "merged"
    return "lost" if not given else "wrong"


def test_a_judge_tells_wrong_from_lost() -> None:
    kept, gone, merged = {"new": ["#a"]}, {"new": []}, {"new": [], "in": "#b"}
    assert [judged(kept, g) for g in ("#a", "", "#b")] == ["right", "lost", "wrong"]
    assert [judged(gone, g) for g in ("", "#b")] == ["right", "wrong"]
    assert [judged(merged, g) for g in ("", "#b", "#c")] == ["right", "merged", "wrong"]


def versions(sources: Sources, document: str) -> dict[str, tuple[list[str], tuple[Section, ...]]]:
    """Version -> names of its sections in it alone, and the sections with the ids that history gives."""
    found = next(d for d in sources.documents if d.document.key.endswith(document))
    history = History(document)
    made: dict[str, tuple[list[str], tuple[Section, ...]]] = {}
    for version in found.versions:
        parsed = split(version.text)
        step = next_version(history, parsed, Version(document, version.version, version.observed_on or date.min))
        history = step.history
        own = (natural_ids("", parsed.sections), step.sections)
        made[version.version] = made[step.version.same_as] if step.version.same_as else own
    return made


@pytest.mark.real_data
def test_ids_follow_the_rule(real_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = read_sources(real_data / "policies")
    counts: Counter[str] = Counter()
    off = []
    for pair in LABELS["pairs"]:
        made = versions(sources, pair["document"])
        before, after = made[pair["before"]], made[pair["after"]]
        ids = dict(zip(before[0], (s.stable_id for s in before[1]), strict=True))
        newer = {s.stable_id: name for name, s in zip(*after, strict=True)}
        for label in pair["sections"]:
            given = newer.get(ids[label["old"]], "")
            counts[verdict := judged(label, given)] += 1
            if verdict != "right":
                off.append(f"  {verdict}: {pair['document']} {pair['after']} {label['old']} -> {given or '-'}")
    with capsys.disabled():
        print(f"\n60 labelled sections: {dict(counts)}", *off, sep="\n")
    assert counts["right"] + counts["merged"] >= 45
    assert counts["wrong"] <= 1
