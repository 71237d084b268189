"""The key that a store signs its bundles with: made once, kept in the system's keyring, never in a file of ours.

The store remembers the public half, so that another key is never used unsaid. Where there is no keyring a script can
give the secret in an environment variable.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from escaltui.bundling import signing
from escaltui.bundling.faults import BundleFault
from escaltui.i18n import _
from escaltui.store import ring

if TYPE_CHECKING:
    from escaltui.store import Store

SERVICE = "escaltui bundles"
VARIABLE = "ESCALTUI_BUNDLE_KEY"
PUBLIC = "bundle key"
"""The fact of a store that says which public key is its own."""
_SECRET = re.compile(r"[0-9a-fA-F]{64}")


def known(store: Store) -> str:
    """The fingerprint of the store's key; "" where it has none yet. Asks no keyring."""
    if given := _given():
        return signing.fingerprint(signing.public(given))
    kept = store.meta(PUBLIC)
    return signing.fingerprint(bytes.fromhex(kept)) if kept else ""


def secret(store: Store) -> bytes:
    """The secret that signs, made where the store has none yet. Raises BundleFault with the mend."""
    if given := _given():
        return given
    public = store.meta(PUBLIC)
    if not public:
        return renew(store)
    try:
        found = ring.fetch(SERVICE, public)
    except ring.RingError as error:
        said = _("The key that signs cannot be read: {why}. Unlock the keyring of this person, then try again.")
        raise BundleFault("key", said.format(why=error)) from error
    if found is None or not _SECRET.fullmatch(found) or signing.public(bytes.fromhex(found)).hex() != public:
        said = _(
            "The keyring does not have this store's key {fingerprint}. Bring it over from where the store was made, or "
            "make a new one with escaltui bundle key --new, and tell your readers its fingerprint."
        )
        raise BundleFault("key", said.format(fingerprint=signing.fingerprint(bytes.fromhex(public))))
    return bytes.fromhex(found)


def renew(store: Store) -> bytes:
    """A new key in the keyring, the store's own from now on; bundles signed by an older one still hold. Raises
    BundleFault, and nothing is changed then."""
    seed = os.urandom(signing.SEED)
    public = signing.public(seed).hex()
    try:
        ring.keep(SERVICE, public, seed.hex())
    except ring.RingError as error:
        said = _("The key that signs cannot be kept: {why}. Start a keyring, such as GNOME Keyring, KWallet or the "
                 "system's own; a script may give 64 hexadecimal digits in {variable}.")  # fmt: skip
        raise BundleFault("key", said.format(why=error, variable=VARIABLE)) from error
    store.set_meta(PUBLIC, public)
    return seed


def _given() -> bytes:
    """The secret of the environment; nothing where there is none."""
    found = os.environ.get(VARIABLE, "").strip()
    if found and not _SECRET.fullmatch(found):
        raise BundleFault("key", _("{variable} must hold 64 hexadecimal digits.").format(variable=VARIABLE))
    return bytes.fromhex(found)
