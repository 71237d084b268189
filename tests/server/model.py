"""A model of sync: random programs of three clients on one backend, after which the promises must hold.

A program is a list of steps, each a rule and a number that it draws from, so that it runs the same when others are left
out: what fails is made shorter by leaving out steps (`shrunk`). This is a driver of our own and not hypothesis's: it
gives the same programs in every process, so figures add up; it counts; and leaving out steps is all the shrinking that
helps here, at the price of a run per try, which hypothesis would spend on each drawn value.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, NamedTuple

import invariants as must
import msgspec
from ground import World
from rules import Asked, Rules

from escaltui.domain.operations import (
    AddNote,
    OnCase,
    OpenCase,
)
from escaltui.domain.wire import Stand
from escaltui.sync.cycle import AWAITED_FOR

ROUNDS_MOST = 16
TRIES_SINGLY = 3
"""Rounds that an operation which breaks the server costs those behind it: tried alone so often, it is set aside."""


class Step(NamedTuple):
    """A rule, and the number from which it draws what it needs."""

    rule: str
    seed: int


class Program(Rules):
    """One program in a world. `run` raises AssertionError, whose text begins with the promise that was broken."""

    def __init__(self, world: World, steps: Iterable[Step]) -> None:
        super().__init__(world)
        self.steps, self.rounds = tuple(steps), 0

    def run(self) -> None:
        self.world.begin(1)
        try:
            first = self.world.clients[0]
            self.do(first, OpenCase(opens=self.world.new_id(), title="The first"))
            for client in self.world.clients:
                client.round()
            for at, step in enumerate(self.steps):
                self._step(step, at)
            self.converge()
            self.check()
        finally:
            self.world.end()

    def _step(self, step: Step, at: int) -> None:
        draw = random.Random(step.seed)
        self.world.random = random.Random(f"{step.seed}/{at if step.rule == 'wild' else ''}")
        self.world.clock.step()
        client = draw.choice(self.world.clients)
        with client.mortal():
            getattr(self, f"step_{step.rule}")(client, draw)
        must.i8_pending_stays_in_view(self, client)

    # --- the end

    def converge(self) -> None:
        """The network is whole again: everybody goes round until all is alike, in a bounded number of rounds."""
        for client in self.world.clients:
            client.network.next, client.armed = [], ""
        self.world.breaks = 0
        poison = sum(isinstance(each.op, AddNote) and "poison" in each.op.body for each in self.asked)
        for self.rounds in range(1, ROUNDS_MOST + TRIES_SINGLY * poison + 1):
            if self.rounds == ROUNDS_MOST // 2:  # what waits for the author of a case that a restored backup lacks
                self.world.clock.now += AWAITED_FOR
            whole = [client.round() for client in self.world.clients]
            if (
                all(whole)
                and not any(client.store.outbox(state="queued") for client in self.world.clients)
                and self._level()
            ):
                return

    def _level(self) -> bool:
        heads = dict(self.world.rows("SELECT stream, seq FROM head WHERE seq > 0"))
        return all(
            client.remote.stands().get(stream, Stand()).seq == heads.get(stream, 0)
            for client in self.world.clients
            for stream in self.world.streams(client.person) & heads.keys()
        )

    def check(self) -> None:
        log = must.server_log(self.world)
        assert not self.world.transport.broke, f"500 The server broke: {self.world.transport.broke[0]}"
        must.i4_dense_and_in_order(self, log)
        must.i9_outbox_drains(self)
        must.i7_chains_and_effects(self, log)
        must.i1_every_note_once(self, log)
        must.i2_nothing_replaced_unseen(self, log)
        must.i3_one_holder(self, log)
        for client in self.world.clients:
            must.i6_nothing_forbidden(self, client)
            must.i8_pending_stays_in_view(self, client)
        must.i5_same_tables(self)
        self._count(log)

    def _count(self, log: list[Any]) -> None:
        """What this program had in it."""
        made = self.world.made
        made["programs"] += 1
        made["steps"] += len(self.steps)
        made["changes"] += len(log)
        made["saved"] += sum(asked.saved for asked in self.asked)
        made["notes"] += sum(asked.saved and isinstance(asked.op, AddNote) for asked in self.asked)
        made["rounds"] += self.rounds
        kinds = {each.op_id: each.verb for each in log}
        made.update(f"did {verb}" for verb in kinds.values())
        for state in ("parked", "settled"):
            made[state] += sum(len(client.store.outbox(state=state)) for client in self.world.clients)
        made["claims given"] += len(self.given)
        made["canaries"] += len(self.canaries)
        made["decided"] += sum(each.verb == "ProposeDecision" and each.entity == "decision" for each in log)
        made["restored"] += self.world.restored

    def fate(self, asked: Asked) -> tuple[str, str]:
        """What became of an operation in its author's store: its state ("" for none), and its words."""
        sql = "SELECT state, body FROM outbox WHERE op_id = ?"
        client = self.world.clients[asked.n]
        row = client.store.read(lambda connection: connection.execute(sql, (asked.op_id,)).fetchone())
        asked.dropped = bool(row) and row[0] == "settled" and not row[1]
        return row or ("", "")

    def says_something(self, op_id: str) -> bool:
        """Whether an operation said more than its name: then it is kept when it comes too late."""
        found = next((each.op for each in self.asked if each.op_id == op_id), None)
        if not isinstance(found, OnCase):
            return False
        return bool(msgspec.to_builtins(found).keys() - {"type", "case", "base"})


WEIGHTS = {
    "note": 8, "edit": 6, "wild": 20, "open": 2, "report": 2, "claim": 4, "push": 8, "pull": 8, "round": 8, "fault": 8,
    "kill": 2, "doom": 5, "tick": 4, "revoke": 1, "grant": 2, "restrict": 1, "backup": 1, "restore": 1, "recall": 1,
    "draft": 1, "forge": 1, "link": 2, "broken": 2, "torn": 1,
}  # fmt: skip


def steps(seed: int, length: int, more: dict[str, int] | None = None) -> list[Step]:
    """The program of a seed. `more`: rules that come more often."""
    draw, weights = random.Random(seed), WEIGHTS | (more or {})
    rules = draw.choices(list(weights), list(weights.values()), k=length)
    return [Step(rule, draw.randrange(1 << 32)) for rule in rules]


def broken(world: World, program: Iterable[Step]) -> str:
    """What a program breaks: the text of the promise, or the error that nobody foresaw; "" for nothing."""
    try:
        Program(world, program).run()
    except AssertionError as error:
        return str(error) or "an assertion without words"
    except Exception as error:
        import traceback

        at = traceback.extract_tb(error.__traceback__)
        last = next((each for each in reversed(at) if "/escaltui/" in each.filename), at[-1])
        return f"error {type(error).__name__}: {str(error)[:300]} ({last.filename.rpartition('/')[2]}:{last.lineno})"
    return ""


def promise(text: str) -> str:
    """The name of the promise in what was said of it."""
    return text.partition(" ")[0]


def shrunk(world: World, program: list[Step], name: str) -> list[Step]:
    """The shortest list of steps found that breaks the same promise: parts are left out, large ones first."""
    size = len(program) // 2
    while size:
        at = 0
        while at < len(program):
            less = program[:at] + program[at + size :]
            if promise(broken(world, less)) == name:
                program = less
            else:
                at += size
        size //= 2
    return program
