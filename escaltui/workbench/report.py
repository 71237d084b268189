"""The report of the last week, or of several: gathered in one place, written as Markdown or HTML, kept in a file.

What it holds may leave the desk; `report_telling` says what may be told.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui.i18n import _, language, ngettext
from escaltui.insight.series import SERIES, WEEK
from escaltui.reporting.content import LEAST, Report
from escaltui.store import insight_counts
from escaltui.workbench import insight, report_counts, report_standing, whole_file
from escaltui.workbench.desk import NotKnown
from escaltui.workbench.report_counts import Week

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

MARKDOWN, HTML = FORMS = ("md", "html")
WRITERS = {MARKDOWN: "escaltui.reporting.markdown", HTML: "escaltui.reporting.html"}
FOLDER = "reports"
MOST = 26
"""Weeks that one report is about, at most: as many as are counted."""


def text(bench: Workbench, form: str = HTML, weeks: int = 1) -> str:
    """The report up to now as Markdown or HTML; `insight.prepare` first. Raises StoreError, NotKnown."""
    written: str = import_module(WRITERS[form]).write(gather(bench, weeks))
    return written


def gather(bench: Workbench, weeks: int = 1) -> Report:
    """What the report of the last weeks holds. Raises StoreError; NotKnown for a number of weeks that is not kept."""
    if not 1 <= weeks <= MOST:
        raise NotKnown(_("A report is about 1 to {most} weeks.").format(most=MOST))
    page = insight.page(bench, shown=SERIES)
    since = page.at - weeks * WEEK
    counted = bench.store.read(lambda connection: insight_counts.received(connection, since, page.at))
    week = Week(bench, page, counted, since, weeks)
    parts = (report_counts.volumes(week), report_counts.rises(week), report_counts.clocks(week),
             report_counts.queue(week), report_counts.figures(week), *report_standing.parts(week))  # fmt: skip
    first, last = day(since), day(page.at)
    title = _("Week to {day}") if weeks == 1 else ngettext("{n} week to {day}", "{n} weeks to {day}", weeks)
    said = _("From {since} to {until}, in UTC. It counts what is on this device.").format(since=first, until=last)
    return Report(title.format(day=last, n=weeks), said, language() if language() == "fr" else "en",
                  report_counts.tiles(week), parts, _foot())  # fmt: skip


def day(instant: int) -> str:
    """The day of UTC as written."""
    return datetime.fromtimestamp(instant / 1000, UTC).date().isoformat()


def _foot() -> tuple[str, ...]:
    return (
        _("Counts of cases under {least} are not told, nor what they could be told from.").format(least=LEAST),
        _("No names but authorities'. No text of a case. What people wrote stays at the desk, but for what a lead "
          "accepted."),
    )  # fmt: skip


def save(bench: Workbench, form: str = HTML, weeks: int = 1) -> Path:
    """The report in a file of the store's folder, for its owner alone; where it is. The one of the same day and form
    gives way. Raises NotKnown where it cannot be written."""
    if bench.store.encrypted:
        raise NotKnown(_("This store is encrypted: escaltui report --out FILE writes where you say."))
    written = text(bench, form, weeks)
    folder = bench.store.folder / FOLDER
    more = "" if weeks == 1 else f"-{weeks}w"
    path = folder / f"{datetime.fromtimestamp(bench.now() / 1000, UTC):%Y-%m-%d}{more}.{form}"
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(new_file(part), "w", encoding="utf-8", newline="\n") as out:
            out.write(written)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise NotKnown(_cannot(path, error)) from error
    return path


def new_file(path: Path) -> int:
    """A new file that only its owner may read, as a descriptor. Raises OSError, also where it is there already."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def write_new(path: Path, written: str) -> None:
    """Write a report where somebody says; never over what is there. Raises NotKnown with the mend."""
    whole_file.write(path, (written,))


def _cannot(path: Path, error: OSError) -> str:
    said = _("{path} cannot be written ({why}). Name a file in a folder of yours.")
    return said.format(path=path, why=error.strerror)
