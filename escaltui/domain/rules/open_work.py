"""How much of each kind is open on a case: consult, task, letter ... Whoever opens or ends one counts it here."""

from __future__ import annotations

from escaltui.domain.entities import Case
from escaltui.domain.rules.guards import replaced


def counted(case: Case, name: str, by: int) -> Case:
    """A case with `by` more (or fewer) open of a kind. Where none is left the kind is not named at all."""
    if not by:
        return case
    left = max(0, case.open_work.get(name, 0) + by)
    rest = {kind: n for kind, n in case.open_work.items() if kind != name}
    return replaced(case, open_work=rest | ({name: left} if left else {}))
