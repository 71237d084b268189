"""A client and a backend killed at named instants, in processes of their own: two of the many that the soak has
(`tests/soak/failpoints.py`), and a client that is wrong, which the same round must find."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pg import Servers

sys.path.append(str(Path(__file__).resolve().parent.parent / "soak"))
from failpoints import Armed
from rounds import Ground, ground

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")


@pytest.fixture(scope="module")
def made(servers: Servers) -> Iterator[Ground]:
    with ground(servers) as found:
        yield found


@pytest.mark.parametrize(
    ("side", "point", "nth"),
    [("client", "Sending.answered: before COMMIT", 1), ("server", "push: COMMIT under way", 1)],
)
def test_nothing_is_lost_or_doubled(made: Ground, side: str, point: str, nth: int) -> None:
    with made.round() as one:
        ended = one.run(side, Armed(point, nth))
    assert ended.killed == 1
    assert ended.verdict.acknowledged > 10
    assert ended.verdict.good, ended.verdict


def test_an_operation_given_up_too_early_is_found(made: Ground) -> None:
    with made.round() as one:
        ended = one.run("server", Armed("push: before the counter"), "acknowledged before the reply")
    assert ended.killed == 1
    assert ended.verdict.lost
    assert any(each.startswith("I1") for each in ended.verdict.broken)
