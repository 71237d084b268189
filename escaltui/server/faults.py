"""Why the backend does not do what its operator asked."""

from __future__ import annotations


class ServeError(Exception):
    """What an operator asked for cannot be done; str() says why and how to mend it."""
