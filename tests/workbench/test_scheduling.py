"""Connectors that run by themselves: when they are due, never two at once, back-off, no network, an end in between."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

import memory_place
from memory_place import PASSWORD, Memory, Place

from escaltui.config import Config, Me
from escaltui.config_connectors import ConnectorRow
from escaltui.intake import connectors as kinds
from escaltui.intake.connector import ConnectorError, Page
from escaltui.store import connectors as kept
from escaltui.store.connectors import Standing
from escaltui.workbench import Workbench, connecting, connector_plan, connectors, scheduling
from escaltui.workbench.connector_plan import Failed

MINUTE = 60_000
ROW = ConnectorRow("press", "memory", {"shelf": "one"}, every=300)
HOLDER = """
import sys
from pathlib import Path
from escaltui.sync.lock import Lead
print(Lead(Path(sys.argv[1]), sys.argv[2]).take(), flush=True)
sys.stdin.read()
"""


class Slow(Memory):
    """Waits within each request until it is let go on."""

    asked, go_on = threading.Event(), threading.Event()

    def fetch(self, cursor: str) -> Page:
        self.asked.set()
        assert self.go_on.wait(20)
        return super().fetch(cursor)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()
    monkeypatch.setitem(memory_place.SHELVES, "one", made)
    for kind in (Memory, Slow):
        monkeypatch.setitem(kinds.KINDS, kind.__name__.lower(), f"{kind.__module__}:{kind.__name__}")  # type: ignore[arg-type]
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    monkeypatch.setattr(connecting, "FIRST", 0.0)  # no waiting between the tries of one run
    Slow.asked.clear()
    Slow.go_on.clear()
    return made


@pytest.fixture
def bench(hands: Any, place: Place) -> Workbench:
    return with_rows(hands.bench, ROW)


def with_rows(bench: Workbench, *rows: ConnectorRow) -> Workbench:
    bench.config = msgspec.structs.replace(bench.config, connectors=rows)
    return bench


def look(bench: Workbench, there: bool = True) -> list[tuple[str, int]]:
    return [(each.state, each.opened) for each in scheduling.run_due(bench, there=lambda row: there)]


def standing(bench: Workbench) -> Standing:
    return bench.store.read(lambda c: kept.standing(c, "press"))


def next_at(bench: Workbench) -> int | None:
    return connectors.listed(bench)[0].next_at


# --- when


def test_it_is_due_at_once_then_every_so_often(hands: Any, bench: Workbench, place: Place) -> None:
    place.add(2)
    assert look(bench) == [("done", 2)]
    assert look(bench) == []
    due = next_at(bench)
    assert due is not None
    assert hands.now + 5 * MINUTE <= due <= hands.now + 5.5 * MINUTE
    place.add(1)
    hands.now = due - 1
    assert look(bench) == []
    hands.now = due
    assert look(bench) == [("done", 1)]


def test_one_without_a_time_runs_by_hand_alone(bench: Workbench, place: Place) -> None:
    place.add(1)
    with_rows(bench, msgspec.structs.replace(ROW, every=0))
    assert look(bench) == []
    assert next_at(bench) is None
    bench.start_schedule()
    assert bench.schedule is None


@given(
    every=st.integers(60, 7 * 86_400), began=st.integers(1, 10**13), now=st.integers(1, 10**13),
    wait=st.none() | st.integers(1, 10**13), times=st.integers(0, 99), device=st.text(max_size=8),
)  # fmt: skip
def test_never_before_its_time_and_never_too_late(
    every: int, began: int, now: int, wait: int | None, times: int, device: str
) -> None:
    row = msgspec.structs.replace(ROW, every=every)
    failed = Failed(times, True, 0) if times else None
    at = connector_plan.reckoned(row, Standing("press", began_at=began, wait_until=wait), failed, device, now)
    assert at is not None
    assert at >= (wait or 0)
    if began <= now + every * 1000:
        most = max(every * 1000, connector_plan.LONGEST) if times else every * 1000
        assert began + every * 1000 <= at <= max(began + most * (1 + connector_plan.SPREAD), wait or 0)
    else:
        assert at == (wait or 0)  # the clock was set back: the last run is no measure


def test_devices_do_not_ask_at_the_same_second() -> None:
    stands = Standing("press", began_at=10**12)
    found = {connector_plan.reckoned(ROW, stands, None, f"device-{n}", 10**12) for n in range(50)}
    assert len(found) == 50


# --- what fails


def test_failures_are_tried_later_and_later_and_one_that_goes_well_ends_that(
    hands: Any, bench: Workbench, place: Place
) -> None:
    said, waits = list[str](), list[int]()
    schedule = scheduling.Schedule(bench, said.append, lambda row: True)
    for _round in range(4):
        place.faults = [ConnectorError("Nobody there.", again=True)] * connecting.TRIES
        schedule.look()
        due = next_at(bench)
        assert due is not None
        waits.append(due - hands.now)
        hands.now = due
    assert 10 * MINUTE <= waits[0] <= 11 * MINUTE
    assert all(15 * MINUTE <= each <= 16.5 * MINUTE for each in waits[1:])
    assert said == ["press: Nobody there."]  # once
    place.add(1)
    assert look(bench) == [("done", 1)]
    assert (next_at(bench) or 0) - hands.now <= 5.5 * MINUTE
    assert connector_plan.fails(bench, "press") == 0


def test_a_wrong_password_is_tried_once_until_a_person_ran_it(
    hands: Any, bench: Workbench, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", "wrong")
    assert look(bench) == [("failed", 0)]
    hands.now += 10**9
    assert look(bench) == []
    assert next_at(bench) is None
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    assert connectors.run(bench, "press").state == "done"
    hands.now += 6 * MINUTE
    assert look(bench) == [("done", 0)]


def test_other_settings_are_tried(hands: Any, bench: Workbench, place: Place) -> None:
    """One that cannot even be made says so on the page, and waits for its settings to be mended."""
    with_rows(bench, msgspec.structs.replace(ROW, options={"shelves": "one"}))
    assert look(bench) == [("failed", 0)]
    face = connectors.listed(bench)[0]
    assert (face.state, face.next_at) == ("failed", None)
    assert "no such setting shelves" in face.says.value
    hands.now += 10**9
    assert look(bench) == []
    with_rows(bench, ROW)  # at once
    hands.now -= 10**9
    assert look(bench) == [("done", 0)]


def test_a_wait_that_the_place_names_is_kept(hands: Any, bench: Workbench, place: Place) -> None:
    place.faults = [ConnectorError("The limit is reached.", again=True, wait=3600)]
    assert look(bench) == [("failed", 0)]
    assert next_at(bench) == hands.now + 3_600_000
    hands.now += 3_599_999
    asked = place.requests
    assert look(bench) == []
    assert place.requests == asked
    hands.now += 1
    assert look(bench) == [("done", 0)]


def test_one_that_fails_stops_no_other(hands: Any, bench: Workbench, place: Place) -> None:
    with_rows(bench, ConnectorRow("queer", "carrier-pigeon", every=60), ROW)
    place.add(1)
    assert sorted(look(bench)) == [("done", 1), ("failed", 0)]


class Broken(Memory):
    """Has a defect."""

    def fetch(self, cursor: str) -> Page:
        raise ZeroDivisionError(PASSWORD)


def test_a_defect_of_one_is_noted_once_and_stops_no_other(
    hands: Any, bench: Workbench, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds.KINDS, "broken", f"{__name__}:Broken")  # type: ignore[arg-type]
    with_rows(bench, ConnectorRow("broken", "broken", {"shelf": "one"}, every=60), ROW)
    place.add(2)
    met, came = list[type[BaseException]](), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda args: met.append(args.exc_type))
    monkeypatch.setattr(scheduling, "LOOK", 0.01)
    bench.subscribe(lambda cases: came.set())
    schedule = scheduling.Schedule(bench, lambda said: None, lambda row: True)
    schedule.start(0.0)
    assert came.wait(20)
    schedule.stop()
    assert met == [ZeroDivisionError]
    face = connectors.listed(bench)[0]
    assert (face.state, face.next_at, PASSWORD in face.says.value) == ("failed", None, False)
    assert "A defect stopped it (ZeroDivisionError)" in face.says.value


# --- no network


def test_without_a_network_it_waits_and_counts_no_failure(hands: Any, bench: Workbench, place: Place) -> None:
    place.add(1)
    assert look(bench, there=False) == []
    assert connectors.listed(bench)[0].needs_network
    assert (place.requests, connector_plan.fails(bench, "press")) == (0, 0)
    assert look(bench) == [("done", 1)]
    assert not connectors.listed(bench)[0].needs_network


def test_whether_there_is_a_way(monkeypatch: pytest.MonkeyPatch) -> None:
    here = msgspec.structs.replace(ROW, options={"host": "127.0.0.1"})
    away = msgspec.structs.replace(ROW, options={"service": "https://203.0.113.7/x"})
    ways = {"127.0.0.1"}
    monkeypatch.setattr(scheduling, "_way", lambda family, address: address in ways)
    assert scheduling.reachable(here)
    assert not scheduling.reachable(away)
    ways.add("203.0.113.7")  # by a network of its own, without a way to the rest of the world
    assert scheduling.reachable(away)
    assert not scheduling.reachable(msgspec.structs.replace(ROW, options={"host": "\u00a0..\udc80"}))
    ways.add("192.0.2.1")
    assert scheduling.reachable(msgspec.structs.replace(ROW, options={"host": "name.invalid"}))


# --- one at a time


def test_two_programs_never_fetch_from_one_place_at_once(bench: Workbench, place: Place) -> None:
    """Another process has the turn: the schedule leaves it alone, a person is told. Killed, it has lost the turn."""
    place.add(1)
    arguments = [sys.executable, "-c", HOLDER, str(bench.store.folder), "connector-press.lock"]
    other = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert look(bench) == []
        with pytest.raises(connector_plan.Busy, match="is being fetched from just now"):
            connectors.run(bench, "press")
        assert connectors.run(bench, "press", dry=True).opened == 1  # looking is free
        assert place.requests == 1
    finally:
        other.kill()
        other.communicate()
    assert look(bench) == [("done", 1)]


def test_whoever_comes_second_finds_that_it_is_not_due_any_more(
    hands: Any, bench: Workbench, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, reached = with_rows(hands.open(), ROW), list[str]()

    def there(row: ConnectorRow) -> bool:  # between the look at what is due and the turn at it
        reached.append(row.name)
        return bool(look(other)) or True

    assert list(scheduling.run_due(bench, there=there)) == []
    assert (reached, place.requests) == (["press"], 1)


def at_once(folder: Path, pipe: int, together: Callable[[], object]) -> None:
    """In a child: take part in ten rounds of what is due, each time the clock moved on."""
    config = Config(folder / "settings", me=Me(name="Ada"), connectors=(ROW,))
    now = [1_790_000_000_000]
    with Workbench.open(folder / "store", config=config, clock=lambda: now[0]) as bench:
        for _round in range(10):
            together()
            for found in scheduling.run_due(bench, there=lambda row: True):
                os.write(pipe, json.dumps([now[0], found.state]).encode() + b"\n")
            now[0] += 6 * MINUTE


def test_two_programs_that_look_at_once_run_each_time_once(hands: Any, bench: Workbench, place: Place) -> None:
    reader, writer = os.pipe()
    barrier = multiprocessing.get_context("fork").Barrier(2)
    children = list[int]()
    for _child in range(2):
        child = os.fork()
        if not child:
            try:
                at_once(hands.folder, writer, lambda: barrier.wait(20))
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    os.close(writer)
    with os.fdopen(reader) as told:
        rows = [json.loads(line) for line in told]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert len(rows) == 10, rows
    assert {state for _at, state in rows} == {"done"}
    assert len({at for at, _state in rows}) == 10


# --- in the workbench


@pytest.fixture
def unraised(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What threads raised."""
    found = list[object]()
    monkeypatch.setattr(threading, "excepthook", found.append)
    yield found
    assert found == []


