"""Originals that need not be kept any longer: of cases that closed long ago, and that no duty to keep data holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain.operations import AddNote
from escaltui.i18n import _
from escaltui.store import purge

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

BATCH = 500


class Due(NamedTuple):
    """What may go: the originals by hash, the cases whose files they are, and how many bytes that frees."""

    hashes: tuple[str, ...]
    cases: tuple[str, ...]
    size: int


def due(bench: Workbench, before: int) -> Due:
    """The originals that only cases hold which closed, and were left alone, since `before` (ms UTC), and whose data
    need not be kept (`keep_until` has passed). One that any other case holds stays."""
    held = bench.store.read(lambda connection: purge.retired(connection, before, bench.now()))
    sizes: dict[str, int] = {}
    for sha256 in held:
        size = bench.store.original_size(sha256)
        if size is not None:
            sizes[sha256] = size
    cases = {case_id for sha256 in sizes for case_id in held[sha256]}
    return Due(tuple(sorted(sizes)), tuple(sorted(cases)), sum(sizes.values()))


def remove(bench: Workbench, found: Due, before: str) -> None:
    """Unlink them, after a note on each case says so."""
    said = _("Originals of this case were removed: it closed before {day}.").format(day=before)
    for at in range(0, len(found.cases), BATCH):
        bench.do_many([AddNote(case=case_id, body=said) for case_id in found.cases[at : at + BATCH]])
    bench.store.remove_originals(found.hashes)
