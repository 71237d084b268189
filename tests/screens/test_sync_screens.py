"""How a person sees sync: the status line, and what is drawn hollow."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from casebench import app_on, do, open_case, press, settle, shown, workbench
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.screens.outbox import OutboxScreen
from escaltui.sync_faces import ALONE, NEVER, OFFLINE, ONLINE, SIGNED_OUT, STALE, TROUBLE, SyncFace
from escaltui.widgets.say import pair, plain
from escaltui.widgets.sync import sentence, status_parts
from escaltui.widgets.timeline import Timeline

from .deskwork import caught_up
from .gallery import faults
from .gallery_sync import Server, stands, walked
from .syncwork import NOW, SIZES, case_named, server, status

__all__ = ["server"]


# --- words


def said(face: SyncFace, *, wide: bool = True, plain_store: bool = False) -> str:
    return "".join(plain(text) for text, _look in status_parts(face, NOW, wide=wide, plain=plain_store))


@pytest.mark.parametrize(
    ("face", "wide", "narrow"),
    [
        (SyncFace(ALONE), "", ""),
        (SyncFace(ONLINE), "online", "online"),
        (SyncFace(ONLINE, waiting=3), "3 waiting", "3 waiting"),
        (SyncFace(ONLINE, parked=1), "1 set aside", "1 set aside"),
        (SyncFace(NEVER, waiting=2), "not synced yet · 2 waiting", "not synced yet"),
        (SyncFace(OFFLINE), "offline", "offline"),
        (SyncFace(SIGNED_OUT, waiting=12, parked=1), "sign in to go on syncing · 12 waiting · 1 set aside",
         "sign in to go on syncing"),
        (SyncFace(STALE, since=NOW - 26 * 3_600_000), "not synced for 26 h: decisions stay drafts",
         "not synced for 26 h"),
        (SyncFace(TROUBLE, said="The certificate has run out."), "The certificate has run out.",
         "The certificate has run out."),
        (SyncFace(OFFLINE, waiting=1204, parked=2), "2 set aside · offline · 1,204 waiting", "2 set aside"),
    ],
)  # fmt: skip
def test_the_words_of_the_status_line(face: SyncFace, wide: str, narrow: str) -> None:
    assert said(face) == wide
    assert said(face, wide=False) == narrow


def test_offline_says_since_when_and_a_plain_store_says_so() -> None:
    face = SyncFace(OFFLINE, "desk.example", 3, since=NOW - 3_600_000)
    assert said(face).startswith("offline since ")
    assert said(face).endswith(" · 3 waiting")
    assert said(face, plain_store=True) == f"{said(face)} │ plain"
    assert said(SyncFace(ALONE), plain_store=True) == ""
    assert plain(sentence(face, NOW)) == f"desk.example · {said(face)}"


def test_what_a_server_says_cannot_reach_the_terminal() -> None:
    face = SyncFace(TROUBLE, "desk\x1b[31m.example", said="a\x1b]0;title\x07 \u202eb" + "long " * 40)
    for text in (said(face), said(face, wide=False), plain(sentence(face, NOW))):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert len(said(face, wide=False)) <= 34


# --- the status line


async def test_a_store_that_is_alone_says_nothing_of_sync(tmp_path: Path) -> None:
    with workbench(tmp_path) as bench:
        open_case(bench)
        asked: list[int] = []
        bench.sync_face = lambda: asked.append(1) or SyncFace(ONLINE)  # type: ignore[method-assign,func-returns-value]
        async with app_on(bench) as pilot:
            pilot.app._tick()  # type: ignore[attr-defined]
            await settle(pilot)
            assert status(pilot).startswith("local")
            assert "plain" not in status(pilot)
            assert not asked


@pytest.mark.parametrize("size", SIZES)
async def test_the_status_line_follows_what_waits(server: Server, size: tuple[int, int]) -> None:
    bench = server.bench
    async with app_on(bench, size) as pilot:
        assert status(pilot).startswith("offline since ")
        assert "│ plain" in status(pilot)
        do(bench, ops.AddNote(case=case_named(bench), body="On a train."))
        await caught_up(pilot)
        assert ("· 1 waiting" in status(pilot)) is (size[0] >= 100)
        stands(bench, ONLINE)
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        assert status(pilot).startswith("1 waiting")
        server.push()
        await caught_up(pilot)
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        assert status(pilot).startswith("online")


async def test_an_encrypted_store_is_not_called_plain(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(server.bench.store), "encrypted", True)
    async with app_on(server.bench) as pilot:
        assert status(pilot).startswith("offline")
        assert "plain" not in status(pilot)


async def test_nothing_is_read_on_the_loop(server: Server) -> None:
    bench, threads = server.bench, set[int]()
    read = bench.sync_face
    bench.sync_face = lambda: (threads.add(threading.get_ident()), read())[1]  # type: ignore[method-assign]
    async with app_on(bench) as pilot:
        pilot.app._tick()  # type: ignore[attr-defined]
        do(bench, ops.AddNote(case=case_named(bench), body="x"))
        await caught_up(pilot)
    assert threads
    assert threading.get_ident() not in threads


async def test_every_place_says_it(server: Server) -> None:
    async with app_on(server.bench) as pilot:
        for keys in (("enter",), ("escape", "p"), ("escape", "escape", "g", "o")):
            await press(pilot, *keys)
            assert status(pilot).startswith("offline since "), keys


async def test_a_place_that_comes_back_says_how_it_is_now(server: Server) -> None:
    async with app_on(server.bench) as pilot:
        await press(pilot, "p", "escape", "escape", "g", "o")
        stands(server.bench, ONLINE)
        pilot.app._tick()  # type: ignore[attr-defined]
        await settle(pilot)
        assert status(pilot).startswith("online")
        await press(pilot, "p")
        assert status(pilot).startswith("online")


async def test_sync_on_the_command_line_says_all_of_it(server: Server) -> None:
    poked: list[int] = []
    server.bench.poke = lambda: poked.append(1)  # type: ignore[method-assign]
    async with app_on(server.bench) as pilot:
        await press(pilot, ":", *"sync", "enter")
        assert "desk.example · offline since " in shown(pilot)
        assert poked
        await press(pilot, ":", *"outbox", "enter")
        assert isinstance(pilot.app.screen, OutboxScreen)


async def test_sync_on_the_command_line_of_a_store_that_is_alone(tmp_path: Path) -> None:
    with workbench(tmp_path) as bench:
        async with app_on(bench) as pilot:
            await press(pilot, ":", *"sync", "enter")
            assert "This desk is alone." in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["fr", "longer"])
async def test_nothing_runs_over(noon_desk: Path, tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async for name, app in walked(noon_desk, tmp_path, language=language, size=size):
        assert faults(app) == [], name


# --- what is drawn hollow


@pytest.mark.parametrize("size", SIZES)
async def test_a_claim_is_hollow_until_the_server_has_it(server: Server, size: tuple[int, int]) -> None:
    bench = server.bench
    case_id = case_named(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, ":", *f"open {bench.line(case_id).ref}", "enter", "a", "a")  # type: ignore[union-attr]
        assert "(yours) not confirmed yet" in shown(pilot)
        assert "claimed (waiting)" in shown_timeline(pilot)
        await press(pilot, "escape")
        assert "(you)" in shown(pilot)
        server.push()
        server.pull()
        await caught_up(pilot)
        assert "(you)" not in shown(pilot)
        assert " you " in shown(pilot)
        await press(pilot, ":", *f"open {bench.line(case_id).ref}", "enter")  # type: ignore[union-attr]
        assert "yours until" in shown(pilot)
        assert "waiting" not in shown_timeline(pilot)


async def test_a_note_that_waits_does_not_make_a_confirmed_claim_hollow(server: Server) -> None:
    bench = server.bench
    case_id = case_named(bench)
    do(bench, ops.Claim(case=case_id))
    server.push()
    server.pull()
    do(bench, ops.AddNote(case=case_id, body="x"))
    line = bench.line(case_id)
    assert line is not None
    assert (line.mine, line.pending, line.claim_waits) == (True, True, False)


def test_a_colleagues_claim_is_never_hollow(server: Server) -> None:
    case_id = case_named(server.bench)
    server.do(ops.Claim(case=case_id))
    server.pull()
    do(server.bench, ops.AddNote(case=case_id, body="x"))
    line = server.bench.line(case_id)
    assert line is not None
    assert (line.mine, line.pending, line.claim_waits) == (False, True, False)


async def test_what_waits_and_what_would_be_refused_is_said_in_the_timeline(server: Server) -> None:
    bench = server.bench
    case_id = case_named(bench)
    do(bench, ops.AddNote(case=case_id, body="They called back."))
    bench.now.now += 60_000  # type: ignore[attr-defined]
    do(bench, ops.EditCase(case=case_id, fields={"title": "Mine"}, base={"title": "Removal order"}))
    face = bench.case(case_id)
    assert face is not None
    assert [(line.waiting, line.misfit) for line in face.timeline[-2:]] == [(True, False), (True, False)]
    server.do(ops.EditCase(case=case_id, fields={"title": "Theirs"}, base={"title": "Removal order"}))
    server.pull()
    face = bench.case(case_id)
    assert face is not None
    assert [(line.waiting, line.misfit) for line in face.timeline[-2:]] == [(True, False), (True, True)]
    async with app_on(bench) as pilot:
        await press(pilot, ":", *f"open {face.line.ref}", "enter", "2")
        told = shown_timeline(pilot)
        assert "(waiting) They called back." in told
        assert "changed title (will not apply as it is)" in told


async def test_what_waits_here_hides_nothing_that_is_new_from_others(server: Server) -> None:
    bench = server.bench
    case_id = case_named(bench)
    async with app_on(bench) as pilot:
        await press(pilot, ":", *f"open {bench.line(case_id).ref}", "enter", "c", *"mine", "ctrl+s")  # type: ignore[union-attr]
        await press(pilot, "escape")
        server.do(ops.AddNote(case=case_id, body="From a colleague."))
        server.pull()
        await caught_up(pilot)
        await press(pilot, ":", *f"open {bench.line(case_id).ref}", "enter")  # type: ignore[union-attr]
        assert "1 new since" in shown(pilot)


def shown_timeline(pilot: Pilot[str]) -> str:
    """The timeline, whole, as text."""
    blocks = pilot.app.screen.query_one(Timeline).blocks
    return "\n".join("".join(plain(pair(part)[0]) for part in block.parts) for block in blocks)
