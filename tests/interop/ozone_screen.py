"""Ten worked from the screen in tmux, with keys counted; the client killed and the network cut on the way.

Keys are what a person presses beside words of their own (the reason, a comment, a search). Those that a kill or a cut
makes them press again are not counted. Beside it: clicks and keys of Ozone's own web flow for the same ten.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ozone_cuts import PATIENCE, Cutting
from ozone_desk import DEFS, HOLD, Desk, check
from ozone_network import Account
from tmux_screen import Tmux

TEN = {"Takedown": 2, "Label": 3, "Acknowledge": 2, "Escalate": 1, "Comment": 1, "ResolveAppeal": 1}
"""What is done to ten subjects."""
WEB = {"Takedown": (1, 3), "Label": (2, 1), "Acknowledge": (1, 0), "Escalate": (2, 0), "Comment": (0, 4),
       "ResolveAppeal": (1, 2)}  # fmt: skip
"""Keys and clicks of one in Ozone's panel, by its user guide and its source: see docs/ozone.md."""


class Keys:
    """A window whose keys are counted, by what they are for; words of one's own are not."""

    def __init__(self, screen: Tmux) -> None:
        self.screen, self.pressed = screen, 0

    def press(self, *keys: str, then: str) -> None:
        """Keys, and the text that is there once they have acted."""
        self.pressed += len(keys)
        self.again(*keys, then=then)

    def again(self, *keys: str, then: str) -> None:
        """Keys that are not counted."""
        self.screen.press(*keys)
        self.screen.wait_for(then, PATIENCE)


@contextmanager
def window(desk: Desk) -> Iterator[Keys]:
    """The program in a window of its own; its process id is in the file `pid`."""
    tmux = shutil.which("tmux")
    if tmux is None:
        sys.exit("make interop needs tmux.")
    env = {name: value for name, value in desk.env.items() if name.startswith("ESCALTUI_")}
    program = ["sh", "-c", f"echo $$ > {desk.folder / 'pid'}; exec {sys.executable} -m escaltui"]
    own = Path(tempfile.mkdtemp(dir=desk.folder))  # a server of its own: the last one may still be ending
    with Tmux(tmux, program, 120, 40, env, own) as screen:
        screen.wait_for("All open", PATIENCE)
        yield Keys(screen)


def listed(keys: Keys, query: str) -> None:
    """Search: the words are one's own."""
    keys.screen.press("/")
    keys.screen.type(query)
    keys.screen.press("enter")
    keys.screen.wait_for(f"/ {query}", PATIENCE)


def decide(keys: Keys, action: str, ready: str, then: str) -> None:
    """Claim and decide the case under the cursor."""
    keys.press("enter", then="1 Case")
    keys.press("a", "a", then="yours until")
    keys.press("d", "2", then="Decide E-")
    keys.press(*"elec", then="elections Elections")
    keys.press("enter", action, then=ready)
    keys.screen.type("It names a wrong day")
    keys.screen.wait_for("Needs  nobody else", PATIENCE)
    keys.press("ctrl+s", then="Decided: violation")
    keys.press("escape", then=then)


def killed(desk: Desk, proxy: Cutting, keys: Keys) -> None:
    """The yes is said, Ozone has done it, and the client dies before it hears so."""
    proxy.cut("emitEvent", "reply held")
    keys.screen.press("y")
    check(proxy.stuck.wait(PATIENCE), "nothing was sent from the case")
    os.kill(int((desk.folder / "pid").read_text()), signal.SIGKILL)
    proxy.go.set()


