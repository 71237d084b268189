"""Random programs on the real backend: 100 here, 200 with ESCALTUI_THOROUGH=1, 2,000 of 50 steps under `make soak`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import model
import pytest
from ground import World
from pg import Servers
from rules import ALL_FAULTS

PROGRAMS, STEPS, AT_ONCE = 200 if os.environ.get("ESCALTUI_THOROUGH") else 100, 12, 20


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    with servers.database() as dsn:
        made = World(dsn)
        try:
            yield made
        finally:
            made.close()


@pytest.mark.parametrize("first", range(0, PROGRAMS, AT_ONCE))
def test_programs_keep_every_promise(world: World, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        program = model.steps(seed, STEPS)
        found = model.broken(world, program)
        if found:
            short = model.shrunk(world, program, model.promise(found))
            listed = "\n".join(map(repr, short))
            pytest.fail(f"program {seed}: {found}\nshorter: {model.broken(world, short)}\n{listed}")


def test_programs_have_enough_in_them(world: World) -> None:
    """Without this, programs in which nothing happens would keep every promise."""
    made, seen = world.made, world.seen
    assert made["programs"] == PROGRAMS
    assert made["notes"] > PROGRAMS / 2
    assert made["parked"] > PROGRAMS / 10
    assert made["claims given"] > PROGRAMS / 20
    assert {kind for kind in ALL_FAULTS if not seen[kind]} == set()
    assert seen["killed before commit"] and seen["killed after commit"] and seen["server ended"]  # noqa: PT018


def test_a_program_is_the_same_each_time(world: World) -> None:
    assert model.steps(7, 30) == model.steps(7, 30)
    assert model.broken(world, model.steps(7, 30)) == ""
