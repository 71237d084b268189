"""Who adds to the team's policy library, and that nobody adds on top of what they have not seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from escaltui.domain.library import ENTRY_MOST, TEXT_MOST, LibraryEntry, entry_id
from escaltui.domain.operations import PublishPolicyVersion, ReleaseVersion
from escaltui.domain.rules.guards import filled, is_lead
from escaltui.domain.rules.work import Work, need

KEY_LONGEST, VERSION_LONGEST = 300, 100
PLACES_MOST = 10**8


def may(op: PublishPolicyVersion | ReleaseVersion, work: Work) -> None:
    """A lead or an admin."""
    need(is_lead(work) or "admin" in work.ctx.roles, "not_allowed", "The team's library is for a lead or an admin.",
         "Ask one of them.")  # fmt: skip


def _next(op: PublishPolicyVersion | ReleaseVersion, work: Work) -> None:
    """Refuse where the document went on since, or its beginning is not here."""
    before = op.n == 1 or work.find(LibraryEntry, entry_id(op.document, op.n - 1))
    taken = work.find(LibraryEntry, entry_id(op.document, op.n))
    need(0 < op.n < PLACES_MOST and before and not taken, "stale",
         "{document}: a colleague published since, or its beginning is lacking.",
         "Sync, then import it again.", document=op.document)  # fmt: skip


def publish(op: PublishPolicyVersion, work: Work) -> None:
    """A version that is there already in the same words changes nothing; in other words it is refused."""
    filled("A policy version", document=op.document, version=op.version, title=op.about.title)
    need(len(op.document) <= KEY_LONGEST and len(op.version) <= VERSION_LONGEST, "invalid",
         "{document} {version} cannot be the name of a version.", "Choose a shorter one.",
         document=op.document[:80], version=op.version[:80])  # fmt: skip
    for known in work.state.list("published", f"{op.document}@{op.version}"):
        if known.facts is not None:
            need(known.facts.source_sha256 == op.facts.source_sha256, "invalid",
                 "{document}: {version} is in the library already, with another text, and versions are never changed.",
                 "Save the new text with a suffix not used yet.", document=op.document,
                 version=op.version)  # fmt: skip
            return
    _next(op, work)
    _fits(op)
    work.put(
        LibraryEntry(
            id=entry_id(op.document, op.n), created_at=work.ctx.now, created_by=work.ctx.actor, document=op.document,
            n=op.n, version=op.version, about=op.about, facts=op.facts, passages=op.passages, texts=op.texts,
            counts=op.counts,
        )
    )  # fmt: skip


def _fits(op: PublishPolicyVersion) -> None:
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in op.texts.values())
    need(size <= TEXT_MOST and len(msgspec.json.encode(op)) <= ENTRY_MOST, "invalid",
         "{document} {version} is too large: it brings more than 1 MiB of text, or too many sections.",
         "Split it into several documents.", document=op.document, version=op.version)  # fmt: skip
    named = [each.stable_id for each in op.passages]
    need(len(named) == len(set(named)) and all(named), "invalid", "{document} {version}: two sections share an id.",
         "Import it again.", document=op.document, version=op.version)  # fmt: skip


def release(op: ReleaseVersion, work: Work) -> None:
    """The version was held, and nothing was added to its document meanwhile."""
    held = any(
        each.facts is not None and each.facts.kind == "suspect"
        for each in work.state.list("published", f"{op.document}@{op.version}")
    )
    need(held and op.version in op.counts, "not_found", "{document} has no held version {version}.",
         "See the list of its versions.", document=op.document, version=op.version)  # fmt: skip
    _next(op, work)
    work.put(
        LibraryEntry(
            id=entry_id(op.document, op.n), created_at=work.ctx.now, created_by=work.ctx.actor, document=op.document,
            n=op.n, version=op.version, counts=op.counts,
        )
    )  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {PublishPolicyVersion: publish, ReleaseVersion: release}
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {PublishPolicyVersion: may, ReleaseVersion: may}
