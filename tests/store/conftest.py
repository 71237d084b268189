"""A store on real files with a few hands to work it."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from escaltui import rules_loader
from escaltui.domain import ids
from escaltui.domain.operations import AddNote, NewSubject, OpenCase, Operation, ReceiveReport
from escaltui.domain.ruleset import RuleSet
from escaltui.store import Done, Store, Who, folder

NOW = 1_790_000_000_000


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return rules_loader.load()


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "RESERVE_SMALLEST", 64 << 10)


class Desk:
    """A store and somebody who works in it. Each step is one second later."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules, self.now = store, rules, NOW
        self.who = Who("ada", frozenset({"specialist", "lead", "admin"}), store.device, "on her own machine")
        self._ids = itertools.count(1)

    def new_id(self) -> str:
        entropy = hashlib.sha256(str(next(self._ids)).encode()).digest()[:10]
        return ids.operation_id(self.now, entropy)

    def ask(self, op: Operation, op_id: str = "") -> Any:
        self.now += 1000
        return self.store.do(op, self.who, self.now, self.rules, op_id=op_id)

    def do(self, op: Operation, op_id: str = "") -> Done:
        done = self.ask(op, op_id)
        assert isinstance(done, Done), done
        return done

    def report(self, body: str = "Please look at this.", **more: Any) -> str:
        done = self.do(ReceiveReport(body=body, **more))
        return next(change.entity_id for change in done.changes if change.entity == "report")

    def open(self, title: str = "A case", **more: Any) -> str:
        case_id = self.new_id()
        self.do(OpenCase(opens=case_id, title=title, **more))
        return case_id

    def note(self, case_id: str, body: str, op_id: str = "") -> str:
        return self.do(AddNote(case=case_id, body=body), op_id).changes[0].entity_id

    def subject(self, number: int, author: str = "") -> NewSubject:
        return NewSubject(
            platform="web",
            item_type="post",
            item_id=f"p{number}",
            author=author,
        )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with_store = Store.open(tmp_path / "store")
    yield with_store
    with_store.close()


@pytest.fixture(scope="session")
def desk_of(rules: RuleSet) -> Any:
    """Somebody who works in a given store."""
    return lambda store: Desk(store, rules)


@pytest.fixture
def desk(store: Store, rules: RuleSet) -> Desk:
    return Desk(store, rules)


@pytest.fixture
def desk_in(rules: RuleSet) -> Iterator[Any]:
    """Open a desk in a folder, as often as a test wants; all are closed at the end."""
    opened: list[Store] = []

    def make(path: Path) -> Desk:
        opened.append(Store.open(path))
        return Desk(opened[-1], rules)

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def as_nobody_after(tmp_path: Path) -> Any:
    """A block in which even root has no special rights, so that a chmod bites."""

    @contextmanager
    def block() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        for parent in (tmp_path, *tmp_path.parents):
            if parent.name.startswith(("pytest-", "popen-", "test_")) or parent == tmp_path:
                parent.chmod(0o755)
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return block
