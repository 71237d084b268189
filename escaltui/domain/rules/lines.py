"""The lines of a decision: what each must have, and what contradicts itself.

Two visible steps: our own policy first, the law second. A line that goes by the law although our policy is broken is
refused, because then the policy decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from escaltui.domain.decision_rows import ActionRow
from escaltui.domain.decisions import ACTING, LEGAL, RESTORED, UNCITED, Line, decided_subjects
from escaltui.domain.entities import Case, Subject
from escaltui.domain.rules.flaws import Flaw
from escaltui.domain.rules.guards import LAST_INSTANT
from escaltui.domain.rules.work import Work
from escaltui.domain.sentences import said, words

VIOLATION = frozenset({"violation_action", "violation_no_action"})
GROUNDS = {
    **dict.fromkeys(VIOLATION, ("incompatible_content", "illegal_content")),
    **dict.fromkeys(LEGAL, ("legal_order", "illegal_content")),
}
"""The grounds that an outcome may rest on; the others rest on none."""
EXEMPT = frozenset({"no_violation", "violation_no_action"})
_COUNTRY = re.compile("[A-Z]{2}")
_NOWHERE = ActionRow(id="", label="?", kind="")


class Spot(NamedTuple):
    """One line where it stands: its index, and the subjects it decides."""

    at: int
    line: Line
    subjects: tuple[str, ...]

    @property
    def n(self) -> int:
        return self.at + 1

    def field(self, name: str) -> str:
        return f"lines.{self.at}.{name}"


def spots(lines: tuple[Line, ...], case: Case) -> tuple[Spot, ...]:
    """Every line with what it covers; a line without `covers` takes what no other names."""
    named = {subject for line in lines for subject in line.covers}
    rest = tuple(subject for subject in decided_subjects(case.subjects) if subject not in named)
    return tuple(Spot(at, line, line.covers or rest) for at, line in enumerate(lines))


def missing(lines: tuple[Line, ...], case: Case, work: Work) -> Iterator[Flaw]:
    """Each part that a line must have and has not."""
    if not lines:
        yield Flaw("lines", said("a line"), said("a line (every decision has at least one)"))
        return
    named = {subject for line in lines for subject in line.covers}
    left = [subject for subject in decided_subjects(case.subjects) if subject not in named]
    if (left or not named) and all(line.covers for line in lines):
        yield Flaw("lines", said("a default line"), said("a default line ({n} items have none)", n=len(left)))
    for spot in spots(lines, case):
        yield from _lacks(spot, work)


def _lacks(spot: Spot, work: Work) -> Iterator[Flaw]:
    line, n, outcome = spot.line, spot.n, words(spot.line.outcome)
    if line.outcome not in UNCITED and not line.cites:
        yield Flaw(spot.field("cites"), said("policy section of line {n}", n=n),
                   said("policy section of line {n} ({outcome} rests on one)", n=n, outcome=outcome))  # fmt: skip
    for cite in line.cites:
        if not (cite.section and cite.version and cite.text_sha256):
            yield Flaw(spot.field("cites"), said("version and hash of {section}", section=cite.section),
                       said("version and hash of {section} (a citation is pinned to the words that were read)",
                            section=cite.section))  # fmt: skip
    if line.outcome in GROUNDS and line.ground == "none":
        yield Flaw(spot.field("ground"), said("ground of line {n}", n=n),
                   said("ground of line {n} ({outcome}: {grounds})", n=n, outcome=outcome,
                        grounds=words(*GROUNDS[line.outcome])))  # fmt: skip
    if line.outcome in ACTING and not line.actions:
        yield Flaw(spot.field("actions"), said("action of line {n}", n=n),
                   said("action of line {n} ({outcome} does something)", n=n, outcome=outcome))  # fmt: skip
    geo = [act.name for act in line.actions if work.ctx.rules.actions.get(act.name, _NOWHERE).geo]
    if geo and not line.territory:
        yield Flaw(spot.field("territory"), said("countries of line {n}", n=n),
                   said("countries of line {n} ({action} holds in named ones only)", n=n, action=geo[0]))  # fmt: skip


def wrong(lines: tuple[Line, ...], case: Case, work: Work) -> Iterator[Flaw]:
    """Everything in lines that cannot stand."""
    found = spots(lines, case)
    yield from _coverage(found, case)
    for spot in found:
        yield from _by_itself(spot, work, _items(spot, work))


def wrong_anywhere(line: Line, work: Work) -> Iterator[Flaw]:
    """What cannot stand in a line whatever it will cover."""
    yield from _by_itself(Spot(0, line, ()), work, set())


def _by_itself(spot: Spot, work: Work, items: set[str]) -> Iterator[Flaw]:
    yield from _contradictions(spot)
    yield from _cites(spot, work)
    yield from _actions(spot, work, items)
    yield from _places(spot)


def _coverage(found: tuple[Spot, ...], case: Case) -> Iterator[Flaw]:
    """One effective line a subject."""
    seen: set[str] = set()
    defaults = [spot for spot in found if not spot.line.covers]
    for spot in defaults[1:]:
        yield Flaw(spot.field("covers"), said("line {n} is a second default line", n=spot.n),
                   said("say which items line {n} covers", n=spot.n))  # fmt: skip
    if defaults and case.subjects and not defaults[0].subjects and len(found) > 1:
        yield Flaw(defaults[0].field("covers"), said("line {n} covers nothing", n=defaults[0].n),
                   said("leave line {n} out", n=defaults[0].n))  # fmt: skip
    for spot in found:
        twice = len(spot.line.covers) - len(set(spot.line.covers) - seen)
        if twice:
            yield Flaw(spot.field("covers"), said("{n} items of line {line} have a line already", n=twice,
                       line=spot.n), said("give each item one line"))  # fmt: skip
        if any(key not in case.subjects for key in spot.line.covers):
            yield Flaw(spot.field("covers"), said("line {n} covers an item that is not on the case", n=spot.n),
                       said("attach the item first, or leave it out"))  # fmt: skip
        seen.update(spot.line.covers)


def _contradictions(spot: Spot) -> Iterator[Flaw]:
    line, n, outcome = spot.line, spot.n, words(spot.line.outcome)
    if line.outcome in LEGAL and line.own_policy == "breaks":
        yield Flaw(spot.field("outcome"), said("line {n} goes by the law although it breaks our policy", n=n),
                   said("our policy comes first: make it {outcome}", outcome=words("violation_action")))  # fmt: skip
    clear, breaks = line.outcome in VIOLATION, line.outcome in ("no_violation", "enforcement_error")
    if (clear and line.own_policy == "clear") or (breaks and line.own_policy == "breaks"):
        yield Flaw(spot.field("own_policy"), said("line {n} is {outcome}, and our policy says otherwise", n=n,
                   outcome=outcome), said("let outcome and our policy agree"))  # fmt: skip
    if line.ground != "none" and line.ground not in GROUNDS.get(line.outcome, ()):
        allowed = GROUNDS.get(line.outcome, ("none",))
        yield Flaw(spot.field("ground"), said("{outcome} of line {n} cannot rest on {ground}", outcome=outcome, n=n,
                   ground=words(line.ground)), said("choose {grounds}", grounds=words(*allowed)))  # fmt: skip
    if line.exception and line.outcome not in EXEMPT:
        yield Flaw(spot.field("exception"), said("line {n} makes an exception and is {outcome}", n=n,
                   outcome=outcome), said("an exception goes with {outcomes}",
                   outcomes=words(*sorted(EXEMPT))))  # fmt: skip
    if line.actions and line.outcome not in ACTING:
        yield Flaw(spot.field("actions"), said("{outcome} of line {n} does nothing, and names an action",
                   outcome=outcome, n=n), said("take the action off, or choose another outcome"))  # fmt: skip


def _cites(spot: Spot, work: Work) -> Iterator[Flaw]:
    """A pin is what the policy says: the version is there, and its words have that hash."""
    for cite in spot.line.cites:
        hashes = work.state.list("section", f"{cite.section}@{cite.version}")
        again = said("look {section} up again", section=cite.section)
        if not hashes:
            yield Flaw(spot.field("cites"), said("there is no section {section} in version {version}",
                       section=cite.section, version=cite.version), again)  # fmt: skip
        elif cite.text_sha256 not in hashes:
            yield Flaw(spot.field("cites"), said("the words of {section} are not those that were read",
                       section=cite.section), again)  # fmt: skip


def _actions(spot: Spot, work: Work, items: set[str]) -> Iterator[Flaw]:
    rules, names = work.ctx.rules, [act.name for act in spot.line.actions]
    rows = [(act, rules.actions.get(act.name)) for act in spot.line.actions]
    for act, row in rows:
        if row is None:
            yield Flaw(spot.field("actions"), said("there is no action {action}", action=act.name),
                       said("actions are listed in {file}", file="actions.toml"))  # fmt: skip
            continue
        if act.until is not None and not (row.until and work.ctx.now < act.until <= LAST_INSTANT):
            yield Flaw(spot.field("actions"), said("{action} of line {n} cannot end then", action=act.name, n=spot.n),
                       said("give a time to come, to an action that may end"))  # fmt: skip
        if row.items and (others := sorted(items - set(row.items))):
            yield Flaw(spot.field("actions"), said("{action} of line {n} cannot be done to: {items}", action=act.name,
                       n=spot.n, items=", ".join(others)),
                       said("{action} is for: {items}", action=act.name, items=", ".join(row.items)))  # fmt: skip
    if len(set(names)) < len(names):
        yield Flaw(spot.field("actions"), said("line {n} names an action twice", n=spot.n), said("name it once"))
    if spot.line.outcome == "enforcement_error" and not any(row and row.kind == RESTORED for _, row in rows):
        yield Flaw(spot.field("actions"), said("line {n} is our own error and restores nothing", n=spot.n),
                   said("restore what was done"))  # fmt: skip


def _items(spot: Spot, work: Work) -> set[str]:
    """The item types that a line meets; "case" where the case has no item at all."""
    rows = (work.find(Subject, key) for key in spot.subjects)
    return {row.item_type for row in rows if row is not None} or {"case"}


def _places(spot: Spot) -> Iterator[Flaw]:
    territory = spot.line.territory
    if any(not _COUNTRY.fullmatch(code) for code in territory) or len(set(territory)) < len(territory):
        yield Flaw(spot.field("territory"), said("the countries of line {n} are no list of countries", n=spot.n),
                   said("write each once, like {code}", code="DE"))  # fmt: skip
