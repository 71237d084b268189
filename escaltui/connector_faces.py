"""A connector as people see it: where cases come from, when it last ran, what came of it."""

from __future__ import annotations

from typing import NamedTuple

from escaltui.safety.text import SafeText

NEVER, RUNNING, CUT, DONE, STOPPED, FAILED, WAITS, FAULTY = (
    "never", "running", "cut", "done", "stopped", "failed", "waits", "faulty",
)  # fmt: skip
"""`cut`: its last run was killed; `waits`: the place asked not to be asked for a while; `faulty`: it cannot be made."""


class ConnectorFace(NamedTuple):
    """One connector. Instants in ms, 0 for never; counts are of the last run, `total` of all its runs.

    `every`: seconds between two runs that are made by themselves, 0 for none; `next_at`: when the next of these is,
    None where there is none; `needs_network`: that it waits for one.
    """

    name: str
    kind: SafeText
    state: str
    began_at: int
    at: int
    opened: int
    known: int
    unmapped: int
    total: int
    wait_until: int | None
    says: SafeText
    every: int = 0
    next_at: int | None = None
    needs_network: bool = False


class UnmappedFace(NamedTuple):
    """What could not be mapped, and when it came."""

    at: int
    says: SafeText
