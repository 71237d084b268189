"""escaltui beside a real Ozone: `make interop`. Every check is by another account, in Ozone's own API.

1. The open subjects are imported; the client is killed (SIGKILL) three times on the way. Each is one case.
2. Ten are decided or acted on, by the plain commands; the client is killed while it sends. Each took effect once.
3. Another moderator acts in Ozone: it comes into the timeline once, and nothing is done upon it unseen.
4. Two more are decided and sent from the screen, in tmux, and the keys are counted.
5. All is imported again: nothing is doubled.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "e2e")]

from ozone_network import Account, here, network  # noqa: E402
from tmux_screen import Tmux  # noqa: E402

from escaltui.intake.ozone import Ozone, OzoneSettings  # noqa: E402

DEFS = "tools.ozone.moderation.defs#"
QUEUES = ("reviewOpen", "reviewEscalated")
HOLD = 31
"""Seconds for which a decision can be undone before its deeds may leave."""
POLICY = "# Standards\n\n## Elections {#elections}\n\nWe remove posts that name a wrong day of an election.\n"
DECIDED = (("remove", "Takedown"), ("remove", "Takedown"), ("remove", "Takedown"), ("warning_screen", "Label"),
           ("warning_screen", "Label"))  # fmt: skip
ACTS = (("acknowledge", "Acknowledge"), ("acknowledge", "Acknowledge"), ("escalate", "Escalate"),
        ("comment", "Comment"), ("resolve_appeal", "ResolveAppeal"))  # fmt: skip


class Desk:
    """The plain commands on a store of their own."""

    def __init__(self, folder: Path, ready: dict[str, Any]) -> None:
        self.folder = folder
        (folder / "config").mkdir(parents=True)
        (folder / "policy" / "standards").mkdir(parents=True)
        (folder / "policy" / "standards" / "2026-01-29.md").write_text(POLICY)
        (folder / "config" / "config.toml").write_text(
            '[me]\nname = "ada"\nroles = ["specialist", "lead"]\n\n[[connector]]\nname = "ozone"\nkind = "ozone"\n'
            f'service = "{here(ready["pds"])}"\nlabeler = "{ready["service_did"]}"\nhandle = "mod.test"\npage = 10\n'
            'acts = ["warning_screen = label graphic-media"]\n'
        )
        mine = {name: value for name, value in os.environ.items() if not name.startswith("ESCALTUI_")}
        self.env = mine | {"ESCALTUI_CONFIG": str(folder / "config"), "ESCALTUI_STORE": str(folder / "store"),
                           "ESCALTUI_CONNECTOR_OZONE": "mod-pass"}  # fmt: skip

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


def imported(desk: Desk, judge: Account) -> dict[str, str]:
    """Import all that waits, killed on the way; gives the cases by item."""
    expected, began = waiting(judge), time.monotonic()
    kills = sum(desk.killed(after, "connector", "run") for after in (4.0, 5.0, 6.0))
    (brought,) = desk.run("connector", "run")
    seconds = time.monotonic() - began
    found = desk.cases()
    check(set(found) == expected, f"{len(expected)} subjects wait, {len(found)} are cases")
    check(desk.run("connector", "run")[0]["opened"] == 0, "the second import brings something new")
    print(f"imported: {len(expected)} subjects, one case each, in {seconds:.1f} s with {kills} kills; "
          f"{brought['problems']} problems")  # fmt: skip
    return found


def asked(ready: dict[str, Any]) -> None:
    """How much asking one whole look at the queue takes."""
    settings = OzoneSettings(service=here(ready["pds"]), labeler=ready["service_did"], handle="mod.test")
    place, began = Ozone(settings, "mod-pass"), time.monotonic()
    reports = files = 0
    cursor, more = "", True
    while more:
        page = place.fetch(cursor)
        cursor, more = page.cursor, page.more
        reports += len(page.reports)
        files += sum(len(item.media) for each in page.reports for item in each.subjects)
    first, seconds = place.asked, time.monotonic() - began
    place.fetch(cursor)
    again = place.asked - first
    place.close()
    print(f"asked: {reports} subjects, {files} pictures: {first} requests, {seconds:.1f} s; nothing new: {again} more")


def appealed(judge: Account, ready: dict[str, Any], cases: dict[str, str], desk: Desk) -> str:
    """A subject that was taken down by another moderator, and whose author appeals; gives it once it is a case."""
    item = next(each for each in cases if each.startswith("at://"))
    row = judge.ask("tools.ozone.moderation.queryStatuses", subject=item)["subjectStatuses"][0]
    emit(judge, row["subject"], {"$type": f"{DEFS}modEventTakedown", "comment": "before the appeal"})
    authors = (Account(ready, *each) for each in ready["users"])
    author = next(each for each in authors if each.did in item)
    appeal = {"reasonType": "com.atproto.moderation.defs#reasonAppeal", "reason": "I disagree"}
    author.do("com.atproto.moderation.createReport", appeal | {"subject": row["subject"]})
    (brought,) = desk.run("connector", "run")
    check(brought["opened"] == 1, "the appeal is a case of its own")
    return item


def emit(judge: Account, subject: dict[str, Any], event: dict[str, Any]) -> None:
    """Something that another moderator does in Ozone itself."""
    body = {"event": event, "subject": subject, "createdBy": judge.did}
    judge.do("tools.ozone.moderation.emitEvent", body)


def decided(desk: Desk, judge: Account, picked: list[tuple[str, str]]) -> None:
    """Decide five cases and send what follows, killed on the way; each takes effect once."""
    desk.run("policy", "import", str(desk.folder / "policy"))
    for (_item, ref), (action, _kind) in zip(picked, DECIDED, strict=True):
        desk.run("decide", ref, "--claim", "--outcome", "violation_action", "--action", action, "--section",
                 "elections", "--why", "It names a wrong day.")  # fmt: skip
    time.sleep(HOLD)
    waits = desk.run("ozone", "list")
    check(len(waits) == len(DECIDED), f"{len(waits)} deeds wait")
    rng, kills = random.Random(7), 0
    for _item, ref in picked:
        before = desk.run("ozone", "send", ref)
        check(bool(before[0]["would"]) and not before[0]["refused"], f"the preview of {ref}: {before}")
        for _again in range(2):
            kills += desk.killed(rng.uniform(0.6, 2.2), "ozone", "send", ref, "--yes")
        last = desk.start("ozone", "send", ref, "--yes")
        last.communicate(timeout=120)
    check(desk.run("ozone", "list") == [], "something still waits")
    for (item, ref), (_action, kind) in zip(picked, DECIDED, strict=True):
        check(len(ours(judge, item, kind)) == 1, f"{kind} on {ref} took effect {len(ours(judge, item, kind))} times")
        check(any("action done" in line for line in desk.shown(ref)), f"the timeline of {ref} does not tell it")
    print(f"decided and sent: {len(DECIDED)} actions with {kills} kills, each took effect once")


def acted(desk: Desk, judge: Account, picked: list[tuple[str, str]]) -> None:
    """Five acts that no decision asks for."""
    for (item, ref), (act, kind) in zip(picked, ACTS, strict=True):
        words = ("ozone", "act", ref, act, "-m", f"Seen on {ref}", "--yes")
        seen = desk.run("ozone", "act", ref, act)[0]["seen"]
        more = ("--seen", str(seen)) if seen else ()
        desk.killed(1.3, *words, *more)
        desk.run(*words, *more)
        desk.run(*words, *more)
        check(len(ours(judge, item, kind)) == 1, f"{kind} on {ref} took effect {len(ours(judge, item, kind))} times")
    states = {"Acknowledge": "reviewClosed", "Escalate": "reviewEscalated"}
    for (item, ref), (_act, kind) in zip(picked, ACTS, strict=True):
        row = judge.ask("tools.ozone.moderation.queryStatuses", subject=item)["subjectStatuses"][0]
        check(kind not in states or row["reviewState"] == f"{DEFS}{states[kind]}", f"{ref} is {row['reviewState']}")
        check(kind != "ResolveAppeal" or not row.get("appealed"), f"the appeal of {ref} still waits")
    print(f"acted: {len(ACTS)} more, each sent three times and once killed, each took effect once")


def merged(desk: Desk, judge: Account, item: str, ref: str) -> None:
    """What another moderator does comes in once; nothing is done upon it unseen."""
    row = judge.ask("tools.ozone.moderation.queryStatuses", subject=item)["subjectStatuses"][0]
    emit(judge, row["subject"], {"$type": f"{DEFS}modEventLabel", "createLabelVals": ["spam"], "negateLabelVals": [],
                                 "comment": "From the other side"})  # fmt: skip
    refused = desk.run("ozone", "act", ref, "escalate", "--yes", fails=True)
    check("Somebody else acted" in refused[0]["says"], f"acted unseen: {refused}")
    check(ours(judge, item, "Escalate") == [], "it was done all the same")
    for _again in range(2):
        desk.run("connector", "run")
    told = [line for line in desk.shown(ref) if "From the other side" in line]
    check(len(told) == 1, f"told {len(told)} times")
    seen = desk.run("ozone", "act", ref, "escalate")[0]["seen"]
    desk.run("ozone", "act", ref, "escalate", "--yes", "--seen", str(seen))
    check(len(ours(judge, item, "Escalate")) == 1, "once seen it is not done")
    print("merged: another moderator's label came in once; nothing was done upon it unseen")


class Keys:
    """A window whose keys are counted; words of one's own are not."""

    def __init__(self, screen: Tmux) -> None:
        self.screen, self.pressed = screen, 0

    def press(self, *keys: str, then: str) -> None:
        """Keys, and the text that is there once they have acted."""
        self.pressed += len(keys)
        self.screen.press(*keys)
        self.screen.wait_for(then, 60)


