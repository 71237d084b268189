"""The door: `escaltui` opens the workbench, `escaltui COMMAND` is its plain twin."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from escaltui import config as settings
from escaltui import i18n
from escaltui.commands.output import DEFECT, DONE, REFUSED, STOPPED, STORE, USAGE, Output
from escaltui.crashes import Defects
from escaltui.i18n import _
from escaltui.state import state_folder

if TYPE_CHECKING:
    from argparse import Namespace

    from escaltui.workbench import Workbench

    Command = Callable[[Workbench, Namespace, Output], int]
DEMO = "demo"
RUN = {
    "ls": "reading:ls", "next": "reading:next_case", "views": "reading:views", "show": "cases:show",
    "brief": "cases:brief", "note": "writing:note", "cite": "writing:cite", "new": "writing:new",
    "undo": "doing:undo", "split": "doing:split", "import": "moving:import_cases", "export": "moving:export",
    "policy": "library:run", "audit": "care:audit", "backup": "care:backup", "people": "care:people",
    "decide": "deciding:decide", "appeal": "deciding:appeal", "precedents": "deciding:precedents",
    "byhand": "byhand:run", "consult": "consulting:consult", "answer": "consulting:answer", "who": "consulting:who",
    "reply": "lettering:reply", "letters": "lettering:listed", "sign": "lettering:sign", "send": "lettering:send",
    "relay": "lettering:relay", "discard": "lettering:discard", "templates": "lettering:templates",
    "receive": "lettering:receive", "task": "tasking:task", "tasks": "tasking:tasks",
    "checklist": "tasking:checklist", "steps": "tasking:steps", "clock": "timing:run", "update": "updating:update",
    "contact": "updating:contact", "macro": "macroing:run", "sor": "stating:run",
    "exposure": "exposure:run", "media": "media:run", "actor": "actor:run",
    "requester": "requester:run",
    "member": "access:member", "connect": "remote:connect", "sync": "remote:sync", "signout": "remote:signout",
    "handover": "shift:handover", "watch": "shift:watch", "risk": "shift:risk",
    "insight": "insight:run", "recommend": "learning:recommend", "goal": "learning:goal", "report": "reporting:run",
    "connector": "connecting:run", "ozone": "ozone:run",
    "outbox": "outbox:run", "incident": "crisis:incident", "ruling": "crisis:ruling", "status": "crisis:status",
    "bundle": "bundling:run", "transparency": "transparency:run",
    "similar": "similar:similar", "repeats": "similar:repeats",
}  # fmt: skip
"""Where each command that is no verb lies: imported only when it is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code. Never shows a traceback: a defect is named, with where it happened."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    args = _to_open(given) or _parsed(given)
    output = Output(_mode(args))
    defects = Defects(state_folder if arguments is None else None)
    hooked = arguments is None and not args.dev  # a caller in Python keeps its own hooks
    if hooked:
        defects.install()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a terminal without UTF-8 shows ? rather than nothing
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        code = _run(args, output, defects if hooked else None)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        output.warn(_("Stopped."))
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: no complaint at exit
        return DONE
    except Exception as error:
        return _failed(error, args, output, defects)


def _to_open(given: Sequence[str]) -> Namespace | None:
    """What to open, where nothing more is asked: the grammar of all commands takes as long to load as a screen."""
    words, found = list(given[1:] if given[:1] == ["open"] else given), {"store": "", "acting_as": ""}
    while words:
        name = {"--store": "store", "--as": "acting_as"}.get(words.pop(0))
        if name is None or not words or words[0].startswith("-") or not words[0].isprintable():
            return None
        found[name] = words.pop(0)
    return cast("Namespace", SimpleNamespace(command="open", json=False, plain=False, dev=False, **found))


def _parsed(given: Sequence[str]) -> Namespace:
    from escaltui.commands import grammar, parser

    return grammar.parse(parser.build(grammar.command_in(given)), given)


def _mode(args: Namespace) -> str:
    if args.json:
        return "json"
    return "plain" if args.plain or not sys.stdout.isatty() else "table"


