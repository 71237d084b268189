"""Commands for questions to teams: consult, answer, who."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from escaltui.commands import work_lines
from escaltui.commands.doing import on_cases
from escaltui.commands.output import DONE, REFUSED, At, Output, Value
from escaltui.commands.typed import parts, text_of
from escaltui.commands.verbs import UsageError, ahead
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused, refused
from escaltui.domain.exchange import Consult
from escaltui.domain.operations import Operation
from escaltui.domain.who import OnCall
from escaltui.i18n import _
from escaltui.store.values import Done, LineRow
from escaltui.workbench import Workbench

OPEN = ("asked", "acknowledged")


def consult(bench: Workbench, args: Namespace, output: Output) -> int:
    """Ask a team; without --ask, the questions of a case and the usual ones that nobody asked yet."""
    if not (args.to or args.ask):
        return _listed(bench, args, output)
    due, question = ahead(bench, args.due), text_of(args, args.ask)
    background, options = text_of(args, args.background), parts(args.options, ";")
    binding = "approval_required" if args.binding else "advice"
    failed: list[str] = []

    def make(case: str) -> Operation:
        return ops.AskConsult(case=case, team=args.to, question=question, background=background, options=options,
                              due=due, binding=binding, sensitivity=args.sensitivity, wait=args.wait)  # type: ignore[arg-type]  # fmt: skip

    def after(row: LineRow, outcome: Done) -> Mapping[str, Value]:
        made = next((each.entity_id for each in outcome.changes if each.entity == Consult.NAME), "")
        sent = _mailed(bench, made, failed) if args.mail and made else None
        return {"consult": made, "mail": sent}

    code = on_cases(bench, args, output, make, after)
    for why in failed:
        output.warn(why)
    return code or (REFUSED if failed else DONE)


def _mailed(bench: Workbench, consult_id: str, failed: list[str]) -> str:
    """What became of the mail to the team. The question itself stands, whatever became of it."""
    from escaltui import wording
    from escaltui.outbound import OutboundError
    from escaltui.workbench.letters import ask_by_mail

    stands = _("The question is asked, but its mail did not leave: {why}")
    try:
        letter = ask_by_mail(bench, consult_id)
    except OutboundError as fault:
        failed.append(stands.format(why=wording.fault(fault)))
        return "failed"
    if isinstance(letter, Refused):
        failed.append(stands.format(why=" ".join(wording.refusal(letter))))
        return "failed"
    if letter.state != "sent":
        failed.append(stands.format(why=letter.failure or letter.state))
    return letter.state


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    from escaltui.workbench.consults import usual

    if args.ref == "-":
        raise UsageError(_('Ask what? Give --to TEAM and --ask "...".'))
    face = bench.case(args.ref)
    if face is None:
        return output.refuse(bench.not_found(args.ref))
    output.records(map(work_lines.consult, face.work.consults), work_lines.CONSULTS)
    for op in usual(bench, face.line.id):
        output.record({"usual": op.team, "ref": face.line.ref, "question": op.question})
    return DONE


def answer(bench: Workbench, args: Namespace, output: Output) -> int:
    """Settle a question: its answer written down or accepted, seen, declined, or taken back."""
    meant = [name for name in ("accept", "seen", "text", "decline", "take_back") if getattr(args, name)]
    if len(meant) != 1:
        raise UsageError(_("Say one: --text TEXT, --accept, --seen, --decline WHY, or --take-back WHY."))
    text = text_of(args, args.text)

    def make(case: str) -> Operation | Refused:
        asked = _asked(bench, case, args.consult)
        if isinstance(asked, Refused):
            return asked
        by = "" if args.source else bench.me
        operations: dict[str, Operation] = {
            "accept": ops.AnswerConsult(case=case, consult=asked, source=args.source),
            "text": ops.AnswerConsult(case=case, consult=asked, answer=text, source=args.source, by=by),
            "seen": ops.AckConsult(case=case, consult=asked),
            "decline": ops.DeclineConsult(case=case, consult=asked, reason=args.decline),
            "take_back": ops.WithdrawConsult(case=case, consult=asked, reason=args.take_back),
        }
        return operations[meant[0]]

    return on_cases(bench, args, output, make)


def _asked(bench: Workbench, case: str, named: str) -> str | Refused:
    """The open question that is meant, by id or team; the only one where none is named."""
    rows = bench.store.bundle(case)
    found = [each for each in rows.consults if each.state in OPEN] if rows else []
    if named and not any(each.team == named for each in found):
        return named  # an id, or a team that is not asked: the rules say which
    found = [each for each in found if named in ("", each.team)]
    if len(found) == 1:
        return found[0].id
    if not found:
        return refused("not_found", "No question is open here.", "escaltui consult REF lists the questions of a case.")
    open_ones = ", ".join(f"{each.team} {each.id}" for each in found)
    return refused("incomplete", "{n} questions are open here.", "Name one with --consult: {open_ones}.",
                   n=len(found), open_ones=open_ones)  # fmt: skip


def who(bench: Workbench, args: Namespace, output: Output) -> int:
    """Who of a team is on call, for a country."""
    from escaltui.workbench.consults import reach

    found = reach(bench, args.team, args.country.upper())
    for problem in found.problems:
        output.warn(problem)
    named: dict[str, Value] = {"team": found.team, "country": found.country, "address": found.address}
    output.record(named | _on_call("on_call", found.on_call) | _on_call("next", found.following))
    if found.on_call is None:
        output.warn(_("Nobody of {team} is on call now.").format(team=found.team))
    return DONE


def _on_call(name: str, found: OnCall | None) -> dict[str, Value]:
    if found is None:
        return {name: None}
    return {name: found.person, f"{name}_call": found.call, f"{name}_region": found.region,
            f"{name}_since": At(found.since), f"{name}_until": At(found.until)}  # fmt: skip
