"""Textual bindings made from the key table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from escaltui import keys


def bindings(*contexts: str) -> list[BindingType]:
    """The bindings of these contexts: every key runs `act(id, key)` of the screen that has them.

    Letters carry the action's id, so that `App.set_keymap` can move them; fixed keys carry none. An action has either,
    never both: in a mixed list the keymap would show letters that a text field eats.
    """
    return [
        Binding(key, f"act('{action.id}', '{key}')", show=False, id=None if action.fixed else action.id)
        for context in contexts
        for action in keys.here(context)
        for key in action.keys
    ]
