"""Running a connector: all of it once, whatever is killed or refused on the way; waits; what a dry run tells."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from memory_place import PASSWORD, Memory, Place

from escaltui.config import Config, Me
from escaltui.config_connectors import ConnectorRow
from escaltui.intake.connector import ConnectorError, Page
from escaltui.store import connectors as kept
from escaltui.store import driver
from escaltui.workbench import Workbench, connecting, connectors


def run(bench: Workbench, connector: object, **more: object) -> connecting.ConnectorRun:
    return connecting.run(bench, connector, **({"pause": lambda _s: None} | more))  # type: ignore[arg-type]


def keys_in(bench: Workbench) -> list[str]:
    return [key for (key,) in bench.store.read(lambda c: c.execute("SELECT dedupe_key FROM report").fetchall())]


def test_everything_comes_in_once_and_only_what_is_new_after(hands: Any) -> None:
    place = Place()
    place.add(7)
    found = run(hands.bench, Memory(place))
    assert (found.state, found.opened, found.known, found.problems) == ("done", 7, 0, ())
    place.add(2)
    assert run(hands.bench, Memory(place))[1:4] == ("done", 2, 0)
    assert run(hands.bench, Memory(place))[1:4] == ("done", 0, 0)
    standing = hands.bench.store.read(kept.standings)["memory"]
    assert (standing.cursor, standing.state, standing.opened, standing.total) == ("9", "done", 0, 9)
    assert hands.bench.store.count(None) == 9


def test_a_dry_run_changes_nothing_and_tells_what_would_come(hands: Any) -> None:
    place = Place()
    place.add(5)
    run(hands.bench, Memory(place))
    place.add(4)
    before = hands.bench.store.read(lambda c: list(c.iterdump()))
    found = run(hands.bench, Memory(place), dry=True)
    assert (found.dry, found.state, found.opened) == (True, "done", 4)
    assert [each.value for each in found.titles] == ["item 5", "item 6", "item 7", "item 8"]
    assert hands.bench.store.read(lambda c: list(c.iterdump())) == before
    assert run(hands.bench, Memory(place)).opened == 4


def test_what_comes_again_under_an_older_cursor_is_known(hands: Any) -> None:
    place = Place()
    place.add(5)
    run(hands.bench, Memory(place))
    hands.bench.store.write(lambda c: c.execute("UPDATE connector SET cursor = '1'"))
    assert run(hands.bench, Memory(place))[1:4] == ("done", 0, 4)


# --- faults of a place


class Waits:
    """Counts what is waited for."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds


def test_a_place_that_comes_back_is_asked_again(hands: Any) -> None:
    place, waited = Place(), Waits()
    place.add(4)
    place.faults = [ConnectorError("Nobody there.", again=True)] * 3
    assert run(hands.bench, Memory(place), pause=waited)[1:3] == ("done", 4)
    assert 3.5 <= waited.seconds <= 7.6  # 1 + 2 + 4 seconds, half of each drawn


def test_the_wait_that_a_place_names_is_kept(hands: Any) -> None:
    place, waited = Place(), Waits()
    place.add(1)
    place.faults = [ConnectorError("Slowly.", again=True, wait=30)]
    assert run(hands.bench, Memory(place), pause=waited).state == "done"
    assert 30 <= waited.seconds <= 31.5


def test_a_long_wait_ends_the_run_and_holds_for_the_next_one(hands: Any) -> None:
    place, waited = Place(), Waits()
    place.add(1)
    place.faults = [ConnectorError("The limit of this hour is reached.", again=True, wait=3600)]
    found = run(hands.bench, Memory(place), pause=waited)
    assert (found.state, found.says, found.wait_until) == (
        "failed", "The limit of this hour is reached.", hands.now + 3_600_000)  # fmt: skip
    assert waited.seconds == 0
    asked = place.requests
    early = run(hands.bench, Memory(place), pause=waited)
    assert early.state == "failed"
    assert "asked not to be asked before" in early.says
    assert place.requests == asked
    hands.now += 3_600_001
    assert run(hands.bench, Memory(place), pause=waited)[1:3] == ("done", 1)


def test_what_does_not_help_is_not_tried_again(hands: Any) -> None:
    place = Place()
    found = run(hands.bench, Memory(place, "wrong"))
    assert (found.state, found.says) == ("failed", "The place does not take this password.")
    standing = hands.bench.store.read(kept.standings)["memory"]
    assert (standing.state, standing.says) == ("failed", found.says)


def test_a_place_that_stays_away_ends_the_run_after_some_tries(hands: Any) -> None:
    place = Place()
    place.faults = [ConnectorError("Nobody there.", again=True)] * 50
    assert run(hands.bench, Memory(place)).state == "failed"
    assert place.requests == connecting.TRIES


