"""Incidents at a desk: lists, the board, joining by rule, standing calls, planned events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

from escaltui.domain.changes import Refused
from escaltui.domain.crisis import Contact
from escaltui.domain.entities import Case
from escaltui.store import incidents as kept
from escaltui.store.values import Who
from escaltui.workbench.desk import SYSTEM_ROLES, Desk

if TYPE_CHECKING:
    from escaltui.crisis_faces import EventFace, IncidentFace, IncidentLine, RulingFace
    from escaltui.domain.crisis import Incident
    from escaltui.domain.operations import DeclareIncident, SaveIncidentUpdate
    from escaltui.faces import BulkPreview
    from escaltui.workbench.door import Workbench

Audience = Literal["tactical", "executive", "external"]
AT_ONCE = 200
"""How many cases join by a rule in one go, or by hand in one sheet."""
CONTACTS = 50
"""How many are taken over from cases: more is a list of its own."""
FEW = 20
"""A rule may well meet all of so few cases."""


class Crisis(Desk):
    """A desk with its incidents."""

    def incidents(self, *, running: bool = False) -> list[IncidentLine]:
        """All incidents, or those that run; what runs first, then the most severe, the newest."""
        from escaltui.workbench import portray_crisis

        return portray_crisis.lines(cast("Workbench", self), running)

    def incident(self, ref: str) -> IncidentFace | None:
        """Everything about one incident, by id or reference."""
        from escaltui.workbench import portray_crisis, rulings

        bench = cast("Workbench", self)
        found = portray_crisis.face(bench, ref)
        return rulings.reviewed(bench, found) if found is not None else None

    def incident_row(self, ref: str) -> Incident | None:
        """An incident as it is kept, by id or reference."""
        return self.store.read(lambda connection: kept.find(connection, ref))

    def declare(
        self, op: DeclareIncident, case_ids: Sequence[str] = (), *, op_id: str = ""
    ) -> tuple[str, BulkPreview] | Refused:
        """Declare an incident over some cases (at most 200). Gives its id, and what became of the joining."""
        outcome = self.do(op, op_id=op_id)
        if isinstance(outcome, Refused):
            return outcome
        made = next(change.entity_id for change in outcome.changes if change.entity == "incident")
        joined = self.join(made, case_ids)
        people = self._kept_informed(case_ids)
        if people:
            from escaltui.domain.operations import SetContacts

            self.do(SetContacts(incident=made, people=people))
        return made, joined

    def _kept_informed(self, case_ids: Sequence[str]) -> dict[str, Contact | None]:
        """Whoever is kept up to date on the cases that everybody at the desk sees: they are on the incident, too."""
        cases = [case for key in case_ids if isinstance(case := self.store.row(Case.NAME, key), Case)]
        named = [case.stakeholders for case in cases if case.sensitivity == "normal"]
        found = {name: Contact(who.address, who.length) for people in named for name, who in people.items()}
        return dict(list(found.items())[:CONTACTS])

    def join(self, incident: str, case_ids: Sequence[str], *, dry_run: bool = False) -> BulkPreview:
        """Some cases join an incident (by id)."""
        from escaltui.domain.operations import JoinIncident
        from escaltui.workbench.bulk import do_marked

        bench = cast("Workbench", self)
        return do_marked(bench, lambda case: JoinIncident(case=case, incident=incident), case_ids, dry_run=dry_run)

    def joining(self, query: str) -> tuple[int, int]:
        """How many open cases without an incident a rule meets, and how many there are. Raises QueryError."""
        bench = cast("Workbench", self)
        return bench.count(_free(query)), bench.count(_free(""))

    def meets_all(self, query: str) -> bool:
        """Whether a rule meets every open case that belongs to no incident, of more than a few. Raises QueryError."""
        met, every = self.joining(query)
        return met == every > FEW

    def live_rulings(self, case_id: str) -> list[RulingFace]:
        """The standing calls that a case's decision may apply now, the newest first."""
        from escaltui.workbench import portray_crisis

        return portray_crisis.live_rulings(cast("Workbench", self), case_id)

    def draft_incident_update(
        self, incident: str, audience: Audience = "tactical", promised: int | None = None
    ) -> SaveIncidentUpdate | None:
        """An update about what changed since the last published one, ready to be changed and kept."""
        from escaltui.workbench import incident_updates

        return incident_updates.draft(cast("Workbench", self), incident, audience, promised)

    def publish_incident_update(self, incident: str, update: str) -> Refused | int:
        """Let an update go out: a letter for each contact. Gives how many letters wait."""
        from escaltui.workbench import incident_updates

        return incident_updates.publish(cast("Workbench", self), incident, update)

    def events(self) -> list[EventFace]:
        """The planned events that are coming or on, the nearest first."""
        from escaltui.workbench import portray_crisis

        return portray_crisis.events(cast("Workbench", self))

    def after_action(self, incident: str) -> str:
        """What happened and what is to be learnt, as Markdown; "" where there is no such incident."""
        from escaltui.workbench import after_action

        return after_action.text(cast("Workbench", self), incident)

    def write_after_action(self, incident: str) -> str:
        """That report in a file of the store's folder; its path. Raises NotKnown."""
        from escaltui.workbench import after_action

        return after_action.write(cast("Workbench", self), incident)

    def remind(self) -> tuple[str, ...]:
        """Running incidents of mine whose promised update is due, by reference; each promise is told once."""
        late = [
            each
            for each in self.store.read(kept.running)
            if each.promised is not None and each.promised <= self.now()
            and self.me in (each.lead, each.comms, each.scribe) and (each.id, each.promised) not in self._reminded
        ]  # fmt: skip
        self._reminded.update((each.id, each.promised or 0) for each in late)
        refs = tuple(each.ref for each in late)
        for listener in tuple(self.on_late) if refs else ():
            listener(refs)
        return refs

    @cached_property
    def _reminded(self) -> set[tuple[str, int]]:
        return set()

    @cached_property
    def on_late(self) -> list[Callable[[tuple[str, ...]], None]]:
        """Who is told the incidents whose promised update is due, from whatever thread found them."""
        return []

    def join_by_rule(self) -> frozenset[str]:
        """Cases join the running incidents whose rule they meet; gives those that joined.

        Alone this is the system's; where the store follows a server it is done by whoever works on the incident, while
        they are at it. What somebody took out stays out, and a rule that meets every open case brings none.
        """
        if self.store.read_only:
            return frozenset()
        found = self.store.read(kept.running)
        alone = self.store.remote is None
        joined: frozenset[str] = frozenset()
        for each in found:
            if each.query and (alone or self.me in (each.lead, each.comms, each.scribe)):
                joined |= self._join(each, alone)
        return joined

    def _join(self, incident: Incident, alone: bool) -> frozenset[str]:
        from escaltui.domain.operations import JoinIncident
        from escaltui.domain.query import QueryError

        bench = cast("Workbench", self)
        try:
            found = bench.matching(_free(incident.query), AT_ONCE)
            if not found or self.meets_all(incident.query):
                return frozenset()
        except QueryError:
            return frozenset()  # a field that this version does not know
        out = self.store.read(lambda connection: kept.taken_out(connection, found))
        ops = [JoinIncident(case=case, incident=incident.id) for case in found if case not in out]
        who = Who("system", SYSTEM_ROLES, self.store.device) if alone else self.who
        outcomes = self.store.do_many(ops, who, self.now(), self.rules)
        joined = frozenset(op.case for op, each in zip(ops, outcomes, strict=True) if not isinstance(each, Refused))
        self._tell(joined)
        return joined


def _free(query: str) -> str:
    """Open cases that belong to no incident and meet a rule."""
    return f"{query} is:open incident:none".strip()
