"""A file that somebody names: whole under its name or not there, never over what is there, for its owner alone.

It is written under another name beside it, durable before it gets its own. A kill at any instant leaves no half file
under the name; what it leaves under the other one the next writer of the same name removes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from escaltui.i18n import _
from escaltui.store import folder
from escaltui.workbench.desk import NotKnown


@contextmanager
def part(out: Path) -> Iterator[Path]:
    """Where to write what is to be called `out`; it is gone afterwards, unless it was `named`. Raises NotKnown with the
    mend, also for an OSError within."""
    if os.path.lexists(out):
        raise there(out)
    found = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        _sweep(out)
        yield found
    except OSError as error:
        said = _("{path} cannot be written ({why}). Name a file in a folder of yours.")
        raise NotKnown(said.format(path=out, why=error.strerror)) from error
    finally:
        with suppress(OSError):
            found.unlink(missing_ok=True)


def opened(found: Path) -> int:
    """The part, empty, as a descriptor."""
    return os.open(found, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def named(found: Path, out: Path) -> None:
    """Give it its name. Raises NotKnown where something has that name by now."""
    try:
        os.link(found, out)
    except FileExistsError:
        raise there(out) from None
    except OSError:  # a file system without links
        if os.path.lexists(out):
            raise there(out) from None
        found.replace(out)
    folder.sync(out.parent)


def write(out: Path, texts: Iterable[str]) -> None:
    """Write texts to a new file. Raises NotKnown with the mend."""
    with part(out) as found:
        with open(opened(found), "w", encoding="utf-8", newline="") as file:
            file.writelines(texts)
            file.flush()
            os.fsync(file.fileno())
        named(found, out)


def there(out: Path) -> NotKnown:
    """The sentence for a name that is taken."""
    return NotKnown(_("{path} is there already. Name a new file, or remove that one first.").format(path=out))


def _sweep(out: Path) -> None:
    """Remove what a killed program left of the same file: it may hold words of a case."""
    for left in out.parent.glob(f".{escape(out.name)}.*.part"):
        pid = left.name.removesuffix(".part").rpartition(".")[2]
        if pid.isascii() and pid.isdigit() and not _runs(int(pid)):
            left.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
