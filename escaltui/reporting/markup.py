"""HTML put together so that nothing from outside becomes markup: whatever is not `Html` is escaped where it goes in."""

from __future__ import annotations

from html import escape

from escaltui.safety.text import line

_EMPTY = frozenset({"meta", "rect", "path"})
"""Elements without an end tag, or that need none here."""
Value = str | int | float | None


class Html(str):
    """Markup made by `element` or `joined`."""

    __slots__ = ()


def text(found: str) -> Html:
    """Text as HTML: no control, no reversed letter, no markup; in attributes too."""
    return found if isinstance(found, Html) else Html(escape(line(found).value, quote=True))


def element(name: str, /, *inside: str, **attributes: Value) -> Html:
    """An element. `class_` is its class, `aria_label` its aria-label; an attribute of None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{given}>" if name == "meta" else f"<{name}{given}/>")
    return Html(f"<{name}{given}>{joined(*inside)}</{name}>")


def joined(*inside: str) -> Html:
    """Several one after the other."""
    return Html("".join(map(text, inside)))


def _value(value: Value) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else text(str(value))
