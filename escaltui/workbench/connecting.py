"""Running a connector: what is new at a place is fetched page by page and taken in by the intake that files go through.

The cursor is kept after what it stands behind. So a run that was killed anywhere fetches one page again, of which
everything is known by its dedupe key: nothing is lost, nothing is there twice. Back-off with jitter as in "Exponential
Backoff And Jitter" (AWS Architecture Blog, 2015): half of each wait is drawn at random.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from escaltui.faces import Progress
from escaltui.i18n import _
from escaltui.intake.connector import Connector, ConnectorError, Page
from escaltui.intake.found import FoundReport, checked
from escaltui.intake.pairs import pair
from escaltui.safety.text import SafeText, line
from escaltui.store import connectors
from escaltui.store.connectors import DONE, FAILED, STOPPED, Brought
from escaltui.workbench import happening, importing, mailing

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

TRIES = 6
"""How often one page is asked for while the place says that trying again may help."""
FIRST, MOST = 1.0, 60.0
"""Seconds of the first wait, and of the longest of our own."""
PATIENCE = 120.0
"""Seconds that a run sits through where the place names them. Beyond, it ends and is not asked before then."""
SLICE = 0.2
"""Seconds between two looks at whether the run is to stop."""
DRY_PAGES = 20
"""Pages that a dry run looks at."""
TITLES = 50
"""Titles that a dry run tells."""
Seen = Callable[[Progress], None]


class ConnectorRun(NamedTuple):
    """What a run did, or with `dry` would do. `state`: done, stopped (by a person), failed; `says` why it failed.

    `again`: trying later may help. `opened`: new cases; `known`: reports that were here already, and mails that went to
    threads. `titles`: of a dry run, what would come; `more`: there is more than it looked at.
    """

    name: str
    state: str = DONE
    opened: int = 0
    known: int = 0
    problems: tuple[SafeText, ...] = ()
    titles: tuple[SafeText, ...] = ()
    says: str = ""
    wait_until: int | None = None
    more: bool = False
    dry: bool = False
    again: bool = False


class _Stop(Exception):
    """Somebody wants the run to end."""


class _Run:
    """One run under way."""

    def __init__(self, bench: Workbench, connector: Connector, progress: Seen, stopped: Callable[[], bool],
                 pause: Callable[[float], None]) -> None:  # fmt: skip
        self.bench, self.connector, self.name = bench, connector, connector.name
        self.progress, self.stopped, self.pause = progress, stopped, pause
        self.opened = self.known = 0
        self.problems: list[SafeText] = []
        """What became no report, and what was odd about reports that did."""
        self.unmapped: list[SafeText] = []
        """The first of these alone: of the others the case itself tells."""
        self.started = bench.now()

    def pages(self, cursor: str) -> Iterator[tuple[str, Page]]:
        """Each page with the cursor it was asked by. Raises ConnectorError, _Stop."""
        while True:
            page = self.asked(cursor)
            yield cursor, page
            if not page.more:
                return
            if page.cursor == cursor:
                raise ConnectorError(_("{name} says there is more, but does not go on.").format(name=self.name))
            cursor = page.cursor

    def asked(self, cursor: str) -> Page:
        """One page; asked for again as long as that may help."""
        for attempt in range(TRIES):
            if self.stopped():
                raise _Stop
            try:
                return self.connector.fetch(cursor)
            except ConnectorError as error:
                wait = waits(attempt, error.wait)
                if not error.again or wait > PATIENCE or attempt + 1 == TRIES:
                    raise
                self.tell(_("waiting {n} s: {why}").format(n=round(wait), why=error))
                self.wait(wait)
        raise AssertionError

    def wait(self, seconds: float) -> None:
        """Wait, and look now and then whether to stop."""
        if not rested(seconds, self.stopped, self.pause):
            raise _Stop

    def tell(self, message: str = "", *, finished: bool = False) -> None:
        """How far it has come."""
        self.progress(Progress(self.name, self.opened + self.known, None, self.started, finished, message))

    # --- for good

    def keep(self) -> None:
        """Fetch and take in until nothing is new."""
        cursor = self.bench.store.write(lambda connection: connectors.begin(connection, self.name, self.started))
        for was, page in self.pages(cursor):
            before = len(self.unmapped)
            opened, known = self.take_in(page)
            brought = Brought(opened, known, tuple(each.value for each in self.unmapped[before:]))
            self.advance(was, page.cursor, brought)
            self.opened, self.known = self.opened + opened, self.known + known
            self.tell()

    def advance(self, was: str, cursor: str, brought: Brought) -> None:
        """Keep the cursor: only now, when all that lies before it is in the store."""
        now = self.bench.now()
        if not self.bench.store.write(lambda c: connectors.advance(c, self.name, was, cursor, now, brought)):
            said = _("Another run of {name} is under way, and goes on. Nothing is lost or there twice.")
            raise ConnectorError(said.format(name=self.name))

    def take_in(self, page: Page) -> tuple[int, int]:
        """What a page holds, into the store; gives how many cases are new and what was known."""
        self.say(*map(line, page.problems))
        opened, found = 0, iter(page.reports)
        while batch := list(islice(found, importing.BATCH)):
            opened += self.into_cases(batch)
        opened += self.mailed(page.mails)
        happening.told(self.bench, page.happened)
        return opened, len(page.reports) + len(page.mails) - opened

    def say(self, *problems: SafeText) -> None:
        """Something became no report."""
        self.problems += problems
        self.unmapped += problems

    def into_cases(self, reports: Sequence[FoundReport]) -> int:
        """Reports as cases, in one transaction; gives how many are new."""
        now = datetime.fromtimestamp(self.bench.now() / 1000, UTC)
        batch = [pair(checked(each, now)) for each in reports]
        refused = list[SafeText]()
        opened = importing.take_in(self.bench, batch, refused)
        self.say(*refused)
        self.problems += [line(f"{each.report.source}: {said}") for each in batch for said in each.report.problems]
        return opened

    def mailed(self, mails: Sequence[bytes]) -> int:
        """Mails into threads of ours, the others as cases; gives how many of these are new."""
        problems = list[SafeText]()
        opened = mailing.take_in(self.bench, mails, problems, self.name).opened
        self.say(*problems)
        return opened

    # --- dry

    def look(self) -> ConnectorRun:
        """What would come. Nothing is written, not even that it was asked."""
        standing = self.bench.store.read(lambda connection: connectors.standing(connection, self.name))
        titles, keys, more = list[SafeText](), set[str](), False
        for number, (_was, page) in enumerate(self.pages(standing.cursor), 1):
            found = [*page.reports, *mailing.would_open(self.bench, page.mails, self.name)]
            here = self.bench.store.known_reports([each.dedupe_key for each in found])
            new = [each for each in found if each.dedupe_key not in here | keys]
            keys |= {each.dedupe_key for each in new}
            self.opened, self.known = len(keys), self.known + len(page.reports) + len(page.mails) - len(new)
            titles += [line(each.title) for each in new[: TITLES - len(titles)]]
            self.problems += [line(each) for each in page.problems]
            self.problems += [line(f"{each.source}: {said}") for each in new for said in each.problems]
            self.tell()
            if more := page.more and number >= DRY_PAGES:
                break
        return self.came(DONE)._replace(titles=tuple(titles), more=more)

    def came(self, state: str, says: str = "", wait_until: int | None = None) -> ConnectorRun:
        """What it came to."""
        kept = tuple(self.problems[: importing.PROBLEMS_KEPT])
        return ConnectorRun(self.name, state, self.opened, self.known, kept, (), says, wait_until)


def waits(attempt: int, named: float | None, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after a try (from 0 on): what the place names and a little more, else twice as long each time."""
    if named is not None:
        return max(0.0, named) + draw()
    most = min(MOST, FIRST * 2.0**attempt)
    return most / 2 + draw() * most / 2


