"""What deciding needs besides the rules: the pin of a typed section, and what a decision would do before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui import wording
from escaltui.domain import ids
from escaltui.domain.changes import Change, Refused
from escaltui.domain.decisions import Cite
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.policy.library import PolicyError
from escaltui.safety.text import SafeText, line
from escaltui.wording import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escaltui.domain.entities import AppealOf
    from escaltui.domain.operations import ProposeDecision
    from escaltui.workbench.door import Workbench


class Preview(NamedTuple):
    """What a decision would do: who must agree by which rules, and what it would touch. `refused`: reason and mend."""

    refused: tuple[str, str] | None = None
    missing: tuple[str, ...] = ()
    """The names of the fields that a refusal asks for."""
    approval: str = ""
    needs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    reach: int = 0
    items: int = 0
    actions: int = 0
    departs: str = ""
    """Where most like cases ended otherwise: the sentence that says so."""


def cite_of(bench: Workbench, section: str, version: str = "") -> Cite | None:
    """A section pinned to the words of a version, by default the one in force; None where there is no such section."""
    from escaltui.workbench import library

    try:
        found = library.text(bench, section.strip(), version)
    except PolicyError:
        return None
    return Cite(found.stable_id, found.version, found.text_sha256, found.heading)


def cite_typed(bench: Workbench, typed: str, case_id: str = "") -> Cite | None:
    """The section that was typed, by its id or as words: the best answer of the look-up. None where nothing fits."""
    exact = cite_of(bench, typed)
    if exact is not None:
        return exact
    hits = bench.policy_search(typed, limit=1, typing=True, case_id=case_id)
    return cite_of(bench, hits[0].section, hits[0].version) if hits else None


def preview(bench: Workbench, op: ProposeDecision) -> Preview:
    """What a decision would do as things stand. Writes nothing."""
    from escaltui.workbench import precedents

    judged = bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id())
    if isinstance(judged, Refused):
        reason, mend = wording.refusal(judged)
        return Preview((reason, mend), judged.mend.fields)
    differs = precedents.departure(bench, op.case, op.lines, op.rationale)
    return foreseen(judged.changes)._replace(departs=wording.told(differs) if differs is not None else "")


def foreseen(changes: Sequence[Change]) -> Preview:
    """Who must agree to a judged decision by which rules, and what it would touch."""
    made = next((each.fields for each in changes if each.entity == "decision" and each.action == "created"), {})
    now = {name: value for name, (_was, value) in made.items()}
    actions = [change for change in changes if change.entity == "action" and change.action == "created"]
    items = {change.fields["subject"][1] for change in actions if "subject" in change.fields}
    return Preview(
        None, (), str(now.get("approval", "none")), tuple(now.get("needs") or ()),
        tuple(now.get("rules_matched") or ()), int(now.get("reach") or 0), len(items), len(actions),
    )  # fmt: skip


def contacts(bench: Workbench, case_id: str) -> list[SafeText]:
    """The ways of our own to reach a case's requester, out of the directory."""
    rows = bench.store.bundle(case_id)
    requester = rows.requester if rows is not None else None
    return [line(point.address) for point in requester.contact_points] if requester is not None else []


def tool_links(bench: Workbench, case_id: str) -> list[tuple[str, str]]:
    """(item, address in the platform's own tool) for each item with a known one."""
    from escaltui.workbench.portray_work import item_name, tool_link

    rows = bench.store.bundle(case_id)
    if rows is None:
        return []
    found = ((item_name(each).value, tool_link(each, bench.rules)) for each in rows.subjects)
    return [(name, address) for name, address in found if address]


def open_appeal(
    bench: Workbench, case_id: str, appeal: AppealOf, title: str, items: Sequence[str] = (), op_id: str = ""
) -> str | Refused:  # fmt: skip
    """A case of type appeal against a decision, about some of its items (row ids) or all; gives its id."""
    opening = op_id or bench.operation_id()
    new = ids.entity_id(opening, 0)
    rows = bench.store.bundle(case_id)
    severity = rows.case.severity if rows is not None else None
    named = tuple(
        NewSubject(each.platform, each.item_type, each.item_id, each.url, each.author, each.reach, each.text)
        for each in (rows.subjects if rows is not None else ()) if each.id in items
    )  # fmt: skip
    opened = OpenCase(
        opens=new, title=title, summary=appeal.grounds, case_type="appeal", severity=severity, appeal=appeal,
        subjects=named,
    )  # fmt: skip
    outcome = bench.do(opened, op_id=opening)
    return outcome if isinstance(outcome, Refused) else new


def checklist(bench: Workbench, case_id: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The first report of a case, and (element, what it is, state) of each point that it must have."""
    from escaltui.domain import checklists

    rows = bench.store.bundle(case_id)
    if rows is None or not rows.reports:
        return "", []
    report = rows.reports[0]
    found = checklists.elements(rows.case, report, bench.rules)
    return report.id, [(each.name, word(each.name), each.state) for each in found]
