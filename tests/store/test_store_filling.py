"""A store filled without the indexes that only readers need: none is missing afterwards, killed or not."""

from __future__ import annotations

import pytest

from escaltui.store import Store, derived, driver, local


def schema(store: Store) -> set[tuple[str, str]]:
    sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    return store.read(lambda connection: set(connection.execute(sql).fetchall()))


def room(store: Store) -> tuple[int, int]:
    asked = ("PRAGMA cache_size", "PRAGMA wal_autocheckpoint")
    return store.write(lambda c: tuple(c.execute(each).fetchone()[0] for each in asked))


def test_all_indexes_are_there_again(desk):
    before, small = schema(desk.store), room(desk.store)
    with derived.filling(desk.store.write):
        lacking = before - schema(desk.store)
        assert {"order_queue", "cases_owner", "change_case"} <= {name for name, _ in lacking}
        assert not {"cases_ref", "change_stream", "ix_report_case_id"} & {name for name, _ in lacking}
        assert room(desk.store) != small
        desk.open("Taken in meanwhile")
    assert (schema(desk.store), room(desk.store)) == (before, small)
    assert desk.store.meta(local.ASIDE) is None
    assert desk.store.count(None) == 1
    assert desk.store.verify().sound


def test_a_fault_while_filling_brings_them_back_too(desk):
    before = schema(desk.store)
    with pytest.raises(ZeroDivisionError), derived.filling(desk.store.write):
        raise ZeroDivisionError
    assert schema(desk.store) == before


@pytest.mark.parametrize("made", [0, 3])
def test_the_next_opening_makes_up_for_a_process_that_was_killed(desk, made):
    before, place = schema(desk.store), desk.store.folder
    desk.store.write(derived.set_aside)
    desk.open("Taken in meanwhile")
    for _ in range(made):
        desk.store.write(derived.put_back)
    desk.store.write(derived.set_aside)  # what was aside stays known
    desk.store.close()
    with_all = Store.open(place)
    assert schema(with_all) == before
    assert with_all.meta(local.ASIDE) is None
    assert with_all.count(None) == 1
    with_all.close()


def test_a_full_disk_does_not_stop_the_opening(desk, monkeypatch):
    place = desk.store.folder
    desk.store.write(derived.set_aside)
    desk.store.close()

    def full(connection: driver.Connection) -> bool:
        raise driver.DriverError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(derived, "put_back", full)
        Store.open(place).close()
    again = Store.open(place)
    assert again.meta(local.ASIDE) is None
    again.close()
