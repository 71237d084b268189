"""Who must agree to a decision: the rows of `approval.toml` that match it, and what no row can waive.

Rows with mode "before" ask for approval first; one with "after" wins over them, so that what can be undone is done at
once and looked at later. A sampled row only adds a look where nobody else looked. Data disclosed and every termination
are approved before, by a lead or counsel (the design's domain page, section 6).
"""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple

from escaltui.domain.conditions import Fact, holds, parse
from escaltui.domain.decision_rows import ApprovalRow
from escaltui.domain.decisions import (
    DISCLOSED,
    LEAD_OR_COUNSEL,
    OVERTURNING,
    REVERSIBLE,
    TERMINATIONS,
    Decision,
)
from escaltui.domain.entities import Case, Report
from escaltui.domain.rules.work import Work, need

MINUTE = 60_000


class Agreement(NamedTuple):
    """What a decision needs: before it takes effect, after (by `review_by`), or nothing."""

    mode: Literal["none", "before", "after"] = "none"
    needs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    review_by: int | None = None


def agreement(case: Case, decision: Decision, work: Work) -> Agreement:
    """Who must agree, by all rows that match together."""
    known = facts(case, decision, work)
    rows = [row for row in work.ctx.rules.approval.values() if holds(parse(row.when), known)]
    plain = [row for row in rows if not row.sample and not decision.ruling]  # its yes was given with the ruling
    before, after = ([row for row in plain if row.mode == mode] for mode in ("before", "after"))
    fixed = unwaivable(decision, work)
    if fixed or (before and not after):
        needs: list[str] = [need for row in before for need in row.needs]
        if fixed and not {"lead", "counsel"} & set(needs):
            needs.append(LEAD_OR_COUNSEL)
        return Agreement("before", tuple(dict.fromkeys(needs)), (*_names(before), *fixed))
    looks = after or [row for row in rows if row.sample and sampled(decision.id, row.sample)]
    if not looks:
        return Agreement()
    until = work.ctx.now + min(row.minutes for row in looks) * MINUTE
    return Agreement("after", tuple(dict.fromkeys(need for row in looks for need in row.needs)), _names(looks), until)


def unwaivable(decision: Decision, work: Work) -> tuple[str, ...]:
    """The reasons why a decision is approved before, whatever the rows say."""
    kinds = kinds_of(decision, work)
    found = [("data disclosed", DISCLOSED in kinds), ("termination", not TERMINATIONS.isdisjoint(kinds))]
    return tuple(f"built in: {name}" for name, holds_here in found if holds_here)


def sampled(decision_id: str, one_in: int) -> bool:
    """Whether a decision is in a sample of one in so many: by its id, so that nobody chooses."""
    return int.from_bytes(hashlib.sha256(decision_id.encode()).digest()[:8], "big") % one_in == 0


def kinds_of(decision: Decision, work: Work) -> frozenset[str]:
    """What a decision does, in the words of the EU's transparency database and our own."""
    rows = work.ctx.rules.actions
    return frozenset(rows[act.name].kind for line in decision.lines for act in line.actions if act.name in rows)


def reversible(decision: Decision, work: Work) -> bool:
    """Whether it does something, and all that it does can be undone without a trace."""
    kinds = kinds_of(decision, work)
    return bool(kinds) and kinds <= REVERSIBLE


def traits_of(decision: Decision, work: Work) -> tuple[str, ...]:
    """What is true of a decision besides its outcomes, with its exceptions by name; a sorted set."""
    told = {
        "reversible": reversible(decision, work),
        "spirit": decision.spirit,
        "reverses": bool(decision.reverses) or decision.appeal_outcome in OVERTURNING,
        "departs": decision.departs,
    }
    exceptions = {line.exception for line in decision.lines if line.exception}
    return tuple(sorted({name for name, holds_here in told.items() if holds_here} | exceptions))


def verified(work: Work, case: Case) -> bool:
    """Whether one of the case's reports is verified: the report, never its sender."""
    return any(report.verification.state == "verified" for report in _reports(work, case))


def disclosure_allowed(discloses: bool, case: Case, work: Work) -> None:
    """No rule can waive it: refuse to disclose data while no report of the case is verified."""
    need(not discloses or verified(work, case), "blocked", "No report of {ref} is verified; no data is disclosed.",
         "Verify the report by a contact of ours first.", fields=("verification",), ref=case.ref)  # fmt: skip


def facts(case: Case, decision: Decision, work: Work) -> dict[str, Fact]:
    """What the conditions of `approval.toml` may look at."""
    traits, reports, lines = traits_of(decision, work), _reports(work, case), decision.lines
    yes = {name: "yes" if name in traits else "no" for name in ("reversible", "spirit", "reverses", "departs")}
    yes["ruling"] = "yes" if decision.ruling else "no"
    return {
        **yes, "sev": case.severity, "type": case.type, "flag": case.flags, "desk": case.desk, "harm": case.harm,
        "country": case.countries, "lang": case.languages, "item": case.items, "requester": case.requester_kind,
        "legal_total": case.legal_total, "legal_rung": case.legal_rung, "reports": case.report_count,
        "verified": "yes" if verified(work, case) else "no", "reach": decision.reach,
        "report": {report.kind for report in reports}, "channel": {report.channel for report in reports},
        "outcome": {line.outcome for line in lines}, "kind": kinds_of(decision, work),
        "action": {act.name for line in lines for act in line.actions},
        "exception": {line.exception for line in lines if line.exception},
        "territory": {code for line in lines for code in line.territory},
    }  # fmt: skip


def _reports(work: Work, case: Case) -> list[Report]:
    return [row for row in work.state.list("reports", case.id) if isinstance(row, Report)]


def _names(rows: list[ApprovalRow]) -> tuple[str, ...]:
    return tuple(f"approval.toml: {row.id}" for row in rows)
