"""The command `media`: the files of a case in facts and words, never pixels; what is said of them; the seal."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime

from escaltui.commands.output import DONE, REFUSED, At, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import _, number
from escaltui.media_faces import MediaFace
from escaltui.store.values import Done
from escaltui.wording import NO_ROUTE
from escaltui.workbench import NotKnown, Workbench


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command of the arguments."""
    if args.action == "purge":
        return _purge(bench, args, output)
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    faces = bench.media(row.id)
    if args.action == "show":
        return _show(bench, faces, output)
    face = next((each for each in faces if each.number == args.n), None)
    if face is None:
        said = _("{ref} has no file {n}. It has {of}: escaltui media show {ref} lists them.")
        raise NotKnown(said.format(ref=row.ref, n=args.n, of=len(faces)))
    return _done(args, face, _CHANGES[args.action](bench, args, face), output)


def _show(bench: Workbench, faces: tuple[MediaFace, ...], output: Output) -> int:
    for face in faces:
        output.record(_sealed(bench, face) if face.sealed else _facts(face))
    if not faces:
        output.warn(_("No file came with this case."))
    return DONE


def _facts(face: MediaFace) -> dict[str, Value]:
    return {
        "file": face.number, "of": face.of, "id": face.id, "name": face.name, "says": face.type, "bytes": face.size,
        "kept": face.kept, "sha256": face.sha256, "rating": face.rating, "rated_by": face.rated_by,
        "rated": At(face.rated_at or None), "reporter_rates": face.claimed, "description": face.description,
        "described_by": face.described_by, "words": face.transcript,
        "words_by": face.transcript_by if face.transcript.value else "",
    }  # fmt: skip


def _sealed(bench: Workbench, face: MediaFace) -> dict[str, Value]:
    """What is known of a sealed file: id, who, when, on what ground, and the operator's route. Nothing of the file."""
    row = bench.rules.seal
    routed = row is not None and row.team in bench.rules.teams
    return {
        "file": face.number, "of": face.of, "id": face.id, "sealed": True, "sealed_by": face.sealed_by,
        "sealed_at": At(face.sealed_at or None), "basis": face.basis, "team": row.team if row and routed else "",
        "procedure": row.procedure if row else "",
        "route": "" if routed else _(NO_ROUTE),
    }  # fmt: skip


def _rate(bench: Workbench, args: Namespace, face: MediaFace) -> Done | Refused:
    return bench.rate(face, args.rating, op_id=args.op_id)


def _describe(bench: Workbench, args: Namespace, face: MediaFace) -> Done | Refused:
    return bench.describe(face, " ".join(args.words), op_id=args.op_id)


def _seal(bench: Workbench, args: Namespace, face: MediaFace) -> Done | Refused:
    if not args.yes:
        said = _(
            "Sealing has no way back: every copy here is removed, the item is shown to nobody again, and the team is "
            "asked that the operator named. Write the same with --yes."
        )
        raise UsageError(said)
    return bench.seal(face, args.basis, op_id=args.op_id)


_CHANGES: dict[str, Callable[[Workbench, Namespace, MediaFace], Done | Refused]] = {
    "rate": _rate, "describe": _describe, "seal": _seal,
}  # fmt: skip


def _done(args: Namespace, face: MediaFace, outcome: Done | Refused, output: Output) -> int:
    if isinstance(outcome, Refused):
        return output.refuse(outcome)
    output.record({"done": f"media {args.action}", "ref": face.ref, "file": face.number, "id": face.id,
                   "op_id": outcome.op_id, "changed": bool(outcome.changes)})  # fmt: skip
    return DONE


def _purge(bench: Workbench, args: Namespace, output: Output) -> int:
    """Remove originals of closed cases, as the operator's retention asks; the log of each case says so."""
    from escaltui.workbench import retention

    before = _day(args.before)
    if not bench.roles & {"lead", "admin"}:
        output.warn(_("Removing originals needs a lead or an admin."))
        return REFUSED
    due = retention.due(bench, before)
    told: dict[str, Value] = {"originals": len(due.hashes), "cases": len(due.cases), "bytes": due.size}
    if args.dry_run or not args.yes:
        output.record({"would": "media purge"} | told)
        if not args.dry_run:
            output.warn(
                _("{n} originals would go, for good. Write the same with --yes.").format(n=number(len(due.hashes)))
            )
        return DONE if args.dry_run else REFUSED
    retention.remove(bench, due, args.before)
    output.record({"done": "media purge"} | told)
    return DONE


def _day(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise UsageError(_("{text!r} is no day: write it as 2026-01-31.").format(text=text)) from None
