"""Accounts as this store knows them: their items, the cases about those, who asked, and the networks they are in.

Only what lies here is read: a case that few may see, and its items, lie with those few alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from escaltui.domain.accounts import Network
from escaltui.domain.actors import Held
from escaltui.domain.entities import Action, Decision, Requester, Subject
from escaltui.store import log, select
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder, everyone
from escaltui.store.values import LineRow, LoggedChange

# CROSS JOIN keeps SQLite in this order: each table is reached by the index that the one before it gives a value for.
# What is on a case as evidence only is not what the case is about.
ITEMS = """SELECT t.case_id, s.id FROM subject s CROSS JOIN case_set t
WHERE s.platform = ?1 AND s.author = ?2 AND t.field = 'subject' AND t.value = s.id
AND NOT EXISTS(SELECT 1 FROM cases c CROSS JOIN json_each(c.body, '$.subjects') e WHERE c.id = t.case_id
AND instr(c.body, '"evidence_only"') AND e.key = s.id AND e.value = 'evidence_only')"""
CASES = """SELECT c.id, c.received_at, c.is_open, c.requester FROM json_each(?1) k CROSS JOIN cases c
WHERE c.id = k.value ORDER BY c.received_at DESC, c.id"""
DECISIONS = """SELECT d.case_id, d.body,
EXISTS(SELECT 1 FROM decision r WHERE r.key = d.id AND r.key != '' AND r.state = 'effective')
FROM json_each(?1) k CROSS JOIN decision d WHERE d.case_id = k.value ORDER BY d.n"""
ACTIONS = "SELECT a.case_id, a.body FROM json_each(?1) k CROSS JOIN action a WHERE a.case_id = k.value"
PLATFORMS = """WITH RECURSIVE p(name) AS (SELECT min(platform) FROM subject UNION ALL
SELECT (SELECT min(platform) FROM subject WHERE platform > p.name) FROM p WHERE p.name IS NOT NULL)
SELECT p.name FROM p WHERE p.name IS NOT NULL AND EXISTS(SELECT 1 FROM subject s CROSS JOIN case_set t
WHERE s.platform = p.name AND s.author = ?1 AND t.field = 'subject' AND t.value = s.id)"""
OPENLY = """SELECT max(c.sensitivity = 'normal') FROM subject s CROSS JOIN case_set t CROSS JOIN cases c
WHERE s.platform = ?1 AND s.author = ?2 AND t.field = 'subject' AND t.value = s.id AND c.id = t.case_id"""
ON_CASE = """SELECT s.platform, s.author, count(*) FROM cases c, json_each(c.body, '$.subjects') e CROSS JOIN subject s
WHERE c.id = ?1 AND s.id = e.key AND s.author != '' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ?2"""
COUNT = f"SELECT count(DISTINCT case_id) FROM ({ITEMS})"
FILES = """SELECT s.body FROM json_each(?1) k CROSS JOIN subject s
WHERE s.id = k.value AND json_extract(s.body, '$.media') IS NOT NULL"""
LINES = f"SELECT c.id, {select.LINE} FROM json_each(?1) k CROSS JOIN cases c WHERE c.id = k.value"
ASKED = "SELECT r.body FROM json_each(?1) k CROSS JOIN requester r WHERE r.id = k.value"


class Account(NamedTuple):
    """An account of a platform, as it stands on items."""

    platform: str
    name: str

    @property
    def ref(self) -> str:
        """How a network names it."""
        return f"{self.platform}/{self.name}"


def account(ref: str) -> Account:
    """The account that a reference names: all before the first stroke is its platform."""
    platform, _stroke, name = ref.partition("/")
    return Account(platform, name)


def platforms(connection: Connection, name: str) -> list[Account]:
    """The accounts of a name that cases here are about, on whatever platform."""
    found = connection.execute(PLATFORMS, (name,)) if name else ()
    return [Account(row[0], name) for row in found]


def on_case(connection: Connection, case_id: str, limit: int) -> list[tuple[Account, int]]:
    """The accounts whose items a case is about, with how many, those of most items first."""
    return [(Account(*row[:2]), row[2]) for row in connection.execute(ON_CASE, (case_id, limit))]


def openly(connection: Connection, one: Account) -> bool | None:
    """Whether a case that the whole desk may see is about an account; None where none here is."""
    found = connection.execute(OPENLY, one).fetchone()[0] if one.name else None
    return None if found is None else bool(found)


def case_count(connection: Connection, one: Account) -> int:
    """How many cases are about an account's items."""
    found: int = connection.execute(COUNT, one).fetchone()[0] if one.name else 0
    return found


