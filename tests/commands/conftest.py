"""The plain twin as a person runs it: `run("ls", "--json")` gives the exit code and what was said."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from escaltui import cli
from escaltui.store import folder as store_folder


class Said(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects of its answer."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        (only,) = self.rows
        return only


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store and settings of the test's own, in UTC; nothing is typed in."""
    monkeypatch.setenv("ESCALTUI_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("USER", "ada")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("ESCALTUI_AS", raising=False)
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def command(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            code = cli.main([str(each) for each in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pipes a text in."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def case(run: Callable[..., Said]) -> str:
    """A case of one's own."""
    said = run("new", "--title", "Impostor page", "--from", "R. Marin", "--type", "press", "--json")
    assert said.code == 0, said.err
    return str(said.row["ref"])


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from escaltui.config import Config
    from escaltui.workbench.seeding import open_demo

    where = tmp_path_factory.mktemp("demo-made")
    open_demo(where / "store", Config(where)).close()
    return where / "store"


@pytest.fixture
def demo(demo_made: Path, tmp_path: Path) -> Path:
    """The demo desk, in this test's store."""
    return Path(shutil.copytree(demo_made, tmp_path / "store"))


@pytest.fixture
def bench_of(tmp_path: Path) -> Callable[[], Any]:
    """Opens the same store as the commands."""
    from escaltui.workbench import Workbench

    return lambda: Workbench.open(tmp_path / "store")
