"""An incident's after-action report: what happened, in order, what was decided, what is to be learnt. Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui.domain.updates import utc
from escaltui.i18n import _
from escaltui.wording import word
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.crisis_faces import IncidentFace, RulingFace
    from escaltui.workbench.door import Workbench


def text(bench: Workbench, incident: str) -> str:
    """The report of an incident; "" where there is no such. Content of cases is not in it: names, counts, notes."""
    face = bench.incident(incident)
    return "\n".join(_lines(face)) + "\n" if face is not None else ""


def write(bench: Workbench, incident: str) -> str:
    """The report in a file of the store's folder, for its owner alone; its path. Raises NotKnown where it cannot be."""
    if bench.store.encrypted:
        raise NotKnown(_("This store is encrypted: escaltui incident report INC --out FILE writes where you say."))
    face = bench.incident(incident)
    folder = bench.store.folder / "reports"
    path = folder / f"{face.line.ref if face is not None else incident}.md"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text(bench, incident), encoding="utf-8")
        path.chmod(0o600)
    except OSError as error:
        said = _("{file} cannot be written ({why}). Name a new file.")
        raise NotKnown(said.format(file=path, why=error.strerror)) from error
    return str(path)


def _lines(face: IncidentFace) -> Iterator[str]:
    head = face.line
    yield f"# {head.ref} {_cell(head.name.value)}"
    yield ""
    for name, value in (
        (_("State"), word(head.state)), (_("Severity"), f"S{head.severity}"), (_("Lead"), head.lead),
        (_("Communications"), face.comms), (_("Scribe"), face.scribe), (_("Cases"), str(head.cases)),
        (_("Still open"), str(head.open)),
    ):  # fmt: skip
        yield f"- {name}: {value or '-'}"
    yield from _part(_("Summary"), [face.summary.value])
    yield from _part(_("Cases by status"), [f"- {word(status)}: {n}" for status, n in face.statuses])
    yield from _part(_("Standing calls"), [_ruling(each) for each in face.rulings])
    updates = [each for each in reversed(face.updates) if each.state == "published"]
    yield from _part(_("Updates sent"), [f"- {utc(each.at)} {word(each.audience)}, {each.by}" for each in updates])
    yield from _part(
        _("Steps"), [f"- [{'x' if step.who else ' '}] {step.title.value} {step.who}".rstrip() for step in face.steps]
    )
    proposed = [
        f"- {claim.value} ({word(kind)}, {word(state)}, {owner})"
        for claim, kind, state, owner, _key in face.recommendations
    ]
    yield from _part(_("Recommendations"), proposed)
    yield from _part(
        _("Timeline"), [f"- {utc(each.at)} {each.actor}: {each.text.value}" for each in reversed(face.log)]
    )
    yield from _part(_("Review"), [face.review.value or _("Not written yet.")])


def _part(title: str, lines: list[str]) -> Iterator[str]:
    if any(lines):
        yield from ("", f"## {title}", "", *lines)


def _ruling(each: RulingFace) -> str:
    told = _("- {number} {name}: {outcome}, {state}, used {used}").format(
        number=each.number, name=_cell(each.name.value), outcome=word(each.line.outcome), state=word(each.state),
        used=each.used,
    )  # fmt: skip
    looked = each.agreed + each.disagreed
    if not looked and not each.to_review:
        return told
    sample = _("looked at afterwards {n}, of these disagreed {no}, still to be looked at {due}")
    return f"{told}; " + sample.format(n=looked, no=each.disagreed, due=each.to_review)


def _cell(name: str) -> str:
    return " ".join(name.split())
