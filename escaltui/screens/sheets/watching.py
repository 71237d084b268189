"""A watch (a view with a threshold and a window) and a risk (what may come), written down or changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from escaltui import when
from escaltui.domain import operations as ops
from escaltui.i18n import _
from escaltui.safety.text import SafeText, line, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import Pick, rows

if TYPE_CHECKING:
    from escaltui.shift_faces import RiskFace, WatchFace

UNITS = {"m": 1, "h": 60, "d": 1440}


def minutes_of(typed: str) -> int:
    """`30m`, `1h`, `2d` as minutes, 0 where it is none of that."""
    number, unit = typed.strip()[:-1].strip(), typed.strip()[-1:]
    return int(number) * UNITS[unit] if unit in UNITS and number.isascii() and number.isdigit() else 0


def typed_window(minutes: int) -> str:
    """Minutes as they are typed: `1h`."""
    unit = next(unit for unit, size in reversed(UNITS.items()) if minutes % size == 0)
    return f"{minutes // UNITS[unit]}{unit}"


class WatchSheet(Sheet):
    """Keep a watch on what is listed, or change one."""

    AUTO_FOCUS = "#name"

    def __init__(self, watch: WatchFace | None = None, query: str = "") -> None:
        super().__init__(_("Watch"), None, ())
        self.watched, self.listed = watch, query

    def fields(self) -> Iterable[Widget]:
        was = self.watched
        query = was.query if was is not None else line(self.listed)
        states = [(own(_("on")), "on"), (own(_("off")), "off")]
        yield from rows((
            (_("Name"), SafeInput(was.name if was is not None else None, id="name")),
            (_("Query"), SafeInput(query, id="query")),
            (_("More than"), SafeInput(own(str(was.threshold if was is not None else 3)), id="threshold")),
            (_("Within"), SafeInput(own(typed_window(was.minutes) if was is not None else "1h"), id="window",
                                    placeholder=_("30m, 1h, 2d: at most 7d"))),
            *(((_("State"), Pick(states, "on", title=_("State"), id="state")),) if was is not None else ()),
        ))  # fmt: skip

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", SafeInput).value.strip()

    def made(self) -> Made | str:
        from escaltui.workbench.watching import desk_of

        most, minutes = self._typed("threshold"), minutes_of(self._typed("window"))
        if not (most.isascii() and most.isdigit() and len(most) < 12):
            return _("More than how many? Type a number, such as 3.")
        if not minutes:
            return _("Within what time? Type 30m, 1h or 2d.")
        state: Any = self.query_one("#state", Pick).value if self.watched is not None else "on"
        op = ops.SetWatch(
            watch=self.watched.id if self.watched is not None else "", desk=desk_of(self.app.bench),
            name=self._typed("name"), query=self._typed("query"), threshold=int(most), minutes=minutes, state=state,
        )  # fmt: skip
        return Made(lambda _case: op, own(_("Watched.") if state == "on" else _("No longer watched.")))


class RiskSheet(Sheet):
    """Write a risk down, change it, or close it with a reason. `source`: the watch that it comes from."""

    AUTO_FOCUS = "#title"

    def __init__(self, risk: RiskFace | None = None, source: WatchFace | None = None) -> None:
        super().__init__(_("Risk"), None, ())
        self.risk, self.source = risk, source

    def fields(self) -> Iterable[Widget]:
        was, now = self.risk, self.app.bench.now()
        named: SafeText | None = was.title if was is not None else self.source.name if self.source is not None else None
        review = when.day(was.review_on) if was is not None and was.review_on is not None else ""
        yield from rows((
            (_("Title"), SafeInput(named, id="title")),
            (_("What may come"), SafeInput(was.says if was is not None else None, id="says")),
            (_("Likelihood"), self._scale("likelihood", was.likelihood if was is not None else 2)),
            (_("Impact"), self._scale("impact", was.impact if was is not None else 2)),
            (_("Owner"), SafeInput(own(was.owner if was is not None else self.app.bench.me), id="owner")),
            (_("Review on"), SafeInput(own(review), id="review", placeholder=when.day(now + 7 * 86_400_000))),
            *(((_("Close, why"), SafeInput(id="reason")),) if was is not None else ()),
        ))  # fmt: skip

    def _scale(self, name: str, value: int) -> Pick:
        labels = ((_("low"), "1"), (_("middle"), "2"), (_("high"), "3"))
        return Pick([(own(label), each) for label, each in labels], str(value), title=name, id=name)

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", SafeInput).value.strip()

    def made(self) -> Made | str:
        from escaltui.workbench.watching import desk_of

        typed = self._typed("review")
        was = self.risk.review_on if self.risk is not None else None
        try:
            same = was is not None and typed == when.day(was)
            review = was if same else when.parse(typed, self.app.bench.now()) if typed else None
        except when.WhenError as error:
            return str(error)
        reason = self._typed("reason") if self.risk is not None else ""
        likely, bad = (int(self.query_one(f"#{name}", Pick).value) for name in ("likelihood", "impact"))
        op = ops.SetRisk(
            risk=self.risk.id if self.risk is not None else "", title=self._typed("title"), says=self._typed("says"),
            likelihood=likely, impact=bad, owner=self._typed("owner"), review_on=review,
            desk=desk_of(self.app.bench), source=self.source.id if self.source is not None else "",
            state="closed" if reason else "", reason=reason,
        )  # fmt: skip
        return Made(lambda _case: op, own(_("Risk closed.") if reason else _("Risk written down.")))
