"""What the server would not apply: outbox list, show, retry, export, close."""

from __future__ import annotations

import json
from argparse import Namespace

from escaltui.commands.output import DONE, REFUSED, At, Column, Output, Value
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.sync_faces import ParkedFace
from escaltui.workbench import Workbench

COLUMNS = (Column("op_id", "ID", 26), Column("ref", "CASE", 8), Column("verb", "WHAT", 16),
           Column("why", "WHY", 0))  # fmt: skip


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """The sub-command."""
    if args.action in ("", "list"):
        return _listed(bench, output)
    found = next((each for each in bench.parked() if each.op_id == args.op), None)
    if found is None:
        output.warn(_("Nothing of that name is set aside. escaltui outbox list shows what is."))
        return REFUSED
    return {"show": _show, "retry": _retry, "export": _export, "close": _close}[args.action](bench, found, output)


def _listed(bench: Workbench, output: Output) -> int:
    found, face = bench.parked(), bench.sync_face()
    output.records((_facts(each) for each in found), COLUMNS)
    if not found:
        output.warn(_("Nothing is set aside."))
    if face.waiting:
        output.warn(_("waiting: {n}").format(n=face.waiting))
    return DONE


def _facts(face: ParkedFace) -> dict[str, Value]:
    return {"op_id": face.op_id, "verb": face.verb, "ref": face.ref, "title": face.title, "at": At(face.at or None),
            "why": face.why, "mend": face.mend, "can_resend": face.can_resend}  # fmt: skip


def _show(bench: Workbench, face: ParkedFace, output: Output) -> int:
    fields = [{"field": name, "saw": saw, "stands": now, "yours": own} for name, saw, now, own in face.fields]
    output.record({**_facts(face), "said": face.said, "fields": fields})
    return DONE


def _retry(bench: Workbench, face: ParkedFace, output: Output) -> int:
    outcome = bench.resend(face.op_id)
    if isinstance(outcome, Refused):
        return output.refuse(outcome, face.ref)
    output.record({"done": "outbox retry", "ref": face.ref, "op_id": outcome.op_id})
    return DONE


def _export(bench: Workbench, face: ParkedFace, output: Output) -> int:
    output.write(json.dumps(json.loads(bench.export_parked(face.op_id)), indent=2) + "\n")  # escaped: safe to show
    return DONE


def _close(bench: Workbench, face: ParkedFace, output: Output) -> int:
    bench.close_parked(face.op_id)
    output.record({"done": "outbox close", "op_id": face.op_id})
    return DONE
