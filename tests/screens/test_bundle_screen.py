"""`:bundle` on a case: a signed file beside the store, and the log says so; what it needs is said where it lacks."""

from __future__ import annotations

import stat

import pytest
from casebench import app_on, press, settle, shown

from escaltui.bundling import check
from escaltui.screens.bundling import Wanted, asked
from escaltui.workbench import Workbench, bundle_key

from .test_insight_screen import opened


async def test_a_case_is_saved_as_a_bundle_and_where_is_said(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bundle_key.VARIABLE, "ab" * 32)
    opened(bench, 60_000, "DE")
    async with app_on(bench, (120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, ":", *"bundle press", "enter")
        await settle(pilot)
        assert "bundle authority the court asks" in shown(pilot)
        assert not (bench.store.folder / "bundles").exists()
        await press(pilot, ":", *"bundle press they publish at 16:00", "enter")
        await settle(pilot)
        (file,) = (bench.store.folder / "bundles").iterdir()
        assert "Saved, for you alone:" in shown(pilot)
    found = check.verify(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (found.says.made.reader, found.says.made.why) == ("press", "they publish at 16:00")
    assert not [each.name for each in found.entries if each.name.startswith("media/")]


def test_what_bundle_takes() -> None:
    assert asked("authority the court asks") == Wanted("authority", "the court asks")
    assert isinstance(asked(""), str)
    assert isinstance(asked("nobody why"), str)
