"""Rounds of the failpoints: one list of work, a kill at one point, a new life, and what is left of it all."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import failpoints
import msgspec
import psycopg
import worker
from failpoints import Armed
from pg import Servers
from promises import Left, Verdict, torn, verdict
from proxy import free_port
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool
from team import DESK, Team

from escaltui import rules_loader
from escaltui.domain.operations import AddNote, EditCase, SetSensitivity
from escaltui.domain.wire import Claiming
from escaltui.server import tokens
from escaltui.server.desk import Desk
from escaltui.store import folder as store_folder
from escaltui.store.connected import Connected

HOURS = 3_600_000
LIMIT = 45.0
"""Seconds that a round may take."""
KILLED = -9
SPARED = Armed()
CONTROLS = {
    "new operation id on retry": ("client", "push: sent, unanswered"),
    "acknowledged before the reply": ("server", "push: before the counter"),
    "operation dropped at its acknowledgement": ("client", "Sending.answered: after COMMIT"),
    "stand before rows": ("client", "stand_before_rows: after COMMIT"),
}
"""Seeded defects (server/mutants.py), and a point at which each must be found."""


class Ended(NamedTuple):
    """A round: how many were killed, the points that were passed by each side, and what was left."""

    killed: int
    passed: Mapping[str, Counter[str]]
    verdict: Verdict


class Ground:
    """What each round begins with: a database and ada's store, whose log is partly older than the server's and partly
    lost there; and cases by name."""

    def __init__(self, base: str, folder: Path) -> None:
        self.folder, self.base = folder, base
        self.admin = psycopg.connect(make_conninfo(base, dbname="escaltui"), autocommit=True)
        self.port = free_port()
        self.cases: dict[str, str] = {}
        self.before: list[dict[str, Any]] = []
        self._rounds = 0
        self._fill()

    @property
    def _name(self) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(self.base)["dbname"])

    def _fill(self) -> None:
        team = Team(self.base, self.folder / "first", rules_loader.load())
        team.clock.now = worker.now() - 3 * HOURS
        bo, ada = team.member("bo"), team.member("ada")
        self.cases = {name: bo.open(name.title()) for name in ("shared", "free", "held", "late", "night")}
        bo.do(SetSensitivity(case=self.cases["late"], sensitivity="restricted", reason="because"))
        team.settle()
        team.desk.claim(bo.caller, DESK, Claiming(team.new_id(), (self.cases["held"],)))
        team.settle()
        self._lost_by_the_server(team, ada)
        self._meanwhile(team, bo)
        old = ada.remote.connected
        ada.remote.know(Connected(f"http://127.0.0.1:{self.port}", old.desk, old.me))
        with team.pool.connection() as connection:
            self.token = tokens.make(connection, "ada", frozenset({"push", "pull"}), worker.now())
        self.cases["mine"] = team.new_id()
        self.store = ada.store.folder
        team.close()

    def _lost_by_the_server(self, team: Team, ada: Any) -> None:
        """What ada was told is kept, and the server does not know any more."""
        pool = team.pool
        pool.close()
        self.admin.execute(sql.SQL("CREATE DATABASE later TEMPLATE {}").format(sql.Identifier(self._name)))
        self._use(team, make_conninfo(self.base, dbname="later"))
        for n in range(2):
            op_id, op = team.new_id(), AddNote(case=self.cases["late"], body=f"lost by the server {n}")
            ada.do(op, op_id)
            self.before += [{"asked": op_id, "op": msgspec.json.encode(op).decode()}, {"saved": op_id}]
        ada.push()
        ada.pull()
        team.pool.close()
        self.admin.execute("DROP DATABASE later WITH (FORCE)")
        self._use(team, self.base)

    def _use(self, team: Team, dsn: str) -> None:
        team.pool = ConnectionPool(dsn, min_size=1, max_size=4, open=True)
        team.desk = Desk(team.pool, team.rules, clock=team.clock)

    def _meanwhile(self, team: Team, bo: Any) -> None:
        """What bo does that ada has not heard of: less on the desk than makes a fill, more on a case of its own."""
        bo.do(EditCase(case=self.cases["shared"], fields={"title": "Bo's"}, base={"title": "Shared"}))
        bo.do(AddNote(case=self.cases["shared"], body="bo was here"))
        bo.do(AddNote(case=self.cases["late"], body="after the server lost something"))
        bo.do(SetSensitivity(case=self.cases["night"], sensitivity="restricted", reason="because"))
        for n in range(failpoints.FILLED_FROM + 2):
            bo.do(AddNote(case=self.cases["night"], body=f"bo at night {n}"))
        while bo.remote.streams():
            bo.push()
            bo.pull()

    def close(self) -> None:
        self.admin.close()

    # --- a round

    @contextmanager
    def round(self) -> Iterator[Round]:
        self._rounds += 1
        name, place = f"round_{self._rounds}", self.folder / f"round-{self._rounds}"
        told = {"name": sql.Identifier(name), "base": sql.Identifier(self._name)}
        self.admin.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {base}").format(**told))
        place.mkdir()
        shutil.copytree(self.store, place / "ada")
        try:
            yield Round(self, place, make_conninfo(self.base, dbname=name))
        finally:
            self.admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**told))
            shutil.rmtree(place)


class Round:
    """A client and a backend in processes of their own, on files and a database of their own."""

    def __init__(self, ground: Ground, place: Path, dsn: str) -> None:
        self.ground, self.place, self.dsn = ground, place, dsn
        self.said, self.journal = place / "said", place / "server"

    def run(self, side: str = "", armed: Armed = SPARED, defect: str = "") -> Ended:
        """Work through the list; whoever is killed lives again."""
        kills, found = 0, list[str]()

        def of(one: str) -> Armed:
            return armed if one == side and kills < armed.lives else SPARED

        server, client = self._server(of("server"), defect), self._client(of("client"), defect)
        end = time.monotonic() + LIMIT
        try:
            while client.exitcode in (None, KILLED) and time.monotonic() < end:
                if client.exitcode == KILLED:
                    kills += 1
                    found += self._torn()
                    client = self._client(of("client"), defect)
                if server.exitcode is not None:
                    kills += 1
                    server = self._server(of("server"), defect)
                client.join(0.005)
            ended = client.exitcode
        finally:
            for each in (client, server):
                each.kill()
                each.join()
        if ended != 0:
            found.append(f"I9 the client ended with {ended}")
        seen = self._look()
        return Ended(kills, self._passed(), seen._replace(broken=(*found, *seen.broken)))

    def _torn(self) -> tuple[str, ...]:
        """What does not hold in a copy of the store as the kill has left it."""
        copy = shutil.copytree(self.place / "ada", self.place / "torn")
        try:
            return torn(copy, worker.diary(self.said))
        finally:
            shutil.rmtree(copy)

    def _server(self, armed: Armed, defect: str) -> worker.Life:
        told = (self.dsn, self.ground.port, self.journal, armed, defect)
        return worker.start(failpoints.server, *told, said=self.place / "server.said")

    def _client(self, armed: Armed, defect: str) -> worker.Life:
        told = (self.place / "ada", self.ground.cases, self.said, armed, defect)
        return worker.start(failpoints.client, *told, said=self.said, ESCALTUI_TOKEN=self.ground.token)

    def _passed(self) -> dict[str, Counter[str]]:
        journals = {"client": self.said.with_suffix(".client"), "server": self.journal}
        return {side: Counter(path.read_text().splitlines()) if path.exists() else Counter()
                for side, path in journals.items()}  # fmt: skip

    def _look(self) -> Verdict:
        left = Left(self.dsn, {"ada": self.place / "ada"}, worker.now())
        try:
            return verdict(left, {"ada": [*self.ground.before, *worker.diary(self.said)]})
        finally:
            left.close()


@contextmanager
def ground(servers: Servers) -> Iterator[Ground]:
    """The ground, on a PostgreSQL that runs."""
    reserve, store_folder.RESERVE_SMALLEST = store_folder.RESERVE_SMALLEST, worker.SMALL_RESERVE
    with tempfile.TemporaryDirectory() as folder, servers.database() as base:
        made = Ground(base, Path(folder))
        try:
            yield made
        finally:
            made.close()
            store_folder.RESERVE_SMALLEST = reserve


# --- all of them


class Row(NamedTuple):
    """What became of a point: kills that were meant, kills that came, and what was left after all of them."""

    side: str
    point: str
    aimed: int
    killed: int
    verdict: Verdict


def plan(passed: Mapping[str, Counter[str]], begins: str = "") -> Iterator[tuple[str, Armed]]:
    """Each point at its first, a middle and its last passing; and at the first of two lives."""
    for side, points in passed.items():
        for point, times in points.items():
            if point.startswith(begins):
                yield from ((side, Armed(point, nth)) for nth in sorted({1, (times + 1) // 2, times}))
                yield side, Armed(point, lives=2)


def strike(made: Ground, asked: Iterable[tuple[str, Armed]], defect: str = "") -> Iterator[Row]:
    """A round for each; a row for each point, as soon as it is done."""
    for (side, point), group in groupby(asked, lambda each: (each[0], each[1].point)):
        row = Row(side, point, 0, 0, Verdict(0))
        for _, armed in group:
            with made.round() as one:
                ended = one.run(side, armed, defect)
            aimed, killed = row.aimed + armed.lives, row.killed + ended.killed
            row = Row(side, point, aimed, killed, _sum(row.verdict, ended.verdict))
        yield row


def _sum(one: Verdict, other: Verdict) -> Verdict:
    return Verdict(
        one.acknowledged + other.acknowledged, one.lost + other.lost, one.doubled + other.doubled,
        one.altered + other.altered, one.broken + other.broken,
    )  # fmt: skip


def tell(rows: Iterable[Row]) -> Verdict:
    """The table as it comes, and the sum of it."""
    print(f"{'side':7} {'point':44} {'kills':>5} {'acked':>6} {'lost':>5} {'twice':>5} {'wrong':>5}")
    whole, points, kills, unmet = Verdict(0), 0, 0, 0
    for side, point, aimed, killed, found in rows:
        wrong = found.altered + len(found.broken)
        told = f"{killed:5} {found.acknowledged:6} {found.lost:5} {found.doubled:5} {wrong:5}"
        print(f"{side:7} {point:44} {told}" + (f"  not reached {aimed - killed} times" * (killed < aimed)), flush=True)
        whole, points = _sum(whole, found), points + 1
        kills, unmet = kills + killed, unmet + max(aimed - killed, 0)
    print(f"points {points}, kills {kills} (not reached {unmet}); operations acknowledged {whole.acknowledged}: "
          f"lost {whole.lost}, doubled {whole.doubled}, altered {whole.altered}; "
          f"other promises broken {len(whole.broken)}")  # fmt: skip
    for each in sorted(set(whole.broken))[:20]:
        print("  " + each[:300])
    return whole


def controls(made: Ground) -> bool:
    """Whether each seeded defect is found where it must show."""
    missed = False
    for defect, (side, point) in CONTROLS.items():
        (row,) = strike(made, [(side, Armed(point))], defect)
        kinds = sorted({each.split(" ", 1)[0] for each in row.verdict.broken})
        told = f"{', '.join(kinds) or 'NOT FOUND'}; lost {row.verdict.lost}, doubled {row.verdict.doubled}"
        print(f"control, {defect}, killed at {side} {point}: {told}")
        missed |= row.verdict.good
    return missed


def main() -> int:
    """All points, or those whose names begin with what is given; then the controls."""
    begins, servers, began = "".join(sys.argv[1:2]), Servers(), time.monotonic()
    servers.start()
    try:
        with ground(servers) as made:
            with made.round() as one:
                recorded = one.run()
            assert recorded.verdict.good, recorded.verdict
            whole, missed = tell(strike(made, plan(recorded.passed, begins))), controls(made)
    finally:
        servers.stop()
    print(f"{time.monotonic() - began:.0f} s")
    return int(missed or not whole.good)
