"""How a screen talks to the work: calls in threads, what comes back of them, and one row in which it is said.

* **Reading**: `self.read(call, then, group="read")`. `call(workbench)` runs in a thread; `then(value)` runs here,
  unless a newer read of the same group has begun, or the sheet that `then` is a method of was closed. Sentences of our
  own exceptions land in the message line (`failed=` takes them instead); anything else is a defect and ends the program
  safely.
* **Writing**: `self.do(operation)` or `self.write(call, then)`. Never dropped, one after another as typed. A `Refused`
  is shown with its mend; after `Done` the frame says `done` and calls `then`. Keys typed meanwhile wait (`app.gate`).
* **Saying**: `self.say(own(_("Noted.")))`, `self.refuse(refused)`, `self.fail(sentence)`: one row, the last 200 kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from textual.message import Message
from textual.widget import Widget

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.widgets.lines import MessageLine

if TYPE_CHECKING:
    from textual.screen import Screen

    from escaltui.app import EscaltuiApp
    from escaltui.domain.operations import Operation
    from escaltui.workbench import Workbench

    Base = Screen[None]
else:
    Base = object  # at run time a plain class: Textual works nothing out for it

T = TypeVar("T")


class Answer(Message):
    """What came back from a thread: a value, or the exception."""

    def __init__(
        self, group: str, generation: int, then: Callable[[Any], object], value: object, error: Exception | None,
        failed: Callable[[str], object] | None, held: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self.group, self.generation, self.then = group, generation, then
        self.value, self.error, self.failed, self.held = value, error, failed, held


class Working(Base):
    """Mixed into the frame of a screen."""

    if TYPE_CHECKING:

        @property
        def app(self) -> EscaltuiApp:  # type: ignore[override]
            """The app this belongs to."""

        def refresh_keys(self) -> None:
            """Draw the key bar anew."""

    def __init__(self) -> None:
        super().__init__()
        self._generations: dict[str, int] = {}
        self._held: Counter[str] = Counter()
        """Reads under way by their group, for which keys wait."""

    # --- saying

    def say(self, text: SafeText, look: str = "") -> None:
        """One sentence in the message line; the last 200 are kept."""
        self.app.messages.add(self.query_one(MessageLine).say(text, look))

    def refuse(self, refused: Refused) -> None:
        """Say why something was not done, and what mends it."""
        reason, mend = wording.refusal(refused)
        self.say(own(_("Not done: {reason}").format(reason=reason) + (f" {mend}" if mend else "")), "refused")

    def fail(self, sentence: str) -> None:
        """Say what went wrong, in the words of our own exception."""
        self.say(own(sentence), "refused")

    # --- calling the work

    def read(
        self, call: Callable[[Workbench], T], then: Callable[[T], object], *, group: str = "read",
        failed: Callable[[str], object] | None = None, hold: bool = False,
    ) -> None:  # fmt: skip
        """`call` in a thread, then `then` here; dropped where a newer read of the group has begun.

        Keys typed meanwhile wait where `hold` is set, and where keys wait for one that this one takes the place of.
        """
        generation = self._generations[group] = self._generations.get(group, 0) + 1
        hold = hold or self._held[group] > 0
        self._thread(call, then, group, generation, failed, hold)

    def write(
        self, call: Callable[[Workbench], T], then: Callable[[T], object], *,
        failed: Callable[[str], object] | None = None,
    ) -> None:  # fmt: skip
        """`call` in a thread, then `then` here; never dropped. Keys typed meanwhile wait."""
        self._thread(call, then, "do", 0, failed, True)

    def do(self, op: Operation, done: SafeText, then: Callable[[], object] | None = None) -> None:
        """One operation: say `done` and go on, or say why not."""
        self.write(lambda bench: bench.do(op), partial(self.did, done=done, then=then))

    def did(self, outcome: object, done: SafeText, then: Callable[[], object] | None = None) -> None:
        """Say how an operation went."""
        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            self.say(done)
            if then:
                then()

    def _thread(
        self, call: Callable[[Workbench], T], then: Callable[[T], object], group: str, generation: int,
        failed: Callable[[str], object] | None, hold: bool,
    ) -> None:  # fmt: skip
        if hold:
            self._held[group] += 1
            self.app.gate.hold()

        def work() -> None:
            value, error = None, None
            try:
                value = call(self.app.bench)
            except Exception as caught:
                error = caught
            if not self.post_message(Answer(group, generation, then, value, error, failed, hold)) and hold:
                self.app.call_later(self.app.gate.release)

        self.run_worker(work, thread=True, group=group, exclusive=False, exit_on_error=False)

    async def on_answer(self, answer: Answer) -> None:
        answer.stop()
        try:
            newest = answer.generation == self._generations.get(answer.group, 0)
            if not answer.generation or (newest and not _gone(answer.then)):
                self._answered(answer)
        finally:
            if answer.held:
                self._held[answer.group] -= 1
                self.app.gate.release()
        self.refresh_keys()

    def _answered(self, answer: Answer) -> None:
        if answer.error is None:
            answer.then(answer.value)
        elif type(answer.error).__module__.startswith("escaltui."):
            (answer.failed or self.fail)(wording.fault(answer.error))
        else:
            raise answer.error


def _gone(then: Callable[[Any], object]) -> bool:
    """Whether what asked was closed meanwhile: a sheet over this screen, whose widgets go before it does."""
    asked = getattr(getattr(then, "func", then), "__self__", None)
    return isinstance(asked, Widget) and (asked._pruning or not asked.is_attached)
