"""The `:` line: every action by name, with what it takes: `:wait 2h`, `:note`, `:brief`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.widget import Widget
from textual.widgets import Input

from escaltui import keys
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.widgets.field import SafeInput
from escaltui.widgets.lines import Line
from escaltui.widgets.modal import Modal

SHOWN = 6


def name_of(action: keys.Action) -> str:
    """The name typed after `:`. Always English, as in queries and plain commands."""
    return action.id.rpartition(".")[2]


def pressed(action: keys.Action, own_keys: Mapping[str, str]) -> str:
    """The key that does it; for a letter of a menu, the menu's key before it: `e t`."""
    menu = next((menu for menu in keys.MENUS if menu in action.where), "")
    whole = (*((keys.BY_ID[menu],) if menu else ()), action)
    return " ".join(keys.shown(key) for each in whole for key in keys.keys_of(each, own_keys)[:1])


def matching(actions: Iterable[keys.Action], typed: str) -> list[keys.Action]:
    """The actions that what was typed names: the exact one, those that begin so, else the nearest three."""
    import difflib

    by_name = {name_of(action): action for action in reversed(list(actions))}
    word = typed.split(maxsplit=1)[0].lower() if typed.split() else ""
    if word in by_name:
        others = [action for name, action in by_name.items() if name.startswith(word) and name != word]
        return [by_name[word], *others]
    begins = sorted(name for name in by_name if name.startswith(word))
    return [by_name[name] for name in begins or difflib.get_close_matches(word, by_name, n=3, cutoff=0.4)]


class CommandBar(Modal[tuple[str, str]]):
    """Dismisses with (action id, argument)."""

    DEFAULT_CSS = """
    CommandBar SafeInput { background: $background; }
    """

    def __init__(self, actions: list[keys.Action]) -> None:
        super().__init__(own(_("Command")))
        self.actions = actions

    def body(self) -> Iterable[Widget]:
        yield SafeInput()
        for _row in range(SHOWN):
            yield Line()

    def on_mount(self) -> None:
        super().on_mount()
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    def _show(self, typed: str) -> None:
        found = matching(self.actions, typed)[:SHOWN]
        for at, line in enumerate(self.query(Line)):
            if at < len(found):
                action = found[at]
                key = pressed(action, self.app.settings.keys)
                line.show(
                    (own(f"{name_of(action):<16}"), "key"), (own(_(action.help)), ""), right=((own(key), "quiet"),)
                )
            else:
                line.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.act_submit()

    def act_submit(self, argument: str = "") -> None:
        """Run what was typed, if it names one action."""
        typed = self.query_one(SafeInput).value.strip()
        found = matching(self.actions, typed) if typed else []
        word, _space, rest = typed.partition(" ")
        begins = [action for action in found if name_of(action).startswith(word.lower())]
        if begins and (len(begins) == 1 or name_of(begins[0]) == word.lower()):
            self.dismiss((begins[0].id, rest.strip()))
        else:
            names = ", ".join(name_of(action) for action in found[:3]) or "help"
            sentence = _("No command {word}. Nearest: {names}.").format(word=word or ":", names=names)
            list(self.query(Line))[-1].show((own(sentence), "refused"))
