"""The floors of the house: the contracts of pyproject.toml hold, and what a plain command loads stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
HEAVY = ("textual", "rich", "sqlmodel", "sqlalchemy", "pydantic", "httpx", "snowballstemmer", "holidays", "asyncio",
         "keyring", "sqlcipher3")  # fmt: skip
SCREENS = ("textual", "rich", "sqlmodel", "sqlalchemy", "httpx")

LOADED = """
import json, sys
{job}
print("\\n" + json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
COMMAND = "from escaltui.cli import main; code = main({arguments!r}); assert code == {code}, code"
PAGE = """
from pathlib import Path
from escaltui.workbench import Workbench
bench = Workbench.open(Path({store!r}))
assert len(bench.page("is:open", "queue", None, 50)) == 50
bench.close()
"""


def loaded(job: str, config: Path) -> set[str]:
    """The top-level modules that a job in a fresh interpreter has loaded at its end."""
    environment = {**os.environ, "ESCALTUI_CONFIG": str(config)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(job=job)], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demo desk, made by another process."""
    folder = tmp_path_factory.mktemp("layers")
    loaded(COMMAND.format(arguments=["demo", "--no-open", "--store", str(folder / "desk")], code=0), folder)
    return folder / "desk"


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_broken_contract_is_found(tmp_path: Path) -> None:
    package = tmp_path / "house"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "below.py").write_text("from house import above\n")
    (package / "above.py").touch()
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n\n[importlinter:contract:1]\nname = down\ntype = layers\n"
        "layers =\n    house.above\n    house.below\n"
    )
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ls", "--limit", "5"], 0),
        (["ls", "removal"], 0),
        (["next", "--peek"], 0),
        (["show", "E-AAAAA"], 1),
        (["keys"], 0),
        (["audit", "verify"], 0),
        (["note", "E-AAAAA", "-m", "text"], 1),
    ],
)
def test_plain_commands_load_no_screens_and_no_models(
    store: Path, tmp_path: Path, arguments: list[str], code: int
) -> None:
    found = loaded(COMMAND.format(arguments=[*arguments, "--store", str(store)], code=code), tmp_path)
    assert not found.intersection(SCREENS)


def test_opening_a_store_and_reading_its_first_page_stays_light(store: Path, tmp_path: Path) -> None:
    found = loaded(PAGE.format(store=str(store)), tmp_path)
    assert not found.intersection(HEAVY)


def test_the_domain_needs_nothing_but_msgspec(tmp_path: Path) -> None:
    job = """
import importlib, pkgutil, escaltui.domain
for found in pkgutil.walk_packages(escaltui.domain.__path__, "escaltui.domain."):
    importlib.import_module(found.name)
"""
    msgspec = loaded("import msgspec.json\nmsgspec.json.Decoder(msgspec.defstruct('Any', [('x', int)]))", tmp_path)
    assert loaded(job, tmp_path) - msgspec - sys.stdlib_module_names == {"escaltui"}


FIRST_PAINT = """
import sys
from pathlib import Path
import escaltui.app, escaltui.screens.queue
from escaltui import config
from escaltui.workbench import Workbench
bench = Workbench.open(Path({store!r}), config=config.load())
assert [each.every for each in bench.config.connectors] == [300]
assert len(bench.page("is:open", "queue", None, 50)) == 50
late = ("connect", "schedul", "imaplib", "imap_tools", "email.parser")
print(*[name for name in sys.modules if any(part in name for part in late)])
bench.start_schedule()
bench.close()
assert "escaltui.workbench.scheduling" in sys.modules
"""


def test_the_first_paint_loads_nothing_of_what_runs_by_itself(store: Path, tmp_path: Path) -> None:
    """And once it is painted it is there: the control."""
    (tmp_path / "config.toml").write_text('[[connector]]\nname = "press"\nkind = "mailbox"\nevery = "5m"\n')
    environment = {**os.environ, "ESCALTUI_CONFIG": str(tmp_path)}
    code = FIRST_PAINT.format(store=str(store))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= {"escaltui.config_connectors", "escaltui.connector_faces",
                                        "escaltui.store.connected"}  # fmt: skip
