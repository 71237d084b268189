"""Kinds of version, and the step from a document's history to its next version: pure, values in, values out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from escaltui.policy.ids import ENOUGH_SHINGLES, Known, assign_ids, place_on_page
from escaltui.policy.library import FLAP, NOOP, SUBSTANTIVE, SUSPECT, TECHNICAL, Section, Version
from escaltui.policy.split import Parsed
from escaltui.policy.words import jaccard, shingles, text_sha256

SUSPECT_SHARE = 0.10
FLAP_TIME = timedelta(days=14)
_TEXTS_KEPT = 4


class History(msgspec.Struct, frozen=True):
    """All that is needed of a document's past to place its next version.

    `versions` are in order of `sort_key`; `texts` maps a version that brought sections to its whole text.
    """

    document: str
    versions: tuple[Version, ...] = ()
    known: Mapping[str, Known] = {}
    texts: Mapping[str, str] = {}

    def trimmed(self) -> History:
        """The same, with the texts that may still be compared: of held versions and of the last accepted ones."""
        accepted = [v.version for v in self.versions if v.kind == SUBSTANTIVE][-_TEXTS_KEPT:]
        held = [v.version for v in self.versions if v.kind == SUSPECT]
        kept = {name: self.texts[name] for name in (*accepted, *held) if name in self.texts}
        return msgspec.structs.replace(self, texts=kept)


class Step(msgspec.Struct, frozen=True):
    """One version placed: its facts, its sections, earlier versions that turned out to be flaps, the new history.

    `share` is the share (0 to 1) of text in common with the last accepted version, where there was one.
    """

    version: Version
    sections: tuple[Section, ...]
    refolded: tuple[str, ...]
    history: History
    share: float | None = None
    compared_with: str = ""


def fingerprint(sections: Sequence[Section]) -> str:
    """Hex SHA-256 over the ordered (stable id, heading, text hash): equal where nothing a reader sees has changed."""
    rows = "\n".join(f"{s.stable_id}\t{s.heading}\t{s.text_sha256}" for s in sections)
    return hashlib.sha256(rows.encode()).hexdigest()


def next_version(
    history: History,
    parsed: Parsed,
    facts: Version,
    *,
    aliases: Mapping[str, str] | None = None,
    reserved: frozenset[str] = frozenset(),
    technical: bool = False,
) -> Step:
    """Place one split text in its document's history: ids, fingerprint, kind.

    `facts` is the version as its source states it (name, dates, source_ref); its kind and fingerprint are set here.
    `reserved` are ids that other documents own.
    """
    sections = _sections(history, parsed, facts, aliases or {}, reserved)
    facts = msgspec.structs.replace(facts, fingerprint=fingerprint(sections))
    text = "\n".join(s.text for s in sections)
    before = [v for v in history.versions if v.kind == SUBSTANTIVE and v.sort_key < facts.sort_key]
    share = share_of(text, history.texts.get(before[-1].version, "")) if before else None
    kind, same_as, refolded = _judge(before, facts, share, technical)
    placed = msgspec.structs.replace(facts, kind=kind, same_as=same_as)
    kept = () if same_as else sections
    return Step(
        version=placed,
        sections=kept,
        refolded=refolded,
        history=_grown(history, placed, kept, refolded, text),
        share=share,
        compared_with=_last_seen(history, facts),
    )


def _last_seen(history: History, facts: Version) -> str:
    """The newest version before this one that showed the accepted text: it, or a fold of it; "" for the first."""
    shown = [v.version for v in history.versions if v.kind in (SUBSTANTIVE, NOOP) and v.sort_key < facts.sort_key]
    return shown[-1] if shown else ""


def share_of(text: str, other: str) -> float | None:
    """Jaccard of the 4-word shingles of two whole texts; None where either is too short to tell."""
    left, right = shingles(text), shingles(other)
    if len(right) < ENOUGH_SHINGLES:
        return None
    return jaccard(left, right)


def is_technical(message: str, patterns: Sequence[str]) -> bool:
    """Whether a commit message matches one of a source's `technical_messages` (regular expressions)."""
    return any(re.search(pattern, message, re.IGNORECASE) for pattern in patterns)


