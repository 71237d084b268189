"""Fixtures of the backend's tests: real PostgreSQL, always."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alerting import Hook
from pg import Servers
from team import Team

from escaltui import rules_loader
from escaltui.domain.ruleset import RuleSet
from escaltui.server.private import PrivatePostgres


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The PostgreSQL servers of this pytest process, the shared one started."""
    made = Servers()
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def database(servers: Servers) -> Iterator[str]:
    """What psycopg connects with to a fresh database, which nothing else uses."""
    with servers.database() as dsn:
        yield dsn


@pytest.fixture
def own_postgres(servers: Servers) -> Iterator[PrivatePostgres]:
    """A server of the test's own, not started, with an empty database `escaltui`: it may be stopped and killed."""
    server = servers.another()
    yield server
    servers.forget(server)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A new folder that every account may pass through, unlike pytest's own where the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="escaltui-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    """The packaged rules."""
    return rules_loader.load()


@pytest.fixture
def team(database: str, tmp_path: Path, rules: RuleSet) -> Iterator[Team]:
    """A desk on a database of its own, with nobody yet."""
    made = Team(database, tmp_path, rules)
    yield made
    made.close()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """Somebody who takes alerts in."""
    monkeypatch.setenv("HOOK_SECRET", "hush")
    made = Hook()
    yield made
    made.close()
