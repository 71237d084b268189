"""The case transition table. Nothing else decides a status (the design's domain page, section 5)."""

from __future__ import annotations

from typing import NamedTuple, get_args

from escaltui.domain.entities import Status

STATUSES: tuple[str, ...] = get_args(Status)
WORKING = frozenset({"new", "triaged", "in_review", "waiting"})
OPEN = frozenset(STATUSES) - {"resolved", "closed", "merged"}


class Row(NamedTuple):
    """One verb: from which statuses, to which one. `same` keeps the status; `was` returns to the one before a wait."""

    verb: str
    sources: frozenset[str]
    target: str


def _row(verb: str, sources: str | frozenset[str], target: str) -> Row:
    return Row(verb, sources if isinstance(sources, frozenset) else frozenset(sources.split()), target)


TABLE: dict[str, Row] = {
    row.verb: row
    for row in (
        _row("triage", WORKING, "triaged"),
        _row("claim", WORKING, "in_review"),
        _row("release", "in_review", "triaged"),
        _row("transfer", WORKING, "triaged"),
        _row("wait", "triaged in_review", "waiting"),
        _row("wake", "waiting", "was"),
        _row("dismiss", WORKING, "resolved"),
        _row("propose_held", "in_review", "pending_approval"),
        _row("propose", "in_review", "decided"),
        _row("approve", "pending_approval", "decided"),
        _row("send_back", "pending_approval", "in_review"),
        _row("withdraw", "pending_approval decided", "in_review"),
        _row("enforce", "decided", "enforcing"),
        _row("settle", "enforcing", "resolved"),
        _row("fail", "enforcing", "decided"),
        _row("resolve", "decided", "resolved"),
        _row("close", "resolved", "closed"),
        _row("reopen", "resolved closed", "triaged"),
        _row("merge", WORKING, "merged"),
        _row("unmerge", "merged", "triaged"),
    )
}


def target(status: str, verb: str, was: str = "triaged") -> str | None:
    """The status that a verb leads to, or None where the verb is not legal there.

    `was` is the status kept when a wait or a merge began; triage of a case already past `new` keeps its status.
    """
    row = TABLE[verb]
    if status not in row.sources:
        return None
    if verb == "triage" and status != "new":
        return status
    if verb == "unmerge":
        return was if was in ("new", "triaged") else "triaged"
    return was if row.target == "was" else row.target
