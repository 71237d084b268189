"""The story of a bad night, in the real program: an alarm, an incident, an update, a handover, a report.

Two people's workbenches in tmux and a third store that takes the reports in, all three on one desk of a real backend
with a PostgreSQL of its own; a mail server on loopback. Each step yields a line of what it found and how many keys it
took, and fails where a screen, a store or the backend shows something else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import shift
import wave_rows as reports
from week_desk import ADA, BO, CY, SLOW, Hands, Night, until

NAME, WATCH, QUERY = "Forged ballot papers", "Ballots", reports.WORD
PEOPLE = (("Head of desk", "head@commonlea.example", "line"), ("Board", "board@commonlea.example", "executive"))
INCIDENT = re.compile(r"I-[0-9A-HJKMNP-TV-Z]{5,}")
ROSE = re.compile(r"^> .* (\d+) +\d+-\d+ +(?:new|more than usual)", re.MULTILINE)
"""The first line of the trends: what it is, how many now, the verdict."""
CLAIMED = 3
REASON = "the school rings me at ten"


# --- the steps


def quiet_weeks(night: Night) -> Iterator[str]:
    """Half a year as usual is taken in; what is older than a week is over."""
    opened = night.takes_in("usual.jsonl", reports.usual(datetime.now(UTC)))
    old = [row["ref"] for row in night.rows(CY, "ls", "--limit", "500", "--", "is:open age>7d")]
    night.said(CY, "dismiss", "-", "--reason", "out_of_scope", "--json", text="\n".join(old))
    night.said(CY, "sync")
    yield f"half a year as usual: {opened} cases, {len(old)} of them over"
    assert opened == reports.WEEKS * reports.A_WEEK


def watched(ada: Hands) -> Iterator[str]:
    """A watch on a word, kept by keys."""
    ada.wait_for("online", SLOW)
    ada.wait_for("All open", SLOW)
    ada.press(":")
    ada.line(f"watch {QUERY}")
    ada.press("enter")
    ada.wait_for("More than", SLOW)
    ada.line(WATCH)
    ada.press("ctrl+s")
    ada.wait_for("Watched.", SLOW)
    yield ada.told("a watch is kept")


def alarmed(night: Night, ada: Hands) -> Iterator[str]:
    """The wave comes from another store; the watch trips on this screen, the shift page and the trends show it."""
    begun = time.monotonic()
    opened = night.takes_in("wave.jsonl", reports.wave(datetime.now(UTC)))
    assert opened == reports.WAVE
    ada.wait_for(f"The watch {WATCH} tripped. g s shows it.", SLOW)
    yield f"{opened} similar cases came through the backend; the alarm showed {time.monotonic() - begun:.1f} s after " \
          "their import began"  # fmt: skip
    ada.press("g", "s")
    ada.wait_for(lambda text: "tripped" in text and f"{reports.WAVE} in 1 h, over 3" in text, SLOW,
                 words="tripped watch with its count")  # fmt: skip
    yield ada.told("the shift page shows what tripped")
    ada.press("g", "t")
    found = "\n".join(ada.wait_for(lambda text: bool(ROSE.search(text)), SLOW, words="what rose"))
    first = ROSE.search(found)
    assert first
    assert int(first[1]) >= reports.WAVE
    assert re.search(rf"{reports.WORD} .*\b{reports.WAVE}\b", found), found
    rose = " ".join(first[0].split())
    yield ada.told(f"what rose: {rose}")


def declared(ada: Hands, bo: Hands) -> Iterator[str]:
    """Over all that a query finds; what comes later joins by the same words. Gives the reference at the end."""
    ada.press("g", "q")
    ada.wait_for("All open", SLOW)
    ada.press("*")
    ada.wait_for("Mark by query", SLOW)
    ada.line(QUERY)
    ada.press("enter")
    ada.wait_for(f"{reports.WAVE} marked", SLOW)
    ada.press(";", "I", "n")
    ada.wait_for("New incident over", SLOW)
    ada.press("ctrl+u")  # what stands there is the title of the case that had the focus
    ada.line(NAME)
    ada.press(*["tab"] * 5)
    ada.line(QUERY)
    ada.press("ctrl+s")
    ada.wait_for(f"Declared over {reports.WAVE} cases.", SLOW)
    ada.wait_for(f"{reports.WAVE} cases, {reports.WAVE} open  {ADA}  {NAME}", SLOW)
    yield ada.told("an incident is declared over them")
    bo.press("g", "i")
    bo.wait_for(f"{reports.WAVE} cases, {reports.WAVE} open  {ADA}  {NAME}", SLOW)
    ada.wait_for(lambda text: "online" in text and "waiting" not in text.split("\n")[-3], SLOW, words="all confirmed")
    yield bo.told("it stands on the other workbench")


def updated(night: Night, ada: Hands, bo: Hands) -> Iterator[str]:
    """Two people are named, the update is drafted from the log, goes out as letters; executives' needs a signature."""
    for person in PEOPLE:
        ada.press("@")
        ada.wait_for("somebody new to keep up to date", SLOW)
        ada.press("n")
        ada.wait_for("Keep up to date", SLOW)
        ada.line(", ".join(person))
        ada.press("enter")
        ada.wait_for("Kept up to date now.", SLOW)
    ada.press("S")
    ada.wait_for(lambda text: "Update on I-" in text and PEOPLE[1][0] in text, SLOW, words="sheet with the draft")
    ada.press("ctrl+s")
    ada.wait_for("The update is out; 2 letters are ready to be sent.", SLOW)
    yield ada.told("an update is drafted, two letters wait")
    ada.press("g", "o")
    ada.wait_for("Letters 2", SLOW)
    ada.press("3")
    _letter_box(ada, "head@commonlea.example", "send it")
    ada.wait_for("Sent.", SLOW)
    ada.wait_for("Letters 1", SLOW)
    yield ada.told("the one to the head of desk is sent")
    bo.press("g", "o")
    bo.wait_for("Letters 1", SLOW)
    bo.press("3")
    _letter_box(bo, "board@commonlea.example", "sign it as lead")
    bo.wait_for("Signed.", SLOW)
    _letter_box(bo, "board@commonlea.example", "send it")
    bo.wait_for("No letter waits.", SLOW)
    yield bo.told("the one to the board is signed and sent by somebody else")
    until(lambda: len(night.mail.delivered) == 2, "two letters at the mail server")
    mails = [message_from_bytes(each, policy=default) for each in night.mail.delivered]
    assert {str(each["To"]) for each in mails} == {address for _name, address, _length in PEOPLE}
    bodies = [each.get_content() for each in mails]
    assert all(INCIDENT.search(str(each["Subject"])) for each in mails)
    assert all(str(reports.WAVE) in body for body in bodies), bodies
    assert not any(town in body for body in bodies for town in reports.TOWNS), "a word of a case left the house"
    yield f"mails that arrived: {len(mails)}, none with a word of a case"


