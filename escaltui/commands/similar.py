"""Commands about cases that are like others: similar, repeats."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from escaltui.commands.output import DONE, At, Column, Output, Value
from escaltui.commands.reading import listed
from escaltui.commands.verbs import UsageError
from escaltui.commands.writing import letter
from escaltui.faces import Similar, SimilarCase
from escaltui.i18n import N_, _
from escaltui.wording import word
from escaltui.workbench import Workbench
from escaltui.workbench import similar as like

CASES = (Column("ref", "CASE", 9), Column("status", "STATUS", 11), Column("received", "RECEIVED", 21, least=100),
         Column("outcomes", "DECIDED", 16, least=90), Column("because", "WHY", 26),
         Column("title", "TITLE", 0))  # fmt: skip
REPEATS = (Column("ref", "CASE", 9), Column("repeats", "REPEATS", 9), Column("because", "WHY", 34),
           Column("title", "TITLE", 0))  # fmt: skip
WRITE = N_("Write: escaltui similar REF, or escaltui similar --text FILE")


def similar(bench: Workbench, args: Namespace, output: Output) -> int:
    """The cases like one, or like a text."""
    if bool(args.ref) == bool(args.text):
        raise UsageError(_(WRITE))
    found = like.similar_to_text(bench, letter(args.text), args.limit) if args.text else _of_case(bench, args)
    output.records((_similar(each, output) for each in found.cases), CASES, head=bool(found.cases))
    if not found.cases:
        output.say(_("No case here is like it."))
    if found.more:
        output.warn(_("There are more that are less like it: --limit N shows N."))
    if found.trouble:
        output.warn(found.trouble)
    return DONE


def _of_case(bench: Workbench, args: Namespace) -> Similar:
    return bench.similar(args.ref, args.limit)


def _similar(each: SimilarCase, output: Output) -> dict[str, Value]:
    line = each.line
    return {
        "ref": line.ref, "status": line.status, "received": At(line.received), "type": line.type,
        "outcomes": each.outcomes, **_because(each.why, output), "common_words": round(each.text, 2),
        "close": each.close, "title": line.title,
    }  # fmt: skip


def _because(why: tuple[str, ...], output: Output) -> dict[str, Value]:
    return {"why": why} if output.mode == "json" else {"because": [word(each) for each in why]}


def repeats(bench: Workbench, args: Namespace, output: Output) -> int:
    """The cases of a view or query that likely repeat an earlier one, as they are found."""
    what = listed(bench, args, "newest")
    found = 0

    def rows() -> Iterator[dict[str, Value]]:
        nonlocal found
        for case_id, each in like.repeating(bench, what.query, args.limit or None, what.sort):
            found += 1
            if (line := bench.line(case_id)) is not None:
                yield {"ref": line.ref, "repeats": each.line.ref, **_because(each.why, output),
                       "received": At(line.received), "title": line.title}  # fmt: skip

    output.records(rows(), REPEATS)
    if not found:
        output.say(_("None of these cases seems to repeat another."))
    return DONE
