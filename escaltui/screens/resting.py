"""A break of five minutes: everything shielded, claims kept, and what a law wants comes through as a line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.widget import Widget

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.safety.exposure import BREAK, LAW_NEAR, MINUTE, DaySum, minutes_left
from escaltui.safety.text import join, own
from escaltui.screens.frame import FrameScreen
from escaltui.screens.help import Lines, Row, wrapped
from escaltui.widgets.exposure import week_rows
from escaltui.widgets.key_menu import KeyMenu, numbered
from escaltui.widgets.labels import named
from escaltui.widgets.words import due_words

if TYPE_CHECKING:
    from textual import events

    from escaltui.workbench import Workbench
    from escaltui.workbench.exposure import Due


class Around(NamedTuple):
    """What is read for a break. `near`: what laws want soon; `left_out`: harms not offered today."""

    near: tuple[Due, ...]
    week: tuple[DaySum, ...]
    left_out: frozenset[str]


def _around(bench: Workbench) -> Around:
    """In a thread: renew what I hold, and read the rest."""
    bench.exposure.renew()
    now = bench.now()
    near = tuple(each for each in bench.exposure.statutory() if each.due - now <= LAW_NEAR)
    return Around(near, bench.exposure.week(), bench.exposure.left_out(now))


class RestingScreen(FrameScreen):
    """The break. `esc` ends it, early too; a whole one begins the budget anew."""

    CONTEXT = "anywhere"
    AUTO_FOCUS = "Lines"

    def __init__(self) -> None:
        super().__init__()
        self.began = self.app.bench.now()
        self.whole = False
        self.around = Around((), (), frozenset())

    def compose_body(self) -> Iterable[Widget]:
        yield Lines()

    def opened(self) -> None:
        self.app.reshield()
        self.place(own(_("Break")))
        self.ticked()

    def ticked(self) -> None:
        now = self.app.bench.now()
        self._rested(self, now)
        self.read(_around, self._read_around, group="around")
        self._draw()

    def _rested(self, screen: FrameScreen, now: int) -> None:
        """Note a whole break, once; `screen` is the one that lives on."""
        if not self.whole and not minutes_left(self.began, now):
            self.whole = True
            screen.write(lambda bench: bench.exposure.rested(now), lambda _nothing: None)

    def _read_around(self, around: Around) -> None:
        self.around = around
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lines are wrapped anew. Textual calls the frame's own beside this one."""
        self.call_after_refresh(self._draw)

    # --- what is drawn

    def _draw(self) -> None:
        now = self.app.bench.now()
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.query_one(Lines).show([*self._head(now), *self._law(now), *self._week(), *self._harms()])

    def _head(self, now: int) -> list[Row]:
        left = minutes_left(self.began, now)
        over = _("The break is over. esc goes back.")
        said = ngettext("{n} minute left. esc ends it early.", "{n} minutes left. esc ends it early.", left)
        told = wrapped(_("Everything is shielded. What you hold stays yours."), self.size.width)
        return [((own(said.format(n=left) if left else over), "heading"),), *((own(each),) for each in told), ()]

    def _law(self, now: int) -> list[Row]:
        rows: list[Row] = []
        for each in self.around.near:
            words, look = due_words(each.due, "statutory", "running", now)
            rows.append(((own(each.ref + "  "), "heading"), (words, look), own(f"  {when.brief(each.due, now)}")))
        return [*rows, ()] if rows else []

    def _week(self) -> list[Row]:
        return [((own(_("Seven days of looks; only you see this")), "heading"),), *week_rows(self.around.week), ()]

    def _harms(self) -> list[Row]:
        rules = self.app.bench.rules
        names = join((named(rules.harms, harm) for harm in sorted(self.around.left_out)), own(", "))
        title = (own(_("Not today")), "heading")
        said = wrapped(_("enter chooses harms that n leaves out until midnight; S0, S1 and what is due within the hour "
                         "still come."), self.size.width)  # fmt: skip
        return [(title, own("  "), names), *(((own(each), "quiet"),) for each in said)]

    # --- what keys do

    def act_open(self, argument: str = "") -> None:
        """Leave a harm out for today, or take it back in."""
        rules, chosen = self.app.bench.rules, self.around.left_out
        mark = {True: own("x "), False: own("  ")}
        rows = [(mark[harm in chosen] + named(rules.harms, harm), harm) for harm in rules.harms]
        self.app.push_screen(KeyMenu(own(_("Not today")), numbered(rows)), self._chosen)

    def _chosen(self, harm: str | None) -> None:
        if harm is not None:
            wanted = self.around.left_out ^ {harm}
            self.write(partial(_leave_out, harms=wanted), self._read_around)

    def act_back(self, argument: str = "") -> None:
        now = self.app.bench.now()
        left = minutes_left(self.began, now)
        self.app.pop_screen()
        self._rested(self.app.frame, now)
        if left:
            done, whole = (now - self.began) // MINUTE, BREAK // MINUTE
            said = _("Back after {n} of {whole} minutes: the count goes on.").format(n=done, whole=whole)
        else:
            said = _("Back from the break: the count begins anew.")
        self.app.frame.say(own(said))


def _leave_out(bench: Workbench, harms: frozenset[str]) -> Around:
    bench.exposure.leave_out(harms)
    return _around(bench)
