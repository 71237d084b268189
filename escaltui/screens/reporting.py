"""What `:report` takes, and the work behind it: count, gather, write, keep. No widget: a place says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui.i18n import _
from escaltui.workbench import NotKnown, insight, report

if TYPE_CHECKING:
    from escaltui.workbench import Workbench


class Wanted(NamedTuple):
    """A report that is asked for."""

    form: str = report.HTML
    weeks: int = 1


def asked(typed: str) -> Wanted | str:
    """What was typed: nothing, a number of weeks, a format, or both; a sentence where it is something else."""
    wanted = Wanted()
    for word in typed.lower().split():
        if word in report.FORMS:
            wanted = wanted._replace(form=word)
        elif word.isascii() and word.isdigit() and len(word) < 3:
            wanted = wanted._replace(weeks=int(word))
        else:
            return _("Write how many weeks, and html or md: report 4 md")
    return wanted


def saved(bench: Workbench, wanted: Wanted | str) -> str:
    """The path of the report. Raises NotKnown in words; StoreError."""
    if isinstance(wanted, str):
        raise NotKnown(wanted)
    insight.prepare(bench)
    return str(report.save(bench, wanted.form, wanted.weeks))
