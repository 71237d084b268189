"""Look-up settled by meaning on the screen: at once by words, then by meaning, and no row moves under the cursor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_model
from casebench import app_on, burst, press, settle, shown, workbench

from escaltui.faces import Hit
from escaltui.policy.model_files import ModelError
from escaltui.safety.text import own
from escaltui.screens.policy import PolicyScreen
from escaltui.store.errors import Interrupted
from escaltui.widgets.hits import Hits, why_words
from escaltui.workbench import Workbench
from escaltui.workbench.meaning_build import build

POLICY = """# Animals

## Trade {#trade}

Reptile and wildlife are not sold here.

## Orders {#orders}

A court order is kept; a forged tortoise is no order.
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as found:
        (tmp_path / "texts" / "Animals").mkdir(parents=True)
        (tmp_path / "texts" / "Animals" / "2024-01-10.md").write_text(POLICY)
        found.import_policies(tmp_path / "texts")
        found.meaning.use(tiny_model.make(tmp_path / "model"))
        assert build(found).whole
        yield found


def hits_of(pilot: Any) -> Hits:
    return pilot.app.screen.query_one(Hits)  # type: ignore[no-any-return]


async def test_each_hit_says_why_it_is_there(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"tribunal")
        assert hits_of(pilot).hits[0].section == "orders"
        assert "meaning" in shown(pilot)
        await press(pilot, "enter")
        assert "A court order is kept" in shown(pilot)


async def test_a_pick_before_anything_is_seen_waits_for_the_settled_list(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p")
        await burst(pilot, *"alligator", "enter")
        screen = pilot.app.screen
        assert isinstance(screen, PolicyScreen)
        assert screen.section is not None
        assert screen.section.section == "trade"


class Slow:
    """Meaning's answer waits until it is let go."""

    def __init__(self, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.search = threading.Event(), bench.policy_search
        monkeypatch.setattr(bench, "policy_search", self)

    def __call__(self, typed: str, *, settle: bool = False, **options: Any) -> list[Hit]:
        while settle and not self.go.wait(0.01):
            if options["stopped"]():
                raise Interrupted("An older question.")
        return self.search(typed, settle=settle, **options)


async def until(pilot: Any, true: Any) -> None:
    for _try in range(500):
        if true():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


async def test_words_answer_at_once_and_no_row_moves_under_the_cursor(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p")
        slow = Slow(bench, monkeypatch)
        await pilot.press(*"reptile order")
        await until(pilot, lambda: len(hits_of(pilot).hits) == 2)
        hits = hits_of(pilot)
        assert hits.unsettled, "no row has the cursor yet"
        await pilot.press("down")
        await until(pilot, lambda: hits.at == 1)
        before = hits.hits[1]
        slow.go.set()
        await settle(pilot)
        assert hits.reasons
        assert (hits.at, hits.hits[1]) == (1, before)


async def test_a_stale_answer_never_replaces_a_newer_one(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court")
        screen, hits = pilot.app.screen, hits_of(pilot)
        assert isinstance(screen, PolicyScreen)
        now = hits.hits
        stale = [Hit("d", "old", own("Old"), own(""), "1", own(""), 1.0, "meaning")]
        screen._settled(screen._asked - 1, stale)
        screen._not_settled(screen._asked - 1, "An older fault.")
        assert hits.hits == now
        assert "An older fault" not in shown(pilot)


async def test_what_is_in_the_way_is_said_once_and_words_go_on(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: Any, **_named: Any) -> None:
        raise ModelError("The model is gone.")

    monkeypatch.setattr(bench.meaning, "near", gone)
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court")
        assert "The model is gone." in shown(pilot)
        assert [hit.section for hit in hits_of(pilot).hits] == ["orders"]
        assert not hits_of(pilot).unsettled
        await press(pilot, "enter")
        assert "A court order is kept" in shown(pilot)
        await press(pilot, "/", *" order")
        assert "The model is gone." not in shown(pilot), "somebody who went on knows it"


def test_reasons_are_said_in_words() -> None:
    assert why_words("meaning, text, 3 cases") == "meaning, text, 3 like cases"
    assert why_words("1 cases") == "1 like case"
    assert why_words("synonyms") == "synonyms"
