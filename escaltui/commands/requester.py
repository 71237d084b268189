"""The command `requester`: the page of one over time, who may be the same, and saying that two are, or are not."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping

from escaltui.commands.output import DONE, At, Column, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import N_, _
from escaltui.insight.ledger import Counts, Ledger
from escaltui.requester_faces import ContactFace, GroupFace, HeldFace, LikeFace, RequesterFace, RequestFace, ThreadFace
from escaltui.workbench import NotKnown, Workbench, requester_names, requesters
from escaltui.workbench import requester_words as told

COUNTED = (Column("by", "By", 24), Column("asked", "Asked", 6), Column("granted", "Granted", 8),
           Column("partly", "Partly", 7), Column("not_granted", "No", 5), Column("otherwise", "Otherwise", 10),
           Column("undecided", "Undecided", 10), Column("open", "Open", 5))  # fmt: skip
CASES = (Column("ref", "Case", 12), Column("answer", "Answer", 17), Column("received", "Received", 17),
         Column("title", "Title", 0))  # fmt: skip
LIKES = (Column("ratio", "Alike", 6), Column("cases", "Cases", 6), Column("kind", "Kind", 16),
         Column("name", "Name", 0))  # fmt: skip
HELD = (Column("cases", "Cases", 6), Column("by", "By", 12), Column("name", "Also called", 0))
WRITE = N_("Write: escaltui requester NAME; or suggest, merge A B --reason TEXT, or apart A B in its place")


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The page of one requester, or what its first word says."""
    word, *names = args.free or [""]
    if word in _TWO and len(names) == 2:
        return _TWO[word](bench, args, output)
    if word == "suggest" and not names:
        return _suggested(bench, output)
    if not word or word in _TWO:
        raise UsageError(_(WRITE))
    return _shown(bench, " ".join(args.free), output)


# --- one


def _shown(bench: Workbench, name: str, output: Output) -> int:
    key = requesters.find(bench, name)
    face = requesters.page(bench, key)
    if face is None:
        raise NotKnown(_("There is no requester {name}.").format(name=name))
    likes = requester_names.like(bench, face.id)
    if output.mode == "json":
        output.record({
            **_head(face), **_figures(face.ledger), "types": dict(_by(face.ledger.by_type)),
            "months": dict(_by(face.ledger.by_month)), "contacts": [_contact(each) for each in face.contacts],
            "names": [_held(each) for each in face.held], "same_as": [_like(each) for each in likes],
            "cases": [_case(each) for each in face.cases], "threads": [_thread(each) for each in face.threads],
        })  # fmt: skip
        return DONE
    output.record(_head(face))
    _say(face.ledger, output)
    rows = (*face.ledger.by_type, *face.ledger.by_month)
    output.records(({"by": name, **counts} for name, counts in _by(rows) if counts["asked"]), COUNTED)
    for part, columns in ((map(_contact, face.contacts), ()), (map(_held, face.held), HELD), (map(_like, likes), LIKES),
                          (map(_case, face.cases), CASES), (map(_thread, face.threads), ())):  # fmt: skip
        listed = list(part)
        output.records(listed, columns, head=bool(listed))
    return DONE


def _head(face: RequesterFace) -> dict[str, Value]:
    return {"requester": face.id, "name": face.name, "kind": face.kind, "country": face.country,
            "organisation": face.organisation, "protected": face.protected, "came_as": face.came_as,
            "query": face.query}  # fmt: skip


def _figures(found: Ledger) -> dict[str, Value]:
    return {
        **found.total._asdict(), "late": found.late, "earlier": found.earlier, "reports": found.reports,
        "verifications": found.checks, "methods": found.methods, "incomplete": found.incomplete,
        "decided": found.decided, "median_hours": found.median, "slow_hours": found.slow, "reversed": found.reversed,
        "first": At(found.first), "last": At(found.last),
    }  # fmt: skip


def _say(found: Ledger, output: Output) -> None:
    for sentence in (told.asked(found), *told.checks(found), *told.times(found)):
        output.say(sentence)


def _by(rows: tuple[tuple[str, Counts], ...]) -> Iterator[tuple[str, dict[str, Value]]]:
    return ((name, counts._asdict()) for name, counts in rows)


def _contact(each: ContactFace) -> dict[str, Value]:
    return {"channel": each.channel, "address": each.address, "source": each.source, "by": each.by, "at": At(each.at),
            "of": each.of}  # fmt: skip


def _held(each: HeldFace) -> dict[str, Value]:
    return {"requester": each.id, "name": each.name, "cases": each.cases, "reason": each.reason, "by": each.by,
            "at": At(each.at), "op_id": each.op}  # fmt: skip


def _like(each: LikeFace) -> dict[str, Value]:
    return {"requester": each.id, "name": each.name, "kind": each.kind, "cases": each.cases, "ratio": each.ratio}


def _case(each: RequestFace) -> dict[str, Value]:
    line = each.line
    return {"ref": line.ref, "answer": each.answer, "received": At(line.received), "type": line.type,
            "status": line.status, "title": line.title}  # fmt: skip


def _thread(each: ThreadFace) -> dict[str, Value]:
    return {"ref": each.ref, "sent": each.sent, "received": each.received, "state": each.state, "at": At(each.at),
            "subject": each.subject}  # fmt: skip


# --- who is the same


def _suggested(bench: Workbench, output: Output) -> int:
    found = requester_names.suggest(bench)
    for each in found:
        _group(each, output)
    if not found:
        output.say(_("No two names are so much alike that they may be one."))
    return DONE


def _group(each: GroupFace, output: Output) -> None:
    head: Mapping[str, Value] = {"requester": each.id, "name": each.name, "kind": each.kind, "cases": each.cases}
    if output.mode == "json":
        output.record({**head, "same_as": [_like(other) for other in each.others]})
        return
    output.record(head)
    output.records(map(_like, each.others), LIKES)


def _merged(bench: Workbench, args: Namespace, output: Output) -> int:
    one, into = (requesters.find(bench, name) for name in args.free[1:])
    outcome = requester_names.merge(bench, one, into, args.reason, op_id=args.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"done": "requester merge", "requester": one, "into": into, "op_id": outcome.op_id,
                   "changed": bool(outcome.changes)})  # fmt: skip
    return DONE


def _kept_apart(bench: Workbench, args: Namespace, output: Output) -> int:
    one, other = (requesters.find(bench, name) for name in args.free[1:])
    requester_names.keep_apart(bench, one, other)
    output.record({"done": "requester apart", "requester": one, "from": other})
    return DONE


_TWO: dict[str, Callable[[Workbench, Namespace, Output], int]] = {"merge": _merged, "apart": _kept_apart}
