"""Saved views: the packaged file is whole, and a fault names the view and the field."""

from __future__ import annotations

from importlib.resources import files

import pytest
from query_material import read

from escaltui.domain.query import ViewsError, parse_views
from escaltui.domain.query.views import KEYS

PACKAGED = files("escaltui").joinpath("views.toml").read_text(encoding="utf-8")
GOOD = '[[view]]\nid = "a"\nkey = "1"\ntitle = "A"\nquery = "sev:0"\n'


def test_the_packaged_views_fill_the_number_keys_in_two_languages() -> None:
    views = parse_views(PACKAGED, "views.toml")
    assert "".join(view.key for view in views) == KEYS
    for view in views:
        assert set(view.title) == {"en", "fr"}
        assert all(view.title.values())
        assert read(view.query).terms
    assert views[-1].titled("fr") == "Ouverts"
    assert views[-1].titled("de") == "All open"


def test_a_view_of_ones_own_needs_little() -> None:
    (view,) = parse_views('[[view]]\nid = "x"\ntitle = "X"\nquery = "owner:me due<4h"\n', "mine.toml")
    assert (view.titled("fr"), view.sort, view.key) == ("X", "queue", "")
    assert parse_views("", "mine.toml") == ()


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[[view]\n", "mine.toml: Expected"),
        ("[view]\n", "mine.toml: write each view as a [[view]] table"),
        ("x = 1\n", "mine.toml: write each view as a [[view]] table"),
        ('[[view]]\ntitle = "A"\n', 'mine.toml: view "1": Object missing required field `id`'),
        ('[[view]]\nid = "a"\n', 'mine.toml: view "a": Object missing required field `title`'),
        ('[[view]]\nid = " "\ntitle = "A"\n', "id: write a short name"),
        (GOOD + "colour = 1\n", 'mine.toml: view "a": Object contains unknown field `colour`'),
        (GOOD.replace('"sev:0"', "3"), 'mine.toml: view "a": Expected `str`, got `int` - at `$.query`'),
        (GOOD.replace('"A"', '{ fr = "A" }'), 'mine.toml: view "a", title: write an English one (en)'),
        (GOOD.replace('"1"', '"12"'), 'mine.toml: view "a", key: "12" is none of the digits'),
        (GOOD.replace("sev:0", "sevv:0"), 'mine.toml: view "a", query: no field "sevv" at 1: did you mean sev?'),
        (GOOD + 'sort = "speed"\n', 'mine.toml: view "a", sort: no order "speed"'),
        (GOOD + GOOD.replace('"a"', '"b"'), 'mine.toml: view "b", key: "1" is taken by another view'),
        (GOOD + GOOD.replace('"1"', '"2"'), 'mine.toml: view "a", id: "a" is taken by another view'),
    ],
)
def test_a_fault_names_the_view_and_the_field(toml: str, sentence: str) -> None:
    with pytest.raises(ViewsError) as caught:
        parse_views(toml, "mine.toml")
    assert sentence in str(caught.value)
