"""Where this machine keeps what is no part of a store: the log of defects, pictures opened outside. Plain data."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_VARIABLE = "ESCALTUI_STATE"
OPENED = "opened"
"""The folder in it of pictures that another program shows."""


def state_folder() -> Path:
    """ESCALTUI_STATE, else the system's usual place for state."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    from platformdirs import user_state_path  # only here: most starts need no state

    return user_state_path("escaltui", appauthor=False)


def private(folder: Path) -> Path:
    """Make a folder that only its owner may enter, or close it to others. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