def items(connection: Connection, accounts: Iterable[Account]) -> dict[str, list[str]]:
    """The items of some accounts (row ids) by the case that is about them."""
    found: dict[str, list[str]] = {}
    for one in accounts:
        for case_id, item in connection.execute(ITEMS, one) if one.name else ():
            found.setdefault(case_id, []).append(item)
    return found


def newest(connection: Connection, case_ids: Iterable[str]) -> list[str]:
    """Some cases, the newest first."""
    return [row[0] for row in connection.execute(CASES, (_json(case_ids),))]


def held(connection: Connection, accounts: Iterable[Account]) -> list[Held]:
    """The cases of some accounts with what was decided on them, the newest first."""
    own = items(connection, accounts)
    keys = _json(own)
    decisions, actions, overturned = dict[str, list[Decision]](), dict[str, list[Action]](), set[str]()
    read, act = decoder(Decision), decoder(Action)
    for case_id, body, is_reversed in connection.execute(DECISIONS, (keys,)):
        decisions.setdefault(case_id, []).append(found := read(body))
        if is_reversed:
            overturned.add(found.id)
    for case_id, body in connection.execute(ACTIONS, (keys,)):
        actions.setdefault(case_id, []).append(act(body))
    reversing = frozenset(overturned)
    return [
        Held(key, received, bool(is_open), requester, frozenset(own[key]), tuple(decisions.get(key, ())),
             tuple(actions.get(key, ())), reversing)
        for key, received, is_open, requester in connection.execute(CASES, (keys,))
    ]  # fmt: skip


def lines(connection: Connection, case_ids: Sequence[str]) -> list[LineRow]:
    """Some cases as lines, in the order of their ids given."""
    place = {key: at for at, key in enumerate(case_ids)}
    return sorted(select.lines(connection, LINES, (_json(case_ids),), 1), key=lambda row: place[row.id])


def files(connection: Connection, of: Iterable[str]) -> list[str]:
    """The hashes of the files of some items (row ids); those that came labelled as sealed are left out."""
    read, found = decoder(Subject), dict[str, None]()
    for (body,) in connection.execute(FILES, (_json(of),)):
        found |= dict.fromkeys(each.sha256 for each in read(body).media if each.sha256 and not each.sealed)
    return list(found)


def asked(connection: Connection, ids: Iterable[str]) -> dict[str, Requester]:
    """Some requesters by id, and those under whom they go on."""
    read, found, wanted = decoder(Requester), dict[str, Requester](), set(ids)
    while wanted:
        rows = [read(body) for (body,) in connection.execute(ASKED, (_json(wanted),))]
        found |= {row.id: row for row in rows}
        wanted = {row.merged_into for row in rows if row.merged_into} - found.keys()
    return found


def survivors(known: dict[str, Requester]) -> dict[str, str]:
    """Under whom each requester goes on, of those that turned out to be another one."""
    found = {}
    for key in known:
        last, seen = key, {key}
        while (then := known[last].merged_into) and then in known and then not in seen:
            last = then
            seen.add(then)
        if last != key:
            found[key] = last
    return found


# --- networks


def networks(connection: Connection) -> list[Network]:
    """The networks that are not withdrawn, by name."""
    return sorted((each for each in everyone(connection, Network) if not each.withdrawn), key=lambda row: row.name)


def network(connection: Connection, key: str) -> Network | None:
    """A network by its id, a withdrawn one too."""
    found = connection.execute("SELECT body FROM network WHERE id = ?", (key,)).fetchone()
    return decoder(Network)(found[0]) if found else None


def history(connection: Connection, key: str) -> list[LoggedChange]:
    """What was done to a network, in the order in which this store learnt of it; confirmed only."""
    return log.standing(connection, _json([key]))


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
