"""Merge and unmerge: one case absorbs another. Nothing is copied, and all of it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from escaltui.domain import clocks, transitions
from escaltui.domain.entities import Case
from escaltui.domain.operations import Merge, Unmerge
from escaltui.domain.rules.guards import replaced
from escaltui.domain.rules.moving import move, placed
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words
from escaltui.domain.streams import ORDER

SENSITIVITY_ORDER = ORDER


def merge(op: Merge, work: Work) -> None:
    """Let another case absorb this one. The survivor takes the worse severity; times set from outside run on in it.

    The absorbed case lies where its survivor lies, and is as restricted; given back, it stays so, for the same people.
    """
    case, into = work.case(op.case), work.case(op.into)
    may_absorb(into, case)
    was = "new" if case.status == "new" else "triaged"
    gone = replaced(case, status=target(case, "merge"), merged_into=into.id, merged_was=was, lease=None, waiting=None)
    if into.sensitivity != "normal":
        gone = replaced(gone, sensitivity=into.sensitivity, members=case.members | into.members)
    work.put(gone, "merged")
    if gone.stream != into.stream:
        move(gone, into.stream, work)
    severity, absorbed = min(into.severity, case.severity), into.absorbed | {case.id: case.severity}
    survivor = replaced(clocks.absorb(into, case), severity=severity, absorbed=absorbed)
    put_survivor(into, survivor, work)


def unmerge(op: Unmerge, work: Work) -> None:
    """Give an absorbed case its own life back, with its clocks; the survivor takes the severity it has without it."""
    case = work.case(op.case)
    into = work.case(case.merged_into)
    may_let_go(into)
    work.put(replaced(case, status=target(case, "unmerge"), merged_into="", merged_was=""), "unmerged")
    placed(case, work)
    absorbed = {key: value for key, value in into.absorbed.items() if key != case.id}
    survivor = replaced(clocks.give_back(into, case), severity=severity_without(into, case.id), absorbed=absorbed)
    put_survivor(into, survivor, work)


def may_absorb(into: Case, case: Case) -> None:
    """Refuse a merge into itself, into a case that is past work, or into one that more people may see."""
    need(into.id != case.id, "invalid", "A case cannot absorb itself.", "Choose another case.", fields=("into",))
    need(into.status in transitions.WORKING, "wrong_state", "{ref} is {status}.", "Choose an open case.",
         fields=("into",), ref=into.ref, status=words(into.status))  # fmt: skip
    need(SENSITIVITY_ORDER[into.sensitivity] >= SENSITIVITY_ORDER[case.sensitivity], "blocked",
         "{ref} may be seen by more people than {other}.", "Restrict it first.", ref=into.ref,
         other=case.ref)  # fmt: skip


def may_let_go(into: Case) -> None:
    """Refuse where the survivor is closed, or is itself part of another case."""
    need(into.status != "closed", "wrong_state", "{ref} is {status}.", "Reopen it first.", ref=into.ref,
         status=words(into.status))  # fmt: skip
    need(into.status != "merged", "wrong_state", "{ref} was merged itself.", "Unmerge that one first.", ref=into.ref)


def severity_without(survivor: Case, absorbed: str) -> int:
    """A survivor's severity without one of the cases it absorbed; one that was set by hand since stays."""
    if survivor.severity_alone is None:
        return survivor.severity
    by_merges = min([survivor.severity_alone, *survivor.absorbed.values()])
    others = [level for key, level in survivor.absorbed.items() if key != absorbed]
    return min([survivor.severity_alone, *others]) if survivor.severity == by_merges else survivor.severity


def with_own_severity(before: Case, after: Case) -> Case:
    """A survivor that remembers the severity it had before it absorbed its first case, as long as it holds any."""
    alone = before.severity_alone if before.absorbed else before.severity
    return replaced(after, severity_alone=alone if after.absorbed else None)


def put_survivor(before: Case, after: Case, work: Work) -> None:
    """Put a survivor; its clocks hear of another severity."""
    after = with_own_severity(before, after)
    work.put(after, *(["severity"] if after.severity != before.severity else []))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {Merge: merge, Unmerge: unmerge}
