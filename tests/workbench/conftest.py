"""A desk with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from escaltui.config import Config, Me
from escaltui.domain import ids
from escaltui.domain.operations import AddPerson, NewSubject, OpenCase
from escaltui.store import Done
from escaltui.store import folder as store_folder
from escaltui.workbench import Workbench

NOW = 1_790_000_000_000


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)


class Hands:
    """Opens the same store again and again, at `now`; `bench` is the first one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.opened = folder, NOW, [Workbench]
        self.opened = []
        self.bench = self.open()

    def open(self, acting_as: str = "", languages: tuple[str, ...] = ()) -> Workbench:
        config = Config(self.folder / "settings", me=Me(name="Ada", languages=languages))
        bench = Workbench.open(self.folder / "store", config=config, acting_as=acting_as, clock=lambda: self.now)
        self.opened.append(bench)
        return bench

    def case(self, title: str = "A case", bench: Workbench | None = None, **more: Any) -> str:
        """A new case; a moment later than the one before."""
        self.now += 1000
        bench = bench or self.bench
        op_id = bench.operation_id()
        self.done(OpenCase(title=title, opens=ids.entity_id(op_id, 0), **more), bench, op_id)
        return ids.entity_id(op_id, 0)

    def done(self, op: Any, bench: Workbench | None = None, op_id: str = "") -> Done:
        self.now += 1000
        outcome = (bench or self.bench).do(op, op_id=op_id)
        assert isinstance(outcome, Done), outcome
        return outcome

    def colleague(self, login: str, **more: Any) -> Workbench:
        self.done(AddPerson(login=login, **more))
        return self.open(login)

    @staticmethod
    def item(number: int) -> NewSubject:
        return NewSubject(platform="web", item_id=f"p{number}", url=f"https://a.example/{number}")


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Hands]:
    made = Hands(tmp_path)
    yield made
    for bench in made.opened:
        bench.close()


@pytest.fixture
def open_demo(tmp_path: Path) -> Iterator[Callable[..., Workbench]]:
    """Demo desks, each in a folder of its own, at one moment."""
    from escaltui.workbench import seeding

    opened: list[Workbench] = []

    def make(name: str = "demo", **how: Any) -> Workbench:
        opened.append(seeding.open_demo(tmp_path / name, Config(tmp_path), clock=lambda: NOW, **how))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()
