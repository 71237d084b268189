"""Two specialists at one desk, side by side: a backend with its own PostgreSQL, and a workbench each, in tmux.

`make team-demo`. Everything lies in one folder and is gone at the end. Left and right are two stores that follow the
same desk: claim a case in one and look at the other. Leave tmux (ctrl+b d, or leave both workbenches) to end it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from escaltui import config as settings
from escaltui.demo.cases import cases
from escaltui.domain.changes import Refused
from escaltui.workbench import Workbench
from escaltui.workbench.seeding import story

PEOPLE = ("ada", "bo")
ROLES = "specialist,approver,lead,counsel"
CASES = 60
ESCALTUI = str(Path(sys.executable).with_name("escaltui"))


def run(*words: str, token: str = "", home: Path | None = None) -> dict[str, Any]:
    """A command of ours; gives what it tells as JSON. What it cannot do ends this."""
    environ = {**os.environ, "ESCALTUI_TOKEN": token, **({"ESCALTUI_CONFIG": str(home)} if home else {})}
    said = subprocess.run([ESCALTUI, *words, "--json"], capture_output=True, text=True, env=environ, check=False)
    if said.returncode:
        sys.exit(f"escaltui {' '.join(words)}: {said.stderr.strip() or said.stdout.strip()}")
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[0]) if said.stdout.strip() else {}
    return found


@contextmanager
def backend(folder: Path, port: int) -> Iterator[str]:
    """A backend with a private PostgreSQL as long as this lasts; gives its address."""
    words = [ESCALTUI, "serve", "--folder", str(folder), "--port", str(port), "--json"]
    with (
        (folder.parent / "server.log").open("wb") as log,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if not line:
                sys.exit("The backend did not start.")
            yield json.loads(line)["serving"]
        finally:
            server.terminate()
            server.wait(30)


def member(folder: Path, server: Path, url: str, person: str) -> Path:
    """Somebody's store, following the desk; gives the folder of their settings."""
    home = folder / person
    home.mkdir()
    (home / "config.toml").write_text(
        f'[me]\nname = "{person}"\n\n[store]\nfolder = "{folder / f"{person}-store"}"\n\n'
        f'[remote]\nurl = "{url}"\ndesk = "global"\ntoken = "variable"\n',
        encoding="utf-8",
    )
    run("serve", "person", "add", person, "--folder", str(server))
    run("serve", "grant", person, "global", "--roles", ROLES, "--folder", str(server))
    token = run("serve", "token", "new", "team demo", "--person", person, "--folder", str(server))["token"]
    run("connect", url, "--desk", "global", token=token, home=home)
    (home / "token").touch(0o600)
    (home / "token").write_text(token, encoding="utf-8")
    return home


def fill(home: Path, count: int) -> None:
    """Sample cases, taken in by one of them: the other gets them from the backend."""
    config = settings.load(home)
    os.environ["ESCALTUI_TOKEN"] = (home / "token").read_text(encoding="utf-8")
    with Workbench.open(Path(config.store), config=config) as bench:
        now = bench.now()
        for case in cases(count, datetime.fromtimestamp(now / 1000, UTC)):
            for asked in islice(story(case, now, {}, taken_in=now), 2):
                outcome = bench.do(asked.op, op_id=asked.op_id)
                assert not isinstance(outcome, Refused), outcome


def beside(homes: list[Path], session: str) -> None:
    """Both workbenches in one tmux window, each in its pane; returns when the person leaves."""

    def pane(home: Path) -> str:
        return f"ESCALTUI_CONFIG='{home}' ESCALTUI_TOKEN=$(cat '{home / 'token'}') '{ESCALTUI}'"

    tmux = ["tmux", "-L", session]
    subprocess.run([*tmux, "new-session", "-d", "-s", session, "-x", "200", "-y", "50", pane(homes[0])], check=True)
    subprocess.run([*tmux, "split-window", "-h", "-t", session, pane(homes[1])], check=True)
    subprocess.run([*tmux, "attach", "-t", session], check=False)
    subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)


def main() -> int:
    """Set all of it up, show it, take it down."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--port", type=int, default=0, help="of the backend (default: any that is free)")
    ask.add_argument("--cases", type=int, default=CASES)
    ask.add_argument("--no-tmux", action="store_true", help="set up, say where, wait for a line on standard input")
    args = ask.parse_args()
    if not args.no_tmux and shutil.which("tmux") is None:
        sys.exit("make team-demo shows two workbenches side by side in tmux. Install tmux, then run it again.")
    folder = Path(tempfile.mkdtemp(prefix="escaltui-team-"))
    folder.chmod(0o755)  # PostgreSQL's own account passes through where root starts this
    try:
        with backend(folder / "server", args.port) as url:
            homes = [member(folder, folder / "server", url, person) for person in PEOPLE]
            fill(homes[0], args.cases)
            for home in homes:
                run("sync", token=(home / "token").read_text(encoding="utf-8"), home=home)
            if args.no_tmux:
                print(json.dumps({"url": url, "homes": [str(home) for home in homes]}), flush=True)
                sys.stdin.readline()
            else:
                beside(homes, f"escaltui-team-{os.getpid()}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
