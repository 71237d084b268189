"""The key bar: only what works now, never wider than its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.strip import Strip

from escaltui import keys
from escaltui.i18n import _
from escaltui.safety.text import cells, own
from escaltui.widgets.painter import Plain
from escaltui.widgets.say import Part, strip


def ordered(actions: Iterable[keys.Action]) -> list[keys.Action]:
    """As the bar shows them: each verb once, keys of a shift first, then by their place in the bar."""
    once: dict[str, keys.Action] = {}
    for action in actions:
        if action.bar >= 0:
            once.setdefault(action.verb, action)
    return sorted(once.values(), key=lambda action: (not action.shift, action.bar))


def fitting(actions: Iterable[keys.Action], width: int, own_keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """The (key, label) pairs that fit into `width` cells whole. `? keys` always has its place, at the end."""
    pairs = [(keys.shown(keys.keys_of(action, own_keys)[0]), _(action.label), action.verb) for action in actions]
    last = [pair for pair in pairs if pair[2] == "help"]
    room = width - sum(_cells(key, label) for key, label, _verb in last)
    fitted: list[tuple[str, str]] = []
    for key, label, verb in pairs:
        if verb == "help":
            continue
        if (taken := _cells(key, label)) > room:
            break
        room -= taken
        fitted.append((key, label))
    return fitted + [(key, label) for key, label, _verb in last]


def _cells(key: str, label: str) -> int:
    return cells(f"{key} {label}  ")


class KeyBar(Plain):
    """Keys and labels of what works now."""

    DEFAULT_CSS = """
    KeyBar { height: 1; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._able: tuple[keys.Action, ...] = ()
        self._actions: tuple[keys.Action, ...] = ()
        self.own_keys: Mapping[str, str] = {}

    def show(self, actions: Iterable[keys.Action]) -> None:
        """Show these actions; repaints only where they differ."""
        able = tuple(actions)
        if able == self._able:
            return
        self._able, wanted = able, tuple(ordered(able))
        if wanted != self._actions:
            self._actions = wanted
            self.refresh()
            self._check_refresh()  # as in `Line`: told now, the keys are in the same paint as what changed them

    def parts(self, width: int) -> list[Part]:
        """What is drawn in `width` cells."""
        drawn: list[Part] = []
        for key, label in fitting(self._actions, width, self.own_keys):
            drawn += [(own(key), "key"), own(f" {label}  ")]
        return drawn

    def render_line(self, y: int) -> Strip:
        return strip(self.parts(self.size.width), self.size.width, self.rich_style, self.app.theme)
