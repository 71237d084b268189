"""The shift page as it is drawn, narrow and wide."""

from __future__ import annotations

from pathlib import Path

from . import gallery_shift
from .gallery import each_look, opened, walk
from .test_snapshots import DIFFERENT, differs


@each_look
async def test_the_shift_page_is_as_it_was(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    wrong = []
    for name, stops, size in (("narrow", gallery_shift.STOPS, (80, 24)), ("wide", gallery_shift.WIDE, (120, 36))):
        bench, app = opened(noon_desk, tmp_path / name, theme=theme, language=language)
        async for stop in walk(app, stops, size):
            wrong += differs(app, f"{stop}-{theme}-{language}", tmp_path)
        bench.close()
    assert not wrong, DIFFERENT + "\n".join(wrong)
