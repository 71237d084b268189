"""The words of an alert: reference, severity, clock and time left, and where to acknowledge it. Nothing else of a case.

A clock is called as the rule files call it, or by its kind: its key and its own words may quote a letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from escaltui.domain.clock import Clock
from escaltui.domain.clocks import remaining
from escaltui.domain.entities import Case
from escaltui.domain.ruleset import RuleSet
from escaltui.i18n import N_, _
from escaltui.outbound import summary
from escaltui.server.alerts import APPROVAL, CLOCK, NEW_S0, Cause

KINDS: Mapping[str, str] = {
    "statutory": N_("a time set by law"), "asked": N_("a time that a letter sets"), "promise": N_("a time we gave"),
    "expiry": N_("kept data"), "sla": N_("our own time"),
}  # fmt: skip
"""What a clock is called that no rule file names."""


class Alert(NamedTuple):
    """An alert ready to leave. `facts` are those of a webhook or a command."""

    subject: str
    body: str
    facts: dict[str, Any]


def made(cause: Cause, case: Case, now: int, rules: RuleSet, *, to: str, url: str, token: str) -> Alert:
    """The alert of a cause as things stand now, for one person (`to`, "" for whoever reads it). `url`: where it is
    acknowledged with `token`."""
    clock = case.clocks.get(_clock_of(cause, case))
    name = called(clock, rules) if clock is not None else ""
    minutes = remaining(clock, now) if clock is not None else None
    told = {NEW_S0: _("new S0"), APPROVAL: _("approval waits")}.get(cause.kind, "")
    words = ", ".join(part for part in (told, name, "" if minutes is None else left(minutes)) if part)
    found = summary.alert(case.ref, case.severity, words, kind=cause.kind)
    facts = {"kind": cause.kind, "ref": case.ref, "severity": case.severity, "clock": name, "minutes_left": minutes,
             "to": to, "acknowledge": f"{url}/ack", "token": token}  # fmt: skip
    body = found.body + "\n" + _("Acknowledge it: {link}").format(link=f"{url}?token={token}") + "\n"
    return Alert(found.subject, body, facts)


def _clock_of(cause: Cause, case: Case) -> str:
    if cause.kind == CLOCK:
        return cause.about
    return "approval" if cause.kind == APPROVAL and "approval" in case.clocks else case.next_clock


def called(clock: Clock, rules: RuleSet) -> str:
    """A clock's name out of the rule files, else its kind's."""
    name = clock.metric.partition(":")[0].partition("@")[0]
    if clock.kind == "sla" and name in rules.metrics:
        return _(rules.metrics[name].label)
    if clock.kind == "statutory" and clock.metric in rules.statutory:
        return rules.statutory[clock.metric].title
    return _(KINDS[clock.kind])


def left(minutes: int) -> str:
    """`12 min left`, `2 h 05 min over`."""
    hours, rest = divmod(abs(minutes), 60)
    time = (
        _("{hours} h {minutes:02} min").format(hours=hours, minutes=rest)
        if hours
        else _("{minutes} min").format(minutes=rest)
    )
    return (_("{time} over") if minutes < 0 else _("{time} left")).format(time=time)
