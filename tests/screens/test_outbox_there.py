"""In the outbox: a deed that a place takes is shown as it would be done there, and sent once by a yes to that."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from casebench import app_on, press, shown

from escaltui.commands import ozone
from escaltui.commands.output import Output
from escaltui.screens.sheets.agree import AgreeBox
from escaltui.workbench import Workbench, carrying, connecting

from . import there_bench
from .there_bench import Place


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    return there_bench.served(monkeypatch)


@pytest.fixture
def decided(tmp_path: Path, place: Place) -> Iterator[tuple[Workbench, str]]:
    """A workbench on which a removal of an Ozone's post waits, and that post."""
    with there_bench.decided(tmp_path, place) as (bench, (uri,)):
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


async def test_what_is_marked_is_sent_with_one_preview(tmp_path: Path, place: Place) -> None:
    with there_bench.decided(tmp_path, place, 3) as (bench, uris):
        async with app_on(bench, (120, 40)) as pilot:
            await press(pilot, "g", "o", "x", "x", "A")
            assert "Send to ozone" in shown(pilot)
            assert shown(pilot).count("Decided on ") == 2
            await press(pilot, "y")
            assert "2 done there." in shown(pilot)
            assert "By hand 1" in " ".join(shown(pilot).split())
        assert sorted(len(place.of("Takedown", uri)) for uri in uris) == [0, 1, 1]


async def test_of_several_only_what_may_be_sent_is_sent(tmp_path: Path, place: Place) -> None:
    with there_bench.decided(tmp_path, place, 3) as (bench, uris):
        place.does("Takedown", uris[1], "did:plc:colleague")
        async with app_on(bench, (120, 40)) as pilot:
            await press(pilot, "g", "o", "x", "x", "x", "A")
            assert "send 2 of 3" in shown(pilot)
            await press(pilot, "y")
            assert "2 done there." in shown(pilot)
        assert [len(place.of("Takedown", uri)) for uri in uris] == [1, 1, 1]


async def test_the_network_goes_in_between_and_the_rest_stays_planned(tmp_path: Path, place: Place) -> None:
    with there_bench.decided(tmp_path, place, 2) as (bench, uris):
        async with app_on(bench, (120, 40)) as pilot:
            await press(pilot, "g", "o", "x", "x", "A")
            place.faults_of["queryEvents"] = [httpx.ConnectError("gone")]
            await press(pilot, "y")
            assert "2 stay planned." in shown(pilot)
            assert sum(len(place.of("Takedown", uri)) for uri in uris) == 0
            await press(pilot, "home", "x", "x", "A", "y")
        assert [len(place.of("Takedown", uri)) for uri in uris] == [1, 1]


async def test_what_is_done_by_hand_is_marked_apart(decided: tuple[Workbench, str], place: Place) -> None:
    bench, uri = decided
    bench.config = msgspec.structs.replace(bench.config, connectors=())
    (own,) = bench.by_hand()
    assert not carrying.takes(bench, own.platform)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o", "A")
        assert "The platform's own reference" in shown(pilot)
    assert place.of("Takedown", uri) == []


async def test_no_answer_is_seen_on_the_line(decided: tuple[Workbench, str], place: Place) -> None:
    bench, uri = decided
    place.faults_of["emitEvent"] = [httpx.ReadTimeout("cut")]
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o", "A", "y")
        assert "Nobody knows yet." in shown(pilot)
        assert "sent, not answered yet" in shown(pilot)
        await press(pilot, "A", "y")
        assert "Done there." in shown(pilot)
    assert len(place.of("Takedown", uri)) == 1


async def test_what_others_did_is_on_the_line(decided: tuple[Workbench, str], place: Place) -> None:
    bench, uri = decided
    place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    connecting.run(bench, place.connect(), pause=lambda _s: None)
    async with app_on(bench, (120, 40)) as pilot:
        await press(pilot, "g", "o")
        assert "colleague put on labels: spam" in " ".join(shown(pilot).split())


@pytest.mark.parametrize("mode", ["json", "plain"])
def test_the_plain_list_says_the_same(decided: tuple[Workbench, str], place: Place, mode: str) -> None:
    bench, uri = decided
    place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    connecting.run(bench, place.connect(), pause=lambda _s: None)
    told = io.StringIO()
    assert ozone._listed(bench, place.connect(), Namespace(), Output(mode, told)) == 0
    assert "queued" in told.getvalue()
    assert "colleague put on labels: spam" in told.getvalue()
