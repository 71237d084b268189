"""The team's own synonyms: `synonyms.toml` beside the settings, on top of those that come with the program.

It is a file as people write one, `[[synonym]]` for each entry; what is accepted or dropped by command changes that
entry alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from escaltui.i18n import _
from escaltui.policy.library import PolicyError
from escaltui.policy.query import SYNONYMS_PER_TERM, Synonyms
from escaltui.policy.tables import packaged_synonyms, read_synonyms
from escaltui.policy.words import fold

FILE = "synonyms.toml"
_ENTRY = re.compile(r"(?m)^(?=[ \t]*\[\[[ \t]*synonym[ \t]*\]\])")
_WORDS = ("stem", "fr", "en")


class Entry(NamedTuple):
    """An entry of the file: the words it is for, those it adds, who wrote it, and when."""

    words: tuple[str, ...]
    see: tuple[str, ...]
    by: str
    on: str


def load(file: Path) -> Synonyms:
    """The team's synonyms over the packaged ones: their own words come first. Raises PolicyError naming the fault."""
    own = read_synonyms(_text(file), str(file))
    if not own:
        return packaged_synonyms()
    told = packaged_synonyms()
    both = {key: tuple(dict.fromkeys((*words, *told.get(key, ()))))[:SYNONYMS_PER_TERM] for key, words in own.items()}
    return {**told, **both}


def entries(file: Path) -> list[Entry]:
    """What the file holds. Raises PolicyError."""
    text = _text(file)
    read_synonyms(text, str(file))
    return _rows(text)


def accept(file: Path, stem: str, see: Sequence[str], by: str, on: str) -> None:
    """Add an entry for a stem at the end of the file. Raises PolicyError where it is wrong or cannot be written."""
    words = [*dict.fromkeys(" ".join(fold(word).split()) for word in see)]
    if not stem.isalpha() or not words or not all(words):
        raise PolicyError(_("A synonym needs one word of letters, and the words that policies use for it."))
    if len(words) > SYNONYMS_PER_TERM:
        raise PolicyError(_("At most {limit} words are added for one.").format(limit=SYNONYMS_PER_TERM))
    made = f"[[synonym]]\nstem = {_toml([fold(stem)])}\nsee = {_toml(words)}\nby = {_toml(by)}\non = {_toml(on)}\n"
    text = _without(_text(file), fold(stem))
    _write(file, (text.rstrip("\n") + "\n\n" if text.strip() else "") + made)


def drop(file: Path, word: str) -> bool:
    """Take the entries for a word out of the file; whether there were any. Raises PolicyError."""
    text = _text(file)
    rest = _without(text, fold(word))
    if rest == text:
        return False
    _write(file, rest)
    return True


def _without(text: str, word: str) -> str:
    """The file without the entries that are for this word alone; those that are for others, too, stay as they are."""
    head, *parts = _ENTRY.split(text)
    kept = [part for part in parts if {fold(each) for entry in _rows(part) for each in entry.words} != {word}]
    return "".join((head, *kept))


def _rows(text: str) -> list[Entry]:
    import tomllib

    return [
        Entry(tuple(word for name in _WORDS for word in row.get(name, ())), tuple(row.get("see", ())),
              str(row.get("by", "")), str(row.get("on", "")))
        for row in tomllib.loads(text).get("synonym", [])
    ]  # fmt: skip


def _toml(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or _("it is not UTF-8")
        raise PolicyError(_("{file} cannot be read ({why}). Mend it.").format(file=file, why=why)) from None


def _write(file: Path, text: str) -> None:
    read_synonyms(text, str(file))
    new = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.touch(mode=0o600)
        new.write_text(text, "utf-8")
        new.replace(file)
    except OSError as error:
        said = _("{file} could not be written ({why}). Make the folder writable.")
        raise PolicyError(said.format(file=file, why=error.strerror)) from None
