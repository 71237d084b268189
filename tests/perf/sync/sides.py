"""The two sides of the bench beside Kinto: its process in an environment of its own, and the clients of both."""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from backend import Backend
from psycopg.conninfo import conninfo_to_dict
from swarm import Swarm

HERE = Path(__file__).resolve().parent
NEEDED = HERE.parent / "kinto-requirements.txt"
BATCH, WRITERS = 25, 8
"""As many as Kinto takes in one batch where nothing else is set."""
NAMES = [f"writer{n}" for n in range(WRITERS)]


def environment(folder: Path) -> Path:
    """The Python of a virtual environment with Kinto, made once. Raises RuntimeError with pip's last words."""
    place = folder / "kinto-venv"
    python = place / "bin" / "python"
    if not (place / "made").exists():
        venv.create(place, clear=True, with_pip=True)
        words = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(NEEDED)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("Kinto could not be installed: " + done.stderr.strip()[-600:])
        (place / "made").touch()
    return python


@contextmanager
def kinto(python: Path, folder: Path, dsn: str) -> Iterator[str]:
    """The address of Kinto on a database of its own in the same PostgreSQL."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE DATABASE kinto")
    at = conninfo_to_dict(dsn)
    url = f"postgresql+psycopg2://{at['user']}@/kinto?host={at['host']}&port={at['port']}"
    with (folder / "kinto.log").open("wb") as log:
        words = [str(python), str(HERE / "kinto_server.py"), url]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("Kinto did not start: " + (folder / "kinto.log").read_text()[-600:])
            yield json.loads(line)["url"]
        finally:
            process.terminate()
            process.wait(30)


class Sides:
    """The clients of both: a lone writer, eight, a reader each."""

    def __init__(self, ours: Backend, theirs: str, stack: ExitStack) -> None:
        def swarm(kind: str, given: list[dict[str, Any]]) -> Swarm:
            return stack.enter_context(Swarm(kind, given))

        held = ours.tokens
        our = [{"url": ours.url, "tokens": held[n::WRITERS], "batch": BATCH} for n in range(WRITERS)]
        their = [{"url": theirs, "name": name, "batch": BATCH} for name in NAMES]
        with Swarm("beside:Kinto", [{"url": theirs, "name": "owner"}]) as owner:
            owner.ask("prepare", writers=[*NAMES, "reader"])
        self.lone = swarm("pushing:Pusher", our[:1]), swarm("beside:KintoWriter", their[:1])
        self.all = swarm("pushing:Pusher", our), swarm("beside:KintoWriter", their)
        reader = {"url": ours.url, "token": held[0], "others": held[1:16]}
        other = {"url": theirs, "name": "reader"}
        self.readers = swarm("beside:OurReader", [reader]), swarm("beside:KintoReader", [other])
        self.lone[0].ask("begin")
        self.all[0].ask("begin")
