"""Which fields of a case's rows a bundle holds. What is not named here stays at the desk, in rows and in the timeline.

Left out by that: what only steers the queue (claims, clocks' rungs, priorities, who watches), message ids and devices,
and every hash of a file: which files there are is told once, in media.json, and of a sealed one only that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from escaltui.domain.entities import Entity

_ALWAYS = ("id", "created_at", "created_by")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "case": ("ref", "title", "summary", "content_note", "type", "desk", "product", "countries", "languages", "severity",
             "harm", "flags", "tags", "status", "owner", "sensitivity", "received_at", "reopened", "root_cause",
             "end_reason", "decision", "outcomes", "acts", "user_notice", "appeal", "keep_until", "incident_ref",
             "requester_name", "requester_kind", "verified", "on_behalf_of", "reach", "report_count"),
    "requester": ("name", "kind", "organisation", "country", "aliases", "contact_points", "protected"),
    "report": ("kind", "channel", "automated", "requester_name", "on_behalf_of", "received_at", "body", "elements",
               "answers", "laws", "right_claimed", "affected_count", "state", "verification", "asked",
               "user_notice_words", "translations"),
    "subject": ("platform", "item_type", "item_id", "url", "author", "reach", "text", "captured_at"),
    "decision": ("lines", "facts", "rationale", "spirit", "departs", "departure_reason", "appeal_outcome", "kept",
                 "reverses", "supersedes", "subjects", "reach", "content_sha256", "rules_matched", "approval", "needs",
                 "approvals", "returned", "review_by", "state", "proposed_by", "proposed_at", "effective_at",
                 "hold_until"),
    "action": ("decision", "subject", "name", "kind", "territory", "start", "until", "by_hand", "external_ref",
               "compensates", "reason", "state"),
    "statement": ("decision", "subject", "number", "language", "fields", "state", "external_ref"),
    "message": ("party", "direction", "address", "subject", "language", "body", "signed", "relayed", "purpose",
                "automatic", "way", "sent_at", "failure", "state"),
    "note": ("scope", "kind", "body", "supersedes", "superseded_by", "redacted", "withdrawn"),
    "consult": ("team", "question", "background", "options", "binding", "due", "answer", "source", "answered_by",
                "answered_at", "reason", "state"),
    "task": ("title", "assignee", "due", "reason", "state"),
    "update": ("audience", "conditions", "actions", "needs", "texts", "numbers", "state"),
}  # fmt: skip
"""By kind of row."""


def row(entity: Entity) -> dict[str, Any]:
    """What a bundle tells of a row, as plain JSON values; empty fields are left out."""
    whole = msgspec.to_builtins(entity)
    return {name: whole[name] for name in (*_ALWAYS, *FIELDS[entity.NAME]) if name in whole}


def told(entity: str, field: str) -> bool:
    """Whether the timeline tells what became of a field, or of a named element of one (`field.element`)."""
    return field.partition(".")[0] in FIELDS.get(entity, ())
