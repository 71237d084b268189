"""Updates on an incident: drafted from the logs of its cases, drawn again as they were, and out as letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain import incident_updates, updates
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Case
from escaltui.domain.operations import DraftMessage, PublishIncidentUpdate, SaveIncidentUpdate
from escaltui.domain.updates import Draft
from escaltui.i18n import _
from escaltui.store import incidents as kept
from escaltui.workbench.updates import log, placed

if TYPE_CHECKING:
    from escaltui.domain.crisis import Incident
    from escaltui.domain.entities import Update
    from escaltui.store.values import LoggedChange
    from escaltui.workbench.crisis import Audience
    from escaltui.workbench.door import Workbench


def draft(
    bench: Workbench, incident: str, audience: Audience = "tactical", promised: int | None = None
) -> SaveIncidentUpdate | None:  # fmt: skip
    """An update about what changed since the last published one, ready to be changed and kept; None without one."""
    found = drawn(bench, incident)
    if found is None:
        return None
    conditions, actions, needs = (updates.part(found, name, wording.told) for name in updates.PARTS)
    return SaveIncidentUpdate(
        incident=incident, audience=audience, texts=updates.texts(found, wording.told), conditions=conditions,
        actions=actions, needs=needs, numbers=found.numbers, upto=found.upto, promised=promised,
    )  # fmt: skip


def drawn(bench: Workbench, incident: str) -> Draft | None:
    """What changed on an incident since its last published update; None where it is not here."""
    since = max((each.upto for each in written(bench, incident) if each.state == "published"), default=0)
    own, cases = list(_own(bench, incident)), _cases(bench, incident, every=False)
    upto = max((each[-1].seq for each in (own, *cases) if each), default=0)
    return incident_updates.draft(own, cases, since, upto, bench.now())


def redraw(bench: Workbench, update: Update) -> Draft | None:
    """A kept update's draft, made again from the logs as they were then."""
    own, cases = _own(bench, update.incident), _cases(bench, update.incident, every=True)
    return incident_updates.redraw(own, cases, update)


def written(bench: Workbench, incident: str) -> list[Update]:
    """The updates on an incident, the oldest first."""
    return bench.store.read(lambda connection: kept.updates(connection, incident))


def _own(bench: Workbench, incident: str) -> Iterator[LoggedChange]:
    """The log of the incident and its standing calls."""
    rulings = bench.store.read(lambda connection: kept.rulings(connection, incident))
    ids = [incident, *(each.id for each in rulings)]
    return placed(bench.store.read(lambda connection: kept.changes(connection, ids)))


def _cases(bench: Workbench, incident: str, *, every: bool) -> list[list[LoggedChange]]:
    """The logs of its cases; `every`: also of those that left, which reads the whole log once."""
    named = bench.store.read(lambda connection: kept.members(connection, incident))
    if every:
        named = list(dict.fromkeys((*named, *bench.store.read(kept.left))))
    return [list(log(bench, case)) for case in named]


def publish(bench: Workbench, incident: str, update: str) -> Refused | int:
    """Let an update go out: a letter for each contact. Gives how many letters wait."""
    outcome = bench.do(PublishIncidentUpdate(incident=incident, update=update))
    return outcome if isinstance(outcome, Refused) else letters_of(bench, incident, update)


def letters_of(bench: Workbench, incident: str, update_id: str) -> int:
    """Write the letters of an update that was published. Gives how many were written; none twice.

    A letter belongs to a case: these lie on the case of the incident that everybody at the desk sees and that is open
    longest. An incident without one has nobody's letters; its update is there to be copied.
    """
    found = bench.incident_row(incident)
    update = next((each for each in written(bench, incident) if each.id == update_id), None)
    case = _anchor(bench, incident)
    if found is None or update is None or case is None:
        return 0
    told = _told(bench, incident, update_id)
    ops = [each for each in _letters(found, update, case.id) if each.address not in told]
    return sum(not isinstance(outcome, Refused) for outcome in bench.do_many(ops)) if ops else 0


def _letters(found: Incident, update: Update, case: str) -> Iterator[DraftMessage]:
    subject = _("Update on {ref}").format(ref=found.ref)
    for who in found.stakeholders.values():
        if who.address:
            yield DraftMessage(
                case=case, party="executive" if who.length == "executive" else "internal", address=who.address,
                subject=subject, body=update.texts.get(who.length) or update.texts.get("mail", ""), purpose="update",
                about=update.id,
            )  # fmt: skip


def _anchor(bench: Workbench, incident: str) -> Case | None:
    """The case that the letters of an incident lie on."""
    named = bench.store.read(lambda connection: kept.members(connection, incident))
    cases = [case for key in named if isinstance(case := bench.store.row(Case.NAME, key), Case)]
    shown = [case for case in cases if case.sensitivity == "normal" and case.status != "merged"]
    still_open = [case for case in shown if case.status not in ("resolved", "closed")]
    return next(iter((*still_open, *shown)), None)


def _told(bench: Workbench, incident: str, update: str) -> set[str]:
    """The addresses that an update was written to already, whichever case that was on."""
    named = bench.store.read(lambda connection: kept.members(connection, incident))
    return bench.store.read(lambda connection: kept.written_about(connection, named, update))
