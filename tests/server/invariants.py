"""The promises of sync, each a function that raises AssertionError with its own name where it does not hold."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from base_rows import base_rows

from escaltui.domain import fold, ids
from escaltui.domain.entities import ENTITIES
from escaltui.domain.operations import AddNote, Claim
from escaltui.store import chain, streams
from escaltui.store.columns import TABLE
from escaltui.store.log import Content

if TYPE_CHECKING:
    from ground import Client, World
    from model import Asked, Program

_decode = msgspec.json.decode
_COLUMNS = ", ".join((*chain.COLUMNS, "digest", "hash", "salt", "body"))
TRIES_MOST = 12
CANARY = 8
"""The last letters of a canary that are looked for: an index may share what words begin with."""


class Change:
    """A line of the server's log, with what it says."""

    __slots__ = ("at", "columns", "content", "digest", "hash", "salt", "text", *chain.COLUMNS)

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.columns = row[: len(chain.COLUMNS)]
        for name, value in zip(chain.COLUMNS, row, strict=False):
            setattr(self, name, value)
        self.digest, self.hash, self.salt, self.text = row[-4:]
        self.content = _decode(self.text, type=Content) if self.text else Content()


def server_log(world: World) -> list[Any]:
    """Everything that the server says happened, in the order of commits."""
    return [Change(row) for row in world.rows(f"SELECT {_COLUMNS} FROM change ORDER BY n")]


# --- I1


def i1_every_note_once(program: Program, log: list[Any]) -> None:
    """Every saved note is on the server once, same bytes, right author; or set aside with its words at its author's."""
    held = {row[0]: _decode(row[1]) for row in program.world.rows("SELECT id, body FROM note")}
    made = Counter(each.op_id for each in log if each.entity == "note" and each.action == "created")
    for asked in program.asked:
        if isinstance(asked.op, AddNote):
            _one_note(program, asked, held.get(ids.entity_id(asked.op_id, 0)), made[asked.op_id])
    _kept_words(program, held)


def _one_note(program: Program, asked: Asked, note: dict[str, Any] | None, made: int) -> None:
    state, body = program.fate(asked)
    where = f"I1 {asked.person}'s note {asked.op_id} ({state})"
    assert made <= 1, f"{where}: made {made} times"
    if note is not None and note.get("created_by") != asked.person:
        note = None
    if state in ("", "recalled"):
        assert state == "recalled" or not asked.saved, f"{where}: saved, and nowhere"
        assert note is None or not asked.saved, f"{where}: recalled, and there"
    elif state == "parked":
        assert asked.op.body in _decode(body).get("body", ""), f"{where}: set aside without its words"
        assert note is None, f"{where}: set aside, and there"
    elif note is None:
        assert state == "settled", f"{where}: not on the server"
        assert program.world.restored, f"{where}: not on the server"
        assert asked.dropped, f"{where}: lost by a restored backup, though its author was there"
    else:
        assert made == 1, f"{where}: {made} times in the log"
        assert note["body"] == asked.op.body, f"{where}: other words"


def _kept_words(program: Program, held: dict[str, Any]) -> None:
    """What came too late is a note on its case, in its author's name."""
    for op_id, actor, result in program.world.rows("SELECT op_id, actor, result FROM ledger"):
        told = _decode(result)
        late = told["status"] == "refused" and told["refused"]["code"] in ("stale", "lost_claim")
        if not late or not program.says_something(op_id):
            continue
        note = held.get(ids.entity_id(op_id, 0))
        assert note is not None, f"I1 what {actor} said came too late and was not kept"
        assert note["created_by"] == actor, "I1 kept in another's name"


# --- I2, I3


def i2_nothing_replaced_unseen(program: Program, log: list[Any]) -> None:
    """No accepted decision or edit replaced one that its author had not seen."""
    seen = {asked.op_id: asked for asked in program.asked if asked.seen}
    for each in log:
        asked = seen.get(each.op_id)
        if (
            asked is None
            or each.entity != "case"
            or each.entity_id != getattr(asked.op, "case", "")
            or "stream" in each.content.fields
        ):
            continue
        for name, (was, now) in each.content.fields.items():
            if name in asked.seen and not fold.alike(was, now):
                saw = asked.seen[name]
                assert fold.alike(was, saw) or not (was or saw), (
                    f"I2 {asked.person} replaced {name} {was!r} by {now!r}, having seen {saw!r}"
                )


