"""The decode worker's only client: facts of files, and the grids of samples that the shield allows.

Nothing here decodes; the process that draws never loads what could. Any thread may ask, one request runs at a time,
and `kill`, `forget` and `forget_clear` wait for none. A grid is given out only when the shield allows it both before
the request is sent and when its reply is here.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from escaltui.safety import decoded
from escaltui.safety.decoded import Facts, NotShown, Picture, Tile, Want
from escaltui.safety.original import Original
from escaltui.safety.shield import Permit, Shield
from escaltui.safety.text import line
from escaltui.safety.worker import EXIF_LIMIT, MIB, TEXT_LIMIT
from escaltui.safety.worker_link import Gone, Link, Nothing, Refusal

__all__ = ["Facts", "NotShown", "Picture", "Reader", "Tile", "Want"]

REQUEST, WHOLE = 5.0, 10.0
"""Seconds that a request may take; that a contact sheet or an export may."""
JOBS, RESIDENT = 200, 300
"""After so many requests, or over so many MiB in use, the worker is replaced."""
STRIKES = 2
"""So often may reading one file end the worker."""
EXPORT_LIMIT = 192 * MIB
PNG = b"\x89PNG\r\n\x1a\n"

Said = TypeVar("Said")


class Reader:
    """Files as far as people may see them. Every method that asks raises NotShown, and no other exception.

    `wrapper`: a command that runs the worker, such as a sandbox; `now`: the clock of the shield's permits.
    """

    def __init__(self, *, wrapper: Sequence[str] = (), now: Callable[[], float] = time.monotonic) -> None:
        self.restarts = 0
        self._wrapper, self._now = tuple(wrapper), now
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._known: dict[str, tuple[Original, str]] = {}
        self._strikes: Counter[str] = Counter()
        self._owed: set[str] = set()
        """Files that the worker is still to forget; "" for the clear picture."""

    # --- the process

    @property
    def pid(self) -> int | None:
        """The worker's process (its wrapper's, where there is one), while it runs."""
        link = self._link
        return link.pid if link is not None and not link.dismissed else None

    def start(self) -> None:
        """Start the worker in the background, so that the first request finds it ready. Raises nothing."""
        threading.Thread(target=self._warm, name="reader-start", daemon=True).start()

    def kill(self) -> None:
        """End the worker now, with all that it holds, from any thread; a running request raises NotShown("revoked").

        It comes back at the next request. Whose file is not to be read again: `forget` it first.
        """
        link = self._link
        if link is not None:
            link.dismissed = True
            link.kill()

    def close(self) -> None:
        """End the worker for good. Waits only until the request that runs has noticed."""
        self.kill()
        with self._lock:
            if self._link is not None:
                self._link.close()
                self._link = None

    def forget_clear(self) -> None:
        """Drop the clear picture that the worker keeps to zoom in. Waits for nothing."""
        self._owe("")

    def forget(self, sha256: str) -> None:
        """Drop a file and all that was made of it; it is not read again before it is opened anew. Waits for nothing."""
        self._known.pop(sha256, None)
        self._strikes.pop(sha256, None)
        self._owe(sha256)

    # --- requests

    def open(self, path: Original, sha256: str, declared: str) -> Facts:
        """Hand a file to the worker, which checks its hash, and have its facts. `declared`: its type as claimed."""
        self._known[sha256] = (path, declared)
        return self.facts(sha256)

    def facts(self, sha256: str, exif: bool = False) -> Facts:
        """The facts of an opened file; with `exif`, also what its camera or program wrote into it, cleaned."""
        request: dict[str, object] = {"do": "facts", "sha256": sha256, "exif": exif}
        most = EXIF_LIMIT if exif else 0
        told, payload = self._ask(sha256, request, decoded.Told, lambda said, n: said.fits(n, most))
        try:
            pairs = msgspec.json.decode(payload, type=list[tuple[str, str]]) if exif else []
        except msgspec.DecodeError as error:
            self.kill()
            raise NotShown("died") from error
        cleaned = tuple((line(name).value, line(value).value) for name, value in pairs)
        _path, declared = self._known.get(sha256, (None, ""))
        return Facts(
            sha256, told.kind, decoded.spoken_type(declared), told.is_, told.size, told.width, told.height, told.frames,
            told.pages, told.seconds, told.gps, told.audio, cleaned,
        )  # fmt: skip

    def view(self, want: Want, shield: Shield, permit: Permit | None) -> Picture:
        """A grid of samples no larger than the widget. Raises NotShown("revoked") where the shield does not allow it,
        or no longer does when the reply is here."""
        request = _request("view", want)
        allowed = self._allowance(want, shield, permit)
        said, data = self._ask(want.sha256, request, decoded.Still, lambda said, n: said.fits(n, want), allowed)
        self._must_be_blurred(want, data)
        return Picture(want.sha256, want.level, said.mode, said.w, said.h, data)

    def sheet(self, want: Want, shield: Shield, permit: Permit | None, tiles: int = 12) -> tuple[Tile, ...]:
        """A contact sheet for the widget of `want`, four tiles a row, a column and a row free beside and under each:
        frames, pages, or a film's key frames. As for `view`; each tile is at most a quarter of the widget wide."""
        each = decoded.tile_of(want, tiles)
        request = _request("sheet", each) | {"tiles": tiles}
        allowed = self._allowance(want, shield, permit)
        said, data = self._ask(
            want.sha256, request, decoded.Sheet, lambda said, n: said.fits(n, each, tiles), allowed, whole=True
        )  # fmt: skip
        self._must_be_blurred(want, data)
        made, begin = [], 0
        for at, frame, wide, high in said.tiles:
            end = begin + wide * high * len(said.mode)
            picture = Picture(want.sha256, want.level, said.mode, wide, high, data[begin:end])
            made.append(Tile(at, picture, frame))
            begin = end
        return tuple(made)

    def hashes(self, sha256: str) -> tuple[str, str, int] | None:
        """PDQ of a picture in hex, that of its mirror image, and the quality (0-100). None for what is no picture, and
        where the `hash` extra is not installed."""
        try:
            said, _data = self._ask(sha256, {"do": "hash", "sha256": sha256}, decoded.Hashes, lambda _said, n: n == 0)
        except NotShown as error:
            if error.code == "missing_extra":
                return None
            raise
        return (said.pdq, said.mirrored, said.quality) if said.pdq else None

    def text(self, sha256: str) -> str:
        """The words of a text file or of a PDF's text layer, the first 256 KiB; "" for none. As they came: they reach
        a terminal only through `safety.text.block`."""
        request: dict[str, object] = {"do": "text", "sha256": sha256}
        _said, data = self._ask(sha256, request, Nothing, lambda _said, n: n <= TEXT_LIMIT)
        return data.decode("utf-8", "replace")

    def export(self, sha256: str, frame: int, shield: Shield, permit: Permit | None) -> bytes:
        """One frame or page at full size and in colour, as a PNG without metadata, to be opened outside by a person who
        said so. It takes what a clear view takes: a permit for clear, or an item that rests clear."""
        want = Want(sha256, "clear", False, 1, 1, frame=frame)
        request: dict[str, object] = {"do": "export", "sha256": sha256, "frame": max(0, frame)}
        allowed = self._allowance(want, shield, permit)
        _said, data = self._ask(sha256, request, Nothing, lambda _said, n: n <= EXPORT_LIMIT, allowed, whole=True)
        if not data.startswith(PNG):
            self.kill()
            raise NotShown("died")
        return data

    # --- how one is answered

    def _ask(
        self, sha256: str, request: dict[str, object], said: type[Said], fits: Callable[[Said, int], bool],
        allowed: Callable[[], bool] = lambda: True, whole: bool = False,
    ) -> tuple[Said, bytes]:  # fmt: skip
        try:
            with self._lock:
                if not allowed():
                    raise NotShown("revoked")
                answer = self._asked(sha256, request, said, fits, WHOLE if whole else REQUEST)
        finally:
            self._settle()
        if not allowed():
            raise NotShown("revoked")
        return answer

    def _asked(
        self, sha256: str, request: dict[str, object], said: type[Said],
        fits: Callable[[Said, int], bool], seconds: float,
    ) -> tuple[Said, bytes]:  # fmt: skip
        """The reply of a worker that is there or is started, or why there is none."""
        if self._strikes[sha256] >= STRIKES:
            raise NotShown("undecodable")
        link = self._ready()
        try:
            return self._answer(link, sha256, request, said, fits, seconds)
        except Refusal as error:
            raise _refused(error) from error
        except TimeoutError as error:
            link.close()
            self._strikes[sha256] += 1
            raise NotShown("timeout", limit=round(seconds)) from error
        except Gone as error:
            link.close()
            self._strikes[sha256] += not link.dismissed
            raise NotShown("revoked" if link.dismissed else "died") from error
        finally:
            self._recycle(link)

    def _answer(
        self, link: Link, sha256: str, request: dict[str, object], said: type[Said],
        fits: Callable[[Said, int], bool], seconds: float,
    ) -> tuple[Said, bytes]:  # fmt: skip
        """The reply of a worker; one that does not hold the file gets it first."""
        try:
            return link.ask(request, said, fits, seconds)
        except Refusal as error:
            if error.code != "absent":
                raise
        if sha256 not in self._known:  # forgotten meanwhile
            raise NotShown("revoked")
        link.pour(self._known[sha256][0], sha256, REQUEST)
        return link.ask(request, said, fits, seconds)

    def _allowance(self, want: Want, shield: Shield, permit: Permit | None) -> Callable[[], bool]:
        """Whether the shield allows what is wanted, asked at the instant of each call."""

        def allowed() -> bool:
            curtain = want.level == "curtain"
            return not curtain and shield.allows(want.sha256, want.level, want.colour, permit, self._now())

        return allowed

    def _must_be_blurred(self, want: Want, data: bytes) -> None:
        if want.level != "clear" and data.translate(None, decoded.TONES):
            self.kill()
            raise NotShown("died")

    # --- the worker's life; all but `_owe` and `_settle` under the lock

    def _warm(self) -> None:
        with self._lock:
            try:
                self._ready()
            except NotShown:
                pass  # the first request says so

    def _ready(self) -> Link:
        """The worker that runs, or a new one. Raises NotShown."""
        if sys.platform == "win32":
            raise NotShown("no_reader")
        old = self._link
        if old is not None and not old.dismissed and old.pid is not None:
            return old
        if old is not None:
            old.close()
            self.restarts += 1
        self._link = None
        try:
            self._link = Link(self._wrapper)
        except OSError as error:
            raise NotShown("died") from error
        return self._link

    def _recycle(self, link: Link) -> None:
        """A worker that has served long or grown large makes room for a new one, which is ready when it is needed."""
        if link.jobs >= JOBS or link.resident > RESIDENT:
            link.dismissed = True
            try:
                self._ready()
            except NotShown:
                pass

    def _owe(self, sha256: str) -> None:
        self._owed.add(sha256)
        self._settle()

    def _settle(self) -> None:
        """Tell the worker what to forget. Who cannot have the lock leaves it to the thread that has it."""
        while self._owed and self._lock.acquire(blocking=False):
            try:
                link = self._link
                while self._owed:
                    sha256 = self._owed.pop()
                    if link is not None and link.pid is not None:
                        link.tell({"do": "forget", "sha256": sha256})
            except Gone:
                self._owed.clear()
            finally:
                self._lock.release()


def _request(do: str, want: Want) -> dict[str, object]:
    return {"do": do, **want._asdict(), "frame": max(0, want.frame)}


def _refused(error: Refusal) -> NotShown:
    numbers = error.numbers
    return NotShown(error.code, numbers.amount, numbers.limit, numbers.unit)  # type: ignore[arg-type]
