"""The `e` menu: changes of a case, one more letter each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.domain import operations as ops
from escaltui.i18n import N_, _
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.verbs import CaseVerbs
from escaltui.widgets.choices import Choice, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from escaltui.domain.operations import Operation

DISMISSALS = (
    ("out_of_scope", N_("out of scope")), ("incomplete_notice", N_("notice incomplete")),
    ("withdrawn", N_("withdrawn")), ("spam", N_("spam")), ("duplicate", N_("duplicate")),
    ("fraudulent", N_("fraudulent")),
)  # fmt: skip
REOPENINGS = (
    ("appeal", N_("appeal")), ("new_facts", N_("new facts")), ("policy_change", N_("policy change")),
    ("error", N_("our error")),
)  # fmt: skip
ROOT_CAUSES = (
    ("none", N_("none: handled as intended")), ("enforcement_error", N_("enforcement error")),
    ("policy_gap", N_("policy gap")), ("product_bug", N_("product bug")), ("workflow_gap", N_("workflow gap")),
    ("abuse", N_("abuse")),
)  # fmt: skip


class Changing(CaseVerbs):
    """What the letters of the change menu do."""

    def act_change(self, argument: str = "") -> None:
        picked = [action for action in keys.here("change") if self.can(action)]
        choices = tuple(Choice(action.keys[0], own(_(action.label)), action.id) for action in picked)
        self.pick(self.about(_("Change")), choices, self._picked)

    def act_change_triage(self, argument: str = "") -> None:
        self.sheet("change_triage")

    def act_change_facts(self, argument: str = "") -> None:
        self.sheet("change_facts")

    def act_change_split(self, argument: str = "") -> None:
        self.sheet("change_split")

    # --- pick one

    def choose(self, title: str, rows: Iterable[tuple[str, str]], then: Callable[[str], None]) -> None:
        """Pick one of (value, label) by digit."""
        choices = numbered([(own(_(label)), value) for value, label in rows])

        def picked(value: str | None) -> None:
            if value is not None:
                then(value)

        self.pick(self.about(title), choices, picked)

    def give(self, make: Callable[[str], Operation], done: str) -> None:
        """Apply one operation."""
        self.apply(Made(make, own(done)))

    def reason(self, title: str, then: Callable[[str], None], *, empty: bool = False) -> None:
        """Ask why."""
        hint = own(_("Why? It stands in the timeline."))
        self.ask(self.about(title), hint, then, empty=empty)

    def act_change_dismiss(self, argument: str = "") -> None:
        def dismissed(why: str) -> None:
            self.give(lambda case: ops.Dismiss(case=case, reason=why), _("Dismissed: {why}.").format(why=why))

        self.choose(_("Dismiss"), DISMISSALS, dismissed)

    def act_change_reopen(self, argument: str = "") -> None:
        def reopened(why: str) -> None:
            self.give(lambda case: ops.Reopen(case=case, reason=why), _("Open again."))

        self.choose(_("Reopen"), REOPENINGS, reopened)

    def act_change_close(self, argument: str = "") -> None:
        def closed(cause: str) -> None:
            self.give(lambda case: ops.Close(case=case, root_cause=cause), _("Closed."))

        self.choose(_("Close: root cause"), ROOT_CAUSES, closed)

    def act_change_severity(self, argument: str = "") -> None:
        rules = self.app.bench.rules.severities
        rows = [(str(row.level), row.label) for row in sorted(rules.values(), key=lambda row: row.level)]
        choices = tuple(Choice(level, own(label), level) for level, label in rows)

        def picked(level: str | None) -> None:
            if level is not None:
                self._severity(int(level))

        self.pick(self.about(_("Severity")), choices, picked)

    def _severity(self, level: int) -> None:
        line = self.line()

        def with_reason(why: str) -> None:
            self.give(lambda case: ops.SetSeverity(case=case, severity=level, reason=why), f"S{level}.")

        if level == 0 or line is None or level > line.severity:
            self.reason(_("Severity"), with_reason)
        else:
            with_reason("")

    def act_change_desk(self, argument: str = "") -> None:
        def desk(name: str) -> None:
            self.reason(_("Desk"), lambda why: self.give(
                lambda case: ops.Transfer(case=case, desk=name, reason=why),
                _("Given to {desk}.").format(desk=name),
            ))  # fmt: skip

        self.choose(_("Desk"), [(row.id, row.label) for row in self.app.bench.rules.desks.values()], desk)

    # --- type one line

    def act_change_tag(self, argument: str = "") -> None:
        if argument:
            self._tag(argument)
        else:
            self.ask(self.about(_("Tag")), own(_("One or more words; -word takes it away")), self._tag)

    def _tag(self, typed: str) -> None:
        add = tuple(word for word in typed.split() if not word.startswith("-"))
        drop = tuple(word[1:] for word in typed.split() if word.startswith("-"))
        if add:
            self.give(lambda case: ops.Tag(case=case, tags=add), _("Tagged {tags}.").format(tags=" ".join(add)))
        if drop:
            done = _("Tag taken away: {tags}.").format(tags=" ".join(drop))
            self.give(lambda case: ops.Untag(case=case, tags=drop), done)

    def act_change_flag(self, argument: str = "") -> None:
        line = self.line()
        has = line.flags if line is not None and len(self.targets()) == 1 else ()
        rows = self.app.bench.rules.flags.values()
        marked = [(row.id, f"{'[x]' if row.id in has else '[ ]'} {_(row.label)}") for row in rows]

        def toggled(flag: str) -> None:
            if flag in has:
                self.reason(_("Flag"), lambda why: self.give(
                    lambda case: ops.ClearFlag(case=case, flag=flag, reason=why),
                    _("Flag taken away: {flag}.").format(flag=flag),
                ))  # fmt: skip
            else:
                self.give(lambda case: ops.AddFlag(case=case, flag=flag), _("Flagged {flag}.").format(flag=flag))

        self.choose(_("Flag"), marked, toggled)

    def act_change_merge(self, argument: str = "") -> None:
        self.sheet("change_merge")

    def act_change_unmerge(self, argument: str = "") -> None:
        self.give(lambda case: ops.Unmerge(case=case), _("A case of its own again."))

    def act_change_boost(self, argument: str = "") -> None:
        def hours_of(typed: str) -> str:
            good = typed.lstrip("+-").isdecimal() and abs(int(typed)) <= 72
            return "" if good else _("Whole hours from -72 to 72.")

        def boost(typed: str) -> None:
            hours = int(typed)
            self.reason(_("Boost"), lambda why: self.give(
                lambda case: ops.SetBoost(case=case, hours=hours, reason=why), _("Moved by {n} h.").format(n=hours)
            ))  # fmt: skip

        self.ask(self.about(_("Boost")), own(_("Hours, such as 4 or -12; at most 72")), boost, check=hours_of)

    def act_change_recuse(self, argument: str = "") -> None:
        me = self.app.bench.me

        def recuse(why: str) -> None:
            done = _("You will not be offered it.")
            self.give(lambda case: ops.Recuse(case=case, person=me, reason=why), done)

        self.reason(_("Recuse yourself"), recuse)
