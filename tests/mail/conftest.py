"""A mail server, and a desk that mails come to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from imap_server import MailRoom
from mail_desk import opened

from escaltui.store import folder as store_folder
from escaltui.workbench import Workbench


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)


@pytest.fixture
def room() -> Iterator[MailRoom]:
    with MailRoom() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Workbench]:
    with opened(tmp_path) as bench:
        yield bench
