"""Picks go through the team's own sync into the library, and count for everybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shelf import ONE, SPECIALIST, write
from team import Team

from escaltui.domain.changes import Refused
from escaltui.workbench import Workbench

Opening = Callable[..., Workbench]


def test_what_two_people_picked_is_suggested_to_both(opening: Opening, team: Team, tmp_path: Path) -> None:
    ada, bo = opening("ada"), opening("bo", SPECIALIST)
    ada.import_policies(write(tmp_path / "one", hate_2025_01_01=ONE))
    bo.link.round()
    assert ada.picking.pick("turtles", "hs.1")
    for _twice in range(2):
        assert bo.picking.pick("turtles", "hs.1"), "also while nothing reaches the server"
    for bench in (bo, ada, bo):
        bench.link.round()
    assert bo.store.remote is not None
    assert bo.store.remote.streams() == [], "nothing waits: the server took it from a specialist"
    assert sorted(team.rows("SELECT stream, who, key FROM pick")) == [
        ("library", "ada", "hs.1"), ("library", "bo", "hs.1")]  # fmt: skip
    for bench in (ada, bo):
        (pair,) = bench.picking.suggestions()
        assert (pair.stem, pair.section, pair.times, pair.people) == ("turtl", "hs.1", 3, 2)
    assert isinstance(bo.picking.forget(bo.picking.kept(person="ada")), Refused)
    assert ada.picking.forget(ada.picking.kept(person="bo")) == 1
    ada.link.round()
    bo.link.round()
    assert [each.person for each in bo.picking.kept()] == ["ada"]


def test_a_store_that_was_alone_brings_its_own_picks_alone(opening: Opening, team: Team) -> None:
    def before(bench: Workbench) -> None:
        for person in ("ada", "somebody"):
            bench.me = person
            assert bench.picking.pick("turtles", "hs.1")
        bench.me = "ada"

    ada = opening("ada", before=before)
    ada.link.round()
    assert team.rows("SELECT who FROM pick") == [("ada",)]
    assert [each.person for each in ada.picking.kept()] == ["ada"]
