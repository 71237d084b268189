"""The rules of the model: what somebody does, and what the network and the machines do. Each draws what it needs."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
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

MINUTE = 60_000
GUARDED = ("title", "summary", "content_note", "decision")
"""Fields of a case that an operation replaces as a whole: only by someone who saw what they replace."""
ALL_FAULTS = (*FAULTS, "altered", "hole")


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


class Rules:
    """What a program is made of: each `step_` is a rule."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[Asked] = []
        self.canaries: list[Canary] = []
        self.given: list[tuple[str, int, str]] = []
        self._backup: dict[str, bytes] | None = None

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

    def step_torn(self, client: Client, draw: random.Random) -> None:
        """A note whose answer is lost, and whose author's right ends before they ask again."""
        self.step_note(client, draw)
        client.network.next = ["lost after"]
        client.met(client.link.cycle.push)
        if client.person != "ada":
            with self.world.pool.connection() as connection:
                people.revoke(connection, client.person, DESK)

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


def _cases(connection: Any) -> list[str]:
    return [row[0] for row in connection.execute("SELECT body FROM cases ORDER BY id")]


def _writable(op: Operation) -> bool:
    try:
        found = msgspec.json.encode(op)
    except (TypeError, UnicodeEncodeError, OverflowError, RecursionError):
        return False
    return len(found) < 100_000
