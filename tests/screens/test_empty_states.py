"""Where nothing is shown, the screen says what is true and which key goes on."""

from __future__ import annotations

from pathlib import Path

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me
from escaltui.workbench import Workbench

from .conftest import text_of
from .gallery import NOON, hard, opened, walk


def shown(app: EscaltuiApp) -> str:
    return " ".join(" ".join(text_of(app)).split())


async def test_an_empty_desk_says_how_to_begin(tmp_path: Path) -> None:
    config = Config(tmp_path / "config", me=Me("rmarin"), exists=True)
    bench = Workbench.open(tmp_path / "store", config=config, clock=lambda: NOON)
    app = EscaltuiApp(bench, config)
    said = {
        "queue": "No cases yet. N writes one; escaltui import PATH takes some in.",
        "view": "Nothing in Press. 0 shows all 0.",
        "next": "Nothing in Press is free for you. 0 shows all.",
        "policies": "No policies yet. escaltui policy import PATH takes some in.",
        "messages": "Nothing in Press is free for you.",
    }
    stops = (
        ("queue", ()),
        ("view", ("4",)),
        ("next", ("n",)),
        ("policies", ("p",)),
        ("messages", ("escape", "g", "n")),
    )
    async for name in walk(app, stops):
        assert said[name] in shown(app), name
    bench.close()


async def test_lists_that_find_nothing_say_why(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    said = {
        "filter": "Nothing in All open fits this filter. esc clears it.",
        "bad filter": "The filter cannot be read yet; below is why. esc clears it.",
        "search": "Nothing found. Fewer or other words, or browse below with tab.",
    }
    stops = (
        ("filter", tuple("/zzz")), ("bad filter", ("escape", *"/foo:bar")), ("search", ("escape", "p", *"zzqqzz")),
    )  # fmt: skip
    async for name in walk(app, stops):
        assert said[name] in shown(app), name
    bench.close()


async def test_cases_with_little_say_so(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    hard(bench)
    said = {
        "no text": "It came without a text.", "nobody knows it": "No case E-00000.",
        "news": "Nothing changed since you last looked.", "one item": "A case needs two items or more to be split.",
        "unnamed": "Name a case.", "unknown": "No case zork.", "empty note": "An empty note says nothing.",
    }  # fmt: skip
    stops = (
        ("no text", (*":open E-PTVY1", "enter")), ("nobody knows it", (*":open E-00000", "enter")),
        ("news", (*":open E-DPAXQ", "enter", "D")), ("one item", ("e", "s")),
        ("unnamed", ("escape", "e", "m", "enter")),
        ("unknown", (*"zork", "enter")), ("empty note", ("escape", "c", "ctrl+s")),
    )  # fmt: skip
    async for name in walk(app, stops):
        assert said[name] in shown(app), (name, text_of(app))
    bench.close()


async def test_a_wide_policy_screen_says_what_its_empty_half_is_for(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    async for _name in walk(app, [("policy", ("p",))], (120, 36)):
        assert "enter opens a section; it is read here." in shown(app)
    bench.close()