def _letter_box(hands: Hands, address: str, offered: str) -> None:
    """Open the letter that has the focus; what it offers on `s` is done once it says so."""
    hands.wait_for("Update on I-", SLOW)
    hands.press("A")
    hands.wait_for(lambda text: address in text and f"s {offered}" in text, SLOW, words=f"{offered!r}")
    hands.press("s")


def handed_over(ada: Hands, bo: Hands) -> Iterator[str]:
    """Three cases are hers, with incident and watch; all of it is offered. On the other workbench a badge shows."""
    ada.press("g", "q")
    ada.wait_for(shift.at_queue, SLOW, words="queue")
    refs = [shift.take_next(ada) for _n in range(CLAIMED)]
    assert len(set(refs)) == CLAIMED, refs
    yield ada.told(f"{CLAIMED} cases are claimed")
    ada.press("g", "s")
    ada.wait_for(f"{CLAIMED + 2} things", SLOW)
    ada.press("@")
    ada.wait_for("Hand over to", SLOW)
    ada.press(_letter(ada.screen(), BO))
    ada.wait_for(f"To {BO}. ctrl+s offers it.", SLOW)
    ada.press("ctrl+s")
    ada.wait_for(f"Offered to {BO}.", SLOW)
    yield ada.told("the shift is offered")
    bo.wait_for(f"{CLAIMED + 2} offered to you", SLOW)


def _letter(screen: Sequence[str], login: str) -> str:
    """The key in front of a choice."""
    found = next(
        (re.search(rf"(\d)\s+{login}\b", line) for line in screen if re.search(rf"\d\s+{login}\b", line)), None
    )
    assert found, "\n".join(screen)
    return found[1]


def taken_over(ada: Hands, bo: Hands) -> Iterator[str]:
    """Item by item; the first is given back, and its giver reads why."""
    bo.press("g", "s")
    bo.wait_for(f"{CLAIMED + 2} things from {ADA}", SLOW)
    bo.press("home", "down", "R")
    bo.wait_for("Why? The colleague reads it.", SLOW)
    bo.line(REASON)
    bo.press("enter")
    bo.wait_for("Given back.", SLOW)
    for left in range(CLAIMED + 1, 0, -1):
        bo.wait_for(f"{left} thing{'s' if left > 1 else ''} from {ADA}", SLOW)
        bo.press("home", "down", "A")
        bo.wait_for("1 thing taken over.", SLOW)
    bo.wait_for("Nothing is offered to you.", SLOW)
    yield bo.told(f"one thing is given back, {CLAIMED + 1} are taken over, one by one")
    ada.wait_for(lambda text: "Came back to you" in text and REASON in text, SLOW, words="what came back")
    yield "the giver reads what came back, and why"


