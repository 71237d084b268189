"""A claim on the screen goes on by the server's clock and under its fence; one that is over is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from links import token
from team import DESK, Team

from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain.entities import Case, Lease
from escaltui.domain.operations import Claim, OpenCase
from escaltui.domain.rules.guards import LEASE_MS
from escaltui.server import people
from escaltui.store import Done
from escaltui.sync import engine
from escaltui.sync.connect import Connecting
from escaltui.workbench import Workbench

MINUTE = 60_000


class Leading:
    """In place of an engine: this program moves the store, by the rounds that a test makes."""

    leads = True

    def poke(self) -> None: ...
    def stop(self) -> None: ...


Opening = Callable[..., Workbench]


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path) -> Iterator[Opening]:
    """Workbenches of people who are connected; `device` tells those of one person apart."""
    made: list[Workbench] = []

    def open_(person: str, device: str = "") -> Workbench:
        config = Config(tmp_path / "settings", me=Me(name="nobody"), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / (person + device), config=config, clock=team.clock)
        made.append(bench)
        with team.pool.connection() as connection:
            people.grant(connection, person, DESK, frozenset({"specialist", "lead"}), "system", 0)
        Connecting(bench.store, config.remote, bench.rules, bench.now).run(url, "global", token(team, person))
        assert bench.store.remote is not None
        bench.be(bench.store.remote.connected)
        bench.link.tokens.hold(token(team, person))
        bench.engine = Leading()  # type: ignore[assignment]
        return bench

    yield open_
    for bench in made:
        bench.close()


def claimed(bench: Workbench) -> str:
    case_id = bench.operation_id()
    bench.now.step()  # type: ignore[attr-defined]
    for op, op_id in ((OpenCase(opens=case_id, title="A case"), case_id), (Claim(case=case_id), "")):
        bench.now.step()  # type: ignore[attr-defined]
        assert isinstance(bench.do(op, op_id=op_id), Done)
    assert engine.once(bench.link) == ""
    assert not bench.pending_cases()
    return case_id


def lease(bench: Workbench, case_id: str) -> Lease:
    case = bench.store.row(Case.NAME, case_id)
    assert isinstance(case, Case)
    assert case.lease is not None
    return case.lease


def test_it_goes_on_and_nothing_is_queued(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    case_id = claimed(ada)
    first, queued = lease(ada, case_id), len(ada.store.outbox())
    lines = team.rows("SELECT count(*) FROM change")
    assert ada.keep_claim(case_id) == ""  # more than half is left: the server is not even asked
    assert team.rows("SELECT count(*) FROM change") == lines
    team.clock.step(LEASE_MS - 2 * MINUTE)
    assert ada.keep_claim(case_id) == ""
    again = lease(ada, case_id)
    assert (again.fence, again.expires_at) == (first.fence, team.clock.now + LEASE_MS)
    assert len(ada.store.outbox()) == queued


def test_one_that_a_colleague_took_over_is_told_though_this_clock_is_behind(opening: Opening, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo")
    case_id = claimed(ada)
    team.clock.step(LEASE_MS // 2 + MINUTE)
    assert engine.once(bo.link) == ""
    assert isinstance(bo.do(Claim(case=case_id, take_over=True, reason="It presses.")), Done)
    assert engine.once(bo.link) == ""
    assert ada.keep_claim(case_id).startswith("Your claim on E-")
    assert lease(ada, case_id).person == "bo"  # what the server has came at once
    assert ada.keep_claim(case_id) == ""  # said once


def test_a_claim_of_another_device_of_mine_has_another_fence(opening: Opening, team: Team) -> None:
    ada, other = opening("ada"), opening("ada", "-2")
    case_id = claimed(ada)
    old = lease(ada, case_id).fence
    team.clock.step(LEASE_MS // 2 + MINUTE)
    assert engine.once(other.link) == ""
    assert isinstance(other.do(Claim(case=case_id)), Done)
    assert engine.once(other.link) == ""
    assert lease(other, case_id).fence == old + 1
    assert ada.keep_claim(case_id) != ""
    assert lease(ada, case_id).fence == old + 1


def test_without_the_server_the_renewal_waits(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    case_id = claimed(ada)
    team.clock.step(LEASE_MS // 2 + MINUTE)
    ada.engine = None  # no program moves this store: it counts as away
    assert ada.keep_claim(case_id) == ""
    assert [each.type for each in ada.store.outbox() if each.state == "queued"] == ["RenewLease"]
