"""Bad input of the week, as one table: each through the plain commands, with the words that come.

A row fails where the program ends otherwise than it must, says nothing, leaves a stack trace, or raises an alarm.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from desks import Desk
from first_light import Show, need, objects
from terminal import PROGRAM, REPOSITORY, environment
from wave_rows import row, written

DONE, REFUSED, USAGE = 0, 1, 2
WORDS = 150
"""Characters of an answer that the table shows."""
ROTA = '[[shift]]\nteam = "legal"\nperson = "K. Osei"\nregion = "eu"\ndays = ["mon"]\nhours = "08:00-16:00"\n'
THREATS = "{0} threats that could lead to death, and tell the police of a plan with a place and a time."
INSULTS = "{0} insults of a private person once that person has complained to us about them in their own words."
FIRST, SECOND = (
    f"# House rules\n\n## Threats\n\n{THREATS}\n\n## Insults\n\n{INSULTS}\n".format(verb)
    for verb in ("We remove", "We hide and review")
)
MOVED = f"# House rules\n\n## Speech\n\n### Insults\n\n{INSULTS}\n\n## Violence\n\n{THREATS}\n".format("We remove")


class Said(NamedTuple):
    """How a command ended, and all that it said."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """What a person reads, on one line."""
        return " ".join((self.err or self.out).split())


class Place:
    """A desk of its own for one row, with a folder for files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.desk = folder, Desk(folder / "desk", folder / "config")

    def say(self, *words: str, text: str | None = None) -> Said:
        """What a command says; a stack trace fails the row."""
        done = subprocess.run(
            [*PROGRAM, "--store", str(self.desk.store), *words], capture_output=True, text=True, input=text,
            env=environment(self.desk.environment), timeout=300, cwd=REPOSITORY,
        )  # fmt: skip
        need("Traceback" not in done.stderr, f"escaltui {' '.join(words)} left a stack trace: {done.stderr[-800:]}")
        return Said(done.returncode, done.stdout, done.stderr)

    def published(self, *versions: tuple[str, str], document: str = "rules") -> Said:
        """Versions of a document, all taken in at once."""
        where = self.folder / "texts" / document
        where.mkdir(parents=True, exist_ok=True)
        for name, text in versions:
            (where / f"{name}.md").write_text(text, "utf-8")
        return self.say("policy", "import", str(self.folder / "texts"))

    def kinds(self, document: str = "rules") -> list[str]:
        """What became of each version."""
        return [each["kind"] for each in objects(self.say("policy", "versions", document, "--json").out)]

    def received(self, weeks: Mapping[int, int]) -> None:
        """So many reports so many weeks ago, each week's in its middle."""
        now = datetime.now(UTC)
        rows = (row(f"r-{ago}-{n}", f"Report {ago} {n}", now - timedelta(days=7 * ago + 3), "BR")
                for ago, count in weeks.items() for n in range(count))  # fmt: skip
        said = self.say("import", str(written(self.folder / "rows.jsonl", rows)), "--json")
        need(said.code == DONE, said.err)

    def verdicts(self) -> tuple[Counter[str], list[str]]:
        """Of what rose: how often each verdict is given, and the lines that are alarms."""
        lines = [each for each in objects(self.say("insight", "--json", "--limit", "200").out)
                 if each["part"] == "series"]  # fmt: skip
        alarms = [f"{each['key']} {each['now']}" for each in lines if each["verdict"] in ("spike", "novel")]
        return Counter(each["verdict"] for each in lines), alarms


Check = Callable[[Place], Iterator[str]]


def _is(said: Said, code: int, *wanted: str) -> str:
    """The words, once the command ended as it must and says what it must."""
    whole = f"{said.err}\n{said.out}"
    need(said.code == code, f"ended by {said.code}, not {code}: {said.words}")
    need(bool(said.words), "nothing was said")
    for each in wanted:
        need(each in whole, f"{each!r} is not said: {said.words}")
    return said.words[:WORDS]


# --- documents


def renamed(place: Place) -> Iterator[str]:
    """A document whose folder has another name from some day on: two documents, each with its own versions."""
    place.published(("2025-01-01", FIRST))
    yield _is(place.published(("2025-06-01", SECOND), document="our rules"), DONE)
    rows = objects(place.say("policy", "documents", "--json").out)
    need({each["document"] for each in rows} == {"rules", "our-rules"}, f"documents: {rows}")
    yield ", ".join(f"{each['document']} ({each['heading'] or '-'})" for each in rows)


