"""Which branches of store/, sync/ and server/ the tests take. `sync_coverage.py [--where FOLDER] [TESTS ...]`.

coverage.py comes by pip into a folder of its own; programs that tests start are measured too. Prints the files whose
branches are taken in less than nine of ten, and `all: ...`. Exit 1 where a test fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
NEEDED = "coverage==7.17.3"
PARTS = ("store", "sync", "server")
TESTS = ("tests/store", "tests/server", "tests/sync", "tests/workbench", "tests/commands", "tests/crash")
LEFT_OUT = ("test_sync_mutants", "test_model")
"""They run what the others run, many times."""
LEAST = 0.9
SETTINGS = """[run]
branch = True
parallel = True
sigterm = True
data_file = {data}
source = {source}
[report]
exclude_also =
    if TYPE_CHECKING:
    raise AssertionError
    \\.\\.\\.
"""
BEGIN = "import coverage\ncoverage.process_startup()\n"


def settings(folder: Path) -> Path:
    """The settings of coverage.py, for every process."""
    file = folder / "coverage.ini"
    source = ",".join(str(REPOSITORY / "escaltui" / part) for part in PARTS)
    file.write_text(SETTINGS.format(data=folder / "data" / "c", source=source))
    (folder / "data").mkdir()
    (folder / "data").chmod(0o777)  # PostgreSQL's account writes nothing here, children of tests may
    return file


def told(files: Mapping[str, Any]) -> Iterator[str]:
    """Files with holes, and all together."""
    whole = [0, 0]
    for name, found in sorted(files.items()):
        of, taken = found["summary"]["num_branches"], found["summary"]["covered_branches"]
        whole = [whole[0] + taken, whole[1] + of]
        if of and taken < LEAST * of:
            lines = ", ".join(map(str, found["missing_lines"][:12]))
            yield f"{name.partition('escaltui/')[2]}: branches {taken} of {of}; lines not run: {lines or 'none'}"
    yield f"all: branches {100 * whole[0] / max(whole[1], 1):.1f} % ({whole[0]:,} of {whole[1]:,})"


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("tests", nargs="*", default=TESTS)
    ask.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    args = ask.parse_args()
    place = args.where / "coverage"
    if not (place / "coverage").is_dir():
        words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place), NEEDED]
        subprocess.run(words, check=True)
        (place / "sitecustomize.py").write_text(BEGIN)
    folder = Path(tempfile.mkdtemp(prefix="escaltui-coverage-"))
    folder.chmod(0o755)
    try:
        file = settings(folder)
        path = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH", ""))))
        env = {**os.environ, "PYTHONPATH": path}
        left = [f"--ignore-glob=*{name}.py" for name in LEFT_OUT]
        done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:xdist", "-m", "not real_data", *left,
                               *args.tests], cwd=REPOSITORY, env={**env, "COVERAGE_PROCESS_START": str(file)},
                              capture_output=True, text=True)  # fmt: skip
        print("\n".join(done.stdout.splitlines()[-8:]))
        for words in (["combine", "-q", str(folder / "data")], ["json", "-q", "-o", str(folder / "found.json")]):
            subprocess.run([sys.executable, "-m", "coverage", words[0], f"--rcfile={file}", *words[1:]], env=env,
                           cwd=REPOSITORY, check=True)  # fmt: skip
        print("\n".join(told(json.loads((folder / "found.json").read_text())["files"])))
        return int(done.returncode != 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
