"""The policy library behind the one door: look-up, reading, citing, importing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Pin
from escaltui.domain.operations import PinSection
from escaltui.faces import Hit, OutlineLine, SectionFace
from escaltui.i18n import _
from escaltui.policy.library import SUSPECT, ImportReport, PolicyError, PolicyHit, Section, Version
from escaltui.policy.picked import stems_of
from escaltui.policy.sources import read_sources
from escaltui.safety.text import block, line
from escaltui.store import policies
from escaltui.store.driver import Connection
from escaltui.store.values import Done

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def today(bench: Workbench) -> date:
    """The day it is, by the workbench's clock."""
    return datetime.fromtimestamp(bench.now() / 1000, UTC).date()


def hits(
    bench: Workbench, query: str, *, document: str = "", limit: int = 5, typing: bool = False, case_id: str = "",
    stopped: Callable[[], bool] | None = None, settle: bool = False,
) -> list[PolicyHit]:  # fmt: skip
    """The sections that best answer a query; those of the families of the case's type come first.

    Once `stopped` says so the look-up ends, and Interrupted (a StoreError) is raised; no other reading is touched.
    `settle`: by meaning, too, where a model is chosen; raises ModelError where it cannot be used.
    """
    row = bench.store.line(case_id) if case_id else None
    families = bench.rules.case_type(row.type).families if row else ()
    near = bench.meaning.near(query, every=bool(document), stopped=stopped) if settle else None
    team = bench.synonyms
    if near is not None:
        picked = stems_of(query) if bench.config.policy.learn else ()
        return bench.store.read(
            lambda connection: policies.settle(
                connection, query, near, document=document or None, families=families, limit=limit, typing=typing,
                on=today(bench), stopped=stopped, but=row.id if row else "", synonyms=team, picked=picked,
            )
        )  # fmt: skip
    return bench.store.read(
        lambda connection: policies.search(
            connection,
            query,
            document=document or None,
            families=families,
            limit=limit,
            typing=typing,
            on=today(bench),
            stopped=stopped,
            synonyms=team,
        )
    )


def search(
    bench: Workbench, query: str, *, document: str = "", limit: int = 5, typing: bool = False, case_id: str = "",
    stopped: Callable[[], bool] | None = None, settle: bool = False,
) -> list[Hit]:  # fmt: skip
    """The same, safe to show."""
    found = hits(bench, query, document=document, limit=limit, typing=typing, case_id=case_id, stopped=stopped,
                 settle=settle)  # fmt: skip
    return [
        Hit(h.document, h.section, line(h.heading), line(" / ".join(h.path)), h.version, line(h.snippet), h.score,
            h.why) for h in found
    ]  # fmt: skip


def text(bench: Workbench, stable_id: str, version: str = "") -> Section:
    """One section as it is kept. Raises PolicyError."""
    return bench.store.read(lambda c: policies.section(c, stable_id, today(bench), version or None))


def versions(bench: Workbench, document: str) -> list[Version]:
    """All versions of a document, oldest first. Raises PolicyError where there is no such document."""
    found = bench.store.read(lambda connection: policies.versions_of(connection, document))
    if not found:
        known = ", ".join(each.key for each in bench.store.read(policies.documents)) or _("none yet")
        raise PolicyError(
            _("The library has no document {document}. Documents: {known}.").format(document=document, known=known)
        )
    return found


def release(bench: Workbench, document: str, version: str) -> tuple[str, ...]:
    """Let a held version count. Raises PolicyError where it is not held."""
    held = [each.version for each in versions(bench, document) if each.kind == SUSPECT]
    if version not in held:
        known = _("Held: {versions}.").format(versions=", ".join(held)) if held else _("None is held.")
        raise PolicyError(
            _("{document} has no held version {version}. {known}").format(
                document=document, version=version, known=known
            )
        )
    told(bench)
    op = bench.store.read(lambda connection: policies.releasing(connection, document, version))
    if isinstance(outcome := bench.do(op), Refused):
        raise PolicyError(_said(outcome))
    return tuple(op.counts)


def outline(bench: Workbench) -> list[OutlineLine]:
    """Documents and their sections in force, in order, for the browse tree."""

    def gather(connection: Connection) -> list[OutlineLine]:
        found = []
        for document in policies.documents(connection):
            try:
                rows = policies.outline(connection, document.key, at=today(bench))
            except PolicyError:
                continue
            found.append(OutlineLine(document.key, "", line(document.title), 0, len(rows)))
            found += [OutlineLine(document.key, r.stable_id, line(r.heading), max(1, r.level), 0) for r in rows]
        return found

    return bench.store.read(gather)


def section_face(bench: Workbench, stable_id: str, version: str = "") -> SectionFace | None:
    """One section in a version, by default the one in force; None where there is none."""

    def gather(connection: Connection) -> SectionFace | None:
        try:
            section = policies.section(connection, stable_id, today(bench), version or None)
        except PolicyError:
            return None
        return _face(bench, connection, section)

    return bench.store.read(gather)


