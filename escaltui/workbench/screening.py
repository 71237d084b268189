"""What comes in, looked at before any of it is kept: what is labelled or listed as suspected child sexual abuse
material, or sealed here already, is sealed at the door, and its bytes are dropped unopened.

Only labels, hashes and the parts of mails are looked at. An archive is not unpacked: what lies in it is not found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain.media import SEALED_NAME
from escaltui.i18n import _
from escaltui.intake.found import FoundAttachment, FoundReport, plain_word, replaced_file
from escaltui.intake.mail import hashes_in
from escaltui.intake.media_rows import NotTaken, opened_again
from escaltui.intake.pairs import Pair, with_files
from escaltui.safety.text import line, storable
from escaltui.store import evidence
from escaltui.store.errors import SealedContent
from escaltui.store.originals import ChangedContent

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.safety.text import SafeText
    from escaltui.workbench.door import Workbench

LARGEST_MAIL = 64 << 20


class Door(NamedTuple):
    """What is stopped: by what it is called, by its hash."""

    labels: Collection[str]
    hashes: Collection[str]

    def stops(self, found: FoundAttachment, whole: Collection[str] = ()) -> bool:
        """Whether a file is, by its own labels, those of the whole, or its hash; a mail also by what it holds."""
        names = (found.sha256, found.claimed_sha256, *found.holds)
        return any(each in self.labels for each in (*found.labels, *whole)) or any(
            each in self.hashes for each in names
        )


def listed(rules: RuleSet) -> frozenset[str]:
    """The operator's hashes of what is sealed at the door."""
    return frozenset(each for row in rules.seals.values() for each in row.hashes)


def taken_in(bench: Workbench, batch: Sequence[Pair], problems: list[SafeText]) -> Iterator[Pair]:
    """Reports with what must be sealed sealed, and the bytes of the other files kept, unopened."""
    if not any(each.attached or each.media or each.labels for each in batch):
        return iter(batch)
    door = _door(bench, [one for each in batch for one in (*each.attached, *(f for held in each.media for f in held))])
    return (_taken_in(bench, each, door, problems) for each in batch)


def _door(bench: Workbench, found: Iterable[FoundAttachment]) -> Door:
    hashes = {name for each in found for name in (each.sha256, each.claimed_sha256, *each.holds) if name}
    labels = frozenset(plain_word(each) for row in bench.rules.seals.values() for each in row.labels)
    return Door(labels, listed(bench.rules) | bench.store.sealed(hashes))


def _taken_in(bench: Workbench, pair: Pair, door: Door, problems: list[SafeText]) -> Pair:
    if not (pair.attached or pair.media or pair.labels):
        return pair

    def kept(found: FoundAttachment) -> FoundAttachment:
        return sealed(found) if door.stops(found, pair.labels) else _kept(bench, found, door, pair, problems)

    attached, media = tuple(map(kept, pair.attached)), tuple(tuple(map(kept, held)) for held in pair.media)
    if not (attached or any(media)) and any(each in door.labels for each in pair.labels):
        unseen = sealed(FoundAttachment(name="", declared_type="", size=0, sha256="", content=b""))
        if pair.case.subjects:  # it is labelled and brings no file: what it is about is sealed, wherever that lies
            media = tuple((unseen,) for _item in pair.case.subjects)
        else:
            attached = (unseen,)
    return with_files(pair, attached, media)


def _kept(
    bench: Workbench, found: FoundAttachment, door: Door, pair: Pair, problems: list[SafeText]
) -> FoundAttachment:
    if not (found.content or found.path):
        return found
    try:
        if found.content:
            bench.store.keep_original(found.content, door.hashes)
        else:
            with opened_again(found) as source:
                bench.store.keep_file(source, found.sha256, door.hashes)
    except SealedContent:  # sealed by somebody in this moment
        return sealed(found)
    except (ChangedContent, OSError, NotTaken) as error:
        why = getattr(error, "strerror", None) or error
        said = _("{source}: {name} was not kept: {why}").format(source=pair.report.source, name=found.name, why=why)
        problems.append(line(said))
        return replaced_file(found, sha256="", content=b"", path="")
    return found


def sealed(found: FoundAttachment) -> FoundAttachment:
    """A file sealed at the door: no name, type, size, words or bytes; its hash as received."""
    return FoundAttachment(
        name=SEALED_NAME, declared_type="", size=0, sha256=found.sha256 or found.claimed_sha256, content=b"",
        sealed=True,
    )  # fmt: skip


def keep_mail(bench: Workbench, content: bytes, found: FoundReport) -> tuple[str, tuple[str, ...]]:
    """Keep a mail of a thread whole, and give its hash and the names of its files; "" where it brings a sealed one."""
    door = _door(bench, found.attachments)
    stopped = [door.stops(each, found.labels) for each in found.attachments]
    names = tuple(
        SEALED_NAME if stop else storable(each.name) for each, stop in zip(found.attachments, stopped, strict=True)
    )
    if any(stopped) or any(each in door.labels for each in found.labels):
        return "", names
    try:
        return bench.store.keep_original(content, door.hashes), names
    except SealedContent:
        return "", names


def mails_with_sealed(bench: Workbench, case_ids: Iterable[str] | None) -> tuple[str, ...]:
    """The hashes of kept mails that hold something sealed, on some cases and those with the same files, or on all."""
    named = tuple(bench.store.read(evidence.sealing_cases) if case_ids is None else case_ids)
    gone = bench.store.read(lambda connection: evidence.sealed_on(connection, named))
    mails = bench.store.read(
        lambda connection: {
            mail
            for case_id in {*named, *(other for each in gone for other in evidence.holders(connection, each))}
            for mail in evidence.mails(connection, case_id)
        }
    )
    return tuple(mail for mail in mails if not gone.isdisjoint(_hashes_in(bench, mail)))


def _hashes_in(bench: Workbench, mail: str) -> frozenset[str]:
    size = bench.store.original_size(mail)
    readable = size is not None and size <= LARGEST_MAIL
    return hashes_in(bench.store.original(mail).read_bytes()) if readable else frozenset()
