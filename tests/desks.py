"""A desk of a test's own, and the demo desk: made once a session by the program itself, copied for each test.

Use the fixtures from a conftest: `from desks import demo_desk, desk, desk_folder  # noqa: F401`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from terminal import PROGRAM, REPOSITORY, Terminal, environment


class Desk:
    """A store folder with settings of its own, and the program on it."""

    def __init__(self, store: Path, config: Path, *, person: str = "kosei") -> None:
        self.store, self.config = store, config
        config.mkdir(parents=True, exist_ok=True)
        if not (config / "config.toml").exists():
            (config / "config.toml").write_text(f'[me]\nname = "{person}"\n')

    @property
    def environment(self) -> dict[str, str]:
        """What points the program here and nowhere else."""
        return {"ESCALTUI_CONFIG": str(self.config), "HOME": str(self.config), "ESCALTUI_STORE": str(self.store)}

    def open(self, columns: int = 80, rows: int = 24, *, program: Sequence[str] = PROGRAM, **env: str) -> Terminal:
        """The workbench on this desk."""
        argv = [*program, "--store", str(self.store)]
        return Terminal(argv, columns, rows, {**self.environment, **env})

    def run(
        self, *arguments: str, code: int | None = 0, text: str | None = None, program: Sequence[str] = PROGRAM
    ) -> str:
        """What a plain command prints; its exit code must be `code`, unless None."""
        done = subprocess.run(
            [*program, "--store", str(self.store), *arguments], capture_output=True, text=True, input=text,
            env=environment(self.environment), timeout=600, cwd=REPOSITORY,
        )  # fmt: skip
        if code is not None and done.returncode != code:
            raise AssertionError(f"escaltui {' '.join(arguments)}: {done.returncode}, not {code}: {done.stderr}")
        return done.stdout


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
