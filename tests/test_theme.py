"""Colours: enough contrast everywhere; mono and the widgets' themes know every look."""

from __future__ import annotations

import pytest

from escaltui import theme
from escaltui.widgets.themes import textual_theme

COLOURED = (theme.DARK, theme.LIGHT)


def test_contrast_of_black_and_white_is_21() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("made", COLOURED, ids=lambda made: made.name)
def test_every_word_can_be_read_on_every_surface(made: theme.Theme) -> None:
    for name, look in made.looks.items():
        grounds = (look.background,) if look.background else (made.background, made.surface, made.cursor)
        for ground in grounds:
            assert theme.contrast(look.colour, ground) >= 4.5, (name, ground)
    for word in (made.text, made.quiet, made.accent):
        assert theme.contrast(word, made.background) >= 4.5


def test_all_themes_know_the_same_looks() -> None:
    assert {tuple(sorted(made.looks)) for made in theme.THEMES.values()} == {tuple(sorted(theme.DARK.looks))}


def test_mono_has_no_colour_and_still_tells_words_apart() -> None:
    looks = theme.MONO.looks
    assert not any(look.colour or look.background for look in looks.values())
    for one, other in (
        ("s0", "s1"),
        ("s1", "s2"),
        ("s2", "s3"),
        ("over", "law"),
        ("pending", "text"),
        ("mark", "text"),
    ):
        assert looks[one] != looks[other]


@pytest.mark.parametrize("made", theme.THEMES.values(), ids=lambda made: made.name)
def test_textual_takes_each_theme(made: theme.Theme) -> None:
    assert textual_theme(made).to_color_system().generate()["surface"]
