"""The lines of the page of connectors: how each stands, what of it could not be mapped, what a dry run told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from escaltui import connector_faces as faces
from escaltui import when
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import cut, own
from escaltui.widgets.passage import Block, blank, heading

if TYPE_CHECKING:
    from escaltui.connector_faces import ConnectorFace, UnmappedFace
    from escaltui.widgets.say import Part
    from escaltui.workbench.connecting import ConnectorRun

NAME = 20
SIGN = own("  ")
STATES = {
    faces.NEVER: N_("never ran"), faces.RUNNING: N_("under way"), faces.CUT: N_("was cut off"), faces.DONE: N_("done"),
    faces.STOPPED: N_("stopped"), faces.FAILED: N_("failed"), faces.WAITS: N_("waits"), faces.FAULTY: N_("not usable"),
}  # fmt: skip
_LOOKS = {faces.DONE: "done", faces.FAILED: "over", faces.FAULTY: "over", faces.CUT: "near", faces.WAITS: "near",
          faces.RUNNING: "new"}  # fmt: skip


def page(found: Iterable[ConnectorFace], running: Mapping[str, str], now: int) -> Iterator[Block]:
    """Two or three lines for each; `running`: what this program fetches just now, and how far that is."""
    blocks = [block for each in found for block in _lines(each, running.get(each.name), now)]
    yield from blocks or _none()


def _none() -> Iterator[Block]:
    for said in (_("No connector is set up: cases come by import, by mail files, or by hand."),
                 _("[[connector]] with name and kind in config.toml sets one up; escaltui connector sign-in NAME "
                   "keeps its password.")):  # fmt: skip
        yield Block(((own(said), "quiet"),), outside=False)


def _lines(each: ConnectorFace, running: str | None, now: int) -> Iterator[Block]:
    state = faces.RUNNING if running is not None else each.state
    parts: list[Part] = [(own(_(STATES[state])), _LOOKS.get(state, "quiet")), own("  "), (each.kind, "quiet")]
    if each.began_at:
        ran = _("last ran {time}").format(time=when.brief(each.began_at, now))
        parts += [own("  "), (own(ran), "quiet")]
    yield Block(tuple(parts), cut(own(f"{each.name}  "), NAME - 2), NAME, each.name, SIGN, "key")
    if running is not None:
        yield _under(running or _("Fetching."), "new")
    elif each.began_at:
        yield _under(_counts(each))
    if each.wait_until is not None and state == faces.WAITS:
        yield _under(_("not to be asked before {time}").format(time=when.brief(each.wait_until, now)), "near")
    if (planned := _next(each, now)) and running is None:
        yield _under(planned)
    if each.says.value and running is None:
        yield Block(((each.says, "over" if state != faces.WAITS else "near"),), indent=NAME)


def _next(each: ConnectorFace, now: int) -> str:
    """When it is run by itself, "" where it is not."""
    if not each.every or each.state == faces.FAULTY:
        return ""
    if each.next_at is None:
        return _("not run by itself any more: mend what is wrong, then f")
    if each.needs_network:
        return _("next run: once there is a network")
    if each.next_at <= now:
        return _("next run: now")
    return _("next run {time}").format(time=when.brief(each.next_at, now))


def _counts(each: ConnectorFace) -> str:
    new = ngettext("{n} new case", "{n} new cases", each.opened).format(n=each.opened)
    known = _("{n} known").format(n=each.known)
    total = _("{n} in all").format(n=each.total)
    odd = ngettext("{n} thing not mapped", "{n} things not mapped", each.unmapped).format(n=each.unmapped)
    return ", ".join((new, *((known,) if each.known else ()), *((odd,) if each.unmapped else ()), total))


def _under(said: str, look: str = "quiet") -> Block:
    return Block(((own(said), look),), indent=NAME, outside=False)


def unmapped(name: str, found: Iterable[UnmappedFace], now: int) -> Iterator[Block]:
    """What of one could not be mapped, the newest first."""
    yield heading(own(_("Not mapped: {name}").format(name=name)))
    blocks = [Block((each.says,), own(f"{when.brief(each.at, now)}  "), 14) for each in found]
    yield from blocks or [Block(((own(_("Nothing.")), "quiet"),), outside=False)]


def would_come(found: ConnectorRun) -> Iterator[Block]:
    """What a dry run told."""
    yield heading(own(_("Would come: {name}").format(name=found.name)))
    if found.says:
        yield Block(((own(found.says), "over"),))
    n = found.opened
    said = ngettext("{n} new case, {known} known. Nothing was changed.", "{n} new cases, {known} known. Nothing was "
                    "changed.", n)  # fmt: skip
    yield Block(((own(said.format(n=n, known=found.known)), "quiet"),), outside=False)
    if found.more:
        yield Block(((own(_("There is more than was looked at.")), "quiet"),), outside=False)
    yield from (Block((each,), indent=2, sign=SIGN) for each in found.titles)
    if found.problems:
        yield blank()
        yield from (Block(((each, "near"),), indent=2, sign=SIGN) for each in found.problems)
