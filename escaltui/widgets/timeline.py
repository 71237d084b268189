"""What happened on a case: notes whole, changes as one line, a rule for each day, new things marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escaltui import when
from escaltui.faces import TimelineLine
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import SafeText, cells, cut, own
from escaltui.widgets.labels import actor
from escaltui.widgets.passage import Block, Passage, blank, heading
from escaltui.widgets.say import Part, padded

ACTOR = 12
REMARKS = {"withdrawn": N_("withdrawn"), "corrected": N_("corrected below"), "": ""}


class Timeline(Passage):
    """The timeline, newest at the end, which it follows while that is in view.

    `only_new` leaves out what was there when the person last looked.
    """

    only_new = False
    _follows = False

    def tell(self, lines: Sequence[TimelineLine], now: int, *, only_new: bool = False, top: bool = True) -> None:
        """Draw these lines: anew where `top`, from the end, else where one was."""
        self.only_new = only_new
        follows = top or self._follows
        wanted = [line for line in lines if line.is_new] if only_new else list(lines)
        nothing = Block(((own(_("Nothing changed since you last looked.")), "quiet"),))
        self.show(list(blocks(wanted, now)) or [nothing], top=top)
        self._follows = follows and not only_new
        self._keep_to_end()

    def _lay_out(self) -> None:
        super()._lay_out()
        self._keep_to_end()

    def _keep_to_end(self) -> None:
        """Go to the end, once there is room to go in: the pane may not be shown yet. At once: what is put off until
        after a refresh is left to the screen in front, and a sheet that closes takes it along."""
        if self._follows and self._drawn and self.scroll_offset.y < self.max_scroll_y:
            self.scroll_end(animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever goes to the end follows it, and whoever leaves it does not any more."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y


def blocks(lines: Sequence[TimelineLine], now: int) -> Iterator[Block]:
    """The lines as blocks, a rule with the date where the day changes."""
    day = when.day(now)
    for line in lines:
        if when.day(line.at) != day:
            day = when.day(line.at)
            yield heading(own(day), "quiet")
        yield _block(line)


def _block(line: TimelineLine) -> Block:
    label = own(f"{when.time_of(line.at)} ") + _actor(line.actor)
    indent = 2 + cells(label)
    sign, look = own("+ " if line.is_new else "  "), "new" if line.is_new else "quiet"
    remark = REMARKS.get(line.note, "")
    parts: tuple[Part, ...] = _settling(line)
    if line.body is None:
        said = line.what + own(f" ({_(remark)})" if remark else "")
        return Block(((said, "quiet"), *parts), label, indent, sign=sign, label_look=look)
    parts += (((own(f"({_(remark)}) "), "quiet"),) if remark else ()) + ((line.body, ""),)
    if line.kind != "note":  # what was done, then the words that were written with it
        parts = ((line.what + own(": "), "quiet"), *parts)
    return Block(parts, label, indent, sign=sign, label_look=look)


def _settling(line: TimelineLine) -> tuple[Part, ...]:
    """That no server confirmed it yet, or would refuse it: after what was done, before words that were written."""
    if not line.waiting:
        return ()
    said, look = (_("will not apply as it is"), "pending") if line.misfit else (_("waiting"), "quiet")
    return ((own(f" ({said})" if line.body is None else f"({said}) "), look),)


def _actor(name: str) -> SafeText:
    shown = own(actor(name))
    return padded(cut(shown, ACTOR), ACTOR) + own(" ")


def news(lines: Sequence[TimelineLine], seen_at: int | None, now: int) -> SafeText:
    """`2 new since 12:40`, or nothing."""
    count = sum(line.is_new for line in lines)
    if not count or seen_at is None:
        return own("")
    said = ngettext("{n} new since {time}", "{n} new since {time}", count)
    return own(said.format(n=count, time=when.brief(seen_at, now)))


__all__ = ["Timeline", "blank", "blocks", "news"]
