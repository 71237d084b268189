"""One verb on many cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.faces import BulkPreview
from escaltui.i18n import _
from escaltui.workbench.desk import BULK_LIMIT

if TYPE_CHECKING:
    from escaltui.store.values import Done
    from escaltui.workbench.door import Workbench


class TooMany(ValueError):
    """More cases marked than one verb may touch."""


def do_marked(
    bench: Workbench, make: Callable[[str], Operation], case_ids: Sequence[str], *, dry_run: bool
) -> BulkPreview:
    """One operation a case in one transaction, each accepted or refused on its own. A dry run writes nothing.

    Raises TooMany for more than 200 cases.
    """
    if len(case_ids) > BULK_LIMIT:
        raise TooMany(
            _("{n} cases are marked; one verb takes at most {limit}. Unmark some.").format(
                n=len(case_ids), limit=BULK_LIMIT
            )
        )
    ops = [make(case_id) for case_id in case_ids]
    outcomes = _judged(bench, ops) if dry_run else bench.do_many(ops)
    changed, refused = [], []
    for case_id, outcome in zip(case_ids, outcomes, strict=True):
        row = bench.store.line(case_id)
        ref = row.ref if row else case_id
        if isinstance(outcome, Refused):
            refused.append((ref, outcome.code, wording.refusal(outcome)[0]))
        else:
            changed.append(ref)
    return BulkPreview(tuple(changed), tuple(refused))


def _judged(bench: Workbench, ops: Sequence[Operation]) -> list[Done | Refused]:
    """What each would get as things stand; what an earlier one of the set does to a later one is not foreseen."""
    who, now = bench.who, bench.now()
    return [bench.store.judge(op, who, now, bench.rules, op_id=bench.operation_id()) for op in ops]
