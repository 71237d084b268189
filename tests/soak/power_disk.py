"""A disk that remembers each write until it is synced, and what is left of it after a power cut.

What was synced is there. Of what was not, any part may be: a cut keeps a random half of the writes, some of them torn
at the sectors of 512 bytes, some as zeros only (the file had grown, its bytes had not come). Names are kept in the same
way: a name is sure once its folder was synced.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from random import Random
from typing import NamedTuple

SECTOR = 512
TORN, ZEROED = 0.3, 0.25


class Event(NamedTuple):
    """One thing that happened. `kind`: write, cut, sync (of a file); made, moved, gone, folder (of names); said."""

    kind: str
    file: int = 0
    at: int = 0
    data: bytes = b""
    name: str = ""
    old: str = ""
    told: tuple[str, ...] = ()


class Disk:
    """What was asked of the files in one folder, in order. A file is a number: its names change."""

    def __init__(self, place: Path) -> None:
        self.place, self.log = place, list[Event]()
        self._names: dict[str, int] = {}
        self._count = 0

    def inside(self, path: str) -> bool:
        return Path(path).is_relative_to(self.place)

    def _name(self, path: str) -> str:
        return str(Path(path).relative_to(self.place))

    def known(self, path: str) -> int | None:
        return self._names.get(self._name(path))

    def file(self, path: str) -> int:
        """The file of a name, made now where there was none."""
        found = self.known(path)
        if found is None:
            self._count += 1
            found = self._names[self._name(path)] = self._count
            self.log.append(Event("made", found, name=self._name(path)))
        return found

    def adopt(self) -> None:
        """All that is in the folder already is sure."""
        for path in sorted(each for each in self.place.rglob("*") if each.is_file()):
            self.rewritten(str(path))
            self.folder(str(path.parent))

    def rewritten(self, path: str) -> None:
        """A file that was written past us was synced: what it holds is sure."""
        file, data = self.file(path), Path(path).read_bytes()
        self.log += (Event("cut", file, 0), Event("write", file, 0, data), Event("sync", file))

    def moved(self, old: str, new: str) -> None:
        file = self._names.pop(self._name(old), None)
        if file is not None:
            self._names[self._name(new)] = file
            self.log.append(Event("moved", file, name=self._name(new), old=self._name(old)))

    def gone(self, path: str) -> None:
        file = self._names.pop(self._name(path), None)
        if file is not None:
            self.log.append(Event("gone", file, name=self._name(path)))

    def folder(self, path: str) -> None:
        self.log.append(Event("folder", name=self._name(path)))

    def said(self, *told: str) -> None:
        """Somebody was told that this is done."""
        self.log.append(Event("said", told=told))


class Cut:
    """The disk at a point of its log: go forward with `take`, and ask what a power cut there may leave."""

    def __init__(self) -> None:
        self._sure: dict[int, bytearray] = defaultdict(bytearray)
        self._open: dict[int, list[Event]] = defaultdict(list)
        self._names: dict[str, int] = {}
        self._naming: list[Event] = []
        self.told: list[tuple[str, ...]] = []

    def take(self, event: Event) -> None:
        if event.kind in ("write", "cut"):
            self._open[event.file].append(event)
        elif event.kind == "sync":
            for each in self._open.pop(event.file, ()):
                _put(self._sure[event.file], each)
        elif event.kind == "said":
            self.told.append(event.told)
        elif event.kind == "folder":
            for each in [each for each in self._naming if _folder(each) == event.name]:
                _named(self._names, each)
                self._naming.remove(each)
        else:
            self._naming.append(event)

    @property
    def unsure(self) -> int:
        """How many writes and names are not synced."""
        return sum(map(len, self._open.values())) + len(self._naming)

    def left(self, draw: Random, share: float = 0.5) -> dict[str, bytes]:
        """The files after a cut that keeps a share of what is unsure; 0 and 1 are without torn writes."""
        names = dict(self._names)
        for each in self._naming:
            if draw.random() < share:
                _named(names, each)
        return {name: self._content(file, draw, share) for name, file in names.items()}

    def _content(self, file: int, draw: Random, share: float) -> bytes:
        found = bytearray(self._sure[file])
        for each in self._open.get(file, ()):
            if share in (0, 1) or each.kind == "cut":
                if draw.random() < share:
                    _put(found, each)
            else:
                _part(found, each, draw, share)
        return bytes(found)


def _folder(event: Event) -> str:
    return str(Path(event.name).parent)


def _named(names: dict[str, int], event: Event) -> None:
    if event.kind == "moved":
        names.pop(event.old, None)
    if event.kind == "gone":
        names.pop(event.name, None)
    else:
        names[event.name] = event.file


def _put(content: bytearray, event: Event) -> None:
    if event.kind == "cut":
        del content[event.at :]
        content.extend(bytes(event.at - len(content)))
        return
    content.extend(bytes(max(0, event.at - len(content))))
    content[event.at : event.at + len(event.data)] = event.data


def _part(content: bytearray, event: Event, draw: Random, share: float) -> None:
    """A write that came, came in part, came as room without bytes, or did not come."""
    if draw.random() >= share:
        if event.at + len(event.data) > len(content) and draw.random() < ZEROED:
            content.extend(bytes(event.at + len(event.data) - len(content)))
        return
    if draw.random() >= TORN:
        _put(content, event)
        return
    end = event.at + len(event.data)
    for start in range(event.at - event.at % SECTOR, end, SECTOR):
        first, last = max(start, event.at), min(start + SECTOR, end)
        if draw.random() < share:
            _put(content, event._replace(at=first, data=event.data[first - event.at : last - event.at]))
