"""The command connector: the places that cases come from; list, run, test, sign-in, sign-out."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping

from escaltui.commands.grammar import standard_input
from escaltui.commands.output import DONE, REFUSED, STOPPED, At, Column, Output, Value
from escaltui.commands.progress import progress_line, stoppable
from escaltui.commands.verbs import UsageError
from escaltui.connector_faces import ConnectorFace
from escaltui.i18n import _, number
from escaltui.intake.connector import ConnectorError
from escaltui.store import connectors as kept
from escaltui.workbench import Workbench, connector_keys, connector_plan, connectors, scheduling
from escaltui.workbench.connecting import ConnectorRun

LIST = (Column("name", "NAME", 16), Column("kind", "KIND", 8), Column("state", "STATE", 8),
        Column("ran", "LAST RUN", 21), Column("opened", "NEW", 6), Column("known", "KNOWN", 6, 90),
        Column("unmapped", "UNMAPPED", 8), Column("next", "NEXT RUN", 21, 100), Column("says", "WHY", 0))  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """One of its sub-commands; without one, the list."""
    try:
        return _ACTS[args.action or "list"](bench, args, output)
    except ConnectorError as error:
        output.warn(str(error))
        return REFUSED


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    found = connectors.listed(bench)
    rows: Iterable[Mapping[str, Value]] = (
        {"name": each.name, "kind": each.kind, "state": each.state, "ran": At(each.began_at or None),
         "opened": each.opened, "known": each.known, "unmapped": each.unmapped, "total": each.total,
         "wait_until": At(each.wait_until), "every": each.every or None, "next": _next(bench, each), "says": each.says}
        for each in found
    )  # fmt: skip
    output.records(rows, LIST)
    if not found:
        output.say(_("No connector is set up. [[connector]] in config.toml names one: see docs/connectors.md."))
    for each in found if getattr(args, "problems", 0) else ():
        for problem in connectors.unmapped(bench, each.name, args.problems):
            output.warn(f"{each.name}: {problem.says.value}")
    return DONE


def _next(bench: Workbench, each: ConnectorFace) -> At:
    return At(each.next_at if each.next_at is None else max(each.next_at, bench.now()))


def _run(bench: Workbench, args: Namespace, output: Output) -> int:
    if args.due:
        return _due(bench, args, output)
    if args.follow:
        return _followed(bench, args, output)
    names = [args.name] if args.name else [each.name for each in bench.config.connectors]
    if not names:
        return _listed(bench, args, output)
    codes = [DONE]
    with stoppable() as stopped:
        for name in names:
            if stopped():
                codes.append(STOPPED)
                break
            codes.append(_one(bench, name, args, output, stopped))
    return max(codes)


def _due(bench: Workbench, args: Namespace, output: Output) -> int:
    """Run what is due, once."""
    if args.name or args.follow or args.dry_run:
        raise UsageError(_("Write: escaltui connector run --due, without a name, --follow or --dry-run."))
    if not any(each.every for each in bench.config.connectors):
        output.warn(_('No connector is run by itself. Write every = "5m" under [[connector]] in config.toml.'))
        return DONE
    with stoppable() as stopped:
        codes = [_told(found, args.problems, output) for found in scheduling.run_due(bench, stopped)]
        if bench.without_network:
            said = _("There is no network. Due, and not asked: {names}.")
            output.warn(said.format(names=", ".join(sorted(bench.without_network))))
        return STOPPED if stopped() else max(codes, default=DONE)


def _followed(bench: Workbench, args: Namespace, output: Output) -> int:
    """Run one again and again; tell each time that something came or is wrong."""
    if not args.name or args.dry_run:
        raise UsageError(_("Write: escaltui connector run NAME --follow"))
    codes = list[int]()
    bench.start_sync(output.warn)

    def told(found: ConnectorRun) -> None:
        if found.opened or found.known or found.problems or found.says:
            codes[:] = [_told(found, args.problems, output)]
        bench.tick()

    with stoppable() as stopped:
        connectors.follow(bench, args.name, told, cancelled=stopped)
        return STOPPED if stopped() else codes[-1]


def _one(bench: Workbench, name: str, args: Namespace, output: Output, stopped: Callable[[], bool]) -> int:
    """Run one; the others run, whatever becomes of it."""
    show = progress_line(sys.stderr)
    try:
        found = connectors.run(bench, name, dry=args.dry_run, progress=show, cancelled=stopped)
    except ConnectorError as error:
        output.warn(f"{name}: {error}")
        return REFUSED
    return _told(found, args.problems, output)


def _told(found: ConnectorRun, most: int, output: Output) -> int:
    brought = "would_open" if found.dry else "opened"
    output.record({"connector": found.name, "state": found.state, brought: found.opened, "known": found.known,
                   "problems": len(found.problems), "more": found.more or None, "wait_until": At(found.wait_until),
                   "titles": list(found.titles) or None})  # fmt: skip
    for problem in found.problems[:most]:
        output.warn(problem)
    if len(found.problems) > most > 0:
        output.warn(_("... and {n} more: --problems N shows them.").format(n=number(len(found.problems) - most)))
    if found.says:
        output.warn(f"{found.name}: {found.says}")
    if found.state == kept.STOPPED:
        output.warn(_("Stopped. What was taken in stays; the next run goes on behind it."))
        return STOPPED
    return REFUSED if found.state == kept.FAILED else DONE


def _test(bench: Workbench, args: Namespace, output: Output) -> int:
    page = connectors.test(bench, args.name)
    output.record({"connector": args.name, "answers": True, "found": len(page.reports) + len(page.mails),
                   "problems": len(page.problems), "more": page.more})  # fmt: skip
    return DONE


def _sign_in(bench: Workbench, args: Namespace, output: Output) -> int:
    row = connectors.row(bench, args.name)
    secret = _secret(args)
    if not secret:
        raise UsageError(_("There is no password on standard input. Nothing was kept."))
    connector_keys.keep(bench, row.name, secret)
    connector_plan.mended(bench, row.name)
    output.record({"connector": row.name, "signed_in": True})
    return DONE


def _secret(args: Namespace) -> str:
    if args.password_stdin or not sys.stdin.isatty():
        return standard_input().rstrip("\r\n")
    from getpass import getpass

    return getpass(_("Password or token of {name}: ").format(name=args.name))


def _sign_out(bench: Workbench, args: Namespace, output: Output) -> int:
    row = connectors.row(bench, args.name)
    output.record({"connector": row.name, "signed_out": connector_keys.forget(bench, row.name)})
    if os.environ.get(variable := connector_keys.variable(row.name)):
        output.warn(_("{variable} is set: it signs in all the same.").format(variable=variable))
    return DONE


_ACTS = {"list": _listed, "run": _run, "test": _test, "sign-in": _sign_in, "sign-out": _sign_out}