def retitled(place: Place) -> Iterator[str]:
    """A document whose title changes: whatever has words keeps its id."""
    yield _is(place.published(("2025-01-01", FIRST), ("2025-06-01", FIRST.replace("House rules", "Our rules"))), DONE)
    said = place.say("policy", "diff", "rules", "--json")
    need(not [each for each in objects(said.out) if each["words"]], said.out)
    yield ", ".join(f"{each['kind']} {each['section']}" for each in objects(said.out)) or said.words


def restructured(place: Place) -> Iterator[str]:
    """Sections in another order, one a level down: the same ids, told as moved."""
    yield _is(place.published(("2025-01-01", FIRST), ("2025-06-01", MOVED)), DONE)
    rows = objects(place.say("policy", "diff", "rules", "--json").out)
    need("retired" not in {each["kind"] for each in rows}, f"{rows}")
    yield ", ".join(f"{each['kind']} {each['section']}" for each in rows)


def emptied(place: Place) -> Iterator[str]:
    """A version without any text, then one that is a log-in page: neither takes the place of the rules."""
    place.published(("2025-01-01", FIRST))
    yield _is(place.published(("2025-06-01", "")), DONE)
    wall = "# Log in\n\n" + "Type the password that was sent to you by mail, then press the button below. " * 20
    yield _is(place.published(("2025-07-01", wall)), DONE, "escaltui policy release")
    kinds = place.kinds()
    need(kinds.count("substantive") == 1, f"{kinds}")
    yield f"versions: {', '.join(kinds)}"
    yield _is(place.say("policy", "show", "rules#threats"), DONE, "could lead to death")


def back_and_forth(place: Place) -> Iterator[str]:
    """Scraped every other day as one text, then the other: one version counts, nothing is unread."""
    place.published(("2025-01-01", FIRST))
    place.say("policy", "changes")  # the first visit
    days = [f"2025-01-{day:02}" for day in range(2, 12)]
    yield _is(place.published(*((day, SECOND if n % 2 == 0 else FIRST) for n, day in enumerate(days))), DONE)
    kinds = Counter(place.kinds())
    rows = objects(place.say("policy", "changes", "--json").out)
    need(len(rows) == 1 and not rows[0]["unread"], f"{rows}")
    yield f"versions: {_counted(kinds)}; changes told: {len(rows)}, none of it unread"


# --- the rota


def _rota(place: Place, text: str, name: str = "rota.toml") -> Said:
    (place.desk.config / name).write_text(text, "utf-8")
    return place.say("who", "legal", "DE")


def overlapping(place: Place) -> Iterator[str]:
    """Two people on call at once."""
    other = ROTA.replace("K. Osei", "A. Moreau").replace("08:00-16:00", "12:00-20:00")
    yield _is(_rota(place, ROTA + other), DONE, "rota.toml:", "overlap")


def unknown_zone(place: Place) -> Iterator[str]:
    """A zone that no machine knows, in either kind of file."""
    yield _is(_rota(place, 'zone = "Mars/Olympus"\n' + ROTA), DONE, "Mars/Olympus", "Europe/Paris")
    (place.desk.config / "rota.toml").unlink()
    event = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "SUMMARY:K. Osei", "CATEGORIES:legal", "LOCATION:eu",
             "DTSTART;TZID=Mars/Olympus:20260601T080000", "DTEND;TZID=Mars/Olympus:20260601T160000", "END:VEVENT",
             "END:VCALENDAR", "")  # fmt: skip
    yield _is(_rota(place, "\r\n".join(event), "rota.ics"), DONE, "rota.ics:", "Mars/Olympus")


# --- handover, incident


def left(place: Place) -> Iterator[str]:
    """A handover to somebody who is not here any more; and one that was offered to somebody who never takes it."""
    for login in ("kosei", "grace"):
        place.say("people", "add", login, "--role", "specialist", "--role", "lead")
    (made,) = objects(place.say("new", "--title", "An order", "--json").out)
    place.say("claim", made["ref"])
    yield _is(place.say("handover", "offer", "--to", "gone"), REFUSED, "gone", "Name somebody who works here.")
    need(not objects(place.say("handover", "list", "--json").out), "nothing may be offered")
    yield _is(place.say("handover", "offer", "--to", "grace"), DONE)
    yield _is(place.say("handover", "return", "all", "--reason", "she left"), DONE)
    (kept,) = objects(place.say("ls", "--json", "--", "owner:kosei").out) or ({},)
    need(not kept or kept["ref"] == made["ref"], "it stays with its giver")


