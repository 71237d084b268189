"""Both sides of what was set aside: what stands instead, who made it so and when, and what else was asked for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from escaltui import when
from escaltui.safety.text import SafeText, block, join, own
from escaltui.store.log import UNSETTLED
from escaltui.wording import word

if TYPE_CHECKING:
    from escaltui.sync_faces import ParkedFace
    from escaltui.work_faces import DecisionFace
    from escaltui.workbench.door import Workbench

LOOKED_AT = 1000
"""How many of a case's newest changes are looked at."""
DECIDES = "ProposeDecision"
_OF_ALL = frozenset({"type", "case", "base", "fields"})
_TIMES = frozenset({"until", "due", "instant", "at", "promised", "received_at", "review_by"})
Field = tuple[str, SafeText, SafeText, SafeText]
"""Name, what they saw, what stands now, what they wanted."""


class Sides(NamedTuple):
    """`fields` from both sides; `last`: who set each of them last, and when (ms); `asked`: what else, by name."""

    fields: tuple[Field, ...]
    last: Mapping[str, tuple[str, int]]
    asked: tuple[tuple[str, SafeText], ...]


def sides(bench: Workbench, parked: ParkedFace) -> Sides:
    """Both sides of one."""
    asked = operation(bench.export_parked(parked.op_id))
    last = _set_last(bench, parked.case_id, {name for name, *_values in parked.fields})
    if parked.verb != DECIDES:
        return Sides(parked.fields, last, _else(asked))
    field, stands = _decision(bench, parked, asked)
    if stands is not None:
        last[DECIDES] = stands.proposed_by, stands.proposed_at
    return Sides((*parked.fields, field), last, ())


def operation(exported: str) -> dict[str, Any]:
    """The operation in what is exported, its fields by name; empty where its words are gone."""
    found = json.loads(exported).get("operation") if exported else None
    return found if isinstance(found, dict) else {}


def _set_last(bench: Workbench, case_id: str, fields: Collection[str]) -> dict[str, tuple[str, int]]:
    """Of what the server confirmed; a field that nobody set among the newest changes is left out."""
    found: dict[str, tuple[str, int]] = {}
    if not case_id or not fields:
        return found
    for change in reversed(bench.store.changes(case_id=case_id, before_seq=UNSETTLED, limit=LOOKED_AT)):
        if change.entity == "case" and change.entity_id == case_id:
            for path in change.fields:
                if (name := path.partition(".")[0]) in fields:
                    found.setdefault(name, (change.actor, change.at))
    return found


def _decision(bench: Workbench, parked: ParkedFace, asked: Mapping[str, Any]) -> tuple[Field, DecisionFace | None]:
    face = bench.case(parked.case_id)
    made = (face.work.decision, *face.work.earlier) if face is not None else ()
    known = [each for each in made if each is not None]
    saw = next((each for each in known if each.proposed_at < parked.at), None)
    stands = known[0] if known and face is not None and face.work.decision is not None else None
    lines = [(line["outcome"], [cite["section"] for cite in line.get("cites", ())],
              [action["name"] for action in line.get("actions", ())]) for line in asked.get("lines", ())]  # fmt: skip
    return (DECIDES, _told(saw), _told(stands), _said(lines, block(asked.get("rationale", "")))), stands


def _told(decision: DecisionFace | None) -> SafeText:
    if decision is None:
        return own("")
    lines = [(line.outcome, [cite.section for cite in line.cites], [name for name, _until in line.actions])
             for line in decision.lines]  # fmt: skip
    return _said(lines, decision.rationale)


def _said(lines: list[tuple[str, list[str], list[str]]], rationale: SafeText) -> SafeText:
    """`violation, action: dg.2, remove`, a line for each, then the reasons."""
    told = [own(": ".join(part for part in (word(outcome), ", ".join((*sections, *map(word, acts)))) if part))
            for outcome, sections, acts in lines]  # fmt: skip
    return join((*told, *((rationale,) if rationale else ())), own("\n"))


def _else(asked: Mapping[str, Any]) -> tuple[tuple[str, SafeText], ...]:
    """What was asked for beside words: numbers, times, names in lists."""
    left = {name: value for name, value in asked.items() if name not in _OF_ALL and value not in (None, "", [], {})}
    return tuple((name, _value(name, value)) for name, value in left.items() if not isinstance(value, (str, bool)))


def _value(name: str, value: object) -> SafeText:
    if isinstance(value, int) and name in _TIMES:
        return own(when.full(value))
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return block(", ".join(value))
    return block(json.dumps(value, ensure_ascii=False))
