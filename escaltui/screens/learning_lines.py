"""What the page of recommendations and goals draws: the list by state, and the whole of what has the focus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext
from escaltui.learning_faces import AWAY, BEHIND, ON_TRACK, OVER, REACHED, GoalFace, KeptFace, RecommendationFace
from escaltui.safety.text import SafeText, cut, line, own
from escaltui.widgets.passage import Block, blank, heading
from escaltui.workbench.insight_words import dim_word
from escaltui.workbench.insight_words import value as figure
from escaltui.workbench.learning_words import kind_word, listed_word, over_what, spark, state_word, track_word

if TYPE_CHECKING:
    from escaltui.learning_faces import LearningFace, RecommendationLine

HEAD, LABEL = 15, 17
GAP = own("  ")
NONE_YET = ("none recommendation", "none goal")
"""What the cursor rests on where a part is empty: `N` begins there."""
_TRACKS = {REACHED: "done", ON_TRACK: "done", BEHIND: "near", AWAY: "over", OVER: "over"}
_LIVE = ("proposed", "returned", "accepted")


# --- the list


def page(face: LearningFace, now: int) -> Iterator[Block]:
    """Recommendations by state, goals, insights that nobody settled."""
    yield heading(own(_("Recommendations")))
    nothing = _("None yet. N proposes something; on the insight page N does so from a line.")
    yield from _some((_recommendation(each, now) for each in face.recommendations), NONE_YET[0], nothing)
    yield heading(own(_("Goals")))
    yield from _some((_goal(each, now) for each in face.goals), NONE_YET[1], _("No goal yet. N sets one."))
    if face.insights:
        yield heading(own(_("Insights kept")))
        yield from map(_insight, face.insights)
    if face.over:
        said = ngettext("{n} older one that is over is not listed.", "{n} older ones that are over are not listed.",
                        face.over)  # fmt: skip
        yield _quiet(said.format(n=face.over))


def _some(blocks: Iterable[Block], key: str, nothing: str) -> Iterator[Block]:
    found = list(blocks)
    yield from found or [Block(((own(nothing), "quiet"),), own(""), 2, key, own("  "), outside=False)]


def _row(key: str, label: str, *parts: tuple[SafeText, str] | SafeText, look: str = "quiet") -> Block:
    return Block(parts, cut(own(f"{label}  "), LABEL - 2), LABEL, key, own("  "), look)


def _recommendation(each: RecommendationLine, now: int) -> Block:
    due = ""
    if each.due is not None and each.state in _LIVE:
        due = _("due {time}").format(time=when.brief(each.due, now))
    late = (own(f"  {due}"), "over" if each.late else "quiet")
    look = "new" if each.state == "proposed" else "key" if each.state in _LIVE else "quiet"
    parts = (
        (each.claim, "" if each.state in (*_LIVE, "shipped") else "quiet"),
        (own(f"  {each.owner}"), "quiet"),
        late,
    )
    return _row(f"recommendation {each.id}", listed_word(each.state), *parts, look=look)


def _goal(each: GoalFace, now: int) -> Block:
    over = each.state != "open"
    label = state_word(each.state) if over else track_word(each.track)
    look = "quiet" if over else _TRACKS.get(each.track, "quiet")
    due = f"  {when.day(each.due)}" if each.due is not None else ""
    return _row(f"goal {each.id}", label, (each.name, "quiet" if over else ""), (own(f"{due}  {each.owner}"), "quiet"),
                look=look)  # fmt: skip


def _insight(each: KeptFace) -> Block:
    live = each.state == "open"
    parts = (*_named(each, "" if live else "quiet"), (each.says, "quiet"))
    return _row(f"insight {each.id}", listed_word(each.state), *parts, look="new" if live else "quiet")


def _named(each: KeptFace, look: str) -> tuple[tuple[SafeText, str], ...]:
    """What it counts: the line's value, then what it is counted by."""
    by = f"  {dim_word(each.dim)}  " if each.dim not in ("", "all") else "  "
    return ((each.name, look), (own(by), "quiet")) if each.name.value else ()


# --- the whole of one


def whole(face: RecommendationFace | GoalFace | KeptFace, now: int, lead: bool) -> Iterator[Block]:
    """All of what has the focus."""
    if isinstance(face, RecommendationFace):
        yield from _whole_recommendation(face, now, lead)
    elif isinstance(face, GoalFace):
        yield from _whole_goal(face, now, lead)
    else:
        yield from kept(face, lead)


def _field(label: str, *parts: tuple[SafeText, str] | SafeText, key: str = "") -> Block:
    return Block(parts, own(f"{label}  "), HEAD, key, own("  "), "key" if key else "quiet")


def _quiet(said: str) -> Block:
    return Block(((own(said), "quiet"),), indent=2, outside=False)


def _whole_recommendation(face: RecommendationFace, now: int, lead: bool) -> Iterator[Block]:
    row = face.line
    yield heading(own(_("{kind} recommendation").format(kind=kind_word(row.kind).capitalize())))
    yield Block(((row.claim, "heading"),), indent=2, sign=GAP)
    if face.says.value:
        yield Block((face.says,), indent=2, sign=GAP)
    yield blank()
    reason = ((own(": "), ""), (face.reason, "")) if face.reason.value else ()
    yield _field(_("State"), own(state_word(row.state)), *reason)
    yield _field(_("Owner"), own(row.owner or "-"), (own(_("  proposed by {who}").format(who=face.by)), "quiet"))
    if row.due is not None:
        yield _field(_("Due"), (own(when.full(row.due)), "over" if row.late else ""))
    for label, at in ((_("Accepted"), face.accepted_at), (_("In use"), face.shipped_at)):
        if at is not None:
            yield _field(label, own(when.full(at)))
    yield heading(own(_("What it should change") if face.effect is None else _("What came of it")))
    for said in face.told:
        yield _said(said)
    yield heading(own(_("Evidence")))
    yield from _evidence(face)
    yield from _asked(_who(face, lead))


