"""The desk's rule set over sync: fetched by its hash, checked whole, used at once and offline; broken, it changes
nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from links import linked, token
from live import serving
from team import DESK, Team

from escaltui import rules_loader, rules_packed
from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain.changes import Refused
from escaltui.domain.operations import OpenCase, Triage
from escaltui.domain.ruleset import RuleSet
from escaltui.rules_loader import RuleFault
from escaltui.server import people
from escaltui.server.rulebook import Rulebook
from escaltui.store import Done, rulebook
from escaltui.sync import engine
from escaltui.sync.connect import Connecting
from escaltui.sync.net import Refusing, Server
from escaltui.workbench import Workbench, letters

HEAD = 'title = "Of the house ({{case.ref}})"\nparty = "requester"\nvariables = ["case.ref"]'
LETTER = f"+++\n{HEAD}\n+++\nDear reader.\n"


def write(folder: Path, types: str = "", **letter: str) -> Path:
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "types.toml").write_text(types)
    for name, text in letter.items():
        (folder / "templates" / f"{name}.en.md").write_text(text)
    return folder


def a_type(name: str = "house_party") -> str:
    """A type of case like one of ours, under another name."""
    row = next(iter(rules_loader.load().types.values()))
    plain = {key: value for key, value in msgspec.to_builtins(row).items() if key != "id"}
    return f"[type.{name}]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in plain.items())


def toml(value: Any) -> str:
    return msgspec.json.encode(value).decode()


# --- the text that travels


def test_a_rule_set_is_the_same_after_its_way(tmp_path: Path) -> None:
    calendar = 'zone = "Europe/Berlin"\nalways = true\nholidays = ["DE-BY"]\nyears = [2026]\n'
    write(tmp_path / "ours", a_type(), house=LETTER)
    (tmp_path / "ours" / "calendars.toml").write_text(f"[calendar.ours]\n{calendar}")
    book = rules_packed.read(tmp_path / "ours")
    assert "2026-12-25" in book.rules.calendars["ours"].closed
    again = rules_packed.unpack(book.text, book.rules.hash)
    assert again.rules == book.rules == rules_loader.load(tmp_path / "ours")
    assert list(again.rules.types) == list(book.rules.types)
    assert again.letters["house.en.md"].decode() == LETTER


@pytest.mark.parametrize("spoil", [
    lambda text: text[: len(text) // 2],
    lambda text: b"[]",
    lambda text: text.replace(b'"families":', b'"families_":'),
    lambda text: text.replace(b'"severity.severity"', b'"severity.other"'),
    lambda text: b'{"tables":{},"letters":{}}',
    lambda text: text.replace(b"House", b"Other"),
    lambda text: b"\xff\xfe",
])  # fmt: skip
def test_one_that_is_not_whole_is_not_used(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    book = rules_packed.read(write(tmp_path, a_type().replace("label = ", 'label = "House" #')))
    assert rules_packed.unpack(book.text, book.rules.hash).rules == book.rules  # the control
    spoilt = spoil(book.text)
    assert spoilt != book.text
    with pytest.raises(RuleFault):
        rules_packed.unpack(spoilt, book.rules.hash)


def test_another_set_than_was_asked_for_is_not_used() -> None:
    book = rules_packed.read(None)
    with pytest.raises(RuleFault, match="Upgrade"):
        rules_packed.unpack(book.text, "0" * 64)


# --- the server


def test_the_server_reads_its_files_anew_and_keeps_the_last_good_ones(tmp_path: Path) -> None:
    folder, told, log = write(tmp_path), list[RuleSet](), list[dict[str, Any]]()
    book = Rulebook(folder, log.append)
    book.changed = told.append
    first = book.rules
    assert book.text(first.hash) is not None
    assert not book.look()
    write(folder, a_type())
    assert book.look()
    assert told == [book.rules]
    assert "house_party" in book.rules.types
    assert book.text(first.hash) is not None  # who asked for it a moment ago still gets it
    second = book.rules
    write(folder, "[type.house_party\nlabel = 1\n")
    assert not book.look()
    assert not book.look()
    assert book.rules is second
    kept = [line for line in log if line["rules"] == "kept"]
    assert len(kept) == 1
    assert "types.toml:1" in kept[0]["faults"][0]
    write(folder, a_type())
    os.utime(folder / "types.toml", ns=(1, 1))
    assert not book.look()  # the same again
    assert book.rules == second


# --- the workbench


class Desk:
    """A backend that serves by rule files, and workbenches that follow it."""

    def __init__(self, team: Team, database: str, folder: Path) -> None:
        self.team, self.database, self.folder = team, database, folder
        self.files = write(folder / "served", a_type(), house=LETTER)
        self.book = Rulebook(self.files)
        team.desk.rules = self.book.rules
        self.made: list[Workbench] = []

    def open(self, url: str, person: str = "ada", settings: str = "settings") -> Workbench:
        config = Config(self.folder / settings, me=Me(name="nobody"), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(self.folder / person, config=config, clock=self.team.clock)
        self.made.append(bench)
        if bench.store.remote is None:
            with self.team.pool.connection() as connection:
                people.grant(connection, person, DESK, frozenset({"specialist", "lead"}), "system", 0)
            own = token(self.team, person)
            Connecting(bench.store, config.remote, rules_loader.load(), bench.now).run(url, "global", own)
        assert bench.store.remote is not None
        bench.be(bench.store.remote.connected)
        return bench

    def signed_in(self, bench: Workbench) -> Workbench:
        bench.link.tokens.hold(token(self.team, bench.me))
        return bench


@pytest.fixture
def desk(team: Team, database: str, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(team, database, tmp_path)
    yield made
    for bench in made.made:
        bench.close()


def opened(bench: Workbench) -> str:
    case_id = bench.operation_id()
    bench.now.step()  # type: ignore[attr-defined]
    assert isinstance(bench.do(OpenCase(opens=case_id, title="A case")), Done)
    return case_id


def test_the_desk_s_rules_judge_here_too_and_offline(desk: Desk) -> None:
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        bench = desk.open(url)
        assert bench.rules.hash == desk.book.rules.hash != rules_loader.load().hash
        assert bench.ruled_by_desk
        case_id = opened(bench)
        assert isinstance(bench.do(Triage(case=case_id, case_type="house_party", severity=3)), Done)
        assert letters.templates(bench).find("house") is not None
        bench.close()
    again = desk.open(url)  # the server is away
    assert again.rules == desk.book.rules
    assert isinstance(again.do(Triage(case=opened(again), case_type="house_party", severity=3)), Done)


def test_control_without_the_desk_s_rules_it_is_refused(desk: Desk) -> None:
    with serving(desk.team, desk.database) as url:  # a server that gives its rules to nobody
        bench = desk.open(url)
    assert not bench.ruled_by_desk
    assert isinstance(bench.do(Triage(case=opened(bench), case_type="house_party", severity=3)), Refused)


def test_a_workbench_that_is_open_takes_other_rules_without_a_restart(desk: Desk) -> None:
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        bench = desk.signed_in(desk.open(url))
        heard = threading.Event()
        bench.link.ruled = lambda rules, switch=bench.link.ruled: (switch(rules), heard.set())  # type: ignore[misc]
        bench.start_sync()
        waited(lambda: bench.sync_face().state == "online")
        assert bench.protection
        write(desk.files, a_type() + a_type("garden_party"))
        assert desk.book.look()  # as SIGHUP has it
        assert heard.wait(10), "the event did not come, or was not followed"
        assert "garden_party" in bench.rules.types
        assert bench.link.cycle.rules is bench.rules
        assert "protection" not in vars(bench)


def test_a_broken_set_changes_nothing_and_is_said_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        bench = desk.signed_in(desk.open(url))
        assert engine.once(bench.link) == ""
        before = bench.rules
        write(desk.files, a_type() + a_type("garden_party"))
        desk.book.look()
        monkeypatch.setattr(Server, "rules", lambda self, wanted: b'{"tables":{},"letters":{}}')
        bench.link.notices()
        for _ in range(2):
            assert engine.once(bench.link) == ""
        assert bench.rules is before
        assert rulebook.in_force(bench.store) == before.hash
        (said,) = bench.link.notices()
        assert "the last one stays" in said


def test_own_rules_rest_and_that_is_said_once(desk: Desk) -> None:
    write(desk.folder / "mine" / "rules", a_type("my_own"))
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        bench = desk.signed_in(desk.open(url, settings="mine"))
        assert "my_own" not in bench.rules.types
        assert engine.once(bench.link) == ""
        (said,) = bench.link.notices()
        assert "are not used" in said
        bench.close()
        again = desk.signed_in(desk.open(url, settings="mine"))
        assert engine.once(again.link) == ""
        assert again.link.notices() == []


def test_one_s_own_floor_still_holds(desk: Desk) -> None:
    floor = desk.folder / "mine" / "rules"
    floor.mkdir(parents=True)
    (floor / "safety.toml").write_text('[floor.shield]\nexternal_open = "never"\n')
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        assert desk.open(url, settings="mine").protection.shield.external_open == "never"
        assert desk.open(url, "bo").protection.shield.external_open != "never"  # the control


def test_who_is_not_signed_in_gets_no_rules(desk: Desk) -> None:
    with serving(desk.team, desk.database, rulebook=desk.book) as url:
        member = desk.team.member("cy")
        link = linked(member, url)
        assert link.server.rules(desk.book.rules.hash)
        with pytest.raises(Refusing):
            link.server.rules("0" * 64)
        link.close()
        with pytest.raises(Exception, match=r"[Ss]ign"):
            Server(url, "", "x").rules(desk.book.rules.hash)


def waited(true: Callable[[], bool], most: float = 10.0) -> None:
    end = time.monotonic() + most
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
