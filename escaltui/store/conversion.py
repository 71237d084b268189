"""An existing store made encrypted, or plain again: whole or not at all, whatever instant the program is killed at.

What is new is written beside the old under names that nobody reads. Then `store.db` changes hands in one step, the
point of no return: before it `settle` throws away what was begun, after it `settle` brings it to its end. What was
plain is overwritten before it goes; whether the disk keeps other copies of its blocks is up to the file system.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from escaltui.i18n import _
from escaltui.store import backup, driver, errors, folder
from escaltui.store import key as keys
from escaltui.store.encrypted_originals import CHUNK, EncryptedOriginals
from escaltui.store.encrypted_originals import FILE as ORIGINALS
from escaltui.store.key import Key
from escaltui.store.originals import ChangedContent
from escaltui.store.vectors import FOLDER as VECTORS
from escaltui.store.wellbeing import FILE as LEDGER

STORE, MEDIA = "store.db", "media"
OURS = frozenset({STORE, LEDGER, ORIGINALS, keys.FILE, "lock", "reserve", "backups", MEDIA, VECTORS})


def encrypt(place: Path, how: str) -> bool:
    """Encrypt a plain store, its originals, ledger and backups; False where it is so already.

    Raises KeyMissing, StoreLocked where a program has it open, StoreError; it is as it was then.
    """
    with _alone(place):
        if keys.kind(place) == "encrypted":
            return False
        _convert(place, None, keys.make(place, how))
    return True


def decrypt(place: Path) -> bool:
    """Make an encrypted store plain; False where it is so already. As for `encrypt`. Its key stays in the keyring."""
    with _alone(place):
        known = keys.identity(place)
        if keys.kind(place) != "encrypted" or known is None:
            return False
        _convert(place, keys.fetch(known), None)
    return True


def strangers(place: Path) -> list[str]:
    """What lies in the folder that is none of ours, such as exported letters: it is never encrypted."""
    found = (each.name for each in place.iterdir() if each.is_file() or any(each.iterdir()))
    return sorted(name for name in found if name not in OURS and not name.startswith((f"{STORE}-", f"{ORIGINALS}-")))


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """With nobody else in the store, and what an earlier try left settled. Raises StoreLocked."""
    if keys.kind(place) in ("none", "unlike"):
        raise errors.StoreError(
            _("There is no store in {place}. Give its folder with --store FOLDER.").format(place=place)
        )
    lock = folder.Lock(place / "lock")
    try:
        if not lock.alone:
            said = _("Another escaltui has the store in {place} open. Close it there, then try again.")
            raise errors.StoreLocked(said.format(place=place))
        settle(place)
        yield
    finally:
        lock.close()


def _convert(place: Path, old: Key | None, new: Key | None) -> None:
    _no_texts(place)
    try:
        _write(place, old, new)
        os.link(place / STORE, _old(place / STORE))
        os.replace(_new(place / STORE), place / STORE)
        folder.sync(place)
    except driver.DriverError as error:
        raise _worded(error, place, old) from error
    except OSError as error:
        raise folder.not_writable(place, error) from error
    finally:
        settle(place)
    backup.make(place, time.time_ns() // 1_000_000, key=new)


def _worded(error: driver.DriverError, place: Path, old: Key | None) -> errors.StoreError:
    if old is not None and driver.no_database(error):
        return keys.unfit(old.how, place)
    if driver.meaning(error, place) is errors.DiskFull:
        return errors.DiskFull(_("The disk is full: the store is as it was. Free as much room as it takes, try again."))
    return errors.StoreError(_("The store in {place} is as it was: {why}.").format(place=place, why=error))


def _no_texts(place: Path) -> None:
    """Texts that an editor left are in plain files, and only their own sheets know whose they are."""
    left = sorted((place / "drafts").glob("*"))
    if left:
        said = _("{file} holds a text that an editor left. Open the sheet it was written in, which takes it up, or "
                 "remove the file.")  # fmt: skip
        raise errors.StoreError(said.format(file=left[0]))


# --- before the point of no return


def _write(place: Path, old: Key | None, new: Key | None) -> None:
    """Everything as it is to be, durable, under new names."""
    _empty_log(place, old)
    for name in (STORE, LEDGER):
        if (place / name).exists() and (place / name).stat().st_size:
            target = _new(place / name)
            folder.touch(target)
            driver.export(place / name, old, target, new)
            if not driver.same(place / name, old, target, new):
                said = _("The store in {place} is as it was: {why}.")
                raise errors.StoreError(said.format(place=place, why=_("its copy is not whole")))
            _synced(target)
    if new is not None:
        _originals_in(place, new)
    elif old is not None:
        _originals_out(place, old)
    folder.sync(place)


def _empty_log(place: Path, old: Key | None) -> None:
    """Move the log into the file. Raises StoreLocked where somebody else holds it."""
    connection = driver.writer(place / STORE, old)
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    log = place / f"{STORE}-wal"
    if busy or (log.exists() and log.stat().st_size):
        raise folder.locked(place)


def _originals_in(place: Path, key: Key) -> None:
    found = [each for each in sorted((place / MEDIA).glob("*")) if "." not in each.name]
    held = EncryptedOriginals(place, key, _new(place / ORIGINALS).name)
    for each in found:
        with each.open("rb") as source:
            try:
                held.keep(source, each.name)
            except ChangedContent as error:
                said = _("{file} is damaged: it is not what its name says. Move it away, then try again.")
                raise errors.StoreError(said.format(file=each)) from error


def _originals_out(place: Path, key: Key) -> None:
    held, target = EncryptedOriginals(place, key), _new(place / MEDIA)
    target.mkdir(mode=0o700)
    for sha256 in held.hashes():
        part = target / sha256
        with held.original(sha256).open() as source, open(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            while piece := source.read(CHUNK):
                file.write(piece)
        _synced(part)
    folder.sync(target)


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# --- after it, or back


def settle(place: Path) -> None:
    """Bring what was begun to its end, or throw it away. Needs no key; nobody else may have the store open."""
    if not folder.is_converting(place):
        return
    old, encrypted = _old(place / STORE), keys.kind(place) == "encrypted"
    wipe = _scrub if encrypted else _drop  # what goes is the other kind
    try:
        if old.exists() and not old.samefile(place / STORE):
            _finish(place, wipe, encrypted=encrypted)
        else:
            _abandon(place, wipe)
        folder.sync(place)
    except OSError as error:
        raise folder.not_writable(place, error) from error


def _finish(place: Path, wipe: Callable[[Path], None], *, encrypted: bool) -> None:
    _hand_over(place / LEDGER, wipe)
    if encrypted:
        _hand_over(place / ORIGINALS, wipe)
        for each in (*(place / MEDIA).glob("*"), *(place / VECTORS).glob("*")):  # vectors are only kept in clear
            wipe(each)
    else:
        _media_out(place)
        (place / keys.FILE).unlink(missing_ok=True)
    for each in (place / "backups").glob("store-*"):
        wipe(each)
    folder.sync(place)
    wipe(_old(place / STORE))  # last: as long as it is there, this is not done


def _hand_over(path: Path, wipe: Callable[[Path], None]) -> None:
    """Put a new file in the old one's place; may be done again from any point."""
    new, old = _new(path), _old(path)
    if new.exists():
        if path.exists() and not old.exists():
            os.link(path, old)
        os.replace(new, path)
        folder.sync(path.parent)
    if old.exists():
        wipe(old)


def _media_out(place: Path) -> None:
    new = _new(place / MEDIA)
    if new.exists():
        (place / MEDIA).mkdir(mode=0o700, exist_ok=True)
        for each in new.iterdir():
            os.replace(each, place / MEDIA / each.name)
        folder.sync(place / MEDIA)
        new.rmdir()
    for each in place.glob(f"{ORIGINALS}*"):
        each.unlink()


def _abandon(place: Path, wipe: Callable[[Path], None]) -> None:
    _old(place / STORE).unlink(missing_ok=True)  # a second name of the store itself
    media = _new(place / MEDIA)
    for each in (*media.glob("*"), _new(place / LEDGER), *place.glob(f"{_new(place / ORIGINALS).name}*")):
        if each.exists():
            wipe(each)
    if media.exists():
        media.rmdir()
    if _new(place / STORE).exists():
        wipe(_new(place / STORE))  # last


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)


def _scrub(path: Path) -> None:
    """Overwrite a file, then remove it."""
    with path.open("rb+", buffering=0) as file:
        left, nothing = os.fstat(file.fileno()).st_size, bytes(CHUNK)
        while left > 0:
            left -= file.write(nothing[:left]) or 0
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