def _evidence(face: RecommendationFace) -> Iterator[Block]:
    for each in face.evidence:
        quote = ((own('  "'), "quiet"), (each.quote, ""), (own('"'), "quiet")) if each.quote.value else ()
        yield _field(each.ref, (each.title, "" if not quote else "quiet"), *quote, key=f"case {each.case}")
    left = face.line.cases - len(face.evidence) - face.elsewhere
    if left > 0:
        said = ngettext("{n} more case: enter in the list shows all in the queue.",
                        "{n} more cases: enter in the list shows all in the queue.", left)  # fmt: skip
        yield _quiet(said.format(n=left))
    if face.elsewhere:
        said = ngettext("{n} case is not here, or not for you to see.",
                        "{n} cases are not here, or not for you to see.", face.elsewhere)  # fmt: skip
        yield _quiet(said.format(n=face.elsewhere))
    for rose in face.insights:
        yield _field(_("From"), *_named(rose, ""), (rose.says, "quiet"), key=f"insight {rose.id}")
    if face.incident:
        yield _field(_("Incident"), own(face.incident_ref), key=f"incident {face.incident}")
    if face.sections:
        yield _field(_("Sections"), line(" ".join(face.sections)))


def _who(face: RecommendationFace, lead: bool) -> str:
    """Who can take it on, where it is not the reader."""
    state = face.line.state
    if state in ("proposed", "returned") and not lead:
        return _("A lead accepts it, sends it back or declines it.")
    if state == "accepted" and "ship" not in face.line.may:
        return _("{who} or a lead says when it is in use.").format(who=face.line.owner)
    return ""


def _whole_goal(face: GoalFace, now: int, lead: bool) -> Iterator[Block]:
    yield heading(own(_("Goal")))
    yield Block(((face.name, "heading"),), indent=2, sign=GAP)
    yield _said(over_what(face.metric, face.scope))
    yield blank()
    yield Block(((face.way, ""),), indent=2, sign=GAP, outside=False)
    for at, said in enumerate(face.told):
        look = _TRACKS.get(face.track, "quiet") if not at else "quiet"
        yield Block(((own(said), look),), indent=2, sign=GAP, outside=False)
    if face.points:
        yield blank()
        yield _field(_("12 weeks"), (own(spark(face.points)), ""), (own(_("  each 28 days, the newest last")), "quiet"))
    yield blank()
    reason = ((own(": "), ""), (face.reason, "")) if face.reason.value else ()
    yield _field(_("State"), own(state_word(face.state)), *reason)
    yield _field(_("Owner"), own(face.owner or "-"))
    yield _field(_("Set"), own(when.day(face.since)))
    if face.due is not None:
        yield _field(_("By"), own(when.full(face.due)))
    if not lead:
        yield from _asked(_("A lead sets and changes goals; whoever owns one says how it ended."))


def kept(face: KeptFace, lead: bool) -> Iterator[Block]:
    """A kept insight, what became of it, and who may say so."""
    yield heading(own(_("Kept insight")))
    yield Block((*_named(face, "heading"), (face.says, "")), indent=2, sign=GAP)
    yield blank()
    yield from became(face)
    yield _field(_("Kept by"), own(face.by), (own(f"  {when.day(face.until)}"), "quiet"))
    n = len(face.cases)
    yield _field(_("Cases"), own(ngettext("{n} case: enter lists it", "{n} cases: enter lists them", n).format(n=n)))
    if not lead:
        yield from _asked(_("A lead dismisses an insight or opens it again; everybody may link it."))


def became(face: KeptFace) -> Iterator[Block]:
    """What became of an insight."""
    reason = ((own(": "), ""), (face.reason, "")) if face.reason.value else ()
    yield _field(_("State"), own(state_word(face.state)), *reason)
    if face.recommendation:
        said = (own(f"  {state_word(face.claim_state)}"), "quiet")
        yield _field(_("Led to"), face.claim, said, key=f"recommendation {face.recommendation}")


def _said(said: str) -> Block:
    return Block(((line(said), ""),), indent=2, sign=GAP)


def _asked(said: str) -> Iterator[Block]:
    if said:
        yield blank()
        yield _quiet(said)


# --- how it is measured


def why(face: RecommendationFace | GoalFace) -> Iterator[Block]:
    """Which days are counted, and what they came to."""
    yield _plain(over_what(face.metric, face.scope))
    if isinstance(face, GoalFace):
        yield _plain(_("Each figure is over 28 days; at the start they ended when the goal was set."))
        yield _plain(_("On track: of the way at least as much as of the time, give or take 5 parts of 100."))
        for weeks, value in zip(range(len(face.points) - 1, -1, -1), face.points, strict=True):
            told = ngettext("{n} week ago", "{n} weeks ago", weeks).format(n=weeks) if weeks else _("now")
            yield Block(((own(figure(face.metric, value)), ""),), own(f"{told}  "), LABEL, outside=False)
    else:
        if face.accepted_at is not None:
            said = _("Before: the 28 days up to {time}, when it was accepted.")
            yield _plain(said.format(time=when.full(face.accepted_at)))
        if face.shipped_at is not None and face.whole_at is not None:
            said = _("After: from {time}, when it came into use, to {end}.")
            yield _plain(said.format(time=when.full(face.shipped_at), end=when.full(face.whole_at)))
        for told in face.told:
            yield _plain(told)
        yield _plain(_("Other things changed in the same time, too: there is no control group."))
    yield _plain(_("Only what is on this device is counted."))


def _plain(said: str) -> Block:
    return Block(((line(said), ""),), outside=False)
