"""Vectors in a file: what was added is found, what was dropped is gone from the disk, and nothing harms their order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.store.errors import StoreError
from escaltui.store.vectors import FOLDER, Busy, VectorReader, VectorWriter, remove_others

WIDTH = 8
MODEL = "m"


def unit(seed: int, pieces: int = 1) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(pieces, WIDTH)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nearest(place, query, most=50):
    reader = VectorReader(place, MODEL, WIDTH)
    try:
        return reader.nearest(query, most)
    finally:
        reader.close()


STEPS = st.lists(
    st.tuples(st.sampled_from(("add", "drop", "again")), st.integers(0, 9), st.integers(1, 5)), max_size=12
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_the_file_gives_what_a_table_in_memory_would(tmp_path_factory, steps):
    place = tmp_path_factory.mktemp("vectors")
    kept: dict[str, np.ndarray] = {}
    writer = VectorWriter(place, MODEL, WIDTH)
    for n, (what, name, pieces) in enumerate(steps):
        key = f"k{name}"
        if what == "add" and key not in kept:
            kept[key] = unit(n, pieces)
            writer.add([(key, kept[key])])
        elif what == "drop":
            writer.drop([key])
            kept.pop(key, None)
        elif what == "again":
            writer.__exit__()
            writer = VectorWriter(place, MODEL, WIDTH)
    writer.__exit__()
    query = unit(999)[0]
    found = dict(nearest(place, query))
    assert found.keys() == kept.keys()
    for key, rows in kept.items():
        assert found[key] == pytest.approx(float((rows @ query).max()), abs=2e-3)  # half precision
    with VectorWriter(place, MODEL, WIDTH) as again:
        assert again.keys() == set(kept)


def test_a_reader_sees_what_a_writer_adds(tmp_path):
    reader = VectorReader(tmp_path, MODEL, WIDTH)
    assert reader.nearest(unit(1)[0], 5) == []
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        writer.add([("a", unit(1)), ("b", unit(2, 3))])
        assert reader.nearest(unit(1)[0], 5)[0][0] == "a"
        writer.add([("c", unit(3))])
        assert reader.nearest(unit(3)[0], 1)[0][0] == "c"
        assert reader.count() == (3, 5)
    reader.close()


def test_what_is_dropped_is_overwritten(tmp_path):
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        writer.add([("a", unit(1)), ("b", unit(2))])
        before = (tmp_path / FOLDER / f"{MODEL}.f16").read_bytes()
        writer.drop(["a"])
        after = (tmp_path / FOLDER / f"{MODEL}.f16").read_bytes()
    assert before[: 2 * WIDTH].strip(b"\0")
    assert not after[: 2 * WIDTH].strip(b"\0")
    assert before[2 * WIDTH :] == after[2 * WIDTH :]


def test_only_the_owner_may_read(tmp_path):
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        writer.add([("a", unit(1))])
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / FOLDER).iterdir()}
    assert not any(modes.values()), modes


def test_one_writer_at_a_time(tmp_path):
    with VectorWriter(tmp_path, MODEL, WIDTH), pytest.raises(Busy, match="nothing is done twice"):
        VectorWriter(tmp_path, MODEL, WIDTH)
    VectorWriter(tmp_path, MODEL, WIDTH).__exit__()


def test_a_file_cut_short_costs_only_what_it_lost(tmp_path):
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        writer.add([(f"k{n}", unit(n)) for n in range(4)])
    path = tmp_path / FOLDER / f"{MODEL}.f16"
    path.write_bytes(path.read_bytes()[: 2 * WIDTH * 2 + 3])
    assert {key for key, _score in nearest(tmp_path, unit(0)[0])} == {"k0", "k1"}
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        assert writer.keys() == {"k0", "k1"}
        writer.add([("k2", unit(2)), ("k3", unit(3))])
    assert nearest(tmp_path, unit(3)[0])[0][0] == "k3"


def test_a_damaged_index_is_begun_anew_and_until_then_said(tmp_path):
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        writer.add([("a", unit(1))])
    (tmp_path / FOLDER / f"{MODEL}.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="policy model build"):
        nearest(tmp_path, unit(1)[0])
    with VectorWriter(tmp_path, MODEL, WIDTH) as writer:
        assert writer.keys() == set()


def test_another_models_vectors_go(tmp_path):
    for model in ("old", "new", "new-cases"):
        VectorWriter(tmp_path, model, WIDTH).__exit__()
    remove_others(tmp_path, "new")
    assert {path.name.split(".")[0] for path in (tmp_path / FOLDER).iterdir()} == {"new", "new-cases", "lock"}
    remove_others(tmp_path)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["lock"]


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_vectors import MODEL, WIDTH, unit
from escaltui.store.vectors import VectorWriter
with VectorWriter(Path(sys.argv[1]), MODEL, WIDTH) as writer:
    n = max((int(key) for key in writer.keys()), default=0)
    while True:
        n += 1
        writer.add([(str(n), unit(n, 3))])
        print(n, flush=True)
        if n % 3 == 0:
            writer.drop([str(n - 2)])
            print(-(n - 2), flush=True)
"""


def test_a_kill_loses_nothing_that_was_kept(tmp_path):
    """Whatever was acknowledged is there with its own vectors, and what was dropped stays away."""
    said: list[int] = []
    maybe: set[int] = set()  # of each life the last one, whose drop was done and not acknowledged
    for wanted in (7, 1, 12):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, tmp_path, os.path.dirname(__file__)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        lines = [int(child.stdout.readline()) for _ in range(wanted)]
        child.send_signal(signal.SIGKILL)
        lines += [int(line) for line in child.stdout.read().splitlines()]
        child.wait()
        said += lines
        maybe.add(max(lines) - 2)
        reader = VectorReader(tmp_path, MODEL, WIDTH)
        there = {int(key) for key, _score in reader.nearest(unit(1)[0], 1000)}
        dropped = {-n for n in said if n < 0}
        assert {n for n in said if n > 0} - dropped - there <= maybe
        assert not there & dropped
        for n in there:
            assert dict(reader.nearest(unit(n, 3)[0], 1000))[str(n)] == pytest.approx(1, abs=2e-3)
        reader.close()
