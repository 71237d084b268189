"""Accounts that are held to be one actor: shown, started, changed. Always by hand, and always with a reason.

The whole desk reads a network: an account that is known only from cases that few may see is not named in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from escaltui.actor_faces import NETWORK, MemberFace, NetworkChange, NetworkFace
from escaltui.domain.changes import Refused, refused
from escaltui.domain.operations import SetNetwork
from escaltui.safety.text import SafeText, line, storable
from escaltui.store import actors
from escaltui.workbench.watching import desk_of

if TYPE_CHECKING:
    from escaltui.domain.accounts import Network
    from escaltui.store.driver import Connection
    from escaltui.store.values import Done, LoggedChange
    from escaltui.workbench.door import Workbench

ALL = 1 << 31
HISTORY = 12
"""How many of the last things that were done to a network are told."""


def every(bench: Workbench) -> list[NetworkFace]:
    """The networks of this desk, by name."""

    def read(connection: Connection) -> list[NetworkFace]:
        return [network_face(connection, each, "") for each in actors.networks(connection)]

    return bench.store.read(read)


def names(bench: Workbench) -> list[tuple[str, SafeText]]:
    """The networks of this desk by id, with what they are called."""
    return [(each.id, line(each.name)) for each in bench.store.read(actors.networks)]


def network_face(connection: Connection, row: Network, ref: str, most: int = ALL) -> NetworkFace:
    """A network, ready to show. `ref`: the account whose page it stands on; that is told of first, of `most` at all."""
    ranked = sorted(row.members, key=lambda member: (member != ref, member))
    members = tuple(
        MemberFace(each, line(each), actors.case_count(connection, actors.account(each)), each == ref)
        for each in ranked[:most]
    )
    history = actors.history(connection, row.id)[-HISTORY:]
    return NetworkFace(row.id, line(row.name), line(row.reason), members, row.created_by, row.created_at,
                       row.withdrawn, len(row.members), tuple(map(_changed, reversed(history))))  # fmt: skip


def _changed(change: LoggedChange) -> NetworkChange:
    added, gone = list[str](), list[str]()
    for path, (_was, now) in change.fields.items():
        name, dot, member = path.partition(".")
        if name == "members":
            (added if now else gone).extend([member] if dot else now or ())
    withdrawn = bool(change.fields.get("withdrawn", (None, None))[1])
    return NetworkChange(change.at, change.actor, tuple(map(line, added)), tuple(map(line, gone)), withdrawn,
                         line(change.reason))  # fmt: skip


def start(bench: Workbench, name: str, members: Sequence[str], reason: str, *, op_id: str = "") -> Done | Refused:
    """Say that some accounts ("platform/account") act as one, and why."""
    walled = _walled(bench, members)
    op = SetNetwork(desk=desk_of(bench), name=storable(name), members=tuple(members), reason=storable(reason))
    return walled or bench.do(op, op_id=op_id)


def change(
    bench: Workbench, network: str, reason: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), name: str = "",
    withdraw: bool = False, op_id: str = "",
) -> Done | Refused:  # fmt: skip
    """Add accounts to a network or take them out, name it anew, or say that its accounts are not one after all."""
    row = bench.store.read(lambda connection: actors.network(connection, network.removeprefix(NETWORK)))
    if row is None:
        return refused("not_found", "There is no such network here.", "Look at the account.")
    absent = [each for each in remove if each not in row.members]
    if absent:
        said, mend = "{account} is not in {network}.", "Look at its members."
        return refused("not_found", said, mend, fields=("members",), account=absent[0], network=row.name)
    op = SetNetwork(
        network=row.id, name=storable(name) or row.name, members=tuple(sorted({*row.members, *add} - set(remove))),
        reason=storable(reason), withdrawn=withdraw or row.withdrawn,
        base={"name": row.name, "withdrawn": row.withdrawn, "members": list(row.members)},
    )  # fmt: skip
    return _walled(bench, set(add) - set(row.members)) or bench.do(op, op_id=op_id)


def _walled(bench: Workbench, accounts: Iterable[str]) -> Refused | None:
    """A refusal where one of some accounts is known only from cases that few may see."""

    def read(connection: Connection) -> list[str]:
        return [each for each in sorted(accounts) if actors.openly(connection, actors.account(each)) is False]

    found = bench.store.read(read)
    if not found:
        return None
    return refused(
        "blocked", "{account} is known only from cases that few may see; the whole desk reads a network.",
        "Write a note on the case instead.", fields=("members",), account=found[0],
    )  # fmt: skip
