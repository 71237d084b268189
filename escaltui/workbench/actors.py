"""Pages of accounts and networks: what is known of an actor by its cases, and where else its pictures are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from escaltui.actor_faces import (
    NETWORK,
    AccountChoice,
    ActorCase,
    ActorFace,
    Alike,
    CaseActors,
    Pictures,
    RequesterLine,
)
from escaltui.domain import actors as counted
from escaltui.i18n import _
from escaltui.safety.text import line, storable
from escaltui.store import actors, evidence, rows
from escaltui.store.actors import Account
from escaltui.workbench import seen
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.networks import ALL, network_face
from escaltui.workbench.queue_line import queue_line

if TYPE_CHECKING:
    from escaltui.domain.accounts import Network
    from escaltui.domain.entities import Requester
    from escaltui.line_faces import QueueLine
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

SHOWN = 200
"""Cases of a page; all are counted."""
REQUESTERS = 20
CHOICES = 30
COMPARED = 20
"""The newest pictures of an actor that are compared by their looks; one takes about a millisecond."""
OTHERS = 50
MEMBERS = 20
"""Members of a network that stand on the page of one of them."""
Found = tuple[str, bool, int]
"""A case of somebody else: its id, whether it has the very same file, how many bits of a picture's look differ."""


# --- finding


def find(bench: Workbench, typed: str) -> str:
    """The one actor that a person means: PLATFORM/ACCOUNT, an account's name, a network's name or id, or a case whose
    items are of one account. Raises NotKnown, which lists those that could be meant."""
    named = storable(typed.strip())
    found = bench.store.read(lambda connection: _named(connection, named))
    if not found and (case := bench.store.line(named)) is not None:
        found = [each.ref for each in of_case(bench, case.id).accounts]
    shown = line(named).value
    if not found:
        raise NotKnown(_("No account and no network here is called {name}.").format(name=shown))
    if len(found) > 1:
        known = ", ".join(line(each).value for each in found[:CHOICES])
        raise NotKnown(_("{name} could be: {known}. Name one.").format(name=shown, known=known))
    return found[0]


def _named(connection: Connection, typed: str) -> list[str]:
    known = actors.networks(connection)
    one = typed.removeprefix(NETWORK)
    found = [NETWORK + each.id for each in known if each.id == one or each.name.casefold() == typed.casefold()]
    whole = actors.account(typed)
    if whole.name and (actors.openly(connection, whole) is not None or any(typed in each.members for each in known)):
        return [*found, typed]
    return [*found, *(each.ref for each in actors.platforms(connection, typed))]


def an_account(bench: Workbench, typed: str) -> str:
    """The account that a person means, by PLATFORM/ACCOUNT or, where cases are about it, its name. Raises NotKnown."""
    named = storable(typed.strip())
    if "/" in named:
        return named
    found = bench.store.read(lambda connection: actors.platforms(connection, named))
    if len(found) != 1:
        known = ", ".join(line(each.ref).value for each in found)
        more = _(" Known: {known}.").format(known=known) if known else ""
        raise NotKnown(_("Write {name} as PLATFORM/ACCOUNT.").format(name=line(named).value) + more)
    return found[0].ref


def of_case(bench: Workbench, case_id: str) -> CaseActors:
    """Whose pages a case leads to."""

    def read(connection: Connection) -> CaseActors:
        case = rows.case(connection, case_id)
        if case is None:
            return CaseActors()
        found = tuple(_choice(*each) for each in actors.on_case(connection, case.id, CHOICES))
        return CaseActors(found, case.requester, line(case.requester_name))

    return bench.store.read(read)


def _choice(one: Account, items: int) -> AccountChoice:
    return AccountChoice(one.ref, line(one.name), items)


# --- a page


