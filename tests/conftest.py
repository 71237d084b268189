"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import quick

from escaltui import i18n

quick.folders_in_memory()
os.environ["LC_ALL"] = "C.UTF-8"  # tests speak English, on whatever machine, unless one asks for more
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """The language is one for the process: what a test spoke does not last."""
    yield
    i18n.set_language("en")


def real_data_folder() -> Path:
    """Where the real material lies: ESCALTUI_REAL_DATA, by default ../shared/data beside the checkout."""
    return Path(os.environ.get("ESCALTUI_REAL_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real material; skips with a clear reason where it is missing."""
    folder = real_data_folder()
    if not (folder / "notices.jsonl.gz").is_file():
        if os.environ.get("ESCALTUI_REQUIRE_REAL_DATA"):
            pytest.fail(
                f"no real material in {folder}: set ESCALTUI_REAL_DATA to the folder that holds notices.jsonl.gz"
            )
        pytest.skip(f"no real material in {folder} (set ESCALTUI_REAL_DATA)")
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for localhost in one file."""
    from certificates import made

    cert, key = made(tmp_path_factory.mktemp("tls"), "localhost")
    both = key.with_name("both.pem")
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both
