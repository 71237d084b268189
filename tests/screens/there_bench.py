"""A workbench on which removals of posts of an Ozone in memory wait."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from casebench import do, import_policies, workbench

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from ozone_place import LABELER, MODERATOR, Place

from escaltui.config_connectors import ConnectorRow
from escaltui.domain import operations as ops
from escaltui.domain.decisions import Cite, Line, LineAction
from escaltui.store import items
from escaltui.workbench import Workbench, carrying, connecting

__all__ = ["MODERATOR", "Place", "case_of", "decide", "decided"]
OPTIONS: dict[str, Any] = {"service": "http://127.0.0.1:1", "labeler": LABELER, "handle": "mod.test"}
HOLD = 31_000


def served(monkeypatch: pytest.MonkeyPatch) -> Place:
    """An Ozone in memory, to which every connector of a workbench is one."""
    found = Place()
    monkeypatch.setattr(carrying, "_made", lambda _bench, _name: found.connect())
    return found


@contextmanager
def decided(folder: Path, place: Place, n: int = 1) -> Iterator[tuple[Workbench, list[str]]]:
    """A workbench with so many decided cases of an Ozone, and their posts; their removals wait."""
    with workbench(folder) as bench:
        bench.config = msgspec.structs.replace(bench.config, connectors=(ConnectorRow("ozone", "ozone", OPTIONS),))
        import_policies(bench, folder / "policies")
        uris = place.add(n)
        connecting.run(bench, place.connect(), pause=lambda _s: None)
        for uri in uris:
            decide(bench, case_of(bench, uri))
        bench.now.now += HOLD  # type: ignore[attr-defined]
        bench.tick()
        yield bench, uris


def case_of(bench: Workbench, uri: str) -> str:
    """The case that has a post."""
    (case,) = bench.store.read(lambda connection: items.cases_on(connection, "ozone", uri))
    return case


def decide(bench: Workbench, case: str, action: str = "remove") -> None:
    """Claim a case and decide it."""
    text = bench.policy_text("court")
    cites = (Cite("court", text.version, text.text_sha256),)
    line = Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=cites,
                actions=(LineAction(action),))  # fmt: skip
    do(bench, ops.Claim(case=case))
    do(bench, ops.ProposeDecision(case=case, lines=(line,), rationale="It breaks the rule."))
