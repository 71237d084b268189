"""What a sheet or prompt gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from escaltui.i18n import ngettext, number
from escaltui.safety.text import SafeText

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.faces import BulkPreview

SHEETS = {
    "note": "note:NoteSheet",
    "new": "new_case:NewCaseSheet",
    "change_triage": "triage:TriageSheet",
    "change_facts": "facts:FactsSheet",
    "change_merge": "merge:MergeSheet",
    "change_split": "split:SplitSheet",
    "decide": "decide:DecideSheet",
    "consult": "consult:ConsultSheet",
    "reply": "reply:ReplySheet",
    "update": "update:UpdateSheet",
    "change_checklist": "checklist:ChecklistSheet",
}
"""Verb -> module and class in screens/sheets."""


NAMED = 3
"""How many refusals of a set are told one by one."""


def set_words(found: BulkPreview, *, done: bool = False) -> str:
    """What a verb will do, or did, to the marked set: `36 cases will change, 2 will not.`"""
    count, refused = len(found.will_change), len(found.refused)
    if done:
        said = ngettext("{n} case changed", "{n} cases changed", count).format(n=number(count))
        left = ngettext("{n} not", "{n} not", refused).format(n=number(refused))
    else:
        said = ngettext("{n} case will change", "{n} cases will change", count).format(n=number(count))
        left = ngettext("{n} will not", "{n} will not", refused).format(n=number(refused))
    return f"{said}, {left}." if refused else f"{said}."


def why_words(found: BulkPreview) -> str:
    """Why the others do not change: the first few refusals in their own words."""
    told = [reason if ref in reason else f"{ref}: {reason}" for ref, _code, reason in found.refused]
    return " ".join([*told[:NAMED], *(["..."] if len(told) > NAMED else [])])


class Made(NamedTuple):
    """What a verb will do: an operation for each case id, what is said when it is done, the draft it came from."""

    make: Callable[[str], Operation]
    done: SafeText
    draft: str = ""
