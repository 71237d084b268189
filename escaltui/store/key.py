"""The key of an encrypted store: how it is made, where it lies, how it is asked for. Never a fall back to plain.

`keyring`: 256 random bits in the system's keyring, under the store's own id. `passphrase`: SQLCipher's derivation of
what a person types (PBKDF2-HMAC-SHA512, 256,000 rounds), done once and given to every file as a raw key; the id is its
salt, so SQLCipher's own programs open each file with the passphrase alone. The id lies in plain in `key.id`: a moved
folder finds its key. Typed at the terminal a passphrase is nowhere but in memory. In the environment variable any
program of the same person can read it as long as this one runs: that is for scripts, and children do not inherit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal, NamedTuple

from escaltui.i18n import _
from escaltui.store import folder
from escaltui.store.errors import KeyMissing, StorePlain

OFF, KEYRING, PASSPHRASE, UNKNOWN = "off", "keyring", "passphrase", "unknown"
"""What the settings may ask for. `unknown`: they ask for something that cannot be understood."""
SERVICE = "escaltui store"
VARIABLE = "ESCALTUI_PASSPHRASE"
FILE = "key.id"
PLAIN_HEAD = b"SQLite format 3\0"
SHORTEST = 12
ROUNDS = 256_000
_ID = re.compile(rf"({KEYRING}|{PASSPHRASE}) ([0-9a-f]{{32}})\n")
_RAW = re.compile(r"[0-9a-f]{64}")

Kind = Literal["none", "plain", "encrypted", "unlike"]


class Key:
    """What opens the files of one store. It is never printed."""

    def __init__(self, how: str, digits: str) -> None:
        """`digits`: the raw key in hex, 64, with the salt 96."""
        self.how, self._digits = how, digits

    @property
    def literal(self) -> str:
        """The key as SQLCipher takes a raw one."""
        return f"x'{self._digits}'"

    def __repr__(self) -> str:
        return f"Key({self.how})"


class Identity(NamedTuple):
    """What `key.id` says: how the key is kept, and the store's id."""

    how: str
    name: str


def kind(place: Path) -> Kind:
    """What lies in a store folder, by the first 16 bytes. `unlike`: neither plain nor with a key's id beside it."""
    try:
        with (place / "store.db").open("rb") as file:
            head = file.read(len(PLAIN_HEAD))
    except OSError:
        return "none"
    if head in (b"", PLAIN_HEAD):
        return "plain" if head else "none"
    return "encrypted" if (place / FILE).exists() else "unlike"


def identity(place: Path) -> Identity | None:
    """How the key of a store is kept; None where nothing says so. Raises KeyMissing where that cannot be read."""
    file = place / FILE
    if not os.path.exists(file):  # nor where the folder is closed to us: what opens the store says so
        return None
    try:
        found = _ID.fullmatch(file.read_text("ascii"))
    except (OSError, ValueError):
        found = None
    if found is None:
        raise missing(_("{file} is damaged. Copy it from another copy of this folder.").format(file=file))
    return Identity(found[1], found[2])


def find(place: Path, encrypt: str) -> Key | None:
    """The key of a store as the settings ask for it, made for a store that is about to be; None for a plain one.

    Raises KeyMissing, StorePlain. Nothing is made in the folder then.
    """
    what = kind(place)
    if what == "plain":
        if encrypt in (KEYRING, PASSPHRASE):
            raise _plain(place)
        return None
    known = identity(place)
    if what == "encrypted" and known is not None:
        if encrypt not in (known.how, UNKNOWN):
            raise _otherwise(known.how, encrypt)
        return fetch(known)
    if what == "none" and known is not None and encrypt not in (known.how, UNKNOWN):
        raise _otherwise(known.how, encrypt)  # its backups are encrypted, and so was what lay here
    if encrypt == UNKNOWN and what == "none":
        said = _("config.toml cannot be read, or asks for something unknown. Write encrypt = \"off\", \"keyring\" or "
                 "\"passphrase\" under [store].")  # fmt: skip
        raise missing(said)
    if what == "unlike" and encrypt in (KEYRING, PASSPHRASE):
        raise missing(_("{file} is not there. Copy it from where this folder was.").format(file=place / FILE))
    return None if encrypt in (OFF, UNKNOWN) else make(place, encrypt)


def fetch(known: Identity) -> Key:
    """The key of a store that is there. Raises KeyMissing."""
    library()
    if known.how == PASSPHRASE:
        return derived(typed(), known.name)
    from escaltui.store import ring

    try:
        found = ring.fetch(SERVICE, known.name)
    except ring.RingError as error:
        said = _("{why}. Unlock the keyring of this person, then try again.")
        raise missing(said.format(why=error)) from error
    if found is None or not _RAW.fullmatch(found):
        said = _("the keyring has no key {name} under {service}. Bring that entry over from where the store was made.")
        raise missing(said.format(name=known.name, service=repr(SERVICE)))
    return Key(KEYRING, found)