def face(bench: Workbench, ref: str, limit: int = SHOWN) -> ActorFace | None:
    """All that is known of an actor, but for its pictures; None for a network that is not here."""
    unsettled, now = bench.unsettled(), bench.now()

    def read(connection: Connection) -> ActorFace | None:
        networks = _networks(connection, ref)
        network = networks[0] if networks and ref.startswith(NETWORK) else None
        if network is None and ref.startswith(NETWORK):
            return None
        one, most = actors.account(ref), MEMBERS if network is None else ALL
        held = actors.held(connection, _accounts(network, ref))
        told = counted.told(held)
        asked = actors.asked(connection, {each.requester for each in held if each.requester})
        ranked = counted.requesters(held, told, actors.survivors(asked))
        shown = actors.lines(connection, [each.case for each in held[:limit]])
        return ActorFace(
            ref=ref, platform=line("" if network else one.platform), name=line(network.name if network else one.name),
            counts=counted.counts(held, told),
            cases=tuple(_case(queue_line(row, bench.me, now, unsettled), told[row.id]) for row in shown),
            requesters=tuple(_requester(key, asked.get(key), found) for key, found in ranked[:REQUESTERS]),
            requester_count=len(ranked),
            networks=tuple(network_face(connection, each, ref, most) for each in networks),
        )  # fmt: skip

    return bench.store.read(read)


def _networks(connection: Connection, ref: str) -> list[Network]:
    """The network that a page is of, a withdrawn one too; else those that an account belongs to."""
    if ref.startswith(NETWORK):
        found = actors.network(connection, ref.removeprefix(NETWORK))
        return [found] if found is not None else []
    return [each for each in actors.networks(connection) if ref in each.members]


def _accounts(network: Network | None, ref: str) -> list[Account]:
    return [actors.account(each) for each in (network.members if network is not None else (ref,))]


def _case(shown: QueueLine, told: counted.Told) -> ActorCase:
    return ActorCase(shown, told.outcomes, told.strikes, told.reversals)


def _requester(key: str, row: Requester | None, asked: counted.Asked) -> RequesterLine:
    return RequesterLine(key, line(row.name if row is not None else ""), row.kind if row is not None else "", asked)


# --- its pictures


def pictures(bench: Workbench, ref: str) -> Pictures:
    """Cases of others with a file of the actor's items: the very same, or one that looks alike (of the newest)."""
    unsettled, now = bench.unsettled(), bench.now()

    def read(connection: Connection) -> Pictures:
        networks = _networks(connection, ref)
        network = networks[0] if networks and ref.startswith(NETWORK) else None
        own = actors.items(connection, _accounts(network, ref))
        known = actors.files(connection, [item for key in actors.newest(connection, own) for item in own[key]])
        gone = evidence.sealed(connection, known)
        files = [each for each in known if each not in gone]
        found = _elsewhere(bench, connection, files, own.keys())
        told = {each[0]: each for each in found[:OTHERS]}
        lines = ((row.id, queue_line(row, bench.me, now, unsettled)) for row in actors.lines(connection, list(told)))
        others = (_alike(connection, shown, told[key]) for key, shown in lines)
        return Pictures(len(files), min(len(files), COMPARED), tuple(others), max(0, len(found) - OTHERS))

    return bench.store.read(read)


def _elsewhere(bench: Workbench, connection: Connection, files: Sequence[str], own: Collection[str]) -> list[Found]:
    """The other cases with one of some files, the very same first, then what looks most alike. None by a sealed one."""
    found: dict[str, Found] = {}
    for at, sha256 in enumerate(files):
        near = seen.alike(bench, connection, sha256) if at < COMPARED else [(sha256, 0, False)]
        for other, distance, _mirrored in near:
            if other != sha256 and evidence.sealed(connection, (other,)):
                continue
            for case_id in evidence.holders(connection, other):
                each = case_id, other == sha256, distance
                if case_id not in own and (case_id not in found or _order(each) < _order(found[case_id])):
                    found[case_id] = each
    return sorted(found.values(), key=_order)


def _order(each: Found) -> tuple[bool, int, str]:
    return not each[1], each[2], each[0]


def _alike(connection: Connection, shown: QueueLine, found: Found) -> Alike:
    whose = tuple(_choice(*each) for each in actors.on_case(connection, shown.id, 3))
    return Alike(shown, found[1], found[2], whose)
