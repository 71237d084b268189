"""Seeded faults: each is put into the rules for a moment, and a named test must notice it."""

from __future__ import annotations

import copy
import sys

import pytest
from faults import AT_WORK, Mutant
from faults_decide import DECIDED
from faults_letters import LETTERS
from faults_undo import TAKEN_BACK

from escaltui.domain import transitions

MUTANTS = AT_WORK + TAKEN_BACK + DECIDED + LETTERS


def forget() -> None:
    """Empty what the rules remember between calls: an answer from before the fault would hide it."""
    for name, module in list(sys.modules.items()):
        for each in vars(module).values() if name.startswith("escaltui.domain") else ():
            if hasattr(each, "cache_clear"):
                each.cache_clear()


def caught(mutant: Mutant) -> bool:
    """Whether the mutant's test fails while the fault is in."""
    forget()
    try:
        with pytest.MonkeyPatch.context() as patch:
            mutant.seed(patch)
            mutant.check()
    except (AssertionError, ValueError):  # ValueError: one row was expected and several came, or text broke
        return True
    finally:
        forget()
    return False


def test_every_check_passes_without_its_fault() -> None:
    for mutant in MUTANTS:
        mutant.check()


def test_every_seeded_fault_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    table = copy.copy(transitions.TABLE)
    results = [(mutant.name, caught(mutant)) for mutant in MUTANTS]
    with capsys.disabled():
        print(f"\nseeded faults: {sum(killed for _, killed in results)} of {len(results)} caught")
        for name, killed in results:
            print(f"  {'caught' if killed else 'ALIVE '}  {name}")
    assert [name for name, killed in results if not killed] == []
    assert len({name for name, _ in results}) == len(MUTANTS) >= 30
    assert table == transitions.TABLE
