"""The demo desk, people, keys, backups, the doctor."""

from __future__ import annotations

import stat

from escaltui.demo.people import people
from escaltui.workbench.seeding import demo_person


def test_demo_makes_a_desk_beside_the_store_and_a_second_time_leaves_it(run, tmp_path):
    first = run("demo", "--no-open", "--cases", "40", "--json").row
    assert first == {"store": str(tmp_path / "demo"), "cases": 40, "person": demo_person()}
    assert run("demo", "--no-open", "--json").row["cases"] == 40
    assert run("ls").out == ""
    assert run("demo", "--no-open", "--as", "nobody").code == 1
    assert run("demo", "--no-open", "--as", "akim", "--json").row["person"] == "akim"


def test_the_demo_desk_opens_as_a_specialist(run, monkeypatch):
    assert demo_person() == "rmarin"
    assert next(person for person in people() if person.name == demo_person()).roles == ("specialist",)
    opened = []

    def without_a_screen(opening, config, *, demo, dev):
        with opening.bench(config, demo=demo) as bench:
            opened.append((bench.me, demo))
        return 0

    monkeypatch.setattr("escaltui.opening.run", without_a_screen)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    for arguments in (("demo", "--cases", "5"), ("demo", "--as", "akim"), ("open",), ()):
        assert run(*arguments).code == 0
    assert opened == [("rmarin", True), ("akim", True), ("ada", False), ("ada", False)]


def test_people_are_added_and_work_under_their_own_name(run, case):
    said = run("people", "add", "kim", "--name", "Kim L.", "--lang", "fr", "--role", "lead", "--json")
    assert said.row == {"login": "kim", "name": "Kim L.", "roles": ["lead"], "languages": ["fr"]}
    assert run("note", case, "-m", "mine", "--as", "kim").code == 0
    assert run("show", case, "--json").row["notes"][0]["created_by"] == "kim"
    unknown = run("--as", "jo", "ls")
    assert (unknown.code, "Known: kim" in unknown.err, "people add LOGIN" in unknown.err) == (1, True, True)


def test_the_key_table_and_ones_own_keys(run, tmp_path):
    assert {"keys", "label", "help"} <= set(run("keys", "--json").rows[0])
    assert run("keys", "check").code == 0
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "config.toml").write_text('[keys]\n"case.note" = "n"\n')
    said = run("keys", "check", "--json")
    assert (said.code, said.row["to_mend"], "config.toml" in said.err) == (1, 1, True)


def test_a_backup_is_a_private_copy(run, case, tmp_path):
    from pathlib import Path

    copy = Path(run("backup", "--json").row["to"])
    assert copy.parent == tmp_path / "store" / "backups"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_the_doctor_is_content_with_a_new_store_and_not_with_an_open_one(run, tmp_path):
    said = run("doctor", "--json")
    assert (said.code, said.row["well"], said.row["mode"]) == (0, True, "700")
    (tmp_path / "store").chmod(0o755)
    said = run("doctor", "--json")
    assert (said.code, said.row["well"], "chmod 700" in said.err) == (1, False, True)


def test_audit_verify_counts_the_changes(run, case):
    row = run("audit", "verify", "--json").row
    assert (row["sound"], row["changes"] > 0) == (True, True)
