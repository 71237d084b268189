"""The desk of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from post_desk import Post

from escaltui.store import folder as store_folder


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path)
    yield made
    for bench in made.opened:
        bench.close()
