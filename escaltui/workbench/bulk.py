"""One verb on many cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused
from escaltui.domain.operations import Operation
from escaltui.faces import BulkPreview
from escaltui.workbench.door import BULK_LIMIT

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


class TooMany(ValueError):
    """More cases marked than one verb may touch."""


def do_marked(
    bench: Workbench, make: Callable[[str], Operation], case_ids: Sequence[str], *, dry_run: bool
) -> BulkPreview:
    """One operation a case, each accepted or refused on its own. A dry run asks the rules and writes nothing."""
    if len(case_ids) > BULK_LIMIT:
        raise TooMany(f"{len(case_ids)} cases are marked; one verb takes at most {BULK_LIMIT}. Unmark some.")
    changed, refused = [], []
    for case_id in case_ids:
        op = make(case_id)
        outcome = (
            bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id())
            if dry_run
            else bench.do(op)
        )
        line = bench.line(case_id)
        ref = line.ref if line else case_id
        if isinstance(outcome, Refused):
            refused.append((ref, outcome.code, outcome.reason))
        else:
            changed.append(ref)
    return BulkPreview(tuple(changed), tuple(refused))
