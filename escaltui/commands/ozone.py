"""The command ozone: what waits to be done there, its preview, and doing it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from escaltui.commands.output import DONE, REFUSED, Column, Output, Value
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.intake.ozone import Ozone, Preview
from escaltui.safety.text import block, line
from escaltui.work_faces import ActionFace
from escaltui.workbench import NotKnown, Workbench, carrying, connectors
from escaltui.workbench.carrying import Deed

WAITING = (Column("ref", "CASE", 9), Column("state", "STATE", 8), Column("action", "ACTION", 18),
           Column("item", "ITEM", 0))  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """One of its sub-commands; without one, the list."""
    try:
        with _opened(bench, getattr(args, "connector", "")) as place:
            return _ACTS[args.action or "list"](bench, place, args, output)
    except ConnectorError as error:
        output.warn(line(str(error)))
        return REFUSED


@contextmanager
def _opened(bench: Workbench, named: str) -> Iterator[Ozone]:
    """The Ozone of the settings, or the one that is named. Raises NotKnown, ConnectorError."""
    known = [each.name for each in bench.config.connectors if each.kind == "ozone"]
    if (named not in known) if named else len(known) != 1:
        said = _("Which Ozone? config.toml names: {known}. Choose one with --connector NAME.")
        raise NotKnown(said.format(known=", ".join(known) or _("none")))
    with connectors.opened(bench, named or known[0]) as place:
        assert isinstance(place, Ozone)
        yield place


def _listed(bench: Workbench, place: Ozone, _args: Namespace, output: Output) -> int:
    faces = {each.id: each for each in bench.by_hand()}
    rows = carrying.waiting(bench, place.platform)
    output.records((_facts(each) | _stands(faces.get(each.action)) for each in rows), WAITING)
    return DONE


def _stands(face: ActionFace | None) -> dict[str, Value]:
    """Whether it was sent already, and what somebody else did to its item last, as far as it came in."""
    return {"state": face.state, "acted": face.acted} if face is not None else {}


def _facts(deed: Deed) -> dict[str, Value]:
    return {"ref": deed.ref, "action": deed.outcome.action, "item": line(deed.outcome.item_id), "id": deed.action}


def _send(bench: Workbench, place: Ozone, args: Namespace, output: Output) -> int:
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    deeds = carrying.waiting(bench, place.platform, row.id)
    if not deeds:
        output.warn(_("Nothing of {ref} waits to be sent to {name}.").format(ref=row.ref, name=place.name))
        return REFUSED
    return _done(bench, place, deeds, args, output)


def _act(bench: Workbench, place: Ozone, args: Namespace, output: Output) -> int:
    row = bench.store.line(args.ref)
    if row is None:
        return output.refuse(bench.not_found(args.ref))
    deeds = carrying.asked(bench, row, place.platform, args.act, args.message)
    if not deeds:
        output.warn(_("{ref} has no item of {name}.").format(ref=row.ref, name=place.name))
        return REFUSED
    return _done(bench, place, deeds, args, output)


def _done(bench: Workbench, place: Ozone, deeds: Sequence[Deed], args: Namespace, output: Output) -> int:
    """The preview of each; with --yes, what came of it."""
    code = DONE
    for deed in deeds:
        if not args.yes:
            output.record(_facts(deed) | _previewed(place.preview(deed.outcome)))
            continue
        answer = carrying.carry_out(bench, place, deed, seen=args.seen)
        if isinstance(answer, Refused):
            code = output.refuse(answer, deed.ref)
            continue
        said = {"state": answer.state, "says": block(answer.words), "reference": line(answer.reference)}
        output.record(_facts(deed) | said)
        code = code if answer.state == "done" else REFUSED
    if not args.yes:
        output.warn(_("Nothing was sent. --yes does it; --seen N where others acted there."))
    return code


def _previewed(found: Preview) -> dict[str, Value]:
    return {
        "would": line(found.act), "stands": [block(each) for each in found.stands], "refused": block(found.refusal),
        "there_already": line(found.reference), "seen": found.seen,
    }  # fmt: skip


_ACTS = {"list": _listed, "send": _send, "act": _act}
