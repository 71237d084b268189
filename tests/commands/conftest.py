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


class Clock:
    """The time that the commands see; it stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """2026-09-21 14:13:20 UTC, a Monday."""
    from escaltui.workbench.desk import Desk

    standing = Clock()
    monkeypatch.setitem(Desk.open.__func__.__kwdefaults__, "clock", standing)  # type: ignore[attr-defined]
    return standing


PRAISE = "We remove content that presents an attack as admirable, whoever posts it and wherever it is shown. "
COURT = "We follow a court order once it has been checked. A court order names the items and the law. "


@pytest.fixture
def library(run: Callable[..., Said], clock: Clock, tmp_path: Path) -> dict[str, str]:
    """Sections by their heading. The one on old rules was taken out of the newer version."""
    folder = tmp_path / "texts" / "orders"
    folder.mkdir(parents=True)
    whole = f"# Orders\n\n## Court orders {{#court}}\n\n{COURT * 5}\n\n## Praise {{#praise}}\n\n{PRAISE * 5}\n"
    (folder / "2024-01-10.md").write_text(f"{whole}\n## Old rules {{#old}}\n\nThis stood here once.\n")
    (folder / "2026-01-29.md").write_text(whole)
    said = run("policy", "import", tmp_path / "texts", "--json")
    assert (said.code, said.row["held"]) == (0, 0), said.err
    found = run("policy", "documents", "--sections", "--json").rows
    return {row["heading"]: row["section"] for row in found if row.get("section")}


@pytest.fixture
def desk(run: Callable[..., Said], library: dict[str, str]) -> Callable[..., str]:
    """Opens a case with items that ada has claimed; kim may approve, lee leads."""
    assert run("people", "add", "kim", "--role", "specialist", "--role", "approver").code == 0
    assert run("people", "add", "lee", "--role", "specialist", "--role", "lead").code == 0

    def opened(*more: str, items: int = 2, title: str = "Praise of an attack", claim: bool = True) -> str:
        urls = [part for n in range(1, items + 1) for part in ("--item", f"https://a.example/{title[:4]}/{n}")]
        said = run("new", "--title", title, "--from", "R. Marin", "--severity", "S3", "--country", "fr", *urls,
                   *(more or ("--type", "user_escalation")), "--json")  # fmt: skip
        assert said.code == 0, said.err
        ref = str(said.row["ref"])
        if claim:
            assert run("claim", ref).code == 0
        return ref

    return opened
