"""Colours and weights as plain data: words carry the meaning first, weight second, colour third.

Every text colour stands at 4.5:1 or more against its background (WCAG 2.2, criterion 1.4.3); a test computes it.
"""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """How one kind of word is drawn. "" leaves a colour as it is around the word."""

    colour: str = ""
    background: str = ""
    bold: bool = False
    dim: bool = False
    reverse: bool = False
    underline: bool = False


class Theme(NamedTuple):
    """A set of colours. `looks` are the words' own; the rest are the surfaces."""

    name: str
    dark: bool
    background: str
    surface: str
    """Place line, status line, key bar, and the panes of sheets."""
    cursor: str
    """Behind the line under the cursor."""
    text: str
    quiet: str
    """Labels, rules, and what matters less."""
    accent: str
    """Keys, focus, and the current view."""
    looks: dict[str, Look]


def _looks(*, red: str, amber: str, green: str, blue: str, quiet: str, text: str, late: Look) -> dict[str, Look]:
    return {
        "text": Look(text),
        "quiet": Look(quiet),
        "key": Look(blue, bold=True),
        "rule": Look(quiet),
        "heading": Look(text, bold=True),
        "picked": Look(blue, bold=True, reverse=True),
        "s0": Look(red, bold=True, reverse=True),
        "s1": Look(red, bold=True),
        "s2": Look(text),
        "s3": Look(quiet),
        "s4": Look(quiet),
        "law": Look(text),
        "near": Look(amber, bold=True),
        "over": late,
        "paused": Look(quiet),
        "mine": Look(green, bold=True),
        "pending": Look(amber),
        "hidden": Look(amber, bold=True),
        "new": Look(green, bold=True),
        "mark": Look(amber, bold=True),
        "found": Look(blue, underline=True),
        "refused": Look(red, bold=True),
        "done": Look(green),
    }


DARK = Theme(
    "dark", True, background="#14181d", surface="#1b2027", cursor="#2a3440", text="#d5dae0", quiet="#96a0ab",
    accent="#7fb4d9",
    looks=_looks(red="#f08a80", amber="#dcb36a", green="#93c592", blue="#7fb4d9", quiet="#96a0ab", text="#d5dae0",
                 late=Look("#ffdcd8", "#6b2b27", bold=True)),
)  # fmt: skip
LIGHT = Theme(
    "light", False, background="#fbfaf7", surface="#f0eee8", cursor="#dfe6ec", text="#23282e", quiet="#545d66",
    accent="#1c5a8a",
    looks=_looks(red="#a3251c", amber="#7a4a00", green="#22632b", blue="#1c5a8a", quiet="#545d66", text="#23282e",
                 late=Look("#7a1a12", "#f3cfca", bold=True)),
)  # fmt: skip
MONO = Theme(
    "mono", True, background="ansi_default", surface="ansi_default", cursor="ansi_default", text="ansi_default",
    quiet="ansi_default", accent="ansi_default",
    looks={
        "text": Look(), "quiet": Look(dim=True), "key": Look(bold=True), "rule": Look(dim=True),
        "heading": Look(bold=True), "picked": Look(bold=True, reverse=True), "s0": Look(bold=True, reverse=True),
        "s1": Look(bold=True), "s2": Look(), "s3": Look(dim=True), "s4": Look(dim=True), "law": Look(),
        "near": Look(bold=True), "over": Look(bold=True, reverse=True), "paused": Look(dim=True),
        "mine": Look(bold=True), "pending": Look(underline=True), "hidden": Look(bold=True, underline=True),
        "new": Look(bold=True), "mark": Look(bold=True), "found": Look(underline=True), "refused": Look(bold=True),
        "done": Look(),
    },
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT, MONO)}
CURSOR_LOOK = {"dark": Look(bold=True), "light": Look(bold=True), "mono": Look(reverse=True)}
"""What the line under the cursor adds to its words."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
