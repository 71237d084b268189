"""Bad input: a clear sentence that names the mend, the right exit code, never a traceback, nothing lost."""

from __future__ import annotations

import gzip
import re
import sqlite3

import pytest
from payloads import PAYLOADS, raw_in

from escaltui import cli
from escaltui.commands.output import DEFECT, REFUSED, STORE, USAGE
from escaltui.store import driver, folder


@pytest.mark.parametrize(
    ("arguments", "code", "mend"),
    [
        (("show", "E-NOSUCH"), REFUSED, "Check the reference"),
        (("note", "E-NOSUCH", "-m", "x"), REFUSED, "Check the reference"),
        (("link", "E-NOSUCH", "E-1"), REFUSED, "Check the reference"),
        (("undo", "E-NOSUCH"), REFUSED, "Check the reference"),
        (("ls", "--view", "nope"), REFUSED, "Views: mine, due"),
        (("export", "--view", "nope"), REFUSED, "Views: mine, due"),
        (("ls", "sevv:1"), USAGE, "at 1"),
        (("ls", "due<x"), USAGE, "at 5"),
        (("next", "due<4q"), USAGE, "at 5"),
        (("ls", "--sort", "colour"), USAGE, "queue"),
        (("ls", "--limit", "-3"), USAGE, "1 or more"),
        (("ls", "--limt", "3"), USAGE, "--limt"),
        (("lst",), USAGE, "did you mean ls?"),
        (("frobnicate",), USAGE, "no command"),
        (("claim",), USAGE, "REF"),
        (("show", "E-1", "E-2"), USAGE, "E-2"),
        (("import", "gone.jsonl"), REFUSED, "check the name"),
        (("import", "."), REFUSED, "name a file in it"),
        (("new", "--title", "x", "--file", "gone.txt"), REFUSED, "Check the name"),
        (("new", "--title", "x", "--type", "zz"), REFUSED, "types.toml"),
        (("new", "--title", " "), USAGE, "--title"),
        (("--as", "nobody", "ls"), REFUSED, "Known: nobody yet"),
        (("policy", "frob"), USAGE, "search"),
        (("people", "add", "Not A Login"), REFUSED, "a-z"),
        (("people", "frob"), USAGE, "people add LOGIN"),
        (("keys", "frob"), USAGE, "keys check"),
    ],
)
def test_a_sentence_an_exit_code_and_the_mend(run, arguments, code, mend):
    said = run(*arguments)
    assert (said.code, said.out) == (code, ""), said.err
    assert mend in said.err
    assert said.err.startswith("escaltui: ")
    assert "Traceback" not in said.err


def test_a_verb_with_wrong_arguments_writes_nothing(run, case):
    for arguments, mend in (
        (("wait", case, "--until", "gestern"), "fri 16:00"),
        (("wait", case, "--until", "1999-01-01"), "later"),
        (("edit", case, "title"), "NAME=VALUE"),
        (("triage", case, "--severity", "S9"), "S0 to S4"),
        (("attach", case), "--url or --id"),
    ):
        said = run(*arguments)
        assert (said.code, mend in said.err) == (USAGE, True), said.err
    for arguments, mend in (
        (("assign", case, "--to", "nobody9"), "Known: ada"),
        (("unlink", case, case), "not linked"),
        (("flag", case, "nonsense"), "Flags: "),
        (("dismiss", case, "-r", "because"), "Choose one"),
    ):
        said = run(*arguments)
        assert (said.code, mend in said.err) == (REFUSED, True), said.err
    assert len(run("show", case, "--json").row["timeline"]) == 1


# --- files


def test_a_broken_gzip_gives_what_came_before_the_break(run, tmp_path):
    whole = gzip.compress(b'{"path": "a.md", "text": "DMCA notice one"}\n' * 3)
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-12])
    said = run("import", tmp_path / "cut.jsonl.gz")
    assert said.code == 0
    assert "cut off at its end" in said.err
    (tmp_path / "no.jsonl.gz").write_bytes(b"\x1f\x8b" + b"\0" * 40)
    assert "Get it again" in run("import", tmp_path / "no.jsonl.gz").err


