"""`Workbench`: everything that screens and plain commands may ask of the work.

Reads and writes block; screens call them from worker threads. Whoever wants to know what changed subscribes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from escaltui import config as settings
from escaltui import rules_loader
from escaltui.config import Config
from escaltui.domain import ids
from escaltui.domain.changes import Mend, Refused
from escaltui.domain.entities import Person
from escaltui.domain.query import Query, parse
from escaltui.domain.query.views import View as ViewRow
from escaltui.domain.query.views import parse_views
from escaltui.domain.ruleset import RuleSet
from escaltui.faces import BulkPreview, CaseFace, QueueLine, View
from escaltui.store import Store
from escaltui.store.values import Done, LineRow, Who
from escaltui.workbench import portray

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.faces import Brief, Hit, OutlineLine, Progress, SectionFace
    from escaltui.policy.library import ImportReport as PolicyImport
    from escaltui.workbench.importing import ImportSummary

ALL_ROLES = frozenset({"specialist", "approver", "lead", "counsel", "comms", "consultant", "admin"})
SYSTEM_ROLES = frozenset({"system"})
BULK_LIMIT = 200
UNAUTHENTICATED = "same machine, unauthenticated"
Clock = Callable[[], int]


def wall_clock() -> int:
    """Now, in whole milliseconds."""
    return time.time_ns() // 1_000_000


class NotKnown(LookupError):
    """A name that nothing here has; its text says which are known."""


class Undone(NamedTuple):
    """What an undo took back: the verb's name and the case."""

    verb: str
    case_id: str
    ref: str


