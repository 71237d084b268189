"""Stores that earlier programs made (`tests/store/released`) climb to the newest schema; `tests/soak/ladder.py` kills
them at every point of it."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "soak"))

import ladder

from escaltui.store import Store, engine, migrate

POINTS = (3, 40, 90, 140, 170, 195)
"""Of the 208 of a store of the first schema: in the copy, in each step, in the check."""


@pytest.fixture
def kinds(tmp_path: Path) -> ladder.Kinds:
    """What a store that is made now has."""
    return ladder.fresh(tmp_path)


def climbed(was: int, tmp_path: Path, kinds: ladder.Kinds) -> list[str]:
    place = ladder.unpacked(was, tmp_path / "old")
    before = ladder.held(place / "store.db")
    Store.open(place).close()
    return ladder.wrong(place, was, before, kinds)


def test_there_is_a_store_of_each_schema() -> None:
    assert set(ladder.RELEASED) >= set(range(1, migrate.VERSION)), "pack one: python tests/soak/ladder.py --make"
    for step in ladder.RELEASED:
        assert (ladder.SMALL / f"schema{step}.db.xz").is_file()


@pytest.mark.parametrize("was", sorted(ladder.RELEASED))
def test_a_store_of_each_schema_becomes_as_one_made_now(was: int, tmp_path: Path, kinds: ladder.Kinds) -> None:
    assert climbed(was, tmp_path, kinds) == []


def test_killed_on_the_way_it_is_the_same_in_the_end(tmp_path: Path, kinds: ladder.Kinds) -> None:
    start = ladder.unpacked(1, tmp_path / "old")
    assert ladder.climbs(1, start, tmp_path, kinds, list(POINTS)) == {"killed": len(POINTS)}


def test_control_what_a_step_forgets_is_seen(tmp_path: Path, kinds: ladder.Kinds) -> None:
    with patch.object(engine.backup, "make", lambda *_: None):
        assert climbed(3, tmp_path / "1", kinds) == ["no backup from before"]
    with patch.object(engine.migrate, "_drop_derived", lambda connection: connection.execute("DELETE FROM note")), \
            patch.object(engine.migrate, "_make_derived", lambda connection: None):  # fmt: skip
        found = climbed(3, tmp_path / "2", kinds)
    assert "rows of note" in found
    assert "full text" in found
    fewer = {name: sql for name, sql in kinds.items() if name != ("index", "change_case")}
    assert climbed(3, tmp_path / "3", fewer) == ["schema: ('index', 'change_case')"]
