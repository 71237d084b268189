"""A sheet over an encrypted store: no editor, since it would write plain files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from casebench import app_on, open_case, press, shown, workbench

from escaltui import drafting
from escaltui.store import Store


@pytest.mark.parametrize("encrypted", [True, False])
async def test_an_editor_is_refused_only_where_the_store_is_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(drafting, "edit", lambda folder, key, text: (asked.append(key), text)[1])
    monkeypatch.setattr(Store, "encrypted", property(lambda store: encrypted))
    with workbench(tmp_path) as bench:
        open_case(bench)
        async with app_on(bench) as pilot:
            monkeypatch.setattr(pilot.app, "suspend", contextlib.nullcontext)
            await press(pilot, "n", "c", *"begun", "ctrl+g")
            assert ("Your editor writes plain files; write here instead." in shown(pilot)) == encrypted
        assert bool(asked) == (not encrypted)
        assert not (bench.store.folder / "drafts").exists()
