"""The incident page and its sheets as they are drawn."""

from __future__ import annotations

from pathlib import Path

from . import gallery_crisis
from .gallery import each_look, opened, walk
from .test_snapshots import DIFFERENT, differs


@each_look
async def test_screens_of_incidents_are_as_they_were(
    theme: str, language: str, noon_desk: Path, tmp_path: Path
) -> None:
    bench, app = opened(noon_desk, tmp_path, theme=theme, language=language)
    walked = walk(app, gallery_crisis.STOPS)
    wrong = [found async for name in walked for found in differs(app, f"{name}-{theme}-{language}", tmp_path)]
    bench.close()
    assert not wrong, DIFFERENT + "\n".join(wrong)
