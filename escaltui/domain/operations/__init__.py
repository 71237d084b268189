"""Operations: small typed intents. Each names what the rules must be able to look at (`reads`).

An operation is what somebody asks for; `rules.apply` turns it into changes or a refusal. They are stored and sent as
JSON with their class name as `type`. They are loaded when the first one is asked for: what only shows needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from escaltui.domain.operations.known import *  # noqa: F403


def __getattr__(name: str) -> object:
    known = import_module("escaltui.domain.operations.known")
    if name not in known.__all__:
        raise AttributeError(f"no operation is called {name}")
    found: object = globals().setdefault(name, getattr(known, name))  # judging asks for some again and again
    return found
