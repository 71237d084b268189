"""Lists of cases at a desk: saved views, pages, counts, and the best case for the person who sits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from escaltui.config import Config
from escaltui.domain.changes import Refused, refused
from escaltui.domain.query import Query, parse
from escaltui.domain.query.views import View as ViewRow
from escaltui.domain.query.views import parse_views
from escaltui.line_faces import QueueLine, View
from escaltui.store import Store
from escaltui.store.values import Done, LineRow
from escaltui.workbench import own_views
from escaltui.workbench.desk import Clock, Desk
from escaltui.workbench.queue_line import NONE, queue_line

if TYPE_CHECKING:
    from escaltui.workbench.exposure import Exposure
    from escaltui.workbench.remote import Following

OFFERS = 5
"""How many cases `take_next` tries: colleagues may take the first ones in the same moment."""
Key = tuple[Any, ...]


class Lists(Desk):
    """A desk with its case lists."""

    def __init__(self, store: Store, config: Config, me: str, clock: Clock) -> None:
        super().__init__(store, config, me, clock)
        self._own, fault = own_views.own_views(config.folder / own_views.FILE)
        self._problems += fault
        self._views: tuple[ViewRow, ...] = ()

    def views(self) -> tuple[View, ...]:
        """The saved views by key: the person's own, and the packaged ones of other ids and keys."""
        from escaltui.i18n import language

        return tuple(View(v.key, v.id, v.titled(language()), v.query, v.sort) for v in self._all_views())

    def _all_views(self) -> tuple[ViewRow, ...]:
        if not self._views:
            packaged = parse_views((Path(__file__).parent.parent / "views.toml").read_text("utf-8"), "views.toml")
            taken = {view.id for view in self._own} | {view.key for view in self._own if view.key}
            found = (*self._own, *(view for view in packaged if not {view.id, view.key} & taken))
            self._views = tuple(sorted(found, key=lambda view: "1234567890".find(view.key) if view.key else 10))
        return self._views

    def save_view(self, name: str, query: str, sort: str = "queue") -> View:
        """Keep a query as a view of the person's own, under a name; one of the same name gives way.

        Raises QueryError, ViewsError where the file of views is wrong, ConfigError where it cannot be written.
        """
        self.query(query)
        made = own_views.named(name, query, sort)
        self._own, self._views = own_views.save(self.config.folder / own_views.FILE, made), ()
        return next(view for view in self.views() if view.id == made.id)

    def query(self, text: str, me: str = "") -> Query:
        """A query, parsed for this person (or for another: `me`) and moment; raises QueryError."""
        groups = self._groups if "country" in text.lower() else {}
        return parse(text, now=self.now(), me=me or self.me, groups=groups)

    @cached_property
    def _groups(self) -> dict[str, frozenset[str]]:
        """Groups of countries, which only a query on countries needs."""
        return {name: frozenset(group.countries) for name, group in self.rules.groups.items()}

    def view_counts(self) -> dict[str, int]:
        """How many cases each saved view holds now."""
        views = self._all_views()
        counts = self.store.counts([self.query(view.query) for view in views])
        return {view.id: count for view, count in zip(views, counts, strict=True)}

    def page(self, query: str, sort: str = "queue", after: Key | None = None, limit: int = 200) -> list[QueueLine]:
        """Lines of a list after an order key."""
        return self._lines(self.rows(query, sort, after, limit))

    def rows(self, query: str, sort: str = "queue", after: Key | None = None, limit: int = 200) -> list[LineRow]:
        """Lines of a list after an order key as they are kept: their texts raw."""
        asked = self.query(query)
        return self.store.page(asked, asked.sort or sort or "queue", after, limit)

    def _lines(self, rows: Sequence[LineRow]) -> list[QueueLine]:
        now, unsettled = self.now(), self.unsettled()
        return [queue_line(row, self.me, now, unsettled) for row in rows]

    def unsettled(self) -> Mapping[str, bool]:
        """The cases that something is unconfirmed of, and whether a claim is; none where the store is alone."""
        if self.store.remote is None:
            return NONE
        from escaltui.store import unsettled

        return self.store.read(unsettled.cases)

    def count(self, query: str) -> int:
        """How many cases a query matches."""
        return self.store.count(self.query(query))

    def anchors(self, query: str, sort: str = "queue") -> list[Key]:
        """The order key of every 200th line."""
        asked = self.query(query)
        return self.store.anchors(asked, asked.sort or sort or "queue")

    def locate(self, query: str, sort: str, case_id: str) -> tuple[int, Key] | None:
        """Where a case stands in a list: its position and order key; None where it is not in it."""
        asked = self.query(query)
        return self.store.locate(asked, asked.sort or sort or "queue", case_id)

    def matching(self, query: str, limit: int | None = None, sort: str = "queue") -> list[str]:
        """The ids of the cases that a query matches, in its order."""
        asked = self.query(query)
        return self.store.ids(asked, asked.sort or sort or "queue", limit)

    def line(self, case: str) -> QueueLine | None:
        """One case as a line, by id or reference."""
        row = self.store.line(case)
        return queue_line(row, self.me, self.now(), self.unsettled()) if row else None

    @cached_property
    def exposure(self) -> Exposure:
        """The private ledger of what I looked at, and what follows from it."""
        from escaltui.workbench.exposure import Exposure

        return Exposure(self)

    def next_case(self, query: str = "is:open", sort: str = "queue", *, calm: bool = False) -> QueueLine | None:
        """The best case for me in a list that nobody holds, in my languages, not skipped: a look, not a claim.

        `calm`: the best one of words alone. Harms that I leave out today are passed over, but for what presses.
        """
        return next(iter(self._lines(self._offered(query, sort, 1, calm))), None)

    def _offered(self, query: str, sort: str, limit: int, calm: bool) -> list[LineRow]:
        from escaltui.workbench import calmer

        asked = self.query(query)
        return calmer.offered(self, asked, asked.sort or sort or "queue", limit, calm)

    def take_next(
        self, query: str = "is:open", sort: str = "queue", *, op_id: str = "", calm: bool = False
    ) -> QueueLine | Refused | None:
        """Claim the best case and give it; None where the list has none for me. A known `op_id` claims nothing more."""
        from escaltui.domain.operations import Claim

        why: Refused | None = None
        if op_id and (known := self.done(op_id)):
            return self.line(known.changes[0].case_id)
        if (given := self._given(query, sort, op_id, calm)) is not None:
            return given
        for row in self._offered(query, sort, OFFERS, calm):
            outcome = self.do(Claim(case=row.id), op_id=op_id)
            if isinstance(outcome, Done):
                return self.line(row.id)
            why = outcome
        return why

    def _given(self, query: str, sort: str, op_id: str, calm: bool) -> QueueLine | Refused | None:
        """The next case as a server gives it, which gives none to two people; None where there is none to ask."""
        if self.store.remote is None:
            return None
        from escaltui.workbench import online

        for _try in range(OFFERS):
            rows = self._offered(query, sort, online.CANDIDATES, calm)
            found = online.claim(cast("Following", self), rows, op_id) if rows else None
            if found != "":
                return self.line(found) if isinstance(found, str) else found
        return refused("lost_claim", "Colleagues took each of these first.", "Try again.")
