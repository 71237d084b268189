"""What the incident page draws: the list with what is planned, and the board of one incident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, join, own
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, heading
from escaltui.widgets.words import severity_words

if TYPE_CHECKING:
    from escaltui.crisis_faces import EventFace, IncidentFace, IncidentLine, RulingFace, StepFace
    from escaltui.work_faces import UpdateFace

HEAD = 14
GAP = own("  ")
LOG = 40


def lead(incidents: Iterable[IncidentLine], events: Iterable[EventFace], now: int) -> Iterator[Block]:
    """The list: incidents, then the planned events that nobody opened one for."""
    some = False
    for each in incidents:
        some = True
        yield incident(each, now)
    for event in events:
        if not event.incident:
            some = True
            yield _event(event)
    if not some:
        said = _("No incident, and nothing planned. N declares one; I on cases does so over them.")
        yield Block(((own(said), "quiet"),), outside=False)


def incident(each: IncidentLine, now: int) -> Block:
    """One incident: state, severity, when the next update is due, its cases, who leads, its name."""
    parts: list[tuple[SafeText, str] | SafeText] = [
        own(f"{word(each.state)} "), severity_words(each.severity), GAP, (_due(each, now)), GAP,
        own(_counted(each)), GAP, (own(each.lead), "quiet"), GAP, each.name,
    ]  # fmt: skip
    return Block(tuple(parts), own(f"{each.ref}  "), HEAD, f"incident {each.id}", own("  "), "key")


def _counted(each: IncidentLine) -> str:
    n = ngettext("{n} case", "{n} cases", each.cases).format(n=each.cases)
    return n + _(", {n} open").format(n=each.open)


def _due(each: IncidentLine, now: int) -> tuple[SafeText, str]:
    if each.promised is None:
        return own(_("no update promised")), "quiet"
    time = when.brief(each.promised, now)
    if each.late:
        return own(_("update over, was due {time}").format(time=time)), "over"
    return own(_("update due {time}").format(time=time)), ""


def _event(each: EventFace) -> Block:
    days = each.days
    said = ngettext("in {n} day", "in {n} days", days).format(n=days) if days > 0 else _("on now")
    parts = (own(f"{word(each.kind)} {' '.join(each.countries)}"), GAP, own(f"{each.first} - {each.last}"), GAP,
             (own(_("enter opens an incident for it")), "quiet"))  # fmt: skip
    return Block(parts, own(f"{said}  "), HEAD, f"event {each.id}", own("  "), "quiet")


# --- the board


def board(face: IncidentFace, now: int) -> Iterator[Block]:
    """One incident: what is so, what was done, what is needed; its cases, calls, steps, updates, people, log."""
    line = face.line
    new = ngettext("{n} new this hour", "{n} new this hour", face.new).format(n=face.new) if face.new else ""
    named = join([own(f"{line.ref} "), line.name, own(f", {_counted(line)}" + (f", {new}" if new else ""))])
    yield heading(named)
    for title, said in (
        (_("Conditions"), face.conditions), (_("Actions"), face.actions), (_("Needs"), face.needs),
    ):  # fmt: skip
        yield _row(title, *((said and (join(list(said), own(" ")),)) or ((own("-"), "quiet"),)))
    if line.query:
        yield _row(_("Rule"), own(line.query))
    if face.summary.value:
        yield _row(_("Summary"), face.summary)
    yield _row(_("People"), own(_people(face)))
    yield heading(own(_("Cases")))
    yield from _some(_statuses(face), _("No case belongs to it yet. I adds some."))
    yield heading(own(_("Standing calls")))
    yield from _some((ruling(each, now) for each in face.rulings), _("No standing call. N writes one."))
    yield heading(own(_("To do")))
    yield from _some(map(_step, face.steps), _("Nothing is to be done. t writes a task down."))
    yield heading(own(_("Updates")))
    yield from _some((_update(each, now) for each in face.updates), _("No update yet. S drafts one."))
    if face.recommendations:
        yield heading(own(_("Recommendations")))
        for claim, kind, state, owner in face.recommendations:
            yield _row(word(kind), claim, (own(f"  {word(state)}  {owner}"), "quiet"))
    if face.review.value:
        yield heading(own(_("Review")))
        yield Block((face.review,), indent=2)
    yield heading(own(_("Timeline")))
    for n, told in enumerate(face.log[:LOG]):
        parts = ((own(told.actor + GAP.value), "quiet"), told.text)
        yield _row(when.brief(told.at, now), *parts, key=f"log {n}")


def _row(label: str, *parts: tuple[SafeText, str] | SafeText, key: str = "") -> Block:
    return Block(tuple(parts), own(f"{label}  "), HEAD, key, own("  "), "key" if key else "quiet")


def _some(blocks: Iterable[Block], nothing: str) -> Iterator[Block]:
    found = list(blocks)
    yield from found or [Block(((own(nothing), "quiet"),), indent=2, outside=False)]


def _people(face: IncidentFace) -> str:
    roles = ((_("lead"), face.line.lead), (_("communications"), face.comms), (_("scribe"), face.scribe))
    told = ", ".join(f"{role} {who}" for role, who in roles if who)
    n = len(face.stakeholders)
    return f"{told}; " + ngettext("{n} kept up to date", "{n} kept up to date", n).format(n=n)


def _statuses(face: IncidentFace) -> Iterator[Block]:
    for status, n in face.statuses:
        yield _row(str(n), own(word(status)), key=f"status {status}")


def ruling(each: RulingFace, now: int) -> Block:
    """One standing call: number, name, answer, until when, how often used."""
    acts = ", ".join(name for name, _until in each.line.actions)
    sections = " ".join(cite.section for cite in each.line.cites)
    until = _("to {time}").format(time=when.brief(each.expires_at, now)) if each.live and each.expires_at else ""
    used = ngettext("used {n} time", "used {n} times", each.used).format(n=each.used)
    told = " ".join(part for part in (word(each.line.outcome), sections, acts) if part)
    parts = (
        each.name,
        GAP,
        (own(told), "quiet"),
        GAP,
        own(word(each.state)),
        GAP,
        own(until),
        GAP,
        (own(used), "quiet"),
    )
    return _row(str(each.number), *parts, key=f"ruling {each.id}")


def _step(each: StepFace) -> Block:
    done = own(_("done")) if each.who else own(_("to do"))
    return _row(done.value, each.title, (own(f"  {each.who}"), "quiet"), key=f"step {each.key}")


def _update(each: UpdateFace, now: int) -> Block:
    text = dict(each.texts).get("line") or own("")
    parts = (own(word(each.state)), GAP, (own(f"{word(each.audience)}  {each.by}  "), "quiet"), text)
    return _row(when.brief(each.at, now), *parts, key=f"update {each.id}")
