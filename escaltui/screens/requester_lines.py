"""The lines of a requester's page: who it is, what was asked and granted, who may be the same, cases and letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.domain.letters import party_of
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, cells, cut, join, own
from escaltui.widgets.labels import named, word
from escaltui.widgets.passage import Block, heading
from escaltui.widgets.words import clock_words, severity_words
from escaltui.workbench import requester_words as told

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.insight.ledger import Counts
    from escaltui.requester_faces import HeldFace, LikeFace, RequesterFace, RequestFace, ThreadFace
    from escaltui.widgets.say import Part

INDENT = 12
NAME, NUMBER, BARS, STATE = 24, 4, 20, 11
"""Cells of a table's first column, of the bars at most; of a number with its gap, of a case's answer at least."""
SIGN, GAP = own("  "), own("  ")
_LOOKS = {"granted": "done", "partly": "done", "not_granted": "", "open": "new"}


def head(face: RequesterFace, rules: RuleSet) -> Iterator[Block]:
    """Who it is, in two or three lines."""
    parts: list[Part] = [(face.name, "heading"), GAP, named(rules.requesters, face.kind)]
    parts += [GAP, own(face.country)] if face.country else []
    if face.organisation and face.organisation.value != face.name.value:
        parts += [GAP, (face.organisation, "quiet")]
    parts += [(own("  " + _("protected")), "near")] if face.protected else []
    yield Block(tuple(parts))
    if face.came_as:
        yield Block(((face.came_as, ""), (own(" " + _("goes on under this name.")), "quiet")))
    yield Block(((own(told.asked(face.ledger)), "quiet"),), outside=False)
    if face.few:
        said = _("It belongs to a case that few may see: nothing else of the same name is counted here.")
        yield Block(((own(said), "near"),), outside=False)


def figures(face: RequesterFace, rules: RuleSet, width: int) -> Iterator[Block]:
    """Asked and granted by type and by month, how it was checked, how long it took."""
    ledger = face.ledger
    if ledger.total.asked:
        yield heading(own(_("Asked and granted")))
        rows = [(own(_(rules.types[name].label) if name in rules.types else name), f"type {name}", counts)
                for name, counts in ledger.by_type]  # fmt: skip
        total = [(own(_("all")), "all", ledger.total)] if len(rows) > 1 else []
        yield from _by_type([*rows, *total], width)
        yield heading(own(_("By month")))
        yield from _by_month(face, width)
    yield heading(own(_("How it was checked")))
    for said in told.checks(ledger):
        yield _said(said)
    yield from _directory(face)
    yield heading(own(_("How long it took")))
    for said in told.times(ledger):
        yield _said(said)


def _by_type(rows: Sequence[tuple[SafeText, str, Counts]], width: int) -> Iterator[Block]:
    heads = (_("ASKED"), _("GRANTED"), _("PARTLY"), _("NO"), _("OTHER"), _("OPEN"))
    numbers = _widths(heads)
    first = max(8, min(NAME, width - sum(numbers)))
    room = min(BARS, width - first - sum(numbers) - 2)
    yield Block(((_line(own(_("TYPE")), first, heads, numbers), "quiet"),), indent=2, outside=False)
    most = max(counts.asked for _name, key, counts in rows if key != "all")
    for name, key, counts in rows:
        values = (counts.asked, counts.granted, counts.partly, counts.not_granted, told.other(counts), counts.open)
        drawn = () if key == "all" or room < 6 else _bar(counts, most, room)
        yield Block(((_line(name, first, values, numbers), "heading" if key == "all" else ""), *drawn), own(""), 2, key,
                    SIGN, outside=False)  # fmt: skip


def _by_month(face: RequesterFace, width: int) -> Iterator[Block]:
    heads = (_("ASKED"), _("GRANTED"), _("PARTLY"))
    numbers = _widths(heads)
    room = max(6, min(BARS, width - 10 - sum(numbers)))
    yield Block(((_line(own(_("MONTH")), 8, heads, numbers), "quiet"),), indent=2, outside=False)
    most = max((counts.asked for _name, counts in face.ledger.by_month), default=0)
    for name, counts in dropwhile(lambda pair: not pair[1].asked, face.ledger.by_month):
        values = (counts.asked, counts.granted, counts.partly)
        shown = _line(own(name), 8, values, numbers)
        yield Block(((shown, "" if counts.asked else "quiet"), *_bar(counts, most, room)), indent=2, outside=False)
    yield _said(_("{granted} granted, wholly or in part; {rest} the rest").format(granted=told.BAR, rest=told.REST))
    if face.ledger.earlier:
        said = ngettext("{n} case came earlier.", "{n} cases came earlier.", face.ledger.earlier)
        yield _said(said.format(n=face.ledger.earlier))


def _widths(heads: Iterable[str]) -> list[int]:
    return [max(NUMBER, cells(own(each)) + 1) for each in heads]


def _bar(counts: Counts, most: int, room: int) -> tuple[Part, ...]:
    yes, rest = told.bar(counts, most, room)
    return ((own("  " + yes), "done"), (own(rest), "quiet"))


def _line(name: SafeText, first: int, values: Iterable[object], widths: Sequence[int]) -> SafeText:
    shown = cut(name, first)
    numbers = (own(str(value).rjust(width)) for value, width in zip(values, widths, strict=True))
    return join([shown, own(" " * (first - cells(shown))), *numbers])


def _directory(face: RequesterFace) -> Iterator[Block]:
    """The ways of our own to reach them; for an authority, that there is none."""
    for each in face.contacts:
        vouched = join([each.source, own(each.by)], own(", ")) if each.source else own(each.by)
        parts = ((own(word(each.channel) + "  "), "key"), each.address, GAP, (vouched, "quiet"))
        yield Block(parts, indent=2, sign=SIGN)
    if not face.contacts and party_of(face.kind) == "authority":
        yield _said(_("No contact of theirs is in our directory: there is nothing to call back by."))


# --- who may be the same


def likes(found: Sequence[LikeFace] | None, name: SafeText) -> Iterator[Block]:
    """Who may be the same; nothing where nobody may."""
    if not found:
        return
    yield heading(own(_("The same as?")))
    hint = own(_("A says that one is the same and goes on as {name}; R that it is not.").format(name="{}"))
    before, _mark, after = hint.value.partition("{}")
    yield Block(((own(before), "quiet"), (name, ""), (own(after), "quiet")), indent=2, sign=SIGN)
    for each in found:
        count = own(ngettext("{n} case", "{n} cases", each.cases).format(n=each.cases))
        parts = ((each.name, "heading"), GAP, own(told.share(each.ratio)), GAP, (count, "quiet"), GAP,
                 (own(word(each.kind)), "quiet"))  # fmt: skip
        yield Block(parts, own(""), 2, f"like {each.id}", SIGN)


def held(face: RequesterFace, now: int) -> Iterator[Block]:
    """The names that go on under this one, and who said so."""
    if not face.held:
        return
    yield heading(own(_("Goes by these names, too")))
    for each in face.held:
        yield _held(each, now)


def _held(each: HeldFace, now: int) -> Block:
    count = own("  " + ngettext("{n} case", "{n} cases", each.cases).format(n=each.cases))
    said = (own("  " + _("not confirmed by the server yet")), "quiet")
    if each.at is not None:
        said = (own("  " + _("{who}, {time}:").format(who=each.by, time=when.brief(each.at, now)) + " "), "quiet")
    return Block(((each.name, "heading"), (count, ""), said, each.reason), own(""), 2, f"held {each.id}", SIGN)


# --- cases and threads


def cases(face: RequesterFace, now: int) -> Iterator[Block]:
    """Their cases, open ones first; then that there are more."""
    yield heading(own(_("Cases")))
    for each in face.cases:
        yield _case(each, now)
    if not face.cases:
        yield _said(_("No case of theirs is here."))
    elif (more := face.total - len(face.cases)) > 0:
        said = ngettext("{n} more case: enter lists all in the queue.", "{n} more cases: enter lists all in the queue.",
                        more)  # fmt: skip
        yield Block(((own(said.format(n=more)), "quiet"),), own(""), 2, "all", SIGN, outside=False)


def _case(each: RequestFace, now: int) -> Block:
    words, look = clock_words(each.line, now)
    if each.answer != "open":
        words, look = own(told.answer_word(each.answer)), _LOOKS.get(each.answer, "quiet")
    rest = own(" " * max(0, STATE - cells(words)))
    parts = (severity_words(each.line.severity), GAP, (words, look), rest, GAP,
             (own(_day(each.line.received, now) + "  "), "quiet"), each.line.title)  # fmt: skip
    return Block(parts, own(f"{each.line.ref}  "), INDENT, f"case {each.line.id}", SIGN, "key")


def _day(at: int, now: int) -> str:
    """`11-24` this year, else the whole date."""
    day, today = when.day(at), when.day(now)
    return day[5:] if day[:4] == today[:4] else day


def threads(face: RequesterFace, now: int) -> Iterator[Block]:
    """The letters to and from them, by case, the newest first."""
    yield heading(own(_("Letters")))
    for each in face.threads:
        yield _thread(each, now)
    if not face.threads:
        yield _said(_("No letter went to them or came from them."))


def _thread(each: ThreadFace, now: int) -> Block:
    parts = (own(told.thread(each, now) + "  "), (each.subject, "quiet"))
    return Block(parts, own(f"{each.ref}  "), INDENT, f"thread {each.case}", SIGN, "key")


def _said(said: str, look: str = "quiet") -> Block:
    return Block(((own(said), look),), indent=2, sign=SIGN, outside=False)
