"""Lists of what is masked, from TOML: the packaged ones by language, then those of the operator, which win.

A list: `lang`, `owner`, `version`, `encoding` ("plain" or "rot13"), `never` (words and phrases that are never masked),
and rows `[[term]]` of `text` or `texts` (a list, or one string parted by commas), `class`, `severity` 1 to 3, `match`
("word" or "prefix"). The packaged lists are rot13, to spare those who read the repository. What is wrong in a list
leaves the rest of it in use.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from escaltui.i18n import _
from escaltui.protection import Masking
from escaltui.safety.folding import fold
from escaltui.safety.masking import LONGEST, Kind, Masker, Term

FOLDER = "lexicons"
LANGUAGES = ("en", "fr")
"""Languages that a list comes with."""
LEAST = 3
"""So many letters a term has at least."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TURNED = _LETTERS[13:] + _LETTERS[:13]
_ROT13 = str.maketrans(_LETTERS + _LETTERS.upper(), _TURNED + _TURNED.upper())
_PLAIN = re.compile("[a-z0-9]+")
Words = tuple[str, ...]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of a list: terms that are alike."""

    kind: Kind = msgspec.field(name="class")
    severity: Annotated[int, msgspec.Meta(ge=1, le=3)]
    text: str = ""
    texts: tuple[str, ...] | str = ()
    match: Literal["word", "prefix"] = "word"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands above the rows."""

    lang: Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}$")]
    owner: str = ""
    version: str = ""
    encoding: Literal["plain", "rot13"] = "plain"
    never: tuple[str, ...] | str = ()
    term: tuple[Any, ...] = ()


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.terms: dict[Words, Term] = {}
        self.langs: dict[Words, str] = {}
        self.never: set[Words] = set()
        self.problems: list[str] = []

    def take(self, name: str, text: str) -> None:
        """Read one list; what is wrong with it is a sentence."""
        try:
            head = msgspec.convert(tomllib.loads(text), Head)
        except (ValueError, RecursionError) as error:  # not TOML, or a value that is none; msgspec's is a ValueError
            said = _("{file}: {why}. Mend it; until then this list of masked terms is not in use, the others are.")
            self.problems.append(said.format(file=name, why=str(error).rstrip(".")))
            return
        never = {words for text in _listed(head.never) if (words := _words(text, head.encoding))}
        for number, row in enumerate(head.term, 1):
            try:
                self._row(name, number, msgspec.convert(row, Row), head)
            except msgspec.ValidationError as error:
                self._fault(name, number, str(error))
        self.never |= never
        for words in never:
            self.terms.pop(words, None)

    def _row(self, name: str, number: int, row: Row, head: Head) -> None:
        texts = _listed(row.texts)
        for text in (row.text, *texts) if row.text else texts:
            words = _words(text, head.encoding)
            if not 1 <= len(words) <= LONGEST or len("".join(words)) < LEAST:
                said = _("a term has {letters} letters or more, in up to {words} words")
                self._fault(name, number, said.format(letters=LEAST, words=LONGEST))
                continue
            self.never.discard(words)
            self.terms[words] = Term(words, row.kind, row.severity, row.match == "prefix" and len(words) == 1)
            self.langs[words] = head.lang
        if not (row.text or texts):
            self._fault(name, number, _("text or texts is missing"))

    def _fault(self, name: str, number: int, why: str) -> None:
        said = _("{file}, term {n}: {why}. Mend it; the rest of the list is in use.")
        self.problems.append(said.format(file=name, n=number, why=why))


def _listed(texts: tuple[str, ...] | str) -> tuple[str, ...]:
    """Texts, in one string parted by commas: a long list is read in a third of the time."""
    return tuple(filter(None, map(str.strip, texts.split(",")))) if isinstance(texts, str) else texts


def _words(text: str, encoding: str) -> Words:
    plain = fold(text.translate(_ROT13) if encoding == "rot13" else text)
    if plain.isascii():  # folded, letters with accents are
        return tuple(_PLAIN.findall(plain))
    return tuple("".join(char if char.isalnum() else " " for char in plain).split())


def load(settings: Masking, folder: Path) -> Masker:
    """The masker of these settings: packaged lists, lists in `folder`/lexicons, lists that the settings name.

    Never raises: what cannot be used is in `problems`. With masks off it finds nothing.
    """
    if not settings.on:
        return Masker(())
    reading = _Reading()
    for language in settings.languages:
        if language in LANGUAGES:
            name = f"{language}.toml"
            reading.take(name, (Path(__file__).parent / FOLDER / name).read_text("utf-8"))
    for file in _own(folder, settings.lexicons):
        try:
            reading.take(str(file), file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or _("it is not UTF-8")
            said = _("{file} cannot be read ({why}). Its terms are not masked; the other lists are in use.")
            reading.problems.append(said.format(file=file, why=why))
    wanted = [term for term in reading.terms.values() if term.severity >= settings.from_severity]
    coverage = Counter(reading.langs[term.words] for term in wanted)
    return Masker(wanted, reading.never, coverage=coverage, problems=tuple(reading.problems))


def _own(folder: Path, named: tuple[str, ...]) -> Iterator[Path]:
    """The operator's lists by name, then those that the settings name, from the settings' folder."""
    yield from sorted((folder / FOLDER).glob("*.toml"))
    yield from (folder / Path(name).expanduser() for name in named)


def told(masker: Masker) -> str:
    """`masked: en 214, fr 187 terms; other languages are not`."""
    if masker.empty:
        return _("masked: nothing")
    counts = ", ".join(f"{language} {n}" for language, n in sorted(masker.coverage.items()))
    return _("masked: {counts} terms; other languages are not").format(counts=counts)
