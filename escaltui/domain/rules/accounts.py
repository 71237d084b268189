"""Accounts that are one actor, requesters who are one: always by hand (the design's domain page, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from msgspec.structs import replace

from escaltui.domain.entities import TITLE_LIMIT, Network, Requester
from escaltui.domain.operations import MergeRequesters, SetNetwork
from escaltui.domain.rules.guards import filled, known_desk, not_moved, with_name
from escaltui.domain.rules.work import Work, need
from escaltui.domain.sentences import words

MEMBERS = 2_000
LONGEST = 500
"""Characters of a member's platform and name together."""


def set_network(op: SetNetwork, work: Work) -> None:
    """Which accounts act as one. Why they do is what was said when the last of them was added; why one was taken out
    stands in the log alone."""
    known_desk(op.desk, work)
    before = work.row(Network, op.network) if op.network else Network(
        id=work.new_id(), stream=f"desk:{op.desk}", created_at=work.ctx.now, created_by=work.ctx.actor
    )  # fmt: skip
    not_moved({name: seen for name, seen in op.base.items() if name != "members"}, before, before.name)
    filled("A network", name=op.name, reason=op.reason)
    need(len(op.name) <= TITLE_LIMIT, "invalid", "A name has 1 to {limit} characters.", "Change it.", fields=("name",),
         limit=TITLE_LIMIT)  # fmt: skip
    members = _members(op, before)
    added, gone = members - set(before.members), set(before.members) - members
    _accounts(members, added)
    work.reason = op.reason.strip()
    keeps = before.reason and (op.withdrawn or (gone and not added))
    work.put(replace(
        before, name=op.name.strip(), members=tuple(sorted(members)), withdrawn=op.withdrawn,
        reason=before.reason if keeps else work.reason,
    ))  # fmt: skip


def _members(op: SetNetwork, before: Network) -> set[str]:
    """The members from now on: those named, or where the person told what they saw, those there are with their own
    changes."""
    asked, seen = set(op.members), op.base.get("members")
    if seen is None:
        return asked
    whole = isinstance(seen, list | tuple) and all(isinstance(each, str) for each in seen)
    need(whole, "invalid", "{what} has no field {field}.", "Leave it out of `base`.", what=words(before.NAME),
         field="members")  # fmt: skip
    return (set(before.members) - (set(seen) - asked)) | (asked - set(seen))


def _accounts(members: set[str], added: set[str]) -> None:
    """Refuse none at all, too many, and what is added and names no account."""
    need(members, "incomplete", "A network has at least one account.", "Name one, or withdraw the network.",
         fields=("members",))  # fmt: skip
    need(len(members) <= MEMBERS, "invalid", "At most {limit} accounts.", "Name those that matter.",
         fields=("members",), limit=MEMBERS)  # fmt: skip
    wrong = sorted(each for each in added if not each.partition("/")[2].strip() or len(each) > LONGEST)
    need(not wrong, "invalid", "{account} names no account.", "Write PLATFORM/ACCOUNT.", fields=("members",),
         account=wrong[0][:80] if wrong else "")  # fmt: skip


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
    aliases = with_name(into.aliases, one.name, *one.aliases)
    work.put(replace(into, aliases=aliases, protected=into.protected or one.protected))


def may_part(row: Requester, changed: Collection[str]) -> None:
    """Refuse to take a merge back while who took the name in goes on under another one itself, which has it, too."""
    need("merged_into" in changed or not row.merged_into, "stale", "That requester goes on under another name.",
         "Take that back first.")  # fmt: skip


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {SetNetwork: set_network, MergeRequesters: merge_requesters}
