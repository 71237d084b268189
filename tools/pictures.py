"""Draw the README's pictures of each screen from the demo desk, at a fixed moment, and its key table.

`make pictures` runs it; `--size 80x24 --theme light --language fr --out FOLDER` draws others, to be looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from escaltui import config as settings
from escaltui import i18n
from escaltui.app import EscaltuiApp
from escaltui.workbench import Workbench
from escaltui.workbench.seeding import demo_person, seed

ROOT = Path(__file__).resolve().parent.parent
NOON = int(datetime(2026, 11, 20, 13, 8, tzinfo=UTC).timestamp() * 1000)
SHOTS: dict[str, tuple[str, ...]] = {
    "queue": (),
    "case": ("n",),
    "policy": ("n", "p", *"court order"),
    "section": ("n", "p", *"court order", "enter", "enter"),
    "note": ("n", "c", *"Called the court back through its own directory."),
    "decide": ("n", "d", "2", *"threats", "enter", "s", *"A plan with a place and a time."),
    "work": ("n", "d", "2", *"threats", "enter", "s", *"A plan with a place and a time.", "ctrl+s", "4"),
    "outbox": ("g", "o"),
    "viewer": ("slash", *"pkq82", "enter", "enter", "v", "2"),
    "consult": ("n", "C", "l"),
    "reply": ("n", "r"),
    "triage": ("n", "e", "t"),
    "wait": ("n", "w"),
    "menu": ("n", "e"),
    "new": ("N",),
    "brief": ("n", ":", *"brief", "enter"),
    "actor": ("n", "U"),
    "help": ("?",),
    "filter": ("slash", *"type:press,partner"),
    "command": (":", *"tri"),
}
FONTS = re.compile(r"@font-face\s*{[^}]*}\s*")
"""Addresses of fonts elsewhere: a picture of ours fetches nothing."""
README = ("queue", "case", "policy", "decide", "work", "viewer", "note", "help")


async def draw(bench: Workbench, config: settings.Config, name: str, size: tuple[int, int]) -> str:
    """One screen, reached by its keys, as SVG."""
    app = EscaltuiApp(bench, config)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        for key in SHOTS[name]:
            await pilot.press({" ": "space", ":": "colon", ".": "full_stop", "?": "question_mark"}.get(key, key))
            await settled(app, pilot)
        return app.export_screenshot(title=f"escaltui: {name}")


async def settled(app: EscaltuiApp, pilot: object) -> None:
    """Until no worker runs and nothing waits to be painted."""
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause()  # type: ignore[attr-defined]


def main() -> None:
    """Make a demo desk in a folder of its own and draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="100x30")
    parser.add_argument("--theme", default="dark", choices=("dark", "light", "mono"))
    parser.add_argument("--language", default="en", choices=("en", "fr"))
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--only", nargs="*", default=None)
    options = parser.parse_args()
    os.environ["TZ"] = "UTC"
    columns, rows = (int(part) for part in options.size.split("x"))
    names = options.only or (README if options.out == ROOT / "docs" / "pictures" else tuple(SHOTS))
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = settings.load(Path(folder) / "config")
        config = msgspec.structs.replace(
            config, exists=True, ui=msgspec.structs.replace(config.ui, theme=options.theme, language=options.language)
        )
        i18n.set_language(options.language)
        for name in names:
            store = Path(folder) / name
            making = Workbench.open(store, config=config, clock=lambda: NOON)
            seed(making)
            making.close()
            bench = Workbench.open(store, config=config, acting_as=demo_person(), clock=lambda: NOON)
            svg = asyncio.run(draw(bench, config, name, (columns, rows)))
            (options.out / f"{name}.svg").write_text(FONTS.sub("", svg), "utf-8")
            bench.close()
            sys.stdout.write(f"{name}.svg\n")
    if options.out == ROOT / "docs" / "pictures":
        from readme import README as PAGE
        from readme import written

        PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
