"""How many crash rounds there are: ESCALTUI_ROUNDS, 10 by default; and the demo desk."""

from __future__ import annotations

import os

import pytest
from desks import demo_desk, desk, desk_folder  # noqa: F401


@pytest.fixture
def rounds() -> int:
    """Rounds of killing."""
    return int(os.environ.get("ESCALTUI_ROUNDS", "10"))
