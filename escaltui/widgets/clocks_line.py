"""The lines that head a case: short things side by side, as many rows as they need. And clocks in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

from escaltui import when
from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.labels import named, word
from escaltui.widgets.say import Part, pair, strip
from escaltui.widgets.words import NEAR, over_span, span

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.faces import ClockLine

Chunk = tuple[Part, ...]
"""Parts that stay together."""
_GAP = own("   ")


class Flow(Widget):
    """Chunks side by side; what does not fit goes to the next row, up to `rows`."""

    DEFAULT_CSS = """
    Flow { height: auto; width: 1fr; }
    """

    def __init__(self, rows: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = rows
        self.chunks: tuple[Chunk, ...] = ()

    def show(self, chunks: Sequence[Chunk]) -> None:
        """Draw these chunks; repaints only where they differ."""
        if tuple(chunks) != self.chunks:
            self.chunks = tuple(chunks)
            self.refresh(layout=True)

    def lines(self, width: int) -> list[list[Part]]:
        """The rows for a width; the last of them says how many chunks found no room."""
        found: list[list[Part]] = []
        used = width
        for at, chunk in enumerate(self.chunks):
            needs = sum(cells(pair(part)[0]) for part in chunk)
            if found and used + cells(_GAP) + needs <= width:
                found[-1] += [_GAP, *chunk]
                used += cells(_GAP) + needs
                continue
            if len(found) == self.rows:
                found[-1] += [(own(f"  +{len(self.chunks) - at}"), "quiet")]
                return found
            found.append(list(chunk))
            used = needs
        return found

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.lines(width))

    def render_line(self, y: int) -> Strip:
        lines = self.lines(self.size.width)
        parts = lines[y] if y < len(lines) else []
        return strip(parts, self.size.width, self.rich_style, self.app.theme)


def clock_chunk(clock: ClockLine, now: int, rules: RuleSet) -> Chunk:
    """One deadline in words: `§ answer 0:47 left, due 13:55`. The law's mark and the letter's stand before the name."""
    said, look = _state(clock, now)
    return (clock_name(clock, rules), "quiet" if clock.state == "stopped" else ""), own(" "), (own(said), look)


def clock_name(clock: ClockLine, rules: RuleSet) -> SafeText:
    """What a clock is called: `§ answer`, `asked "by Friday"`, `Decide`."""
    if clock.kind == "sla":
        party = clock.key.partition("@")[0].partition(":")[2]
        return named(rules.metrics, clock.metric) + own(f" {word(party)}" if party else "")
    if clock.kind == "statutory" and clock.metric in rules.statutory:
        return own(f"§ {word(rules.statutory[clock.metric].duty)} {clock.metric}")
    if clock.kind == "asked":
        quoted = own(' "') + clock.words + own('"') if clock.words else own("")
        return own(_("asked")) + quoted
    return own("§ " if clock.kind == "statutory" else "") + (clock.words or own(word(clock.metric)))


def _state(clock: ClockLine, now: int) -> tuple[str, str]:
    if clock.state == "stopped":
        if clock.stopped and clock.started:
            return _("done in {span}").format(span=span(max(0, clock.stopped - clock.started))), "paused"
        return _("done"), "paused"
    if clock.state == "paused":
        return _("paused"), "paused"
    if clock.due is None:
        return _("no number in law") if clock.kind == "statutory" else _("no time set"), "quiet"
    due = when.brief(clock.due, now)
    if clock.due <= now:
        return _("over {span}, was due {time}").format(span=over_span(now - clock.due), time=due), "over"
    said = _("{span} left, due {time}").format(span=span(clock.due - now), time=due)
    return said, "near" if clock.due - now < NEAR else ""


def any_near(clocks: Sequence[ClockLine], now: int) -> bool:
    """Whether a clock is in its last ten minutes, so that it is drawn by the second."""
    return any(c.state == "running" and c.due is not None and 0 <= c.due - now < NEAR for c in clocks)