def _face(bench: Workbench, connection: Connection, section: Section) -> SectionFace:
    history = policies.versions(connection, section.stable_id)
    own = next((v.version for v in history if v.version.version == section.version), None)
    titles = {document.key: document.title for document in policies.documents(connection)}
    open_cases, closed_cases = bench.store.citing(section.stable_id)
    return SectionFace(
        document=section.document, document_title=line(titles.get(section.document, section.document)),
        section=section.stable_id, heading=line(section.heading), path=line(" / ".join(section.path)),
        version=section.version, versions=tuple(v.version.version for v in history),
        effective=str(own.effective_from or "") if own else "",
        in_force=hash_in_force(bench, connection, section.stable_id) == section.text_sha256, text=block(section.text),
        text_sha256=section.text_sha256, open_cases=open_cases, closed_cases=closed_cases,
    )  # fmt: skip


def hash_in_force(bench: Workbench, connection: Connection, stable_id: str) -> str:
    """The hash of a section's words today, "" where it is not in force."""
    try:
        return policies.section(connection, stable_id, today(bench)).text_sha256
    except PolicyError:
        return ""


def pin_of(bench: Workbench, stable_id: str, version: str = "") -> Pin:
    """The pin of a section's words. Raises PolicyError where there is no such section, or its version is to come."""
    return _pin(text(bench, stable_id, version))


def _pin(section: Section) -> Pin:
    return Pin(version=section.version, text_sha256=section.text_sha256, heading=section.heading)


def cite(bench: Workbench, case_id: str, stable_id: str, version: str = "") -> Done | Refused:
    """Cite a section, by its id or an old path, on a case, in the words of a version. Raises PolicyError as `text`."""
    section = text(bench, stable_id, version)
    return bench.do(PinSection(case=case_id, section=section.stable_id, pin=_pin(section)))


def citation(bench: Workbench, stable_id: str, version: str = "") -> str:
    """A citation to copy: id, heading, document, version, and the start of the hash of its words."""
    face = section_face(bench, stable_id, version)
    if face is None:
        return ""
    title, heading = face.document_title.value, face.heading.value
    return f"{title}, {heading} ({face.section}, version of {face.version}, text {face.text_sha256[:12]})"


def evaluate(bench: Workbench, queries: Path) -> list[dict[str, object]]:
    """Look-up measured on labelled queries, one row a method, kind and language. Raises PolicyError."""
    from escaltui.policy.evaluate import evaluate as measured
    from escaltui.policy.evaluate import read_queries
    from escaltui.workbench.meaning_methods import methods

    labelled = read_queries(queries)

    def job(connection: Connection) -> list[dict[str, object]]:
        ways, not_run = methods(bench, connection)
        found = measured(labelled, ways, [document.key for document in policies.documents(connection)])
        head: dict[str, object] = {"queries": found.queries, "measured": found.scored, "absent": found.absent}
        head |= {f"{method}_not_run": why for method, why in not_run.items()}
        return [head, *({**msgspec.to_builtins(score)} for score in found.scores)]

    return bench.store.write(job)  # the plain method builds an index of its own in a temporary table


def import_policies(
    bench: Workbench, path: Path, on_progress: Callable[[str], None] = lambda text: None
) -> ImportReport:
    """Publish every version that a folder, git repository or tree holds, as operations of the library.

    What the authority would not take is told in `skipped`. Raises PolicyError with the mend, also where nobody here
    may publish, or the server is not there to say yes.
    """
    sources = read_sources(path)
    on_progress(f"{len(sources.documents)} documents")
    told(bench)
    report = ImportReport(skipped=sources.skipped, warnings=sources.warnings)
    for source in sources.documents:
        found = bench.store.read(partial(policies.plan, source=source, sources=sources))
        published, refused = _publish(bench, found)
        report = _added(report, found.report(published))
        if refused is None:
            continue
        if refused.code in STOPS and not report.added:
            raise PolicyError(_said(refused))
        why = f"{source.document.key} {found.steps[published][1].version}: {_said(refused)}"
        report = _added(report, ImportReport(skipped=(why,)))
        if refused.code in STOPS:
            break
    return report


STOPS = frozenset({"needs_authority", "not_allowed"})
"""What holds for all that is left of an import, too."""


def _publish(bench: Workbench, found: policies.Plan) -> tuple[int, Refused | None]:
    """Publish a document's versions in order: how many were, and why the next one was not. Alone, all at once."""
    ops = [op for _step, op in found.steps]
    alone = bench.store.remote is None
    for part in [ops] if alone else [[op] for op in ops]:
        outcomes = bench.do_many(part)
        refused = next((each for each in outcomes if isinstance(each, Refused)), None)
        if refused is not None:
            at = ops.index(part[outcomes.index(refused)])
            return at, refused
    return len(ops), None


def told(bench: Workbench) -> None:
    """What was published before that was an operation becomes one: a store that is alone has its history whole."""
    if bench.store.remote is None and (past := bench.store.read(policies.untold)):
        bench.do_many(past)


def _added(left: ImportReport, right: ImportReport) -> ImportReport:
    fields = {n: getattr(left, n) + getattr(right, n) for n in left.__struct_fields__}
    return ImportReport(**fields)


def _said(refused: Refused) -> str:
    return " ".join(wording.refusal(refused)).strip()
