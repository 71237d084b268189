"""Deeds that a place takes: shown in the outbox as they would be done there, sent once somebody says yes to that."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.safety.text import SafeText, block, line, own
from escaltui.screens.deciding import Deciding
from escaltui.widgets.choices import Choice
from escaltui.widgets.passage import Block

if TYPE_CHECKING:
    from escaltui.domain.changes import Refused
    from escaltui.intake.connector import Answer
    from escaltui.intake.ozone import Ozone
    from escaltui.work_faces import ActionFace
    from escaltui.workbench import Workbench
    from escaltui.workbench.carrying import Shown

BESIDE = 12


class SendingThere(Deciding):
    """Mixed into the outbox. A place that was asked stays open as long as the screen is there."""

    def on_unmount(self) -> None:
        """Let the places go."""
        for place in self.__dict__.pop("_places", {}).values():
            place.close()

    def goes_there(self, face: object) -> bool:
        """Whether a deed is on an item of a place that takes deeds."""
        from escaltui.workbench.carrying import takes

        return bool(takes(self.app.bench, getattr(face, "platform", "")))

    def send_there(self, face: ActionFace) -> None:
        """Show what would be done there, and how the item stands."""
        self.say(own(_("Asking how it stands there ...")))
        self.read(partial(self._look_there, face), self._ask_there, group="there", failed=self.fail)

    def _look_there(self, face: ActionFace, bench: Workbench) -> Shown | None:
        from escaltui.workbench.carrying import show

        return show(bench, face.id, face.platform, self.__dict__.setdefault("_places", dict[str, "Ozone"]()))

    def _ask_there(self, shown: Shown | None) -> None:
        from escaltui.screens.sheets.agree import AgreeBox

        if shown is None:
            self.say(own(_("Nothing of it waits any more.")))
            self.read_again()  # type: ignore[attr-defined]
            return
        choices = () if shown.preview.refusal else (Choice("y", own(_("send it")), "yes"),)
        title = own(_("Send to {name}").format(name=shown.place.name))
        self.app.push_screen(AgreeBox(title, list(_blocks(shown)), choices), partial(self._confirmed_there, shown))

    def _confirmed_there(self, shown: Shown, value: str | None) -> None:
        if value == "yes":
            self.write(partial(_send, shown), self._sent_there, failed=self.fail)

    def _sent_there(self, outcome: Answer | Refused) -> None:
        from escaltui.domain.changes import Refused

        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            said = {"done": _("Done there."), "refused": _("Not done there."), "unknown": _("Nobody knows yet.")}
            words = line(f"{said[outcome.state]} {outcome.words}")
            self.say(words, "" if outcome.state == "done" else "refused")
        self.wrote()


def _send(shown: Shown, bench: Workbench) -> Answer | Refused:
    from escaltui.workbench.carrying import carry_out

    return carry_out(bench, shown.place, shown.deed, shown.preview.seen)


def _blocks(shown: Shown) -> Iterable[Block]:
    deed, found = shown.deed, shown.preview
    rows: list[tuple[SafeText, SafeText]] = [
        (own(_("Item")), line(deed.outcome.item_id)), (own(_("Is done")), line(found.act)),
        (own(_("With")), block(deed.outcome.reason)),
    ]  # fmt: skip
    rows += [(own(_("Stands")), block(each)) for each in found.stands]
    rows += [(own(_("Refused")), block(found.refusal))] if found.refusal else []
    rows += [(own(_("There")), line(found.reference))] if found.reference else []
    for label, words in rows:
        yield Block((words,), label, BESIDE)
