"""Split: some items of a case get a case of their own; the two stay linked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused, refused
from escaltui.domain.entities import Case, Subject
from escaltui.i18n import _
from escaltui.store.values import Done
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def items(bench: Workbench, case_id: str, named: Sequence[str]) -> tuple[str, ...]:
    """The row ids of items named by row id, item id or link. Raises NotKnown, which lists what the case has."""
    rows = bench.store.bundle(case_id)
    subjects = rows.subjects if rows else ()
    by_name = {name: each.id for each in subjects for name in (each.url, each.item_id, each.id) if name}
    missing = next((name for name in named if name not in by_name), None)
    if missing is not None:
        some = ", ".join(each.item_id or each.url for each in subjects[:5]) or _("none")
        raise NotKnown(
            _("This case has no item {missing}. Its items: {some}{more}.").format(
                missing=missing, some=some, more=" ..." if len(subjects) > 5 else ""
            )
        )
    return tuple(dict.fromkeys(by_name[name] for name in named))


def split(bench: Workbench, case_id: str, picked: Sequence[str], title: str, op_id: str) -> Done | Refused:
    """Open the new case and take its items off the old one, in one transaction. Gives the first refusal, if any.

    Items are taken as the store has them, not as they are shown: their ids come from their exact names.
    """
    rows = bench.store.bundle(case_id)
    if rows is None:
        return bench.not_found(case_id)
    chosen = [subject for subject in rows.subjects if subject.id in set(picked)]
    if not chosen or len(chosen) >= len(rows.subjects):
        return refused("incomplete", "A split takes some of the items, not all.", "Leave at least one item here.")
    opening = op_id or bench.operation_id()
    opened = _opened(rows.case, chosen, title, ids.entity_id(opening, 0))
    leaving = [ops.DetachSubject(case=case_id, subject=item.id) for item in chosen]
    outcomes = bench.do_many([opened, *leaving], [opening, *(bench.operation_id() for _item in leaving)])
    return next((outcome for outcome in outcomes if isinstance(outcome, Refused)), outcomes[0])


def _opened(case: Case, chosen: Sequence[Subject], title: str, new_id: str) -> ops.OpenCase:
    return ops.OpenCase(
        title=title or case.title, case_type=case.type, desk=case.desk, product=case.product, countries=case.countries,
        languages=case.languages, severity=case.severity, harm=case.harm, flags=case.flags,
        subjects=tuple(_again(item, case.subjects.get(item.id, "primary")) for item in chosen),
        split_from=case.id, received_at=case.received_at, opens=new_id,
    )  # fmt: skip


def _again(item: Subject, role: str) -> ops.NewSubject:
    return ops.NewSubject(
        platform=item.platform, item_type=item.item_type, item_id=item.item_id, url=item.url, author=item.author,
        reach=item.reach, text=item.text, role=role,
    )  # fmt: skip