def matches_all(place: Place) -> Iterator[str]:
    """A rule that every open case meets."""
    place.say("people", "add", "kosei", "--role", "specialist", "--role", "lead")
    place.received({0: 25})
    for query in ("is:open", "-tag:nothing", "country:BR"):
        yield _is(place.say("incident", "declare", "--name", "All", f"--query={query}"), REFUSED,
                  "Every case meets that query.", "Say what its cases have in common.")  # fmt: skip
    need(not objects(place.say("incident", "list", "--json").out), "no incident may be declared")
    yield _is(place.say("incident", "declare", "--name", "Bad", "--query", "sevv:1"), USAGE, "sev?")


# --- series


def three_points(place: Place) -> Iterator[str]:
    """Three weeks alone are too little to say anything, however steep."""
    place.received({2: 2, 1: 5, 0: 40})
    verdicts, alarms = place.verdicts()
    need(not alarms, f"alarms: {alarms}")
    yield f"40 after 5 after 2: {_counted(verdicts)}"


def all_zeros(place: Place) -> Iterator[str]:
    """Nothing came for a whole half year."""
    place.received(dict.fromkeys(range(31, 35), 3))
    verdicts, alarms = place.verdicts()
    need(not alarms, f"alarms: {alarms}")
    yield f"nothing for 31 weeks: {_counted(verdicts)}"
    yield _is(place.say("insight"), DONE, "No case came in the last 30 weeks.")


def huge_past(place: Place) -> Iterator[str]:
    """One week of 400 in the past hides nothing that comes later, and is no alarm itself."""
    weeks = dict.fromkeys(range(28), 3) | {12: 400}
    place.received(weeks)
    verdicts, alarms = place.verdicts()
    need(not alarms, f"alarms: {alarms}")
    yield f"400 in one week of the past, 3 now: {_counted(verdicts)}"
    place.received({0: 0} | {0: 30})
    _verdicts, alarms = place.verdicts()
    need(bool(alarms), "30 now, where 3 are usual, must come up though 400 came once")
    yield f"then 30: {len(alarms)} lines rise: {', '.join(alarms[:4])}"


def huge_now(place: Place) -> Iterator[str]:
    """400 at once are one thing seen from a few sides, not a storm of alarms."""
    place.received(dict.fromkeys(range(28), 3) | {0: 400})
    verdicts, alarms = place.verdicts()
    need(0 < len(alarms) <= 12, f"alarms: {alarms}")
    yield f"400 now: {_counted(verdicts)}; {', '.join(alarms)}"


def _counted(verdicts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in verdicts.most_common()) or "no line"


# --- report


def empty_desk(place: Place) -> Iterator[str]:
    """The report and the page of trends of a desk without a case."""
    said = place.say("report", "--format", "md", "--out", "-")
    yield _is(said, DONE, "# Week to", "No case was received.")
    file = place.folder / "report.html"
    yield _is(place.say("report", "--out", str(file)), DONE)
    need("</html>" in file.read_text("utf-8"), "the report should be a whole page")
    yield _is(place.say("insight"), DONE, "There are no cases yet.")
    need(not re.search(r"\b(nan|inf|None)\b(?! (waits|is))", said.out), f"a figure is no figure: {said.out}")


ROWS: Sequence[tuple[str, Check]] = (
    ("a document renamed", renamed), ("a document with another title", retitled),
    ("a document restructured", restructured), ("a document emptied", emptied),
    ("a document scraped back and forth", back_and_forth), ("a rota with overlapping shifts", overlapping),
    ("a rota with an unknown zone", unknown_zone), ("a handover to somebody who left", left),
    ("an incident rule that matches everything", matches_all), ("a series of three points", three_points),
    ("a series of zeros", all_zeros), ("one huge outlier in the past", huge_past), ("one huge outlier now", huge_now),
    ("a report on an empty desk", empty_desk),
)  # fmt: skip


def table(show: Show) -> Iterator[str]:
    """Each bad input of the issue by plain commands: the words that come; no stack trace, no loss, no alarm storm."""
    broken = []
    for n, (name, check) in enumerate(ROWS):
        yield f"{name}: {(check.__doc__ or '').strip()}"
        try:
            for words in check(Place(show.desk.store.parent / f"bad-{n}")):
                yield f"    {words}"
        except Exception as error:  # the other rows are told, too
            broken.append(name)
            yield f"    FAILED: {error}"
    need(not broken, f"{len(broken)} of {len(ROWS)} fail: {', '.join(broken)}")
    yield f"{len(ROWS)} bad inputs, each answered in words"
