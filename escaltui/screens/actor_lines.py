"""What the page of an actor draws: its numbers, its cases, where else its pictures are, who asked, its networks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, cells, join, own
from escaltui.widgets.clocks_line import Chunk
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, blank, heading
from escaltui.widgets.say import Part
from escaltui.widgets.words import number, severity_words

if TYPE_CHECKING:
    from escaltui.actor_faces import ActorCase, ActorFace, Alike, NetworkChange, NetworkFace, Pictures, RequesterLine
    from escaltui.domain.actors import Asked
    from escaltui.line_faces import QueueLine

GAP = own("  ")
COMMA = own(", ")
_FIELD = re.compile(r"\{(\w+)\}")


def with_texts(said: str, **texts: SafeText) -> SafeText:
    """A sentence of ours with texts from outside in its fields."""
    parts = _FIELD.split(said)
    return join(texts[part] if at % 2 else own(part) for at, part in enumerate(parts))


def head(face: ActorFace) -> list[Chunk]:
    """Its numbers, those that weigh most in bold."""
    counts = face.counts
    cases = ngettext("{n} case", "{n} cases", counts.cases).format(n=number(counts.cases))
    chunks: list[Chunk] = [(own(cases + _(", {n} open").format(n=number(counts.open))),),
                           (own(_("{n} decided").format(n=number(counts.decided))),)]  # fmt: skip
    for n, said, look in (
        (counts.violations, ngettext("{n} violation", "{n} violations", counts.violations), "near"),
        (counts.strikes, ngettext("{n} strike", "{n} strikes", counts.strikes), "near"),
        (counts.reversals, ngettext("{n} reversed", "{n} reversed", counts.reversals), "near"),
    ):
        chunks.append(((own(said.format(n=number(n))), look if n else "quiet"),))
    if counts.first is not None and counts.last is not None:
        first, last = when.day(counts.first), when.day(counts.last)
        seen = _("seen {day}").format(day=first) if first == last else _("seen {first} to {last}").format(
            first=first, last=last)  # fmt: skip
        chunks.append(((own(seen), "quiet"),))
    return chunks


# --- cases


def cases(face: ActorFace) -> Iterator[Block]:
    """The cases, the newest first."""
    if not face.cases:
        yield _nothing(_("No case here is about its items."))
    for each in face.cases:
        yield _case(each)
    if (more := face.counts.cases - len(face.cases)) > 0:
        said = ngettext("and {n} older case, counted above", "and {n} older cases, counted above", more)
        yield Block(((own(said.format(n=number(more))), "quiet"),), indent=2, outside=False)


def _case(each: ActorCase) -> Block:
    line = each.line
    came = [word(outcome) for outcome in each.outcomes]
    if each.strikes:
        came.append(ngettext("{n} strike", "{n} strikes", each.strikes).format(n=each.strikes))
    told: list[Part] = [(own(", ".join(came)), ""), GAP] if came else []
    if each.reversals:
        told = [*told, (own(_("reversed")), "near"), GAP]
    parts: tuple[Part, ...] = ((own(f"{when.day(line.received)}  "), "quiet"), (own(word(line.status)), "quiet"), GAP,
                               *told, line.title)  # fmt: skip
    return _of_case(line, parts)


def _of_case(line: QueueLine, parts: tuple[Part, ...]) -> Block:
    """A case that `enter` opens: what is said of it stands beside its reference."""
    ref = own(f"{line.ref}  ")
    return Block((severity_words(line.severity), own(" "), *parts), ref, cells(ref) + 2, f"case {line.id}", own("  "),
                 "")  # fmt: skip


# --- pictures


def alike(found: Pictures | None) -> Iterator[Block]:
    """Where else its pictures are. None: not compared yet."""
    if found is None:
        yield _nothing(_("Pictures are being compared."))
        return
    if not found.files:
        yield _nothing(_("No file came with its items."))
        return
    if not found.cases:
        yield _nothing(_("None of its files is on a case of somebody else."))
    for each in found.cases:
        yield _alike(each)
    if found.more:
        said = ngettext("and {n} more case", "and {n} more cases", found.more).format(n=number(found.more))
        yield Block(((own(said), "quiet"),), indent=2, outside=False)
    yield blank()
    yield _nothing(_compared(found))


def _compared(found: Pictures) -> str:
    said = ngettext("{n} file on its items", "{n} files on its items", found.files).format(n=number(found.files))
    if found.compared < found.files:
        return said + _(", the newest {n} compared by their looks, too.").format(n=found.compared)
    return said + _(", compared by their looks, too.")


def _alike(each: Alike) -> Block:
    said = _("the same file") if each.same else _("looks alike, {n} of 256 bits differ").format(n=each.distance)
    whose = join([one.name for one in each.accounts], COMMA)
    parts: tuple[Part, ...] = (own(said), GAP, (whose, "heading"), GAP if whose else own(""), each.line.title)
    return _of_case(each.line, parts)


# --- requesters


def requesters(face: ActorFace) -> Iterator[Block]:
    """Who asked about it, and what came of that."""
    if not face.requesters:
        yield _nothing(_("Nobody is named who asked about it."))
    for each in face.requesters:
        yield _requester(each)
    if (more := face.requester_count - len(face.requesters)) > 0:
        yield Block(((own(_("and {n} more").format(n=number(more))), "quiet"),), indent=2, outside=False)


def _requester(each: RequesterLine) -> Block:
    name = each.name or own(_("not known here any more"))
    kind = f"{word(each.kind)}  " if each.kind else ""
    parts = ((name, "heading"), GAP, (own(kind), "quiet"), own(_asked(each.asked)))
    return Block(parts, indent=2, key=f"requester {each.id}")


def _asked(asked: Asked) -> str:
    cases_ = ngettext("{n} case", "{n} cases", asked.cases).format(n=number(asked.cases))
    decided = _("{n} decided").format(n=number(asked.decided))
    broke = ngettext("{n} violation", "{n} violations", asked.violations).format(n=number(asked.violations))
    return f"{cases_}, {decided}, {broke}" if asked.decided else cases_


# --- networks


def networks(face: ActorFace, now: int) -> Iterator[Block]:
    """The networks it belongs to; of a network its members and what was done to it."""
    if not face.networks:
        yield _nothing(_("It is in no network. @ starts one, or adds it to one."))
    for at, each in enumerate(face.networks):
        if at:
            yield blank()
        yield from _network(each, now, whole=face.is_network)


def _network(each: NetworkFace, now: int, *, whole: bool) -> Iterator[Block]:
    if not whole:
        yield Block(((each.name, "heading"),), indent=2, key=f"network {each.id}")
    if each.withdrawn:
        yield Block(((own(_("Withdrawn: its accounts are not held to be one any more.")), "near"),), indent=2)
    since = _("by {who}, {day}").format(who=each.by, day=when.day(each.at))
    yield Block((each.reason, GAP, (own(since), "quiet")), indent=2)
    for member in each.members:
        n = ngettext("{n} case", "{n} cases", member.cases).format(n=number(member.cases))
        mine: tuple[Part, ...] = (GAP, (own(_("this one")), "quiet")) if member.here else ()
        yield Block((member.name, GAP, (own(n), "quiet"), *mine), indent=4, key=f"account {each.id} {member.ref}")
    if (more := each.size - len(each.members)) > 0:
        yield Block(((own(_("and {n} more").format(n=number(more))), "quiet"),), indent=4, outside=False)
    if whole:
        yield blank()
        yield heading(own(_("What was done to it")))
        for done in each.history:
            yield Block(tuple(_change(done, now)), indent=2)


def _change(done: NetworkChange, now: int) -> Iterator[Part]:
    yield own(f"{when.brief(done.at, now)}  {done.actor}  "), "quiet"
    for said, names in ((_("added {names}"), done.added), (_("took out {names}"), done.gone)):
        if names:
            yield with_texts(said, names=join(_few(names), COMMA))
            yield GAP
    if done.withdrawn:
        yield own(_("withdrawn") + GAP.value)
    yield done.reason, "quiet"


def _few(names: tuple[SafeText, ...], most: int = 8) -> list[SafeText]:
    more = [own(_("and {n} more").format(n=len(names) - most))] if len(names) > most else []
    return [*names[:most], *more]


def _nothing(sentence: str) -> Block:
    return Block(((own(sentence), "quiet"),), indent=2, outside=False)
