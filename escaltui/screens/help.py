"""Help: the keys of this place, from the key table."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from escaltui import keys
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.widgets.acts import Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.modal import Modal
from escaltui.widgets.say import Part, plain, strip

Row = tuple[Part, ...]
KEY_CELLS = 14


def rows(contexts: tuple[str, ...], works: frozenset[str], own_keys: dict[str, str], width: int) -> list[Row]:
    """The table as lines: keys of a shift, the others, then each menu. What does not work just now is quiet."""
    place = [action for action in keys.ACTIONS if action.where & set(contexts)]
    groups = [
        (_("The keys of a shift"), [action for action in place if action.shift]),
        (_("The others"), [action for action in place if not action.shift]),
        *((_("Menu {key}").format(key=_menu_key(menu, own_keys)), list(keys.here(menu))) for menu in keys.MENUS),
    ]
    found: list[Row] = []
    for title, actions in groups:
        found += [((own(title), "heading"),)]
        for same in _alike(actions):
            menu = bool(same[0].where & set(keys.MENUS))
            found += _row(same, menu or any(action.id in works for action in same), own_keys, width)
        found += [()]
    return found


def _alike(actions: list[keys.Action]) -> list[list[keys.Action]]:
    """Actions in table order, those with the same help together."""
    groups: dict[str, list[keys.Action]] = {}
    for action in actions:
        groups.setdefault(action.help, []).append(action)
    return list(groups.values())


def _menu_key(menu: str, own_keys: dict[str, str]) -> str:
    return keys.shown(keys.keys_of(keys.BY_ID[menu], own_keys)[0])


def _row(same: list[keys.Action], works: bool, own_keys: dict[str, str], width: int) -> list[Row]:
    shown = [keys.shown(key) for action in same for key in keys.keys_of(action, own_keys)] or [f":{same[0].id}"]
    name = f"{shown[0]} - {shown[-1]}" if len(shown) > 4 else " ".join(shown)
    look = "" if works else "quiet"
    lines = wrapped(_(same[0].help), max(20, width - KEY_CELLS - 2))
    first: Row = ((own(f"  {name}".ljust(KEY_CELLS)), "key"), (own(lines[0]), look))
    return [first, *(((own(" " * KEY_CELLS + rest), look),) for rest in lines[1:])]


def wrapped(sentence: str, width: int) -> list[str]:
    """A sentence in lines of at most `width` cells."""
    import textwrap

    return textwrap.wrap(sentence, width) or [""]


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of parts that scroll."""

    DEFAULT_CSS = """
    Lines { height: auto; max-height: 100%; width: 1fr; scrollbar-size: 0 0; overflow-x: hidden; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Draw these rows, from the top."""
        self.rows = rows
        self.virtual_size = Size(self.size.width, len(rows))
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows)

    def move(self, step: Step) -> None:
        """Scroll by one step."""
        page = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        to = {"down": top + 1, "up": top - 1, "page_down": top + page, "page_up": top - page, "first": 0}
        self.scroll_to(y=to.get(step, len(self.rows)), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        row = self.rows[at] if at < len(self.rows) else ()
        return strip(row, self.size.width, self.rich_style, self.app.theme)


class LinesScreen(Modal[None]):
    """A box of rows; arrows scroll, esc or the key that opened it closes."""

    WHERE = ("anywhere", "field")
    BINDINGS = bindings("anywhere")
    DEFAULT_CSS = """
    LinesScreen > #box { height: 100%; }
    LinesScreen Lines { height: 1fr; }
    """

    def body(self) -> Iterable[Widget]:
        yield Lines()

    def on_mount(self) -> None:
        self.call_after_refresh(self._fill)
        super().on_mount()

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        lines = self.query_one(Lines)
        lines.show(self.lines(lines.size.width))
        lines.focus()

    def lines(self, width: int) -> list[Row]:
        """The rows for a box of `width` cells."""
        return []

    def act_down(self, argument: str = "") -> None:
        self.query_one(Lines).move("down")

    def act_up(self, argument: str = "") -> None:
        self.query_one(Lines).move("up")

    def act_page_down(self, argument: str = "") -> None:
        self.query_one(Lines).move("page_down")

    def act_page_up(self, argument: str = "") -> None:
        self.query_one(Lines).move("page_up")

    def act_first(self, argument: str = "") -> None:
        self.query_one(Lines).move("first")

    def act_last(self, argument: str = "") -> None:
        self.query_one(Lines).move("last")


class HelpScreen(LinesScreen):
    """The keys of one place."""

    def __init__(self, contexts: tuple[str, ...], works: frozenset[str]) -> None:
        super().__init__(own(_("Keys")))
        self.contexts, self.works = contexts, works

    def lines(self, width: int) -> list[Row]:
        return rows(self.contexts, self.works, self.app.settings.keys, width)

    def act_help(self, argument: str = "") -> None:
        self.dismiss(None)


def text_of(found: list[Row]) -> list[str]:
    """Rows as plain lines."""
    return ["".join(plain(part if not isinstance(part, tuple) else part[0]) for part in row) for row in found]