def test_a_wrong_mapping_and_ragged_rows(run, tmp_path):
    (tmp_path / "t.csv").write_text("id,title\n1,One\n2,Two,three,four\n3\n")
    (tmp_path / "m.toml").write_text('[columns]\nid = "no_such_field"\n')
    wrong = run("import", tmp_path / "t.csv", "--mapping", tmp_path / "m.toml")
    assert (wrong.code, "no_such_field" in wrong.err) == (REFUSED, True)
    gone = run("import", tmp_path / "t.csv", "--mapping", tmp_path / "gone.toml")
    assert (gone.code, gone.out) == (REFUSED, "")
    said = run("import", tmp_path / "t.csv", "--json")
    assert (said.code, said.row["opened"]) == (0, 3)
    assert "4 cells for 2 columns" in said.err
    assert "1 cells for 2 columns" in said.err


def test_a_binary_file_becomes_one_case_to_look_at_with_its_bytes_kept(run, tmp_path):
    content = bytes(range(256)) * 20
    (tmp_path / "photo.jpg").write_bytes(content)
    said = run("import", tmp_path / "photo.jpg", "--json")
    assert (said.code, said.row["low_confidence"], bool(said.err)) == (0, 1, True)
    assert content in [path.read_bytes() for path in (tmp_path / "store" / "media").iterdir()]
    assert not raw_in(run("ls").out)


def test_a_notice_of_400_kb_comes_in_whole(run, tmp_path):
    text = "DMCA notice. " + "https://a.example/x \u00e9 " * 17_000
    (tmp_path / "long.txt").write_text(text)
    assert run("import", tmp_path / "long.txt", "--json").row["opened"] == 1
    ref = run("ls", "--json").row["ref"]
    assert run("show", ref, "--json").row["reports"][0]["body"] == text


