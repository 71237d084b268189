"""Each seeded defect of sync breaks a promise by its name, within a bounded number of programs.

Those that show in a program or two are always tried, all of them under `make soak` (ESCALTUI_THOROUGH): minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import mutants
import pytest
from ground import World
from pg import Servers

SOON = (
    "ledger not keyed by actor", "acknowledged before the reply", "operation dropped at its acknowledgement",
    "no rebase", "last writer wins", "no conflict note", "serial numbering",
    "draft outlives a revoke", "log outlives a move",
)  # fmt: skip
TRIED = [each for each in mutants.MUTANTS if os.environ.get("ESCALTUI_THOROUGH") or each.name in SOON]
TOLD: list[mutants.Caught] = []


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    with servers.database() as dsn:
        made = World(dsn)
        try:
            yield made
        finally:
            made.close()


@pytest.mark.parametrize("mutant", TRIED, ids=lambda each: each.name)
def test_a_seeded_defect_is_caught(world: World, mutant: mutants.Mutant) -> None:
    caught = mutants.hunt(world, mutant)
    TOLD.append(caught)
    assert caught.promise, f"{mutant.name} is alive after {caught.programs} programs"
    assert caught.promise[0] == "I", f"{mutant.name} broke no promise by its name: {caught.promise}"


def test_all_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nseeded defects of sync: {sum(bool(each.promise) for each in TOLD)} of {len(TRIED)} caught")
        for each in TOLD:
            print(f"  {each.promise or 'ALIVE':6} {each.programs:3} programs {each.seconds:6.1f} s  {each.name}")
        for name, why in mutants.LEFT_OUT.items():
            print(f"  left out: {name}: {why}")
