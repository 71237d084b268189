"""A file's bytes from the server, when a person asks for them by a key; never before, and never of what is sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.sync.blobs import Blobs, SealedFile
from escaltui.sync.net import NotOurs
from escaltui.workbench import media

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.safety.original import Original
    from escaltui.workbench.door import Workbench


def fetch(bench: Workbench, face: MediaFace, told: Callable[[int], None], stop: Callable[[], bool]) -> Original:
    """See `Evidence.fetch_original`."""
    if media.closed(bench, face):
        raise SealedFile(_("That file is sealed, or only its facts came: it is not fetched."))
    if (held := media.original(bench, face)) is not None:
        return held
    if bench.store.remote is None:
        raise NotOurs(_("The bytes of that file are not here, and this store follows no server."))
    found = Blobs(bench.store, bench.link.server, stop).fetch(face.sha256, face.size, told)
    bench.fetched = (face.sha256, found)
    return found
