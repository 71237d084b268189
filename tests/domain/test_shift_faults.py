"""Seeded faults of handing over and watching: each is put in for a moment, and a named test must notice it."""

from __future__ import annotations

import pytest
from faults import Mutant
from faults_shift import SHIFT


def test_every_check_passes_without_its_fault() -> None:
    for mutant in SHIFT:
        mutant.check()


@pytest.mark.parametrize("mutant", SHIFT, ids=lambda mutant: mutant.name)
def test_every_seeded_fault_is_caught(mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant.seed(patch)
        with pytest.raises((AssertionError, ValueError)):
            mutant.check()
