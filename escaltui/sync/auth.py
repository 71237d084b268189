"""The token that a store is signed in with: in the system's keyring, in an environment variable, or in memory alone.

Never in a file of ours. Where there is no keyring a person chooses expressly.
"""

from __future__ import annotations

import os
from contextlib import suppress

from escaltui.i18n import _
from escaltui.store import ring

SERVICE = "escaltui server"
VARIABLE = "ESCALTUI_TOKEN"
KEYRING, MEMORY, BY_VARIABLE = "keyring", "memory", "variable"


class SignInError(Exception):
    """There is no token, or it cannot be kept; str() says how to mend it."""


def entry(url: str, device: str) -> str:
    """The name under which a store's token lies."""
    return f"{url} {device}"


class Tokens:
    """The token of one store. `how`: `keyring`, `memory`, `variable`; "" is the keyring."""

    def __init__(self, url: str, device: str, how: str) -> None:
        self._entry, self._how = entry(url, device), how or KEYRING
        self._kept = ""

    def find(self) -> str:
        """The token. Raises SignInError where there is none."""
        found = self._kept or os.environ.get(VARIABLE, "")
        if not found and self._how == KEYRING:
            try:
                found = ring.fetch(SERVICE, self._entry) or ""
            except ring.RingError as error:
                raise SignInError(
                    _("The token cannot be read: {why}. Unlock the keyring of this person, then try again.").format(
                        why=error
                    )
                ) from error
        if not found:
            raise SignInError(
                _("This store is signed out. Sign in: escaltui connect URL --desk DESK, or set {variable}.").format(
                    variable=VARIABLE
                )
            )
        return found

    def hold(self, token: str) -> None:
        """Use a token as long as this lives."""
        self._kept = token

    def keep(self, token: str) -> None:
        """Keep a token where the settings say. Raises SignInError where there is no keyring: that asks for a choice."""
        self._kept = token
        if self._how != KEYRING:
            return
        try:
            ring.keep(SERVICE, self._entry, token)
        except ring.RingError as error:
            raise SignInError(
                _(
                    'The token cannot be kept: {why}. Write under [remote] in config.toml token = "variable" to give '
                    'it in {variable} each time, or token = "memory" to give it at each start. Nothing was written.'
                ).format(why=error, variable=VARIABLE)
            ) from error

    def forget(self) -> bool:
        """Remove it from wherever it lies; whether there was one."""
        found, self._kept = bool(self._kept), ""
        if self._how == KEYRING:
            try:
                backends = ring.usable()
            except ring.RingError:
                return found
            for backend in backends:
                with suppress(Exception):  # each raises in its own way where it has no such entry
                    if backend.get_password(SERVICE, self._entry) is not None:
                        backend.delete_password(SERVICE, self._entry)
                        found = True
        return found