def test_a_note_of_two_mebibytes_is_refused_and_kept_as_a_draft(run, case, typed, bench_of):
    text = "words " * ((2 << 20) // 6 + 1)
    typed(text)
    said = run("note", case, "-m", "-")
    assert (said.code, "Split it" in said.err, "kept as a draft" in said.err) == (REFUSED, True, True)
    with bench_of() as bench:
        assert bench.draft(f"note {bench.store.line(case).id}") == text


def test_a_refused_note_does_not_take_the_place_of_a_draft(run, case, bench_of):
    with bench_of() as bench:
        key = f"note {bench.store.line(case).id}"
        bench.save_draft(key, "half a thought")
    for _twice in range(2):
        assert run("note", case, "-m", "x", "--corrects", "no-such-note").code == REFUSED
    with bench_of() as bench:
        assert bench.draft(key) == "half a thought\n\nx"
    assert run("note", case, "-m", "accepted").code == 0
    with bench_of() as bench:
        assert bench.draft(key) == "half a thought\n\nx"


# --- the store


def test_a_newer_store(run, case, tmp_path):
    connection = sqlite3.connect(tmp_path / "store" / "store.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    said = run("ls")
    assert (said.code, said.out) == (STORE, "")
    assert "newer" in said.err.lower() or "later" in said.err.lower()
    doctor = run("doctor", "--json")
    assert (doctor.code, doctor.row["store_opens"]) == (STORE, False)


def test_a_corrupt_store(run, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "store.db").write_bytes(b"not a database " * 1000)
    for command in ("ls", "doctor"):
        said = run(command)
        assert (said.code, "damaged" in said.err) == (STORE, True)


def test_a_store_that_another_program_holds(run, case, tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "BUSY_MS", 30)
    monkeypatch.setattr(folder, "WAIT_SECONDS", 0.1)
    other = sqlite3.connect(tmp_path / "store" / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert run("ls", "--json").row["ref"] == case
    said = run("note", case, "-m", "kept words")
    other.execute("ROLLBACK")
    other.close()
    assert (said.code, "busy" in said.err) == (STORE, True)
    kept = re.search(r"kept in (\S+)\.\n", said.err)
    assert kept
    with open(kept[1], encoding="utf-8") as file:
        assert file.read() == "kept words"


def test_a_full_disk_keeps_the_words_in_a_draft_or_a_file(run, case, monkeypatch):
    def full(*_arguments):
        error = driver.DriverError("database or disk is full")
        error.sqlite_errorcode = 13
        raise error

    monkeypatch.setattr(driver, "once", full)
    said = run("note", case, "-m", "kept words")
    assert (said.code, "disk is full" in said.err, "kept in" in said.err) == (STORE, True, True)


def test_a_store_that_can_only_be_read_is_read(run, case, monkeypatch):
    def closed(path):
        raise folder.not_writable(path.parent, PermissionError(13, "Permission denied"))

    monkeypatch.setattr(folder, "touch", closed)
    assert run("ls", "--json").row["ref"] == case
    said = run("tag", case, "x")
    assert (said.code, "cannot be written" in said.err) == (STORE, True)
    assert run("doctor", "--json").row["read_only"] is True


def test_a_store_in_the_place_of_a_file(run, tmp_path):
    (tmp_path / "file").write_text("x")
    said = run("--store", tmp_path / "file", "ls")
    assert (said.code, said.err.startswith("escaltui: ")) == (STORE, True)


# --- settings


def settings_of(tmp_path):
    (tmp_path / "settings" / "rules").mkdir(parents=True)
    return tmp_path / "settings"


def test_a_typo_in_a_rule_file_is_shown_and_the_packaged_rules_hold(run, case, tmp_path):
    (settings_of(tmp_path) / "rules" / "sla.toml").write_text("[row.x]\nmetrik = 1\n")
    said = run("ls", "--json")
    assert (said.code, said.row["ref"]) == (0, case)
    assert "sla.toml:" in said.err
    assert "The packaged rules are in use." in said.err
    doctor = run("doctor", "--json")
    assert (doctor.code, doctor.row["well"]) == (REFUSED, False)
    assert any("sla.toml" in problem for problem in doctor.row["problems"])


@pytest.mark.parametrize("text", ["[me\n", '[ui]\ntheme = "pink"\n', "[frob]\n", '[keys]\n"case.decide" = "ctrl+c"\n'])
def test_a_bad_config_file_is_shown_and_the_defaults_hold(run, case, tmp_path, text):
    (settings_of(tmp_path) / "config.toml").write_text(text)
    said = run("ls", "--json")
    assert (said.code, "config.toml" in said.err) == (0, True)
    assert run("doctor").code == REFUSED
    assert run("keys", "check").code == REFUSED


def test_bad_views_of_ones_own_are_shown_and_the_packaged_ones_hold(run, case, tmp_path):
    views = settings_of(tmp_path) / "views.toml"
    views.write_text('[[view]]\nid = "x"\ntitle = "X"\nquery = "sevv:1"\n')
    said = run("ls", "new", "--json")
    assert (said.row["ref"], "views.toml" in said.err) == (case, True)
    views.write_text('[[view]]\nkey = "1"\nid = "vip"\ntitle = "Vip"\nquery = "tag:vip"\n')
    rows = run("views", "--json").rows
    assert (rows[0]["id"], "mine" in {row["id"] for row in rows}, len(rows)) == ("vip", False, 10)


# --- hands


def test_no_editor_and_one_that_fails(run, case, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor")
    said = run("note", case)
    assert (said.code, "Set EDITOR" in said.err) == (REFUSED, True)
    monkeypatch.setenv("EDITOR", "false")
    assert run("note", case).code == REFUSED
    monkeypatch.setenv("EDITOR", "true")
    assert "empty note" in run("note", case).err


def test_a_note_is_written_in_an_editor(run, case, monkeypatch, tmp_path):
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "typed in an editor" > "$1"\n')
    script.chmod(0o755)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    assert run("note", case).code == 0
    assert run("show", case, "--json").row["notes"][0]["body"] == "typed in an editor"
    refused = run("note", case, "--corrects", "no-such-note")
    assert (refused.code, "kept as a draft" in refused.err) == (REFUSED, True)


def test_the_workbench_needs_a_terminal(run):
    said = run()
    assert (said.code, "needs a terminal" in said.err) == (REFUSED, True)


def test_raw_text_never_goes_to_a_terminal(run, typed, monkeypatch):
    typed("\x1b]52;c;AAAA\x07")
    ref = run("new", "--title", "x", "--file", "-", "--json").row["ref"]
    assert run("show", ref, "--raw").out == "\x1b]52;c;AAAA\x07\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    said = run("show", ref, "--raw")
    assert (said.code, said.out) == (REFUSED, "")


def test_a_defect_is_named_without_case_text(run, case, monkeypatch):
    def defect(*_arguments):
        raise RuntimeError("secret case text")

    monkeypatch.setattr("escaltui.commands.reading.ls", defect)
    said = run("ls")
    assert (said.code, said.out, "secret" in said.err) == (DEFECT, "", False)
    assert "RuntimeError at test_cli_bad_input.py:" in said.err
    with pytest.raises(RuntimeError):
        cli.main(["ls", "--dev"])


def test_an_altered_log_is_found(run, case, tmp_path):
    connection = sqlite3.connect(tmp_path / "store" / "store.db")
    connection.execute("UPDATE change SET actor = 'eve' WHERE seq = 2")
    connection.commit()
    connection.close()
    said = run("audit", "verify", "--json")
    assert (said.code, said.row["sound"], "not as it was written" in said.err) == (REFUSED, False, True)
    assert run("doctor").code == REFUSED


# --- hostile text


@pytest.mark.parametrize(("name", "hostile"), PAYLOADS, ids=[name for name, _text in PAYLOADS])
def test_hostile_text_through_every_command(run, typed, name, hostile, tmp_path):
    typed(hostile)
    ref = run("new", "--title", hostile, "--from", hostile, "--on-behalf-of", hostile, "--item", hostile, "--file",
              "-", "--json").row["ref"]  # fmt: skip
    assert run("note", ref, "-m", hostile).code == 0
    assert run("tag", ref, "x").code == 0
    odd = tmp_path / "odd.txt"
    odd.write_bytes(hostile.encode("utf-8", "surrogatepass"))
    word = hostile.replace("\0", "")
    commands = [
        ("ls",), ("ls", "--plain"), ("show", ref), ("brief", ref), ("next", "--peek"), ("export",), ("ls", word),
        ("import", odd), ("show", word), ("ls", "--view", word), (word,), ("ls", f"--{word}"),
        ("assign", ref, "--to", word),
        ("edit", ref, f"summary={word}"), ("show", ref), ("dismiss", ref, "-r", word), ("unlink", ref, word),
        ("attach", ref, "--id", word, "--author", word), ("detach", ref, word), ("--as", word, "ls"),
        ("asked", ref, "--words", word, "--due", "tomorrow 10"), ("show", ref), ("policy", "search", word),
        ("policy", "show", word), ("cite", ref, word), ("people", "add", word), ("wait", ref, "--until", word),
        ("flag", ref, word), ("undo",), ("next",), ("ls", "--sort", word), ("triage", ref, "--severity", word),
        ("policy", "release", word, word), ("note", ref, "-m", word, "--corrects", word), ("views",),
    ]  # fmt: skip
    for command in commands:
        said = run(*command)
        assert said.code in (0, 1, 2), (command[0], said.err)
        assert not raw_in(said.out.replace("\r\n", "\n")), (command[0], said.out)
        assert not raw_in(said.err), (command[0], said.err)


def test_the_scan_for_raw_text_can_fail(run, case, monkeypatch):
    hostile = PAYLOADS[0][1]
    assert run("note", case, "-m", hostile).code == 0
    monkeypatch.setattr("escaltui.safety.text.clean", lambda text: text)
    assert raw_in(run("show", case).out)
