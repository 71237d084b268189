"""What was decided on sample cases that are over, and what is under way on some that are open. All invented."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from escaltui.demo.shapes import DemoCase

SECTIONS = {
    "ip_copyright": "ip.1", "ip_counterfeit": "mk.3", "ip_trademark": "ip.5", "ads": "ad.2", "commerce": "mk.2",
    "user_escalation": "dg.1", "internal_flag": "in.1",
}  # fmt: skip
"""Case type -> the section of the sample policies that such cases are decided on."""
ACTIONS = {
    "ad": "reject_ad", "ad_account": "disable_ad_account", "listing": "remove_listing", "shop": "suspend_shop",
    "post": "remove", "comment": "remove", "message": "remove", "story": "remove", "live": "remove",
    "page": "unpublish_page", "group": "unpublish_page", "account": "suspend_feature",
}  # fmt: skip
BROKEN = (
    "What the report shows is there, item by item; the section leaves no room.",
    "The second look agrees with the first: the items do what the section names, and in their own voice.",
    "Compared with the reference that came with the report: the same, and no licence was shown.",
)
KEPT = (
    "The items are near what the section names, and stay on the right side of it.",
    "Reported twice, seen twice: a parody, marked as one.",
)


DECIDED = 80
"""Of 256 cases of the desk's past so many are decided, the others dismissed."""


class DemoDecision(NamedTuple):
    """A decision of the sample desk; `action` is "" where nothing is done."""

    section: str
    outcome: str
    action: str
    rationale: str


def _draw(case: DemoCase, what: str) -> int:
    return hashlib.sha256(f"{case.key}/{what}".encode()).digest()[0]


def decided(case: DemoCase) -> DemoDecision | None:
    """How a case that is over was decided; None for those that were dismissed."""
    section = SECTIONS.get(case.type)
    if section is None or not case.subjects or {"high_profile", "election"} & set(case.flags):
        return None  # what needs a second person is not settled by one
    if case.brief and _draw(case, "decided") >= DECIDED:
        return None
    kinds = {subject.item_type for subject in case.subjects}
    if _draw(case, "outcome") < 60:
        return DemoDecision(section, "no_violation", "", KEPT[_draw(case, "why") % len(KEPT)])
    found = {ACTIONS.get(kind, "warn") for kind in kinds}
    action = found.pop() if len(found) == 1 else "warn"
    return DemoDecision(section, "violation_action", action, BROKEN[_draw(case, "why") % len(BROKEN)])


QUESTIONS = (
    ("legal", "Is the licence that the seller shows enough for these listings?",
     "It names another shop. Treat it as none, and say so in the letter."),
    ("ads_policy", "Does the new wording of the section cover this kind of claim?", ""),
    ("market", "Is this a local custom that our reviewers do not know?", ""),
)  # fmt: skip
TASKS = ("Look at the other shops of the same seller.", "Ask the requester for the reference photographs.",
         "Write the lesson down for the weekly review.")  # fmt: skip


def at_work(case: DemoCase) -> str:
    """What is under way on an open, triaged case of the desk's plain kinds: consult, task, by_hand, or "" for most."""
    plain = case.severity is not None and case.severity >= 3 and case.type in SECTIONS
    if not plain or not case.steps or case.steps[-1].verb not in ("triage", "assign", "release"):
        return ""
    return {0: "consult", 1: "task", 2: "by_hand", 3: "by_hand"}.get(_draw(case, "work") % 7, "")
