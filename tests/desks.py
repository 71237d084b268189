"""The demo desk for tests of the real program: made once a session by the program itself, copied for each test.

Use it from a conftest: `from desks import demo_desk, desk, desk_folder  # noqa: F401`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from terminal import Desk


@pytest.fixture(scope="session")
def demo_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the demo desk; not to be written to."""
    folder = tmp_path_factory.mktemp("demo")
    Desk(folder / "desk", folder / "config").run("demo", "--no-open")
    return folder / "desk"


@pytest.fixture
def desk_folder(demo_desk: Path, tmp_path: Path) -> Path:
    """A store folder with the demo desk, the test's own."""
    return Path(shutil.copytree(demo_desk, tmp_path / "desk"))


@pytest.fixture
def desk(desk_folder: Path, tmp_path: Path) -> Desk:
    """The demo desk with settings of its own, ready to be opened."""
    return Desk(desk_folder, tmp_path / "config")