class Workbench:
    """One open desk. Use `open`; close it when done."""

    def __init__(self, store: Store, rules: RuleSet, config: Config, me: str, clock: Clock) -> None:
        self.store, self.rules, self.config, self.me, self.now = store, rules, config, me, clock
        self.problems: tuple[str, ...] = config.problems
        self.roles = ALL_ROLES
        self.languages: tuple[str, ...] = config.me.languages
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._note = ""
        self._packaged: tuple[ViewRow, ...] | None = None
        self._groups = {name: frozenset(group.countries) for name, group in rules.groups.items()}

    @classmethod
    def open(
        cls, folder: Path, *, config: Config | None = None, acting_as: str = "", clock: Clock = wall_clock,
        create: bool = True,
    ) -> Workbench:  # fmt: skip
        """Open a store folder as the person of the settings, or as a known colleague (`acting_as`).

        Raises StoreError where the store cannot be used, NotKnown where the colleague is not.
        """
        config = config or settings.load()
        rules, problems = rules_loader.load_or_last(config.folder / "rules")
        store = Store.open(folder, create=create)
        me = login_of(config.me.name) or login_of(os.environ.get("USER", "")) or "me"
        bench = cls(store, rules, config, me, clock)
        bench.problems += tuple(problems)
        try:
            if acting_as:
                bench.act_as(acting_as)
        except BaseException:
            bench.close()
            raise
        return bench

    def act_as(self, login: str) -> None:
        """From now on work as a known colleague: for demos and tests, and marked so in the log. Raises NotKnown."""
        person = next((p for p in self.people() if p.login == login), None)
        if person is None:
            known = ", ".join(p.login for p in self.people()) or "nobody yet"
            raise NotKnown(
                f"There is no colleague {login!r} in this store. Known: {known}. escaltui people add LOGIN makes one known."
            )
        self.me, self.roles, self.languages = person.login, frozenset(person.roles), person.languages
        self._note = UNAUTHENTICATED

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; nothing is pending after it."""
        self.store.close()

    # --- who and when

    @property
    def who(self) -> Who:
        """The person at the keyboard, as the log names them."""
        return Who(self.me, self.roles, self.store.device, self._note)

    def people(self) -> tuple[Person, ...]:
        """Colleagues known in this store."""
        return self.store.people()

    def operation_id(self) -> str:
        """A fresh operation id."""
        return ids.operation_id(self.now(), os.urandom(10))

    # --- case lists

    def views(self) -> tuple[View, ...]:
        """The saved views: packaged ones, then the person's own of the same id or key."""
        from escaltui.i18n import language

        return tuple(
            View(v.key, v.id, v.title.get(language(), v.title.get("en", v.id)), v.query, v.sort) for v in self._views()
        )

    def _views(self) -> tuple[ViewRow, ...]:
        if self._packaged is None:
            packaged = Path(__file__).parent.parent / "views.toml"
            found = {view.key: view for view in parse_views(packaged.read_text("utf-8"), "views.toml")}
            own = self.config.folder / "views.toml"
            if own.is_file():
                try:
                    found |= {view.key: view for view in parse_views(own.read_text("utf-8"), str(own))}
                except ValueError as fault:
                    self.problems += (str(fault),)
            self._packaged = tuple(sorted(found.values(), key=lambda view: (view.key == "0", view.key)))
        return self._packaged

    def query(self, text: str) -> Query:
        """A query, parsed for this person and moment; raises QueryError."""
        return parse(text, now=self.now(), me=self.me, groups=self._groups)

    def view_counts(self) -> dict[str, int]:
        """How many cases each saved view holds now."""
        views = self._views()
        counts = self.store.counts([self.query(view.query) for view in views])
        return {view.id: count for view, count in zip(views, counts, strict=True)}

    def page(
        self, query: str, sort: str = "queue", after: tuple[Any, ...] | None = None, limit: int = 200
    ) -> list[QueueLine]:
        """Lines of a list after an order key."""
        return self._lines(self.store.page(self.query(query), self._order(query, sort), after, limit))

    def _lines(self, rows: Sequence[LineRow]) -> list[QueueLine]:
        now = self.now()
        return [portray.queue_line(row, self.me, now) for row in rows]

    def _order(self, query: str, sort: str) -> str:
        return self.query(query).sort or sort or "queue"

    def count(self, query: str) -> int:
        """How many cases a query matches."""
        return self.store.count(self.query(query))

    def anchors(self, query: str, sort: str = "queue") -> list[tuple[Any, ...]]:
        """The order key of every 200th line."""
        return self.store.anchors(self.query(query), self._order(query, sort))

    def locate(self, query: str, sort: str, case_id: str) -> tuple[int, tuple[Any, ...]] | None:
        """Where a case stands in a list: its position and order key; None where it is not in it."""
        return self.store.locate(self.query(query), self._order(query, sort), case_id)

    def matching(self, query: str, limit: int | None = None) -> list[str]:
        """The ids of the cases that a query matches, in queue order."""
        return self.store.ids(self.query(query), self._order(query, "queue"), limit)

    def line(self, case: str) -> QueueLine | None:
        """One case as a line, by id or reference."""
        row = self.store.line(case)
        return portray.queue_line(row, self.me, self.now()) if row else None

    def next_case(self, query: str = "is:open", sort: str = "queue") -> QueueLine | None:
        """The best case for me in a list that nobody holds, in my languages, not skipped: a look, not a claim."""
        rows = self.store.candidates(
            self.query(query), self._order(query, sort), self.me, self.languages, self.now(), 1
        )
        return self._lines(rows)[0] if rows else None

    def take_next(self, query: str = "is:open", sort: str = "queue") -> QueueLine | Refused | None:
        """Claim the best case and give it; None where the list has none for me."""
        from escaltui.domain.operations import Claim

        refused: Refused | None = None
        for _try in range(5):
            best = self.next_case(query, sort)
            if best is None:
                return refused
            outcome = self.do(Claim(case=best.id))
            if not isinstance(outcome, Refused):
                return self.line(best.id)
            refused = outcome
        return refused

    # --- one case

    def case(self, ref: str) -> CaseFace | None:
        """Everything about one case, by id or reference. Does not count as a look."""
        from escaltui.workbench.casefile import case_face

        return case_face(self, ref)

    def mark_seen(self, case_id: str) -> None:
        """What changed since I last looked starts anew."""
        self.store.mark_seen(case_id, self.me, self.store.last_seq(), self.now())

    # --- writing

    def do(self, op: Operation, *, op_id: str = "") -> Done | Refused:
        """One operation in one durable transaction: accepted with its changes, or refused with its mend."""
        op_id = op_id or self.operation_id()
        outcome = self.store.do(op, self.who, self.now(), self.rules, op_id=op_id)
        if isinstance(outcome, Done) and outcome.changes:
            self._tell(outcome)
        return outcome

    def do_many(self, ops: Sequence[Operation], op_ids: Sequence[str] = ()) -> list[Done | Refused]:
        """Many operations in one transaction, each accepted or refused on its own: an import's batch."""
        outcomes = self.store.do_many(ops, self.who, self.now(), self.rules, op_ids=op_ids)
        self._tell(*(done for done in outcomes if isinstance(done, Done)))
        return outcomes

    def _tell(self, *outcomes: Done) -> None:
        touched = frozenset(change.case_id for done in outcomes for change in done.changes if change.case_id)
        if touched:
            for listener in tuple(self._listeners):
                listener(touched)

    def subscribe(self, listener: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Be told which cases changed, from whatever thread changed them. Gives the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def do_marked(
        self, make: Callable[[str], Operation], case_ids: Sequence[str], *, dry_run: bool = False
    ) -> BulkPreview:
        """The same verb on many cases (at most 200): what changes, what is refused. `dry_run` writes nothing."""
        from escaltui.workbench.bulk import do_marked

        return do_marked(self, make, case_ids, dry_run=dry_run)

    def undo(self) -> Undone | Refused:
        """Take back my last operation that is not undone yet; again: the one before."""
        from escaltui.workbench.undoing import undo_last

        return undo_last(self)

    def tick(self) -> frozenset[str]:
        """What time itself owes: expired claims, ended snoozes, the ladder of clocks. Gives the cases it touched."""
        who = Who("system", SYSTEM_ROLES, self.store.device)
        touched = self.store.due(self.now(), self.rules, who)
        if touched:
            for listener in tuple(self._listeners):
                listener(touched)
        return touched

    # --- policy: look-up, reading, citing

    def policy_search(
        self, query: str, *, document: str = "", limit: int = 5, typing: bool = False, case_id: str = ""
    ) -> list[Hit]:
        """The sections that best answer a query."""
        from escaltui.workbench import library

        return library.search(self, query, document=document, limit=limit, typing=typing, case_id=case_id)

    def policy_outline(self) -> list[OutlineLine]:
        """Documents and their sections, in order."""
        from escaltui.workbench import library

        return library.outline(self)

    def policy_section(self, section: str, version: str = "") -> SectionFace | None:
        """One section, by default in the version in force."""
        from escaltui.workbench import library

        return library.section_face(self, section, version)

    def cite(self, case_id: str, section: str, version: str = "") -> Done | Refused:
        """Cite a section on a case, pinned to the words read. Raises PolicyError where there are none."""
        from escaltui.workbench import library

        return library.cite(self, case_id, section, version)

    def citation(self, section: str, version: str = "") -> str:
        """A citation to copy."""
        from escaltui.workbench import library

        return library.citation(self, section, version)

    def policy_evaluate(self, queries: Path) -> list[dict[str, object]]:
        """Look-up measured on labelled queries: one row a language and method. Raises PolicyError for a bad file."""
        from escaltui.workbench import library

        return library.evaluate(self, queries)

    def import_policies(self, path: Path, on_progress: Callable[[str], None] = lambda text: None) -> PolicyImport:
        """Publish the policy versions that a path holds. Raises PolicyError."""
        from escaltui.workbench import library

        return library.import_policies(self, path, on_progress)

    # --- intake

    def import_path(
        self, path: Path, mapping: Path | None = None, on_progress: Callable[[Progress], None] = lambda progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportSummary:  # fmt: skip
        """Every report of a file as a case. Raises IntakeError where the file cannot be read at all."""
        from escaltui.workbench import importing

        return importing.import_path(self, path, mapping, on_progress, cancelled)

    # --- looking closer

    def brief(self, ref: str) -> Brief | None:
        """The five-minute brief of a case."""
        from escaltui.workbench.casefile import brief

        return brief(self, ref)

    def raw(self, ref: str) -> str:
        """The original text of a case's reports, escaped: what hidden characters really are."""
        from escaltui.workbench.casefile import raw

        return raw(self, ref)

    def ids_like(self, ref: str, what: str) -> list[str]:
        """Cases like one: with the same `subject`, `requester`, or cited `section`."""
        from escaltui.workbench.casefile import ids_like

        return ids_like(self, ref, what)

    # --- drafts

    def save_draft(self, key: str, body: str, case_id: str = "") -> None:
        """Keep what is being typed."""
        self.store.save_draft(self._draft_key(key), case_id, body, self.now())

    def draft(self, key: str) -> str | None:
        """What was being typed under a key."""
        return self.store.draft(self._draft_key(key))

    def drop_draft(self, key: str) -> None:
        """Forget a draft: it was saved as something, or given up."""
        self.store.drop_draft(self._draft_key(key))

    def _draft_key(self, key: str) -> str:
        return f"{self.me}/{key}"

    def not_found(self, typed: str) -> Refused:
        """The refusal for a reference that names nothing here."""
        return Refused(
            "not_found", f"No case {typed} here.", Mend("Check the reference; escaltui ls lists the open ones.")
        )


def login_of(name: str) -> str:
    """A person's name as a login: its letters and digits, lower case, at most 32."""
    from escaltui.domain.query.fold import fold

    kept = "".join(character if character.isascii() and character.isalnum() else " " for character in fold(name))
    return "".join(kept.split())[:32]
