"""What the shift page draws: its parts one under the other, each with a line for what is in it or that nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, line, own
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, heading
from escaltui.widgets.words import clock_words, severity_words

if TYPE_CHECKING:
    from escaltui.line_faces import QueueLine
    from escaltui.shift_faces import HandoverFace, ItemFace, RiskFace, ShiftFace, WatchFace

INDENT = 13
GAP = own("  ")
NO = own("")


def left(face: ShiftFace, now: int) -> Iterator[Block]:
    """What came up: offered to me, breaching soon, changed policies, incidents, what my cases did."""
    for problem in face.time.problems:
        yield Block(((line(problem), "refused"),), indent=0, outside=False)
    yield from offers(face.offers, now)
    yield heading(own(_("Breaching soon")))
    yield from _some((_case(each, now) for each in face.soon), _("No clock ends within two hours."))
    if face.late:
        said = ngettext("{n} open case is late already: the queue has it.",
                        "{n} open cases are late already: the queue has them.", face.late)  # fmt: skip
        yield Block(((own(said.format(n=face.late)), "over"),), indent=2, outside=False)
    yield heading(own(_("Policies that changed")))
    yield from _some(_policies(face), _("No policy changed that you have not read."))
    yield heading(own(_("Incidents")))
    yield from _some(_incidents(face, now), _("No incident runs."))
    yield heading(own(_("What your cases did")))
    yield from _some(_followed(face, now), _("Nothing happened on the cases that you own or watch."))


def right(face: ShiftFace, now: int) -> Iterator[Block]:
    """What is mine: my draft, watches, risks, what I handed over."""
    yield from draft(face, now)
    yield heading(own(_("Watches")))
    yield from _some(map(_watch, face.watches), _("Nothing is watched. N keeps a watch."))
    yield heading(own(_("Risks")))
    yield from _some((_risk(each, now) for each in face.risks), _("No risk is written down. N writes one."))
    if face.on_duty:
        yield heading(own(_("On call")))
        yield from _on_duty(face, now)
    if face.given:
        yield heading(own(_("Handed over by you")))
        for each in face.given:
            yield from _given(each)


def _some(blocks: Iterable[Block], nothing: str) -> Iterator[Block]:
    """The blocks, or that there are none."""
    found = list(blocks)
    yield from found or [Block(((own(nothing), "quiet"),), indent=2, outside=False)]


def row(key: str, label: str, *parts: tuple[SafeText, str] | SafeText, look: str = "key", off: bool = False) -> Block:
    """One line: what it is called, then its words."""
    return Block(tuple(parts), own(f"{label}  "), INDENT, key, own("x " if off else "  "), look)


# --- handovers


def offers(found: Iterable[HandoverFace], now: int) -> Iterator[Block]:
    """What is offered to me, each handover under its giver."""
    waiting = [each for each in found if each.open]
    yield heading(own(_("Offered to you")))
    for each in waiting:
        said = ngettext("{n} thing from {who}", "{n} things from {who}", each.open).format(n=each.open, who=each.giver)
        note = ((GAP, ""), (each.note, "")) if each.note else ()
        hint = own("  " + _("A on this line takes all"))
        yield Block(((own(said), "new"), *note, (hint, "quiet")), own(""), 2, f"offer {each.id}", own("  "))
        for item in each.items:
            if item.state == "offered":
                yield _item(item, f"item {each.id}/{item.about}")
    if not waiting:
        yield Block(((own(_("Nothing is offered to you.")), "quiet"),), indent=2, outside=False)


def _item(item: ItemFace, key: str, *, mine: bool = False) -> Block:
    label = item.ref if item.kind == "case" else word(item.kind)
    parts: list[tuple[SafeText, str]] = [(item.says, "") if item.says else (own(word(item.why)), "")]
    if item.ask:  # first: it is what somebody wants of the reader
        parts[:0] = [(own('"'), ""), (item.ask, "new"), (own('"  '), "")]
    if item.name:
        parts += [(GAP, ""), (item.name, "quiet")]
    if mine and item.left_out:
        parts.insert(0, (own(_("left out") + "  "), "quiet"))
    return row(key, label[:9], *parts, off=item.left_out)


def draft(face: ShiftFace, now: int) -> Iterator[Block]:
    """My draft: to whom, how much of what, then each thing."""
    found = face.draft
    yield heading(own(_("Your draft")))
    count = len(found.kept)
    if not found.items:
        yield Block(((own(_("You have nothing to hand over.")), "quiet"),), indent=2, outside=False)
        return
    said = ngettext("{n} thing", "{n} things", count).format(n=count)
    to = _("to {who} until {time}") if found.receiver else _("to nobody yet: @ names somebody; until {time}")
    to = to.format(who=found.receiver, time=when.brief(found.until, now))
    note = ((GAP, ""), (found.note, "")) if found.note else ()
    yield Block(((own(said), "new"), GAP, own(to), *note), own(""), 2, "draft", own("  "))
    for item in found.items:
        yield _item(item, f"mine {item.about}", mine=True)


def _on_duty(face: ShiftFace, now: int) -> Iterator[Block]:
    for each in face.on_duty:
        said = _("{who} until {time}").format(who=each.person, time=when.brief(each.until, now))
        where = own(f"{word(each.team)} {each.region}".strip() + "  ")
        yield Block(((where, "key"), line(said), (line(f"  {each.call}" if each.call else ""), "quiet")), indent=2)


def _given(each: HandoverFace) -> Iterator[Block]:
    took = sum(item.state == "accepted" for item in each.items)
    said = _("{who}: {took} of {n} taken").format(who=each.receiver, took=took, n=len(each.items))
    yield Block((own(said),), own(""), 2, f"given {each.id}", own("  "))
    for item in each.items:
        if item.state == "returned":
            said = _("given back by {who}:").format(who=item.by)
            yield row(f"back {each.id}/{item.about}", item.ref[:9], (own(said + " "), "refused"), item.reason)


# --- what came up


def _case(each: QueueLine, now: int) -> Block:
    words, look = clock_words(each, now)
    return row(f"case {each.id}", each.ref, severity_words(each.severity), GAP, (words, look), GAP, each.title)


def _policies(face: ShiftFace) -> Iterator[Block]:
    for each in face.policies:
        ask = _("to be acknowledged") + (" " + _("by {day}").format(day=each.ack_by) if each.ack_by else "")
        parts = ((own("  " + each.version), "quiet"), (own("  " + ask) if each.must_ack else NO, "new"))
        key = f"policy {each.document} {each.version}"
        yield Block(((each.title, ""), *parts), own(""), 2, key, own("  "))


def _incidents(face: ShiftFace, now: int) -> Iterator[Block]:
    for each in face.incidents:
        due = ""
        if each.promised is not None:
            due = "  " + _("update due {time}").format(time=when.brief(each.promised, now))
        late = each.promised is not None and each.promised <= now
        head = (severity_words(each.severity), GAP, own(word(each.state)), GAP)
        yield row(f"incident {each.id}", each.ref, *head, each.name, (own(due), "near" if late else "quiet"))


def _followed(face: ShiftFace, now: int) -> Iterator[Block]:
    for each in face.followed:
        count = (own(f"{each.times}  "), "new")
        time = (own(when.brief(each.at, now) + "  "), "quiet")
        yield row(f"case {each.line.id}", each.line.ref, count, time, each.last)


# --- what is watched


def _watch(watch: WatchFace) -> Block:
    counts = _("{n} in {window}, over {most}") if watch.found > watch.threshold else _("{n} in {window}, up to {most}")
    said = counts.format(n=watch.found, window=window(watch.minutes), most=watch.threshold)
    tripped = watch.state == "tripped"
    state = _("seen by {who}").format(who=watch.seen_by) if watch.seen_by else _("tripped")
    parts = ((own(state + "  ") if tripped else NO, "" if watch.seen_by else "over"), (watch.name, "heading"), GAP,
             (own(said), ""), (own(f"  {watch.owner}"), "quiet"))  # fmt: skip
    return Block(parts, own(""), 2, f"watch {watch.id}", own("  "))


def _risk(risk: RiskFace, now: int) -> Block:
    score = own(f"{risk.likelihood}x{risk.impact}  ")
    if risk.review_on is None:
        review, look = "", "quiet"
    elif risk.late:
        review, look = _("review overdue since {time}").format(time=when.brief(risk.review_on, now)), "over"
    else:
        review, look = _("review {time}").format(time=when.brief(risk.review_on, now)), "quiet"
    parts = ((score, "key"), (risk.title, "heading"), (own(f"  {review}" if review else ""), look),
             (own(f"  {risk.owner}"), "quiet"))  # fmt: skip
    return Block(parts, own(""), 2, f"risk {risk.id}", own("  "))


def window(minutes: int) -> str:
    """`1 h`, `30 min`, `7 d`."""
    for size, sign in ((1440, _("{n} d")), (60, _("{n} h"))):
        if minutes % size == 0:
            return sign.format(n=minutes // size)
    return _("{n} min").format(n=minutes)
