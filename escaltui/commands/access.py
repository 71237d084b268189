"""Who is named to see a case: member add, member remove."""

from __future__ import annotations

from argparse import Namespace

from escaltui.commands.doing import on_cases
from escaltui.commands.output import Output
from escaltui.commands.verbs import ahead, known_colleague
from escaltui.domain import operations as ops
from escaltui.workbench import Workbench


def member(bench: Workbench, args: Namespace, output: Output) -> int:
    """Name somebody who may see a case that few may see, or take them off."""
    if args.action == "remove":  # who left the team can be taken off, too
        return on_cases(
            bench, args, output, lambda case: ops.RemoveMember(case=case, person=args.person, reason=args.reason)
        )
    person, until = known_colleague(bench, args.person), ahead(bench, args.until)
    return on_cases(bench, args, output, lambda case: ops.AddMember(case=case, person=person, until=until))
