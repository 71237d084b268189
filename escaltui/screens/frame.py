"""The frame of every place: place line, body, message line, status line, key bar.

How to build a screen on it::

    class PolicyScreen(FrameScreen):
        CONTEXT = "policy"                       # whose keys work here (keys.py)
        BINDINGS = bindings("policy")            # widgets.bindings; "anywhere" and "field" are inherited
        CSS_PATH = "policy.tcss"

        def compose_body(self): yield Outline()  # any widgets; the frame draws the lines around them
        def opened(self): ...                    # once, when the body is there

        def act_newer(self, argument=""):        # `]`: the method is act_<verb>; without it the key is not shown
            self.read(lambda bench: bench.policy_section(id, version), self.show_section)

        def can(self, action):                   # refuse what the state does not allow: key bar, help, binding obey
            return super().can(action) and (action.verb != "newer" or self.has_newer)

* **Reading, writing, saying**: `self.read(call, then)`, `self.do(operation)`, `self.say(own(_("Noted.")))`: working.py.
* **Lines**: `self.place(own("Queue"), right=own(...))`, `self.status(...)`; `self.refresh_keys()` after what
  works changed (focus changes and finished actions do it by themselves).
* **Asking**: `await self.app.push_screen(Ask(...), callback)`, `KeyMenu`, `Confirm` (widgets/ask.py, key_menu.py);
  sheets derive from `widgets.modal.Modal[Result]` (body(), act_submit, act_back), with `SafeInput`, `SafeTextArea`.
* **Cases**: `case_changed(ids)` is called when the store changed; `targets()` names the cases that a verb acts on;
  `self.app.open_case(case_id, place)` reads the case, calls `CaseScreen.show_case(face, place)` and shows the screen;
  `self.app.look_up(query, case_id)` opens the policies: `PolicyScreen.look_up(query, case_id)`.
* **Verbs on cases**: screens/verbs.py (`CaseVerbs`, for queue and case); sheets and what they give back: there.
* **Moving**: arrows, j k, home, end, pages call `move(step)` of the focused widget (`Movable`), else scroll it.
  A list or scroller must not bind them itself: `class Timeline(ScrollView, can_focus=True, inherit_bindings=False)`.
* **Drawing**: `widgets.say.content((safe_text, look), ...)` for Static, `strip([...], width, base, theme)` for Line-API
  widgets; looks are names in theme.py. tcss colours: $background $surface $cursor $text-plain $quiet $accent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar, cast, runtime_checkable

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from escaltui import keys
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens.too_small import TooSmall, too_small
from escaltui.screens.working import Working
from escaltui.widgets.acts import Acts, Moves, Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.keybar import KeyBar
from escaltui.widgets.lines import MessageLine, PlaceLine, StatusLine
from escaltui.widgets.painter import Painter

T = TypeVar("T")
WIDE = 100
"""Columns from which a window has room for more than what matters most."""


@runtime_checkable
class Movable(Protocol):
    """A widget that moves its own cursor."""

    def move(self, step: Step) -> None:
        """Move the cursor by one step."""


class FrameScreen(Working, Moves, Acts, Screen[None], inherit_bindings=False):
    """A place, or a screen over it, in the common frame. See the module's text for how to build on it."""

    CONTEXT = "anywhere"
    BINDINGS = bindings("anywhere", "field")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (150, "-roomy")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painter()
        self._css_update_count = super().app._css_update_count  # the style sheet is up to date: do not read it again
        self._asked_keys = self._in_haste = False
        self._stands: tuple[tuple[SafeText, ...], SafeText | None] = ((), None)
        """What the status line says beside how the store stands with its server."""
        self.WHERE = tuple(dict.fromkeys((self.CONTEXT, "anywhere", "field")))
        self.resumed = False
        """Whether it was shown before."""
        size = super().app.size
        for dimension, breakpoints in (
            (size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS),
        ):  # fmt: skip
            self.add_class(*self._get_breakpoint_classes(dimension, breakpoints), update=False)

    def __init_subclass__(cls, **options: bool) -> None:
        """What Textual works out for a class of widgets is left out where a class fills no body: it only adds verbs to
        screens, which have what is worked out for them. Nine such classes are there before the first paint."""
        if options or "compose_body" in cls.__dict__:
            super().__init_subclass__(**options)
        else:
            cls._inherit_bindings = True  # its own: `FrameScreen`'s says that Textual's keys end there

    # --- what sub-classes fill

    def compose_body(self) -> Iterable[Widget]:
        """The widgets of the body."""
        return ()

    def opened(self) -> None:
        """Called once, when the body is there."""

    def case_changed(self, case_ids: frozenset[str]) -> None:
        """These cases changed in the store."""

    @property
    def drawn(self) -> bool:
        """Whether its lines are there: not yet while it opens, not any more while it closes."""
        return self.is_mounted and bool(self.query(PlaceLine)) and bool(self.query(StatusLine))

    def ticked(self) -> None:
        """Ten seconds went by: draw clocks again."""

    def targets(self) -> tuple[str, ...]:
        """The ids of the cases that a verb acts on."""
        return ()

    # --- the frame

    def compose(self) -> ComposeResult:
        yield PlaceLine()
        with Container(id="body"):
            yield from self.compose_body()
        yield MessageLine()
        yield StatusLine()
        yield KeyBar()

    def on_mount(self) -> None:
        if not self.query_one("#body").children:  # the app is closing: the rest is never composed
            return
        self.query_one(KeyBar).own_keys = self.app.settings.keys
        self.opened()
        self.refresh_keys()

    def on_resize(self, event: events.Resize) -> None:
        small = too_small(event.size)
        self.set_class(small, "-too-small")
        if small and not self.query(TooSmall):
            self.mount(TooSmall())
        for sentence in self.query(TooSmall):
            sentence.now(event.size)

    def in_haste(self) -> None:
        """What is about to fill the screen is painted as soon as its widgets have told their sizes: Textual's next turn
        may be 30 ms away."""
        self._in_haste = True

    def on_layout(self) -> None:
        if self._in_haste:  # once: the widgets that tell theirs tell it together
            self._in_haste = False
            self.call_later(self._paint)

    def _paint(self) -> None:
        if self._layout_required:
            self._on_timer_update()

    def _compositor_refresh(self) -> None:
        """While the app collects updates Textual would draw the whole screen and throw it away."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def on_descendant_focus(self) -> None:
        self.refresh_keys()

    def on_descendant_blur(self) -> None:
        self.refresh_keys()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        event.refresh_styles = self.resumed  # at first each widget has just been styled as it was mounted
        if self.resumed:
            self.restate()  # it may have changed while another place was open
        self.resumed = True
        self.call_later(self.refresh_keys)

    @property
    def typing(self) -> bool:
        """Whether a text field has the focus."""
        focused = self.focused
        return focused is not None and focused.check_consume_key("a", "a")

    def able(self) -> Iterable[keys.Action]:
        typing = self.typing  # asked once: there are some fifty actions
        return (action for action in super().able() if action.in_field or action.fixed or not typing)

    def refresh_keys(self) -> None:
        """Draw the key bar anew with the next paint: asked for several times before it, as by each key, once."""
        if not self._asked_keys:
            self._asked_keys = self.call_later(self._show_keys)

    def _show_keys(self) -> None:
        self._asked_keys = False
        if self.is_mounted:
            self.query_one(KeyBar).show(self.bar_actions())

    def bar_actions(self) -> Iterable[keys.Action]:
        """What the key bar shows: all that works now."""
        return self.able()

    def place(self, *names: SafeText, right: SafeText | None = None) -> None:
        """`escaltui / names`, and what holds for the whole place."""
        parts = [part for name in names for part in ((own(" / "), "quiet"), (name, "heading"))]
        self.query_one(PlaceLine).show((own("escaltui"), "quiet"), *parts, right=((right, "quiet"),) if right else ())

    def status(self, *words: SafeText, right: SafeText | None = None) -> None:
        """How the store stands with its server, then these words, between bars; the time at the right."""
        self._stands = words, right
        parts: list[tuple[SafeText, str]] = list(self._sync_words())
        if self.app.offered:
            said = ngettext("{n} offered to you", "{n} offered to you", self.app.offered)
            parts += [(own(" │ "), "quiet"), (own(said.format(n=self.app.offered)), "new")]
        for word in words:
            parts += [(own(" │ "), "quiet")] if parts else []
            parts.append((word, "quiet"))
        self.query_one(StatusLine).show(*parts, right=((right, "quiet"),) if right else ())

    def _sync_words(self) -> Iterable[tuple[SafeText, str]]:
        if self.app.bench.store.remote is None:
            return ((own(_("local")), "quiet"),)
        if self.app.synced is None:  # the first paint waits for no reading
            return ()
        from escaltui.widgets.sync import status_parts

        bench = self.app.bench
        plain = not getattr(bench.store, "encrypted", False)
        return status_parts(self.app.synced, bench.now(), wide=self.size.width >= WIDE, plain=plain)

    def restate(self) -> None:
        """How the store stands with its server has changed: draw the status line again."""
        if self.drawn:
            words, right = self._stands
            FrameScreen.status(self, *words, right=right)

    # --- what works everywhere

    async def perform(self, action: keys.Action, argument: str = "") -> None:
        await super().perform(action, argument)
        self.refresh_keys()

    def move_by(self, step: Step) -> None:
        focused = self.focused
        if hasattr(focused, "move"):  # `Movable`: to ask a protocol takes longer than to move
            cast("Movable", focused).move(step)
        elif focused is not None:
            _SCROLL[step](focused)

    def act_next_pane(self, argument: str = "") -> None:
        self.focus_next()

    def act_previous_pane(self, argument: str = "") -> None:
        self.focus_previous()

    def act_shield(self, argument: str = "") -> None:
        """Everything that is revealed, anywhere, is covered at once."""
        self.app.reshield()
        self.say(own(_("Shielded and masked.")))

    def act_redraw(self, argument: str = "") -> None:
        self.app.redraw()

    def act_quit(self, argument: str = "") -> None:
        self.app.leave()


_SCROLL: dict[Step, Callable[[Widget], None]] = {
    "down": lambda widget: widget.scroll_down(animate=False),
    "up": lambda widget: widget.scroll_up(animate=False),
    "page_down": lambda widget: widget.scroll_page_down(animate=False),
    "page_up": lambda widget: widget.scroll_page_up(animate=False),
    "first": lambda widget: widget.scroll_home(animate=False),
    "last": lambda widget: widget.scroll_end(animate=False),
}
