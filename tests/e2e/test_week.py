"""A bad night in tmux: an alarm, an incident over sixty cases, an update by mail, a handover through the backend."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import week_story


def test_a_wave_comes_and_the_shift_is_handed_over(tmux: str, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="escaltui-week-") as name, capsys.disabled():
        print()
        for line in week_story.walk(Path(name), tmux):
            print(f"   {line}", flush=True)
