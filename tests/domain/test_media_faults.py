"""Seeded faults of the seal: each is put in for a moment, and a named test must notice it."""

from __future__ import annotations

import pytest
from faults import Mutant
from faults_media import MEDIA


def test_every_check_passes_without_its_fault() -> None:
    for mutant in MEDIA:
        mutant.check()


@pytest.mark.parametrize("mutant", MEDIA, ids=lambda mutant: mutant.name)
def test_every_seeded_fault_is_caught(mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant.seed(patch)
        with pytest.raises((AssertionError, ValueError)):
            mutant.check()
