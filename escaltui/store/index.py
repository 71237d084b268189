"""What queries find cases by: `case_set` and the full text, kept up with each case and with what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from escaltui.domain.changes import Change
from escaltui.domain.entities import Case, Entity, Link, Note, Person, Report, Subject
from escaltui.domain.query.facts import Facts, case_words, facts_of, sets
from escaltui.domain.query.fold import fold
from escaltui.store.driver import Connection
from escaltui.store.rows import bodies

Pair = tuple[str, str]
Find = Callable[[str, str], Entity | None]
Written = Callable[[str], list[Pair]]
_TOLD = frozenset({"title", "summary", "ref", "requester_name"})
_SAID = frozenset({"body", "withdrawn"})
_HANGING = frozenset({"notes", "links", "attachment"})
_LINKED = "SELECT EXISTS(SELECT 1 FROM link WHERE (source = ?1 OR target = ?1) AND NOT withdrawn)"
_NOTED = "SELECT EXISTS(SELECT 1 FROM note WHERE case_id = ? AND NOT withdrawn)"


class Index:
    """What changed about cases in one transaction, as far as finding them goes.

    `find` gives any row in hand, `written` the pairs of a case as last written. They are told at each call and not
    kept: whoever owns this gives them, and what holds itself is not freed before garbage is looked for.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bodies: dict[str, list[str]] = {}
        self._retold: set[str] = set()
        self._has: dict[str, set[str]] = {}
        self._asked: set[str] = set()
        self._stirred: set[str] = set()

    def notice(self, change: Change, entity: Entity, fresh: bool, written: Written) -> tuple[str, ...]:
        """Note what a changed row means for cases; the ids of cases whose sets it may change."""
        match entity:
            case Case():
                if not fresh and not _TOLD.isdisjoint(change.fields):
                    self._retold.add(entity.id)
            case Report() if "case" in change.fields:
                self._retold.update(filter(None, change.fields["case"][:1]))
                return self._hang(entity.case, entity.body, "attachment" if entity.attachments else "", written)
            case Note() if fresh:
                return self._hang(entity.case, entity.body, "notes", written)
            case Report() | Note() if not _SAID.isdisjoint(change.fields):
                return self.anew(entity)
            case Link():
                return self.anew(entity)
            case Subject() if not fresh:
                return self.anew(entity)
        return ()

    def anew(self, entity: Entity) -> tuple[str, ...]:
        """A row goes back, or goes, or says something else: what is known of it is asked anew; the ids of the cases
        that this concerns."""
        match entity:
            case Case():
                self._retold.add(entity.id)
                self._asked.add(entity.id)
                self._stirred.add(entity.id)
                return (entity.id,)
            case Report() | Note() if entity.case:
                self._retold.add(entity.case)
                self._asked.add(entity.case)
                return (entity.case,)
            case Link():
                self._asked.update((entity.source, entity.target))
                return (entity.source, entity.target)
            case Subject():
                sql = "SELECT case_id FROM case_set WHERE field = 'subject' AND value = ?"
                holders = tuple(row[0] for row in self._connection.execute(sql, (entity.id,)))
                self._stirred.update(holders)
                return holders
        return ()

    def _hang(self, case_id: str, body: str, has: str, written: Written) -> tuple[str, ...]:
        if not case_id:
            return ()
        self._bodies.setdefault(case_id, []).append(body)
        if not has or ("has", has) in written(case_id):
            return ()
        self._has.setdefault(case_id, set()).add(has)
        return (case_id,)

    def known(self, case: Case, before: Iterable[Pair], fresh: bool, at: int, find: Find) -> Facts:
        """The facts of a case as it is now; `before` are its pairs as last written."""
        has = {value for field, value in before if field == "has" and value in _HANGING}
        has |= self._has.pop(case.id, set())
        if case.id in self._asked:
            has = has & {"attachment"} | {
                name for name, sql in (("links", _LINKED), ("notes", _NOTED)) if self._is(sql, case)
            }
        item_types, accounts = self._about(case, before, find)
        return facts_of(
            case,
            bodies=self._bodies.pop(case.id, ()) if fresh else (),
            item_types=item_types,
            accounts=accounts,
            has=has,
            updated_at=at,
            logins=_logins(case, find),
        )

    def _about(self, case: Case, before: Iterable[Pair], find: Find) -> tuple[list[str], list[str]]:
        """Item types and accounts of its subjects; as written, where those are the same: there may be 10,000."""
        old: dict[str, list[str]] = {"subject": [], "item": [], "account": []}
        for field, value in before:
            if field in old:
                old[field].append(value)
        if case.id not in self._stirred and set(old["subject"]) == case.subjects.keys():
            return old["item"], old["account"]
        found = [each for key in case.subjects if isinstance(each := find(Subject.NAME, key), Subject)]
        return [each.item_type for each in found], [each.author for each in found if each.author]

    def _is(self, sql: str, case: Case) -> bool:
        return bool(self._connection.execute(sql, (case.id,)).fetchone()[0])

    def write(self, told: list[tuple[int, str]], number: Callable[[str], tuple[int, Case | None]]) -> None:
        """Write the full text: `told` are new cases' words; `number` gives a case's row number and value."""
        self._connection.executemany("INSERT INTO case_fts(rowid, words) VALUES (?, ?)", told)
        for case_id in self._retold:
            n, case = number(case_id)
            if case is not None:
                words = case_words(case, bodies(self._connection, case_id))
                self._connection.execute("UPDATE case_fts SET words = ? WHERE rowid = ?", (words, n))
        more = [
            (fold(" ".join(texts)) + " ", number(case_id)[0])
            for case_id, texts in self._bodies.items()
            if case_id not in self._retold
        ]
        self._connection.executemany("UPDATE case_fts SET words = words || ? WHERE rowid = ?", more)
        for pending in (self._retold, self._bodies, self._has, self._asked, self._stirred):
            pending.clear()


def _logins(case: Case, find: Find) -> dict[str, str]:
    ids = filter(None, (case.owner, case.lease.person if case.lease else "", *case.watchers))
    found = (find(Person.NAME, each) for each in ids)
    return {each.id: each.login for each in found if isinstance(each, Person)}


def pairs(known: Facts) -> list[Pair]:
    """The `case_set` rows of a case: those of queries, and who is not offered it."""
    case = known.case
    aside: Any = [("recused", each) for each in case.recused] + [("skipped", each) for each in case.skipped]
    return sorted({*sets(known), *aside})
