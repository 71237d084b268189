"""The command `exposure`: the private ledger of looks, shown, emptied, turned off and on by the person it is about."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.i18n import _
from escaltui.workbench import Workbench

WEEK = (Column("day", "DAY", 10), Column("minutes", "MINUTES", 7), Column("looks", "LOOKS", 5),
        Column("graphic", "GRAPHIC", 7), Column("passages", "PASSAGES", 0))  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments; without one, what the ledger holds."""
    if args.action == "clear":
        output.record({"done": "exposure clear", "looks": bench.exposure.forget()})
        return DONE
    if args.action in ("off", "on"):
        return _turned(bench, args.action, output)
    return _shown(bench, output)


def _turned(bench: Workbench, to: str, output: Output) -> int:
    if to == "on" and bench.exposure.budget.ledger == "off":
        said = _('{file} keeps the ledger off: write ledger = "local" in its section [exposure], then try again.')
        output.warn(said.format(file=bench.config.file))
        return REFUSED
    bench.exposure.turn(off=to == "off")
    output.record({"done": f"exposure {to}"})
    if to == "off":
        output.say(_("No look is written from now on. escaltui exposure clear empties what is there."))
    return DONE


def _shown(bench: Workbench, output: Output) -> int:
    exposure, now = bench.exposure, bench.now()
    on, week = exposure.on, exposure.week()
    done, budget = exposure.refresh(), exposure.budget
    output.record({
        "ledger": "on" if on else "off", "since": At(done.since),
        "clear_minutes": round(done.seconds / 60, 1), "of_clear_minutes": budget.clear_minutes,
        "graphic_looks": done.graphic, "of_graphic_looks": budget.graphic_looks,
        "minutes_without_break": done.stretch // 60_000, "of_minutes_without_break": budget.break_after_minutes,
        "interleave": budget.interleave, "not_today": sorted(exposure.left_out(now)),
    })  # fmt: skip

    def rows() -> Iterator[dict[str, Value]]:
        for day in week:
            yield {"day": day.day, "minutes": round(day.seconds / 60, 1), "looks": day.looks, "graphic": day.graphic,
                   "passages": day.passages}  # fmt: skip

    output.records(rows(), WEEK)
    return DONE
