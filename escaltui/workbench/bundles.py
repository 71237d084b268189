"""Making a case bundle: judged, put together, signed, checked, recorded in the case's log, and only then there.

A kill at any instant leaves no half bundle under its name: it is written under another one and gets its own when it is
whole, checked and recorded. What was recorded may then be missing, which errs on the safe side: make it again.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast, get_args

import msgspec

from escaltui import __version__
from escaltui.bundling import check, container, manifest, signing, story
from escaltui.bundling.container import Source
from escaltui.bundling.faults import BundleFault
from escaltui.bundling.manifest import Held, KeptBack, Made, Manifest, Origin
from escaltui.bundling.redaction import RULES, SAYS, Redactor
from escaltui.domain.changes import Refused
from escaltui.domain.exchange import Party
from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import RecordExport
from escaltui.i18n import _
from escaltui.store import log
from escaltui.workbench import bundle_key, bundle_rows, bundle_there, whole_file
from escaltui.workbench.bundle_files import Files
from escaltui.workbench.bundle_rows import ABSENT, LEFT_OUT, NOT_CHOSEN, SEALED, Documents, instant

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.workbench.door import Workbench

WHY_LONGEST = 300
FOLDER = "bundles"
PARTIES: tuple[str, ...] = get_args(Party)
"""For whom one can be made."""
ALL = frozenset(RULES)


class Asked(NamedTuple):
    """For whom (a party), why, which rules keep something back, and which files go along (by number; None: all)."""

    reader: str
    why: str
    rules: frozenset[str] = ALL
    files: frozenset[int] | None = frozenset()


class Bundle(NamedTuple):
    """What was made: where, how large, what its manifest says, and the hash of the manifest that the log names."""

    path: Path
    size: int
    says: Manifest
    sha256: str


def make(bench: Workbench, ref: str, out: Path, asked: Asked) -> Bundle | Refused:
    """Make a bundle of a case in a new file. Raises BundleFault or NotKnown with the mend; then nothing is there.

    Refused as any export is: for want of sight of the case, or while the reader may not be told.
    """
    line = bench.store.line(ref)
    if line is None:
        return bench.not_found(ref)
    _sound(out, asked)
    bundle_there.up_to_date(bench, line.id)
    if isinstance(refused := _judged(bench, line.id, asked), Refused):
        return refused
    seed = bundle_key.secret(bench.store)
    papers = bundle_rows.gather(bench, line.id)
    if papers is None:
        return bench.not_found(ref)
    files = Files(bench, line.id, asked.files)
    sources, says, raw = _put_together(bench, papers, files, asked, seed)
    with whole_file.part(out) as part:
        with open(whole_file.opened(part), "wb") as file:
            container.write(file, sources)
            file.flush()
            os.fsync(file.fileno())
        check.verify(part, signing.fingerprint(signing.public(seed)))
        outcome = bench.do(_record(line.id, asked, hexdigest(raw)), op_id=(op_id := bench.operation_id()))
        if isinstance(outcome, Refused):
            return outcome
        if (no := bundle_there.refusal(bench, op_id)) is not None:
            return no
        if bench.store.sealed(each.sha256 for each in files.chosen):
            raise BundleFault("sealed", _("A file of it was sealed meanwhile. Nothing was made: make it again."))
        whole_file.named(part, out)
    return Bundle(out, out.stat().st_size, says, hexdigest(raw))


def save(bench: Workbench, ref: str, asked: Asked) -> Bundle | Refused:
    """The same in the folder `bundles` beside the store, named by case and instant. Raises BundleFault."""
    line = bench.store.line(ref)
    if line is None:
        return bench.not_found(ref)
    if bench.store.encrypted:
        said = _("This store is encrypted: escaltui bundle make {ref} --out FILE writes where you say.")
        raise BundleFault("encrypted", said.format(ref=line.ref))
    folder = bench.store.folder / FOLDER
    with suppress(OSError):  # writing into it says why
        folder.mkdir(mode=0o700, exist_ok=True)
    stamp = f"{datetime.fromtimestamp(bench.now() / 1000, UTC):%Y%m%d-%H%M%S}"
    return make(bench, ref, folder / f"{line.ref}-{stamp}.zip", asked)


def _sound(out: Path, asked: Asked) -> None:
    if not asked.why.strip():
        raise BundleFault("why", _("Say why it is made: --why TEXT. The case's log keeps it."))
    if len(asked.why) > WHY_LONGEST:
        raise BundleFault("why", _("Why it is made takes at most {n} characters.").format(n=WHY_LONGEST))
    if strange := sorted(asked.rules - ALL):
        said = _("There is no rule {name}. Rules: {known}, or none.")
        raise BundleFault("rule", said.format(name=ascii(strange[0]), known=", ".join(RULES)))
    if os.path.lexists(out):
        raise whole_file.there(out)


def _judged(bench: Workbench, case_id: str, asked: Asked) -> object:
    op = _record(case_id, asked, "?")
    return bench.store.judge(op, bench.who, bench.now(), bench.rules, op_id=bench.operation_id())


def _record(case_id: str, asked: Asked, sha256: str) -> RecordExport:
    what = f"bundle for {asked.reader}: {asked.why.strip()} (manifest sha256 {sha256})"
    return RecordExport(case=case_id, what=what, party=asked.reader)


# --- what goes into it


def _put_together(
    bench: Workbench, papers: bundle_rows.Papers, chosen: Files, asked: Asked, seed: bytes
) -> tuple[list[Source], Manifest, bytes]:
    """The files in their order, the manifest, and its bytes."""
    redactor = Redactor(asked.rules, bundle_rows.known_of(papers))
    made = Documents(papers, redactor)
    files = _documents(bench, papers, made, chosen)
    redacted = tuple(KeptBack(rule, SAYS[rule], redactor.places[rule]) for rule in RULES if rule in asked.rules)
    left_out = tuple(KeptBack(why, LEFT_OUT[why], made.left_out[why]) for why in LEFT_OUT if made.left_out[why])
    files["case.md"] = _story(files, (*redacted, *left_out)).encode()
    sources = {name: Source(name, partial(_bytes, raw)) for name, raw in files.items()}
    held = {name: Held(name, len(raw), hexdigest(raw)) for name, raw in files.items()}
    for each in chosen.chosen:
        source = chosen.source(each)
        sources[source.name], held[source.name] = source, chosen.measured(each)
    key = signing.public(seed)
    case = papers.rows.case
    seq, head = bench.store.read(lambda connection: log.stand(connection, case.stream))
    says = Manifest(
        bundle=manifest.KIND, schema=manifest.SCHEMA, case=case.ref, key=signing.fingerprint(key),
        made=Made(instant(bench.now()), redactor.person(bench.me), asked.reader, asked.why.strip(),
                  f"escaltui {__version__}"),
        log=Origin(case.stream, seq, head), redacted=redacted, left_out=left_out,
        files=tuple(held[name] for name in sorted(held)),
    )  # fmt: skip
    raw = manifest.encode(says)
    signed = manifest.Signed(signing.ALGORITHM, key.hex(), signing.sign(seed, raw).hex())
    first, last = (Source(name, partial(_bytes, body)) for name, body in (
        (manifest.MANIFEST, raw), (manifest.SIGNED, manifest.encode(signed))))  # fmt: skip
    return [first, *(sources[name] for name in sorted(sources)), last], says, raw


def _documents(bench: Workbench, papers: bundle_rows.Papers, made: Documents, chosen: Files) -> dict[str, bytes]:
    rows = papers.rows
    relatives = {each for link in rows.links for each in (link.source, link.target)} - {rows.case.id}
    refs = {key: line.ref for key in relatives if (line := bench.store.line(key)) is not None}
    policy, texts = _policy(papers)
    found: dict[str, Any] = {
        "case.json": made.case() | {"links": made.links(refs)}, "reports.json": made.told(rows.reports),
        "items.json": made.told(rows.subjects), "decisions.json": made.told(rows.decisions),
        "actions.json": made.told(rows.actions), "letters.json": made.told(rows.messages),
        "statements.json": made.told(rows.statements), "internal.json": made.internal(), "policy.json": policy,
        "media.json": _media(bench.media(rows.case.id), chosen, made),
    }  # fmt: skip
    lines = b"".join(msgspec.json.encode(each) + b"\n" for each in made.timeline())
    return {name: manifest.encode(value) for name, value in found.items()} | {"timeline.jsonl": lines} | texts


def _policy(papers: bundle_rows.Papers) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """The pinned words, each in a file of its own, and which is which."""
    index, texts = [], {}
    for n, each in enumerate(papers.sections, 1):
        name = f"policy/{n:03d}.md"
        texts[name] = each.text.encode("utf-8", "surrogatepass")
        index.append({"file": name, "section": each.stable_id, "version": each.version, "heading": each.heading,
                      "text_sha256": each.text_sha256})  # fmt: skip
    return index, texts


def _media(faces: Iterable[MediaFace], chosen: Files, made: Documents) -> list[dict[str, Any]]:
    """The facts of the files. Of a sealed one: that it is."""
    along, found = {each.number for each in chosen.chosen}, []
    left = ABSENT if chosen.whole else NOT_CHOSEN
    for each in faces:
        if each.sealed:
            made.left_out[SEALED] += 1
            found.append({"n": each.number, "id": each.id, "sealed": True})
            continue
        made.left_out[left] += each.number not in along
        text = {"name": each.name.value, "description": each.description.value, "transcript": each.transcript.value}
        facts = {"n": each.number, "id": each.id, "type": each.type.value, "size": each.size, "sha256": each.sha256,
                 "rating": each.rating, "file": f"media/{each.sha256}" if each.number in along else ""}  # fmt: skip
        found.append(facts | cast("dict[str, Any]", made.redactor.value(text)))
    return found


def _story(files: dict[str, bytes], kept_back: Iterable[KeptBack]) -> str:
    read: Callable[[str], Any] = lambda name: msgspec.json.decode(files[name])  # noqa: E731
    timeline = [msgspec.json.decode(line) for line in files["timeline.jsonl"].splitlines()]
    return story.write(read("case.json")["case"], read("decisions.json"), read("letters.json"), read("policy.json"),
                       timeline, kept_back)  # fmt: skip


def _bytes(raw: bytes) -> BinaryIO:
    return io.BytesIO(raw)