def test_the_thread_runs_it_and_tells_which_cases_are_new(
    bench: Workbench, place: Place, unraised: list[object]
) -> None:
    place.add(3)
    heard, seen, threads = threading.Event(), set[str](), set[str]()

    def told(cases: frozenset[str]) -> None:
        threads.add(threading.current_thread().name)
        seen.update(cases)
        if len(seen) == 3:
            heard.set()

    bench.subscribe(told)
    schedule = scheduling.Schedule(bench, lambda said: None, lambda row: True)
    schedule.start(0.0)
    assert heard.wait(20)
    schedule.stop()
    assert bench.store.count(None) == 3
    assert threads == {"connectors"}, "never the screen's"


def test_a_program_that_ends_waits_for_no_place(
    bench: Workbench, hands: Any, place: Place, unraised: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that hangs is left: the store is closed under it, nothing is raised and nothing lost."""
    monkeypatch.setattr(scheduling, "STOP", 0.05)
    place.add(9)
    with_rows(bench, msgspec.structs.replace(ROW, kind="slow"))
    bench.schedule = scheduling.Schedule(bench, lambda said: None, lambda row: True)
    bench.schedule.start(0.0)
    assert Slow.asked.wait(20)
    thread = bench.schedule._thread
    assert thread is not None
    bench.close()
    Slow.go_on.set()
    thread.join(20)
    assert not thread.is_alive()
    again = with_rows(hands.open(), ROW)
    assert connectors.run(again, "press").state == "done"
    assert again.store.count(None) == 9


def test_it_is_not_for_whoever_plays_a_colleague(hands: Any, bench: Workbench, place: Place) -> None:
    played = with_rows(hands.colleague("bea"), ROW)
    played.start_schedule()
    assert played.schedule is None


def test_control_without_turns_both_programs_ask(
    hands: Any, bench: Workbench, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr(connector_plan, "turn", lambda bench, name: nullcontext())
    monkeypatch.setattr(connector_plan, "is_due", lambda bench, row: True)
    with pytest.raises(AssertionError):
        test_whoever_comes_second_finds_that_it_is_not_due_any_more(hands, bench, place, monkeypatch)
