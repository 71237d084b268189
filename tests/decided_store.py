"""Stores in which cases are decided one after the other, and what must hold of their precedents."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from in_force import decide, put

from escaltui import rules_loader
from escaltui.domain import ids
from escaltui.domain.decisions import Cite, Decision
from escaltui.domain.entities import Case
from escaltui.domain.operations import OpenCase
from escaltui.domain.precedents import Precedent
from escaltui.store import Done, Store, Who, precedents

NOW = 1_790_000_000_000
PRAISE = (Cite("cs/1", "v1", "0" * 64, "Praise"),)
TRADE = (Cite("cs/2", "v1", "2" * 64, "Trade"),)


class Decided:
    """A store in which cases are decided one after the other."""

    def __init__(self, store: Store) -> None:
        self.store, self.n, self.rules = store, 0, rules_loader.load()

    def case(self, **fields: Any) -> str:
        self.n += 1
        case_id = ids.entity_id(f"case {self.n}", 0)
        op = OpenCase(opens=case_id, title=f"Case {self.n}")
        who = Who("ada", frozenset({"specialist", "lead"}), self.store.device)
        assert isinstance(self.store.do(op, who, NOW + self.n, self.rules), Done)
        if fields:
            self.set(case_id, **fields)
        return case_id

    def set(self, case_id: str, **fields: Any) -> None:
        case = self.store.case(case_id)
        assert isinstance(case, Case)
        put(self.store, msgspec.structs.replace(case, **fields))

    def decision(self, facts: str = "The post praises an attack.", **more: Any) -> Decision:
        case_id = self.case()
        fields: dict[str, Any] = {"cites": PRAISE, "rationale": "", "effective_at": NOW + self.n} | more
        return decide(self.store, case_id, facts=facts, **fields)

    def find(self, *sections: str, text: str = "", but: str = "") -> list[Precedent]:
        found = self.store.read(lambda connection: precedents.find(connection, sections, text, but=but))
        return sorted(found, key=lambda each: (-each.score, -each.at, each.line))

    def found(self, *sections: str, text: str = "", but: str = "") -> list[str]:
        return [each.decision for each in self.find(*sections, text=text, but=but)]

    def words(self) -> dict[str, int]:
        return dict(
            self.store.read(
                lambda c: c.execute("SELECT word, decisions FROM precedent_word WHERE word != ''").fetchall()
            )
        )


@contextmanager
def a_store() -> Iterator[Decided]:
    """A store that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store")
        try:
            yield Decided(store)
        finally:
            store.close()


def in_force_alone(state: Any = "superseded") -> None:
    """A decision that is not in force is no precedent, and its words do not count."""
    with a_store() as desk:
        made, stays = desk.decision(), desk.decision()
        put(desk.store, msgspec.structs.replace(made, state=state))
        assert desk.found("cs/1", text="attack") == [stays.id]
        assert desk.words()["attack"] == 1
        put(desk.store, made)
        assert set(desk.found("cs/1")) == {made.id, stays.id}


def reversed_is_out() -> None:
    """A decision that another one reverses is no precedent while that stands."""
    with a_store() as desk:
        made = desk.decision()
        appeal = desk.decision("Looked at again.", reverses=made.id)
        assert desk.found("cs/1") == [appeal.id]
        put(desk.store, msgspec.structs.replace(appeal, state="withdrawn"))
        assert desk.found("cs/1") == [made.id]


def restricted_is_nowhere(sensitivity: Any = "restricted") -> None:
    """A case that not all may see is in no list, and its words change no score."""
    with a_store() as desk:
        plain = [desk.decision("A poster praises a bombing."), desk.decision("A song praises soup.")]
        before = [(each.decision, each.score) for each in desk.find("cs/1", text="a poster of soup")]
        hidden = desk.case(sensitivity=sensitivity)
        decide(desk.store, hidden, cites=PRAISE, facts="The poster of the secret soup.")
        later = desk.decision("A secret poster.")
        desk.set(later.case, sensitivity=sensitivity)
        assert [(each.decision, each.score) for each in desk.find("cs/1", text="a poster of soup")] == before
        assert "secret" not in desk.words()
        assert desk.found(text="secret") == []
        desk.set(later.case, sensitivity="normal")
        assert set(desk.found("cs/1")) == {later.id, *(each.id for each in plain)}
