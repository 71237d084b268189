"""The demo desk at a fixed moment, walked by keys: what snapshot and layout tests look at."""

from __future__ import annotations

import asyncio
import gettext
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual._context import visible_screen_stack
from textual.widget import Widget
from textual.widgets import Static

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me, Ui
from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.safety.text import hidden_kinds
from escaltui.screens.queue import QueueScreen
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.key_menu import Choices
from escaltui.widgets.keybar import KeyBar, fitting
from escaltui.widgets.passage import Passage
from escaltui.workbench import Workbench
from escaltui.workbench.seeding import demo_person, seed

from .conftest import settled, text_of

UPDATE = os.environ.get("ESCALTUI_SNAPSHOTS") == "update"
LOOKS = [("dark", "en"), ("mono", "fr"), ("dark", "fr"), ("mono", "en")]
"""Themes and languages that screens are kept in. The first two have each theme and each language once."""
each_look = pytest.mark.parametrize(
    ("theme", "language"), LOOKS if UPDATE or os.environ.get("ESCALTUI_THOROUGH") else LOOKS[:2]
)
NOON = int(datetime(2026, 11, 20, 13, 8, tzinfo=UTC).timestamp() * 1000)
NAMED = {
    " ": "space",
    ":": "colon",
    ".": "full_stop",
    "?": "question_mark",
    "/": "slash",
    "*": "asterisk",
    ";": "semicolon",
}
Stop = tuple[str, tuple[str, ...]]
"""A name, and the keys that lead there from the stop before."""


def seeded(folder: Path) -> Path:
    """Make the demo desk of that moment."""
    config = Config(folder / "config", exists=True)
    bench = Workbench.open(folder / "store", config=config, clock=lambda: NOON)
    seed(bench)
    bench.close()
    return folder / "store"


def opened(store: Path, folder: Path, *, theme: str = "dark", language: str = "en") -> tuple[Workbench, EscaltuiApp]:
    """An app of one's own on a copy of a store."""
    mine = Path(shutil.copytree(store, folder / "store"))
    config = Config(folder / "config", me=Me(demo_person()), ui=Ui(theme=theme, language=language), exists=True)
    bench = Workbench.open(mine, config=config, acting_as=demo_person(), clock=lambda: NOON)
    return bench, EscaltuiApp(bench, config)


async def walk(app: EscaltuiApp, stops: Sequence[Stop], size: tuple[int, int] = (80, 24)) -> AsyncIterator[str]:
    """Press the keys of each stop and give its name when the screen rests."""
    async with app.run_test(size=size) as pilot:
        for name, keys in (("", ()), *stops):
            for key in keys:
                await pilot.press(NAMED.get(key, key))
            await rested(app)
            if name:
                yield name


async def rested(app: EscaltuiApp) -> None:
    """Wait until the screen shows all that it will: the queue counts its views a moment after it lists."""
    await settled(app)
    for _turn in range(1000):
        if app.offered is not None:  # the status line tells it from then on
            break
        await asyncio.sleep(0.01)
    await settled(app)
    if isinstance(app.screen, Sheet):
        app.screen._keep()  # whether its second is over or not: the time of the draft stands in the frame
        await settled(app)
    if isinstance(app.screen, QueueScreen):
        for _turn in range(500):
            if app.screen.counts:
                break
            await asyncio.sleep(0.01)
        await settled(app)
    await painted(app)


async def painted(app: EscaltuiApp) -> None:
    """Wait until nothing is left to lay out: what a screen was told is drawn, and moves others, on its next beat only.

    A grid read before shows new words in the old places, without their scroll bar.
    """
    quiet = 0
    for _turn in range(400):
        quiet = 0 if to_paint(app) else quiet + 1
        if quiet == 3:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the screen is painted again and again")


def to_paint(app: EscaltuiApp) -> bool:
    """Whether the screen that shows, or anything on it, has still to act on a message, be laid out or be drawn."""
    screen = app.screen
    due = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    return bool(due or app.message_queue_size) or any(
        each.message_queue_size or each._layout_required or each._repaint_required
        for each in (screen, *screen.query(Widget))
    )


Row = list[tuple[str, Style]]


def grid(app: EscaltuiApp) -> list[Row]:
    """What is drawn: each row as (text, style) runs, neighbours of one style together."""
    visible_screen_stack.set(app._background_screens)  # what stands behind a sheet is drawn, too
    rows: list[Row] = []
    for line in app.screen._compositor.render_strips(app.size)[: app.size.height]:
        row: Row = []
        for segment in line:
            style = segment.style or Style.null()
            if row and row[-1][1] == style:
                row[-1] = (row[-1][0] + segment.text, style)
            else:
                row.append((segment.text, style))
        rows.append(row)
    return rows