def four_decided(desk: Desk, proxy: Cutting) -> int:
    """Two takedowns and two labels are decided; the first is sent and killed, then all are sent from the outbox."""
    with window(desk) as keys:
        listed(keys, "item:post status:new Vote")
        for action, ready in (*[("r", "[Remove]")] * 2, *[("w", "[Warning screen]")] * 2):
            decide(keys, action, ready, "/ item:post status:new Vote")
        time.sleep(HOLD)
        keys.screen.press("g", "o")
        keys.screen.wait_for("By hand 4", PATIENCE)
        keys.again("2", then="Remove")
        keys.again("enter", then="1 Case")
        keys.again("A", then="Review state: ")
        killed(desk, proxy, keys)
        pressed = keys.pressed
    with window(desk) as keys:
        keys.press("g", "o", then="By hand 4")
        keys.press("2", then="Remove")
        keys.press("x", "x", "x", "x", "A", then="send all 4")
        keys.press("y", then="4 done there.")
        return pressed + keys.pressed


def six_acted(desk: Desk, proxy: Cutting, appeal: str) -> int:
    """What no decision asks for: a letter on the case, and a yes. The network is cut once before, once after."""
    with window(desk) as keys:
        listed(keys, "item:post status:new watches")
        keys.press("enter", then="1 Case")
        act(keys, "a")
        keys.press("J", then="1 Case")
        proxy.cut("emitEvent", "lost")
        act(keys, "a", "Nobody knows yet.")
        keys.again("E", "a", then="Send to ozone")
        keys.again("y", then="Done there.")
        keys.press("J", then="1 Case")
        proxy.cut("emitEvent", "reply cut")
        act(keys, "e")
        keys.press("J", then="1 Case")
        keys.press("E", "c", then="What the team there reads")
        keys.screen.type("Please have a look")
        keys.press("enter", then="Send to ozone")
        keys.press("y", then="Done there.")
        keys.press("J", then="1 Case")
        keys.press("E", "l", then="Which label")
        keys.press(*"spam", "enter", then="Send to ozone")
        keys.press("y", then="Done there.")
        keys.press("escape", then="/ item:post status:new watches")
        keys.press(":", then="Command")
        keys.screen.type(f"open {appeal}")
        keys.press("enter", then=f"Queue / {appeal}")
        act(keys, "v")
        return keys.pressed


def act(keys: Keys, letter: str, then: str = "Done there.") -> None:
    """One act on the case that is open."""
    keys.press("E", letter, then="Send to ozone")
    keys.press("y", then=then)


def made(judge: Account) -> dict[str, dict[str, int]]:
    """What escaltui did in Ozone, as another account sees it: kind, item, how often."""
    found: dict[str, dict[str, int]] = {kind: {} for kind in TEN}
    for kind, items in found.items():
        rows: list[dict[str, Any]] = judge.all("tools.ozone.moderation.queryEvents", "events",
                                               types=[f"{DEFS}modEvent{kind}"])  # fmt: skip
        for row in rows:
            if row.get("modTool", {}).get("name") == "escaltui":
                item = row["subject"].get("uri") or row["subject"]["did"]
                items[item] = items.get(item, 0) + 1
    return found


def from_the_screen(desk: Desk, proxy: Cutting, judge: Account, appeal: str) -> None:
    """Ten of them, one of them an appeal; each takes effect once."""
    before = made(judge)
    keys = four_decided(desk, proxy), six_acted(desk, proxy, appeal)
    after = made(judge)
    for kind, n in TEN.items():
        fresh = {item: count - before[kind].get(item, 0) for item, count in after[kind].items()
                 if count != before[kind].get(item, 0)}  # fmt: skip
        check(list(fresh.values()) == [1] * n, f"{kind}: {n} were sent from the screen, took effect: {fresh}")
    check(proxy.hit > 0, "nothing was cut")
    total, pressed = sum(TEN.values()), sum(keys)
    web = [sum(WEB[kind][part] * n for kind, n in TEN.items()) for part in (0, 1)]
    print(f"from the screen: {total} subjects, each took effect once, the client killed once and the network cut twice "
          f"in between; keys for each: {pressed / total:.1f} ({keys[0] / 4:.1f} where it was decided with its section "
          f"and reason, {keys[1] / 6:.1f} where not), words of one's own aside")  # fmt: skip
    print(f"Ozone's web flow for the same {total}, counted from its guide and source: {sum(web) / total:.1f} for each "
          f"({web[0]} keys, {web[1]} clicks)")  # fmt: skip
