"""Comparing by signs first: what lies near a query is in the shortlist, for any width; nothing near it is left out."""

from __future__ import annotations

import numpy as np
import pytest

from escaltui.store import comparing
from escaltui.store.comparing import All, Signs


def clustered(width: int, count: int = 12_000, off: float = 0.0) -> np.ndarray:
    """Rows of length 1 around some centres, as encoders give them; `off` moves all of them off 0."""
    draw = np.random.default_rng(width)
    centres = draw.normal(size=(200, width))
    rows = centres[draw.integers(200, size=count)] + draw.normal(size=(count, width)) + off
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f2")


@pytest.mark.parametrize(("width", "off"), [(384, 0.0), (384, 3.0), (200, 0.0), (768, 1.0)])
def test_the_nearest_are_on_the_shortlist(width, off, monkeypatch):
    monkeypatch.setattr(comparing, "SHORTLIST", 600)
    rows = clustered(width, off=off)
    every, signs = All(rows), Signs(rows)
    kept = []
    for n in range(0, len(rows), 600):
        query = rows[n].astype(np.float32)
        at, scores = every.scores(query)
        best = set(at[np.argsort(-scores)[:30]])
        short, again = signs.scores(query)
        kept.append(len(best & set(short)) / 30)
        assert n in short
        assert np.allclose(again, scores[short], atol=1e-3)
    assert np.mean(kept) > 0.97


def test_the_control_by_bare_signs_the_shortlist_is_worse(monkeypatch):
    """Rows that lie to one side of 0 have much the same signs, whatever they say."""
    monkeypatch.setattr(comparing, "SHORTLIST", 600)
    rows = clustered(384, off=3.0)
    signs, every = Signs(rows), All(rows)
    signs._bits = np.ascontiguousarray(comparing._packed(rows > 0).T)
    kept = []
    for n in range(0, len(rows), 600):
        query = rows[n].astype(np.float32)
        at, scores = every.scores(query)
        kept.append(len(set(at[np.argsort(-scores)[:30]]) & set(signs.scores(query)[0])) / 30)
    assert np.mean(kept) < 0.9
