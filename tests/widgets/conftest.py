"""Widgets in apps of their own."""

from __future__ import annotations

import quick

quick.keys_follow_soon()
