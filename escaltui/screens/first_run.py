"""The first run: who you are, which languages you read, and whether to try with sample cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from escaltui import config, i18n
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.too_small import TooSmall, too_small
from escaltui.widgets.acts import Acts
from escaltui.widgets.bindings import bindings
from escaltui.widgets.field import SafeInput
from escaltui.widgets.keybar import KeyBar
from escaltui.widgets.lines import Line, MessageLine
from escaltui.widgets.themes import ALL


class Start(NamedTuple):
    """What was chosen: the settings as they are now, and whether to begin with sample cases."""

    config: config.Config
    samples: bool


class FirstRunScreen(Acts, Screen[None], inherit_bindings=False):
    """Name, languages, then `1` or `2`."""

    WHERE = ("field",)
    BINDINGS = bindings("field")
    AUTO_FOCUS = "#name"

    def compose(self) -> ComposeResult:
        with Vertical(id="form"):
            yield from self._form()
        yield MessageLine()
        yield KeyBar()
        yield TooSmall()

    def _form(self) -> Iterable[Widget]:
        rows = (
            ("heading", _("Welcome to escaltui"), "heading"),
            ("about", _("A workbench for escalations. All of it stays on this machine."), "quiet"),
            ("ask-name", _("Your name, as colleagues shall see it"), ""),
            ("name", "", ""),
            ("ask-languages", _("Languages you work in, such as en fr; none means all"), ""),
            ("languages", "", ""),
            ("choice-1", "1 " + _("try with sample cases"), ""),
            ("choice-2", "2 " + _("start empty"), ""),
        )
        for name, words, look in rows:
            if words:
                line = Line(id=name)
                line.show((own(words), look))
                yield line
            else:
                yield SafeInput(id=name)

    def on_mount(self) -> None:
        self.query_one(KeyBar).show(self.able())
        self.query_one(MessageLine).say(own(_("enter goes to the next line.")), "quiet")

    def on_resize(self) -> None:
        self.set_class(too_small(self.app.size), "-too-small")
        self.query_one(TooSmall).now(self.app.size)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "name" and not event.value.strip():
            self.query_one(MessageLine).say(own(_("Type a name first.")), "refused")
        elif event.input.id == "name":
            self.query_one("#languages").focus()
        else:
            self.set_focus(None)
            self.query_one(MessageLine).say(own(_("Press 1 or 2.")), "")

    def key_1(self) -> None:
        """With sample cases."""
        self._start(samples=True)

    def key_2(self) -> None:
        """Empty."""
        self._start(samples=False)

    def _start(self, *, samples: bool) -> None:
        name = self.query_one("#name", SafeInput).value.strip()
        typed = self.query_one("#languages", SafeInput).value.replace(",", " ").lower().split()
        if not name:
            self.query_one("#name").focus()
            return
        try:
            written = config.write_me(name, tuple(typed), self.folder)
        except config.ConfigError as error:
            self.query_one(MessageLine).say(own(str(error)), "refused")
            return
        self.app.exit(Start(written, samples))

    @property
    def folder(self) -> Path | None:
        """Where the settings go."""
        return getattr(self.app, "folder", None)

    def act_back(self, argument: str = "") -> None:
        """One field back."""
        self.query_one("#name").focus()

    def act_next_pane(self, argument: str = "") -> None:
        self.focus_next()

    def act_previous_pane(self, argument: str = "") -> None:
        self.focus_previous()

    def act_quit(self, argument: str = "") -> None:
        self.app.exit(None)


class FirstRunApp(App[Start], inherit_bindings=False):
    """Runs the one screen; `run()` gives `Start`, or None where the person left."""

    TITLE = "escaltui"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = ["frame.tcss", "first_run.tcss"]

    def __init__(self, settings: config.Config) -> None:
        super().__init__(ansi_color=True if settings.theme == "mono" else None)
        self.folder = settings.folder
        for theme in ALL:
            self.register_theme(theme)
        self.theme = settings.theme
        self.animation_level = "none"
        i18n.set_language(settings.ui.language)

    def get_default_screen(self) -> Screen[None]:
        return FirstRunScreen()


def ask_who(settings: config.Config) -> Start | None:
    """Ask on the terminal; None where the person left without an answer."""
    return FirstRunApp(settings).run(mouse=False)
