"""What changed in the policies, as it is drawn; and in larger windows that nothing is cut or overlaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import gallery_policy
from .gallery import each_look, faults, opened, walk
from .test_snapshots import DIFFERENT, differs


@each_look
async def test_what_changed_is_as_it_was(theme: str, language: str, noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, theme=theme, language=language)
    walked = walk(app, gallery_policy.STOPS)
    wrong = [found async for name in walked for found in differs(app, f"{name}-{theme}-{language}", tmp_path)]
    bench.close()
    assert not wrong, DIFFERENT + "\n".join(wrong)


@pytest.mark.parametrize("size", [(120, 36), (160, 40), (60, 16)])
async def test_what_changed_fits_other_windows(size: tuple[int, int], noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path, theme="light")
    wrong = [fault async for _name in walk(app, gallery_policy.STOPS, size) for fault in faults(app)]
    bench.close()
    assert wrong == []
