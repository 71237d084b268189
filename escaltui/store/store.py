"""The one door to a store: writing by operations, reading by values. Every method may be called from any thread."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case, Entity, Person
from escaltui.domain.hashing import hexdigest
from escaltui.store import evidence, log, originals, purge, rows, select
from escaltui.store.driver import Connection
from escaltui.store.engine import Engine
from escaltui.store.kept import Kept
from escaltui.store.values import (
    CaseRows,
    ChainReport,
    Done,
    LineRow,
    LoggedChange,
    Who,
)

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.domain.query import Query
    from escaltui.domain.ruleset import RuleSet
    from escaltui.safety.original import Original
    from escaltui.store.connected import Connected
    from escaltui.store.encrypted_originals import EncryptedOriginals
    from escaltui.store.remote import Remote
    from escaltui.store.wellbeing import Ledger

T = TypeVar("T")
Key = select.Key
DUE_AT_ONCE = 500


class Store(Kept):
    """An open store. Instants are milliseconds. Every method may raise a StoreError, whose text is for people."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.folder, self._inside = engine.place, _inside(engine)
        self.device = self.meta("device") or ""
        self._settled = select.FIRST
        self.remote = self._remote()

    @staticmethod
    def open(folder: Path, *, create: bool = True, encrypt: str = "off") -> Store:
        """Open the store in a folder, made if need be. Raises StoreNewer, StoreDamaged, StoreLocked, StoreReadOnly.

        `encrypt`: what the settings ask for. Raises KeyMissing, StorePlain where it is not so; nothing is made then.
        """
        return Store(Engine(folder, create=create, encrypt=encrypt))

    @property
    def encrypted(self) -> bool:
        """Whether what lies in the folder is encrypted."""
        return self._engine.key is not None

    def _remote(self) -> Remote | None:
        if (fact := self.meta("remote")) is None:
            return None
        from escaltui.store import connected, remote

        return remote.Remote(self, connected.connected(fact))

    def follow(self, to: Connected) -> Remote:
        """Follow a server from now on: what is done here waits for it."""
        from escaltui.store import connected, remote

        self.write(lambda connection: connected.connect(connection, to))
        self.remote = remote.Remote(self, to)
        return self.remote

    def adopt(self, to: Connected) -> int:
        """Follow a server with all that was done here alone; how many operations wait for it now."""
        from escaltui.store import adoption, remote

        count = self.write(lambda connection: adoption.adopt(connection, to))
        self.remote = remote.Remote(self, to)
        return count

    @property
    def read_only(self) -> bool:
        """Whether the folder cannot be written: reading works, every write raises StoreReadOnly."""
        return self._engine.read_only

    def close(self) -> None:
        """Finish what is being written and let go of the file."""
        self._engine.close()

    def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job of this package on a reader, at one moment of the store."""
        return self._engine.read(job)

    def write(self, job: Callable[[Connection], T], durable: bool = True) -> T:
        """Run a job of this package in the writer, as one durable transaction. It may run twice on a full disk.

        Not `durable`: a power cut may take it back, whole.
        """
        return self._engine.write(job, durable)

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the writer: work that comes in portions ends its transaction then."""
        return self._engine.awaited

    # --- writing

    def do(self, op: Operation, who: Who, now: int, rules: RuleSet, *, op_id: str = "") -> Done | Refused:
        """Judge one operation and keep what it changes; returns when that is on the disk."""
        return self.do_each(((op, who, now, op_id),), rules)[0]

    def do_many(
        self, ops: Sequence[Operation], who: Who, now: int, rules: RuleSet, *, op_ids: Sequence[str] = ()
    ) -> list[Done | Refused]:
        """Several operations of one person at one instant, in one transaction: see `do_each`."""
        ids = op_ids or [""] * len(ops)
        return self.do_each([(op, who, now, op_id) for op, op_id in zip(ops, ids, strict=True)], rules)

    def do_each(self, asked: Sequence[tuple[Operation, Who, int, str]], rules: RuleSet) -> list[Done | Refused]:
        """Judge operations (with who asks, when, and an id or "") one after the other in one transaction.

        A refused one changes nothing, the others stand. An id that is known already has no second effect: its first
        answer is given again.
        """
        from escaltui.store import judging

        if not asked:
            return []
        alone = self.remote is None
        results = self._engine.write(lambda connection: judging.run_each(connection, asked, rules, alone=alone))
        if alone:  # with a remote, the server is backed up
            self._engine.copy_daily()
        return results

    def judge(
        self, op: Operation, who: Who, now: int, rules: RuleSet, *, op_id: str, beforehand: bool = False
    ) -> Done | Refused:
        """What would become of an operation; nothing is written, and its changes have no numbers.

        `beforehand`: also of one that only the server judges, as it would by what is known here; it has the last word.
        """
        from escaltui.store import judging

        asked, alone = (op, who, now, op_id), beforehand or self.remote is None
        found = self.read(lambda connection: judging.judged(connection, asked, rules, alone=alone))
        return found if isinstance(found, Refused) else Done(op_id, found, ())

    def sending(self) -> bool:
        """Whether a letter is on its way."""
        sql = "SELECT 1 FROM message WHERE state = 'sending' LIMIT 1"
        return self.read(lambda connection: connection.execute(sql).fetchone() is not None)

    def due(self, now: int, rules: RuleSet, who_system: Who, limit: int | None = None) -> frozenset[str]:
        """Let the system do what it owes by `now`; the ids of the cases that changed.

        With a `limit` on at most so many cases, going on after them the next time, so that each has its turn, whatever
        becomes of those before it. Without one on all of them, 500 to a transaction.
        """
        if self.read_only or self.remote is not None:  # time is the server's to tell
            return frozenset()
        self._expire(now, rules, who_system)
        if limit is not None:
            changed, self._settled = self._due(now, rules, who_system, limit, self._settled)
            return changed
        changed, after = self._due(now, rules, who_system, DUE_AT_ONCE, select.FIRST)
        while after != select.FIRST:
            more, after = self._due(now, rules, who_system, DUE_AT_ONCE, after)
            changed |= more
        return changed

    def _expire(self, now: int, rules: RuleSet, who: Who) -> None:
        from escaltui.store import ended

        owed = self.read(lambda connection: ended.rulings(connection.execute(ended.APPROVED), now))
        if owed:
            self.do_many(owed, who, now, rules)

    def _due(
        self, now: int, rules: RuleSet, who: Who, limit: int, after: tuple[int, str]
    ) -> tuple[frozenset[str], tuple[int, str]]:
        from escaltui.domain.rules.due import owed

        found = self.read(lambda connection: select.due(connection, now, after, limit))
        ids = [case_id for _, case_id, _ in found]
        results = self.do_many([owed(case_id, status) for _, case_id, status in found], who, now, rules)
        changed = (isinstance(result, Done) and bool(result.changes) for result in results)
        return frozenset(compress(ids, changed)), found[-1][:2] if len(found) == limit else select.FIRST

    # --- one case

    def case(self, case_id_or_ref: str) -> Case | None:
        """A case by its id or its reference, typed in any case, with or without `E-`."""
        return self.read(lambda connection: rows.case(connection, case_id_or_ref))

    def row(self, entity: str, entity_id: str) -> Entity | None:
        """Any entity by its name and id."""
        return self.read(lambda connection: rows.row(connection, entity, entity_id))

    def people(self) -> tuple[Person, ...]:
        """Everybody known here."""
        return self.read(lambda connection: rows.everyone(connection, Person))

    def bundle(self, case_id: str) -> CaseRows | None:
        """A case and all that hangs on it, at one moment; of sealed files no more than that they are."""
        return self.read(lambda connection: evidence.veiled(connection, rows.bundle(connection, case_id)))

    def changes(
        self, *, case_id: str = "", after_seq: int = 0, before_seq: int | None = None, limit: int = 200
    ) -> list[LoggedChange]:
        """Changes in order: the first ones above `after_seq`, or with `before_seq` the last ones below it."""
        return self.read(lambda connection: log.read(connection, case_id, after_seq, before_seq, limit))

    def last_seq(self, case_id: str = "") -> int:
        """The number of the last change, of one case or the highest of all streams; 0 where there is none."""
        return self.read(lambda connection: log.last(connection, case_id))

    def line(self, case_id_or_ref: str) -> LineRow | None:
        """One case as a queue line; its key is its id."""
        return self.read(lambda connection: select.line(connection, rows.case_id(connection, case_id_or_ref) or ""))

    def same_account(self, case_id: str, limit: int = 200) -> list[LineRow]:
        """Other cases about an account that this case is about, newest first."""
        return self.read(lambda connection: select.related(connection, select.SAME_ACCOUNT, case_id, limit))

    def same_requester(self, case_id: str, limit: int = 200) -> list[LineRow]:
        """Other cases of the same requester, newest first."""
        return self.read(lambda connection: select.related(connection, select.SAME_REQUESTER, case_id, limit))

    def sharing(self, field: str, names: Sequence[str], limit: int = 200) -> list[str]:
        """Ids of cases that have one of some values in a field of `case_set`, newest first."""
        return self.read(lambda connection: select.sharing(connection, field, names, limit))

    def citing(self, section: str) -> tuple[int, int]:
        """How many open and how many other cases cite a policy section."""
        return self.read(lambda connection: select.citing(connection, section))

    # --- lists

    def page(
        self, query: Query | None, order: str, after: Key | None = None, limit: int = 200, descending: bool = False
    ) -> list[LineRow]:
        """Up to `limit` lines after a key in a named order. `descending`: backwards from the key, or from the end."""
        return self.read(lambda connection: select.page(connection, query, order, after, limit, descending))

    def count(self, query: Query | None, *, limit: int | None = None) -> int:
        """How many cases meet a query; with `limit`, no more than that are looked for."""
        return self.read(lambda connection: select.count(connection, query, limit))

    def counts(self, queries: Sequence[Query]) -> list[int]:
        """How many cases meet each query, all at one moment."""
        return self.read(lambda connection: [select.count(connection, each, None) for each in queries])

    def anchors(self, query: Query | None, order: str, every: int = 200) -> list[Key]:
        """The keys after which the second and each further page of `every` rows begins."""
        return self.read(lambda connection: select.anchors(connection, query, order, every))

    def locate(self, query: Query | None, order: str, case_id: str) -> tuple[int, Key] | None:
        """A case's place in a list, counted from 0, and its key; None where it is not in it."""
        return self.read(lambda connection: select.locate(connection, query, order, case_id))

    def ids(self, query: Query | None, order: str, limit: int | None = None) -> list[str]:
        """Ids of the cases that meet a query, in order."""
        return self.read(lambda connection: select.ids(connection, query, order, limit))

    def candidates(
        self, query: Query | None, order: str, person: str, languages: Iterable[str], now: int, limit: int
    ) -> list[LineRow]:
        """The first cases to offer a person: free, not recused, not put off; in their languages where they have any."""
        return self.read(lambda connection: select.candidates(connection, query, order, person, languages, now, limit))

    # --- the folder

    def sealed(self, hashes: Iterable[str]) -> frozenset[str]:
        """Those of some sha256 that somebody sealed, on whatever case."""
        wanted = tuple(hashes)
        return self.read(lambda connection: evidence.sealed(connection, wanted))

    def original(self, sha256: str) -> Original:
        """An original, to be read; it may not be there. Of a plain store its `Path`."""
        return self._inside.original(sha256) if self._inside else self.folder / "media" / sha256

    def original_size(self, sha256: str) -> int | None:
        """How many bytes an original has; None where it is not here."""
        if self._inside:
            return self._inside.size(sha256)
        path = self.folder / "media" / sha256
        return path.stat().st_size if path.is_file() else None

    def remove_originals(self, hashes: Iterable[str]) -> int:
        """Remove originals for good; gives how many went."""
        return self._inside.remove(hashes) if self._inside else originals.remove(self.folder, hashes)

    def ledger(self) -> Ledger:
        """The private ledger that lies beside the store."""
        from escaltui.store.wellbeing import Ledger

        return Ledger(self.folder, self._engine.key)

    def keep_original(self, content: bytes, listed: Collection[str] = ()) -> str:
        """Keep bytes as they came; their sha256, when they are on the disk.

        Raises SealedContent for what is sealed here, or whose hash is on the operator's list (`listed`).
        """
        return self.keep_file(io.BytesIO(content), hexdigest(content), listed)

    def keep_file(self, source: BinaryIO, sha256: str, listed: Collection[str] = ()) -> str:
        """The same for what is read from a file, whose hash is known: raises ChangedContent where it is another now."""
        originals.refuse(sha256 in listed or bool(self.sealed((sha256,))))
        if self._inside:
            self._inside.keep(source, sha256)
        else:
            originals.keep(self.folder, source, sha256)
        if self.sealed((sha256,)):  # somebody sealed it meanwhile, and may have purged before it was here
            self.remove_originals((sha256,))
            originals.refuse(sealed=True)
        return sha256

    def settle(self) -> None:
        """Overwrite what was deleted, in the file and in its log."""
        self._engine.settle()

    def all_sealed(self) -> frozenset[str]:
        """The hashes of everything that is sealed here."""
        return self.read(evidence.all_sealed)

    def unpurged(self) -> bool:
        """Whether something was sealed whose copies here may not be gone yet."""
        return self.read(purge.is_due)

    def remove_sealed(self, also: Iterable[str] = ()) -> int:
        """Remove the bytes of what is sealed, and files that hold some (`also`); how many files are sealed by now."""
        sealed, hashes = self.read(lambda connection: (purge.count(connection), evidence.all_sealed(connection)))
        self.remove_originals((*hashes, *also))
        return sealed

    def forget_sealed(self, sealed: int) -> None:
        """Drop how sealed files looked and what was said of them: the purge of so many is done with it."""
        self.write(lambda connection: purge.words(connection, sealed))
        self._engine.settle()

    def copies_outlive(self) -> bool:
        """Whether backups may hold words about something that was sealed since."""
        return self.read(purge.copies_are_due)

    def renew_copies(self) -> None:
        """Remove all backups and make a fresh one; of what is sealed and not purged yet they are still to be freed."""
        purged = self.meta(purge.PURGED) or "0"
        purge.drop_copies(self.folder)
        self.set_meta(purge.COPIED, purged)
        self._engine.copy()

    def verify(self) -> ChainReport:
        """Recompute the whole hash chain."""
        return self.read(log.verify)

    def backup(self) -> Path:
        """Make a copy of the store in `backups/` now; the newest seven are kept."""
        return self._engine.copy()

    def interrupt_readers(self) -> None:
        """Stop what is being read; its callers get Interrupted."""
        self._engine.interrupt()

    def data_version(self) -> int:
        """A number that differs once another program has written to this store."""
        return self._engine.data_version()


def _inside(engine: Engine) -> EncryptedOriginals | None:
    """Where the originals of an encrypted store lie."""
    if engine.key is None:
        return None
    from escaltui.store.encrypted_originals import EncryptedOriginals

    return EncryptedOriginals(engine.place, engine.key)
