"""Files that a row of JSONL or CSV names: pictures, films, documents of its items, by paths beside the imported file.

`media` is a list of objects `{path or name, type, size, sha256, rating, label, transcript, transcript_by}`, of the row
or of one of its subjects; in a cell of CSV the same as JSON, or paths apart by semicolons. `label` and `rating` of a
row hold for all of it. A path leads into the imported file's folder only, whatever links it goes through, to regular
files only. Nothing is fetched from an address, nothing is decoded: bytes are hashed, and read again when they are kept.
"""

from __future__ import annotations

import mimetypes
import os
import stat
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from escaltui.domain.media import RATINGS, Rating
from escaltui.intake.found import FoundAttachment, FoundReport, one_line, plain_word, with_problems
from escaltui.intake.mapping import Mapping

OURS = frozenset({"media", "label", "rating"})
LARGEST = 256 << 20
MANY = 1000
_NAME = 200
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NotTaken(ValueError):
    """A file that is named and not taken; str() says why."""


def with_files(report: FoundReport, row: dict[str, Any], mapping: Mapping, folder: Path, number: int) -> FoundReport:
    """A report with the files that its row names, with its labels, and with what is wrong with either in words."""
    subjects, theirs = row.get("subjects"), mapping.columns.values()
    if all(map(OURS.isdisjoint, (row, theirs, mapping.constants))) and not isinstance(subjects, list):
        return report  # as most rows are
    ours = {name: _given(row, name, mapping) for name in OURS}
    nested = [_of_subject(each) for each in subjects] if isinstance(subjects, list) else []
    if not any(ours.values()) and not any(nested):
        return report
    problems: list[str] = []
    rating = _rating(ours["rating"], problems)
    held = [_files(_listed(each), folder, rating, problems) for each in (ours["media"], *nested)]
    report = _put(report, held[0], held[1:])
    labels = (*report.labels, *_labels(ours["label"]))
    return with_problems(replace(report, labels=labels), *(f"Line {number}: {problem}" for problem in problems))


def _given(row: dict[str, Any], name: str, mapping: Mapping) -> Any:
    """What a row says under one of our names: its columns by the mapping, else the column of that name."""
    column = next((theirs for theirs, ours in mapping.columns.items() if ours == name), name)
    return row.get(column) or mapping.constants.get(name)


def _put(
    report: FoundReport, whole: tuple[FoundAttachment, ...], nested: list[tuple[FoundAttachment, ...]]
) -> FoundReport:
    """The row's files go to its first item, an item's to that item; to the report where there is none."""
    if not report.subjects or (nested and len(nested) != len(report.subjects)):
        loose = (*whole, *(each for held in nested for each in held))
        return replace(report, attachments=(*report.attachments, *loose))
    held = nested or [() for _item in report.subjects]
    held[0] = (*held[0], *whole)
    return replace(
        report, subjects=tuple(replace(item, media=each) for item, each in zip(report.subjects, held, strict=True))
    )


def _of_subject(subject: object) -> Any:
    return subject.get("media") if isinstance(subject, dict) else None


def _listed(value: object) -> list[Any]:
    """What a row gives as its media, as a list of objects or paths."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            pass
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else []


def _files(named: list[Any], folder: Path, rating: Rating, problems: list[str]) -> tuple[FoundAttachment, ...]:
    if len(named) > MANY:
        problems.append(f"{len(named)} files are named, the first {MANY} are taken: split the row.")
    found = []
    for each in named[:MANY]:
        one = {"path": each} if isinstance(each, str) else each
        if isinstance(one, dict):
            found.append(_file(one, folder, rating, problems))
        else:
            problems.append("A file under media is neither an object nor a path: mend the line.")
    return tuple(found)


def _file(one: dict[str, Any], folder: Path, rating: Rating, problems: list[str]) -> FoundAttachment:
    said = _text(one, "sha256").lower()
    path = _text(one, "path")
    name = one_line(_text(one, "name") or path.replace("\\", "/").rpartition("/")[2], _NAME) or "file"
    size = one.get("size")
    found = FoundAttachment(
        name=name, declared_type=one_line(_text(one, "type"), _NAME) or mimetypes.guess_type(name)[0] or "",
        size=size if isinstance(size, int) and 0 <= size < 1 << 62 else 0, sha256="", content=b"",
        claimed_sha256=said if len(said) == 64 and set(said) <= set("0123456789abcdef") else "",
        labels=_labels(one.get("label")), claimed=_rating(one.get("rating"), problems) if one.get("rating") else rating,
        transcript=_text(one, "transcript"),
        transcript_by="machine" if _text(one, "transcript_by") == "machine" else "person",
    )  # fmt: skip
    return _read(found, path, folder, problems) if path else found


def _text(one: dict[str, Any], name: str) -> str:
    value = one.get(name)
    return value if isinstance(value, str) else ""


def _labels(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, list) else str(value or "").replace(";", ",").split(",")
    return tuple(filter(None, (plain_word(str(word)) for word in words)))


def _rating(value: object, problems: list[str]) -> Rating:
    """How the reporter rates it: a claim. Another word than ours is said, and claims nothing."""
    word = plain_word(str(value or ""))
    found = next((each for each in RATINGS if each == word), None)
    if word and found is None:
        problems.append(f"The rating {one_line(word, 40)!r} is not known: use {', '.join(RATINGS)}.")
    return found or "unknown"


def _read(found: FoundAttachment, path: str, folder: Path, problems: list[str]) -> FoundAttachment:
    """The facts of a file with its hash and size as they are, or without bytes and the sentence that says why."""
    try:
        place = inside(path, folder)
        with regular(place) as source:
            size, sha256 = os.fstat(source.fileno()).st_size, file_digest(source, "sha256").hexdigest()
    except (NotTaken, OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        problems.append(f"The file {one_line(path, 80)!r} is not taken: {said}.")
        return found
    if found.claimed_sha256 not in ("", sha256):
        problems.append(f"The file {one_line(path, 80)!r} is not the one that its sha256 names: check which is meant.")
    return replace(found, size=size, sha256=sha256, path=str(place))


def inside(path: str, folder: Path) -> Path:
    """Where a path leads, all links followed. Raises NotTaken where that is not inside the folder."""
    if "://" in path:
        raise NotTaken("nothing is fetched from an address; put the file beside the imported one")
    root = folder.resolve()
    place = (root / path).resolve()
    if Path(path).is_absolute() or not place.is_relative_to(root):
        raise NotTaken("it lies outside the imported file's folder; put it inside")
    return place


def regular(place: Path) -> BufferedReader:
    """A regular file within the size limit, for reading. Raises NotTaken, OSError."""
    descriptor = os.open(place, _FLAGS)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise NotTaken("it is no regular file")
        if facts.st_size > LARGEST:
            raise NotTaken(f"it has {facts.st_size >> 20} MiB, more than {LARGEST >> 20}")
        return os.fdopen(descriptor, "rb")  # closes it from here on
    except BaseException:
        os.close(descriptor)
        raise


def opened_again(found: FoundAttachment) -> BufferedReader:
    """A file that was looked at, for keeping; whoever reads it compares its hash. Raises NotTaken, OSError."""
    return regular(Path(found.path))
