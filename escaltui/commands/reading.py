"""Commands that read lists of cases: ls, next, views."""

from __future__ import annotations

from argparse import Namespace
from difflib import get_close_matches
from typing import NamedTuple

from escaltui.commands import clocks
from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.store.values import LineRow
from escaltui.workbench import NotKnown, Workbench

PAGE = 500
COLUMNS = (
    Column("severity", "SV", 2), Column("clock", "CLOCK", 11), Column("ref", "REF", 8), Column("type", "TYPE", 20),
    Column("from", "FROM", 18, least=112), Column("held", "HELD", 8, least=92),
    Column("flags", "FLAGS", 16, least=140), Column("title", "TITLE", 0),
)  # fmt: skip
VIEWS = (Column("key", "", 1), Column("id", "VIEW", 10), Column("cases", "CASES", 7), Column("query", "QUERY", 0))


class Listed(NamedTuple):
    """What shall be listed. `name`: the view, "" for a query."""

    query: str
    sort: str
    name: str = ""


def listed(bench: Workbench, args: Namespace, sort: str = "") -> Listed:
    """The view or query of the arguments; all open cases where there is neither. Raises NotKnown, QueryError."""
    typed = " ".join(args.free)
    views = bench.views()
    wanted = args.view or typed
    view = next((v for v in views if wanted and wanted.lower() in (v.id.lower(), v.key, v.title.lower())), None)
    if args.view and view is None:
        raise NotKnown(
            _("There is no view {view!r}. Views: {known}.").format(view=args.view, known=", ".join(v.id for v in views))
        )
    if view is not None:
        query = f"{view.query} {typed}" if args.view and typed else view.query
        found = Listed(query, sort or view.sort, view.id)
    else:
        found = Listed(typed or "is:open", sort)
    bench.query(found.query)
    return found


def ls(bench: Workbench, args: Namespace, output: Output) -> int:
    """Every case of a view or query, in its order."""
    what = listed(bench, args, args.sort)
    now, shown, after = bench.now(), 0, None
    while rows := bench.rows(what.query, what.sort, after, min(PAGE, (args.limit or PAGE + shown) - shown)):
        output.records((facts(row, now) for row in rows), COLUMNS, head=not shown)
        shown, after = shown + len(rows), rows[-1].key
        if shown == args.limit:
            break
    if not shown:
        output.warn(_nothing(bench, what))
    return DONE


def _nothing(bench: Workbench, what: Listed) -> str:
    if what.name or what.query == "is:open":
        said = _("Nothing in {view}. escaltui views counts every view.")
        return said.format(view=what.name or _("the queue"))
    near = get_close_matches(what.query, [v.id for v in bench.views()], 1)
    hint = _("Did you mean the view {view}?").format(view=near[0]) if near else _("escaltui views lists the views.")
    return _("No case matches {query}.").format(query=what.query) + f" {hint}"


def facts(row: LineRow, now: int) -> dict[str, Value]:
    """A line's values by name; text from outside raw."""
    held = row.lease_person if row.lease_until is not None and row.lease_until > now else ""
    return {
        "ref": row.ref, "severity": f"S{row.severity}", "status": row.status, "type": row.type,
        "clock": clocks.of_line(row, now), "title": row.title, "from": row.requester_name,
        "requester_kind": row.requester_kind, "verified": row.verified, "owner": row.owner, "held": held,
        "clock_name": row.next_clock, "due": At(row.next_due), "flags": row.flags.split(), "tags": row.tags.split(),
        "waiting_on": row.waiting_on, "waiting_until": At(row.waiting_until), "received": At(row.received_at),
        "hidden": bool(row.hidden), "id": row.id,
    }  # fmt: skip


def next_case(bench: Workbench, args: Namespace, output: Output) -> int:
    """Claim the best case for me and show its line; --peek only looks."""
    what = listed(bench, args)
    if args.peek:
        found = bench.next_case(what.query, what.sort)
    else:
        taken = bench.take_next(what.query, what.sort, op_id=args.op_id)
        if isinstance(taken, Refused):
            return output.refuse(taken)
        found = taken
    row = bench.store.line(found.id) if found else None
    if row is None:
        output.warn(_("No case for you now. escaltui ls lists all open ones."))
        return REFUSED
    output.record(facts(row, bench.now()))
    return DONE


def views(bench: Workbench, args: Namespace, output: Output) -> int:
    """The saved views with their counts."""
    counts = bench.view_counts()
    output.records(({"key": v.key, "id": v.id, "title": v.title, "query": v.query, "cases": counts[v.id]}
                    for v in bench.views()), VIEWS)  # fmt: skip
    return DONE
