"""Import and export: what comes in once, what stops in the middle, what leaves and is kept in the log."""

from __future__ import annotations

import csv
import gzip
import io
import json
import signal
import time

import pytest

from escaltui.commands import progress
from escaltui.faces import Progress
from escaltui.workbench import importing


def notices(path, count=6):
    rows = [{"path": f"2020/n{n}.md", "date": "2020-01-02", "text": f"DMCA notice {n}\n\nPlease remove "
             f"https://a.example/{n}. I swear under penalty of perjury."} for n in range(count)]  # fmt: skip
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return path


def test_an_import_adds_each_report_once(run, tmp_path):
    file = notices(tmp_path / "n.jsonl.gz")
    assert (run("import", file, "--json").row["opened"], run("import", file, "--json").row["known"]) == (6, 6)
    assert len(run("ls", "--json").rows) == 6


def test_csv_with_a_mapping_and_a_mail(run, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(
        "Ticket;Who;What;Link\n1;Ada;A page copies us;https://a.example/1\n2;Bob;Another;https://a.example/2\n"
    )
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'delimiter = ";"\n[columns]\nTicket = "id"\nWho = "requester.name"\nWhat = "title"\nLink = "subjects"\n'
    )
    said = run("import", table, "--mapping", mapping, "--json")
    assert (said.code, said.rows and said.row["opened"]) == (0, 2), said.err
    assert {row["from"] for row in run("ls", "--json").rows} == {"Ada", "Bob"}
    mail = tmp_path / "m.eml"
    mail.write_text("From: Court <c@court.example>\nTo: x@y.example\nSubject: Order 12\n\nRemove it by Friday.\n")
    assert run("import", mail, "--json").row["opened"] == 1


def test_what_does_not_parse_is_a_case_to_look_at(run, tmp_path):
    file = tmp_path / "odd.jsonl"
    file.write_text('{"text": broken\n')
    said = run("import", file, "--json")
    assert (said.code, said.row["opened"], said.row["low_confidence"]) == (0, 1, 1)
    assert "escaltui ls tag:check-intake" in said.err
    assert len(run("ls", "tag:check-intake", "--json").rows) == 1


def test_a_type_that_the_team_took_away_loses_no_report(run, tmp_path):
    rules = tmp_path / "settings" / "rules"
    rules.mkdir(parents=True)
    first = run("import", notices(tmp_path / "a.jsonl.gz"), "--json")
    kind = run("ls", "--json", "--limit", 1).row["type"]
    (rules / "types.toml").write_text(f"[type.{kind}]\noff = true\n")
    said = run("import", notices(tmp_path / "b.jsonl.gz", 9), "--json")
    assert (first.row["opened"], said.code) == (6, 0)
    assert said.row["opened"] == 3


def test_ctrl_c_in_an_import_keeps_what_was_taken_in(run, tmp_path, monkeypatch):
    file = notices(tmp_path / "n.jsonl.gz")
    monkeypatch.setattr(importing, "BATCH", 2)
    take_in = importing.take_in

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return take_in(*arguments)

    monkeypatch.setattr(importing, "take_in", interrupted)
    before = signal.getsignal(signal.SIGINT)
    said = run("import", file, "--json")
    assert (said.code, said.row["opened"], said.row["stopped"]) == (130, 2, True)
    assert "import the file again for the rest" in said.err
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.setattr(importing, "take_in", take_in)
    assert run("import", file, "--json").row["opened"] == 4
    assert run("audit", "verify").code == 0


def test_a_second_ctrl_c_stops_at_once(run, tmp_path, monkeypatch):
    def pressed_twice(*_arguments):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(importing, "take_in", pressed_twice)
    said = run("import", notices(tmp_path / "n.jsonl.gz"))
    assert (said.code, said.err) == (130, "escaltui: Stopped.\n")


