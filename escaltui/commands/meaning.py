"""The command policy model: which sentence encoder look-up by meaning uses, and how far its vectors are."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from escaltui.commands.output import DONE, REFUSED, STOPPED, Output
from escaltui.commands.verbs import UsageError
from escaltui.i18n import _
from escaltui.workbench import Workbench

WORDS_OFF = "off"


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """What was asked for of the model."""
    if bool(args.path) != (args.what == "use"):
        raise UsageError(_("escaltui policy model use PATH or NAME, or one of status, build, off without a path."))
    return {"use": use, "status": status, "build": build, "off": off}[args.what](bench, args, output)


def use(bench: Workbench, args: Namespace, output: Output) -> int:
    """Choose the model of a folder or of a name on a hub, once it was checked whole, and make its vectors."""
    from escaltui.intake.model_hub import is_name

    by_name = is_name(args.path) and not bench.store.encrypted
    chosen = bench.meaning.use(bench.meaning.fetch(args.path) if by_name else Path(args.path))
    output.record({"done": "use", "model": chosen.path, "id": chosen.id, "dimensions": chosen.width})
    return DONE if args.later else build(bench, args, output)


def status(bench: Workbench, args: Namespace, output: Output) -> int:
    """How look-up by meaning stands."""
    found = bench.meaning.standing()
    if found is None:
        output.record({"state": WORDS_OFF})
        output.warn(_("Look-up is by words alone. A sentence encoder adds meaning: escaltui policy model use PATH."))
        return DONE
    ready = (found.sections_ready, found.cases_ready) == (found.sections, found.cases)
    state = "unusable" if found.why else "ready" if ready else "preparing"
    output.record({"state": state, **found._asdict()})
    if found.why:
        output.warn(found.why)
    return REFUSED if found.why else DONE


def build(bench: Workbench, args: Namespace, output: Output) -> int:
    """Make the vectors that are missing; Ctrl-C stops after the step in hand, and the next time goes on there."""
    from escaltui.commands.progress import progress_line, stoppable
    from escaltui.workbench import meaning_build

    ended = meaning_build.give_way() if args.beside else None
    with stoppable() as pressed:
        found = meaning_build.build(
            bench, progress_line(sys.stderr), lambda: pressed() or (ended is not None and ended())
        )
    output.record({"done": "build", "made": found.made, "kept": found.kept, "removed": found.removed,
                   "whole": found.whole})  # fmt: skip
    if not found.whole:
        output.warn(_("Stopped. escaltui policy model build goes on where this ended."))
    return DONE if found.whole else STOPPED


def off(bench: Workbench, args: Namespace, output: Output) -> int:
    """Full text alone again; the vectors are removed."""
    output.record({"done": WORDS_OFF, "was_on": bench.meaning.off()})
    return DONE
