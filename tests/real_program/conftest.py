"""The real program on the demo desk."""

from __future__ import annotations

from desks import demo_desk, desk, desk_folder  # noqa: F401
