"""How text from outside is shown: masked. Display only; what is kept, searched, copied and sent comes by no mask.

One `Masks` belongs to an app. It is made when the first text from outside is drawn, since nothing of it may be drawn
before; until the operator's floor is known (it stands in the rule files, which are read later) the strictest holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual._context import active_app

from escaltui.protection import STRICTEST_MASKS, Masking, effective
from escaltui.safety.lexicon_files import load
from escaltui.safety.masking import KINDS, Kind, Masked, Masker, Span
from escaltui.safety.text import SafeText
from escaltui.widgets.say import Part, pair

if TYPE_CHECKING:
    from textual.app import App

LOOKS: dict[Kind, str] = {"slur": "refused", "threat": "near", "sexual": "found", "profanity": "quiet"}
"""The look of each class of masked words; the status line names the class too."""
KEPT, SHORT = 4096, 200
"""So many short texts, as titles, are kept masked: the next drawing of the same list need not look again."""


class Veiled(NamedTuple):
    """Parts as they are shown, and what was masked in them: the classes, how many terms, the texts that they are in."""

    parts: tuple[Part, ...]
    kinds: tuple[Kind, ...]
    texts: tuple[str, ...]


class Masks:
    """The masker in use, and which masked texts were read in full in this session."""

    def __init__(self, settings: Masking, folder: Path) -> None:
        self._settings, self._folder = effective(settings, STRICTEST_MASKS), folder
        self._kept = lru_cache(maxsize=KEPT)(self._mask)
        self._read: set[int] = set()

    @cached_property
    def masker(self) -> Masker:
        """Finds the terms."""
        return load(self._settings, self._folder)

    def bind(self, settings: Masking) -> None:
        """These settings hold, the operator's floor in them. What is drawn from now on is masked by them."""
        if settings != self._settings:
            self._settings = settings
            self.__dict__.pop("masker", None)
            self._kept.cache_clear()

    def _mask(self, value: SafeText) -> Masked:
        return self.masker.masked(value)

    def masked(self, text: SafeText) -> Masked:
        """A text as it is shown, and its spans."""
        return self._kept(text) if len(text.value) <= SHORT else self._mask(text)

    def veiled(self, parts: Iterable[Part]) -> Veiled:
        """Parts of a paragraph as they are shown, masked words in the look of their class."""
        shown: list[Part] = []
        kinds: set[Kind] = set()
        texts: list[str] = []
        for part in parts:
            text, look = pair(part)
            found = self.masked(text)
            if not found.spans:
                shown.append(part)
                continue
            shown += _split(found, look)
            kinds.update(span.kind for span in found.spans)
            texts.append(text.value)
        return Veiled(tuple(shown), tuple(kind for kind in KINDS if kind in kinds), tuple(texts))

    @property
    def words(self) -> tuple[str, ...]:
        """The languages with masks."""
        return tuple(sorted(self.masker.coverage))

    # --- what was read in full

    def was_read(self, texts: Iterable[str]) -> None:
        """These were shown as they are, for as long as reading takes."""
        self._read.update(map(hash, texts))

    def unread(self, texts: Iterable[SafeText]) -> list[tuple[SafeText, tuple[Span, ...]]]:
        """Those with masked words that were not read in full yet, with their spans."""
        found = [(text, self.masked(text).spans) for text in dict.fromkeys(texts)]
        return [(text, spans) for text, spans in found if spans and hash(text.value) not in self._read]


def _split(found: Masked, look: str) -> Iterator[Part]:
    at = 0
    for start, end, kind in found.spans:
        if start > at:
            yield found.text[at:start], look
        yield found.text[start:end], LOOKS[kind]
        at = end
    if at < len(found.text):
        yield found.text[at:], look


def masks_of(app: App[Any]) -> Masks:
    """The masks of an app, made when they are first asked for."""
    found = getattr(app, "masks", None)
    if found is None:
        settings = getattr(app, "settings", None)  # an app of a widget alone has none: the strictest holds there
        found = Masks(settings.masking, settings.folder) if settings is not None else Masks(STRICTEST_MASKS, Path())
        app.masks = found  # type: ignore[attr-defined]
    return cast("Masks", found)


def title(text: SafeText) -> SafeText:
    """One line from outside, such as a case's title, as a list of the app that is being drawn shows it."""
    app = active_app.get(None)
    return masks_of(app).masked(text).text if app is not None else text
