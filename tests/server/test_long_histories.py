"""Two histories that name the same accounts are pushed at once: neither locks the other out."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import psycopg
import pytest
from team import DESK, Team

from escaltui.domain import ids
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.server import desk
from escaltui.server.people import Caller

ITEMS = [NewSubject(platform="p", item_id=str(n), url=f"https://p.example/{n}") for n in range(40)]
ROUNDS, LONG = 4, desk.LONG


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in the way is not tried again, so that it is seen."""
    monkeypatch.setattr(desk, "TRIES", 1)


def history(seed: int) -> Iterator[Sent]:
    """Cases over the same items as everybody else's, in another order."""
    chance = random.Random(seed)
    for _ in range(LONG):
        op_id = ids.operation_id(time.time_ns() // 1_000_000, chance.randbytes(10))
        items = tuple(chance.sample(ITEMS, 3))
        op = OpenCase(opens=ids.entity_id(op_id, 0), title="From the archive", subjects=items)
        yield Sent(op_id, msgspec.Raw(msgspec.json.encode(op)), time.time_ns() // 1_000_000)


def push(team: Team, person: str, seed: int) -> int:
    caller = Caller(person, f"device of {person}", frozenset({"push", "pull"}))
    results = team.desk.push(caller, DESK, Push(Stand(), tuple(history(seed))))
    return sum(each.status == "applied" for each in results)


def at_once(team: Team) -> list[int]:
    for person in ("ada", "eve"):
        team.member(person)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(push, team, person, 2 * n + k)
                 for n in range(ROUNDS) for k, person in enumerate(("ada", "eve"))]  # fmt: skip
        return [each.result() for each in asked]


def test_one_follows_the_other(team: Team) -> None:
    assert at_once(team) == [LONG] * 2 * ROUNDS


def test_without_that_they_meet(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "LONG", 10**6)
    with pytest.raises(psycopg.Error):
        at_once(team)
