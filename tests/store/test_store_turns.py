"""Long work in portions: whoever waits for the writer goes first, and nothing is half done."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain.entities import Case
from escaltui.domain.fold import READERS
from escaltui.store import engine, local, turns
from escaltui.store.batch import Batch
from escaltui.store.turns import LEAST, MOST, Portion, in_turns

FEW, LONG = 6, 1000.0


def worked(desk) -> list[str]:
    """The order in which portions were done and a typed operation was kept, where that waits since the first one."""
    order: list[str] = []
    typed = threading.Thread(target=lambda: (desk.open("Typed meanwhile"), order.append("typed")))

    def step(connection, at: int) -> int:
        if at == 1:  # not the first, so that a portion of the same transaction is behind it
            typed.start()
            while not desk.store._engine._writer._work_queue.qsize():
                pass
        if at == FEW - 1:
            typed.join(0.01)
        order.append(f"portion {at}")
        local.set_meta(connection, f"portion {at}", "done")
        return at + 1

    in_turns(desk.store, step, FEW)
    typed.join()
    return order


def test_who_types_waits_for_one_portion(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST", LONG)
    order = worked(desk)
    assert order.count("typed") == 1
    assert order.index("portion 1") < order.index("typed")
    assert desk.store.read(lambda c: [local.meta(c, f"portion {n}") for n in range(FEW)]) == ["done"] * FEW
    kept = desk.store.read(lambda c: c.execute("SELECT count(*) FROM cases").fetchone()[0])
    assert kept == 1


def test_without_looking_who_waits_the_typist_would_be_last(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one transaction does it all before the typed operation is kept."""
    transactions = []
    inner = desk.store._engine._transaction
    monkeypatch.setattr(turns, "LONGEST", LONG)
    monkeypatch.setattr(desk.store._engine, "_transaction", lambda *a: (transactions.append(1), inner(*a))[1])
    worked(desk)
    assert len(transactions) == 3  # up to where somebody waits, theirs, the rest
    transactions.clear()
    monkeypatch.setattr(engine.Engine, "awaited", False)
    order = worked(desk)
    assert len(transactions) == 2
    assert order[-1] == "typed"


def test_a_portion_that_fails_takes_its_transaction_back_and_no_other(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(connection, at: int) -> int:
        if at == 3:
            raise ValueError("a bad page")
        local.set_meta(connection, f"portion {at}", "done")
        return at + 1

    def kept() -> list[bool]:
        return desk.store.read(lambda c: [local.meta(c, f"portion {n}") is not None for n in range(FEW)])

    monkeypatch.setattr(turns, "LONGEST", LONG)
    with pytest.raises(ValueError, match="a bad page"):
        in_turns(desk.store, failing, FEW)
    assert not any(kept())
    monkeypatch.setattr(turns, "LONGEST", 0.0)  # each portion is a transaction of its own
    with pytest.raises(ValueError, match="a bad page"):
        in_turns(desk.store, failing, FEW)
    assert kept() == [True] * 3 + [False] * 3


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0.0, 5.0)), max_size=30))
def test_portions_stay_within_their_bounds(took: list[tuple[int, float]]) -> None:
    portion = Portion()
    for count, seconds in took:
        portion.took(count, seconds)
        assert LEAST <= portion.size <= MOST


def test_portions_follow_the_speed_of_the_machine() -> None:
    portion = Portion()
    for _ in range(9):
        portion.took(portion.size, portion.size * 50e-6)  # 200 changes are what is aimed at
    assert 190 <= portion.size <= 210
    for _ in range(9):
        portion.took(portion.size, portion.size * 1e-3)
    assert portion.size == LEAST


def test_a_row_that_came_whole_keeps_what_this_version_does_not_know(desk) -> None:
    case_id = desk.open("One")
    text = desk.store.read(lambda c: c.execute("SELECT body FROM cases").fetchone()[0])
    later = text.replace(case_id, desk.new_id()).replace('"ref":"', '"later":{"x":1},"ref":"X')

    def add(connection) -> None:
        batch = Batch(connection, 5)
        entity = READERS.of(Case)(later)
        batch.add(entity, later, entity.id)
        batch.flush()

    desk.store.write(add)
    rows = desk.store.read(lambda c: c.execute("SELECT body, field_rev, updated_at FROM cases ORDER BY n").fetchall())
    assert rows[1] == (later, '{"":0}', 5)
