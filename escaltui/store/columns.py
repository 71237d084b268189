"""The queried columns of each entity, made from its value: what `tables.py` declares, without the cost of importing it.

Columns and sets that queries read come from `domain.query.facts`; those here besides are what a queue line shows.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any

from escaltui.domain.entities import (
    Acknowledgement,
    Action,
    Case,
    ChangeNote,
    Consult,
    Decision,
    Goal,
    Handover,
    Incident,
    Insight,
    LibraryEntry,
    Link,
    Media,
    Message,
    Network,
    Note,
    Person,
    Pick,
    Receipt,
    Recommendation,
    Report,
    Requester,
    Risk,
    Ruling,
    Statement,
    Subject,
    Task,
    Update,
    Watch,
)
from escaltui.domain.query.facts import Facts, columns
from escaltui.domain.query.fold import fold

TABLE = {Case.NAME: "cases", Update.NAME: "updates"}
CASE = (
    "ref", "title", "status", "severity", "type", "desk", "product", "harm", "owner", "requester", "requester_name",
    "requester_kind", "verified", "merged_into", "received_at", "reach", "report_count", "reopened", "rung",
    "legal_rung", "legal_total", "lane", "near", "start_by", "next_due", "next_clock", "next_event", "root_cause",
    "sensitivity", "hidden", "is_open", "paused", "lease_person", "lease_until", "waiting_on", "waiting_until",
    "next_kind", "next_state", "flags", "tags", "langs", "updated_at",
)  # fmt: skip
_in_order = itemgetter(*CASE)


def case_row(known: Facts) -> tuple[Any, ...]:
    """The columns of `cases` in the order of `CASE`."""
    case = known.case
    row = columns(known)
    clock = case.clocks.get(case.next_clock)
    row["title"] = case.title
    row["next_event"] = case.next_event
    row["next_kind"] = clock.kind if clock else ""
    row["next_state"] = clock.state if clock else ""
    row["flags"] = " ".join(case.flags)
    row["tags"] = " ".join(case.tags)
    row["langs"] = f" {' '.join(case.languages)} " if case.languages else ""
    found: tuple[Any, ...] = _in_order(row)
    return found


def _report(report: Report) -> tuple[Any, ...]:
    return report.dedupe_key or None, report.case, report.requester, report.received_at


def _requester(requester: Requester) -> tuple[Any, ...]:
    return requester.name, requester.fold or fold(requester.name), requester.kind


HANGING = ("case_id", "state", "who", "key")
"""The columns of what hangs on a case: decisions, actions, consults, letters, tasks ..."""


def _hanging(who: str, key: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """`who` and `key` name the fields that fill those columns; "" fills none."""

    def row(entity: Any) -> tuple[Any, ...]:
        return entity.case, entity.state, getattr(entity, who) if who else "", getattr(entity, key) if key else ""

    return HANGING, row


def _standing(state: str, who: str, key: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """What stands by itself, on no case: the same columns, filled by the fields named; "" fills none."""
    return HANGING, lambda row: ("", *(getattr(row, name) if name else "" for name in (state, who, key)))


_SUBJECT = ("platform", "item_type", "item_id", "author")
COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]] = {
    Report.NAME: (("dedupe_key", "case_id", "requester", "received_at"), _report),
    Subject.NAME: (_SUBJECT, attrgetter(*_SUBJECT)),
    Requester.NAME: (("name", "fold", "kind"), _requester),
    Person.NAME: (("login",), lambda person: (person.login,)),
    Note.NAME: (("case_id", "withdrawn"), lambda note: (note.case, int(note.withdrawn))),
    Decision.NAME: _hanging("proposed_by", "reverses"),
    Action.NAME: _hanging("name", "decision"),
    Statement.NAME: _hanging("", "decision"),
    Consult.NAME: _hanging("team", "message_id"),
    Message.NAME: _hanging("party", "message_id"),
    Task.NAME: _hanging("assignee", ""),
    Update.NAME: _hanging("audience", "incident"),
    Media.NAME: _hanging("rated_by", "sha256"),
    Incident.NAME: _standing("state", "lead", "ref"),
    Ruling.NAME: _standing("state", "approved_by", "incident"),
    Handover.NAME: _standing("state", "receiver", "giver"),
    Watch.NAME: _standing("state", "owner", ""),
    Risk.NAME: _standing("state", "owner", "incident"),
    Insight.NAME: _standing("state", "", "key"),
    Recommendation.NAME: _standing("state", "owner", "insight"),
    Goal.NAME: _standing("state", "owner", ""),
    Receipt.NAME: _standing("", "person", "section"),
    Acknowledgement.NAME: _standing("version", "person", "document"),
    ChangeNote.NAME: _standing("version", "by", "document"),
    Network.NAME: _standing("", "created_by", ""),
    LibraryEntry.NAME: _standing("mark", "version", "document"),
    Pick.NAME: _standing("", "person", "section"),
    Link.NAME: (("source", "target", "withdrawn"), lambda link: (link.source, link.target, int(link.withdrawn))),
}


def names(entity: str) -> tuple[str, ...]:
    """The columns of an entity's table that are written at each change, without its id."""
    made = ("sets", *CASE) if entity == Case.NAME else COLUMNS[entity][0]
    return ("stream", "rev", *made, "field_rev", "body")
