"""Nothing overflows: key bar, menus, views, help at 80 columns in English, French and a 30 % longer language."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest

from escaltui import i18n, keys
from escaltui.faces import View
from escaltui.i18n import _
from escaltui.safety.text import cells, own
from escaltui.screens.help import rows, text_of
from escaltui.widgets import queue_columns
from escaltui.widgets.key_menu import from_actions
from escaltui.widgets.keybar import fitting, ordered
from escaltui.widgets.say import pair
from escaltui.widgets.views_line import fitted


class Longer(gettext.NullTranslations):
    """Every text 30 % longer, at least by one letter."""

    def gettext(self, message: str) -> str:
        return message + "~" * max(1, round(len(message) * 0.3))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(params=["en", "fr", "longer"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "longer":
        i18n.speak(Longer())
    else:
        i18n.set_language(request.param)
    yield request.param
    i18n.set_language("en")


@pytest.mark.parametrize("width", [60, 80, 100, 150])
@pytest.mark.parametrize("chain", keys.CHAINS)
def test_the_key_bar_fits_and_ends_with_help(language: str, width: int, chain: tuple[str, ...]) -> None:
    shown = fitting(ordered(keys.chain(chain)), width, {})
    assert sum(cells(f"{key} {label}  ") for key, label in shown) <= width
    assert shown[-1] == ("?", _("keys"))
    labels = {_(action.label) for action in keys.ACTIONS}
    assert all(label in labels for _key, label in shown), "no label is cut"
    assert len(shown) >= 4


def test_keys_of_a_shift_come_first(language: str) -> None:
    shift = [action.shift for action in ordered(keys.chain(("queue", "anywhere", "field")))]
    assert shift == sorted(shift, reverse=True)


@pytest.mark.parametrize("menu", keys.MENUS)
def test_a_menu_is_no_wider_than_its_row(language: str, menu: str) -> None:
    choices = from_actions(keys.here(menu), {})
    assert max(cells(choice.label) for choice in choices) + 4 <= 56


@pytest.mark.parametrize("width", [56, 76, 96])
def test_help_wraps_its_sentences(language: str, width: int) -> None:
    for line in text_of(rows(("queue", "anywhere", "field"), frozenset(), {}, width)):
        assert cells(line) <= width


def test_heads_fit_their_columns(language: str) -> None:
    for widths in (queue_columns.NARROW, queue_columns.WIDE, queue_columns.ROOMY):
        for text, _look, size in queue_columns.heads(widths)[:-1]:
            assert not size or cells(text) < size, text


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_views_fit_and_the_current_one_is_whole(language: str, width: int) -> None:
    views = tuple(View(str(n % 10), f"v{n}", _("Mark by query"), "", "") for n in range(1, 11))
    parts = fitted(views, {view.id: 1_234 for view in views}, "v5", width)
    text = "".join(pair(part)[0].value for part in parts)
    assert cells(own(text)) <= width
    assert f"5 {_('Mark by query')} 1" in text
    assert all(f"{n % 10}" in text for n in range(1, 11))