def i3_one_holder(program: Program, log: list[Any]) -> None:
    """A fence of a case belongs to one person, and grows; whoever decides holds a claim that lasts."""
    lease: dict[str, dict[str, Any] | None] = {}
    holder: dict[tuple[str, int], str] = {}
    taken = {asked.op_id for asked in program.asked if isinstance(asked.op, Claim) and asked.op.take_over}
    for each in log:
        if each.entity != "case":
            continue
        if each.verb == "ProposeDecision" and each.action == "set" and "lease" in each.content.fields:
            had = lease.get(each.entity_id)
            assert had, f"I3 {each.actor} decided {each.entity_id} without a claim"
            assert had["person"] == each.actor, f"I3 {each.actor} decided under a claim of {had['person']}"
            assert had["expires_at"] > each.at, f"I3 {each.actor} decided under a claim that had run out"
        if "lease" in each.content.fields:
            had, now = lease.get(each.entity_id), each.content.fields["lease"][1]
            lease[each.entity_id] = now
            if now:
                if each.verb == "Claim" and had and had["person"] != now["person"] and had["expires_at"] > each.at:
                    assert each.op_id in taken, f"I3 {now['person']} took {each.entity_id} from {had['person']} unasked"
                key = (each.entity_id, now["fence"])
                assert holder.setdefault(key, now["person"]) == now["person"], f"I3 two hold {key}"
                last = max((fence for case_id, fence in holder if case_id == each.entity_id), default=0)
                assert now["fence"] == last, f"I3 {key} came after fence {last}"
    for case_id, fence, person in program.given:
        if not program.world.restored:
            assert holder.get((case_id, fence)) == person, f"I3 {person} was told to hold {case_id} under {fence}"


# --- I4, I7


def i4_dense_and_in_order(program: Program, log: list[Any]) -> None:
    """Numbers have no holes and rise with time; what a client holds of a log is its beginning."""
    by_stream: dict[str, list[Any]] = {}
    for each in log:
        by_stream.setdefault(each.stream, []).append(each)
    heads = {row[0]: row[1:] for row in program.world.rows("SELECT stream, seq, hash FROM head WHERE seq > 0")}
    assert heads == {s: (found[-1].seq, found[-1].hash) for s, found in by_stream.items()}, "I4 heads"
    for stream, found in by_stream.items():
        assert [each.seq for each in found] == list(range(1, len(found) + 1)), f"I4 {stream} is not dense"
        assert [each.at for each in found] == sorted(each.at for each in found), f"I4 {stream} goes back in time"
    for client in program.world.clients:
        _prefix(client, by_stream)


def _prefix(client: Client, by_stream: dict[str, list[Any]]) -> None:
    rows = client.store.read(
        lambda connection: connection.execute("SELECT stream, seq, hash FROM change ORDER BY stream, seq").fetchall()
    )
    held: dict[str, list[tuple[int, str]]] = {}
    for stream, seq, digest in rows:
        held.setdefault(stream, []).append((seq, digest))
    for stream, found in held.items():
        told = [(each.seq, each.hash) for each in by_stream.get(stream, ())]
        assert found == told[: len(found)], f"I4 {client.person}'s log of {stream} is not the beginning of the server's"
    for stream, stand in client.remote.stands().items():
        last = held.get(stream, [(0, chain.FIRST)])[-1]
        assert last == (stand.seq, stand.hash), f"I4 {client.person} stands at {stand.seq} of {stream}, holds {last[0]}"


