"""Decisions in force in a real store, put there without the rules that make them."""

from __future__ import annotations

from typing import Any

from escaltui.domain import fold
from escaltui.domain.changes import Change
from escaltui.domain.decisions import Action, Cite, Decision, Line
from escaltui.domain.entities import Case, Entity
from escaltui.store import Store
from escaltui.store.batch import Batch
from escaltui.store.driver import Connection


def put(store: Store, *entities: Entity) -> None:
    """Write rows as the log's changes would, with all that hangs on them."""

    def job(connection: Connection) -> None:
        batch = Batch(connection, 1)
        for entity in entities:
            old = batch.entity(entity.NAME, entity.id)
            fields = fold.created(entity) if old is None else fold.difference(old, entity)
            batch.patch(
                Change(
                    entity=entity.NAME, entity_id=entity.id, action="created" if old is None else "set", fields=fields,
                    stream=entity.stream, rev=(old.rev if old else 0) + 1,
                    case_id=entity.id if isinstance(entity, Case) else getattr(entity, "case", ""),
                ),
                1,
            )  # fmt: skip
        batch.flush()

    store.write(job)


def decide(
    store: Store, case_id: str, *, cites: tuple[Cite, ...] = (), facts: str = "The post praises an attack.",
    rationale: str = "It calls it a feat.", **more: Any,
) -> Decision:  # fmt: skip
    """A decision in force on a case, with a removal of each of its items."""
    case = store.case(case_id)
    assert case is not None
    fields: dict[str, Any] = {"outcome": "violation_action", "ground": "incompatible_content"} | {
        name: more.pop(name) for name in ("outcome", "ground", "territory", "exception") if name in more
    }
    line = Line(own_policy="breaks", cites=cites or (Cite("cs/1", "v1", "0" * 64, "Praise"),), **fields)
    decision = Decision(**({
        "id": more.pop("id", f"D{case_id[1:]}"), "case": case_id, "stream": case.stream, "lines": (line,),
        "subjects": tuple(case.subjects), "facts": facts, "rationale": rationale, "state": "effective",
        "effective_at": case.received_at, "proposed_by": "ada",
    } | more))  # fmt: skip
    actions = (
        Action(id=f"A{n}{decision.id}", case=case_id, decision=decision.id, subject=subject, name="remove",
               kind="visibility_content_removed")
        for n, subject in enumerate(case.subjects)
    )  # fmt: skip
    put(store, decision, *actions)
    return decision
