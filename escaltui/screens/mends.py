"""A refusal as something to act on: what mends it, by number. And the usual reasons to skip a case."""

from __future__ import annotations

from escaltui import keys, wording
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.i18n import N_, _
from escaltui.safety.text import own
from escaltui.screens.deciding import Deciding
from escaltui.screens.made import Made
from escaltui.widgets.choices import Choice, numbered

MENDS = {
    "lost_claim": ("note", "assign", "next"),
    "wrong_state": ("change.reopen", "change.unmerge", "note"),
    "recused": ("assign", "next"),
    "stale": ("changed", "note"),
    "blocked": ("change.clock", "note"),
    "needs_authority": ("note",),
    "not_allowed": ("note", "next"),
    "not_found": ("go.queue",),
}
"""Code of a refusal -> ids of the actions that may mend it, the best first. Others are mended where they were asked."""
SKIPS = (
    ("l", N_("not my language")), ("f", N_("not my field")), ("c", N_("I am too close to it")),
    ("t", N_("too distressing for me now")), ("b", N_("too long before the end of my shift")),
)  # fmt: skip
"""Usual reasons to skip a case."""


class Mends(Deciding):
    """Refusals with their mends, on screens that show a case."""

    def refuse(self, refused: Refused) -> None:
        super().refuse(refused)
        actions = [keys.BY_ID[name] for name in MENDS.get(refused.code, ()) if name in keys.BY_ID]
        choices = numbered([(own(_(action.help)), action.id) for action in actions if self.can(action)])
        if choices:
            reason, mend = wording.refusal(refused)
            title = own(_("Not done: {reason}").format(reason=reason))
            said = " ".join(part for part in (mend, self._kept(), f"({refused.code})") if part)
            self.pick(title, choices, self._picked, note=own(said))

    def _kept(self) -> str:
        made = self.app.last_made
        return _("Your text is kept as a draft.") if made is not None and made.draft else ""

    def act_skip(self, argument: str = "") -> None:
        """Skip, with a reason: a usual one by its letter, or one's own."""
        if argument:
            self._skip(argument)
            return
        usual = tuple(Choice(letter, own(_(reason)), _(reason)) for letter, reason in SKIPS)
        other = Choice("o", own(_("another reason")), "")

        def picked(reason: str | None) -> None:
            if reason:
                self._skip(reason)
            elif reason is not None:
                self.ask(self.about(_("Skip")), own(_("Why? It stands in the timeline.")), self._skip)

        self.pick(self.about(_("Skip")), (*usual, other), picked)

    def _skip(self, reason: str) -> None:
        done = own(_("Skipped for four hours. u takes it back."))
        self.apply(Made(lambda case: ops.Skip(case=case, reason=reason), done))
