"""A model of sync: random programs of three clients on one backend, after which the promises must hold.

A program is a list of steps, each a rule and a number that it draws from, so that it runs the same when others are left
out: what fails is made shorter by leaving out steps (`shrunk`). This is a driver of our own and not hypothesis's: it
gives the same programs in every process, so figures add up; it counts; and leaving out steps is all the shrinking that
helps here, at the price of a run per try, which hypothesis would spend on each drawn value.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import invariants as must
import msgspec
from ground import AT_WORK, DESK, NIGHT, PEOPLE, Client, World
from live import FAULTS
from team import WORK
from wild import Wild

from escaltui.domain import fold
from escaltui.domain.entities import ENTITIES, Case
from escaltui.domain.operations import (
    AddMember,
    AddNote,
    EditCase,
    LinkCases,
    Merge,
    OnCase,
    OpenCase,
    Operation,
    ProposeDecision,
    ReceiveReport,
    SetSensitivity,
)
from escaltui.domain.wire import Claiming, Push, Sent, Stand
from escaltui.server import people
from escaltui.server.people import Caller
from escaltui.store import Done
from escaltui.store.columns import TABLE
from escaltui.sync.net import NetError

ROUNDS_MOST = 16
MINUTE = 60_000
GUARDED = ("title", "summary", "content_note", "decision")
"""Fields of a case that an operation replaces as a whole: only by someone who saw what they replace."""
ALL_FAULTS = (*FAULTS, "altered", "hole")


class Step(NamedTuple):
    """A rule, and the number from which it draws what it needs."""

    rule: str
    seed: int


class Asked:
    """An operation that somebody did. `saved`: it was said to be; `seen`: what its author saw of what it replaces."""

    def __init__(self, op_id: str, op: Operation, client: Client, seen: dict[str, Any]) -> None:
        self.op_id, self.op, self.person, self.n, self.seen = op_id, op, client.person, client.n, seen
        self.saved = self.dropped = False


class Canary(NamedTuple):
    """A word that nobody else writes; the case that it was written about, by whom, and where."""

    word: str
    case: str
    person: str
    what: str


class View:
    """What a client shows, as the maker of wild operations looks at it."""

    def __init__(self, client: Client, new_id: Callable[[], str]) -> None:
        self.now, self.new_id = client.world.clock.now, new_id
        self.rows, self.log = client.store.read(_shown)

    def of(self, kind: type[Any], /, **fields: Any) -> list[Any]:
        rows = (row for row in self.rows.values() if isinstance(row, kind))
        return [row for row in rows if all(getattr(row, name) == value for name, value in fields.items())]


class _Logged(NamedTuple):
    op_id: str


def _shown(connection: Any) -> tuple[dict[tuple[str, str], Any], list[_Logged]]:
    rows = {
        (name, row_id): fold.READERS.of(kind)(body)
        for name, kind in ENTITIES.items()
        for row_id, body in connection.execute(f"SELECT id, body FROM {TABLE.get(name, name)} ORDER BY id")
    }
    found = connection.execute("SELECT op_id FROM outbox ORDER BY n DESC LIMIT 12")
    return rows, [_Logged(row[0]) for row in found]


class Program:
    """One program in a world. `run` raises AssertionError, whose text begins with the promise that was broken."""

    def __init__(self, world: World, steps: Iterable[Step]) -> None:
        self.world, self.steps = world, tuple(steps)
        self.asked: list[Asked] = []
        self.canaries: list[Canary] = []
        self.given: list[tuple[str, int, str]] = []
        self.told: list[tuple[str, str]] = []
        self.troubles = self.rounds = 0
        self._backup: dict[str, bytes] | None = None

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

    # --- what somebody does

    def do(self, client: Client, op: Operation) -> bool:
        op_id = self.world.new_id()
        asked = Asked(op_id, op, client, self._seen(client, op))
        self.asked.append(asked)
        done = client.store.do(op, client.remote.who, self.world.clock.step(), self.rules, op_id=op_id)
        asked.saved = isinstance(done, Done) and bool(done.changes)
        if not isinstance(done, Done):
            self.asked.remove(asked)
        return asked.saved

    @property
    def rules(self) -> Any:
        return self.world.desk.rules

    def _seen(self, client: Client, op: Operation) -> dict[str, Any]:
        if not isinstance(op, EditCase | ProposeDecision):
            return {}
        case = client.store.case(op.case)
        return {} if case is None else {name: msgspec.to_builtins(getattr(case, name)) for name in GUARDED}

    def case_of(self, client: Client, draw: random.Random) -> Case | None:
        found = client.store.read(_cases)
        return fold.READERS.of(Case)(draw.choice(found)) if found else None

    def canary(self, client: Client, draw: random.Random, case: str, what: str) -> str:
        word = "".join(draw.choices(string.ascii_lowercase, k=16))
        self.canaries.append(Canary(word, case, client.person, what))
        return word

    def step_open(self, client: Client, draw: random.Random) -> None:
        case_id = self.world.new_id()
        self.do(client, OpenCase(opens=case_id, title=self.canary(client, draw, case_id, "a title")))

    def step_report(self, client: Client, draw: random.Random) -> None:
        """Somebody writes in, and a case is made of it: words that belong to no case at first."""
        case_id, report = self.world.new_id(), self.world.new_id()
        named, said = (self.canary(client, draw, case_id, what) for what in ("a requester's name", "a report"))
        self.do(client, ReceiveReport(body=said, requester_name=named, dedupe_key=report))
        made = client.store.read(lambda connection: connection.execute(
            "SELECT id FROM report WHERE dedupe_key = ?", (report,)).fetchone())  # fmt: skip
        if made:
            self.do(client, OpenCase(opens=case_id, report=made[0], title="Of a report"))

    def step_note(self, client: Client, draw: random.Random) -> None:
        if (case := self.case_of(client, draw)) is not None:
            more = draw.choice(("", "", " \0 \N{SNOWMAN}", " poison", " and more" * 400))
            word = self.canary(client, draw, case.id, "a note")
            self.do(client, AddNote(case=case.id, body=f"note {word}{more}"))

    def step_edit(self, client: Client, draw: random.Random) -> None:
        if (case := self.case_of(client, draw)) is not None:
            name = draw.choice(("title", "summary"))
            word = self.canary(client, draw, case.id, f"a {name}")
            self.do(client, EditCase(case=case.id, fields={name: word}, base={name: getattr(case, name)}))

    def step_wild(self, client: Client, draw: random.Random) -> None:
        view: Any = View(client, self.world.new_id)
        if not view.of(Case):
            return self.step_open(client, draw)
        wild = Wild(view, draw)
        for _ in range(8):  # most of what is wild is refused: what is accepted goes further
            wild.calm = draw.random() < 0.85
            op = self._looked(view, wild.onward() if draw.random() < 0.5 else wild.operation())
            if _writable(op) and self._may(client, op):
                break
        if _writable(op):
            self.do(client, op)
        return None

    def _may(self, client: Client, op: Operation) -> bool:
        found = client.store.judge(op, client.remote.who, self.world.clock.now, self.rules, op_id=self.world.new_id())
        return isinstance(found, Done) and bool(found.changes)

    def _looked(self, view: Any, op: Operation) -> Operation:
        """An operation with what its author sees of what it replaces, as a workbench asks it."""
        if not isinstance(op, OnCase) or not isinstance(case := view.rows.get(("case", op.case)), Case):
            return op
        asked = getattr(op, "fields", {}) if isinstance(op, EditCase) else {}
        names = [*asked, "decision"] if isinstance(op, ProposeDecision) else asked
        base = {each: msgspec.to_builtins(getattr(case, each)) for each in names if each in case.__struct_fields__}
        return msgspec.structs.replace(op, base=base)

    def step_restrict(self, client: Client, draw: random.Random) -> None:
        if (case := self.case_of(client, draw)) is not None:
            level = draw.choice(("restricted", "restricted", "privileged", "normal"))
            self.do(client, SetSensitivity(case=case.id, sensitivity=level, reason="because"))
            self.do(client, AddMember(case=case.id, person=draw.choice(PEOPLE)))

    def step_link(self, client: Client, draw: random.Random) -> None:
        """What is done on one case concerns another from now on."""
        one, other = self.case_of(client, draw), self.case_of(client, draw)
        if one is not None and other is not None and one.id != other.id:
            merge = draw.random() < 0.3
            self.do(client, Merge(case=one.id, into=other.id) if merge else LinkCases(case=one.id, target=other.id))

    def step_draft(self, client: Client, draw: random.Random) -> None:
        if (case := self.case_of(client, draw)) is not None:
            client.store.save_draft(
                "note", case.id, self.canary(client, draw, case.id, "a draft"), client.world.clock.now
            )

    def step_recall(self, client: Client, draw: random.Random) -> None:
        if queued := client.store.outbox(state="queued"):
            client.remote.recall(draw.choice(queued).op_id, self.world.clock.now, self.rules)

    # --- what the network and the machines do

    def step_push(self, client: Client, draw: random.Random) -> None:
        client.met(client.link.push)

    def step_pull(self, client: Client, draw: random.Random) -> None:
        if client.met(client.link.pull):
            must.i6_nothing_forbidden(self, client)

    def step_round(self, client: Client, draw: random.Random) -> None:
        client.round()

    def step_claim(self, client: Client, draw: random.Random) -> None:
        found = [fold.READERS.of(Case)(body) for body in client.store.read(_cases)]
        draw.shuffle(found)
        asked = Claiming(self.world.new_id(), tuple(each.id for each in found if each.stream == DESK))
        for _ in range(2):  # where no answer came it is asked again, under the same id
            try:
                claimed = client.link.server.claim(DESK, asked)
            except NetError:
                continue
            if claimed.case:
                self.given.append((claimed.case, claimed.fence, client.person))
            return

    def step_forge(self, client: Client, draw: random.Random) -> None:
        """Somebody sends what a colleague sent, as their own."""
        others = [each for each in self.asked if each.person != client.person and isinstance(each.op, AddNote)]
        if others and DESK in self.world.streams(client.person):
            asked = draw.choice(others)
            raw = msgspec.Raw(msgspec.json.encode(asked.op))
            caller = Caller(client.person, client.store.device, WORK)
            known = self.world.rows("SELECT 1 FROM ledger WHERE op_id = %s", asked.op_id)
            self.world.breaks = 0
            if known:
                (result,) = self.world.desk.push(caller, DESK, Push(Stand(), (Sent(asked.op_id, raw),)))
                assert result.status != "applied", f"I1 {client.person} was told that {asked.person}'s note is theirs"

    def step_fault(self, client: Client, draw: random.Random) -> None:
        client.network.next += draw.choices(ALL_FAULTS, k=draw.choice((1, 1, 2, 3)))

    def step_kill(self, client: Client, draw: random.Random) -> None:
        before = must.contents(client)
        client.kill()
        client.restart()
        must.i10_restart_changes_nothing(before, must.contents(client))
        self.world.seen["killed"] += 1

    def step_doom(self, client: Client, draw: random.Random) -> None:
        """The client will be killed: at a commit soon, or around a request."""
        if draw.random() < 0.5:
            client.network.next.append(draw.choice(("killed before", "killed after")))
        else:
            client.armed, client.spared = draw.choice(("before commit", "after commit")), draw.choice((0, 0, 1, 2, 3))

    def step_broken(self, client: Client, draw: random.Random) -> None:
        """The server ends after its work for the next push, and before the commit."""
        self.world.breaks += 1

    def step_tick(self, client: Client, draw: random.Random) -> None:
        self.world.clock.step(draw.choice((1000, MINUTE, 16 * MINUTE, 180 * MINUTE, 1440 * MINUTE)))
        breaks, self.world.breaks = self.world.breaks, 0  # a push's to meet
        while self.world.desk.due():
            pass
        self.world.breaks = breaks

    def step_revoke(self, client: Client, draw: random.Random) -> None:
        held = sorted(self.world.rows("SELECT person, stream FROM membership WHERE person != 'ada' ORDER BY 1, 2"))
        if held:
            with self.world.pool.connection() as connection:
                people.revoke(connection, *draw.choice(held))

    def step_grant(self, client: Client, draw: random.Random) -> None:
        self.grant(draw.choice(PEOPLE), draw.choice((DESK, DESK, NIGHT)))

    def grant(self, person: str, stream: str) -> None:
        with self.world.pool.connection() as connection:
            people.grant(connection, person, stream, frozenset(AT_WORK), "system", self.world.clock.now)

    def step_backup(self, client: Client, draw: random.Random) -> None:
        self._backup = self.world.backup()

    def step_restore(self, client: Client, draw: random.Random) -> None:
        if self._backup is not None:
            self.world.restore(self._backup)
            self.given = []

    # --- the end

    def converge(self) -> None:
        """The network is whole again: everybody goes round until all is alike, in a bounded number of rounds."""
        for client in self.world.clients:
            client.network.next, client.armed = [], ""
        self.world.breaks = 0
        for self.rounds in range(1, ROUNDS_MOST + 1):
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


def _cases(connection: Any) -> list[str]:
    return [row[0] for row in connection.execute("SELECT body FROM cases ORDER BY id")]


def _writable(op: Operation) -> bool:
    try:
        found = msgspec.json.encode(op)
    except (TypeError, UnicodeEncodeError, OverflowError, RecursionError):
        return False
    return len(found) < 100_000


WEIGHTS = {
    "note": 8, "edit": 6, "wild": 20, "open": 2, "report": 2, "claim": 4, "push": 8, "pull": 8, "round": 8, "fault": 8, "kill": 2,
    "doom": 5, "tick": 4, "revoke": 1, "grant": 2, "restrict": 1, "backup": 1, "restore": 1, "recall": 1, "draft": 1,
    "forge": 1, "link": 2, "broken": 2,
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
