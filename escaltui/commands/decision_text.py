"""A decision as it is written down, by options or as a file of lines, made into what the rules take.

A file is TOML or JSON. What stands above the lines is of the whole decision; the first line without `covers` is the
default line. Items are named by id, link or row id, sections as `ID` or `ID@VERSION`:

    why = "It calls for violence."
    [[lines]]
    outcome = "violation_action"
    sections = ["cs/1"]
    actions = ["remove"]
    [[lines]]
    covers = ["post-4"]
    outcome = "no_violation"
    sections = ["cs/1"]
"""

from __future__ import annotations

import json
import tomllib
from argparse import Namespace
from pathlib import Path
from typing import Any

import msgspec

from escaltui.commands.typed import pairs, parts, text_of
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain.decisions import OUTCOMES, USUAL_GROUND, USUAL_POLICY, Cite, Line
from escaltui.domain.operations import ProposeDecision
from escaltui.i18n import _
from escaltui.workbench import NotKnown, Workbench

LARGEST = 4 << 20
OF_A_LINE = {
    "outcome": "outcome", "section": "section", "deed": "action", "where": "where", "own": "own", "ground": "ground",
    "exception": "exception", "until": "until",
}  # fmt: skip
"""The options of one line, as the arguments have them and as they are typed."""


class LineText(msgspec.Struct, forbid_unknown_fields=True):
    """One line as it is written down. `own` and `ground` are as usual for the outcome where they are left out."""

    outcome: str
    covers: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    own: str = ""
    ground: str = ""
    exception: str = ""
    until: str = ""


class DecisionText(msgspec.Struct, forbid_unknown_fields=True):
    """A whole decision as it is written down. `departs` is the reason; `consults` are ids or teams."""

    lines: tuple[LineText, ...]
    why: str = ""
    facts: str = ""
    spirit: bool = False
    departs: str = ""
    precedents: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    appeal_outcome: str = ""
    reverses: str = ""
    supersedes: str = ""
    kept: dict[str, str] = {}


def read(args: Namespace) -> DecisionText:
    """What the options and the file say; an option goes before the file. Raises UsageError, NotKnown."""
    if args.lines:
        given = next((option for name, option in OF_A_LINE.items() if getattr(args, name)), "")
        if given:
            raise UsageError(_("--lines says it all: leave --{option} out.").format(option=given))
        found = _file(args.lines)
    elif not args.outcome:
        raise UsageError(_("Decide how? Give --outcome, or --lines FILE. Outcomes: {known}.").format(
            known=", ".join(OUTCOMES)))  # fmt: skip
    else:
        found = DecisionText((_line(args),))
    whole: dict[str, Any] = {
        "why": text_of(args, args.why), "facts": text_of(args, args.facts), "spirit": args.spirit,
        "departs": args.departs, "precedents": tuple(args.precedent), "consults": tuple(args.consult),
        "appeal_outcome": args.appeal_outcome, "reverses": args.reverses, "supersedes": args.supersedes,
        "kept": pairs(args.keep),
    }  # fmt: skip
    return msgspec.structs.replace(found, **{name: value for name, value in whole.items() if value})


def _line(args: Namespace) -> LineText:
    return LineText(
        args.outcome, (), tuple(args.section), tuple(args.deed), parts(args.where), args.own, args.ground,
        args.exception, args.until,
    )  # fmt: skip


def _file(name: str) -> DecisionText:
    try:
        with Path(name).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        said = _("{file} cannot be read ({why}). Check the name and the folder.")
        raise NotKnown(said.format(file=name, why=error.strerror)) from error
    try:
        text = content.decode("utf-8")
        found = json.loads(text) if text.lstrip().startswith(("{", "[")) and not _is_toml(text) else tomllib.loads(text)
        return msgspec.convert({"lines": found} if isinstance(found, list) else found, DecisionText)
    except (ValueError, RecursionError) as error:
        said = _("{file} is no decision: {why}. escaltui decide --help shows how one is written.")
        raise UsageError(said.format(file=name, why=error)) from error


def _is_toml(text: str) -> bool:
    """Whether a text that begins with a bracket is a table of TOML."""
    return text.lstrip().startswith("[[")


def operation(bench: Workbench, case: str, text: DecisionText) -> ProposeDecision:
    """What is asked for on one case. Raises UsageError, NotKnown, PolicyError."""
    return _converted({
        "case": case, "lines": [_made(bench, case, each) for each in text.lines], "rationale": text.why,
        "facts": text.facts, "spirit": text.spirit, "precedents": text.precedents, "departs": bool(text.departs),
        "departure_reason": text.departs, "consults": [_consult(bench, case, each) for each in text.consults],
        "appeal_outcome": text.appeal_outcome, "kept": text.kept, "reverses": decision_named(bench, text.reverses),
        "supersedes": text.supersedes,
    })  # fmt: skip


def _converted(fields: dict[str, Any]) -> ProposeDecision:
    try:
        return msgspec.convert({"type": "ProposeDecision", **fields}, ProposeDecision)
    except msgspec.ValidationError as error:
        raise UsageError(_("That is no decision: {why}.").format(why=error)) from error


def _made(bench: Workbench, case: str, text: LineText) -> dict[str, Any]:
    if text.outcome not in OUTCOMES:
        said = _("{outcome!r} is no outcome. Outcomes: {known}.")
        raise UsageError(said.format(outcome=text.outcome, known=", ".join(OUTCOMES)))
    until = ahead(bench, text.until)
    ends = {name for name in text.actions if (row := bench.rules.actions.get(name)) is not None and row.until}
    made = Line(
        outcome=text.outcome,  # type: ignore[arg-type]
        covers=bench.items(case, text.covers) if text.covers else (),
        cites=tuple(cite(bench, each) for each in text.sections),
        territory=tuple(each.upper() for each in text.where),
    )
    usual = {
        "own_policy": text.own or USUAL_POLICY.get(text.outcome, "not_asked"),
        "ground": text.ground or USUAL_GROUND.get(text.outcome, "none"), "exception": text.exception,
        # where none of them can end, the rule says so
        "actions": [{"name": name, "until": until if name in ends or not ends else None} for name in text.actions],
    }  # fmt: skip
    fields: dict[str, Any] = msgspec.to_builtins(made)
    return fields | usual


def cite(bench: Workbench, typed: str) -> Cite:
    """A section typed as `ID` or `ID@VERSION`, pinned to its very words. Raises PolicyError with the reason."""
    from escaltui.workbench.deciding import cite_of

    section, _sign, version = typed.partition("@")
    found = cite_of(bench, section, version)
    if found is None:
        bench.policy_text(section.strip(), version)  # says why there is none
        raise NotKnown(_("There is no section {section}.").format(section=typed))
    return found


def _consult(bench: Workbench, case: str, named: str) -> str:
    """A question by its id, or by the team: its last answer."""
    rows = bench.store.bundle(case)
    asked = [each for each in rows.consults if each.team == named] if rows else []
    answered = [each for each in asked if each.state == "answered"]
    return (answered or asked)[-1].id if asked else named


def decision_named(bench: Workbench, named: str) -> str:
    """A decision by its id, or by a case: the one that stands there."""
    row = bench.store.line(named) if named else None
    case = bench.store.case(row.id) if row else None
    return case.decision if case is not None and case.decision else named
