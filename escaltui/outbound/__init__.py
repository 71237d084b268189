"""What leaves the house: letters by mail or as files, content-safe summaries, webhooks.

Nothing here decides whether something may leave: the rules have done so. What is sent has one of three outcomes, and
the third is never tried again unasked.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from escaltui.domain.sentences import Fault, Said, said

__all__ = ["OutboundError", "Outcome"]


class OutboundError(Fault):
    """Something cannot leave as things are set up; nothing was tried. Its text says how to mend it."""


class Outcome(NamedTuple):
    """What became of one try. `failed`: surely not delivered. `unknown`: it may have been. `why` says what happened."""

    outcome: Literal["sent", "failed", "unknown"]
    why: Said = said("")
