"""What menus, prompts and sheets share: a box at the foot of the screen, over whatever place is open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from escaltui.safety.text import SafeText
from escaltui.widgets.acts import Acts
from escaltui.widgets.bindings import bindings
from escaltui.widgets.keybar import KeyBar
from escaltui.widgets.say import content

if TYPE_CHECKING:
    from escaltui.app import EscaltuiApp

Result = TypeVar("Result")


class Modal(Acts, ModalScreen[Result], inherit_bindings=False):
    """A box over the open place. Sub-classes fill `body()`; `esc` dismisses with None."""

    WHERE: tuple[str, ...] = ("field",)
    BINDINGS = bindings("field")
    DEFAULT_CSS = """
    Modal { align: center bottom; background: transparent; }
    Modal > #box {
        width: 100%; max-width: 100; height: auto; max-height: 100%; background: $surface;
        border: solid $quiet; border-title-color: $text-plain; border-subtitle-color: $quiet; padding: 0 1;
    }
    Modal Static { width: 1fr; height: auto; }
    Modal KeyBar { margin: 0; }
    """

    def __init__(self, title: SafeText) -> None:
        super().__init__()
        self.heading = title

    @property
    def app(self) -> EscaltuiApp:  # type: ignore[override]
        """The app this belongs to."""
        return cast("EscaltuiApp", super().app)

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = content(self.heading)
            yield from self.body()
            yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """The widgets inside the box."""
        return ()

    def on_mount(self) -> None:
        self.show_keys()

    def show_keys(self) -> None:
        """Draw what works now."""
        self.query_one(KeyBar).show(action for action in self.able() if action.verb != "quit")

    def act_back(self, argument: str = "") -> None:
        """One step back: nothing chosen."""
        self.dismiss(None)

    def act_next_pane(self, argument: str = "") -> None:
        self.focus_next()

    def act_previous_pane(self, argument: str = "") -> None:
        self.focus_previous()

    def act_redraw(self, argument: str = "") -> None:
        self.app.redraw()

    def act_quit(self, argument: str = "") -> None:
        self.app.leave()

    def words(self, text: SafeText, look: str = "", *, id: str | None = None) -> Static:
        """A block of text for the box."""
        return Static(content((text, look), theme=self.app.theme), id=id)
