"""Ozone's connector does what every connector must, over an Ozone in memory."""

from __future__ import annotations

import httpx
import pytest

from escaltui.intake.connector import Outcome

from .connector_conformance import Conformance, Rig
from .ozone_place import PASSWORD, Place, said


class TestOzone(Conformance):
    @pytest.fixture
    def rig(self) -> Rig:
        place = Place()

        def outcome(id: str) -> Outcome:
            return Outcome(
                id=id, action="comment", platform="ozone", item_type="post", item_id=next(iter(place.status))
            )

        def limit(wait: float) -> None:
            place.faults.append(said(429, "RateLimitExceeded", "Rate Limit Exceeded", **{"retry-after": str(wait)}))

        return Rig(
            lambda secret: place.connect(PASSWORD if secret is None else secret), place.add, limit,
            lambda: place.faults.append(httpx.ConnectError("nobody")), outcome,
            lambda: sum("Comment" in each["event"]["$type"] for each in place.events),
        )  # fmt: skip
