"""The files that go along with a bundle: which, where their bytes lie, and that they are what came in.

Bytes that lie on the server alone are fetched for it into memory, and never reach this disk but in the bundle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

from escaltui.bundling.container import Source
from escaltui.bundling.faults import BundleFault
from escaltui.bundling.manifest import Held
from escaltui.i18n import _

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.safety.original import Original
    from escaltui.workbench.door import Workbench

FETCHED_MOST = 64 << 20
"""Bytes of fetched files that are held until the bundle is written; what is more is fetched a second time."""
_CHUNK = 1 << 20


class Files:
    """Files of one case, by their numbers; None: all whose bytes can be had. Raises BundleFault for one that cannot."""

    def __init__(self, bench: Workbench, case_id: str, asked: frozenset[int] | None) -> None:
        self._bench = bench
        self._fetched: dict[str, Original] = {}
        self._room = FETCHED_MOST
        faces = bench.media(case_id)
        self.whole = asked is None
        """Whether all were asked for."""
        self.chosen = tuple(each for each in faces if asked is None and not each.sealed and self._can_be_had(each))
        if asked is not None:
            if strange := sorted(asked - {each.number for each in faces}):
                said = _("The case has no file {n}. escaltui media show {ref} numbers them.")
                raise BundleFault("media", said.format(n=strange[0], ref=bench.store.case(case_id).ref))  # type: ignore[union-attr]
            self.chosen = tuple(each for each in faces if each.number in asked)
        for each in self.chosen:
            self._sound(each)

    def _can_be_had(self, face: MediaFace) -> bool:
        return self._bench.original(face) is not None or self._bench.can_fetch(face)

    def _sound(self, face: MediaFace) -> None:
        if face.sealed:
            raise BundleFault("sealed", _("File {n} is sealed: it goes into no bundle.").format(n=face.number))
        if not self._can_be_had(face):
            said = _("The bytes of file {n} are not on this device. Leave it out, or make the bundle where they are.")
            raise BundleFault("media", said.format(n=face.number))

    def source(self, face: MediaFace) -> Source:
        """One file as it goes into the bundle."""
        return Source(f"media/{face.sha256}", self._opener(face))

    def measured(self, face: MediaFace) -> Held:
        """Its size and hash as it lies here: it must be the one that came in. Raises BundleFault."""
        import hashlib  # only here: see domain.hashing

        found, size, source = hashlib.sha256(), 0, self.source(face)
        with source.opened() as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
                size += len(chunk)
        if found.hexdigest() != face.sha256:
            said = _("File {n} is not what came in: its bytes were changed on this device. Leave it out.")
            raise BundleFault("media", said.format(n=face.number))
        return Held(source.name, size, face.sha256)

    def _opener(self, face: MediaFace) -> Callable[[], BinaryIO]:
        return lambda: cast("BinaryIO", self._original(face).open("rb", 0))

    def _original(self, face: MediaFace) -> Original:
        found = self._fetched.get(face.sha256) or self._bench.original(face)
        if found is None and self._bench.can_fetch(face):
            found = self._brought(face)
        if found is None:
            raise BundleFault("media", _("The bytes of file {n} are not here any more.").format(n=face.number))
        return found

    def _brought(self, face: MediaFace) -> Original:
        from escaltui.sync.blobs import SealedFile
        from escaltui.sync.net import NetError

        try:
            found = self._bench.fetch_original(face)
        except SealedFile:
            raise BundleFault(
                "sealed", _("File {n} is sealed: it goes into no bundle.").format(n=face.number)
            ) from None
        except NetError as error:
            said = _("The bytes of file {n} lie on the server and did not come. {why} Try again, or leave it out.")
            raise BundleFault("media", said.format(n=face.number, why=error)) from error
        if face.size <= self._room:
            self._room -= face.size
            self._fetched[face.sha256] = found
        return found
