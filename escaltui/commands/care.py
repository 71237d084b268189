"""Commands that look after the store: audit verify, doctor, keys, backup, people."""

from __future__ import annotations

import os
import platform
import sqlite3
from argparse import Namespace

from escaltui import keys
from escaltui.commands.output import DONE, REFUSED, Output, Value
from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddPerson
from escaltui.workbench import Workbench


def audit(bench: Workbench, args: Namespace, output: Output) -> int:
    """Recompute the hash chain of the change log; exit 1 where a change is not as it was written."""
    found = bench.store.verify()
    output.record({"changes": found.changes, "sound": found.sound,
                   "heads": {stream: f"{seq} {digest}" for stream, (seq, digest) in found.heads.items()},
                   "broken": f"{found.broken[0]} {found.broken[1]}" if found.broken else "",
                   "reason": found.reason})  # fmt: skip
    return DONE if found.sound else REFUSED


def doctor(bench: Workbench, args: Namespace, output: Output) -> int:
    """What this installation is and whether it is well."""
    sound = bench.store.verify()
    mode = bench.store.folder.stat().st_mode & 0o777
    output.record(
        {"store": str(bench.store.folder), "mode": oct(mode), "private": mode == 0o700, "person": bench.me,
         "cases": bench.store.count(None), "changes": sound.changes, "log_sound": sound.sound,
         "encrypted": False, "settings": str(bench.config.file), "problems": list(bench.problems),
         "python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "terminal": os.environ.get("TERM", ""),
         "recorders": [name for name in ("TMUX", "STY", "ZELLIJ", "ASCIINEMA_REC") if name in os.environ]}
    )  # fmt: skip
    return DONE if sound.sound and not bench.problems else REFUSED


def people(bench: Workbench, args: Namespace, output: Output) -> int:
    """Colleagues known here; `people add LOGIN` makes one more."""
    if args.login:
        outcome = bench.do(AddPerson(login=args.login, name=args.name, roles=tuple(args.role) or ("specialist",),
                                     languages=tuple(args.lang)))  # fmt: skip
        if isinstance(outcome, Refused):
            return output.refuse(outcome)
    output.records(({"login": p.login, "name": p.name, "roles": p.roles, "languages": p.languages}
                    for p in bench.people()), (("login", 12), ("name", 20), ("languages", 16), ("roles", 0)))  # fmt: skip
    return DONE


def show_keys(args: Namespace, output: Output, overrides: dict[str, str], problems: tuple[str, ...]) -> int:
    """The key table; `keys check` tells what is wrong with the person's own keys."""
    if args.check:
        for problem in problems:
            output.warn(problem)
        output.say("Own keys are fine." if not problems else f"{len(problems)} to mend.")
        return REFUSED if problems else DONE
    rows = [{name: _cell(value) for name, value in row.items()} for row in keys.table(overrides)]
    output.records(rows, (("keys", 14), ("label", 20), ("where", 22), ("help", 0)))
    return DONE


def _cell(value: object) -> Value:
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)
