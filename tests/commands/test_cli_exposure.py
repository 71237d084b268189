"""The command `exposure`, and that no other command's output or file holds anything of the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from escaltui.safety.exposure import Look
from escaltui.store.wellbeing import Ledger

Run = Callable[..., Any]
SHA = "ca" * 32
PDQ = "9e" * 32
REF = "E-CANRY"
CANARIES = (SHA, PDQ, REF)


@pytest.fixture
def ledger(tmp_path: Path, run: Run, clock: Any) -> Ledger:
    """Two looks of today, one of them graphic, and a passage."""
    assert run("new", "--title", "Any").code == 0
    found = Ledger(tmp_path / "store")
    found.end(found.begin(Look(clock.now, SHA, PDQ, "picture", "graphic", REF, "clear", False, 0.5)), 90)
    found.end(found.begin(Look(clock.now, SHA, PDQ, "picture", "sensitive", REF, "clear", True, 0.5)), 60)
    found.begin(Look(clock.now, "", "", "passage", "slur", REF, "unmasked", area=40))
    return found


def test_show_tells_the_budget_and_seven_days(run: Run, ledger: Ledger) -> None:
    said = run("exposure", "show", "--json")
    assert said.code == 0
    now, *days = said.rows
    assert (now["ledger"], now["clear_minutes"], now["of_clear_minutes"], now["graphic_looks"]) == ("on", 2.5, 15, 1)
    assert len(days) == 7
    assert days[-1] == {"day": "2026-09-21", "minutes": 2.5, "looks": 2, "graphic": 1, "passages": 1}
    assert all(day["looks"] == 0 for day in days[:-1])
    plain = run("exposure", "--plain")
    assert "clear_minutes: 2.5" in plain.out
    assert "day: 2026-09-21" in plain.out
    assert not [word for word in CANARIES if word in said.out + plain.out], "sums, never the looks themselves"


def test_clear_empties_the_file(run: Run, ledger: Ledger) -> None:
    assert SHA.encode() in ledger.path.read_bytes()
    assert run("exposure", "clear", "--json").row == {"done": "exposure clear", "looks": 3}
    assert not [word for word in CANARIES if word.encode() in ledger.path.read_bytes()]
    assert run("exposure", "show", "--json").rows[0]["clear_minutes"] == 0


def test_off_and_on(run: Run, ledger: Ledger) -> None:
    said = run("exposure", "off", "--plain")
    assert said.code == 0
    assert "exposure clear" in said.out
    before = ledger.path.read_bytes()
    assert ledger.begin(Look(1)) == 0
    assert run("exposure", "show", "--json").rows[0]["ledger"] == "off"
    assert run("next", "--json").code == 0
    assert ledger.path.read_bytes() == before
    assert run("exposure", "on", "--json").row == {"done": "exposure on"}
    assert ledger.begin(Look(1)) > 0


def test_on_says_where_the_settings_keep_it_off(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "config.toml").write_text('[exposure]\nledger = "off"\n')
    run("new", "--title", "Any")
    assert run("exposure", "show", "--json").rows[0]["ledger"] == "off"
    said = run("exposure", "on")
    assert said.code == 1
    assert "config.toml keeps the ledger off" in said.err
    assert not (tmp_path / "store" / "wellbeing.db").exists()


def test_a_damaged_ledger_is_named_and_mended_by_deleting_it(run: Run, ledger: Ledger) -> None:
    ledger.path.write_bytes(b"no database" * 100)
    said = run("exposure", "show")
    assert said.code == 3
    assert "wellbeing.db" in said.err
    assert run("ls").code == 0, "all else works"


def test_next_leaves_out_what_the_person_left_out(run: Run, ledger: Ledger, clock: Any) -> None:
    ledger.leave_out({"self_harm": clock.now + 1})
    before = run("next", "--peek", "--json")
    assert before.code == 0
    run("edit", before.row["ref"], "harm=self_harm")
    assert run("next", "--peek", "--json").code == 1
    clock.now += 1
    assert run("next", "--peek", "--json").row["ref"] == before.row["ref"]


# --- nothing leaves


def outputs(run: Run, folder: Path) -> Iterator[str]:
    """What the commands that show, copy or write something give."""
    folder.mkdir(exist_ok=True)
    commands = (
        ("doctor", "--json"), ("doctor", "--plain"), ("audit", "verify", "--json"), ("backup", "--json"),
        ("export", "--format", "csv", "--out", folder / "cases.csv"), ("export", "--format", "jsonl"),
        ("ls", "--json"), ("views", "--json"), ("people", "--json"), ("letters", "--json"), ("tasks", "--json"),
        ("byhand", "list", "--json"), ("precedents", "--text", "any", "--json"), ("policy", "documents", "--json"),
        ("keys", "--json"), ("templates", "--json"), ("sor", "export", folder / "sor", "--json"),
    )  # fmt: skip
    for command in commands:
        said = run(*command)
        assert said.code in (0, 1), (command, said.err)
        yield said.out + said.err
    ref = run("ls", "--json").rows[0]["ref"]
    for command in (("show", ref, "--json"), ("brief", ref), ("update", ref), ("show", ref, "--raw")):
        said = run(*command)
        yield said.out + said.err


def found_in(run: Run, place: Path, folder: Path) -> set[str]:
    """The canaries that stand in any output or file but the ledger's own."""
    said = "".join(outputs(run, folder)).encode()
    files = [path for where in (place, folder) for path in sorted(where.rglob("*")) if path.is_file()]
    said += b"".join(path.read_bytes() for path in files if path.name not in ("wellbeing.db", "reserve"))
    return {word for word in CANARIES if word.encode() in said}


def test_no_output_backup_export_or_log_holds_a_look(run: Run, ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("exposure", "show")
    assert found_in(run, ledger.path.parent, out) == set()
    assert list((ledger.path.parent / "backups").iterdir())
    for copy in (ledger.path.parent / "backups").glob("*.db"):
        connection = sqlite3.connect(copy)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        connection.close()
        assert not tables & {"look", "day", "harm"}
    assert "outbox" in tables, "the control: a backup's tables are read"
    ref = run("ls", "--json").rows[0]["ref"]
    run("note", ref, "-m", " ".join(CANARIES))
    assert found_in(run, ledger.path.parent, out / "again") == set(CANARIES), "the control: the search finds them"


def test_the_ledger_is_readable_by_its_owner_alone(ledger: Ledger) -> None:
    assert ledger.path.stat().st_mode & 0o777 == 0o600
