"""What the incident page draws: the list with what is planned, and the board of one incident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.domain.crisis import RECHECK
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
    n = len(each.steps)
    ready = ngettext("{n} step to be ready", "{n} steps to be ready", n).format(n=n) if n else ""
    parts = (own(f"{word(each.kind)} {' '.join(each.countries)}"), GAP, own(f"{each.first} - {each.last}"), GAP,
             own(ready), GAP, (own(_("enter opens an incident for it")), "quiet"))  # fmt: skip
    return Block(parts, own(f"{said}  "), HEAD, f"event {each.id}", own("  "), "quiet")


# --- the board


def board(face: IncidentFace, now: int) -> Iterator[Block]:
    """One incident: what is so, what was done, what is needed; its cases, calls, steps, updates, people, log."""
    line = face.line
    new = ngettext("{n} new this hour", "{n} new this hour", face.new).format(n=face.new) if face.new else ""
    named = join([own(f"{line.ref} "), line.name, own(f", {new}" if new else "")])  # how many cases the list says
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
    used = {f"{RECHECK}{each.id}": each.used for each in face.rulings}
    yield from _some((_step(each, used) for each in face.steps), _("Nothing is to be done. t writes a task down."))
    yield heading(own(_("Updates")))
    yield from _some((_update(each, now) for each in face.updates), _("No update yet. S drafts one."))
    if face.recommendations:
        yield heading(own(_("Recommendations")))
        for claim, kind, state, owner, key in face.recommendations:
            yield _row(word(kind), claim, (own(f"  {word(state)}  {owner}"), "quiet"), key=f"recommendation {key}")
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
    kept = ngettext("{n} kept up to date", "{n} kept up to date", n).format(n=n)
    return _("{roles}; {others}").format(roles=told, others=kept)


def _statuses(face: IncidentFace) -> Iterator[Block]:
    for status, n in face.statuses:
        yield _row(str(n), own(word(status)), key=f"status {status}")


def ruling(each: RulingFace, now: int) -> Block:
    """One standing call: number, name, answer, until when, how often used."""
    acts = ", ".join(word(name) for name, _until in each.line.actions)
    sections = " ".join(cite.section for cite in each.line.cites)
    until = _("to {time}").format(time=when.brief(each.expires_at, now)) if each.live and each.expires_at else ""
    used = ngettext("used {n} time", "used {n} times", each.used).format(n=each.used)
    told = " ".join(part for part in (word(each.line.outcome), sections, acts) if part)
    return _row(str(each.number), each.name, GAP, (own(told), "quiet"), GAP, own(word(each.state)), GAP,
                own(until), GAP, (own(used), "quiet"), *_reviews(each), key=f"ruling {each.id}")  # fmt: skip


def _reviews(each: RulingFace) -> Iterator[tuple[SafeText, str]]:
    """What of its sample waits to be looked at, and where somebody disagreed."""
    if each.to_review:
        yield own("  " + _("{n} to be looked at").format(n=each.to_review)), "near"
    if each.disagreed:
        yield own("  " + _("{n} disagreed with").format(n=each.disagreed)), "over"


def _step(each: StepFace, used: Mapping[str, int]) -> Block:
    """A step; of one that looks at an ended standing call again, how many cases that is."""
    done = own(_("done")) if each.who else own(_("to do"))
    n, more = used.get(each.key), own(f"  {each.who}")
    if n is not None and not each.who:
        more = own("  " + ngettext("{n} case: enter lists it", "{n} cases: enter lists them", n).format(n=n))
    return _row(done.value, each.title, (more, "quiet"), key=f"step {each.key}")


def _update(each: UpdateFace, now: int) -> Block:
    text = dict(each.texts).get("line") or own("")
    parts = (own(word(each.state)), GAP, (own(f"{word(each.audience)}  {each.by}  "), "quiet"), text)
    return _row(when.brief(each.at, now), *parts, key=f"update {each.id}")
