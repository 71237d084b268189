"""What becomes of an insight, by the keys of the pages that show some: dismissed, linked, open again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused, refused
from escaltui.domain.sentences import words
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.screens.verbs import CaseVerbs
from escaltui.widgets.choices import Choice, numbered

if TYPE_CHECKING:
    from escaltui.learning_faces import KeptFace
    from escaltui.workbench import Workbench

    Keep = Callable[[Workbench], str | Refused]
    """Gives the id of the insight, which is kept first where it is none yet."""


class InsightVerbs(CaseVerbs):
    """Mixed into a page with insights. Each verb is given how to come by the insight."""

    def keep_insight(self, keep: Keep) -> None:
        """Keep it, with its cases."""

        def call(bench: Workbench) -> object:
            key = keep(bench)
            return key if isinstance(key, Refused) else None

        said = own(_("Kept, with its cases: g r lists what is kept."))
        self.write(call, partial(self.did, done=said))

    def dismiss_insight(self, keep: Keep) -> None:
        """It leads to nothing, and why."""
        from escaltui.workbench import learning_doing

        def said(why: str) -> None:
            self._insight(keep, lambda bench, key: learning_doing.dismiss(bench, key, why), own(_("Dismissed.")))

        if "lead" not in self.app.bench.roles:  # said before it is kept, and before anything is typed
            self.refuse(refused("not_allowed", "{what} needs a lead.", "Ask a lead of your desk.",
                                what=words("Settling an insight")))  # fmt: skip
            return
        self.ask(own(_("Dismiss the insight")), own(_("Why does it lead to nothing?")), said)

    def open_insight(self, keep: Keep) -> None:
        """It is open again."""
        from escaltui.workbench import learning_doing

        self._insight(keep, lambda bench, key: learning_doing.reopen(bench, key), own(_("Open again.")))

    def link_insight(self, keep: Keep) -> None:
        """It led to something that is proposed already."""
        from escaltui.workbench import learning

        self.read(learning.alive, partial(self._link_to, keep), group="link", hold=True)

    def _link_to(self, keep: Keep, found: tuple[tuple[SafeText, str], ...]) -> None:
        if not found:
            self.say(own(_("Nothing is proposed yet. N proposes something.")), "refused")
            return

        def picked(key: str | None) -> None:
            if key:
                self.link_both(keep, key)

        self.pick(own(_("It led to")), numbered(found), picked)

    def link_both(self, keep: Keep, recommendation: str) -> None:
        """Link an insight to a recommendation."""
        from escaltui.workbench import learning_doing

        self._insight(keep, lambda bench, key: learning_doing.link(bench, key, recommendation), own(_("Linked.")))

    def _insight(self, keep: Keep, act: Callable[[Workbench, str], object], done: SafeText) -> None:
        def call(bench: Workbench) -> object:
            key = keep(bench)
            return key if isinstance(key, Refused) else act(bench, key)

        self.write(call, partial(self.did, done=done))


def offered(known: KeptFace | None, *, lead: bool) -> tuple[Choice, ...]:
    """What can be done with a line of the table, by what it is kept as."""
    may = known.may if known is not None else frozenset({"link", *(("dismiss",) if lead else ())})
    found = (
        ("k", _("keep it as an insight"), "keep", known is None),
        ("n", _("recommend something"), "recommend", True),
        ("l", _("link it to a recommendation"), "link", "link" in may),
        ("d", _("it leads to nothing"), "dismiss", "dismiss" in may),
        ("o", _("open it again"), "open", "open" in may),
        ("g", _("go to what it led to"), "goto", known is not None and bool(known.recommendation)),
    )
    return tuple(Choice(key, own(label), value) for key, label, value, fits in found if fits)
