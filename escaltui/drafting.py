"""Text in somebody's own editor: a private file in the drafts folder, which outlives a crash of the editor or of us."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from escaltui.i18n import _

FALLBACKS = ("nano", "vim", "vi")


class EditorError(Exception):
    """The editor could not be used; `str()` is a sentence with the mend."""


def command() -> list[str]:
    """The editor of VISUAL or EDITOR, else one that is there. Raises EditorError."""
    for name in ("VISUAL", "EDITOR"):
        if wanted := os.environ.get(name, "").strip():
            try:
                return shlex.split(wanted)
            except ValueError as error:
                said = _("{name} is not a command ({why}). Correct it.")
                raise EditorError(said.format(name=name, why=error)) from error
    for name in FALLBACKS:
        if shutil.which(name):
            return [name]
    raise EditorError(_("No editor was found. Set EDITOR, for example EDITOR=nano."))


def file_of(folder: Path, key: str) -> Path:
    """Where the text of a draft is edited: a name that any file system takes."""
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.md"


def edit(folder: Path, key: str, text: str) -> str:
    """Let the person edit a text; gives what they saved. Blocks until the editor ends. Raises EditorError."""
    editor, file = command(), file_of(folder, key)
    try:
        _write(file, text)
        ended = subprocess.run([*editor, str(file)], check=False).returncode
        found = file.read_text("utf-8", "replace")
    except OSError as error:
        raise EditorError(
            _("{editor} could not be used: {why}. Set EDITOR to another one.").format(
                editor=editor[0], why=error.strerror or error
            )
        ) from error
    if ended:
        raise EditorError(
            _("{editor} ended with an error ({code}); the text is as it was.").format(editor=editor[0], code=ended)
        )
    file.unlink(missing_ok=True)
    return found.removesuffix("\n")


def leftover(folder: Path, key: str) -> str | None:
    """What an editor saved that was never read again, because we or the machine stopped."""
    try:
        return file_of(folder, key).read_text("utf-8", "replace").removesuffix("\n")
    except OSError:
        return None


def forget(folder: Path, key: str) -> None:
    """Remove what an editor left."""
    file_of(folder, key).unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    """Only its owner may read it, from the first byte on."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
        out.write(text)
