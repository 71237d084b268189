"""What is known of a file before anybody looks at it, in words: the first view of every picture, film and document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import SafeText, line, own
from escaltui.widgets.labels import size, word
from escaltui.widgets.passage import Block, blank
from escaltui.widgets.say import Part, plain
from escaltui.wording import rating_word

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace, SeenBefore
    from escaltui.safety.decode import Facts

PICTURE, FILM, DOCUMENT, TEXT, FILE = N_("picture"), N_("film"), N_("document"), N_("text"), N_("file")
_KINDS = (
    (PICTURE, ("image/", "jpeg", "jpg", "png", "gif", "webp", "heic", "avif", "photo", "picture")),
    (FILM, ("video/", "mp4", "mov", "mkv", "avi", "webm", "film", "video")),
    (DOCUMENT, ("application/pdf", "pdf")),
    (TEXT, ("text/", "txt", "eml", "csv", "json", "html", "svg", "message/")),
)  # fmt: skip


def kind_of(face: MediaFace) -> str:
    """What a file says that it is, as a word not yet translated. A claim: only its bytes tell."""
    declared = plain(face.type).lower()
    ending = plain(face.name).lower().rpartition(".")[2]
    for said in (declared, ending):
        for kind, marks in _KINDS:
            if said and any(said.startswith(mark) for mark in marks):
                return kind
    return FILE


def placed(face: MediaFace) -> SafeText:
    """`picture 2 of 3`; of a sealed one not even what it is."""
    kind = FILE if face.sealed else kind_of(face)
    return own(_("{kind} {n} of {count}").format(kind=_(kind), n=face.number, count=face.of))


def card(face: MediaFace, facts: Facts | None, seen: tuple[SeenBefore, ...], now: int) -> list[Block]:
    """Place and name, what it says it is and what it is, how the team rates it, its description, where it was seen."""
    found = [Block(((placed(face), "heading"),)), Block((face.name,)), *_facts(face, facts), blank()]
    found += [*_rated(face, now), *_described(face)]
    if seen:
        found += [blank(), Block(((own(_("seen before")), "heading"),)), *(_seen(each, now) for each in seen)]
    return found


def _facts(face: MediaFace, facts: Facts | None) -> Iterator[Block]:
    from escaltui.safety.decoded import spoken_type  # the reader's side is loaded with the first look

    claim = line(facts.says if facts else spoken_type(plain(face.type)))
    if facts is None:
        if claim:
            yield Block((own(_("says") + " "), claim))
        yield Block((own(size(face.size)),))
        return
    true = line(facts.is_) if facts.is_ else own(_("of a type unknown here"))
    differs = facts.mismatch
    said: tuple[Part, ...] = (own(_("says") + " "), claim, own(", ")) if claim else ()
    yield Block((*said, (own(_("is") + " ") + true, "near" if differs else "")))
    if differs:
        yield Block(((own(_("not what it says")), "near"),))
    yield Block((own(", ".join(_measures(facts))),))
    for there, words in ((facts.gps, _("place (GPS) present")), (facts.audio, _("sound present, not played"))):
        if there:
            yield Block((own(words),))


def _measures(facts: Facts) -> Iterator[str]:
    yield size(facts.size)
    if facts.width and facts.height:
        yield f"{facts.width}×{facts.height}"
    if facts.seconds:
        yield _("{minutes}:{seconds:02} long").format(minutes=int(facts.seconds) // 60, seconds=int(facts.seconds) % 60)
    elif facts.frames > 1:
        yield ngettext("{n} frame", "{n} frames", facts.frames).format(n=facts.frames)
    if facts.pages:
        yield ngettext("{n} page", "{n} pages", facts.pages).format(n=facts.pages)


def _rated(face: MediaFace, now: int) -> Iterator[Block]:
    if face.rated_by:
        said = _("rated {rating}").format(rating=rating_word(face.rating))
        by = _("by {who}, {time}").format(who=face.rated_by, time=when.brief(face.rated_at, now))
        yield Block((own(said),))
        yield Block(((own(by), "quiet"),))
    else:
        yield Block((own(rating_word("unknown")),))
    if face.claimed not in ("unknown", face.rating):
        look = "quiet" if face.rated_by else "near"
        yield Block(((own(_("the reporter says: {rating}").format(rating=rating_word(face.claimed))), look),))
    if face.minor and face.rating == "unknown":
        yield Block(((own(_("somebody under age may be in it")), "near"),))


def _described(face: MediaFace) -> Iterator[Block]:
    if face.description:
        yield Block((own("“") + line(plain(face.description)) + own("”"),))
        yield Block(((own(_("described by {who}").format(who=face.described_by)), "quiet"),))


def _seen(seen: SeenBefore, now: int) -> Block:
    who = _("you") if seen.mine else seen.by
    told = [part for part in (who, when.brief(seen.at, now), seen.ref) if part]
    told.append(_("decided: {outcome}").format(outcome=word(seen.outcome)) if seen.outcome else _("not decided"))
    near = _("near match, {n} of 256 bits differ").format(n=seen.distance) if seen.distance else ""
    mirror = _("mirrored") if seen.mirrored else ""
    words = ", ".join(part for part in (near, mirror, *told) if part)
    return Block((own(words),), own("  "), 2, key=f"case {seen.case_id}")


def transcript(face: MediaFace) -> list[Block]:
    """The words that came with a file, and who wrote them down."""
    if not face.transcript:
        return []
    by = _("Words that came with it, written down by a person")
    machine = _("Words that came with it, by machine: not the words themselves")
    said = (own(machine if face.transcript_by == "machine" else by), "quiet")
    return [Block((said,)), Block((face.transcript,))]


def files_lines(faces: tuple[MediaFace, ...], look_key: str) -> list[tuple[Part, ...]]:
    """One line a file for the case: number, kind, size, rating; of a sealed one that it is sealed. Never a picture."""
    found: list[tuple[Part, ...]] = []
    for at, face in enumerate(faces):
        if face.sealed:
            parts: tuple[Part, ...] = (own(f"{face.number} "), (own(_("sealed item")), "near"))
        else:
            facts = [_(kind_of(face)), size(face.size)] if face.size else [_(kind_of(face))]
            facts.append(rating_word(face.rating).partition(":")[0])
            if not face.kept:
                facts.append(_("only its facts came"))
            parts = (own(f"{face.number} "), face.name, (own("  " + ", ".join(facts)), "quiet"))
        hint: tuple[Part, ...] = (own("   "), (own(look_key), "key"), own(" " + _("look"))) if not at else ()
        found.append((*parts, *hint))
    return found


def exif_blocks(facts: Facts) -> list[Block]:
    """What a camera or program wrote into a file: asked for by a key, never kept."""
    rows = [(line(name), line(value)) for name, value in facts.exif]
    if not rows:
        return [Block(((own(_("Nothing else is written in it.")), "quiet"),))]
    indent = min(26, max(len(name) for name, _value in rows) + 2)
    return [Block((value,), name[: indent - 2], indent) for name, value in rows]
