"""Whether a bundle is what somebody signed: needs the file alone, no store.

Each check has a sentence of its own. That the signature holds says that whoever has the key made the bundle; whose key
it is, only its fingerprint can tell, compared on another way than the bundle came.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from escaltui.bundling import container, manifest, signing
from escaltui.bundling.container import Entry
from escaltui.bundling.faults import BundleFault
from escaltui.bundling.manifest import MANIFEST, SIGNED, Manifest
from escaltui.i18n import _


class Found(NamedTuple):
    """What is in a bundle before anything is believed: its files, what it says, what signs it."""

    entries: tuple[Entry, ...]
    raw: bytes
    says: Manifest
    key: bytes
    signature: bytes


def opened(path: Path) -> BinaryIO:
    """The file, to be read. Raises BundleFault."""
    try:
        return path.open("rb")
    except OSError as error:
        said = _("{path} cannot be read ({why}). Name a bundle that you may read.")
        raise BundleFault("file", said.format(path=path, why=error.strerror)) from error


def verify(path: Path, key: str = "") -> Found:
    """Check a bundle whole; raises BundleFault at what does not hold. `key`: the fingerprint it must be signed by."""
    wanted = signing.read_fingerprint(key) if key else ""
    with opened(path) as file:
        try:
            found = look(file)
        except OSError as error:
            said = _("{path} cannot be read ({why}). Name a bundle that you may read.")
            raise BundleFault("file", said.format(path=path, why=error.strerror)) from error
    for check in CHECKS:
        check(found)
    if wanted and signing.fingerprint(found.key) != wanted:
        said = _("It is signed by another key: {found}. Ask who sent it, on another way than it came.")
        raise BundleFault("another key", said.format(found=signing.fingerprint(found.key)))
    return found


def look(file: BinaryIO) -> Found:
    """What is in a bundle. Raises BundleFault for what is laid out otherwise, or lacks manifest or signature."""
    entries = container.read(file)
    by_name = {each.name: each for each in entries}
    for name in (MANIFEST, SIGNED):
        if name not in by_name:
            raise BundleFault("unsigned" if name == SIGNED else "foreign",
                              _("It has no {name}: it is not signed, or is no bundle.").format(name=name))  # fmt: skip
        if by_name[name].size > manifest.LONGEST:
            raise BundleFault("large", _("Its {name} is too long to be one.").format(name=name))
    raw = container.content(file, by_name[MANIFEST])
    says, signed = manifest.manifest(raw), manifest.signed(container.content(file, by_name[SIGNED]))
    key, signature = _bytes(signed.key, signing.PUBLIC), _bytes(signed.signature, signing.SIGNATURE)
    if signed.algorithm != signing.ALGORITHM:
        raise BundleFault("signature", _("It is signed in a way that this program does not know."))
    return Found(entries, raw, says, key, signature)


def _bytes(digits: str, size: int) -> bytes:
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != size or found.hex() != digits:
        raise BundleFault("signature", _("Its signature is not whole."))
    return found


# --- the checks, in their order


def own_key(found: Found) -> None:
    """The manifest names the key that signs it."""
    if found.says.key != signing.fingerprint(found.key):
        said = _("The key beside its signature is not the one that its manifest names: it was put in later.")
        raise BundleFault("key", said)


def signature_holds(found: Found) -> None:
    """The signature is of this manifest, by this key."""
    if not signing.holds(found.key, found.signature, found.raw):
        said = _("Its signature is not of this manifest: one of the two was changed, or is from another bundle.")
        raise BundleFault("signature", said)


def files_are_named(found: Found) -> None:
    """The files are those that the manifest names, in its order, between manifest and signature."""
    names = [each.name for each in found.entries]
    due = [MANIFEST, *(each.name for each in found.says.files), SIGNED]
    if missing := [each for each in due if each not in names]:
        raise BundleFault("missing", _("{name} is missing.").format(name=missing[0]))
    if more := [each for each in names if each not in due]:
        raise BundleFault("more", _("{name} was put in: the manifest does not name it.").format(name=more[0]))
    if names != due:
        raise BundleFault("order", _("Its files are not in the order in which they were signed."))


def files_are_whole(found: Found) -> None:
    """Each file is the one whose hash was signed."""
    for entry, held in zip(found.entries[1:-1], found.says.files, strict=True):
        if (entry.size, entry.sha256) != (held.size, held.sha256):
            raise BundleFault("changed", _("{name} was changed since it was signed.").format(name=entry.name))


def sums_are_right(found: Found) -> None:
    """Also the check sums beside the files are theirs, or another program would call the bundle damaged."""
    for entry in found.entries:
        if entry.crc != entry.crc_found:
            raise BundleFault("facts", _("The check sum beside {name} was changed.").format(name=entry.name))


CHECKS: tuple[Callable[[Found], None], ...] = (
    own_key, signature_holds, files_are_named, files_are_whole, sums_are_right,
)  # fmt: skip
