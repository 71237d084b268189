"""Seeded holes in the wall: each is put in for a moment, and a named test must notice it."""

from __future__ import annotations

import pytest
from faults import Mutant
from faults_streams import HOLES


def test_every_check_passes_without_its_fault() -> None:
    for mutant in HOLES:
        mutant.check()


@pytest.mark.parametrize("mutant", HOLES, ids=lambda mutant: mutant.name)
def test_every_seeded_fault_is_caught(mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant.seed(patch)
        with pytest.raises((AssertionError, ValueError, KeyError)):
            mutant.check()
