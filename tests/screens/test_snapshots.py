"""Main screens as they are drawn: a grid of text, and under it the style of every run, so that both can be read.

Every second look of theme and language in `make test`, all with ESCALTUI_THOROUGH=1.

`ESCALTUI_SNAPSHOTS=update pytest tests/screens/test_snapshots.py` writes the files anew: look before you keep them.
"""

from __future__ import annotations

from pathlib import Path

from escaltui.app import EscaltuiApp

from . import gallery_crisis, gallery_media, gallery_policy, gallery_shift, gallery_sync, gallery_work
from .gallery import UPDATE, Row, each_look, faults, grid, opened, walk

FOLDER = Path(__file__).parent.parent / "snapshots"
SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
STOPS = (
    ("queue", ()), ("filter", (*"/zzz",)), ("menu", ("escape", "e")), ("case", ("escape", "n")), ("facts", ("3",)),
    ("triage", ("e", "t")), ("note", ("escape", "c")), ("merge", ("escape", "e", "m", *"E-9BGXB")),
    ("brief", ("escape", *":brief", "enter")), ("policy", ("escape", "p", *"court order")), ("section", ("enter",)),
    ("help", ("?",)), ("command", ("?", *":tri")),
)  # fmt: skip


def drawn(rows: list[Row]) -> str:
    """The grid, then for each row the letters of its styles with the cells they hold, then what each letter means."""
    legend: dict[str, str] = {}
    text, styles = [], []
    for row in rows:
        text.append("".join(run for run, _style in row).rstrip())
        runs = [(len(run), legend.setdefault(str(style), SIGNS[len(legend) % len(SIGNS)])) for run, style in row if run]
        styles.append(" ".join(f"{sign}{cells}" for cells, sign in runs))
    meanings = [f"{sign} {style}" for style, sign in legend.items()]
    return "\n".join([*text, "", "-- styles", *styles, "", "-- legend", *meanings, ""])


@each_look
async def test_screens_are_as_they_were(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, theme=theme, language=language)
    wrong = [found async for name in walk(app, STOPS) for found in differs(app, f"{name}-{theme}-{language}", tmp_path)]
    bench.close()
    assert not wrong, DIFFERENT + "\n".join(wrong)


@each_look
async def test_screens_of_deciding_are_as_they_were(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    walked = gallery_work.both(noon_desk, tmp_path, theme=theme, language=language, kept=True)
    wrong = [
        found async for name, app in walked for found in differs(app, f"{name}-{theme}-{language}", tmp_path)
    ]  # fmt: skip
    assert not wrong, DIFFERENT + "\n".join(wrong)


@each_look
async def test_the_viewer_is_as_it_was(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, theme=theme, language=language)
    walked = walk(app, gallery_media.STOPS)
    wrong = [found async for name in walked for found in differs(app, f"{name}-{theme}-{language}", tmp_path)]
    bench.close()
    assert not wrong, DIFFERENT + "\n".join(wrong)


@each_look
async def test_what_sync_shows_is_as_it_was(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    walked = gallery_sync.walked(noon_desk, tmp_path, theme=theme, language=language)
    wrong = [found async for name, app in walked for found in differs(app, f"{name}-{theme}-{language}", tmp_path)]
    assert not wrong, DIFFERENT + "\n".join(wrong)


DIFFERENT = "drawn differently; look, then ESCALTUI_SNAPSHOTS=update keeps it:\n"


def differs(app: EscaltuiApp, name: str, folder: Path) -> list[str]:
    """How to see where the screen is not as its snapshot; nothing where it is. Updating writes the snapshot."""
    assert faults(app) == [], name
    kept, now = FOLDER / f"{name}.txt", drawn(grid(app))
    if UPDATE:
        FOLDER.mkdir(exist_ok=True)
        kept.write_text(now, "utf-8")
    elif not kept.exists() or kept.read_text("utf-8") != now:
        (folder / kept.name).write_text(now, "utf-8")
        return [f"diff {kept} {folder / kept.name}"]
    return []


def test_mono_tells_all_without_colour() -> None:
    for kept in FOLDER.glob("*-mono-*.txt"):
        legend = kept.read_text("utf-8").partition("-- legend\n")[2]
        assert "#" not in legend, kept.name


def test_every_snapshot_belongs_to_a_stop() -> None:
    galleries = (gallery_crisis, gallery_policy, gallery_media, gallery_sync)
    walked = (*STOPS, *(stop for each in galleries for stop in each.STOPS), *gallery_shift.STOPS, *gallery_shift.WIDE)
    names = {name for name, _keys in walked}
    names |= gallery_work.KEPT
    wanted = {f"{name}-{t}-{lang}.txt" for name in names for t in ("dark", "mono") for lang in ("en", "fr")}
    assert {kept.name for kept in FOLDER.glob("*.txt")} == wanted
