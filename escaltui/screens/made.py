"""What a sheet or prompt gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from escaltui.safety.text import SafeText

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation

SHEETS = {
    "note": "note:NoteSheet",
    "new": "new_case:NewCaseSheet",
    "change_triage": "triage:TriageSheet",
    "change_facts": "facts:FactsSheet",
    "change_merge": "merge:MergeSheet",
    "change_split": "split:SplitSheet",
}
"""Verb -> module and class in screens/sheets."""


class Made(NamedTuple):
    """What a verb will do: an operation for each case id, what is said when it is done, the draft it came from."""

    make: Callable[[str], Operation]
    done: SafeText
    draft: str = ""
