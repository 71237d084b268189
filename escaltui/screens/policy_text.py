"""A policy section in words: its head, how it is quoted, how its paragraphs fill a window."""

from __future__ import annotations

import re

from escaltui.faces import SectionFace
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, block, own
from escaltui.widgets.say import plain


def beside(face: SectionFace, by: int) -> str:
    """The version before or after, "" at the end. Versions come oldest first."""
    if face.version not in face.versions:
        return ""
    at = face.versions.index(face.version) + by
    return face.versions[at] if 0 <= at < len(face.versions) else ""


def section_head(face: SectionFace) -> SafeText:
    """`doi.3 Glorification ─ [ 2026-01-29 ] 2 of 3`."""
    at = face.versions.index(face.version) + 1 if face.version in face.versions else 1
    place = _("{n} of {count}").format(n=at, count=max(1, len(face.versions)))
    state = "" if face.in_force else " " + _("not in force")
    return own(f"{face.section} ") + face.heading + own(f"  [ {face.version} ] {place}{state}")


def citing(face: SectionFace) -> str:
    """How much work rests on the section."""
    now = ngettext("{n} open case cites this", "{n} open cases cite this", face.open_cases).format(n=face.open_cases)
    return now + ", " + ngettext("{n} finished", "{n} finished", face.closed_cases).format(n=face.closed_cases)


_OWN_LINE = re.compile(r"\s|[-*+>|#]|\d+[.)]")
"""How a line begins that is not the rest of the one before: indented, a list, a quote, a table, a heading."""


def reflowed(text: SafeText) -> SafeText:
    """Paragraphs in one line each, so that they fill the window, whatever width they were written for."""
    found: list[str] = []
    for line in plain(text).split("\n"):
        if found and found[-1] and line and not _OWN_LINE.match(line) and not found[-1].endswith("  "):
            found[-1] += f" {line}"
        else:
            found.append(line)
    return block("\n".join(found))


def quote(face: SectionFace) -> SafeText:
    """A section as a note begins with it."""
    lines = plain(reflowed(face.text)).splitlines()
    head = _("{section} {heading}, version of {version}:").format(
        section=face.section, heading=plain(face.heading), version=face.version
    )
    return own("\n".join([head, *(f"> {line}" for line in lines), "", ""]))
