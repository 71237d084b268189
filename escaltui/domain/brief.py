"""The five-minute brief of a case: who, what, by when, what we know, what we do not. Facts only; `brief.draft` is pure.

Each part is a name and its lines; a screen gives the names words. Lines are the case's own text and names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from escaltui.domain.clock import Clock
from escaltui.domain.consults import due_order, is_open
from escaltui.domain.entities import Case, Consult, Note, Report, Subject, Task

NOTES = 3
SUBJECTS = 3
ASK_CHARACTERS = 600


class Part(NamedTuple):
    """One headed part. `name`: who, ask, by_when, known, unknown, cited; answered, awaited, to_do where there are."""

    name: str
    lines: tuple[tuple[str, str], ...]
    """(what, value); `what` is "" where the value speaks for itself."""


def draft(
    case: Case, reports: Sequence[Report], subjects: Sequence[Subject], notes: Sequence[Note],
    consults: Sequence[Consult] = (), tasks: Sequence[Task] = (),
) -> tuple[Part, ...]:  # fmt: skip
    """The brief of a case from its rows, in the order somebody in a hurry needs them."""
    first, running = reports[0] if reports else None, [clock for clock in case.clocks.values() if clock.running]
    later = (Part("answered", _answered(consults)), Part("awaited", _awaited(consults)), Part("to_do", _to_do(tasks)))
    return (
        Part("who", _who(case, first)),
        Part("ask", (("", case.title), *_ask(first))),
        Part("by_when", tuple(_when(clock) for clock in sorted(running, key=_soonest))),
        Part("known", (*_subjects(case, subjects), *_notes(notes))),
        Part("unknown", _unknown(case, first)),
        Part("cited", tuple((section, pin.heading) for section, pin in sorted(case.pins.items()))),
        *(part for part in later if part.lines),
    )


def _answered(consults: Sequence[Consult]) -> tuple[tuple[str, str], ...]:
    """What teams said; of a privileged question only that they did."""
    said = [each for each in consults if each.state == "answered"]
    return tuple((each.team, "" if each.sensitivity == "privileged" else _short(each.answer)) for each in said)


def _awaited(consults: Sequence[Consult]) -> tuple[tuple[str, str], ...]:
    """Whose answer is still to come, and by when, the most urgent first."""
    still = due_order(each for each in consults if is_open(each))
    return tuple((each.team, "" if each.due is None else str(each.due)) for each in still)


def _to_do(tasks: Sequence[Task]) -> tuple[tuple[str, str], ...]:
    return tuple((each.assignee, each.title) for each in tasks if each.state in ("open", "doing"))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= ASK_CHARACTERS else text[: ASK_CHARACTERS - 1] + "…"


def _who(case: Case, report: Report | None) -> tuple[tuple[str, str], ...]:
    found = [("", case.requester_name or ""), ("kind", case.requester_kind), ("report", case.verified)]
    if case.on_behalf_of:
        found.append(("on_behalf_of", case.on_behalf_of))
    if report is not None and report.laws:
        found.append(("laws", ", ".join(report.laws[:5])))
    return tuple((name, value) for name, value in found if value)


def _ask(report: Report | None) -> tuple[tuple[str, str], ...]:
    if report is None or not report.body:
        return ()
    return (("", _short(report.body)),)


def _soonest(clock: Clock) -> tuple[bool, int]:
    return clock.due_at is None, clock.due_at or 0


def _when(clock: Clock) -> tuple[str, str]:
    return (f"{clock.kind} {clock.metric}", "" if clock.due_at is None else str(clock.due_at))


def _subjects(case: Case, subjects: Sequence[Subject]) -> tuple[tuple[str, str], ...]:
    shown = [("item", f"{s.item_type} {s.item_id or s.url}") for s in subjects[:SUBJECTS]]
    more = len(case.subjects) - len(shown)
    facts = [("items", f"+{more}")] if more > 0 else []
    flags = [("flags", ", ".join(case.flags))] if case.flags else []
    return (*shown, *facts, *flags)


def _notes(notes: Sequence[Note]) -> tuple[tuple[str, str], ...]:
    standing = [each for each in notes if not (each.withdrawn or each.redacted or each.superseded_by or each.elsewhere)]
    return tuple((note.created_by, " ".join(note.body.split())) for note in standing[-NOTES:])


def _unknown(case: Case, report: Report | None) -> tuple[tuple[str, str], ...]:
    missing = [
        ("requester", not case.requester_name), ("verification", case.verified != "verified"),
        ("country", not case.countries), ("language", not case.languages), ("harm", not case.harm),
        ("items", not case.subjects), ("policy", not case.pins),
    ]  # fmt: skip
    gaps = [(name, "") for name, gap in missing if gap]
    if report is not None:
        gaps += [("element", name) for name, state in sorted(report.elements.items()) if state == "absent"]
        gaps += [("problem", problem) for problem in report.problems]
    return tuple(gaps)
