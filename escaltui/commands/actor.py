"""`actor NAME`: the page of an account or network; `actor network ...`: which accounts are held to be one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence

from escaltui.actor_faces import NETWORK, ActorCase, ActorFace, Alike, NetworkFace, RequesterLine
from escaltui.commands.output import DONE, At, Column, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.store.values import Done
from escaltui.workbench import NotKnown, Workbench, actors, networks

CASES = (Column("ref", "REF", 8), Column("severity", "SV", 2), Column("received", "RECEIVED", 21, least=90),
         Column("status", "STATUS", 10), Column("outcomes", "OUTCOME", 18), Column("strikes", "STRIKES", 7),
         Column("title", "TITLE", 0))  # fmt: skip
REQUESTERS = (Column("name", "REQUESTER", 28), Column("kind", "KIND", 16), Column("cases", "CASES", 5),
              Column("decided", "DECIDED", 7), Column("violations", "VIOLATIONS", 10))  # fmt: skip
PICTURES = (Column("ref", "REF", 8), Column("match", "MATCH", 10), Column("accounts", "ACCOUNTS", 24),
            Column("title", "TITLE", 0))  # fmt: skip
NETWORKS = (Column("name", "NETWORK", 24), Column("network", "ID", 26), Column("accounts", "ACCOUNTS", 8),
            Column("reason", "WHY", 0))  # fmt: skip
Words = Sequence[str]


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The page of one actor, or what `actor network` says."""
    if args.free[:1] == ["network"]:
        return _network(bench, args, output)
    if len(args.free) != 1:
        raise UsageError(_("Write: escaltui actor NAME, as PLATFORM/ACCOUNT, a network's name, or E-7K2QX"))
    face = actors.face(bench, actors.find(bench, args.free[0]), args.limit)
    if face is None:
        raise NotKnown(_("There is no such network here."))
    _page(bench, face, output, pictures=not args.no_pictures)
    return DONE


def _page(bench: Workbench, face: ActorFace, output: Output, *, pictures: bool) -> None:
    found = actors.pictures(bench, face.ref) if pictures else None
    head: dict[str, Value] = {
        "actor": face.ref, "kind": "network" if face.is_network else "account", "name": face.name,
        **{name: value for name, value in face.counts._asdict().items() if name not in ("first", "last")},
        "first": At(face.counts.first), "last": At(face.counts.last), "requesters": face.requester_count,
    }  # fmt: skip
    if found is not None:
        head |= {"files": found.files, "files_compared": found.compared, "picture_cases": len(found.cases) + found.more}
    parts = {
        "network_rows": [_network_row(each, members=True) for each in face.networks],
        "case_rows": [_case(each) for each in face.cases],
        "requester_rows": [_requester(each) for each in face.requesters],
        "picture_rows": [_alike(each) for each in (found.cases if found is not None else ())],
    }
    if output.mode == "json":
        output.record({**head, **parts})
        return
    output.record(head)
    for (part, rows), columns in zip(parts.items(), (NETWORKS, CASES, REQUESTERS, PICTURES), strict=True):
        if rows:
            output.records(({"part": part, **row} for row in rows), columns)
            output.write("\n" if output.mode == "table" else "")


def _case(each: ActorCase) -> dict[str, Value]:
    line = each.line
    return {"ref": line.ref, "severity": f"S{line.severity}", "received": At(line.received), "status": line.status,
            "type": line.type, "outcomes": list(each.outcomes), "strikes": each.strikes, "reversals": each.reversals,
            "title": line.title}  # fmt: skip


def _requester(each: RequesterLine) -> dict[str, Value]:
    return {"requester": each.id, "name": each.name, "kind": each.kind, **each.asked._asdict()}


def _alike(each: Alike) -> dict[str, Value]:
    return {"ref": each.line.ref, "match": "same file" if each.same else "looks alike", "bits": each.distance,
            "accounts": [one.name for one in each.accounts], "title": each.line.title}  # fmt: skip


# --- networks


def _network_row(each: NetworkFace, *, members: bool = False) -> dict[str, Value]:
    row: dict[str, Value] = {"network": each.id, "name": each.name, "accounts": each.size,
                             "reason": each.reason, "by": each.by, "at": At(each.at)}  # fmt: skip
    if each.withdrawn:
        row["withdrawn"] = True
    if members:
        row["members"] = [{"account": one.name, "cases": one.cases} for one in each.members]
    return row


def _network(bench: Workbench, args: Namespace, output: Output) -> int:
    words = args.free[1:]
    if not words or words == ["list"]:
        output.records((_network_row(each, members=output.mode == "json") for each in networks.every(bench)), NETWORKS)
        return DONE
    act = _ACTS.get(words[0])
    if act is None or len(words) < 2:
        raise UsageError(_("Write: escaltui actor network start NAME ACCOUNT ..., add NETWORK ACCOUNT ..., "
                           "remove NETWORK ACCOUNT ..., name NETWORK NAME, or withdraw NETWORK"))  # fmt: skip
    outcome = act(bench, args, words[1], words[2:])
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    made = next((each.entity_id for each in outcome.changes), "")
    output.record({"done": f"actor network {words[0]}", "network": made, "op_id": outcome.op_id,
                   "changed": bool(outcome.changes)})  # fmt: skip
    return DONE


def _the(bench: Workbench, typed: str) -> str:
    """A network by its name or id. Raises NotKnown."""
    found = actors.find(bench, typed)
    if not found.startswith(NETWORK):
        raise NotKnown(_("There is no such network here.") + " " + _("escaltui actor network lists them."))
    return found


def _accounts(bench: Workbench, words: Words) -> list[str]:
    return [actors.an_account(bench, each) for each in words]


def _start(bench: Workbench, args: Namespace, name: str, words: Words) -> Done | Refused:
    return networks.start(bench, name, _accounts(bench, words), args.reason, op_id=args.op_id)


def _add(bench: Workbench, args: Namespace, name: str, words: Words) -> Done | Refused:
    found = _accounts(bench, words)
    return networks.change(bench, _the(bench, name), args.reason, add=found, op_id=args.op_id)


def _remove(bench: Workbench, args: Namespace, name: str, words: Words) -> Done | Refused:
    found = _accounts(bench, words)
    return networks.change(bench, _the(bench, name), args.reason, remove=found, op_id=args.op_id)


def _name(bench: Workbench, args: Namespace, name: str, words: Words) -> Done | Refused:
    return networks.change(bench, _the(bench, name), args.reason, name=" ".join(words), op_id=args.op_id)


def _withdraw(bench: Workbench, args: Namespace, name: str, _words: Words) -> Done | Refused:
    return networks.change(bench, _the(bench, name), args.reason, withdraw=True, op_id=args.op_id)


_ACTS: dict[str, Callable[[Workbench, Namespace, str, Words], Done | Refused]] = {
    "start": _start, "add": _add, "remove": _remove, "name": _name, "withdraw": _withdraw,
}  # fmt: skip
