"""A large import killed at any moment: what was written stays, the next one adds the rest, no index is missing."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from escaltui.config import Config
from escaltui.intake import apart
from escaltui.store import local
from escaltui.workbench import Workbench

ROWS = 2500
WORDS = "we ask you to look again at the page of our museum since the opening is on friday "
LIMIT = 120.0


def taken_in(store: Path) -> int:
    """How many cases another process has written so far."""
    try:
        connection = sqlite3.connect(f"{(store / 'store.db').as_uri()}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT count(*) FROM cases").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0  # not made yet


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize("written", [1, 1200])
def test_a_killed_import_goes_on(tmp_path: Path, written: int) -> None:
    path, store = tmp_path / "rows.jsonl", tmp_path / "store"
    path.write_text("\n".join(json.dumps({"id": n, "title": f"Letter {n}", "body": WORDS * 6}) for n in range(ROWS)))
    assert path.stat().st_size > apart.LARGE
    command = [sys.executable, "-m", "escaltui", "import", str(path), "--store", str(store)]
    environment = {**os.environ, "ESCALTUI_CONFIG": str(tmp_path / "config")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + LIMIT
    while taken_in(store) < written and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
    with Workbench.open(store, config=Config(tmp_path / "config")) as bench:
        before = bench.store.count(None)
        assert written <= before < ROWS
        assert bench.store.meta(local.ASIDE) is None
        summary = bench.import_path(path)
        assert (summary.opened, summary.known) == (ROWS - before, before)
        assert (bench.store.count(None), len(bench.matching("museum"))) == (ROWS, ROWS)
        assert bench.store.verify().sound