def from_the_screen(desk: Desk, judge: Account, count: int = 2) -> None:
    """Decide and send some from the screen; each takes effect once."""
    tmux = shutil.which("tmux")
    if tmux is None:
        sys.exit("make interop needs tmux.")
    before = len(takedowns(judge))
    env = {name: value for name, value in desk.env.items() if name.startswith("ESCALTUI_")}
    with Tmux(tmux, [sys.executable, "-m", "escaltui"], 120, 40, env, desk.folder) as window:
        window.wait_for("All open", 60)
        keys = Keys(window)
        window.press("/")
        window.type("item:post status:new Vote")
        window.press("enter")
        window.wait_for("/ item:post status:new", 60)
        for _each in range(count):
            keys.press("enter", then="1 Case")
            keys.press("a", "a", then="yours until")
            keys.press("d", "2", then="Decide E-")
            keys.press(*"elec", then="elections Elections")
            keys.press("enter", "r", then="[Remove]")
            window.type("It names a wrong day")
            window.wait_for("Needs  nobody else", 60)
            keys.press("ctrl+s", then="Decided: violation")
            keys.press("escape", then="/ item:post status:new")
        time.sleep(HOLD)
        keys.press("g", "o", then=f"By hand {count}")
        keys.press("2", then="Remove")
        for left in range(count - 1, -1, -1):
            keys.press("A", then="Review state: ")
            keys.press("y", then=f"By hand {left}" if left else "Nothing is left to be done by hand.")
    done = len(takedowns(judge)) - before
    check(done == count, f"{count} were sent from the screen, {done} took effect")
    print(f"from the screen: {count} decided and sent, {keys.pressed / count:.1f} keys each, the reasons aside")


