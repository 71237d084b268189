"""Reading policies where they lie: a folder of dated documents, a git repository, a tree with front matter."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from escaltui.i18n import _, ngettext
from escaltui.policy.found import LARGEST_FILE, FoundText
from escaltui.policy.frontmatter import read_front_matter
from escaltui.policy.gitsource import is_repository, read_repository
from escaltui.policy.language import language_of
from escaltui.policy.library import FAMILIES, Document, PolicyError
from escaltui.policy.words import fold, slug

_DATED = re.compile(r"^(\d{4}-\d{2}-\d{2})(-[\w-]+)?$")
_SUFFIXES = (".md", ".markdown", ".txt")
_NOT_POLICIES = re.compile(
    r"^(readme|contributing|license|licence|changelog|code_of_conduct|security)\b", re.IGNORECASE
)

# Where a source names no family: by words of the title. The first that matches is the main one.
_FAMILY_WORDS = (
    ("ads", r"\b(ads?|advertis\w*|sponsored|publicit\w*|branded content)\b"),
    ("commerce", r"\b(commerce|commercial|merchant|seller|shop\w*|marketplace|vente|vendeur)\b"),
    ("ip", r"\b(intellectual|copyright|trademark|dmca|counter ?notice|counterfeit|contrefacon|droit d.auteur)\b"),
    ("community_standards", r"\b(community|standards?|acceptable use|conduct|live|regles|communaute)\b"),
    ("law", r"\b(act|regulation|statute|directive|loi|reglement)\b"),
    ("workflow", r"\b(workflow|bulletin|playbook|procedure)\b"),
)


class SourceVersion(msgspec.Struct, frozen=True):
    """One dated text as found; `version` names it within its document."""

    version: str
    observed_on: date
    text: str
    sha256: str
    source_ref: str = ""
    effective_from: date | None = None
    must_ack: bool = False
    ack_by: date | None = None
    note: str = ""
    technical: bool = False
    message: str = ""
    audience: tuple[str, ...] = ()
    expires_on: date | None = None


class SourceDocument(msgspec.Struct, frozen=True):
    """One document with its versions in order of (day seen, suffix)."""

    document: Document
    versions: tuple[SourceVersion, ...]
    redirects: tuple[str, ...] = ()


class Sources(msgspec.Struct, frozen=True):
    """All that was found under a path; what was left out and why, as sentences."""

    documents: tuple[SourceDocument, ...] = ()
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    technical_messages: tuple[str, ...] = ()


def read_sources(path: Path, *, technical_messages: Sequence[str] = ()) -> Sources:
    """All policies under `path`: dated folders, else a git repository, else files with or without front matter.

    One bad file never stops the rest: it is named in `skipped`. Raises PolicyError where `path` is missing, or
    holds no policy at all.
    """
    path = path.expanduser()
    if not path.exists():
        raise PolicyError(
            _("{path} does not exist. Name a folder of policies, a git repository or a file.").format(path=path)
        )
    files = _text_files(path)
    skipped: list[str] = []
    if any(_DATED.match(f.stem) for f in files):
        found = _dated(path, files, skipped)
    elif path.is_dir() and is_repository(path):
        found = list(read_repository(path, skipped))
    else:
        found = _tree(path, files, skipped)
    sources = gather(found, skipped)
    if not sources.documents and not sources.skipped:
        raise PolicyError(
            _("{path} holds no policy: expected FOLDER/<document>/<YYYY-MM-DD>.md, or .md files.").format(path=path)
        )
    return msgspec.structs.replace(sources, technical_messages=tuple(technical_messages))


def _text_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    inside = (f for f in path.rglob("*") if not any(p.startswith(".") for p in f.relative_to(path).parts))
    return sorted(f for f in inside if f.suffix.lower() in _SUFFIXES and not f.is_dir())


def _dated(path: Path, files: Iterable[Path], skipped: list[str]) -> list[FoundText]:
    found: list[FoundText] = []
    badly_named: list[str] = []
    for file in files:
        if _NOT_POLICIES.match(file.stem) and file.parent == path:
            continue
        name = _DATED.match(file.stem)
        day = _day(name[1]) if name else None
        if day is None:
            badly_named.append(file.name)
        elif (content := _content(file, skipped)) is not None:
            found.append(FoundText(file.parent.name, file.stem, day, content, f"{file.parent.name}/{file.name}"))
    if badly_named:
        listed = ", ".join(badly_named[:3]) + (", ..." if len(badly_named) > 3 else "")
        said = ngettext(
            "{n} file skipped: name is not YYYY-MM-DD[-x].md ({names})",
            "{n} files skipped: name is not YYYY-MM-DD[-x].md ({names})",
            len(badly_named),
        )
        skipped.append(said.format(n=len(badly_named), names=listed))
    return found


def _tree(path: Path, files: Iterable[Path], skipped: list[str]) -> list[FoundText]:
    """Undated files: each is one document, seen on the day the file was last changed."""
    root = path if path.is_dir() else path.parent
    found: list[FoundText] = []
    for file in files:
        if path.is_dir() and _NOT_POLICIES.match(file.stem):
            continue
        if (content := _content(file, skipped)) is not None:
            place = file.relative_to(root)
            day = date.fromtimestamp(file.stat().st_mtime)
            found.append(FoundText(str(place.with_suffix("")), day.isoformat(), day, content, str(place)))
    return found


def _content(file: Path, skipped: list[str]) -> bytes | None:
    try:
        if file.stat().st_size > LARGEST_FILE:
            said = _("skipped {file}: larger than 8 MiB; split it into several documents")
            skipped.append(said.format(file=file.name))
            return None
        return file.read_bytes()
    except OSError as error:
        said = _("skipped {file}: cannot be read ({why}); check its permissions")
        skipped.append(said.format(file=file.name, why=error.strerror or error))
        return None


def gather(found: Iterable[FoundText], skipped: list[str]) -> Sources:
    """Found texts as documents: grouped, decoded, ordered by (day seen, suffix), described by their front matter."""
    groups: dict[str, list[tuple[SourceVersion, dict[str, Any]]]] = {}
    names: dict[str, str] = {}
    warnings: list[str] = []
    for item in found:
        key = slug(item.group)
        made = _source_version(item, skipped, warnings)
        if made is not None:
            names.setdefault(key, item.group)
            groups.setdefault(key, []).append(made)
    documents = []
    for key, members in sorted(groups.items()):
        members.sort(key=lambda m: (m[0].observed_on, m[0].version))
        documents.append(_source_document(key, names[key], members))
    return Sources(tuple(documents), tuple(skipped), tuple(warnings))


def _source_version(
    item: FoundText, skipped: list[str], warnings: list[str]
) -> tuple[SourceVersion, dict[str, Any]] | None:
    text, odd = decode(item.content)
    if odd:
        warnings.append(f"{item.source_ref}: {odd}")
    if not text.strip():
        skipped.append(_("skipped {file}: no text in it").format(file=item.source_ref))
        return None
    front = read_front_matter(text.split("\n"))
    warnings.extend(f"{item.source_ref}: {warning}" for warning in front.warnings)
    fields = front.fields
    made = SourceVersion(
        version=item.version,
        observed_on=item.observed_on,
        text=text,
        sha256=hashlib.sha256(item.content).hexdigest(),
        source_ref=item.source_ref,
        effective_from=_day(fields.get("effective_from") or fields.get("effective_date")),
        must_ack=fields.get("must_ack") is True,
        ack_by=_day(fields.get("ack_by")),
        note=str(fields.get("note") or "")[:280],
        technical=fields.get("technical") is True,
        message=item.message,
        audience=tuple(_texts(fields.get("audience"))),
        expires_on=_day(fields.get("expires_on")),
    )
    return made, fields


def _source_document(key: str, name: str, members: list[tuple[SourceVersion, dict[str, Any]]]) -> SourceDocument:
    fields: dict[str, Any] = {}
    redirects: list[str] = []
    for _version, own in members:  # a later version may leave out what an earlier one said
        fields.update({k: v for k, v in own.items() if v not in ("", [])})
        redirects.extend(_texts(own.get("redirect_from")))
    title = str(fields.get("title") or name.rsplit("/", 1)[-1])
    families = tuple(f for f in _texts(fields.get("families") or fields.get("family")) if f in FAMILIES)
    lang = str(fields.get("lang") or language_of(members[-1][0].text, default="en"))
    document = Document(
        key=key,
        title=unicodedata.normalize("NFC", title),
        families=families or guess_families(f"{name} {title}"),
        lang=lang,
        source=str(fields.get("source") or ""),
        licence=str(fields.get("licence") or fields.get("license") or ""),
    )
    return SourceDocument(document, tuple(v for v, _ in members), tuple(dict.fromkeys(redirects)))


def decode(content: bytes) -> tuple[str, str]:
    """(text, what was odd about it): UTF-8, UTF-16 by its mark, else Windows-1252; never raises."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace").replace("\0", ""), "read as UTF-16"
    try:
        text, odd = content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        text, odd = content.decode("cp1252", "replace"), "not UTF-8; read as Windows-1252: save it as UTF-8"
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n"), odd


def guess_families(title: str) -> tuple[str, ...]:
    """The families that the words of a title speak of; platform_terms where none does."""
    folded = fold(title).replace("-", " ")
    return tuple(family for family, pattern in _FAMILY_WORDS if re.search(pattern, folded)) or ("platform_terms",)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(v) for v in value] if isinstance(value, list | tuple) else []


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None
