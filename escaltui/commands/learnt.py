"""The commands policy synonyms and policy picks: what look-ups taught, to look at, take over and forget."""

from __future__ import annotations

from argparse import Namespace

from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.workbench import Workbench

SUGGESTED = (Column("word", "WORD", 20), Column("section", "SECTION", 30), Column("times", "N", 4),
             Column("people", "BY", 4), Column("see", "WORDS OF POLICIES", 0))  # fmt: skip
OWN = (Column("words", "WORDS", 24), Column("see", "WORDS OF POLICIES", 30), Column("by", "BY", 12),
       Column("on", "ON", 0))  # fmt: skip
PICKS = (Column("person", "WHO", 12), Column("section", "SECTION", 30), Column("opened", "OPENED", 6),
         Column("cited", "CITED", 5), Column("stems", "WORDS", 0))  # fmt: skip


def synonyms(bench: Workbench, args: Namespace, output: Output) -> int:
    """What was asked for of the synonyms."""
    if bool(args.word) != (args.what in ("accept", "drop")) or (args.see and args.what != "accept"):
        raise UsageError(
            _("escaltui policy synonyms accept WORD [MEANS ...], drop WORD; suggest, list without a word.")
        )
    return {"suggest": _suggest, "list": _own, "accept": _accept, "drop": _drop}[args.what](bench, args, output)


def _suggest(bench: Workbench, args: Namespace, output: Output) -> int:
    found: list[dict[str, Value]] = [
        {"word": each.stem, "section": each.section, "times": each.times, "people": each.people,
         "see": ", ".join(each.see)}
        for each in bench.picking.suggestions()
    ]  # fmt: skip
    if not found:
        output.warn(_("Nothing yet: a word is suggested once 2 people picked the same section for it, 3 times in all."))
    output.records(found, SUGGESTED)
    return DONE


def _own(bench: Workbench, args: Namespace, output: Output) -> int:
    found = [
        {"words": ", ".join(each.words), "see": ", ".join(each.see), "by": each.by, "on": each.on}
        for each in bench.picking.own()
    ]
    if not found:
        output.warn(_("The team has no synonyms of its own; those that come with the program count."))
    output.records(found, OWN)
    return DONE


def _accept(bench: Workbench, args: Namespace, output: Output) -> int:
    words = bench.picking.accept(args.word, args.see)
    output.record({"done": "accept", "word": args.word, "see": ", ".join(words)})
    return DONE


def _drop(bench: Workbench, args: Namespace, output: Output) -> int:
    there = bench.picking.drop(args.word)
    output.record({"done": "drop", "word": args.word, "was_there": there})
    return DONE if there else REFUSED


def picks(bench: Workbench, args: Namespace, output: Output) -> int:
    """The picks that count, or those of a section or person forgotten."""
    found = bench.picking.kept(args.section, args.person)
    if args.what == "list":
        if not found:
            output.warn(_("No pick is kept."))
        output.records([each._asdict() | {"at": At(each.at)} for each in found], PICKS)
        return DONE
    if not (args.section or args.person or args.all):
        raise UsageError(_("Forget which? escaltui policy picks forget --section S, --person P, or --all."))
    outcome = bench.picking.forget(found)
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"done": "forget", "picks": outcome})
    return DONE
