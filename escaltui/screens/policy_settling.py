"""What meaning adds to a policy screen: the order of the hits settles, and what that needs is prepared beside."""

from __future__ import annotations

from functools import partial

from escaltui.faces import Hit, QueueLine, SectionFace
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.masking import Masked
from escaltui.widgets.hits import Hits

TOP = 5
ALL = 100
MENTION_AFTER = 1.5
"""Seconds without a key after which a look-up that found nothing is told of what else there is."""
LOOK_AGAIN = 3.0
"""Seconds between two looks at how far the preparing of look-up by meaning is."""


class Settling(Masked):
    """A screen whose look-up answers by full text at once, and is settled by meaning where a model is chosen.

    A stale answer never takes the place of a newer one, and the row under the cursor stays where it is.
    """

    case: QueueLine | None
    section: SectionFace | None

    def __init__(self) -> None:
        super().__init__()
        self._asked = 0
        """The number of the last question; an answer to another one is not wanted any more."""
        self._searching = 0
        """The number of the question that is still unanswered, 0 for none."""
        self._typed = ""
        self._by_hand = False
        """Whether the person typed the question; what a case's title found teaches nothing."""
        self._learnt = ("", "")
        """The question and the section of the hit that was opened last."""
        self._meant = False
        """Whether a model is chosen, so that meaning settles what full text found."""
        self._told = ""
        """What was last said to be in meaning's way."""
        self._preparing = 0
        """How many in a hundred texts meaning knows, while that is being prepared; 0 when it is not."""

    def _show_place(self) -> None:
        """Say where one is."""
        raise NotImplementedError

    def _open_pending(self) -> None:
        """Open the hit that was picked before there was one."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """See to what look-up by meaning needs, and how far that is; again while it is being made."""
        self.read(lambda bench: bench.meaning_prepared(), self._prepared, group="meaning", failed=self._hindered)

    def _prepared(self, share: int | None) -> None:
        self._meant = share is not None
        preparing = share if share is not None and share < ALL else 0
        if preparing != self._preparing:
            self._preparing = preparing
            self._show_place()
        if preparing:
            self.set_timer(LOOK_AGAIN, self._prepare)

    def _hindered(self, sentence: str) -> None:
        """Say what is in meaning's way, until a section was opened: full text goes on."""
        if sentence != self._told or self.section is None:
            self._told = sentence
            self.fail(sentence)

    def _settle(self, asked: int) -> None:
        typed, case_id = self._typed, self.case.id if self.case else ""
        self.read(
            lambda bench: bench.policy_search(
                typed, limit=TOP, typing=True, case_id=case_id, stopped=lambda: asked != self._asked, settle=True
            ),
            partial(self._settled, asked), group="settle", failed=partial(self._not_settled, asked),
        )  # fmt: skip

    def _settled(self, asked: int, hits: list[Hit]) -> None:
        if asked == self._asked:
            self.query_one(Hits).settle(hits, own("") if hits else nothing_found())
            self._go_on(asked)

    def _not_settled(self, asked: int, sentence: str) -> None:
        """Meaning cannot be had: full text's order stands."""
        if asked != self._asked:
            return
        hits = self.query_one(Hits)
        if hits.hits:
            hits.settled()
        else:
            hits.show((), nothing_found())
        self._hindered(sentence)
        self._go_on(asked)

    def _nothing(self) -> SafeText:
        """What is true where words find nothing; once the person stops typing, the first time, that a model adds."""
        asked = self._asked
        self.set_timer(MENTION_AFTER, lambda: self._mention(asked))
        return nothing_found()

    def _mention(self, asked: int) -> None:
        if asked == self._asked and self.is_current:
            said = own(_("Look-up is by words alone here. escaltui policy model use PATH adds meaning."))
            self.read(lambda bench: bench.meaning.mentioned(), lambda first: self.say(said) if first else None,
                      group="mention", failed=lambda _why: None)  # fmt: skip

    def _learn(self, section: str, cited: bool = False) -> None:
        """Keep that a hit was opened after what was typed, or cited once it was: silently, and nothing waits for it."""
        mark = (self._typed, section)
        if not self._by_hand or (mark == self._learnt) is not cited:
            return
        self._learnt = mark
        case_id = self.case.id if self.case else ""
        self.read(
            lambda bench: bench.picking.pick(*mark, case_id, cited=cited), lambda kept: None,
            group="picks", failed=lambda _why: None,
        )  # fmt: skip

    def _go_on(self, asked: int) -> None:
        if asked == self._searching:
            self._searching = 0
            self._open_pending()


def nothing_found() -> SafeText:
    """The sentence for a look-up without an answer."""
    return own(_("Nothing found. Fewer or other words, or browse below with tab."))
