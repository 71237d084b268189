"""A large file read by a second process: the same reports, whatever becomes of that process."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from escaltui.intake import apart, files
from escaltui.intake.found import IntakeError
from escaltui.intake.pairs import Pair, pair

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
MAPPING = (
    'zone = "+02:00"\n[columns]\nTicket = "id"\nText = "body"\nCreated = "received_at"\nSender = "requester.name"\n'
)
BODIES = (
    "Within 6 hours, remove https://shop.example/p/1. Do not inform the account holder before 3 June 2026.",
    "Nous publions demain à 16:00 : répondez-nous. Un article sur la contrefaçon de montres.",
    "Our ad account 12345678 was rejected\x00 \u202etxt.exe",
    "",
)
DIES = """import escaltui.intake.apart as apart, itertools, os, sys
sys.argv.pop(1)
send, sent, apart.AT_ONCE = apart._send, itertools.count(), 4
apart._send = lambda frame: os._exit(9) if next(sent) == 3 else send(frame)
apart.serve(*sys.argv[1:])"""
"""Another process that sends twelve reports, then ends as if it were killed."""


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "LARGE", 0)
    monkeypatch.setattr(apart, "AT_ONCE", 4)
    monkeypatch.setattr(apart.os, "cpu_count", lambda: 2)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """JSON lines of all kinds: whole ones, a half character, a broken line, a wrong encoding, a date to come."""
    rows = [{"id": n, "body": BODIES[n % 4], "received_at": f"20{25 + n % 3}-05-01T10:00"} for n in range(30)]
    lines = [json.dumps(row).encode() for row in rows]
    lines[7], lines[11], lines[13] = b'{"body": ', '{"body": "caf\xe9"}'.encode("latin-1"), b'{"body": "a \\ud800 b"}'
    path = tmp_path / "letters.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    return path


def here(path: Path, mapping: Path | None = None) -> list[Pair]:
    return list(map(pair, files.read(path, mapping, NOW)))


def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started from now on."""
    processes: list[subprocess.Popen[bytes]] = []
    start = apart._started

    def watched(path: Path, mapping: Path | None, now: datetime) -> subprocess.Popen[bytes]:
        processes.append(start(path, mapping, now))
        return processes[-1]

    monkeypatch.setattr(apart, "_started", watched)
    return processes


def test_the_reports_are_the_same(letters, monkeypatch):
    processes = started(monkeypatch)
    nothing_is_read_here = iter(())
    assert list(apart._apart(nothing_is_read_here, letters, None, NOW)) == here(letters)
    assert len(processes) == 1
    assert processes[0].poll() is not None


def test_a_mapping_goes_along(tmp_path):
    (tmp_path / "map.toml").write_text(MAPPING)
    rows = "".join(f'T-{n};"a\nb {n}";2026-0{n % 9 + 1}-01T10:00;Sender {n}\n' for n in range(20))
    (tmp_path / "rows.csv").write_text(f"Ticket;Text;Created;Sender\n{rows}ragged;row\n")
    path, mapping = tmp_path / "rows.csv", tmp_path / "map.toml"
    found = list(apart.read(path, mapping, NOW))
    assert found == here(path, mapping)
    assert len(found) == 21


@pytest.mark.parametrize(
    "start",
    [
        "raise SystemExit",
        "import os, sys; sys.stdout.buffer.write(bytes(2)); sys.stdout.flush(); os._exit(9)",
        "import sys; sys.stdout.buffer.write((9).to_bytes(4, 'big') + b'not these')",
        DIES,
    ],
)
def test_what_the_other_process_does_not_send_is_read_here(letters, monkeypatch, start):
    monkeypatch.setattr(apart, "_START", start)
    assert list(apart.read(letters, None, NOW)) == here(letters)


def test_without_another_process_it_is_read_here(letters, monkeypatch, tmp_path):
    monkeypatch.setattr(apart.sys, "executable", str(tmp_path / "no python"))
    assert list(apart.read(letters, None, NOW)) == here(letters)


def test_the_other_process_ends_with_the_reading(letters, monkeypatch):
    processes = started(monkeypatch)
    reports = apart.read(letters, None, NOW)
    assert next(reports) == here(letters)[0]
    reports.close()
    assert processes[0].returncode is not None


def test_the_other_process_ends_when_nobody_listens(tmp_path):
    path = tmp_path / "long.jsonl"
    path.write_text("\n".join(json.dumps({"id": n, "body": "x" * 2000}) for n in range(2000)))
    process = apart._started(path, None, NOW)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1


def test_a_file_that_cannot_be_read_says_so_at_once(tmp_path):
    with pytest.raises(IntakeError):
        apart.read(tmp_path / "missing.csv")
    (tmp_path / "map.toml").write_text("columns = 1")
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(IntakeError):
        apart.read(tmp_path / "a.csv", tmp_path / "map.toml")


def test_a_small_file_starts_no_process(letters, monkeypatch):
    processes = started(monkeypatch)
    monkeypatch.setattr(apart, "LARGE", 1 << 20)
    assert list(apart.read(letters, None, NOW)) == here(letters)
    assert (processes, sys.executable != "") == ([], True)
