"""`escaltui serve --rules FOLDER`: decided by these files, read anew on SIGHUP; a folder that is not there refuses."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
from served import Served, refused

from escaltui import rules_loader, rules_packed

DESK = '[desk.emea]\nlabel = "EMEA"\n'


def rules_hash(client: httpx.Client) -> str:
    return str(client.get("/v1/about").json()["rules_hash"])


def test_it_decides_by_the_files_and_reads_them_anew_on_sighup(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    teams = folder / "teams.toml"
    teams.write_text(DESK)
    with Served("--db", database, "--rules", folder) as backend, backend.client(backend.token) as client:
        first = rules_hash(client)
        assert first == rules_loader.load(folder).hash != rules_loader.load().hash
        book = rules_packed.unpack(client.get(f"/v1/rules/{first}").content, first)
        assert "emea" in book.rules.desks
        assert client.get("/v1/rules/" + "0" * 64).status_code == 404
        assert backend.client().get(f"/v1/rules/{first}").status_code == 401
        teams.write_text(DESK + '[desk.apac]\nlabel = "APAC"\n')
        backend.process.send_signal(signal.SIGHUP)
        second = changed(client, first)
        assert second == rules_loader.load(folder).hash
        teams.write_text("[desk.emea\n")
        backend.process.send_signal(signal.SIGHUP)
        kept = logged(backend, "kept")
        assert kept["hash"] == second
        assert rules_hash(client) == second
        assert backend.stop() == 0


def changed(client: httpx.Client, first: str) -> str:
    for _turn in range(200):
        if (found := rules_hash(client)) != first:
            return found
        time.sleep(0.02)
    raise AssertionError("SIGHUP changed nothing")


def logged(backend: Served, what: str) -> dict[str, object]:
    for _turn in range(200):
        if found := [line for line in backend.log() if line.get("rules") == what]:
            return found[-1]
        time.sleep(0.02)
    raise AssertionError(f"the log does not say that they were {what}")


def test_a_folder_that_is_not_there_is_told(database: str, tmp_path: Path) -> None:
    code, said = refused("--db", database, "--rules", tmp_path / "nothing")
    assert code == 1
    assert "There is no folder of rules" in said