def _judge(
    before: Sequence[Version], facts: Version, share: float | None, technical: bool
) -> tuple[str, str, tuple[str, ...]]:
    """(kind, version whose sections it shares, versions that are flaps after all): the first rule that matches."""
    if before and facts.fingerprint == before[-1].fingerprint:
        return NOOP, before[-1].version, ()
    for n in range(len(before) - 2, -1, -1):
        away = before[n + 1 :]
        if facts.observed_on - away[0].observed_on > FLAP_TIME:
            break
        if before[n].fingerprint == facts.fingerprint:
            return FLAP, before[n].version, tuple(v.version for v in away)
    if share is not None and share < SUSPECT_SHARE:
        return SUSPECT, "", ()
    return (TECHNICAL if technical else SUBSTANTIVE), "", ()


def _sections(
    history: History, parsed: Parsed, facts: Version, aliases: Mapping[str, str], reserved: frozenset[str]
) -> tuple[Section, ...]:
    given = assign_ids(history.document, parsed.sections, history.known, aliases, reserved)
    return tuple(
        Section(
            document=history.document,
            version=facts.version,
            stable_id=assigned.stable_id,
            order=order,
            heading=section.heading,
            path=section.path,
            text=section.text,
            text_sha256=text_sha256(section.text),
            origin=section.origin,
            level=section.level,
            page=section.page,
            page_url=section.page_url,
            exception=section.exception,
            moved_from=assigned.moved_from,
            indexed=section.indexed,
        )
        for order, (section, assigned) in enumerate(zip(parsed.sections, given, strict=True))
    )


def remember(known: Mapping[str, Known], sections: Sequence[Section]) -> dict[str, Known]:
    """The ids known so far and those of these sections, each as it stood last."""
    grown = dict(known)
    for section in sections:
        before = grown.get(section.stable_id)
        shas = (before.shas if before else frozenset()) | {section.text_sha256}
        url = section.page_url or (before.page_url if before else "")
        grown[section.stable_id] = Known(place_on_page(section.path), url, section.text, shas)
    return grown


def _grown(
    history: History, placed: Version, sections: Sequence[Section], refolded: tuple[str, ...], text: str
) -> History:
    versions = [msgspec.structs.replace(v, kind=FLAP) if v.version in refolded else v for v in history.versions]
    return History(
        document=history.document,
        versions=tuple(sorted([*versions, placed], key=lambda v: v.sort_key)),
        known=remember(history.known, sections) if sections else history.known,
        texts={**history.texts, placed.version: text} if sections else history.texts,
    ).trimmed()


def rejudge(history: History, released: str) -> tuple[Version, ...]:
    """The versions that count once a held one is released: it, and later held ones by the rules for a new one.

    Each later one is compared with the last that is then accepted; the first that still does not match ends it.
    """
    changed: list[Version] = []
    last: Version | None = None
    for version in history.versions:
        if version.version == released:
            changed.append(msgspec.structs.replace(version, kind=SUBSTANTIVE))
        elif last is not None and version.kind == SUSPECT:
            if version.fingerprint == last.fingerprint:
                changed.append(msgspec.structs.replace(version, kind=NOOP, same_as=last.version))
                continue
            share = share_of(history.texts.get(version.version, ""), history.texts.get(last.version, ""))
            if share is not None and share < SUSPECT_SHARE:
                break
            changed.append(msgspec.structs.replace(version, kind=SUBSTANTIVE))
        elif last is not None and version.kind == SUBSTANTIVE:
            break  # accepted texts went on from another version: nothing rests on the released one
        last = changed[-1] if changed else None
    return tuple(changed)