def test_a_person_stops_a_run_also_while_it_waits(hands: Any) -> None:
    place = Place()
    place.add(9)
    place.faults = [ConnectorError("Nobody there.", again=True)] * 50
    looks = iter([False, False, False])
    assert run(hands.bench, Memory(place), cancelled=lambda: next(looks, True)).state == "stopped"
    place.faults = []
    assert run(hands.bench, Memory(place))[1:3] == ("done", 9)


def test_a_place_that_goes_in_circles_does_not_hold_us(hands: Any) -> None:
    place = Place()
    place.add(9)
    found = run(hands.bench, Memory(place, defects=["stuck"]))
    assert found.state == "failed"
    assert "does not go on" in found.says


def test_two_runs_at_once_double_nothing(hands: Any) -> None:
    """A second run, of another program, overtakes the first between a fetch and what is kept of it."""
    place, other = Place(), hands.open()
    place.add(8)

    class Overtaken(Memory):
        def fetch(self, cursor: str) -> Page:
            page = super().fetch(cursor)
            if self.calls == 2:
                assert run(other, Memory(place)).state == "done"
            return page

    found = run(hands.bench, Overtaken(place))
    assert (found.state, "Another run of memory" in found.says) == ("failed", True)
    assert sorted(keys_in(hands.bench)) == sorted(f"memory:item {n}" for n in range(8))
    assert hands.bench.store.read(kept.standings)["memory"].cursor == "8"
    assert hands.bench.store.count(None) == 8


@given(named=st.none() | st.floats(0, 1e4), attempt=st.integers(0, 60), drawn=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60)
def test_waits_grow_stay_bounded_and_never_fall_below_what_was_asked(
    named: float | None, attempt: int, drawn: float
) -> None:
    found = connecting.waits(attempt, named, lambda: drawn)
    if named is not None:
        assert named <= found <= named + 1
    else:
        assert min(connecting.MOST, connecting.FIRST * 2.0**attempt) / 2 <= found <= connecting.MOST


# --- followed


class Tells(Memory):
    """A place that says by itself when something is new: `script` says what happens in each wait."""

    script: list[Callable[[], object]] = []

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> bool:
        self.script.pop(0)()
        return True


def followed(hands: Any, monkeypatch: pytest.MonkeyPatch, kind: type[Memory], place: Place, secret: str = PASSWORD,
             stop: Callable[[], bool] = lambda: False) -> tuple[list[connecting.ConnectorRun], float]:  # fmt: skip
    """The runs, and the seconds waited between them."""
    waited, told = Waits(), list[connecting.ConnectorRun]()
    row = ConnectorRow("memory", "memory")
    monkeypatch.setattr(hands.bench, "config", Config(hands.folder, connectors=(row,)))
    monkeypatch.setattr(connectors.kinds, "made", lambda row, secret_: kind(place, secret))
    monkeypatch.setenv("ESCALTUI_CONNECTOR_MEMORY", "-")
    connectors.follow(hands.bench, "memory", told.append, cancelled=stop, pause=waited)
    return told, waited.seconds


