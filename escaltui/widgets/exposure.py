"""What a person looked at, for that person alone: a word in the status line, and seven days as rows."""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.i18n import _, ngettext
from escaltui.safety.exposure import DaySum, Tally
from escaltui.safety.text import SafeText, own
from escaltui.widgets.say import Part


def looked(done: Tally | None, minutes: int) -> tuple[SafeText, ...]:
    """`looked 4 of 15 min`; nothing before the first look since the break, or without a budget."""
    if done is None or done.seconds <= 0 or minutes <= 0:
        return ()
    return (own(_("looked {n} of {most} min").format(n=int(done.seconds // 60), most=minutes)),)


def week_rows(week: Iterable[DaySum]) -> list[tuple[Part, ...]]:
    """One row a day: minutes at clear, looks and how many of them at graphic ones, passages unmasked."""
    return [((own(f"  {day.day}  "), "quiet"), (own(_day(day)), "")) for day in week]


def _day(day: DaySum) -> str:
    if not (day.looks or day.passages):
        return "-"
    words = [_("{n} min").format(n=round(day.seconds / 60))]
    words.append(ngettext("{n} look", "{n} looks", day.looks).format(n=day.looks))
    if day.graphic:
        words.append(_("{n} graphic").format(n=day.graphic))
    if day.passages:
        words.append(ngettext("{n} passage", "{n} passages", day.passages).format(n=day.passages))
    return ", ".join(words)
