"""A team at a real backend on loopback, and workbenches' stores with their links."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(each) for each in (HERE, HERE.parent / "server", HERE.parent) if str(each) not in sys.path]

from links import Linking, Named, joined, linked  # noqa: E402
from live import serving  # noqa: E402
from pg import Servers  # noqa: E402
from shelf import LEAD  # noqa: E402
from team import Member, Team  # noqa: E402

from escaltui import rules_loader  # noqa: E402
from escaltui.config import Config, Me  # noqa: E402
from escaltui.config_remote import Remote as Settings  # noqa: E402
from escaltui.domain.ruleset import RuleSet  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402
from escaltui.sync.link import Link  # noqa: E402
from escaltui.workbench import Workbench  # noqa: E402


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)
    monkeypatch.delenv("ESCALTUI_TOKEN", raising=False)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    made = Servers()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def database(servers: Servers) -> Iterator[str]:
    with servers.database() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return rules_loader.load()


@pytest.fixture
def team(database: str, tmp_path: Path, rules: RuleSet) -> Iterator[Team]:
    made = Team(database, tmp_path, rules)
    yield made
    made.close()


@pytest.fixture
def url(team: Team, database: str) -> Iterator[str]:
    with serving(team, database) as found:
        yield found


@pytest.fixture
def link(team: Team, url: str) -> Iterator[Linking]:
    """Makes a member with a link over a network whose faults the test names."""
    made: list[Link] = []

    def make(person: str, **more: object) -> tuple[Member, Link, Named]:
        member, network = team.member(person), Named()
        found = linked(member, url, network, **more)
        made.append(found)
        return member, found, network

    yield make
    for each in made:
        each.close()


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path) -> Iterator[Callable[..., Workbench]]:
    """Workbenches of people who follow the server, by login."""
    made: list[Workbench] = []

    def open_(
        person: str, roles: frozenset[str] = LEAD, before: Callable[[Workbench], object] | None = None
    ) -> Workbench:  # fmt: skip
        config = Config(tmp_path / "settings", me=Me(name=person), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / person, config=config, clock=team.clock)
        made.append(bench)
        if before is not None:  # what was done while the store was alone
            before(bench)
        joined(bench, team, url, person, roles)
        return bench

    yield open_
    for bench in made:
        bench.close()
