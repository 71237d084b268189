"""escaltui beside a real Ozone: `make interop`. Every check is by another account, in Ozone's own API.

1. The open subjects are imported; the client is killed (SIGKILL) three times on the way. Each is one case.
   Another desk imports all of it through a network that spoils one request in ten.
2. Ten are decided or acted on, by the plain commands; the client is killed while it sends. Each took effect once.
3. Another moderator acts in Ozone: it comes into the timeline once, and nothing is done upon it unseen.
4. Twelve more while the network is cut: before the request, in it, after it, in the answer; with the client killed.
5. A triage account of Ozone's team is told what it may not do before anything is sent.
6. Ten are worked from the screen, in tmux, killed and cut in between; the keys are counted, beside the web flow's.
7. All is imported again: nothing is doubled.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "e2e")]

from ozone_cuts import Cutting, cuts, imported_through  # noqa: E402
from ozone_desk import DEFS, HOLD, Desk, check, emit, ours, waiting  # noqa: E402
from ozone_network import Account, here, network  # noqa: E402
from ozone_screen import from_the_screen  # noqa: E402

from escaltui.intake.ozone import Ozone, OzoneSettings  # noqa: E402

KEPT = ("Vote on", "Cheap watches")
"""What the screen works on."""
DECIDED = (("remove", "Takedown"), ("remove", "Takedown"), ("remove", "Takedown"), ("warning_screen", "Label"),
           ("warning_screen", "Label"))  # fmt: skip
ACTS = (("acknowledge", "Acknowledge"), ("acknowledge", "Acknowledge"), ("escalate", "Escalate"),
        ("comment", "Comment"), ("resolve_appeal", "ResolveAppeal"))  # fmt: skip


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


def appealed(judge: Account, ready: dict[str, Any], item: str, desk: Desk) -> tuple[str, str]:
    """A subject that another moderator took down, and whose author appeals; gives it with its new case."""
    row = judge.ask("tools.ozone.moderation.queryStatuses", subject=item)["subjectStatuses"][0]
    emit(judge, row["subject"], {"$type": f"{DEFS}modEventTakedown", "comment": "before the appeal"})
    authors = (Account(ready, *each) for each in ready["users"])
    author = next(each for each in authors if each.did in item)
    appeal = {"reasonType": "com.atproto.moderation.defs#reasonAppeal", "reason": "I disagree"}
    author.do("com.atproto.moderation.createReport", appeal | {"subject": row["subject"]})
    before = {each["ref"] for each in desk.run("ls")}
    (brought,) = desk.run("connector", "run")
    check(brought["opened"] == 1, "the appeal is a case of its own")
    return item, next(each["ref"] for each in desk.run("ls") if each["ref"] not in before)


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


def roles(folder: Path, ready: dict[str, Any], judge: Account, item: str) -> None:
    """A member of the team who may only look through the queue is told so before anything is sent."""
    desk = Desk(folder, ready, who=("triage.test", "triage-pass"))
    desk.run("connector", "run")
    ref = next(ref for found, ref in desk.cases().items() if found == item)
    for act, kind in (("takedown", "Takedown"), ("label spam", "Label")):
        (seen,) = desk.run("ozone", "act", ref, act)
        check("this account is: triage" in seen["refused"], f"a triage account is not told: {seen}")
        (refused,) = desk.run("ozone", "act", ref, act, "--yes", fails=True)
        check(refused["state"] == "refused" and not ours(judge, item, kind), f"a triage account may {act}")
    desk.run("ozone", "act", ref, "tag looked-at", "--yes")
    check(len(ours(judge, item, "Tag")) == 1, "a triage account may not tag")
    print("roles: a triage account is told what it may not do before sending; what it may do took effect once")


def main() -> None:
    """All of it, with its figures."""
    began = time.monotonic()
    with network() as ready, tempfile.TemporaryDirectory() as where, Cutting(here(ready["pds"])) as proxy:
        print(f"Ozone is up after {time.monotonic() - began:.0f} s")
        began, folder = time.monotonic(), Path(where)
        judge, desk = Account(ready, "admin-mod.test", "admin-mod-pass"), Desk(folder / "desk", ready, proxy.url)
        cases = imported(desk, judge)
        asked(ready)
        imported_through(folder / "lossy", ready, judge, here(ready["pds"]))
        titles = {row["ref"]: row["title"] for row in desk.run("ls")}
        authors = tuple(f"at://{Account(ready, *each).did}/app.bsky.feed.post/" for each in ready["users"])
        free = [(item, ref) for item, ref in cases.items()
                if item.startswith(authors) and not any(word in titles[ref] for word in KEPT)]  # fmt: skip
        check(len(free) >= 25, f"only {len(free)} posts are free")
        decided(desk, judge, free[:5])
        appeal, other = (appealed(judge, ready, item, desk) for item, _ref in free[5:7])
        acted(desk, judge, [*free[7:11], appeal])
        merged(desk, judge, *free[11])
        cuts(desk, proxy, judge, free[12:24])
        roles(folder / "triage", ready, judge, free[24][0])
        from_the_screen(desk, proxy, judge, other[1])
        check(desk.run("connector", "run")[0]["opened"] == 0, "the last import brings something new")
        total = desk.run("connector", "list")[0]["total"]
        check(total == len(cases) + 2, f"{total} cases for {len(cases)} subjects and two appeals")
        events = len(judge.all("tools.ozone.moderation.queryEvents", "events"))
        print(f"at the end: {total} cases, {events} events in Ozone, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
