"""Signs that this terminal can be recorded, and whether tmux tells programs when somebody looks away. Plain data."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from typing import Literal

from escaltui.i18n import N_

VARIABLES = ("TMUX", "STY", "ZELLIJ", "ASCIINEMA_REC")
"""What tmux, screen, zellij and asciinema set in the environment of what runs in them."""
CAN_BE_RECORDED = N_("This terminal can be recorded; what you reveal may be kept.")
PATIENCE = 2.0


def recorders(environ: Mapping[str, str]) -> list[str]:
    """The variables that say that something stands between us and the terminal."""
    return [name for name in VARIABLES if environ.get(name)]


def focus_events(
    environ: Mapping[str, str], run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
) -> Literal["on", "off", ""]:
    """Whether tmux passes on that the terminal lost the focus; "" outside tmux, or where it does not say."""
    if not environ.get("TMUX"):
        return ""
    try:
        done = run(["tmux", "show", "-g", "focus-events"], capture_output=True, text=True, timeout=PATIENCE,
                   check=False, stdin=subprocess.DEVNULL)  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    words = done.stdout.split()
    return ("on" if words[1] == "on" else "off") if done.returncode == 0 and len(words) == 2 else ""
