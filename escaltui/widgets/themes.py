"""Textual's themes, made from the plain data of `theme.py`."""

from __future__ import annotations

from textual.theme import Theme as TextualTheme

from escaltui import theme


def textual_theme(made: theme.Theme) -> TextualTheme:
    """One theme as Textual takes it; our own names are its variables."""
    words = {name: look.colour or "ansi_default" for name, look in made.looks.items()}
    ours = {"cursor": made.cursor, "text-plain": made.text, "quiet": made.quiet}
    ours |= {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"} if made is theme.MONO else {}
    over = words["refused"]
    return TextualTheme(
        made.name,
        primary=made.accent, secondary=made.accent, accent=made.accent, warning=words["near"], error=over,
        success=words["done"], foreground=made.text, background=made.background, surface=made.surface,
        panel=made.surface, boost=made.surface, dark=made.dark, ansi=made is theme.MONO, text_alpha=1.0,
        variables={
            **ours,
            "input-cursor-background": made.text,
            "input-cursor-foreground": made.background,
            "input-cursor-text-style": "reverse" if made is theme.MONO else "none",
            "input-selection-background": made.cursor,
            "input-selection-foreground": made.text,
        },
    )  # fmt: skip


ALL = tuple(textual_theme(made) for made in theme.THEMES.values())
