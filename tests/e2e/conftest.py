"""End to end in tmux, on real material: only with --run-e2e (`make e2e`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--run-e2e` takes these tests in; plain `pytest` leaves them out."""
    parser.addoption("--run-e2e", action="store_true", help="run the end-to-end tests in tmux on real material")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave this folder out where it was not asked for."""
    asked = config.getoption("--run-e2e", default=False)
    return True if not asked and HERE in (collection_path, *collection_path.parents) else None


@pytest.fixture(scope="session")
def tmux() -> str:
    """The tmux program; fails where it is missing, since these tests were asked for."""
    found = shutil.which("tmux")
    if found is None:
        pytest.fail("these tests need tmux")
    return found
