"""The command store: whether the store is encrypted; make it so, or plain again. Opens no workbench."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from escaltui.commands.output import DONE, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.config import Config
from escaltui.i18n import _
from escaltui.store import driver, key


def run(folder: Path, config: Config, args: Namespace, output: Output) -> int:
    """Convert the store where that is asked, then say how it is. Raises StoreError."""
    from escaltui.store import conversion

    changed = False
    if args.action == "encrypt":
        if config.encrypt not in (key.KEYRING, key.PASSPHRASE):
            said = _('Say first where the key shall be: write encrypt = "keyring" or "passphrase" under [store] in '
                     "{file}.")  # fmt: skip
            raise UsageError(said.format(file=config.file))
        changed = conversion.encrypt(folder, config.encrypt)
    elif args.action == "decrypt":
        changed = conversion.decrypt(folder)
    plain = conversion.strangers(folder) if folder.is_dir() else []
    output.record({"store": str(folder), "changed": changed, "stays_plain": plain, **facts(folder)})
    if args.action == "encrypt" and plain:
        output.warn(_("These stay plain, remove what is not needed: {names}.").format(names=", ".join(plain)))
    if args.action == "decrypt" and config.encrypt != key.OFF:
        output.warn(_('Now write encrypt = "off" under [store] in {file}.').format(file=config.file))
    return DONE


def facts(folder: Path) -> dict[str, Value]:
    """Whether a store is encrypted, where its key is, and by what it is encrypted; needs no key."""
    if key.kind(folder) != "encrypted":
        return {"encrypted": False, "key": "", "cipher": ""}
    known = key.identity(folder)
    try:
        cipher = f"SQLCipher {driver.cipher_version()}"
    except ImportError:
        cipher = ""
    return {"encrypted": True, "key": known.how if known else "", "cipher": cipher}
