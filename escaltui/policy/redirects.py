"""Old paths of documents: what `redirect_from` names, and how a citation may write it."""

from __future__ import annotations

import re

from escaltui.policy.words import fold

_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:md|markdown|txt|html?)$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\W_]+")


def old_path(written: str) -> str:
    """A path in the form that is kept and compared; "" for none.

    `https://host/Policies/Old.md?x=1`, `/policies/old/` and `policies-old`, the key of the document it once made, are
    one and the same.
    """
    bare = _HOST.sub("", written.strip()).partition("?")[0].rstrip("/")
    return _BETWEEN.sub("-", fold(_SUFFIX.sub("", bare))).strip("-")


def parted(citation: str) -> tuple[str, str]:
    """A citation `path#place` as (old path, place); the place is the last part of a longer one, "" for none."""
    path, _sign, place = citation.strip().partition("#")
    return old_path(path), place.strip("/").rpartition("/")[2]