def i7_chains_and_effects(program: Program, log: list[Any]) -> None:
    """Chains verify on every side; rows are what their changes make; each answer in the ledger has its changes."""
    prev: dict[str, str] = {}
    for each in log:
        if each.text is not None:
            assert chain.digest(each.salt or "", each.text) == each.digest, f"I7 {each.stream} {each.seq} was altered"
        found = chain.link(prev.get(each.stream, chain.FIRST), each.columns, each.digest)
        assert found == each.hash, f"I7 {each.stream} {each.seq} does not follow"
        prev[each.stream] = each.hash
    for client in program.world.clients:
        report = client.store.verify()
        assert report.sound, f"I7 {client.person}'s chain: {report.broken} {report.reason}"
    _rows_of_changes(program.world, log)
    _ledger(program.world, log)
    done = {each.op_id: each.verb for each in log if each.verb != "AddNote"}
    for client in program.world.clients:
        for kept in client.store.outbox(state="parked", limit=10_000):
            assert kept.op_id not in done, f"I7 {client.person}'s {kept.type} was set aside, and has an effect"


def _rows_of_changes(world: World, log: list[Any]) -> None:
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for each in log:
        key = (each.entity, each.entity_id)
        if each.content.fields and each.action != "moved":
            row = made.get(key, {"id": each.entity_id})
            made[key] = fold.patch(row, each.content.fields, ENTITIES[each.entity].SETS) | {"rev": each.rev}
    for name in ENTITIES:
        for row_id, body in world.rows(f"SELECT id, body FROM {TABLE.get(name, name)}"):
            assert made.pop((name, row_id), None) == _decode(body), f"I7 {name} {row_id} is not what its changes make"
    assert not made, f"I7 changes of rows that are not there: {list(made)[:3]}"


def _ledger(world: World, log: list[Any]) -> None:
    at = {(each.stream, each.seq): each.op_id for each in log}
    for op_id, result in world.rows("SELECT op_id, result FROM ledger"):
        for stream, (first, last) in _decode(result).get("seqs", {}).items():
            own = [at.get((stream, seq)) for seq in (first, last)]
            assert own == [op_id, op_id], f"I7 {op_id} was told {stream} {first}-{last}, where {own} lie"


# --- I5, I6


def i5_same_tables(program: Program) -> None:
    """What is confirmed is the same in every copy of a stream, by sha256."""
    world = program.world
    for client in world.clients:
        for stream in world.streams(client.person) & client.remote.stands().keys():
            for name in ENTITIES:
                table = TABLE.get(name, name)
                here = client.store.read(lambda c, t=table, s=stream: base_rows(c, t, s))
                there = {
                    r[0]: _decode(r[1]) for r in world.rows(f"SELECT id, body FROM {table} WHERE stream = %s", stream)
                }
                if digest(here) != digest(there):
                    raise AssertionError(f"I5 {client.person}: {table} of {stream}: {_first(here, there)}")


def digest(rows: dict[str, Any]) -> str:
    """One hash of a table, whatever order it was read in."""
    return hashlib.sha256(msgspec.json.encode(rows, order="deterministic")).hexdigest()


def _first(here: dict[str, Any], there: dict[str, Any]) -> str:
    for key in sorted(here.keys() | there.keys()):
        one, other = here.get(key), there.get(key)
        if one is None or other is None:
            return f"{key}: held {one is not None}, on the server {other is not None}"
        for name in sorted(one.keys() | other.keys()):
            if one.get(name) != other.get(name):
                return f"{key}.{name}: held {one.get(name)!r}, on the server {other.get(name)!r}"
    return "alike?"


def i6_nothing_forbidden(program: Program, client: Client) -> None:
    """Nothing of a stream that somebody may not see is in any file of theirs; own words that were set aside may be."""
    allowed = program.world.streams(client.person)
    lie = dict(program.world.rows("SELECT id, stream FROM cases"))
    kept = {
        _decode(row[0]).get("name")
        for row in program.world.rows("SELECT body FROM requester WHERE stream = ANY(%s)", list(allowed))
    }
    aside = "".join(
        each.body for state in ("parked", "queued") for each in client.store.outbox(state=state, limit=10_000)
    )
    hidden = [
        each
        for each in program.canaries
        if lie.get(each.case) not in {None, *allowed} and each.word not in kept and each.word not in aside
    ]  # a requester stays in the directory of the desk that took them in
    if not hidden:
        return
    files = {path: path.read_bytes() for path in client.folder.rglob("*") if path.is_file()}
    for each in hidden:
        tail = each.word[-CANARY:].encode()
        for path, found in files.items():
            assert tail not in found, (
                f"I6 {client.person} holds {each.word} of {lie.get(each.case)} ({each.what}, in {path.name})"
            )


