"""A person's work on a store whose disk is watched, telling the disk what was said to be done; and what must hold after
a power cut, whatever it left.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from power_disk import Disk

from escaltui import rules_loader
from escaltui.domain import ids
from escaltui.domain.media import Attachment
from escaltui.domain.operations import AddNote, DescribeMedia, NewSubject, OpenCase, Operation, SealMedia, Tag
from escaltui.domain.wire import Me, Pulled, Result, Stand, operation
from escaltui.store import Done, Store, Who, chain, driver, folder, migrate
from escaltui.store.connected import Connected
from escaltui.store.errors import StoreError

NOW = 1_790_000_000_000
ROLES = ("specialist", "lead", "admin")
CANARY = b"walrus-canary"
PICTURE = b"picture of it " * 700
CHECKPOINT_PAGES = 120
"""Pages of the log after which it is moved into the file: fewer than the product's, so that it happens here."""
_LINES = f"SELECT {', '.join(chain.LINE)} FROM change WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?"


@contextmanager
def small() -> Iterator[None]:
    """A log and a reserve of a size that is soon full."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(driver, "CHECKPOINT_PAGES", CHECKPOINT_PAGES))
        stack.enter_context(patch.object(folder, "RESERVE_SMALLEST", 64 << 10))
        yield


class Hand:
    """Somebody at work on a store. Each thing is one second later, and told to the disk once it is done."""

    def __init__(self, disk: Disk, store: Store, roles: Iterable[str] = ROLES) -> None:
        self.disk, self.store, self.rules, self.now = disk, store, rules_loader.load(), NOW
        self.who, self.draw = Who("ada", frozenset(roles), store.device), Random(1)
        disk.said("opened", store.device)

    def new_id(self) -> str:
        return ids.operation_id(self.now, self.draw.randbytes(10))

    def do(self, op: Operation) -> Done:
        self.now += 1000
        done = self.store.do(op, self.who, self.now, self.rules, op_id=self.new_id())
        assert isinstance(done, Done), done
        self.disk.said("op", done.op_id)
        return done

    def open(self, **more: Any) -> str:
        case_id = self.new_id()
        self.do(OpenCase(opens=case_id, title="A case", **more))
        return case_id

    def note(self, case_id: str, words: str) -> None:
        done = self.do(AddNote(case=case_id, body=words))
        self.disk.said("note", done.changes[0].entity_id, words)

    def draft(self, n: int) -> None:
        self.store.save_draft("note", "", f"draft {n}", self.now)
        self.disk.said("draft", str(n))


def alone(place: Path, disk: Disk, notes: int = 40) -> None:
    """A store that follows nobody: notes and drafts, backups, a file that comes to be sealed and is purged."""
    store = Store.open(place)
    hand = Hand(disk, store)
    case_id, sealed = hand.open(), _picture(hand)
    for n in range(notes):
        hand.note(case_id, f"note {n} " * (1 + 60 * (n % 4)))
        hand.draft(n)
        if n % 9 == 8:
            store.settle()
        if n % 13 == 6:
            disk.said("backup", store.backup().name)
        if n == notes // 2:
            disk.said("asking for a purge")
            hand.do(SealMedia(**sealed))
            store.forget_sealed(store.remove_sealed())
            disk.said("purged")
            store.renew_copies()
            disk.said("renewed")
    store.close()
    again = Hand(disk, Store.open(place))
    again.now, again.draw = hand.now, Random(2)
    again.note(case_id, "after it was opened again")
    again.store.close()
    disk.said("closed")


def _picture(hand: Hand) -> dict[str, Any]:
    """A case with a described picture; what names the picture in an operation."""
    sha256 = hand.store.keep_original(PICTURE)
    hand.disk.said("original", sha256)
    held = (Attachment("p.png", "image/png", len(PICTURE), sha256),)
    case_id = hand.open(subjects=(NewSubject(item_id="p1", media=held),))
    found = hand.store.bundle(case_id)
    assert found is not None
    named: dict[str, Any] = {"case": case_id, "holder": f"subject:{found.subjects[0].id}", "at": 0}
    hand.do(DescribeMedia(**named, text=CANARY.decode()))
    return named


def following(place: Path, disk: Disk, pages: int = 12) -> None:
    """A store that follows an authority: own notes that wait, are accepted and come back, among pages of a colleague's,
    which do not wait for the disk."""
    store, authority = Store.open(place), Store.open(place.with_name("authority"))
    hand = Hand(disk, store)
    store.follow(Connected("https://desk.example", "global", Me("ada", roles=ROLES)))
    other = Hand(Disk(place), authority)
    other.who = Who("bo", frozenset(ROLES), authority.device)
    other.draw = Random(3)
    theirs, mine = other.open(), hand.open()
    for n in range(pages):
        other.now = hand.now = max(hand.now, other.now)
        for _ in range(n % 5):
            other.note(theirs, f"theirs {n} " * 20)
            other.do(Tag(case=theirs, tags=(f"t{n}",)))
        hand.note(mine, f"mine {n} " * 10)
        if n % 3 == 2:
            _push(hand, authority)
        _pull(hand, authority)
        if n % 5 == 4:
            store.settle()
    store.close()
    authority.close()


def _push(hand: Hand, authority: Store) -> None:
    remote, who, results = hand.store.remote, Who("ada", frozenset(ROLES), hand.store.device), []
    assert remote is not None
    for stream in remote.streams():
        for each in remote.waiting(stream, 50):
            hand.now += 1000
            found = authority.do(operation(each.body.encode()), who, hand.now, hand.rules, op_id=each.op_id)
            assert isinstance(found, Done), found
            results.append(Result(each.op_id, "applied", seqs={stream: (found.seqs[0], found.seqs[-1])}))
    remote.answered(results, hand.now, hand.rules)


def _pull(hand: Hand, authority: Store) -> None:
    remote = hand.store.remote
    assert remote is not None
    for stream, end in authority.read(lambda c: c.execute("SELECT stream, seq FROM stand").fetchall()):
        after = remote.stands().get(stream, Stand()).seq
        rows = authority.read(lambda c, at=(stream, after, 1000): c.execute(_LINES, at).fetchall())  # type: ignore[misc]
        page = [Pulled._make(row) for row in rows]
        ends = {str(a.seq) for a, b in zip(page, (*page[1:], None), strict=False) if b is None or a.op_id != b.op_id}
        hand.disk.said("asking for a page", stream, *ends)
        remote.receive(stream, page, hand.now, hand.rules)
        hand.disk.said("page", stream, str(end))


def climbing(place: Path, disk: Disk) -> None:
    """A store of an earlier schema is opened."""
    disk.adopt()
    disk.said("begun")
    Store.open(place).close()
    disk.said("climbed")


# --- after the cut

Told = list[tuple[str, ...]]


def lost(place: Path, told: Told) -> list[str]:
    """What does not hold of what a cut left, as sentences; pages that are not here any more begin with `page`."""
    try:
        with closing(Store.open(place)) as store:
            found = [*_broken(store), *_missing(store, told), *_pages(store, told), *_outlives(store, told)]
    except (StoreError, sqlite3.Error) as error:
        return [f"corrupt: it does not open: {error}"]
    return found + _unsound(place / "store.db")


def _broken(store: Store) -> Iterator[str]:
    report = store.verify()
    if not report.sound:
        yield f"corrupt: the chain: {report.reason}"
    halves = (
        """SELECT count(*) FROM change WHERE entity = 'note' AND action = 'created'
        AND entity_id NOT IN (SELECT id FROM note)""",
        """SELECT count(*) FROM note WHERE id NOT IN
        (SELECT entity_id FROM change UNION SELECT entity_id FROM pending)""",
        """SELECT count(*) FROM outbox WHERE type = 'AddNote' AND op_id NOT IN
        (SELECT op_id FROM change UNION SELECT op_id FROM pending)""",
    )
    for sql in halves:
        if store.read(lambda c, sql=sql: c.execute(sql).fetchone()[0]):  # type: ignore[misc]
            yield f"corrupt: half an operation: {sql.split('FROM')[1].strip()}"


def _missing(store: Store, told: Told) -> Iterator[str]:
    rows = store.read(lambda c: c.execute("SELECT id, json_extract(body, '$.body') FROM note").fetchall())
    held, ops = dict(rows), {each.op_id for each in store.outbox(limit=100_000)}
    drafts = [int(each[1]) for each in told if each[0] == "draft"]
    kept = (store.draft("note") or "draft -1").split()[1]
    if drafts and int(kept) < drafts[-1]:
        yield f"lost: draft {drafts[-1]}"
    for kind, *rest in told:
        if kind == "opened" and store.device != rest[0]:
            yield "lost: the store"
        if kind == "op" and rest[0] not in ops:
            yield f"lost: operation {rest[0]}"
        if kind == "note" and held.get(rest[0], "").strip() != rest[1].strip():
            yield f"lost: note {rest[0]}"


def _pages(store: Store, told: Told) -> Iterator[str]:
    """What was pulled may be missing, but an operation's changes only together, and with the stand."""
    ends = {(each[1], int(seq)) for each in told if each[0] == "asking for a page" for seq in each[2:]}
    here = {each[1]: int(each[2]) for each in told if each[0] == "page"}
    if store.remote is None:
        return
    counted = "SELECT stream, count(*) FROM change GROUP BY stream"
    held = dict(store.read(lambda c: c.execute(counted).fetchall()))
    for stream, stand in store.remote.stands().items():
        if held.get(stream, 0) != stand.seq or (stand.seq and (stream, stand.seq) not in ends):
            yield f"corrupt: part of a page: {held.get(stream, 0)} changes, stand {stand.seq}"
    for stream, end in here.items():
        if store.remote.stands().get(stream, Stand()).seq < end:
            yield f"page: {stream} {end} is not here"