def make(place: Path, how: str) -> Key:
    """A new key, kept before anything that needs it is written; the one there is where `key.id` names one of the kind.

    Raises KeyMissing, StoreReadOnly, DiskFull.
    """
    library()
    known = identity(place)
    if known is not None and known.how == how:
        return fetch(known) if how == KEYRING else derived(typed(new=True), known.name)
    name, digits = os.urandom(16).hex(), os.urandom(32).hex()
    if how == PASSPHRASE:
        key = derived(typed(new=True), name)
    else:
        _into_keyring(name, digits)
        key = Key(KEYRING, digits)
    return key if _named(place, Identity(how, name), known) else make(place, how)


def _into_keyring(name: str, digits: str) -> None:
    from escaltui.store import ring

    try:
        ring.keep(SERVICE, name, digits)
    except ring.RingError as error:
        said = _(
            "{why}. Start a keyring, such as GNOME Keyring, KWallet or the system's own, or write "
            'encrypt = "passphrase" under [store] in config.toml.'
        )
        raise missing(said.format(why=error)) from error


def _named(place: Path, new: Identity, old: Identity | None) -> bool:
    """Write `key.id` durably in one step; False where another process was first."""
    folder.make(place)
    part = place / f"{FILE}.{os.getpid()}.part"
    try:
        with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(f"{new.how} {new.name}\n")
            file.flush()
            os.fsync(file.fileno())
        if old is None:
            os.link(part, place / FILE)
        else:
            part.replace(place / FILE)
        folder.sync(place)
    except FileExistsError:
        return False
    except OSError as error:
        raise folder.not_writable(place, error) from error
    finally:
        part.unlink(missing_ok=True)
    return True


def derived(passphrase: str, salt: str) -> Key:
    """SQLCipher's own derivation (its design page, "Key Derivation"): a fifth of a second of work. `salt`: hex.

    The text is composed (NFC) first, so that the same letters are the same key from whatever keyboard.
    """
    import hashlib  # only here: see domain.hashing
    import unicodedata

    text = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")
    raw = hashlib.pbkdf2_hmac("sha512", text, bytes.fromhex(salt), ROUNDS, 32)
    return Key(PASSPHRASE, raw.hex() + salt)


def typed(*, new: bool = False) -> str:
    """The passphrase: from the variable, which is taken out of the environment, or asked for without echo.

    `new`: it is to be made, so it is asked for twice and must be long. Raises KeyMissing.
    """
    found = os.environ.pop(VARIABLE, None)
    if found is None:
        found = _asked(_("Passphrase of the store: "))
        if new and found != _asked(_("The same again: ")):
            raise missing(_("the two were not the same. Try again; nothing was made."))
    if not found:
        raise missing(_("no passphrase was given. Type it, or set {variable} for a script.").format(variable=VARIABLE))
    if new and len(found) < SHORTEST:
        said = _("a new passphrase needs {n} characters or more. Take several words.")
        raise missing(said.format(n=SHORTEST))
    return found


def _asked(prompt: str) -> str:
    import getpass  # only here: most stores ask for nothing
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would echo
            return getpass.getpass(prompt)
    except (getpass.GetPassWarning, EOFError, OSError) as error:
        said = _("there is no terminal to type the passphrase on. Use one, or set {variable} for a script.")
        raise missing(said.format(variable=VARIABLE)) from error


def library() -> None:
    """Raise KeyMissing where SQLCipher is not installed."""
    from escaltui.store import driver

    try:
        driver.cipher_version()
    except ImportError as error:
        said = _("the extra that encrypts is not installed. Install it: pip install 'escaltui[encrypted]'.")
        raise missing(said) from error


def missing(why: str) -> KeyMissing:
    """The sentence for a store that cannot be opened for want of its key. `why`: with the mend."""
    return KeyMissing(_("This store is encrypted and its key is not available: {why}").format(why=why))


def unfit(how: str, place: Path) -> KeyMissing:
    """The sentence for a key that does not open the file."""
    if how == PASSPHRASE:
        said = _("the passphrase is not the one of this store. Try again; if it is surely right, the file's first "
                 "page is damaged: put a backup from {backups} in its place.")  # fmt: skip
    else:
        said = _("the key in the keyring is not the one of this store, or the file's first page is damaged. Check that "
                 "{file} belongs to it, or put a backup from {backups} in its place.")  # fmt: skip
    return missing(said.format(backups=place / "backups", file=place / FILE))


def _plain(place: Path) -> StorePlain:
    return StorePlain(
        _(
            "The store in {place} is plain, and your settings ask for an encrypted one. Encrypt it with "
            'escaltui store encrypt, or write encrypt = "off" under [store] in config.toml. Nothing was changed.'
        ).format(place=place)
    )


def _otherwise(how: str, encrypt: str) -> KeyMissing:
    said = _(
        'config.toml says encrypt = "{encrypt}", and it was encrypted with "{how}". Write encrypt = "{how}" under '
        "[store], or make it plain with escaltui store decrypt."
    )
    return missing(said.format(encrypt=encrypt, how=how))
