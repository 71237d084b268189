"""Lines of the trends table in words and small pictures: verdict, what is usual, a row of bars, how it is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escaltui.i18n import N_, _
from escaltui.insight.detection import RATE
from escaltui.insight_faces import NOVEL, SHORT, SPIKE, USUAL, SeriesFace
from escaltui.workbench.insight_words import number

VERDICTS = {
    SPIKE: N_("more than usual"), NOVEL: N_("new"), USUAL: N_("as usual"), SHORT: N_("too little history"),
}  # fmt: skip
BARS = "▁▂▃▄▅▆▇█"


def verdict_word(each: SeriesFace) -> str:
    """A line's verdict in two or three words."""
    if each.part:
        return _("same cases")
    return _(VERDICTS.get(each.verdict, each.verdict))


def usual_word(each: SeriesFace) -> str:
    """What is usual as a range, "" where there is too little history."""
    return "" if each.verdict == SHORT else f"{each.low}-{each.high}"


def bars(windows: Sequence[int], width: int) -> str:
    """The newest windows as bars of eighths, the oldest first; the highest bar is the most of them."""
    shown = windows[-width:] if width > 0 else ()
    most = max(shown, default=0)
    return "".join(BARS[round(each * (len(BARS) - 1) / most)] if most else BARS[0] for each in shown)


def why(each: SeriesFace) -> Iterator[str]:
    """How a line's verdict is computed, in sentences with its figures."""
    yield each.says
    yield _("Windows of seven days, the oldest first: {windows}.").format(windows=", ".join(map(str, each.windows)))
    if each.expected is not None:
        said = _("Expected now: {expected}. Older bursts count less; the two windows before now are not in it.")
        yield said.format(expected=number(each.expected))
    if each.p is not None:
        said = _("Chance of so many or more, were all as before: {p} (negative binomial).")
        yield said.format(p=f"{each.p:.2g}")
        yield _("That is the least of the last one, two and three windows together, times three.")
        said = _(
            "It rose where that chance passes Benjamini-Hochberg at {rate} over all series, and 5 cases or more came."
        )
        yield said.format(rate=RATE)
    else:
        yield _("Nothing is tested here: the line only counts.")