def late_ones(night: Night, bo: Hands) -> Iterator[str]:
    """More of the kind come; they join by the rule, now that the incident is Bo's."""
    opened = night.takes_in("late.jsonl", reports.late(datetime.now(UTC)))
    bo.press("g", "i")
    bo.wait_for(lambda text: NAME in text and f"{reports.WAVE + opened} cases" in text, SLOW * 2,
                words=f"board with {reports.WAVE + opened} cases")  # fmt: skip
    yield bo.told(f"{opened} more joined by the rule")


def reported(night: Night) -> Iterator[str]:
    """The report of the week, as Bo exports it: the wave is in it, no word of a case, nothing is fetched."""
    for format in ("md", "html"):
        path = night.folder / f"week.{format}"
        night.said(BO, "report", "--format", format, "--out", str(path))
        report = path.read_text("utf-8")
        assert re.search(rf"\b{reports.COUNTRY}\b", report), report
        assert not any(town in report for town in (NAME, *reports.TOWNS)), "what somebody wrote left the house"
        assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", report), "the report fetches something"
        yield f"the report as {format}: {len(report):,} characters, {reports.COUNTRY} is in it, no word of a case"


def alike(night: Night) -> Iterator[str]:
    """Both stores, and one that is filled from the backend alone, hold the same of all that happened."""
    night.join("dee")
    found: dict[str, Any] = {}
    for person in (ADA, BO, "dee"):
        night.said(person, "sync")
        found[person] = _held(night, person)
    (ref, held), *_more = found[BO].items()
    for person, other in found.items():
        assert other == found[BO], f"{person} holds {other}, {BO} {found[BO]}"
    yield f"{', '.join(found)}: {ref} alike in each: {held['cases']} cases, lead {held['lead']}, " \
          f"update {held['update']}"  # fmt: skip
    assert (held["cases"], held["lead"], held["update"]) == (reports.WAVE + reports.LATE, BO, "published")


def _held(night: Night, person: str) -> dict[str, Any]:
    (line,) = night.rows(person, "incident", "list")
    shown = night.rows(person, "incident", "show", line["ref"])
    cases = night.rows(person, "ls", "--limit", "500", "--", f"incident:{line['ref']}")
    owned = night.rows(person, "ls", "--limit", "500", "--", f"owner:{BO}")
    return {line["ref"]: {
        "cases": len(cases), "refs": sorted(each["ref"] for each in cases), "lead": line["lead"],
        "state": line["state"], "update": next(each["state"] for each in shown if "update" in each),
        "his": sorted(each["ref"] for each in owned),
        "watches": [(each["name"], each["owner"]) for each in night.rows(person, "watch", "list")],
    }}  # fmt: skip


def walk(folder: Path, tmux: str) -> Iterator[str]:
    """The whole night."""
    folder.chmod(0o755)  # PostgreSQL's own account passes through where root runs this
    night = Night(folder, tmux)
    try:
        yield from quiet_weeks(night)
        with night.workbench(ADA) as ada, night.workbench(BO) as bo:
            yield from watched(ada)
            yield from alarmed(night, ada)
            yield from declared(ada, bo)
            yield from updated(night, ada, bo)
            yield from handed_over(ada, bo)
            yield from taken_over(ada, bo)
            yield from late_ones(night, bo)
            for each in (ada, bo):
                each.press("ctrl+q")
                assert each.wait_end(SLOW) == 0
        yield from reported(night)
        yield from alike(night)
    finally:
        night.end()


def left(folder: Path, tmux: str) -> Iterator[str]:
    """Bo works here no more: what is offered to him all the same comes back by itself, and says why."""
    folder.chmod(0o755)
    night = Night(folder, tmux)
    try:
        night.takes_in("few.jsonl", reports.wave(datetime.now(UTC), CLAIMED))
        night.said(ADA, "sync")
        (case, *_others) = night.rows(ADA, "ls")
        night.said(ADA, "claim", case["ref"])
        night.revoke(BO)
        offered = night.ran(ADA, ("handover", "offer", "--to", BO))
        if offered.returncode:
            yield f"refused at once: {' '.join(offered.stderr.split())}"
            return

        def back() -> list[dict[str, Any]]:
            night.said(ADA, "sync")
            return [each for each in night.rows(ADA, "handover", "list") if each.get("by") == "system"]

        begun = time.monotonic()
        (came,) = until(back, "what was offered to somebody who left came back")
        yield f"{came['came_back']} came back after {time.monotonic() - begun:.0f} s: {came['to']} {came['reason']}"
        assert came["came_back"] == case["ref"]
    finally:
        night.end()