def test_followed_it_fetches_as_soon_as_the_place_says_so(hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place, over = Place(), list[bool]()
    place.add(2)

    def away() -> None:
        place.add(1)
        place.faults = [ConnectorError("Nobody there.", again=True)] * connecting.TRIES

    Tells.script = [lambda: place.add(3), lambda: None, away, lambda: over.append(True)]
    told, waited = followed(hands, monkeypatch, Tells, place, stop=lambda: bool(over))
    assert [(each.state, each.opened) for each in told] == [
        ("done", 2), ("done", 3), ("done", 0), ("failed", 0), ("done", 1)]  # fmt: skip
    assert waited >= connectors.EVERY  # after the failure, before it is asked anew
    assert hands.bench.store.count(None) == 6


def test_followed_without_a_word_from_the_place_it_is_asked_each_minute(
    hands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place()
    told, waited = followed(hands, monkeypatch, Memory, place, stop=lambda: place.requests >= 3)
    assert len(told) == 3
    assert 2 * connectors.EVERY <= waited <= 2 * connectors.EVERY + 1


def test_followed_a_wrong_password_is_tried_once(hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told, waited = followed(hands, monkeypatch, Memory, Place(), secret="wrong")
    assert [each.state for each in told] == ["failed"]
    assert waited == 0


# --- what cannot be mapped


class Odd(Memory):
    """Says of each page that something was odd."""

    def fetch(self, cursor: str) -> Page:
        page = super().fetch(cursor)
        return Page(reports=page.reports, cursor=page.cursor, more=page.more, problems=(f"\x1b[31modd {cursor}",))


def test_what_cannot_be_mapped_is_kept_and_the_oldest_goes(hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PROBLEMS_KEPT", 2)
    place = Place()
    place.add(9)
    found = run(hands.bench, Odd(place))
    assert len(found.problems) == 3
    assert "\x1b" not in found.problems[0].value
    told = hands.bench.store.read(lambda c: kept.problems(c, "memory"))
    assert [each.says.endswith(end) for each, end in zip(told, ("odd 6", "odd 3"), strict=True)] == [True, True]
    assert hands.bench.store.read(kept.standings)["memory"].unmapped == 3


# --- mails


def mail(key: str, answers: str = "", subject: str = "About a post") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann <ann@example.org>", "desk@example.org", subject
    made["Message-ID"], made["Date"] = f"<{key}@example.org>", "Fri, 01 May 2026 10:00:00 +0000"
    if answers:
        made["In-Reply-To"] = f"<{answers}@example.org>"
    made.set_content(f"Please look at https://p.example/{key}.\n")
    return made.as_bytes()


class Box(Memory):
    """Gives mails in place of reports."""

    def fetch(self, cursor: str) -> Page:
        page = super().fetch(cursor)
        mails = tuple(self.mails[each.title] for each in page.reports)
        return Page(mails=mails, cursor=page.cursor, more=page.more)

    mails: dict[str, bytes] = {}


def test_a_mail_that_answers_goes_to_its_thread_any_other_opens_a_case(hands: Any) -> None:
    """Also one that answers a mail of the same page; and fetched again it is neither doubled nor moved."""
    place = Place()
    place.add(4)
    box = Box(place)
    box.mails = {"item 0": mail("a"), "item 1": mail("b", "a"), "item 2": mail("c"), "item 3": mail("d", "unknown")}
    assert run(hands.bench, box, dry=True).opened == 3  # one answers another of the page
    found = run(hands.bench, box)
    assert (found.state, found.opened, found.known) == ("done", 3, 1)
    place.add(1)
    box.mails["item 4"] = mail("e", "c")
    dry = run(hands.bench, box, dry=True)
    assert (dry.opened, dry.known, dry.titles) == (0, 1, ())
    assert run(hands.bench, box)[2:4] == (0, 1)
    assert sorted(keys_in(hands.bench)) == [f"mail:{each}@example.org" for each in "acd"]
    hands.bench.store.write(lambda c: c.execute("UPDATE connector SET cursor = ''"))
    box.mails["item 3"] = mail("d", "c")  # what it answers is here by now: it stays the case that it is
    before = hands.bench.store.last_seq()
    assert run(hands.bench, box)[1:4] == ("done", 0, 5)
    assert hands.bench.store.last_seq() == before


# --- kill -9


def killed_at(place: Place, folder: Path, point: int, early: bool) -> bool:
    """Run in a child that ends itself at its n-th commit, before or after it; False where it came to its end."""
    child = os.fork()
    if not child:
        try:
            seen, once = [0], driver._once

            def step() -> None:
                seen[0] += 1
                if seen[0] == point:
                    os.kill(os.getpid(), signal.SIGKILL)

            def counted(connection: object, job: Callable[[object], object]) -> object:
                def whole(inner: object) -> object:
                    found = job(inner)
                    step()
                    return found

                found = once(connection, whole)  # type: ignore[arg-type, var-annotated]
                step()
                return found

            with Workbench.open(folder, config=Config(folder / "c", me=Me(name="Ada"))) as bench:
                bench.tick()
                vars(driver)["_once"] = counted
                if early:  # the defect of the control: the cursor goes first
                    _cursor_first()
                run(bench, Memory(place))
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _cursor_first() -> None:
    keep = connecting._Run.take_in

    def first(self: connecting._Run, page: Page) -> tuple[int, int]:
        sql = "UPDATE connector SET cursor = ? WHERE name = ?"
        self.bench.store.write(lambda c: c.execute(sql, (page.cursor, self.name)))
        return keep(self, page)

    connecting._Run.take_in = first  # type: ignore[method-assign]
    connecting._Run.advance = lambda *_given: None  # type: ignore[method-assign]


def survivors(folder: Path, place: Place) -> list[str]:
    with Workbench.open(folder, config=Config(folder / "c", me=Me(name="Ada"))) as bench:
        assert run(bench, Memory(place, PASSWORD)).state == "done"
        assert bench.store.verify().sound
        assert bench.store.count(None) == len(keys_in(bench))
        return sorted(keys_in(bench))


def kills(tmp_path: Path, early: bool = False) -> list[list[str]]:
    """What is there in the end, for a kill at each point there is; with the defect, up to the first loss."""
    found, place = list[list[str]](), Place()
    place.add(5)
    for point in range(1, 40):
        folder = tmp_path / f"{point}"
        killed = killed_at(place, folder, point, early)
        found.append(survivors(folder, place))
        if not killed or (early and len(found[-1]) < 5):
            return found
    raise AssertionError("it never came to its end")


def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    found = kills(tmp_path)
    assert len(found) > 8
    assert all(each == sorted(f"memory:item {n}" for n in range(5)) for each in found)


def test_control_a_cursor_that_is_kept_first_loses_reports(tmp_path: Path) -> None:
    assert any(len(each) < 5 for each in kills(tmp_path, early=True))
