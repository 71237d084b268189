"""The Textual app: places as modes, one case screen over the queue, keys in order, and a safe way down.

Only what the first paint needs is imported here; every other screen when it is first opened.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual._compositor import CompositorUpdate
from textual.app import SystemCommand
from textual.message import Message
from textual.screen import Screen

from escaltui import i18n
from escaltui.config import Config
from escaltui.crashes import DEFECT, defect_sentence
from escaltui.i18n import _
from escaltui.safety.text import line, own
from escaltui.screens.going import Going, Listed
from escaltui.widgets.gate import KeyGate, Settled
from escaltui.widgets.lines import Messages
from escaltui.widgets.shown import Changes, Shown
from escaltui.widgets.themes import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from escaltui.screens.made import Made
    from escaltui.sync_faces import SyncFace
    from escaltui.workbench import Workbench

TICK = 10.0
"""Seconds between two looks at clocks, leases and snoozes."""
TICK_CASES = 50
"""How many cases one look settles, so that it never holds the screen up; the next one goes on behind them."""
SETTLE = 0.4
"""Seconds after the first paint until what comes next is made ready, and between the tries."""
COLLECT = 0.1
"""Seconds for which changes of cases are collected before a list is read again."""
__all__ = ["DEFECT", "CasesChanged", "EscaltuiApp", "Listed", "defect_sentence"]


class CasesChanged(Message):
    """The store changed these cases."""

    def __init__(self, case_ids: frozenset[str]) -> None:
        super().__init__()
        self.case_ids = case_ids


class EscaltuiApp(Going, inherit_bindings=False):
    """The workbench on a terminal. `run()` returns; `return_code` is 70 after a defect."""

    TITLE = "escaltui"
    CSS_PATH = ["screens/frame.tcss", "screens/queue.tcss"]  # the queue's here: one reading less at the first paint
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "*"
    NOTIFICATION_TIMEOUT = 0
    SUSPENDED_SCREEN_CLASS = ""

    def __init__(self, workbench: Workbench, config: Config) -> None:
        super().__init__(ansi_color=True if config.theme == "mono" else None)
        self._disable_notifications = self._disable_tooltips = True  # what is said stands in the message line
        self.bench = workbench
        self.settings = config
        self.messages = Messages()
        self.gate = KeyGate(self)
        self.last_made: Made | None = None
        self.shown = Shown()
        self.synced: SyncFace | None = None
        """How the store stands with its server, as last read; None before that, and where it has none."""
        self.offered: int | None = None  # not read yet
        """How many things colleagues hand over to whoever sits here, as last read."""
        self._changed: set[str] = set()
        self._stop_listening: Callable[[], None] = lambda: None
        for theme in ALL:
            self.register_theme(theme)
        self.theme = config.theme
        if config.ui.ascii:
            from escaltui.widgets.ascii import Ascii

            self._filters.append(Ascii())
        self.animation_level = "none"
        self.set_keymap(config.keys)
        i18n.set_language(config.ui.language)

    # --- life

    def on_mount(self) -> None:
        self._stop_listening = self.bench.subscribe(self._heard)
        self.set_interval(TICK, self._tick)
        self.app_resume_signal.subscribe(self, lambda _app: self.redraw())
        self.guard()
        self.bench.on_seal.append(self.gone)
        self.bench.on_trip.append(self._heard_trip)
        self.bench.on_late.append(self._heard_late)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """After the first paint: what comes next is made ready a little later."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self.warn_recorded()
        self.set_timer(SETTLE, self._ready_case)
        self.warm_reader()
        self.run_worker(self._start_sync, thread=True, group="sync", exit_on_error=False)
        self.read_sync()

    def _start_sync(self) -> None:
        """In a thread: a store that follows a server is kept up with it from now on; `Workbench.close` ends that."""

        def say(sentence: str) -> None:
            self.call_later(self.warn, sentence)

        self.bench.start_sync(say)
        self.bench.start_schedule(say)

    def _load(self) -> None:
        """In a thread: what the first verbs need, and what is wrong with settings and rules."""
        import escaltui.screens.case
        import escaltui.widgets.field  # noqa: F401
        from escaltui.widgets.masked import masks_of

        masks = masks_of(self)
        masks.bind(self.bench.masks)
        if problems := (*self.bench.problems, *self.bench.protection.problems, *masks.masker.problems):
            self.call_later(self._say_problems, problems)
        self._read_offers()

    def _say_problems(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            self.warn(problem)

    def warn(self, sentence: str, look: str = "refused") -> None:
        if self.frames():
            self.frame.say(own(sentence), look)

    def _ready_case(self) -> None:
        """Read the rules and mount the case screen while nobody looks, so that the first `n` only has to fill it."""
        self.run_worker(self._load, thread=True, group="ready", exit_on_error=False)
        self.set_timer(SETTLE, self._mount_case)

    def _mount_case(self) -> None:
        if self.case_screen is not None or not self.frames():  # none: the app is closing
            return
        if len(self.screen_stack) > 1 or self.gate.shut or self.gate.waiting:
            self.set_timer(SETTLE, self._mount_case)
            return
        with self.batch_update():
            self.push_screen(self._case_screen())
            self.pop_screen()

    def _heard(self, case_ids: frozenset[str]) -> None:
        """Called by the workbench, from any thread."""
        self.post_message(CasesChanged(case_ids))

    def on_cases_changed(self, message: CasesChanged) -> None:
        if not self._changed:
            self.set_timer(COLLECT, self._tell)
        self._changed |= message.case_ids

    @property
    def telling(self) -> bool:
        """Whether changes of cases are collected that no screen has heard of yet."""
        return bool(self._changed)

    def _tell(self) -> None:
        changed, self._changed = frozenset(self._changed), set()
        if not self.frames():  # the app is closing
            return
        from escaltui.screens.frame import FrameScreen

        for screen in (each for stack in self._screen_stacks.values() for each in stack):
            if isinstance(screen, FrameScreen):
                screen.case_changed(changed)
        self.run_worker(self._look_out, thread=True, group="watch", exclusive=True, exit_on_error=False)
        self.read_sync()

    def _tick(self) -> None:
        self.run_worker(self._owed, thread=True, group="tick", exit_on_error=False)
        for screen in self.frames():
            if screen.drawn:
                screen.ticked()
        self.read_sync()

    def read_sync(self) -> None:
        """Read in a thread how the store stands with its server, then say so on every screen."""
        if self.bench.store.remote is not None and self.frames():
            self.frame.read(lambda bench: bench.sync_face(), self._synced, group="sync")

    def _synced(self, face: SyncFace) -> None:
        changed, self.synced = face != self.synced, face
        for screen in self.frames() if changed else ():
            screen.restate()

    def _owed(self) -> None:
        """In a thread: what the clock owes. A store that cannot be read just now says so when somebody uses it."""
        try:
            self.bench.tick(limit=TICK_CASES)
            self._read_offers()
        except Exception as error:
            self.call_later(self.went_wrong, error)

    def _look_out(self) -> None:
        """In a thread, after cases changed: what is watched for, and what is offered to whoever sits here."""
        try:
            self.bench.count_watches()
            self._read_offers()
        except Exception as error:
            self.call_later(self.went_wrong, error)

    def _read_offers(self) -> None:
        from escaltui.workbench.shift import unread

        self.call_later(self._offers, unread(self.bench))

    def _offers(self, count: int) -> None:
        changed, self.offered = count != self.offered, count
        for screen in self.frames() if changed else ():
            screen.restate()

    def _heard_late(self, refs: tuple[str, ...]) -> None:
        """Called by the workbench, from any thread."""
        self.call_later(self._late, refs)

    def _late(self, refs: tuple[str, ...]) -> None:
        """Updates on incidents that were promised for now."""
        self.bell()
        said = _("The update on {ref} was promised for now. g i goes there, S drafts it.")
        for ref in refs:
            self.warn(said.format(ref=ref), "near")

    def _heard_trip(self, names: tuple[str, ...]) -> None:
        """Called by the workbench, from any thread."""
        self.call_later(self._tripped, names)

    def _tripped(self, names: tuple[str, ...]) -> None:
        """Watches that tripped just now: once a crossing, heard and said."""
        self.bell()
        for name in names:
            self.warn(_("The watch {name} tripped. g s shows it.").format(name=line(name).value), "new")

    def went_wrong(self, error: Exception) -> None:
        """An exception from a thread: our own ones are sentences, any other is a defect."""
        if not type(error).__module__.startswith("escaltui."):
            raise error
        self.frame.fail(str(error))

    def leave(self) -> None:
        """Leave; drafts are already kept."""
        self._stop_listening()
        self.exit("")

    # --- keys in order

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            if self.gate.admits(event):
                await self.forward(event)
        else:
            if isinstance(event, events.Resize):
                self.shown.forget()
            await super().on_event(event)

    async def forward(self, event: events.Key | events.Paste) -> None:
        """Hand one key on, and send word behind it."""
        target = self.focused or self.screen
        await super().on_event(event)
        self.gate.follow(target)

    def on_settled(self, message: Settled) -> None:
        self.gate.settle(message.pump, message.turn)

    # --- drawing

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's way out to the terminal: only what differs goes on."""
        if isinstance(renderable, CompositorUpdate) and self._running and not (self._batch_count or self.is_headless):
            changes = Changes(renderable, self.shown, self.size.width)
            moved = self.screen.outer_size.clamp_offset(self.cursor_position) != self._previous_cursor_position
            renderable = changes if changes or moved else None
        super()._display(screen, renderable)

    def refresh_css(self, animate: bool = True) -> None:
        """Before anything is mounted new colours are noted only: the style sheets are read with them at the first
        screen, and once is enough."""
        if self.frames():
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def redraw(self) -> None:
        """Draw everything anew: something else has written on the terminal."""
        self.shown.forget()
        self.refresh(layout=True)

    # --- the way down

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None: the stock ones offer a screenshot."""
        return ()
