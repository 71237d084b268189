"""What people picked after look-ups, found again by the stems of their words: for look-up itself, and for synonyms.

`pick_stem` follows the table of picks by triggers, whoever writes there: a server's snapshot, a rebase, an erasure.
Every function takes an open connection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from escaltui.domain.picks import Pick
from escaltui.store.driver import Connection
from escaltui.store.rows import decoder

_TAKE = "DELETE FROM pick_stem WHERE pick = old.n"
_ADD = "INSERT OR IGNORE INTO pick_stem SELECT value, new.n FROM json_each(new.body, '$.stems')"
SCHEMA: tuple[str, ...] = (
    "CREATE TABLE pick_stem (stem TEXT NOT NULL, pick INTEGER NOT NULL, PRIMARY KEY (stem, pick)) WITHOUT ROWID",
    "CREATE INDEX pick_stem_pick ON pick_stem(pick)",
    f"CREATE TRIGGER pick_added AFTER INSERT ON pick BEGIN {_ADD}; END",
    f"CREATE TRIGGER pick_changed AFTER UPDATE ON pick BEGIN {_TAKE}; {_ADD}; END",
    f"CREATE TRIGGER pick_gone AFTER DELETE ON pick BEGIN {_TAKE}; END",
)
TABLES = ("pick_stem",)
LIKE = 1 / 3
"""From what share of the words of two look-ups in common, of all their words, the one is a hint for the other."""
CITED = 2
"""What a citation counts beside an opening."""
OF_ONE = 3
"""What one person's picks of a section in the same words count at most: nobody alone moves the list."""
WALKED, READ = 2_000, 400
"""Of each word the newest picks that are looked at; of all these, those with most words in common are read."""
_OF_STEM = f"SELECT pick FROM pick_stem WHERE stem = ? ORDER BY pick DESC LIMIT {WALKED}"
_BODIES = "SELECT body FROM json_each(?) j CROSS JOIN pick p ON p.n = j.value"
_ALL = "SELECT body FROM pick ORDER BY n"


class Hint(NamedTuple):
    """A section that was picked for like words: how much that counts, and how many times it was."""

    section: str
    weight: float
    times: int


def hints(connection: Connection, stems: Sequence[str]) -> list[Hint]:
    """The sections that were picked after look-ups in like words, the one that counts most first."""
    if not stems:
        return []
    own, read = frozenset(stems), decoder(Pick)
    weights: dict[str, float] = {}
    times: dict[str, int] = {}
    shared = Counter(row[0] for stem in sorted(own) for row in connection.execute(_OF_STEM, (stem,)))
    nearest = sorted(shared, key=lambda n: (-shared[n], -n))[:READ]
    for (body,) in connection.execute(_BODIES, (msgspec.json.encode(nearest).decode(),)):
        pick = read(body)
        alike = len(own.intersection(pick.stems)) / len(own.union(pick.stems))
        if alike >= LIKE:
            counts = min(pick.opened + CITED * pick.cited, OF_ONE)
            weights[pick.section] = weights.get(pick.section, 0.0) + alike * counts
            times[pick.section] = times.get(pick.section, 0) + pick.opened + pick.cited
    order = sorted(weights, key=lambda section: (-weights[section], section))
    return [Hint(section, weights[section], times[section]) for section in order]


def kept(connection: Connection) -> list[Pick]:
    """All picks that were not forgotten, oldest first."""
    read = decoder(Pick)
    return [pick for (body,) in connection.execute(_ALL) if (pick := read(body)).stems]
