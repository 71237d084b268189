"""A file that lies only on the server comes when a person asks for it, into memory, and goes when it is sealed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from escaltui.domain import ids
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.store.values import Done
from escaltui.sync.blobs import Fetched, SealedFile
from escaltui.sync.net import NotOurs
from escaltui.workbench import Workbench

DATA = b"not shown before it is asked for" * 100


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    made = Workbench.open(tmp_path / "store")
    yield made
    made.close()


def face_of(bench: Workbench, sha256: str) -> Any:
    held = (Attachment("file", "image/png", len(DATA), sha256),)
    opens = ids.operation_id(bench.now(), os.urandom(10))
    done = bench.do(
        OpenCase(opens=opens, title="A case", subjects=(NewSubject(platform="example", item_id="1", media=held),))
    )
    assert isinstance(done, Done)
    (face,) = bench.media(opens)
    return face


def test_alone_there_is_nowhere_to_fetch_from(bench: Workbench) -> None:
    face = face_of(bench, hashlib.sha256(DATA).hexdigest())
    assert bench.original(face) is None
    with pytest.raises(NotOurs, match="follows no server"):
        bench.fetch_original(face)


def test_what_was_fetched_is_given_until_it_is_sealed(bench: Workbench) -> None:
    sha256 = hashlib.sha256(DATA).hexdigest()
    face = face_of(bench, sha256)
    bench.fetched = (sha256, Fetched(DATA))
    found = bench.original(face)
    assert found is not None
    assert found.read_bytes() == DATA
    assert bench.fetch_original(face) is found
    assert isinstance(bench.seal(face), Done)
    assert bench.fetched is None
    assert bench.original(face) is None
    with pytest.raises(SealedFile):
        bench.fetch_original(face)
    with pytest.raises(SealedFile):
        bench.fetch_original(bench.media(face.case_id)[0])
