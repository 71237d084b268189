"""The real command in a process of its own: exit codes, pipes, what is imported, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

RUN = [sys.executable, "-m", "escaltui"]
HEAVY = ("textual", "sqlmodel", "sqlalchemy", "rich", "holidays", "httpx", "PIL")


def command(*arguments, typed="", **more):
    return subprocess.run([*RUN, *map(str, arguments)], input=typed, capture_output=True, text=True, timeout=60, **more)


def test_exit_codes(demo):
    assert command("ls", "--limit", "1").returncode == 0
    assert command("show", "E-NOSUCH").returncode == 1
    assert command("ls", "--nope").returncode == 2
    assert command("ls", "--store", "/dev/null/x").returncode == 3
    assert "needs a terminal" in command().stderr


def test_a_reader_that_closes_the_pipe_early_is_no_error(demo):
    line = f"{' '.join(RUN)} ls --json | head -1; echo ${{PIPESTATUS[0]}}"
    said = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    first, code = said.stdout.splitlines()
    assert (json.loads(first)["ref"][:2], code, said.stderr) == ("E-", "0", "")


@pytest.mark.parametrize(
    "arguments", [("ls", "--limit", "1"), ("note", "REF", "-m", "x"), ("policy", "search", "court"), ("doctor",),
                  ("show", "REF"), ("clock", "REF"), ("consult", "REF"), ("letters",), ("tasks",), ("byhand",),
                  ("templates",), ("macro", "list"), ("task", "REF", "Call", "them")]
)  # fmt: skip
def test_plain_commands_start_without_what_they_do_not_need(demo, arguments):
    ref = json.loads(command("ls", "--json", "--limit", "1").stdout)["ref"]
    given = [ref if each == "REF" else each for each in arguments]
    script = (
        f"import sys; from escaltui.cli import main; code = main({given!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert said.stderr.splitlines()[-1] == "[] 0"


def test_a_note_comes_through_a_pipe_and_bytes_that_are_no_utf_8_are_marked(demo):
    ref = json.loads(command("ls", "--json", "--limit", "1").stdout)["ref"]
    given = [*RUN, "note", ref, "-m", "-"]
    assert subprocess.run(given, input=b"caf\xe9 \xff", capture_output=True, timeout=60).returncode == 0
    assert json.loads(command("show", ref, "--json").stdout)["notes"][-1]["body"] == "caf\ufffd \ufffd"


def test_a_terminal_without_utf_8_still_shows_the_list(demo):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    said = subprocess.run([*RUN, "ls", "--plain"], capture_output=True, timeout=60, env=environment)
    assert (said.returncode, said.stderr) == (0, b"")
    assert said.stdout.isascii()


def test_ctrl_c_in_a_real_import_leaves_a_sound_store(tmp_path):
    file = tmp_path / "n.jsonl"
    rows = ({"path": f"{n}.md", "text": f"DMCA notice {n} https://a.example/{n} " * 20} for n in range(4000))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    importing = subprocess.Popen(
        [*RUN, "import", str(file), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 30
    while time.monotonic() < end and importing.poll() is None:
        if json.loads(command("views", "--json").stdout.splitlines()[-1])["cases"] > 0:
            break
    importing.send_signal(signal.SIGINT)
    out, err = importing.communicate(timeout=60)
    taken = json.loads(out)["opened"]
    assert (importing.returncode, "Stopped." in err) == (130, True)
    assert 0 < taken < 4000
    assert len(command("ls", "--json").stdout.splitlines()) == taken
    assert json.loads(command("audit", "verify", "--json").stdout)["sound"]
