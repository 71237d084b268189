"""A reader for each file of tests, and a desk before it; what scripted workers answer has a desk of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reading import Desk

from escaltui.safety.decode import Reader


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One worker, awake, whose clock stands still."""
    made = Reader(now=lambda: 1.0)
    made.start()
    yield made
    made.close()


@pytest.fixture
def desk(reader: Reader, tmp_path: Path) -> Desk:
    """Where one file at a time is put before the reader."""
    return Desk(reader, tmp_path)