def faults(app: EscaltuiApp) -> list[str]:
    """What runs over on the screen that shows."""
    width = app.size.width
    found = [f"wider than the screen: {row!r}" for row in text_of(app) if cell_len(row) > width]
    for widget in app.screen.query("*"):
        if not widget.display or not widget.size or not widget.region:
            continue
        room = widget.size.width
        if isinstance(widget, KeyBar):
            used = sum(cell_len(f"{key} {label}  ") for key, label in fitting(widget._actions, room, widget.own_keys))
            found += [f"key bar over its row: {used} of {room}"] if used > room else []
        if isinstance(widget, Choices) and widget._cell - 2 > room:
            found.append(f"a choice over its box: {widget._cell} of {room}")
        if isinstance(widget, Passage):
            found += over_the_bar(widget)
        if isinstance(widget, Static) and widget.region.bottom > app.size.height:
            found.append(f"below the screen: {widget.region}")
    return found


def over_the_bar(passage: Passage) -> list[str]:
    """Lines of a passage that reach under its scroll bar."""
    room = passage.content_region.width - 1
    return [
        f"under the scroll bar: {drawn.text[start:end].value!r}"
        for drawn in passage._drawn
        for start, end in drawn.lines
        if drawn.block.indent + cell_len(drawn.text[start:end].value) > room
    ]


def longer(message: str) -> str:
    """A sentence of the pseudo-language: 30 % longer, its fields whole, ending in `~`, so that a cut one is seen."""
    return message + "ö" * (max(1, round(len(message) * 0.3)) - 1) + "~" if message.strip() else message


class Longer(gettext.NullTranslations):
    """Speaks the pseudo-language."""

    def gettext(self, message: str) -> str:
        return longer(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return longer(one if n == 1 else many)


def hard(bench: Workbench) -> None:
    """Cases that are hard to draw, in the given order; each is found by its tag."""
    long = "A title that goes on and on, " * 6 + "with no end"
    rows: tuple[tuple[str, str, str, int], ...] = (
        ("rtl", "أمر رقم 6281: إزالة منشورات عن الاحتجاجات في الميدان", "هذا نص طويل يطلب إزالة المنشورات. " * 8, 1),
        ("cjk", "緊急要請：動画の削除とアカウント情報の開示について至急ご対応ください", "これは長い文章です。" * 30, 2),
        ("long", long[:300], "word " * 80_000, 1),
        ("many", "Order, 60 posts", "Sixty posts.", 60),
        ("none", "A question about our rules", "", 0),
        ("hidden", "\x1b[31mRed\u202e gnp.exe \u200b\u200b", "see \u202eexe.gpj\u202c and \x1b]0;title\x07 here", 1),
        ("merged", "The same order again", "Again.", 1), ("closed", "An old question", "Old.", 1),
        ("waiting", "Waits for the requester's answer", "Which post?", 1),
    )  # fmt: skip
    made = {tag: _open(bench, n, *row) for n, row in enumerate(rows) for tag in [row[0]]}
    steps = (
        ops.Merge(case=made["merged"], into=made["many"]),
        ops.Triage(case=made["waiting"], severity=3, reason="checked"), ops.Wait(case=made["waiting"], on="requester"),
        ops.Triage(case=made["closed"], severity=4, reason="checked"),
        ops.Dismiss(case=made["closed"], reason="out_of_scope"), ops.Close(case=made["closed"], root_cause="none"),
    )  # fmt: skip
    for step in steps:
        outcome = bench.do(step)
        assert not isinstance(outcome, Refused), (step, outcome)


def _open(bench: Workbench, n: int, tag: str, title: str, body: str, items: int) -> str:
    case_id = ids.entity_id(ids.operation_id(NOON, hashlib.sha256(tag.encode()).digest()[:10]), 0)
    report_op = ids.operation_id(NOON, hashlib.sha256(f"{tag} report".encode()).digest()[:10])
    report = ops.ReceiveReport(
        requester_name=title[:40], body=body, channel="email", hidden=dict(hidden_kinds(body + title)),
        received_at=NOON - n * 60_000,
    )  # fmt: skip
    subjects = tuple(
        ops.NewSubject(platform="shop", item_type="post", item_id=f"{tag}{i}", author=title[:20], text=body[:200],
                       url=f"https://example.com/{'path/' * (i % 40)}{tag}{i}") for i in range(items)
    )  # fmt: skip
    opened = ops.OpenCase(
        title=title, case_type="user_escalation", severity=3, tags=(f"hard-{tag}",), subjects=subjects, opens=case_id,
        report=ids.entity_id(report_op, 0), received_at=NOON - n * 60_000,
    )  # fmt: skip
    opening = ids.operation_id(NOON, hashlib.sha256(f"{tag} open".encode()).digest()[:10])
    for op, op_id in ((report, report_op), (opened, opening)):
        outcome = bench.do(op, op_id=op_id)
        assert not isinstance(outcome, Refused), outcome
    return case_id