def _outlives(store: Store, told: Told) -> Iterator[str]:
    """Files that were told to be kept and are not; words and bytes that were told to be gone, and are not."""
    kinds = [each[0] for each in told]
    asked = "asking for a purge" in kinds
    for kind, *rest in told:
        if kind == "original" and not asked:
            path = store.folder / "media" / rest[0]
            if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != rest[0]:
                yield "lost: an original"
        if kind == "backup" and not asked and not (store.folder / "backups" / rest[0]).exists():
            yield f"lost: backup {rest[0]}"
    copies = list((store.folder / "backups").glob("store-*.db"))
    yield from (f"corrupt: backup: {said}" for path in copies for said in _unsound(path))
    sealed = bool(store.all_sealed())
    if "purged" in kinds or (sealed and not store.unpurged()):
        if any(each.read_bytes() == PICTURE for each in (store.folder / "media").iterdir()):
            yield "outlives: sealed bytes in media"
        if any(CANARY in path.read_bytes() for path in store.folder.glob("store.db*")):
            yield "outlives: words of a sealed file in the store"
    if ("renewed" in kinds or (sealed and not store.copies_outlive())) and any(
        CANARY in path.read_bytes() for path in copies
    ):
        yield "outlives: words of a sealed file in a backup"


def _unsound(path: Path) -> list[str]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
            if connection.execute("PRAGMA user_version").fetchone()[0] == migrate.VERSION:
                for name in ("case_fts", "precedent_fts", "policy_fts"):
                    connection.execute(f"INSERT INTO {name}({name}) VALUES ('integrity-check')")
        except sqlite3.Error as error:
            return [f"corrupt: {error}"]
    return [] if found == "ok" and loose is None else [f"corrupt: {found} {loose}"]
