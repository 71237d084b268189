"""What is wrong with a bundle."""

from __future__ import annotations


class BundleFault(Exception):
    """A bundle cannot be made, or does not hold; `str()` is the sentence. `code` names the check that said so."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code