def rested(seconds: float, stopped: Callable[[], bool], pause: Callable[[float], None] = time.sleep) -> bool:
    """Wait, and look now and then whether to stop; False where that is so."""
    while seconds > 0 and not stopped():
        pause(min(SLICE, seconds))
        seconds -= SLICE
    return not stopped()


def run(
    bench: Workbench, connector: Connector, *, dry: bool = False, progress: Seen = lambda told: None,
    cancelled: Callable[[], bool] = lambda: False, pause: Callable[[float], None] = time.sleep,
) -> ConnectorRun:  # fmt: skip
    """Fetch what is new at a place and take it in; blocks, so call it in a thread. Never raises what the place does:
    that is in the answer, and in the store. Raises StoreError. With `dry` nothing is written."""
    work = _Run(bench, connector, progress, cancelled, pause)
    found = _early(work)
    if found is None:
        try:
            found = work.look() if dry else None
            if not dry:
                work.keep()
        except _Stop:
            found = work.came(STOPPED)
        except ConnectorError as error:
            long = error.again and (error.wait or 0) > PATIENCE
            until = bench.now() + int((error.wait or 0) * 1000) if long else None
            found = work.came(FAILED, str(error), until)._replace(again=error.again)
        found = (found or work.came(DONE))._replace(dry=dry)
        if not dry:
            state, says, until = found.state, found.says, found.wait_until
            bench.store.write(lambda c: connectors.end(c, work.name, state, bench.now(), says, until))
    work.tell(finished=True)
    return found


def _early(work: _Run) -> ConnectorRun | None:
    """Where the place said to wait longer than a run does, it is not asked before."""
    until = work.bench.store.read(lambda connection: connectors.standing(connection, work.name)).wait_until
    if until is None or until <= work.started:
        return None
    at = datetime.fromtimestamp(until / 1000).astimezone()
    said = _("{name} asked not to be asked before {time}. Nothing was fetched.")
    return work.came(FAILED, said.format(name=work.name, time=f"{at:%H:%M:%S}"), until)._replace(again=True)
