"""Macros on a case: previewed, run whole or not at all, undone by one undo."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from escaltui import macro_files, when
from escaltui.domain.changes import Refused, refused
from escaltui.domain.macros import Macro, operations
from escaltui.domain.operations import Undo
from escaltui.workbench.desk import NotKnown, Undone
from escaltui.workbench.worklists import of_family

if TYPE_CHECKING:
    from escaltui.domain.entities import Case
    from escaltui.store.values import OwnOperation
    from escaltui.workbench.door import Workbench

LOOK_BACK = 1000


class Step(NamedTuple):
    """What one step of a macro did, or would do: the operation's name, and why it was refused."""

    verb: str
    refused: Refused | None = None


class Ran(NamedTuple):
    """What became of a macro: done whole, or not at all where a step was refused. `changed`: the case's changed fields
    in order, as they would be read in its timeline."""

    macro: str
    ok: bool
    steps: tuple[Step, ...]
    changed: tuple[str, ...] = ()
    op_ids: tuple[str, ...] = ()


def macros(bench: Workbench, case_id: str = "") -> tuple[tuple[Macro, ...], tuple[str, ...]]:
    """The macros there are (for one case: those that fit it), and a sentence for each file that cannot be used."""
    found, faults = macro_files.load(bench.config.folder)
    case = bench.store.case(case_id) if case_id else None
    return tuple(macro for macro in found if case is None or macro.fits(case)), faults


def named(bench: Workbench, name: str) -> Macro:
    """A macro by its id or key. Raises NotKnown with those there are."""
    found, _faults = macros(bench)
    macro = next((each for each in found if name in (each.id, each.key) and name), None)
    if macro is None:
        from escaltui.i18n import _

        known = ", ".join(each.id for each in found)
        raise NotKnown(_("There is no macro {name!r}. Macros: {known}.").format(name=name, known=known))
    return macro


def run(
    bench: Workbench, macro: Macro, case_id: str, values: Mapping[str, str], *, dry_run: bool = False
) -> Ran | Refused:
    """Run a macro on a case in one transaction. A dry run judges each step after those before it and keeps nothing.

    Raises MacroFault where something asked for is empty or a step cannot be made, WhenError for a time it cannot read.
    """
    case = bench.store.case(case_id)
    if case is None:
        return bench.not_found(case_id)
    if not macro.fits(case):
        return refused("blocked", "{title} is not for a case of this kind.", "Look at the macro's `when`.",
                       title=macro.titled("en"))  # fmt: skip
    ops = operations(macro, case, bench.me, values, partial(_moment, now=bench.now()))
    outcome = bench.do_all(ops, dry_run=dry_run)
    why = dict(outcome.refused)
    steps = tuple(Step(type(op).__name__, why.get(n)) for n, op in enumerate(ops))
    changes = [change for each in outcome.done for change in each.changes]
    changed = tuple(dict.fromkeys(_told(change.entity, path, case) for change in changes for path in change.fields))
    ids = () if dry_run else tuple(each.op_id for each in outcome.done)
    return Ran(macro.id, not outcome.refused, steps, changed, ids)


def _moment(text: str, now: int) -> int:
    return when.parse(text, now)


def _told(entity: str, path: str, case: Case) -> str:
    return path if entity == case.NAME else f"{entity}.{path}"


def undo(bench: Workbench, each: OwnOperation) -> Undone | Refused | None:
    """Take back all operations that were done together with one of mine, the last first, all or none.

    None where it was done alone, so that the caller undoes it by itself.
    """
    own = bench.store.own_operations(bench.me, LOOK_BACK)
    taken_back = {one.undoes for one in own if one.type == "Undo"}
    together = [one for one in own if of_family(one.op_id, each.op_id) and one.type != "Undo"]
    left = [one for one in together if one.op_id not in taken_back]
    if len(together) < 2 or not left:
        return None
    outcome = bench.do_all([Undo(operation=one.op_id) for one in left])
    if outcome.refused:
        return outcome.refused[0][1]
    row = bench.store.line(each.case_id) if each.case_id else None
    return Undone("Macro", each.case_id, row.ref if row else "")
