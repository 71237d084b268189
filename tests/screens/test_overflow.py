"""Nothing runs over: each screen, menu and sheet at 80x24, in French and a language 30 % longer than English.

The snapshots' walk looks at the main screens in English and French with the same eyes (`faults`).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from escaltui import i18n
from escaltui.app import EscaltuiApp
from escaltui.widgets.passage import Passage

from . import gallery_media, gallery_work
from .conftest import text_of
from .gallery import Longer, Stop, faults, hard, opened, over_the_bar, walk

HARD = ("E-C7814", "E-C3TWH", "E-K5Z6C", "E-5YSAY", "E-DPAXQ")


def sheets() -> list[Stop]:
    """Every screen, menu and sheet of the demo desk's first case."""
    letters = [("e" + letter, ("escape", "e", letter)) for letter in "tigfdcmsxbr"]
    return [
        ("queue", ()), ("marked", ("x", "x")), ("set", (";",)), ("set menu", ("e",)),
        ("filter", ("escape", "escape", "escape", *"/zzz")), ("bad filter", ("escape", *"/foo:bar")),
        ("case", ("escape", "n")), ("timeline", ("2",)), ("facts", ("3",)), ("change", ("e",)), *letters,
        ("note", ("escape", "c")), ("wait", ("escape", "w")), ("assign", ("escape", "a")), ("skip", ("escape", "s")),
        ("link", ("escape", "L")), ("copy", ("escape", "y")), ("go", ("escape", "g")), ("why", ("escape", "=")),
        ("raw", ("escape", "i")), ("actor", ("escape", "U")), ("brief", ("escape", *":brief", "enter")),
        ("help", ("escape", "?")), ("help, end", ("end",)), ("command", ("escape", ":")),
        ("messages", ("escape", "g", "n")),
        ("policy", ("escape", "p", *"court order")), ("section", ("enter",)), ("changed", ("D",)),
        ("new", ("escape", "escape", "escape", "escape", "N")),
    ]  # fmt: skip


def uncut(app: EscaltuiApp) -> list[str]:
    """Rows with words of the pseudo-language that end before their `~` and without an ellipsis."""
    return [row for row in text_of(app) if re.search("ö(?![ö~…])", row)]


@pytest.fixture(params=["fr", "longer"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_nothing_runs_over_in_the_viewer(language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, language="en" if language == "longer" else language)
    if language == "longer":
        i18n.speak(Longer(), "longer")
    wrong: dict[str, list[str]] = {}
    async for name in walk(app, gallery_media.STOPS):
        if found := [*faults(app), *(uncut(app) if language == "longer" else ())]:
            wrong[name] = found
    bench.close()
    assert not wrong


async def test_nothing_runs_over(language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, language="en" if language == "longer" else language)
    if language == "longer":
        i18n.speak(Longer(), "longer")
    wrong: dict[str, list[str]] = {}
    async for name in walk(app, sheets()):
        if found := [*faults(app), *(uncut(app) if language == "longer" else ())]:
            wrong[name] = found
        if name == "queue":
            assert title_column(app) >= 20
    bench.close()
    assert wrong == {}


async def test_nothing_of_deciding_runs_over(language: str, noon_desk: Path, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}
    async for name, app in gallery_work.both(noon_desk, tmp_path, language=language):
        if found := [*faults(app), *(uncut(app) if language == "longer" else ())]:
            wrong[name] = found
    assert wrong == {}


def title_column(app: EscaltuiApp) -> int:
    """The cells that the titles of the list have."""
    heads = text_of(app)[2]
    word = i18n._("TITLE")
    assert word[:5] in heads, heads
    return app.size.width - cell_len(heads[: heads.index(word[:5])])


@pytest.mark.parametrize("language", ["en", "longer"])
async def test_the_reference_is_never_cut(language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    if language == "longer":
        i18n.speak(Longer(), "longer")
    async for _name in walk(app, [("case", ("n",))], (60, 17)):
        assert "E-H1ZAP" in text_of(app)[0]
    bench.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_hard_cases_run_over_nothing(size: tuple[int, int], noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    hard(bench)
    stops = [(f"{ref} {pane}", keys) for ref in HARD for pane, keys in (
        ("case", ("escape", *f":open {ref}", "enter", "1")), ("facts", ("3",)), ("raw", ("i",)),
    )]  # fmt: skip
    wrong: dict[str, list[str]] = {}
    async for name in walk(app, stops, size):
        assert name.split()[0] in text_of(app)[0] + text_of(app)[3] or name.endswith("raw")
        if found := faults(app):
            wrong[name] = found
    bench.close()
    assert wrong == {}


async def test_a_cut_label_is_seen(noon_desk: Path, tmp_path: Path) -> None:
    """The check itself: a passage drawn as if it had the bar's column is found."""
    bench, app = opened(noon_desk, tmp_path)
    async for _name in walk(app, [("case", ("n",))]):
        passage = app.screen.query_one("#case", Passage)
        assert not over_the_bar(passage)
        passage.room = lambda width: width + 20  # type: ignore[method-assign]
        passage.show(passage.blocks)
        assert over_the_bar(passage)
    bench.close()
