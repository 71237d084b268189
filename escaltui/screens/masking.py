"""`space` and `enter` on masked text, what the status line says of it, and the private ledger of what was unmasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, own
from escaltui.screens.places import PlaceScreen
from escaltui.widgets.masked import masks_of
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from escaltui.workbench import Workbench

KINDS = {"slur": N_("slur"), "threat": N_("threat"), "sexual": N_("sexual words"), "profanity": N_("swear word")}
"""What the status line calls the classes of masked words."""


class Masked(PlaceScreen):
    """Mixed into screens with passages."""

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[tuple[SafeText, ...], SafeText | None] = ((), None)
        self._kinds: tuple[str, ...] = ()
        self._unmasked: list[tuple[int, float]] = []
        """Looks in the ledger that have not ended: number, when they began."""
        self._serial = 0

    # --- the status line

    def status(self, *words: SafeText, right: SafeText | None = None) -> None:
        self._said = words, right
        super().status(*words, *self._mask_words(), right=right)

    def _mask_words(self) -> list[SafeText]:
        languages = masks_of(self.app).words
        found = [own(_("masks {languages}").format(languages=" ".join(languages)) if languages else _("no masks"))]
        if self._kinds:
            kinds = ", ".join(_(KINDS[kind]) for kind in self._kinds)
            found.append(own(_("{kinds}; space shows it").format(kinds=kinds)))
        return found

    def on_unmasking_faced(self, message: Passage.Faced) -> None:
        """Another masked passage has the focus, or none."""
        message.stop()
        if message.kinds or message.passage is self.focused or not isinstance(self.focused, Passage):
            self._kinds = message.kinds
            words, right = self._said
            self.status(*words, right=right)
            self.refresh_keys()

    @property
    def leased(self) -> bool:
        """Whether something is unmasked here just now."""
        return super().leased or any(passage.bare for passage in self.query(Passage))

    # --- keys

    def can(self, action: keys.Action) -> bool:
        if action.verb == "peek":
            return isinstance(self.focused, Passage) and self.focused.facing() is not None
        return super().can(action)

    def act_peek(self, argument: str = "") -> None:
        """Show the masked passage that has the focus for a moment; each repeat of the key renews it."""
        if isinstance(self.focused, Passage):
            settings = self.app.bench.shielding
            self.focused.peek(settings.peek, settings.peek_repeat)

    # --- what was unmasked

    def on_unmasking_unmasked(self, message: Passage.Unmasked) -> None:
        message.stop()
        if message.seconds:
            self.say(own(_("Shown for {n} s. b masks it again.").format(n=round(message.seconds))))
        line, now = self.line(), self.app.beat()
        ref, kinds, chars = line.ref if line is not None else "", message.kinds, message.chars
        self._in_ledger(
            lambda bench: bench.exposure.passage(ref, kinds, chars), lambda look: self._unmasked.append((look, now))
        )

    def on_unmasking_masked_again(self, message: Passage.MaskedAgain) -> None:
        message.stop()
        now, ended = self.app.beat(), self._unmasked
        self._unmasked = []

        def end(bench: Workbench) -> int:
            for look, began in ended:
                bench.exposure.ended(look, now - began)
            return len(ended)

        if ended:
            self._in_ledger(end, lambda _count: None)

    def _in_ledger(self, call: Callable[[Workbench], int], then: Callable[[int], object]) -> None:
        """In a thread; what is written later never stands in for it."""
        self._serial += 1
        self.read(call, then, group=f"ledger {self._serial}")
