"""`[store]` of config.toml. A store is never plain by mistake: what cannot be understood here is `unknown`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from escaltui.i18n import _

OFF, UNKNOWN = "off", "unknown"
CHOICES = (OFF, "keyring", "passphrase")
_WORD = "encrypt"


def read(file: Path, text: str, found: Mapping[str, Any], problems: list[str]) -> tuple[str, str]:
    """The folder, "" for the usual one, and how it is encrypted; a sentence in `problems` for what is wrong.

    `unknown` where [store] has a bad value or a name that does not exist, or where the word stands elsewhere.
    """
    section = found.get("store", {})
    if not isinstance(section, Mapping):
        said = _("{file}: {name} must be a section: write [{name}] on a line of its own.")
        problems.append(said.format(file=file, name="store"))
        section = {}
    wrong = [name for name in section if name not in ("folder", _WORD)]
    for name in wrong:
        said = _("{where}: no such setting. Known: {known}.")
        problems.append(said.format(where=f"{file}: [store] {name}", known=f"folder, {_WORD}"))
    folder = section.get("folder", "")
    if not isinstance(folder, str):
        said = _('{file}: [store] folder must be text in quotes, such as folder = "~/cases". Using the usual one.')
        problems.append(said.format(file=file))
        folder = ""
    return folder, _encrypt(file, text, section, problems, wrong=bool(wrong))


def _encrypt(file: Path, text: str, section: Mapping[str, Any], problems: list[str], *, wrong: bool) -> str:
    value = section.get(_WORD)
    if value in CHOICES:
        return str(value)
    if value is None and not wrong and not _mentioned(text):
        return OFF
    said = _('{file}: under [store] write encrypt = "off", "keyring" or "passphrase". Until then no store is made.')
    problems.append(said.format(file=file))
    return UNKNOWN


def unread(file: Path) -> str:
    """How a store is encrypted by a file that is no TOML: `off` only where it does not say a word about it."""
    try:
        return UNKNOWN if _mentioned(file.read_bytes().decode("latin-1")) else OFF
    except OSError:
        return UNKNOWN


def _mentioned(text: str) -> bool:
    return any(_WORD in line for line in text.splitlines() if not line.lstrip().startswith("#"))
