"""The door: `escaltui` opens the workbench, `escaltui COMMAND` is its plain twin."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from escaltui import config as settings
from escaltui.commands import parser
from escaltui.commands.output import DEFECT, REFUSED, STORE, Output
from escaltui.workbench import NotKnown, Workbench

Command = Callable[[Workbench, Namespace, Output], int]
DEMO = "demo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives its exit code. Never shows a traceback: a defect is named, with where it happened."""
    args = parser.build().parse_args(arguments)
    output = Output(_mode(args))
    try:
        return _run(args, output)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _failed(error, args, output)


def _mode(args: Namespace) -> str:
    if args.json:
        return "json"
    return "plain" if args.plain or not sys.stdout.isatty() else "table"


def _failed(error: Exception, args: Namespace, output: Output) -> int:
    from escaltui.domain.query import QueryError
    from escaltui.intake.found import IntakeError
    from escaltui.policy.library import PolicyError
    from escaltui.store.errors import StoreError

    if isinstance(error, StoreError):
        output.warn(str(error))
        return STORE
    if isinstance(error, QueryError | IntakeError | PolicyError | NotKnown | OSError) and str(error):
        output.warn(str(error))
        return REFUSED
    if args.dev:
        raise error
    output.warn(_defect(error))
    return DEFECT


def _defect(error: Exception) -> str:
    """A defect without any case text: its kind and where it happened."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"A defect: {type(error).__name__} at {where}. Nothing saved was lost. Run `escaltui doctor` and report it."


def store_folder(args: Namespace, config: settings.Config, *, demo: bool = False) -> Path:
    """--store, ESCALTUI_STORE, the settings, or the system's usual place; the demo's folder lies beside it."""
    named = args.store or os.environ.get("ESCALTUI_STORE", "") or config.store
    if named:
        folder = Path(named).expanduser()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("escaltui", appauthor=False) / "desk"
    return folder.parent / DEMO if demo and not args.store else folder


def _run(args: Namespace, output: Output) -> int:
    config = settings.load()
    if args.command == "keys":
        from escaltui.commands.care import show_keys

        return show_keys(args, output, config.keys, config.problems)
    demo = args.command == DEMO
    acting = args.acting_as or os.environ.get("ESCALTUI_AS", "")
    folder = store_folder(args, config, demo=demo)
    if args.command == "open" or (demo and not args.no_open and sys.stdout.isatty()):
        return _open(folder, config, args, acting, demo=demo)
    bench = Workbench.open(folder, config=config, acting_as=acting)
    try:
        if demo:
            return _make_demo(bench, args, output)
        bench.tick()
        return _command(args)(bench, args, output)
    finally:
        bench.close()


def _make_demo(bench: Workbench, args: Namespace, output: Output) -> int:
    from escaltui.commands.moving import progress_line
    from escaltui.workbench.seeding import DEFAULT_CASES, seed

    seed(bench, args.cases or DEFAULT_CASES, progress_line(sys.stderr))
    output.record({"store": str(bench.store.folder), "cases": bench.store.count(None)})
    return 0


def _open(folder: Path, config: settings.Config, args: Namespace, acting: str, *, demo: bool) -> int:
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        Output("plain").warn("The workbench needs a terminal. `escaltui --help` lists the commands for scripts.")
        return REFUSED
    from escaltui.app import run

    return run(folder, config, acting_as=acting, demo=demo, demo_cases=getattr(args, "cases", 0), dev=args.dev)


def _command(args: Namespace) -> Command:
    from escaltui.commands import care, library, moving, reading, verbs, writing

    found: dict[str, Command] = {
        "ls": reading.ls, "show": reading.show, "brief": reading.brief, "next": reading.next_case,
        "views": reading.views, "note": writing.note, "cite": writing.cite, "new": writing.new, "undo": verbs.undo,
        "import": moving.import_cases, "export": moving.export, "policy": library.run, "audit": care.audit,
        "doctor": care.doctor, "people": care.people,
    }  # fmt: skip
    return found.get(args.command, verbs.run)


if __name__ == "__main__":
    sys.exit(main())
