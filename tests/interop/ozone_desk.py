"""A desk beside a real Ozone: the plain commands on a store of their own, and what the judge reads in Ozone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ozone_network import Account, here

DEFS = "tools.ozone.moderation.defs#"
QUEUES = ("reviewOpen", "reviewEscalated")
HOLD = 31
"""Seconds for which a decision can be undone before its deeds may leave."""
POLICY = "# Standards\n\n## Elections {#elections}\n\nWe remove posts that name a wrong day of an election.\n"


class Desk:
    """The plain commands on a store of their own. `service`: where Ozone is asked; `who`: as whom, by handle."""

    def __init__(
        self, folder: Path, ready: dict[str, Any], service: str = "", who: tuple[str, str] = ("mod.test", "mod-pass")
    ) -> None:
        self.folder = folder
        (folder / "config").mkdir(parents=True)
        (folder / "policy" / "standards").mkdir(parents=True)
        (folder / "policy" / "standards" / "2026-01-29.md").write_text(POLICY)
        (folder / "config" / "config.toml").write_text(
            '[me]\nname = "ada"\nroles = ["specialist", "lead"]\n\n[[connector]]\nname = "ozone"\nkind = "ozone"\n'
            f'service = "{service or here(ready["pds"])}"\nlabeler = "{ready["service_did"]}"\nhandle = "{who[0]}"\n'
            'page = 10\nacts = ["warning_screen = label graphic-media"]\n'
        )
        mine = {name: value for name, value in os.environ.items() if not name.startswith("ESCALTUI_")}
        self.env = mine | {"ESCALTUI_CONFIG": str(folder / "config"), "ESCALTUI_STORE": str(folder / "store"),
                           "ESCALTUI_CONNECTOR_OZONE": who[1]}  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command under way."""
        return subprocess.Popen(
            [sys.executable, "-m", "escaltui", *words], env=self.env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str, fails: bool = False) -> list[dict[str, Any]]:
        """A command's JSON lines. It must succeed, unless `fails`."""
        with self.start(*words, "--json") as process:
            out, err = process.communicate(timeout=300)
        if (process.returncode != 0) is not fails:
            raise AssertionError(f"{' '.join(words)}: exit {process.returncode}: {out[-500:]} {err[-500:]}")
        return [json.loads(line) for line in out.splitlines()]

    def killed(self, after: float, *words: str) -> bool:
        """A command that is killed after so many seconds; whether it was still running."""
        with self.start(*words) as process:
            try:
                process.communicate(timeout=after)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                return True
        return False

    def cases(self) -> dict[str, str]:
        """Every case by its item in Ozone: item id to reference."""
        found: dict[str, str] = {}
        for row in self.run("ls"):
            items = [
                line.split(": ", 1)[1] for line in self.shown(row["ref"]) if line.startswith(("id: at:", "id: did:"))
            ]
            for item in items:
                check(item not in found, f"two cases on {item}")
                found[item] = row["ref"]
        return found

    def shown(self, ref: str) -> list[str]:
        """A case as it is shown, line by line."""
        with self.start("show", ref) as process:
            out, _err = process.communicate(timeout=60)
        return out.splitlines()


def check(holds: bool, what: str) -> None:
    """A statement that must hold."""
    if not holds:
        raise SystemExit(f"FAILED: {what}")


def item_of(row: dict[str, Any]) -> str:
    """A subject's own name."""
    subject = row["subject"]
    return str(subject.get("uri") or subject["did"])


def waiting(judge: Account) -> set[str]:
    """The subjects that wait in Ozone."""
    rows = [row for queue in QUEUES for row in judge.all("tools.ozone.moderation.queryStatuses", "subjectStatuses",
                                                         reviewState=f"{DEFS}{queue}")]  # fmt: skip
    return {item_of(row) for row in rows}


def ours(judge: Account, item: str, kind: str) -> list[dict[str, Any]]:
    """The events of a kind on a subject that escaltui made, as Ozone tells."""
    rows = judge.all("tools.ozone.moderation.queryEvents", "events", subject=item, types=[f"{DEFS}modEvent{kind}"])
    return [row for row in rows if row.get("modTool", {}).get("name") == "escaltui"]


def emit(judge: Account, subject: dict[str, Any], event: dict[str, Any]) -> None:
    """Something that another moderator does in Ozone itself."""
    body = {"event": event, "subject": subject, "createdBy": judge.did}
    judge.do("tools.ozone.moderation.emitEvent", body)