def test_an_import_that_died_between_two_batches_goes_on(run, tmp_path, monkeypatch):
    file = notices(tmp_path / "n.jsonl.gz")
    monkeypatch.setattr(importing, "BATCH", 2)
    take_in, calls = importing.take_in, []

    def dies(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise SystemError("killed")
        return take_in(*arguments)

    monkeypatch.setattr(importing, "take_in", dies)
    assert run("import", file).code == 70
    monkeypatch.setattr(importing, "take_in", take_in)
    said = run("import", file, "--json").row
    assert (said["opened"], said["known"]) == (2, 4)
    assert len(run("ls", "--json").rows) == 6


# --- progress


class Watched(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_at_most_twice_a_second_with_rate_and_time_left():
    stream, now = Watched(), [0.0]
    show = progress.progress_line(stream, lambda: now[0])
    for step in range(1, 41):
        now[0] = step * 0.1
        show(Progress("import", step * 100, 8000, 0))
    show(Progress("import", 4000, 4000, 0, finished=True))
    updates = stream.getvalue().split("\r")[1:]
    assert len(updates) == 9
    assert updates[-2].strip() == "import 3,600 of 8,000, 1,000 a second, 4 s left"
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("\n")


def test_progress_is_silent_where_nobody_watches():
    stream = io.StringIO()
    progress.progress_line(stream)(Progress("import", 5, None, 0, finished=True))
    assert stream.getvalue() == ""


def test_the_total_of_json_lines_is_known_and_of_a_mail_is_not(tmp_path):
    assert importing.how_many(notices(tmp_path / "n.jsonl.gz", 4)) == 4
    (tmp_path / "m.eml").write_text("From: a@b.example\nTo: c@d.example\nSubject: x\n\nbody\n")
    assert importing.how_many(tmp_path / "m.eml") is None


# --- export


def test_csv_leaves_no_formula_and_each_export_is_in_the_log(run, tmp_path):
    ref = run("new", "--title", '=HYPERLINK("x")', "--json").row["ref"]
    said = run("export", "--out", tmp_path / "out.csv", "--json")
    assert said.row == {"exported": 1, "to": str(tmp_path / "out.csv")}
    (row,) = csv.DictReader((tmp_path / "out.csv").open(newline=""))
    assert (row["ref"], row["title"]) == (ref, '\'=HYPERLINK("x")')
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert "what: exported" in run("show", ref).out


def test_jsonl_is_lossless_on_standard_output(run, case):
    row = json.loads(run("export", "type:press", "--format", "jsonl").out)
    assert (row["case"]["ref"], row["case"]["title"]) == (case, "Impostor page")


def test_an_export_never_overwrites(run, case, tmp_path):
    (tmp_path / "mine.csv").write_text("kept")
    said = run("export", "--out", tmp_path / "mine.csv")
    assert (said.code, "is there already" in said.err) == (1, True)
    assert (tmp_path / "mine.csv").read_text() == "kept"
    assert "what: exported" not in run("show", case).out
    assert run("export", "--out", tmp_path / "no" / "folder.csv").code == 1


@pytest.mark.real_data
def test_real_requests_come_in_and_are_read(run, real_data):
    began = time.process_time()
    said = run("import", real_data / "government_requests.jsonl.gz", "--json")
    assert (said.code, said.row["opened"]) == (0, 109)
    assert len(run("ls", "--json").rows) == 109
    print(f"import of 109 requests: {time.process_time() - began:.2f} s CPU")


def test_markdown_is_a_table_in_which_nothing_is_markup(run, tmp_path):
    run("new", "--title", "a | [b](https://evil.example) <img src=x>", "--from", "Ada", "--type", "press")
    assert run("export", "--format", "md", "--out", tmp_path / "out.md").code == 0
    head, rule, row = (tmp_path / "out.md").read_text().splitlines()
    assert head.startswith("| ref | severity |")
    assert rule.count("---") == head.count(" | ") + 1
    assert "a \\| \\[b\\](https\\://evil" in row
    assert "\\<img" in row


def test_a_file_is_whole_or_not_there_and_nothing_is_recorded_for_one_that_cannot_be(
    run, tmp_path, monkeypatch, bench_of
):
    ref = run("new", "--title", "One", "--from", "Ada", "--type", "press", "--json").row["ref"]
    with bench_of() as bench:
        before = bench.store.last_seq(bench.store.case(ref).id)
    assert run("export", "--out", tmp_path / "none" / "out.csv").code == 1
    (tmp_path / "mine.csv").write_text("mine")
    assert run("export", "--out", tmp_path / "mine.csv").code == 1
    assert (tmp_path / "mine.csv").read_text() == "mine"
    with bench_of() as bench:
        assert bench.store.last_seq(bench.store.case(ref).id) == before
    monkeypatch.setattr("escaltui.commands.moving.csv_row", lambda cells: 1 / 0)
    assert run("export", "--out", tmp_path / "out.csv").code == 70
    assert not list(tmp_path.glob("*out.csv*"))