def _failed(error: Exception, args: Namespace, output: Output, defects: Defects) -> int:
    """The sentence and the exit code of what went wrong."""
    from escaltui.bundling.faults import BundleFault
    from escaltui.commands.verbs import UsageError
    from escaltui.config import ConfigError
    from escaltui.domain.macros import MacroFault
    from escaltui.domain.query import QueryError
    from escaltui.drafting import EditorError
    from escaltui.intake.found import IntakeError
    from escaltui.outbound import OutboundError
    from escaltui.policy.library import PolicyError
    from escaltui.store import StoreError
    from escaltui.when import WhenError
    from escaltui.workbench import NotKnown
    from escaltui.workbench.statement_batches import StatementsError

    codes: dict[type[Exception], int] = {
        StoreError: STORE, UsageError: USAGE, QueryError: USAGE, IntakeError: REFUSED, PolicyError: REFUSED,
        NotKnown: REFUSED, EditorError: REFUSED, ConfigError: REFUSED, OutboundError: REFUSED, MacroFault: USAGE,
        StatementsError: REFUSED, WhenError: USAGE, BundleFault: REFUSED,
    }  # fmt: skip
    from escaltui import wording

    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if code is not None:
        hint = " " + _("(escaltui ls --help shows how queries are written)") if isinstance(error, QueryError) else ""
        output.warn(f"{wording.fault(error)}{hint}")
        return code
    if args.dev:
        raise error
    found = defects.note(error, "command")
    said = _("A defect: {kind} at {place}, id {id}. Nothing saved was lost. Run `escaltui doctor` and report it.")
    output.warn(said.format(kind=found.kind, place=found.place, id=found.id))
    return DEFECT


def store_folder(args: Namespace, config: settings.Config, *, demo: bool = False) -> Path:
    """--store, ESCALTUI_STORE, the settings, or the system's usual place; the demo's folder lies beside it."""
    named = args.store or os.environ.get("ESCALTUI_STORE", "") or config.store
    if named:
        folder = Path(named).expanduser()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("escaltui", appauthor=False) / "desk"
    return folder.parent / DEMO if demo and not args.store else folder


def _run(args: Namespace, output: Output, hooks: Defects | None) -> int:
    i18n.set_language("en" if args.json else "")  # for what reading the settings may have to say
    config, demo = settings.load(), args.command == DEMO
    i18n.set_language("en" if args.json else config.ui.language)
    acting = args.acting_as or os.environ.get("ESCALTUI_AS", "")
    folder = store_folder(args, config, demo=demo)
    if args.command in ("keys", "doctor"):
        from escaltui.commands import care

        if args.command == "keys":
            return care.show_keys(args, config, output)
        return care.doctor(folder, config, acting, output)
    if args.command == "store":
        from escaltui.commands import storing

        return storing.run(folder, config, args, output)
    if args.command == "serve":
        from escaltui.commands import serving

        return serving.run(config, args, output)
    if args.command == "bundle" and args.action in ("verify", "show"):
        from escaltui.commands import bundling

        return bundling.alone(args, output)
    if args.command == "open" or (demo and not args.no_open and sys.stdout.isatty()):
        return _open(folder, config, args, acting, output, hooks)
    if demo:
        return _make_demo(folder, config, args, acting, output)
    from escaltui.store import StoreError
    from escaltui.workbench import Workbench

    with Workbench.open(folder, config=config, acting_as=acting) as bench:
        for problem in bench.problems:
            output.warn(problem)
        with suppress(StoreError):  # a store that only reads, or is busy: what time owes is done by the next one
            bench.tick()
        code = _command(args.command)(bench, args, output)
        if bench.store.remote is not None:
            from escaltui.commands.remote import leave

            leave(bench, args, output)
        return code


def _command(name: str) -> Command:
    module, _, function = RUN.get(name, "doing:run").partition(":")
    found: Command = getattr(import_module(f"escaltui.commands.{module}"), function)
    return found


def _make_demo(folder: Path, config: settings.Config, args: Namespace, acting: str, output: Output) -> int:
    from escaltui.commands.progress import progress_line
    from escaltui.workbench.seeding import open_demo

    with open_demo(folder, config, acting_as=acting, cases=args.cases, on_progress=progress_line(sys.stderr)) as bench:
        output.record({"store": str(folder), "cases": bench.store.count(None), "person": bench.me})
    return DONE


def _open(
    folder: Path, config: settings.Config, args: Namespace, acting: str, output: Output, hooks: Defects | None
) -> int:
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        output.warn(_("The workbench needs a terminal. `escaltui --help` lists the commands for scripts."))
        return REFUSED
    from escaltui.opening import Opening, run

    demo = args.command == DEMO
    demo_folder = folder if demo else folder.parent / DEMO
    opening = Opening(folder, demo_folder, acting, args.cases if demo else 0, hooks)
    return run(opening, config, demo=demo, dev=args.dev)


if __name__ == "__main__":
    sys.exit(main())
