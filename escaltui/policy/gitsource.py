"""Policies in a git repository, read by plumbing: one log, one cat-file; nothing is checked out, no hook runs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from escaltui.i18n import _
from escaltui.policy.found import LARGEST_FILE, FoundText
from escaltui.policy.library import PolicyError

_POLICY_FILE = re.compile(r"\.(md|markdown)$", re.IGNORECASE)
_NOT_POLICIES = re.compile(
    r"(^|/)(\.[^/]+/|(readme|contributing|licen[sc]e|changelog|code_of_conduct|security)\.)", re.IGNORECASE
)
_LOG = (
    *("log", "--raw", "-z", "--reverse", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-abbrev"),
    *("--no-show-signature", "--first-parent", "-m", "--root", "--format=%x01%H %ct %s"),
)
# Settings of the repository itself could start programs; these win over them.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")


class _Change(NamedTuple):
    commit: str
    at: datetime
    message: str
    path: str
    blob: str


def is_repository(path: Path) -> bool:
    """Whether `path` is the top of a git work tree, or a bare repository."""
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())


def read_repository(path: Path, skipped: list[str]) -> Iterator[FoundText]:
    """Every version of every Markdown file on the first-parent history of HEAD, oldest first.

    A version is named by its commit's day (UTC), a second one of that day `-02` and so on. Raises PolicyError
    where git is missing or the repository cannot be read.
    """
    changes = [c for c in _changes(path) if _POLICY_FILE.search(c.path) and not _NOT_POLICIES.search(c.path)]
    contents = _blobs(path, list(dict.fromkeys(c.blob for c in changes)))
    per_day: dict[tuple[str, str], int] = {}
    for change in changes:
        content = contents.get(change.blob)
        if content is None or len(content) > LARGEST_FILE:
            said = _("skipped {file} of commit {commit}: missing, or larger than 8 MiB")
            skipped.append(said.format(file=change.path, commit=change.commit[:12]))
            continue
        day = change.at.date()
        count = per_day[change.path, day.isoformat()] = per_day.get((change.path, day.isoformat()), 0) + 1
        name = day.isoformat() + (f"-{count:02}" if count > 1 else "")
        group = _POLICY_FILE.sub("", change.path)
        reference = f"{change.commit[:12]}:{change.blob[:12]}"
        yield FoundText(group, name, day, content, reference, change.message)


def _changes(path: Path) -> Iterator[_Change]:
    raw = _git(path, [*_LOG, "HEAD", "--"]).decode("utf-8", "replace")
    commit, at, message = "", datetime.fromtimestamp(0, UTC), ""
    fields = iter(raw.split("\0"))
    for field in fields:
        field = field.lstrip("\n")
        if field.startswith("\x01"):
            commit, seconds, message = [*field[1:].split(" ", 2), "", ""][:3]
            at = datetime.fromtimestamp(int(seconds), UTC)
        elif field.startswith(":"):
            name = next(fields, "")
            _, mode, _, blob, status = field.split(" ")
            if not status.startswith("D") and mode in ("100644", "100755"):  # no links, no submodules
                yield _Change(commit, at, message, name, blob)


def _blobs(path: Path, names: list[str]) -> dict[str, bytes]:
    out = _git(path, ["cat-file", "--batch"], "".join(f"{name}\n" for name in names).encode())
    found: dict[str, bytes] = {}
    place = 0
    while place < len(out):
        end = out.index(b"\n", place)
        header = out[place:end].split(b" ")
        place = end + 1
        if len(header) == 3:  # else "<name> missing"
            size = int(header[2])
            found[header[0].decode()] = out[place : place + size]
            place += size + 1
    return found


def _git(path: Path, arguments: list[str], given: bytes = b"") -> bytes:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", *_SAFE, "--no-pager", "-C", str(path), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    except FileNotFoundError:
        raise PolicyError(_("git is not installed. Install git, or import a folder of dated files.")) from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PolicyError(
            _("git cannot read {path}: {why}").format(path=path, why=why[-1] if why else _("unknown reason"))
        )
    return done.stdout
