"""A desk that follows a server without a network: a copy of its store is the authority, a colleague works there.

A claim waits, a note, and a change that a colleague's made impossible; two changes and a decision are set aside.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from escaltui import i18n
from escaltui.app import EscaltuiApp
from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Line, LineAction
from escaltui.domain.wire import Me, Pulled, Result, Stand, operation
from escaltui.store import Done, Store, Who, chain
from escaltui.store.connected import Connected
from escaltui.sync_faces import OFFLINE, SyncFace
from escaltui.workbench import Workbench
from escaltui.workbench.deciding import cite_typed

from . import gallery
from .gallery import NOON, Longer, Stop, walk
from .gallery_work import WHY

COLLEAGUE = "lpark"
ROLES = ("specialist", "lead", "admin")
COLUMNS = ", ".join((*chain.COLUMNS, "digest", "hash", "salt", "body"))
TITLE = "Order: five posts, and two more that came this morning"
SUMMARY = "The officer called at noon: the order is about the five posts of 14 May.\nThe two others come in a new one."


class Server:
    """The authority: whatever is asked is judged there at once, by the rules of the workbench that asks."""

    def __init__(self, bench: Workbench, copy: Path) -> None:
        self.bench, self.store = bench, Store.open(copy)
        self.asked = 0

    def new_id(self) -> str:
        self.asked += 1
        return ids.operation_id(self.bench.now(), hashlib.sha256(str(self.asked).encode()).digest()[:10])

    def do(self, op: ops.Operation, person: str = COLLEAGUE) -> Done:
        """A colleague does something there."""
        who = Who(person, frozenset(ROLES), "elsewhere")
        done = self.store.do(op, who, self.bench.now(), self.bench.rules, op_id=self.new_id())
        assert isinstance(done, Done), done
        return done

    def push(self) -> list[Result]:
        """What waits is judged there; then the workbench knows."""
        bench, results = self.bench, []
        assert bench.store.remote is not None
        for stream in bench.store.remote.streams():
            for each in bench.store.remote.waiting(stream, 50):
                who = Who(bench.me, frozenset(ROLES), bench.store.device)
                op = operation(each.body.encode())
                found = self.store.do(op, who, bench.now(), bench.rules, op_id=each.op_id)
                if isinstance(found, Refused):
                    results.append(Result(each.op_id, "refused", refused=found))
                else:
                    seqs = {change.stream: (found.seqs[0], found.seqs[-1]) for change in found.changes}
                    results.append(Result(each.op_id, "applied", seqs=seqs))
        bench._tell(bench.store.remote.answered(results, bench.now(), bench.rules))
        return results

    def pull(self) -> None:
        """What happened there comes here."""
        remote = self.bench.store.remote
        assert remote is not None
        sql = f"SELECT {COLUMNS} FROM change WHERE stream = ? AND seq > ? ORDER BY seq LIMIT 1000"
        streams = self.store.read(lambda connection: [row[0] for row in connection.execute("SELECT stream FROM stand")])
        for stream in streams:
            after = remote.stands().get(stream, Stand()).seq
            rows = self.store.read(lambda connection: connection.execute(sql, (stream, after)).fetchall())  # noqa: B023
            page = [Pulled._make(row) for row in rows]
            self.bench._tell(remote.receive(stream, page, self.bench.now(), self.bench.rules).cases)


def follow(bench: Workbench, copy: Path) -> Server:
    """Let the store follow its copy, which is its server from now on."""
    bench.store.follow(Connected("https://desk.example", "global", Me(bench.me, roles=ROLES)))
    bench.start_sync = lambda say=None: None  # type: ignore[method-assign]
    return Server(bench, copy)


def stands(bench: Workbench, state: str = OFFLINE, **more: object) -> None:
    """From now on the desk stands so with its server; what waits is counted."""

    def face() -> SyncFace:
        from escaltui.store import outbox

        waiting, parked = bench.store.read(outbox.counts)
        found = SyncFace(state, "desk.example", waiting, parked, bench.now() - 3_780_000)
        return found._replace(**more)  # type: ignore[arg-type]

    bench.sync_face = face  # type: ignore[method-assign]


def cases(bench: Workbench) -> list[str]:
    """Some cases that nobody holds, in the order of the queue."""
    return [line.id for line in bench.page("is:open", "queue", None, 40) if not line.held_by][:5]


def busy(server: Server) -> list[str]:
    """What this gallery shows; gives the cases: claimed, noted, then those of two minds."""
    bench = server.bench
    mine, noted, title, summary, decided = found = cases(bench)
    for n, case_id in enumerate((title, summary)):
        face = bench.case(case_id)
        assert face is not None
        name, was, wish = (("title", face.line.title.value, TITLE), ("summary", face.summary.value, SUMMARY))[n]
        _do(bench, ops.EditCase(case=case_id, fields={name: wish}, base={name: was}), f"mine {n}")
        theirs = ("Order: the five posts of 14 May", "Five posts of 14 May. Two more are not named in the order.")[n]
        server.do(ops.EditCase(case=case_id, fields={name: theirs}, base={name: was}))
    _decide(server, decided)
    server.push()
    server.pull()
    for face in bench.parked():
        if face.verb in ("Triage", "Claim"):  # the decision tells it all
            bench.close_parked(face.op_id)
    _do(bench, ops.Claim(case=mine), "claim")
    _do(bench, ops.AddNote(case=noted, body="Called the registry: they confirm the order by mail."), "note")
    face = bench.case(noted)
    assert face is not None
    was = face.line.title.value
    _do(bench, ops.EditCase(case=noted, fields={"title": "Mine, of this afternoon"}, base={"title": was}), "late")
    server.do(ops.EditCase(case=noted, fields={"title": "Theirs, of a minute before"}, base={"title": was}))
    server.pull()
    return found


def _decide(server: Server, case_id: str) -> None:
    """Two decide the same case; the colleague was first."""
    cite = cite_typed(server.bench, "dg.2")
    assert cite is not None
    ours = Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                actions=(LineAction("unpublish_page"),))  # fmt: skip
    theirs = Line(outcome="no_violation", own_policy="clear", ground="none", cites=(cite,))
    for op in (ops.Triage(case=case_id, severity=1, reason="checked"), ops.Claim(case=case_id)):
        server.do(op)
        _do(server.bench, op, type(op).__name__)
    server.do(ops.ProposeDecision(case=case_id, lines=(theirs,), rationale="A parody label is on the page."))
    _do(server.bench, ops.ProposeDecision(case=case_id, lines=(ours,), rationale=WHY), "decision")


def _do(bench: Workbench, op: ops.Operation, name: str) -> None:
    op_id = ids.operation_id(NOON, hashlib.sha256(name.encode()).digest()[:10])
    outcome = bench.do(op, op_id=op_id)
    assert not isinstance(outcome, Refused), outcome


STOPS: tuple[Stop, ...] = (
    ("sync-queue", ()), ("sync-case", ("n", "2")), ("sync-set-aside", ("escape", "g", "o", "1")),
    ("resolver-decision", ("enter",)), ("resolver", ("escape", "down", "enter")), ("resolver-said", ("y",)),
    ("resolver-edit", ("3",)),
)  # fmt: skip


async def walked(
    store: Path, folder: Path, *, theme: str = "dark", language: str = "en", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[str, EscaltuiApp]]:
    """Walk through what sync shows, on copies of a store."""
    spoken = "en" if language == "longer" else language
    copy = Path(shutil.copytree(store, folder / "server"))
    bench, app = gallery.opened(store, folder / "desk", theme=theme, language=spoken)
    if language == "longer":
        i18n.speak(Longer(), "longer")
    server = follow(bench, copy)
    busy(server)
    stands(bench)
    async for name in walk(app, STOPS, size):
        yield name, app
    i18n.set_language("en")
    server.store.close()
    bench.close()
