"""In tmux, on real material: take it all in, work a case by keys, leave, come back: all is there."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest
import shift
from desks import Desk
from terminal import PROGRAM
from tmux_screen import Tmux

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="session")
def imported(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, dict[str, int]]:
    """A store with all notices, requests and policies; and what the imports said."""
    folder = tmp_path_factory.mktemp("real")
    desk = Desk(folder / "desk", folder / "config")
    said = {}
    for name in ("notices", "government_requests"):
        answer = desk.run("import", str(real_data / f"{name}.jsonl.gz"), "--json").splitlines()[0]
        said[name] = json.loads(answer)["opened"]
    policies = json.loads(desk.run("policy", "import", str(real_data / "policies"), "--json").splitlines()[0])
    return desk, said | {"documents": policies["documents"], "versions": policies["versions"]}


def open_in(tmux: str, desk: Desk, folder: Path) -> Tmux:
    return Tmux(tmux, [*PROGRAM, "--store", str(desk.store)], 120, 36, desk.environment, folder)


def lines_in(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return sum(1 for _line in file)


def test_everything_was_taken_in(imported: tuple[Desk, dict[str, int]], real_data: Path) -> None:
    desk, said = imported
    assert said["notices"] == lines_in(real_data / "notices.jsonl.gz") == 3000
    assert said["government_requests"] == lines_in(real_data / "government_requests.jsonl.gz") == 109
    assert said["documents"] == len(list((real_data / "policies").iterdir())) == 11
    files = len(list((real_data / "policies").glob("*/*.md")))
    assert said["versions"] == files
    assert desk.run("ls", "--json", "--", "is:open").count("\n") == 3109


def test_a_second_import_adds_nothing(imported: tuple[Desk, dict[str, int]], real_data: Path) -> None:
    desk, _said = imported
    answer = json.loads(desk.run("import", str(real_data / "notices.jsonl.gz"), "--json").splitlines()[0])
    assert (answer["opened"], answer["known"]) == (0, 3000)


def test_a_shift_on_real_material(imported: tuple[Desk, dict[str, int]], tmux: str, tmp_path: Path) -> None:
    desk, _said = imported
    with open_in(tmux, desk, tmp_path) as terminal:
        walked = shift.walk(terminal)
    shift.check_kept(desk, walked)
    with open_in(tmux, desk, tmp_path) as terminal:
        shift.check_shown(terminal, walked)


def test_audit_verify_finds_one_altered_byte(imported: tuple[Desk, dict[str, int]], tmp_path: Path) -> None:
    desk, _said = imported
    assert json.loads(desk.run("audit", "verify", "--json"))["sound"] is True
    copy = Desk(tmp_path / "copy", desk.config)
    copy.store.mkdir(mode=0o700)
    with sqlite3.connect(desk.store / "store.db") as source, sqlite3.connect(copy.store / "store.db") as target:
        source.backup(target)
        number, body = target.execute("SELECT n, body FROM change ORDER BY n LIMIT 1 OFFSET 2000").fetchone()
        at = len(body) // 2
        altered = body[:at] + chr(ord(body[at]) ^ 1) + body[at + 1 :]
        target.execute("UPDATE change SET body = ? WHERE n = ?", (altered, number))
    source.close()
    target.close()
    assert json.loads(copy.run("audit", "verify", "--json", code=1))["sound"] is False
