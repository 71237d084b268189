"""What protects whoever sits here: of each setting the stricter one, their own or the operator's (`safety.toml`)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from escaltui.domain.safety_rows import BoundRow
from escaltui.i18n import _
from escaltui.protection import STRICTEST, STRICTEST_MASKS, Exposing, Masking, Shielding, effective, won

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

FILE = "safety.toml"


class Effective(NamedTuple):
    """The settings as they hold. `operator`: those for which the operator's floor is stricter than the person's own."""

    shield: Shielding
    masking: Masking
    exposure: Exposing
    operator: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """The same for people and scripts: each section's settings by name, and which the operator set."""
        sections = {"shield": self.shield, "masking": self.masking, "exposure": self.exposure}
        told = {name: msgspec.structs.asdict(section) for name, section in sections.items()}
        return {**told, "set_by_operator": sorted(self.operator)}


def protection(bench: Workbench) -> Effective:
    """What holds at a desk. Reads the rules; where the team's own cannot be known, the strictest holds."""
    own, problems = bench.config, tuple[str, ...]()
    bounds = _bounds(bench)
    if bounds is None:
        shield, masking = effective(own.shield, STRICTEST), effective(own.masking, STRICTEST_MASKS)
        problems = (_("{file} of the team cannot be used: the strictest shield and masks hold.").format(file=FILE),)
    else:
        shield, masking = bounded(own.shield, own.masking, bounds)
    operator = won(own.shield, shield) | won(own.masking, masking)
    return Effective(shield, masking, own.exposure, operator, problems)


def bounded(shield: Shielding, masking: Masking, bounds: Iterable[BoundRow]) -> tuple[Shielding, Masking]:
    """A person's settings under every row of a floor. No two sections share a name: a row binds whatever it is called,
    so that one whose name is misspelt is not lost."""
    for row in bounds:
        shield, masking = effective(shield, row), effective(masking, row)
    return shield, masking


def _bounds(bench: Workbench) -> Iterable[BoundRow] | None:
    """The operator's floor; None where there is one that cannot be read.

    A fault in any rule file puts the packaged rules in use. A floor of the team's still holds then, read by itself.
    """
    folder = bench.config.folder / "rules"
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        return None
    packaged = bench.rules.bounds.values()
    if not os.path.lexists(folder / FILE):
        return packaged
    if bench.ruled_by_desk:  # a floor of one's own may only raise the desk's
        own = _read(folder / FILE)
        return None if own is None else [*packaged, *own]
    if len(bench.problems) == len(bench.config.problems):
        return packaged
    from escaltui import rules_loader

    if any(fault.startswith(FILE) for fault in rules_loader.load_or_last(folder)[1]):
        return None
    found = _read(folder / FILE)
    return None if found is None else [*packaged, *found]


def _read(file: Path) -> list[BoundRow] | None:
    try:
        rows = tomllib.loads(file.read_text("utf-8")).get("floor", {})
        return [msgspec.convert({**row, "id": name}, BoundRow) for name, row in rows.items() if row != {"off": True}]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):  # msgspec's error is a ValueError
        return None
