"""In the outbox: a deed that a place takes is shown as it would be done there, and sent once by a yes to that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from casebench import app_on, do, import_policies, press, shown, workbench

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from ozone_place import LABELER, Place

from escaltui.config_connectors import ConnectorRow
from escaltui.domain import operations as ops
from escaltui.domain.decisions import Cite, Line, LineAction
from escaltui.screens.sheets.agree import AgreeBox
from escaltui.store import items
from escaltui.workbench import Workbench, carrying, connecting

OPTIONS: dict[str, Any] = {"service": "http://127.0.0.1:1", "labeler": LABELER, "handle": "mod.test"}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    found = Place()
    monkeypatch.setattr(carrying, "_made", lambda _bench, _name: found.connect())
    return found


@pytest.fixture
def decided(tmp_path: Path, place: Place) -> Iterator[tuple[Workbench, str]]:
    """A workbench on which a removal of an Ozone's post waits, and that post."""
    with workbench(tmp_path) as bench:
        bench.config = msgspec.structs.replace(bench.config, connectors=(ConnectorRow("ozone", "ozone", OPTIONS),))
        import_policies(bench, tmp_path / "policies")
        (uri,) = place.add(1)
        connecting.run(bench, place.connect(), pause=lambda _s: None)
        (case,) = bench.store.read(lambda connection: items.cases_on(connection, "ozone", uri))
        text = bench.policy_text("court")
        cites = (Cite("court", text.version, text.text_sha256),)
        line = Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=cites,
                    actions=(LineAction("remove"),))  # fmt: skip
        do(bench, ops.Claim(case=case))
        do(bench, ops.ProposeDecision(case=case, lines=(line,), rationale="It breaks the rule."))
        bench.now.now += 31_000  # type: ignore[attr-defined]
        bench.tick()
        yield bench, uri


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_is_shown_and_sent_by_a_yes(
    decided: tuple[Workbench, str], place: Place, size: tuple[int, int]
) -> None:
    bench, uri = decided
    async with app_on(bench, size) as pilot:
        await press(pilot, "g", "o", "A")
        assert isinstance(pilot.app.screen, AgreeBox)
        assert "takedown" in shown(pilot)
        assert "Review state: open." in shown(pilot)
        assert place.of("Takedown", uri) == [], "to look is not to send"
        await press(pilot, "escape")
        assert place.of("Takedown", uri) == []
        await press(pilot, "A", "y")
        assert "Done there." in shown(pilot)
    assert len(place.of("Takedown", uri)) == 1
    assert carrying.waiting(bench, "ozone") == ()


async def test_somebody_acts_between_the_preview_and_the_yes(decided: tuple[Workbench, str], place: Place) -> None:
    bench, uri = decided
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o", "A")
        place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
        await press(pilot, "y")
        assert "Not done there. Somebody else acted on it" in shown(pilot)
        assert place.of("Takedown", uri) == []
        await press(pilot, "A")
        assert "colleague put on labels: spam" in shown(pilot)
        await press(pilot, "y")
    assert len(place.of("Takedown", uri)) == 1


async def test_what_stands_already_cannot_be_sent(decided: tuple[Workbench, str], place: Place) -> None:
    bench, uri = decided
    place.does("Takedown", uri, "did:plc:colleague")
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o", "A")
        assert "It is taken down already." in shown(pilot)
        await press(pilot, "y")
    assert len(place.of("Takedown", uri)) == 1


async def test_offline_it_says_so_and_waits(decided: tuple[Workbench, str], place: Place) -> None:
    bench, _uri = decided
    place.faults = [httpx.ConnectError("nobody")]
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o", "A")
        assert "cannot be reached" in shown(pilot)
    assert len(carrying.waiting(bench, "ozone")) == 1