def takedowns(judge: Account) -> list[dict[str, Any]]:
    """Every takedown that escaltui made, as Ozone tells."""
    rows = judge.all("tools.ozone.moderation.queryEvents", "events", types=[f"{DEFS}modEventTakedown"])
    return [row for row in rows if row.get("modTool", {}).get("name") == "escaltui"]


def main() -> None:
    """All of it, with its figures."""
    began = time.monotonic()
    with network() as ready, tempfile.TemporaryDirectory() as where:
        print(f"Ozone is up after {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        judge, desk = Account(ready, "admin-mod.test", "admin-mod-pass"), Desk(Path(where) / "desk", ready)
        cases = imported(desk, judge)
        asked(ready)
        posts = [(item, ref) for item, ref in cases.items() if item.startswith("at://")]
        decided(desk, judge, posts[1:6])
        appeal = appealed(judge, ready, dict(posts[10:]), desk)
        again = next(row["ref"] for row in desk.run("ls") if row["type"] == "appeal")
        acted(desk, judge, [*posts[6:10], (appeal, again)])
        merged(desk, judge, *posts[12])
        from_the_screen(desk, judge)
        check(desk.run("connector", "run")[0]["opened"] == 0, "the last import brings something new")
        total = desk.run("connector", "list")[0]["total"]
        check(total == len(cases) + 1, f"{total} cases for {len(cases)} subjects and an appeal")
        events = len(judge.all("tools.ozone.moderation.queryEvents", "events"))
        print(f"at the end: {total} cases, {events} events in Ozone, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
