"""Recommendations and goals in sentences: how a goal stands, what came of a proposal, what is too little to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui import when, wording
from escaltui.i18n import N_, _
from escaltui.learning_faces import AWAY, BEHIND, ON_TRACK, OVER, REACHED, UNKNOWN
from escaltui.workbench import insight_words
from escaltui.workbench.insight_telling import BARS

if TYPE_CHECKING:
    from escaltui.domain.entities import Goal, Recommendation
    from escaltui.insight.metrics import Figure
    from escaltui.insight_faces import EffectFace

STATES = {
    "proposed": N_("waits for a lead"), "returned": N_("sent back"), "accepted": N_("accepted"),
    "shipped": N_("in use"), "declined": N_("declined"), "withdrawn": N_("withdrawn"), "open": N_("still open"),
    "met": N_("reached"), "missed": N_("not reached"), "dropped": N_("given up"), "linked": N_("linked"),
    "dismissed": N_("dismissed"),
}  # fmt: skip
"""How recommendations, goals and insights stand, as people read it."""
LISTED = {"proposed": N_("proposed"), "dismissed": N_("led nowhere")}
"""The same in a list, where it is another word."""
TRACKS = {
    REACHED: N_("reached"), ON_TRACK: N_("on track"), BEHIND: N_("behind"), AWAY: N_("off track"),
    OVER: N_("date past"), UNKNOWN: N_("no figures"),
}  # fmt: skip
HIGHER = frozenset({"statutory_on_time"})
"""Metrics of which more is better, where a goal does not say by its own figures."""
LEEWAY = 0.05
FEW = 5
"""A figure of fewer cases is told with a warning."""


class Way(NamedTuple):
    """How a goal stands; shares of the way and of the time that are gone, where they can be told."""

    track: str
    done: float | None = None
    time: float | None = None


def way(
    metric: str, before: float | None, now: float | None, wanted: float | None, *, since: int, due: int, at: int
) -> Way:
    """How far a metric went from `before` at `since` to `wanted` at `due`, looked at `at`.

    On track: of the way at least the share that is gone of the time, give or take five parts of a hundred.
    """
    if now is None or wanted is None:
        return Way(UNKNOWN)
    up = wanted > before if before is not None and before != wanted else metric in HIGHER
    if now >= wanted if up else now <= wanted:
        return Way(REACHED)
    if before is None or before == wanted:
        return Way(OVER if at >= due else UNKNOWN if before is None else AWAY)
    done, time = (now - before) / (wanted - before), min(1.0, max(0.0, (at - since) / max(1, due - since)))
    track = OVER if at >= due else AWAY if done < 0 else ON_TRACK if done >= time - LEEWAY else BEHIND
    return Way(track, done, time)


def state_word(state: str) -> str:
    """A state as people read it."""
    return _(STATES.get(state, state))


def listed_word(state: str) -> str:
    """A state in a list, in a word or two."""
    return _(LISTED[state]) if state in LISTED else state_word(state)


def track_word(track: str) -> str:
    """How a goal stands, in two or three words."""
    return _(TRACKS.get(track, track))


def spark(points: Sequence[float | None]) -> str:
    """Points as bars of eighths from zero, the oldest first; a gap where there was nothing to count."""
    most = max((each for each in points if each is not None), default=0.0)
    top = len(BARS) - 1
    return "".join(" " if each is None else BARS[round(each / most * top) if most > 0 else 0] for each in points)


def way_words(goal: Goal, now: Figure) -> str:
    """`48 h (n = 30) at the start → 40 h (n = 28) now → 24 h by 2026-12-31`."""
    of = goal.measure
    said = _("{before} (n = {before_n}) at the start → {now} (n = {n}) now → {wanted} by {day}")
    if goal.state != "open":
        said = _("{before} (n = {before_n}) at the start → {now} (n = {n}) at the end; wanted {wanted} by {day}")
    return said.format(
        before=insight_words.value(of.metric, of.before), before_n=of.before_n,
        now=insight_words.value(of.metric, now.value), n=now.n, wanted=insight_words.value(of.metric, of.wanted),
        day=when.day(goal.due) if goal.due is not None else "-",
    )  # fmt: skip


def over_what(metric: str, scope: str) -> str:
    """A metric and its cases."""
    said = _("{metric}; {cases}")
    return said.format(metric=_first(insight_words.metric_word(metric)), cases=cases_word(scope))


def cases_word(scope: str) -> str:
    """Over which cases something is counted."""
    return _("cases: {query}").format(query=scope) if scope else _("all cases")


def _first(said: str) -> str:
    """With a capital."""
    return said[:1].upper() + said[1:]


def stands(found: Way, n: int) -> tuple[str, ...]:
    """How a goal stands, in sentences."""
    match found.track:
        case "reached":
            said = _("What is wanted is reached, over the last 28 days.")
        case "unknown":
            said = _("There is nothing to measure the way by yet.")
        case "away":
            said = _("Off track: further away than at the start.")
        case "over":
            said = _("Its date is past, and it is not reached.")
        case "on_track":
            said = _("On track: {done} % of the way in {time} % of the time.")
        case _:
            said = _("Behind: {done} % of the way in {time} % of the time.")
    said = said.format(done=_percent(found.done), time=_percent(found.time))
    few = (_("It rests on few cases: read it with care."),) if 0 < n < FEW else ()
    return (said, *few)


def _percent(share: float | None) -> str:
    return insight_words.number(round(100 * share)) if share is not None else "-"


def effects(row: Recommendation, found: EffectFace | None, whole_at: int | None, now: int) -> tuple[str, ...]:
    """What a recommendation is measured by, and what came of it."""
    of = row.measure
    if found is None:
        asked = over_what(of.metric, of.scope) + "."
        before = _("Before: {value} (n = {n}), over 28 days.")
        then = (before.format(value=insight_words.value(of.metric, of.before), n=of.before_n),)
        return (asked, *(then if of.before_n or of.before is not None else ()))
    told = [_first(found.says)]
    if whole_at is not None and now < whole_at:
        told.append(_("The 28 days after it are over on {day}.").format(day=when.day(whole_at)))
    if row.measure.measured_at is None:
        told.append(_("Counted now; it is not written down yet."))
    else:
        told.append(_("Written down on {day}.").format(day=when.day(row.measure.measured_at)))
    if 0 < found.after_n < FEW or 0 < found.before_n < FEW:
        told.append(_("It rests on few cases: read it with care."))
    return (*told, _("Counted over {cases}.").format(cases=cases_word(of.scope)))


def kind_word(kind: str) -> str:
    """`process`, `policy`, `product` as people read it."""
    return wording.word(kind)
