"""The system's own keyring, as far as a key may be trusted to it: no back end that keeps nothing, or keeps it in plain.

Loaded only where a key or a token is wanted: `keyring` takes its time, and the first paint does without.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import Any

from escaltui.i18n import _

REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer", "keyrings.alt")
"""Back ends that refuse, that forget, that are only a list of others, and that write files of their own."""


class RingError(Exception):
    """No keyring can be used, or the one there is did not do it; `str()` says which and why."""


def usable() -> list[Any]:
    """The back ends that may hold a secret, the best first. Raises RingError where there is none."""
    try:
        top = import_module("keyring").get_keyring()
    except Exception as error:  # a back end named in keyring's own settings may raise anything
        raise RingError(_("the keyring cannot be loaded ({why})").format(why=error)) from error
    chained = type(top).__module__ == "keyring.backends.chainer"
    found = list(top.backends) if chained else [top]
    good = [each for each in found if not refused(each)]
    if not good:
        names = ", ".join(map(name, found)) or name(top)
        raise RingError(_("no keyring of this system keeps secrets safely (found: {names})").format(names=names))
    return good


def refused(backend: object) -> bool:
    """Whether a back end, or what it is made from, keeps nothing or keeps it in plain."""
    kinds = type(backend).__mro__
    plain = any("plaintext" in kind.__name__.lower() for kind in kinds)
    return plain or any(f"{kind.__module__}.".startswith(f"{each}.") for kind in kinds for each in REFUSED)


def name(backend: object) -> str:
    """What a back end is called in sentences, as `SecretService`."""
    kind = type(backend)
    return kind.__module__.rpartition(".")[2] if kind.__name__ == "Keyring" else kind.__name__


def probed(service: str) -> Any:
    """The first back end that wrote, read and deleted a probe entry as it should. Raises RingError."""
    why = ""
    for backend in usable():
        try:
            _probe(backend, service)
        except Exception as error:  # back ends raise what their systems raise
            why = f"{name(backend)}: {error or type(error).__name__}"
        else:
            return backend
    raise RingError(_("the keyring does not keep what is written to it ({why})").format(why=why))


def _probe(backend: Any, service: str) -> None:
    entry, secret = f"probe {os.urandom(8).hex()}", os.urandom(16).hex()
    backend.set_password(service, entry, secret)
    try:
        if backend.get_password(service, entry) != secret:
            raise RingError(_("it gives back something else"))
    finally:
        backend.delete_password(service, entry)
    if backend.get_password(service, entry) is not None:
        raise RingError(_("it does not delete"))


def keep(service: str, entry: str, secret: str) -> None:
    """Keep a secret in a keyring that was probed for it, and read it back. Raises RingError: then none is left there,
    as far as the keyring can be asked."""
    backend = probed(service)
    try:
        backend.set_password(service, entry, secret)
        kept = backend.get_password(service, entry)
    except Exception as error:
        _take_back(backend, service, entry)
        raise RingError(f"{name(backend)}: {error or type(error).__name__}") from error
    if kept != secret:
        _take_back(backend, service, entry)
        raise RingError(_("the keyring does not keep what is written to it ({why})").format(why=name(backend)))


def _take_back(backend: Any, service: str, entry: str) -> None:
    with suppress(Exception):  # back ends raise what their systems raise
        backend.delete_password(service, entry)


def fetch(service: str, entry: str) -> str | None:
    """A secret from whichever usable keyring has it, None where none has. Raises RingError where one did not answer."""
    why: list[str] = []
    for backend in usable():
        try:
            found = backend.get_password(service, entry)
        except Exception as error:
            why.append(f"{name(backend)}: {error or type(error).__name__}")
            continue
        if found is not None:
            return str(found)
    if why:
        raise RingError(_("the keyring does not answer ({why})").format(why="; ".join(why)))
    return None
