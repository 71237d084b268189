"""A real Ozone on loopback: started from the script that ESCALTUI_OZONE_UP names, ended with all that belongs to it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
UP = Path(os.environ.get("ESCALTUI_OZONE_UP", ROOT.parent / "shared" / "tools" / "ozone" / "up"))
READY = "ESCALTUI_OZONE_READY"
"""The line that `up` printed, where one runs already; it is then neither started nor ended here."""
PATIENCE = 1800.0
HOST = "127.0.0.1"


@contextmanager
def network() -> Iterator[dict[str, Any]]:
    """The addresses and accounts of a running network. Raises SystemExit where there is no way to start one."""
    if given := os.environ.get(READY):
        yield json.loads(given)
        return
    if not UP.is_file():
        sys.exit(
            f"There is no Ozone to start: {UP} is missing. Name the script that starts one: ESCALTUI_OZONE_UP=…/up"
        )
    with subprocess.Popen([str(UP)], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield _ready(process)
        finally:
            process.send_signal(signal.SIGTERM)  # it ends what it started
            process.wait(60)


def _ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if not select.select([process.stdout], [], [], 1.0)[0]:
            continue
        line = process.stdout.readline()
        if not line:
            break
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
    sys.exit("Ozone did not start: see what its script says above.")


def here(url: str) -> str:
    """An address of the network by number: its names are of this machine only."""
    return url.replace("localhost", HOST)


class Account:
    """Ozone's own API, asked by one account, with nothing of ours in between."""

    def __init__(self, ready: dict[str, Any], handle: str, password: str) -> None:
        self._client = httpx.Client(base_url=here(ready["pds"]), trust_env=False, timeout=60)
        made = self._client.post(
            "/xrpc/com.atproto.server.createSession", json={"identifier": handle, "password": password}
        )
        made.raise_for_status()
        self.did = made.json()["did"]
        self._headers = {
            "authorization": f"Bearer {made.json()['accessJwt']}",
            "atproto-proxy": f"{ready['service_did']}#atproto_labeler",
        }

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """What it answers."""
        answer = self._client.get(f"/xrpc/{method}", params=params, headers=self._headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def do(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """What it did."""
        answer = self._client.post(f"/xrpc/{method}", json=body, headers=self._headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def all(self, method: str, name: str, **params: Any) -> list[dict[str, Any]]:
        """Every page of a list."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.ask(method, limit=100, **params, **({"cursor": cursor} if cursor else {}))
            found += page[name]
            cursor = page.get("cursor", "")
            if not cursor or not page[name]:
                return found