# --- I8, I9, I10


def i8_pending_stays_in_view(program: Program, client: Client) -> None:
    """What somebody did and nobody confirmed is in their view: each row is its base with its pending changes on top."""
    rows = client.store.read(_laid)
    for name, row_id, expected, view in rows:
        assert view == expected, (
            f"I8 {client.person}'s {name} {row_id}: shown {view}, pending on its base is {expected}"
        )
    for op_id, kind, fits, shown in client.store.read(_notes_waiting):
        assert shown or not fits, f"I8 {client.person}'s {kind} {op_id} left the view"


def _laid(connection: Any) -> list[tuple[str, str, Any, Any]]:
    changes: dict[tuple[str, str], list[tuple[str, int]]] = {}
    sql = "SELECT entity, entity_id, body, rev FROM pending WHERE fits = 1 AND action != 'moved' ORDER BY n"
    for name, row_id, body, rev in connection.execute(sql):
        changes.setdefault((name, row_id), []).append((body, rev))
    found = []
    for name, row_id, body in connection.execute("SELECT entity, id, body FROM shadow").fetchall():
        row = _decode(body)[0] if body is not None else None
        for said, rev in changes.pop((name, row_id), ()):
            if fields := _decode(said, type=Content).fields:
                row = fold.patch(row or {"id": row_id}, fields, ENTITIES[name].SETS) | {"rev": rev}
        view = connection.execute(f"SELECT body FROM {TABLE.get(name, name)} WHERE id = ?", (row_id,)).fetchone()
        found.append((name, row_id, row, _decode(view[0]) if view else None))
    assert not changes, f"I8 pending changes of rows without a base: {list(changes)[:3]}"
    return found


def _notes_waiting(connection: Any) -> Iterator[tuple[str, str, bool, bool]]:
    """Notes of somebody's own. One on a case that the server lost waits for its author: there is nowhere to show it."""
    sql = """SELECT op_id, type FROM outbox WHERE type = 'AddNote' AND ((state = 'queued' AND (EXISTS
    (SELECT 1 FROM cases WHERE cases.id = outbox.case_id) OR NOT EXISTS
    (SELECT 1 FROM meta WHERE key = ? || outbox.case_id))) OR (state = 'settled'
    AND body != '' AND EXISTS (SELECT 1 FROM cases WHERE cases.id = outbox.case_id)))"""
    for op_id, kind in connection.execute(sql, (streams.AWAITED,)).fetchall():
        marked = connection.execute("SELECT 1 FROM pending WHERE op_id = ? AND fits = 0", (op_id,)).fetchone()
        there = connection.execute("SELECT 1 FROM note WHERE id = ?", (ids.entity_id(op_id, 0),)).fetchone()
        yield op_id, kind, marked is None, there is not None


def i9_outbox_drains(program: Program) -> None:
    """Nothing waits any more once the network is whole, and nothing was tried for ever."""
    for client in program.world.clients:
        left = client.store.outbox(state="queued")
        assert not left, f"I9 {client.person} still waits with {[(e.type, e.op_id, e.result) for e in left][:3]}"
        most = client.store.read(_tries)
        assert most <= TRIES_MOST, f"I9 {client.person} tried one {most} times"


def _tries(connection: Any) -> int:
    found: int = connection.execute("SELECT coalesce(max(attempts), 0) FROM outbox").fetchone()[0]
    return found


def i10_restart_changes_nothing(before: str, after: str) -> None:
    """A store that was killed holds what it held."""
    assert before == after, "I10 a restart changed the store"


TABLES = (
    "outbox",
    "shadow",
    "pending",
    "pending_unit",
    "stand",
    "change",
    "draft",
    *(TABLE.get(n, n) for n in ENTITIES),
)


def contents(client: Client) -> str:
    """All that a store holds, as one hash."""

    def read(connection: Any) -> str:
        rows = [sorted(map(repr, connection.execute(f"SELECT * FROM {table}"))) for table in TABLES]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return client.store.read(read)
