"""What sheets share: an operation done from the sheet itself, so that nothing typed is lost before it is accepted.

A sheet is opened for one case or the marked set. `ctrl+s` does it for one case; for several it first says what would
change, and the second `ctrl+s` does it. A refusal stays in the sheet with its mend. What is typed is kept as a draft
each second, offered again when the sheet is opened next.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.widget import Widget
from textual.widgets import Static, TextArea

from escaltui import drafting, when, wording
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, block, own
from escaltui.screens.made import Made, set_words, why_words
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.form import StepsOnEnter
from escaltui.widgets.modal import Modal
from escaltui.widgets.say import content

if TYPE_CHECKING:
    from pathlib import Path

    from escaltui.faces import BulkPreview, QueueLine
    from escaltui.screens.frame import FrameScreen
    from escaltui.workbench import Workbench

DRAFT_EVERY = 1.0
"""Seconds between two looks at whether what is typed must be kept."""


class Sheet(StepsOnEnter, Modal[Made]):
    """A sheet over a case list or case. Sub-classes fill `fields`, `made`, and `text`/`restore` where text is typed."""

    DEFAULT_CSS = """
    Sheet SafeInput { background: $background; width: 1fr; }
    Sheet SafeTextArea { background: $background; height: 8; }
    Sheet #said { min-height: 1; max-height: 3; }
    """
    DRAFT = ""
    """What drafts of this sheet are called; "" keeps none."""

    def __init__(self, title: str, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        count = len(case_ids)
        about = line.ref if line is not None and count == 1 else ""
        about = about or (ngettext("{n} case", "{n} cases", count).format(n=count) if count else "")
        super().__init__(own(f"{title} {about}".strip()))
        self.line, self.case_ids = line, case_ids
        self._kept = ""
        self._reviewed: tuple[object, ...] | None = None
        self._busy = False
        self._drafting = Lock()
        self._accepted = False
        """What is typed was accepted: a thread that still keeps a draft of it must not."""

    # --- what sub-classes fill

    def fields(self) -> Iterable[Widget]:
        """The widgets of the sheet."""
        return ()

    def made(self) -> Made | str:
        """What is to be done, or a sentence that says what is missing."""
        raise NotImplementedError

    def text(self) -> str:
        """What is typed, as the draft keeps it."""
        return ""

    def restore(self, text: str) -> None:
        """Fill in a draft."""

    # --- the box

    def body(self) -> Iterable[Widget]:
        yield from self.fields()
        yield Static(id="said")

    @property
    def frame(self) -> FrameScreen:
        """The screen under the sheet: it reads and writes."""
        return self.app.frame

    def say(self, text: SafeText, look: str = "") -> None:
        """One sentence in the sheet."""
        self.query_one("#said", Static).update(content((text, look), theme=self.app.theme))

    def fail(self, sentence: str) -> None:
        """Something went wrong; what is typed stays."""
        self._busy = False
        self.say(own(sentence), "refused")

    def on_mount(self) -> None:
        self._kept = self.text()
        if self.DRAFT:
            key, folder = self.draft_key, self.drafts
            self.set_interval(DRAFT_EVERY, self._keep)
            self.frame.read(
                lambda bench: drafting.leftover(folder, key) or bench.draft(key), self._offer, group="draft", hold=True,
                failed=self.fail,
            )  # fmt: skip

    # --- drafts

    @property
    def draft_key(self) -> str:
        """One draft for each case and sheet."""
        return f"{self.DRAFT} {self.case_ids[0] if len(self.case_ids) == 1 else 'marked'}"

    @property
    def drafts(self) -> Path:
        """The folder of texts that an editor has open."""
        return self.app.bench.store.folder / "drafts"

    def _offer(self, found: str | None) -> None:
        if found and found != self.text():
            self.restore(found)
            self._kept = self.text()
            self.say(own(_("Your draft is back.")))

    def _keep(self) -> None:
        """Keep what was typed since the last look."""
        text = self.text()
        if text != self._kept and not self._busy:
            self._kept = text
            self.frame.read(
                lambda bench: self._keep_draft(bench, text), self._draft_kept, group="draft", failed=self._not_kept
            )

    def _keep_draft(self, bench: Workbench, text: str) -> int:
        """In the thread: keep it, or drop it where nothing is typed any more; when that was."""
        with self._drafting:
            if text.strip() and not self._accepted:
                bench.save_draft(self.draft_key, text, self.case_ids[0] if len(self.case_ids) == 1 else "")
            else:
                bench.drop_draft(self.draft_key)
        return bench.now()

    def _draft_kept(self, at: int) -> None:
        for box in self.query("#box"):  # none: the sheet is being closed
            box.border_subtitle = content(own(_("draft kept {time}").format(time=when.local(at).strftime("%H:%M:%S"))))

    def _not_kept(self, sentence: str) -> None:
        self._kept = ""
        self.fail(sentence)

    def act_back(self, argument: str = "") -> None:
        self._keep()
        if self.DRAFT and self.text().strip():
            self.frame.say(own(_("Kept as a draft.")))
        self.dismiss(None)

    def act_quit(self, argument: str = "") -> None:
        """Leave once the draft is kept."""
        self._keep()
        self.frame.write(lambda bench: None, lambda _nothing: self.app.leave())

    # --- doing it

    def act_submit(self, argument: str = "") -> None:
        """Do it, or say what would change first."""
        if self._busy:
            return
        made = self.made()
        if isinstance(made, str):
            self.say(own(made), "refused")
        elif len(self.case_ids) <= 1:
            self._write(made)
        elif self._reviewed == self._state():
            self._write_marked(made)
        else:
            self._review(made)

    def _state(self) -> tuple[object, ...]:
        """What is filled in: a review holds for that only."""
        return (self.text(),)

    def _write(self, made: Made) -> None:
        self._busy = True
        case_id = self.case_ids[0] if self.case_ids else ""

        def call(bench: Workbench) -> object:
            outcome = bench.do(made.make(case_id))
            return outcome if isinstance(outcome, Refused) else self.accepted(bench, outcome)

        self.frame.write(call, lambda outcome: self._settled(outcome, made), failed=self.fail)

    def accepted(self, bench: Workbench, outcome: object) -> object:
        """In the thread, right after it was accepted: the draft has done its work."""
        if self.DRAFT:
            with self._drafting:
                self._accepted = True
                bench.drop_draft(self.draft_key)
            drafting.forget(self.drafts, self.draft_key)
        return outcome

    def _settled(self, outcome: object, made: Made) -> None:
        self._busy = False
        if isinstance(outcome, Refused):
            reason, mend = wording.refusal(outcome)
            self.fail(_("Not done: {reason}").format(reason=reason) + (f" {mend}" if mend else ""))
            return
        frame = self.frame
        self.app.last_made = made
        self.dismiss(None)
        frame.did(outcome, self.done(outcome, made))

    def done(self, outcome: object, made: Made) -> SafeText:
        """What is said of it once it is accepted."""
        return made.done

    def _review(self, made: Made) -> None:
        self._reviewed, ids = self._state(), self.case_ids
        self.frame.read(
            lambda bench: bench.do_marked(made.make, ids, dry_run=True),
            lambda found: self.say(own(review_words(found))),
            group="preview", hold=True, failed=self.fail,
        )  # fmt: skip

    def _write_marked(self, made: Made) -> None:
        self._busy, ids = True, self.case_ids

        def call(bench: Workbench) -> BulkPreview:
            found = bench.do_marked(made.make, ids)
            self.accepted(bench, found)
            return found

        def settled(found: BulkPreview) -> None:
            frame = self.frame
            self.app.last_made = made
            self.dismiss(None)
            frame._marked_done(found)  # type: ignore[attr-defined]

        self.frame.write(call, settled, failed=self.fail)

    # --- $EDITOR

    def act_editor(self, argument: str = "") -> None:
        """Write the long text in an editor of one's own."""
        area = self.query_one(SafeTextArea)
        if self.app.bench.store.encrypted:
            self.fail(_("Your editor writes plain files; write here instead."))
            return
        try:
            with self.app.suspend():
                found = drafting.edit(self.drafts, f"{self.draft_key} open", area.text)
        except drafting.EditorError as error:
            self.fail(str(error))
        except SuspendNotSupported:
            self.fail(_("An editor cannot be opened in this terminal. Write here."))
        else:
            area.load(block(found))
            area.focus()
            self._keep()

    def can(self, action: object) -> bool:
        wants_area = getattr(action, "verb", "") == "editor"
        return super().can(action) and (not wants_area or bool(self.query(TextArea)))  # type: ignore[arg-type]


def review_words(found: BulkPreview) -> str:
    """What `ctrl+s` will do to the marked set, and why not to all of it."""
    does = [_("ctrl+s does it.")] if found.will_change else []
    return " ".join(part for part in (set_words(found), *does, why_words(found)) if part)
