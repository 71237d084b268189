"""Pictures of the screens of the week, by the program's own means: at both sizes, dark and light, English and French.

`python tests/show/week_pictures.py FOLDER [--only NAME ...]` draws them as SVG and text, to be looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from first_light import Show, need  # noqa: E402
from screens import gallery  # noqa: E402
from screens.gallery import Stop  # noqa: E402

from escaltui import i18n  # noqa: E402

WALKS: tuple[tuple[Stop, ...], ...] = (
    (("changes", ("p", "tab", "D")), ("comparison", ("enter",)), ("comparison-words", ("enter",))),
    (("incident", ("g", "i")), ("incident-board", ("tab",)), ("incident-update", ("S",))),
    (("shift", ("g", "s")), ("shift-end", ("end",))),
    (("handover", ("g", "s", "home", *["tab"] * 5)), ("handover-sheet", ("e",)),
     ("handover-receiver", ("escape", "@"))),
    (("insight", ("g", "t")), ("insight-why", ("=",)), ("recommendation", ("escape", "N"))),
    (("recommendations", ("g", "r")),),
)  # fmt: skip
"""Names of pictures with the keys that lead there; each walk begins at the queue."""
SIZES, THEMES, LANGUAGES = ((80, 24), (120, 36)), ("dark", "light"), ("en", "fr")
FONTS = re.compile(r"@font-face\s*{[^}]*}\s*")
"""Addresses of fonts elsewhere: a picture of ours fetches nothing."""


def pictures(show: Show) -> Iterator[str]:
    """Comparison, incident, start of shift, handover, trends, recommendation: 80x24, 120x36, dark, light, en, fr."""
    folder = Path(tempfile.gettempdir()) / "escaltui-week-pictures"
    sizes = SIZES[:1] if show.quick else SIZES
    drawn = list(draw(folder, sizes))
    texts = {name: (folder / f"{name}.txt").read_text("utf-8") for name in drawn}
    for name, text in texts.items():
        need(len(text.split()) > 20, f"{name} shows next to nothing")
        need("Traceback" not in text, f"{name} shows a stack trace")
    stems = {name.rsplit("-", 3)[0] for name in drawn}
    for stem, size in product(stems, sizes):
        english, french = (texts[f"{stem}-{size[0]}x{size[1]}-dark-{each}"] for each in LANGUAGES)
        need(english != french, f"{stem} is the same in English and French")
    yield f"{len(drawn)} pictures of {len(stems)} screens in {folder}"


def draw(folder: Path, sizes: Sequence[tuple[int, int]] = SIZES, only: Sequence[str] = ()) -> Iterator[str]:
    """Draw them as NAME-SIZE-THEME-LANGUAGE.svg and .txt into a folder; gives each name."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as name:
        store = gallery.seeded(Path(name))
        for n, (size, theme, language, walk) in enumerate(product(sizes, THEMES, LANGUAGES, WALKS)):
            stops = [stop for stop in walk if not only or stop[0] in only or walk.index(stop) == 0]
            if only and not {stop[0] for stop in walk} & set(only):
                continue
            i18n.set_language(language)
            mine = Path(name) / f"copy-{n}"
            mine.mkdir()
            tail = f"{size[0]}x{size[1]}-{theme}-{language}"
            yield from asyncio.run(_walked(store, mine, folder, stops, size, theme, language, tail))
    i18n.set_language("en")


async def _walked(
    store: Path, mine: Path, folder: Path, stops: Sequence[Stop], size: tuple[int, int], theme: str, language: str,
    tail: str,
) -> list[str]:  # fmt: skip
    bench, app = gallery.opened(store, mine, theme=theme, language=language)
    names = []
    try:
        async for stop in gallery.walk(app, stops, size):
            names.append(f"{stop}-{tail}")
            svg = FONTS.sub("", app.export_screenshot(title=f"escaltui: {stop}"))
            svg = svg.replace("<text ", '<text xml:space="preserve" ')  # else blanks at the ends of runs are lost
            (folder / f"{names[-1]}.svg").write_text(svg, "utf-8")
            rows = ["".join(text for text, _style in row).rstrip() for row in gallery.grid(app)]
            (folder / f"{names[-1]}.txt").write_text("\n".join(rows) + "\n", "utf-8")
    finally:
        bench.close()
    return names


def main() -> None:
    """Draw them into a folder."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--only", nargs="*", default=())
    options = ask.parse_args()
    for name in draw(options.folder, only=options.only):
        print(name, flush=True)


if __name__ == "__main__":
    main()
