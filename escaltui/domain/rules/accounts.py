"""Accounts that are one actor, requesters who are one: always by hand (the design's domain page, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import TITLE_LIMIT, Network, Requester
from escaltui.domain.operations import MergeRequesters, SetNetwork
from escaltui.domain.rules.guards import filled, known_desk, with_name
from escaltui.domain.rules.work import Work, need

MEMBERS = 2_000


def set_network(op: SetNetwork, work: Work) -> None:
    """Which accounts act as one, and why."""
    known_desk(op.desk, work)
    filled("A network", name=op.name, members=op.members, reason=op.reason)
    need(len(op.name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("name",),
         limit=TITLE_LIMIT)  # fmt: skip
    need(len(op.members) <= MEMBERS, "invalid", "At most {limit} accounts.", "Name those that matter.",
         fields=("members",), limit=MEMBERS)  # fmt: skip
    before = work.row(Network, op.network) if op.network else Network(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor
    )  # fmt: skip
    work.reason = op.reason
    members = tuple(sorted(set(op.members)))
    work.put(replace(before, name=op.name.strip(), members=members, reason=op.reason, withdrawn=op.withdrawn))


def merge_requesters(op: MergeRequesters, work: Work) -> None:
    """One requester goes on under another, whose alias its name is from now on."""
    one, into = work.row(Requester, op.requester), work.row(Requester, op.into)
    need(one.id != into.id, "invalid", "That is the same requester.", "Choose another one.", fields=("into",))
    need(not one.merged_into and not into.merged_into, "stale", "That requester goes on under another name.",
         "Look at their page.")  # fmt: skip
    need(one.stream == into.stream, "blocked", "Not everybody who sees one of them sees the other.",
         "Leave them apart.")  # fmt: skip
    filled("Merging requesters", reason=op.reason)
    work.reason = op.reason
    work.put(replace(one, merged_into=into.id))
    work.put(replace(into, aliases=with_name(into.aliases, one.name, *one.aliases)))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {SetNetwork: set_network, MergeRequesters: merge_requesters}
