"""What was done on an incident, told as short sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from escaltui.crisis_faces import LogLine
from escaltui.domain.crisis import RECHECK
from escaltui.i18n import _
from escaltui.safety.text import line
from escaltui.store import incidents as kept
from escaltui.wording import word

if TYPE_CHECKING:
    from escaltui.domain.crisis import Incident
    from escaltui.store.values import LoggedChange
    from escaltui.workbench.door import Workbench

Fields = Mapping[str, tuple[Any, Any]]
SAID = frozenset({"name", "summary", "severity", "lead", "comms", "scribe", "query", "countries"})


def log(bench: Workbench, incident: Incident, *others: Sequence[str]) -> tuple[LogLine, ...]:
    """What was done on an incident and its standing calls and updates (`others`: their ids), the newest first."""
    notes = {each.id: each.body for each in bench.store.read(lambda connection: kept.notes(connection, incident.id))}
    ids = [incident.id, *(key for each in others for key in each), *notes]
    changes = bench.store.read(lambda connection: kept.changes(connection, ids))
    told = []
    for _op, group in groupby(changes, key=lambda change: change.op_id):
        first, *rest = group
        said = sentence((first, *rest), notes)
        if said:
            told.append(LogLine(first.at, first.actor, line(said)))
    return tuple(reversed(told))


def sentence(changes: Sequence[LoggedChange], notes: Mapping[str, str]) -> str:
    """One operation in words; "" where it is not worth a line."""
    first = changes[0]
    fields: dict[str, tuple[Any, Any]] = {}
    for change in changes:
        fields |= change.fields
    if first.verb == "AddIncidentNote":
        return notes.get(first.entity_id, "") or _("note")
    teller = TELLERS.get(first.verb)
    said = teller(fields) if teller else word(first.verb)
    return f'{said}: "{first.reason}"' if first.reason else said


def _now(fields: Fields, name: str) -> Any:
    return fields.get(name, (None, None))[1]


def _set(fields: Fields) -> str:
    told = []
    if "severity" in fields:
        was, now = fields["severity"]
        told.append(_("severity S{was} to S{now}").format(was=2 if was is None else was, now=2 if now is None else now))
    names = dict.fromkeys(path.partition(".")[0] for path in fields)
    changed = [word(name) for name in names if name in SAID - {"severity"}]
    return ", ".join((*told, *([_("changed: {fields}").format(fields=", ".join(changed))] if changed else [])))


def _moved(fields: Fields) -> str:
    return _("now {state}").format(state=word(_now(fields, "state") or "declared"))


def _step(fields: Fields) -> str:
    path, (_was, who) = next(iter(fields.items()), ("steps.", ("", "")))
    step = path.partition(".")[2]
    if step.startswith(RECHECK):
        step = _("look again at what a standing call decided")
    return _("done: {step}").format(step=step) if who else _("to do: {step}").format(step=step)


def _named(plain: Callable[[], str]) -> Callable[[Fields], str]:
    def told(fields: Fields) -> str:
        name = _now(fields, "name")
        return f"{plain()}: {name}" if name else plain()

    return told


def _plain(said: Callable[[], str]) -> Callable[[Fields], str]:
    return lambda _fields: said()


TELLERS: Mapping[str, Callable[[Fields], str]] = {
    "DeclareIncident": _named(lambda: _("incident declared")),
    "SetIncident": _set,
    "MoveIncident": _moved,
    "TickStep": _step,
    "SetContacts": _plain(lambda: _("who is kept up to date was changed")),
    "SaveIncidentUpdate": _plain(lambda: _("update written")),
    "ApproveIncidentUpdate": _plain(lambda: _("update approved")),
    "PublishIncidentUpdate": _plain(lambda: _("update sent to the stakeholders")),
    "SaveRuling": _named(lambda: _("standing call written")),
    "ProposeRuling": _plain(lambda: _("standing call proposed")),
    "ApproveRuling": _plain(lambda: _("standing call approved")),
    "RevokeRuling": _plain(lambda: _("standing call revoked")),
    "ExpireRuling": _plain(lambda: _("standing call ended: look again at what it decided")),
}
