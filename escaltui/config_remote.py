"""`[remote]` of config.toml: the server that a store follows, and where the sign-in token is kept."""

from __future__ import annotations

import msgspec

TOKENS = ("", "keyring", "memory", "variable")


class Remote(msgspec.Struct, frozen=True):
    """What `escaltui connect` takes where nothing else is said, and how the server is reached."""

    url: str = ""
    desk: str = ""
    ca: str = ""
    """A file of certificates to trust instead of the system's."""
    token: str = ""
    """Where the token lies: `keyring` (also where it is ""), `memory` (asked for at each start) or `variable`
    (ESCALTUI_TOKEN). Never in a file of ours."""
