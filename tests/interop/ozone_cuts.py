"""The network between the desk and Ozone is cut: a proxy on loopback that spoils one request at a point of our choice.

Each act is sent once through the fault, then again until it is done. In Ozone it took effect once.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "soak")]

from ozone_desk import Desk, check, ours, waiting  # noqa: E402
from ozone_network import Account  # noqa: E402
from proxy import Proxy  # noqa: E402

PATIENCE = 60
CUTS = (
    ("lost", "comment", "Comment"), ("request cut", "acknowledge", "Acknowledge"), ("reply lost", "comment", "Comment"),
    ("reply cut", "label spam", "Label"), ("reset", "escalate", "Escalate"), ("dribbled", "tag slow", "Tag"),
    ("repeated after", "takedown", "Takedown"), ("502", "tag press", "Tag"), ("502 after", "takedown", "Takedown"),
    ("html", "acknowledge", "Acknowledge"), ("killed before", "takedown", "Takedown"),
    ("reply held", "label rude", "Label"),
)  # fmt: skip
"""Where it is cut, what is being sent, and what that is in Ozone. With the two last ones the client is killed there."""


class Cutting(Proxy):
    """Spoils the next request whose address has `at[0]` in it, in the way `at[1]`. `stuck` is set where it stands."""

    def __init__(self, to: str) -> None:
        super().__init__(urlsplit(to).port or 80, seed=7)
        self.at = ("", "")
        self.stuck, self.go = threading.Event(), threading.Event()
        self.hit = 0

    def cut(self, address: str, kind: str) -> None:
        """Spoil the next such request."""
        self.stuck.clear()
        self.go.clear()
        self.at = (address, kind)

    def draw(self, request: bytes = b"") -> str:
        """The fault of this request."""
        address, kind = self.at
        if not kind or address.encode() not in request.split(b"\r\n", 1)[0]:
            return super().draw(request)
        self.at = ("", "")
        self.hit += 1
        if kind == "killed before":
            self.held()
            return "lost"
        return kind

    def held(self) -> None:
        """Somebody is killed now."""
        self.stuck.set()
        self.go.wait(PATIENCE)


def cuts(desk: Desk, proxy: Cutting, judge: Account, picked: list[tuple[str, str]]) -> None:
    """Every cut, each on an item of its own: it took effect once, and the case tells it once."""
    for n, ((item, ref), (fault, act, kind)) in enumerate(zip(picked, CUTS, strict=True)):
        words = ("ozone", "act", ref, act, "-m", f"Cut number {n}.", "--yes")
        there = len(ours(judge, item, kind))
        proxy.cut("emitEvent", fault)
        before, process = proxy.hit, desk.start(*words)
        if fault in ("killed before", "reply held"):
            check(proxy.stuck.wait(PATIENCE), f"{fault}: nothing was sent")
            process.kill()
        ended_well(process)
        proxy.go.set()
        check(proxy.hit == before + 1, f"{fault}: not met")
        for _again in range(2):
            desk.run(*words)
        times = len(ours(judge, item, kind)) - there
        check(times == 1, f"{fault}: {kind} took effect {times} times")
        told = sum(f"Cut number {n}." in line for line in desk.shown(ref))
        check(told == 1, f"{fault}: {ref} tells it {told} times")
    print(f"cut: {len(CUTS)} acts, each by another cut of the network, the client killed in two: each took effect once")


def ended_well(process: subprocess.Popen[str]) -> bool:
    """Whether a command did what it was to do, once it has ended."""
    process.communicate(timeout=PATIENCE * 3)
    return process.returncode == 0


def imported_through(folder: Path, ready: dict[str, Any], judge: Account, to: str) -> None:
    """Another desk imports all that waits through a network that spoils one request in ten, and is killed."""
    expected, runs = waiting(judge), 0
    with Cutting(to) as proxy:
        proxy.chance = 0.1
        desk = Desk(folder, ready, proxy.url)
        kills = sum(desk.killed(after, "connector", "run") for after in (3.0, 4.0))
        while (process := desk.start("connector", "run")) and not ended_well(process):
            runs += 1
            check(runs < 30, "it never came to an end")
        proxy.chance = 0.0
        found = desk.cases()
        check(set(found) == expected, f"{len(expected)} subjects wait, {len(found)} are cases")
        check(desk.run("connector", "run")[0]["opened"] == 0, "the second import brings something new")
        faults, asked = sum(proxy.seen.values()), proxy.asked
    print(f"imported through a bad network: {len(found)} subjects, one case each; {faults} of {asked} requests "
          f"spoiled, {kills} kills, {runs + 1} runs")  # fmt: skip
