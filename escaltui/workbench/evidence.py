"""What may be asked of the files of a case: facts and words, where their bytes lie, where they were seen before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, cast

from escaltui.workbench.desk import Desk

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace, SeenBefore
    from escaltui.safety.original import Original
    from escaltui.workbench.door import Workbench
    from escaltui.workbench.seen import Pictures


class Evidence(Desk):
    """A desk with the files of its cases. No pixel passes here. `fetched`: the one file that a person had fetched."""

    fetched: tuple[str, Original] | None = None

    def media(self, ref: str) -> tuple[MediaFace, ...]:
        """The files of a case: facts and words, never pixels."""
        from escaltui.workbench import media

        return media.media(cast("Workbench", self), ref)

    def original(self, face: MediaFace) -> Original | None:
        """The bytes of a file, to be read; None where they are not here, and always for a sealed one."""
        from escaltui.workbench import media

        return media.original(cast("Workbench", self), face)

    def can_fetch(self, face: MediaFace) -> bool:
        """Whether a file's bytes may lie on the server and be fetched from there: not here, and not sealed."""
        return self.store.remote is not None and bool(face.sha256) and self.original(face) is None and not face.sealed

    def fetch_original(
        self, face: MediaFace, told: Callable[[int], None] = lambda _: None, stop: Callable[[], bool] = lambda: False
    ) -> Original:
        """Fetch the bytes of a file from the server because a person asked for it by a key. Blocks.

        They stay in memory until another file is fetched, this one is sealed, or the workbench closes; `original` gives
        them until then. `told`: how many bytes came. `stop`: asked whether to leave off. Raises NetError, whose text is
        for people; also for a sealed file, without asking the server.
        """
        from escaltui.workbench import fetching

        return fetching.fetch(cast("Workbench", self), face, told, stop)

    def logged(self, face: MediaFace) -> bool:
        """Whether a first look at a file, and opening it outside, are written to its case's log."""
        from escaltui.workbench import media

        return media.logged(cast("Workbench", self), face)

    @cached_property
    def pictures(self) -> Pictures:
        """The index of the pictures that were looked at here."""
        from escaltui.workbench.seen import Pictures

        return Pictures()

    def seen_before(self, face: MediaFace) -> tuple[SeenBefore, ...]:
        """Where the same file, or a picture like it, was seen before, and what was decided there."""
        from escaltui.workbench import seen

        return seen.seen_before(cast("Workbench", self), face)

    def keep_looks(self, sha256: str, pdq: str, mirrored: str, quality: int) -> None:
        """Keep how a picture looks (PDQ, that of its mirror image, quality), so that the next one like it is told."""
        from escaltui.workbench import seen

        seen.keep_looks(cast("Workbench", self), sha256, pdq, mirrored, quality)
