"""The password or token of each connector: in the system's keyring or an environment variable, never in a file of ours.

One of a keyring belongs to one store, as a server's token does.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.store import ring

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

SERVICE = "escaltui connector"


def variable(name: str) -> str:
    """The environment variable that a connector's secret may stand in: it comes before the keyring."""
    return f"ESCALTUI_CONNECTOR_{name.upper().replace('-', '_')}"


def find(bench: Workbench, name: str) -> str:
    """The secret of a connector, "" where none was kept. Raises ConnectorError where the keyring does not answer."""
    if found := os.environ.get(variable(name), ""):
        return found
    try:
        ring.usable()
    except ring.RingError:  # no keyring on this machine: then nothing lies in one
        return ""
    try:
        return ring.fetch(SERVICE, _entry(bench, name)) or ""
    except ring.RingError as error:
        said = _("The password of {name} cannot be read: {why}. Unlock the keyring, or set {variable}.")
        raise ConnectorError(said.format(name=name, why=error, variable=variable(name))) from error


def keep(bench: Workbench, name: str, secret: str) -> None:
    """Keep a connector's secret in the keyring. Raises ConnectorError where there is none that keeps it."""
    try:
        ring.keep(SERVICE, _entry(bench, name), secret)
    except ring.RingError as error:
        said = _("The password of {name} cannot be kept: {why}. Give it in {variable} instead. Nothing was written.")
        raise ConnectorError(said.format(name=name, why=error, variable=variable(name))) from error


def forget(bench: Workbench, name: str) -> bool:
    """Remove a connector's secret from every keyring; whether there was one."""
    found = False
    with suppress(ring.RingError):
        for backend in ring.usable():
            with suppress(Exception):  # each raises in its own way where it has no such entry
                if backend.get_password(SERVICE, _entry(bench, name)) is not None:
                    backend.delete_password(SERVICE, _entry(bench, name))
                    found = True
    return found


def _entry(bench: Workbench, name: str) -> str:
    return f"{name} {bench.store.device}"
