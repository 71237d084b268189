"""Faults of the files that decide: each named with its file, row and field; the packaged ones have none."""

from __future__ import annotations

from typing import Any

import pytest
from desk import PACKAGED
from msgspec.structs import replace

from escaltui.domain.decision_check import check
from escaltui.domain.decision_rows import ActionRow, ApprovalRow, Checklist, Platform

REMOVE = ActionRow(id="x", label="X", kind="visibility_content_removed")
CASES: list[tuple[str, Any, str, str]] = [
    ("actions", replace(REMOVE, kind="visibility_removed"), "kind", "no kind"),
    ("actions", replace(REMOVE, items=("pst",)), "items", 'did you mean "post"'),
    ("actions", replace(REMOVE, kind="restored", restores=("remov",)), "restores", 'did you mean "remove"'),
    ("actions", replace(REMOVE, kind="restored", restores=("restore",)), "restores", "restores itself"),
    ("actions", replace(REMOVE, restores=("remove",)), "restores", "takes actions back"),
    ("approval", ApprovalRow(id="x", when="sevv:0"), "when", 'no field "sevv"'),
    ("approval", ApprovalRow(id="x", when="flag:hgh_profile"), "when", 'did you mean "high_profile"'),
    ("approval", ApprovalRow(id="x", when="kind:account_closed"), "when", "no kind"),
    ("approval", ApprovalRow(id="x", when="outcome:guilty"), "when", "no outcome"),
    ("approval", ApprovalRow(id="x", when="reversible:maybe"), "when", "no reversible"),
    ("approval", ApprovalRow(id="x", when="verified:failed"), "when", "no verified"),
    ("approval", ApprovalRow(id="x", when="event:election"), "when", "not known when a decision is made"),
    ("approval", ApprovalRow(id="x", when="type:*_removals"), "when", "no type"),
    ("approval", ApprovalRow(id="x", when="sev:0", needs=()), "needs", "empty"),
    ("approval", ApprovalRow(id="x", when="sev:0", sample=10), "sample", "afterwards"),
    ("checklists", Checklist(id="x", label="X", when="type:press"), "steps", "empty"),
    ("checklists", Checklist(id="x", label="X", when="type:pres-s", steps=("s",)), "when", "no type"),
    ("platforms", Platform(id="x", label="X", links={"pst": "https://a.example"}), "links.pst", "no item type"),
    ("platforms", Platform(id="x", label="X", links={"*": "http://a.example"}), "links.*", "https"),
    ("platforms", Platform(id="x", label="X", links={"*": "https://a.example/{id}"}), "links.*", "item_id, url"),
    ("platforms", Platform(id="x", label="X", links={"*": "https://a.example/{item_id"}), "links.*", "braces"),
]


@pytest.mark.parametrize(("file", "row", "field", "says"), CASES)
def test_a_fault_is_named_where_it_is(file: str, row: Any, field: str, says: str) -> None:
    found = list(check(replace(PACKAGED, **{file: getattr(PACKAGED, file) | {"x": row}})))
    assert [(each[0], each[2], each[3]) for each in found] == [(file, "x", field)]
    assert says in str(found[0][4])


def test_the_packaged_files_have_none() -> None:
    assert list(check(PACKAGED)) == []
    good = ApprovalRow(id="x", when="type:legal type:*_order -flag:election verified:yes reach>=1000 action:remove")
    assert list(check(replace(PACKAGED, approval={"x": good}))) == []
