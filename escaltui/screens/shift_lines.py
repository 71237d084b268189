"""What the shift page draws: its parts one under the other, each with a line for what is in it or that nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, line, own
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, heading
from escaltui.widgets.words import clock_words, severity_words
from escaltui.workbench import shift_words

if TYPE_CHECKING:
    from escaltui.line_faces import QueueLine
    from escaltui.shift_faces import Back, HandoverFace, ItemFace, PolicyNews, RiskFace, ShiftFace, WatchFace

INDENT = 13
GAP = own("  ")
NO = own("")
POLICIES = 8
"""Versions that are told of: the list of changes has all."""


def left(face: ShiftFace, now: int) -> Iterator[Block]:
    """What came up: handed to me, tripped, to be reviewed, breaching soon, policies, incidents, what my cases did."""
    for problem in face.time.problems:
        yield Block(((line(problem), "refused"),), indent=0, outside=False)
    yield from offers(face.offers, now)
    yield from _came_back(face.back)
    yield from _came_up(face, now)
    yield heading(own(_("Breaching soon")))
    yield from _some((_case(each, now) for each in face.soon), _("No clock ends within two hours."))
    if face.more:
        said = ngettext("{n} more: the queue has it.", "{n} more: the queue has them.", face.more).format(n=face.more)
        yield Block(((own(said), "quiet"),), indent=2, outside=False)
    if face.late:
        said = ngettext("{n} open case is late already: the queue has it.",
                        "{n} open cases are late already: the queue has them.", face.late)  # fmt: skip
        yield Block(((own(said.format(n=face.late)), "over"),), indent=2, outside=False)
    yield heading(own(_("Policies that changed")))
    yield from _some(_policies(face.policies), _("No policy changed that you have not read."))
    yield heading(own(_("Incidents")))
    yield from _some(_incidents(face, now), _("No incident runs."))
    yield heading(own(_("What your cases did")))
    yield from _some(_followed(face, now), _("Nothing happened on the cases that you own or watch."))


def right(face: ShiftFace, now: int) -> Iterator[Block]:
    """What is mine: my draft, watches and risks that are quiet, who is on call, what I handed over."""
    yield from draft(face, now)
    quiet = [each for each in face.watches if each.state != "tripped"]
    if quiet or not face.watches:
        yield heading(own(_("Watches")))
        yield from _some(map(_watch, quiet), _("Nothing is watched. N keeps a watch."))
    later = [each for each in face.risks if not each.late]
    if later or not face.risks:
        yield heading(own(_("Risks")))
        yield from _some((_risk(each, now) for each in later), _("No risk is written down. N writes one."))
    if face.on_duty:
        yield heading(own(_("On call")))
        yield from _on_duty(face, now)
    if face.given:
        yield heading(own(_("Handed over by you")))
        for each in face.given:
            yield _given(each, now)


def _came_back(found: Iterable[Back]) -> Iterator[Block]:
    """What others gave back: mine again; nothing is said where there is none."""
    for n, each in enumerate(found):
        if not n:
            yield heading(own(_("Came back to you")))
        if each.item.by == "system":
            said, reason = _("{who} works here no more").format(who=each.receiver), NO
        else:
            said, reason = _("{who} gave it back:").format(who=each.item.by), each.item.reason
        label = each.item.ref if each.item.kind == "case" else word(each.item.kind)
        yield row(f"back {each.id}", label[:9], (own(said + "  "), "refused"), (reason, "new"), GAP,
                  (each.item.name, "quiet"))  # fmt: skip


def _came_up(face: ShiftFace, now: int) -> Iterator[Block]:
    """Watches that tripped, risks to be looked at again; nothing is said where there is none."""
    tripped = [each for each in face.watches if each.state == "tripped"]
    due = [each for each in face.risks if each.late]
    if tripped or due:
        yield heading(own(_("Came up")))
        yield from map(_watch, tripped)
        yield from (_risk(each, now) for each in due)


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


def _given(each: HandoverFace, now: int) -> Block:
    took = sum(item.state == "accepted" for item in each.items)
    said = _("{who}: {took} of {n} taken").format(who=each.receiver, took=took, n=len(each.items))
    parts = [(own(said), "")]
    if each.until < now:
        over = _("their shift ended {time}: R takes the rest back").format(time=when.brief(each.until, now))
        parts += [(GAP, ""), (own(over), "over")]
    return Block(tuple(parts), own(""), 2, f"given {each.id}", own("  "))


# --- what came up


def _case(each: QueueLine, now: int) -> Block:
    words, look = clock_words(each, now)
    return row(f"case {each.id}", each.ref, severity_words(each.severity), GAP, (words, look), GAP, each.title)


def _policies(found: Sequence[PolicyNews]) -> Iterator[Block]:
    """What a version is called and asks for, and what its author says of it."""
    for each in found[:POLICIES]:
        look = "over" if each.overdue else "new" if each.owed or each.bulletin else "quiet"
        title = ((each.title, "heading"), (own(f"  {each.version}  "), "quiet"))
        parts = [*title, (own(shift_words.policy(each)), look)]
        if each.note:
            parts += [(GAP, ""), (each.note, "quiet")]
        yield Block(tuple(parts), own(""), 2, f"policy {each.document} {each.version}", own("  "))
    if (more := len(found) - POLICIES) > 0:
        said = ngettext("{n} more: D in the policies lists it.", "{n} more: D in the policies lists them.", more)
        yield Block(((own(said.format(n=more)), "quiet"),), indent=2, outside=False)


def _incidents(face: ShiftFace, now: int) -> Iterator[Block]:
    for each in face.incidents:
        due = ""
        late = each.promised is not None and each.promised <= now
        if each.promised is not None:
            due = _("update over, was due {time}") if late else _("update due {time}")
            due = due.format(time=when.brief(each.promised, now))
        head = (severity_words(each.severity), GAP, own(word(each.state)), GAP)
        yield row(f"incident {each.id}", each.ref, *head, each.name, GAP, (own(due), "over" if late else "quiet"))


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
    parts = ((own(state) if tripped else NO, "" if watch.seen_by else "over"), GAP if tripped else NO,
             (watch.name, "heading"), GAP,
             (own(said), ""), (own(f"  {watch.owner}"), "quiet"),
             (own("  " + _("I incident, N risk")) if tripped else NO, "quiet"))  # fmt: skip
    return Block(parts, own(""), 2, f"watch {watch.id}", own("  "))


def _risk(risk: RiskFace, now: int) -> Block:
    score = own(f"{risk.likelihood}x{risk.impact}  ")
    if risk.review_on is None:
        review, look = "", "quiet"
    elif risk.late:
        review, look = _("review overdue since {time}").format(time=when.brief(risk.review_on, now)), "over"
    else:
        review, look = _("review {time}").format(time=when.brief(risk.review_on, now)), "quiet"
    parts = ((score, "key"), (risk.title, "heading"), GAP if review else NO, (own(review), look),
             (own(f"  {risk.owner}"), "quiet"))  # fmt: skip
    return Block(parts, own(""), 2, f"risk {risk.id}", own("  "))


def window(minutes: int) -> str:
    """`1 h`, `30 min`, `7 d`."""
    for size, sign in ((1440, _("{n} d")), (60, _("{n} h"))):
        if minutes % size == 0:
            return sign.format(n=minutes // size)
    return _("{n} min").format(n=minutes)
