"""Doing something at the place that a case comes from: shown as it would be done there, sent once by a yes to that.

What was decided waits as planned, on the case and in the outbox; what no decision asks for is said with `E`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.config_connectors import taking
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import SafeText, block, line, own
from escaltui.screens.exchanging import Exchanging
from escaltui.widgets.choices import Choice
from escaltui.widgets.passage import Block, blank

if TYPE_CHECKING:
    from escaltui.intake.ozone import Ozone
    from escaltui.work_faces import ActionFace
    from escaltui.workbench import Workbench
    from escaltui.workbench.carrying import Came, Shown

BESIDE = 12
ACTS = (
    ("a", "acknowledge", N_("acknowledge")), ("e", "escalate", N_("escalate")), ("c", "comment", N_("comment")),
    ("l", "label", N_("put a label on")), ("u", "unlabel", N_("take a label off")), ("t", "takedown", N_("take down")),
    ("r", "reverse", N_("reverse the takedown")), ("v", "resolve_appeal", N_("resolve the appeal")),
    ("g", "tag", N_("put a tag on")), ("h", "untag", N_("take a tag off")), ("m", "mute", N_("mute its reports")),
    ("n", "unmute", N_("unmute its reports")),
)  # fmt: skip
"""Letter, act, label of the menu of `E`."""
ASKED = {
    "comment": N_("What the team there reads"), "label": N_("Which label, as that place calls it"),
    "unlabel": N_("Which label, as that place calls it"), "tag": N_("Which tag"), "untag": N_("Which tag"),
    "mute": N_("For how many hours"),
}  # fmt: skip
"""What an act needs beside."""


class SendingThere(Exchanging):
    """What the keys of acting at another place do. A place that was asked stays open while the screen is there."""

    def on_unmount(self) -> None:
        """Let the places go."""
        for place in self.__dict__.pop("_places", {}).values():
            place.close()

    def can(self, action: keys.Action) -> bool:
        if action.verb == "there":
            return super().can(action) and bool(taking(self.app.bench.config.connectors))
        return super().can(action)

    def goes_there(self, face: object) -> bool:
        """Whether a deed is on an item of a place that takes deeds, and waits to be sent."""
        places = taking(self.app.bench.config.connectors)
        return getattr(face, "state", "") in ("queued", "sent") and getattr(face, "platform", "") in places

    def send_there(self, faces: Sequence[ActionFace]) -> None:
        """Show what would be done there for each deed, and how the items stand; all are sent by one yes."""
        named = [(each.id, each.platform) for each in faces]

        def look(bench: Workbench) -> list[Shown]:
            from escaltui.workbench.carrying import planned, show

            return show(bench, planned(bench, named), self._open_places())

        self._ask_first(look, _("It stays planned here."), _("Nothing of it waits any more."))

    def act_there(self, argument: str = "") -> None:
        """Do what no decision asks for; `:there label spam` names it."""
        if len(self.targets()) != 1:
            self.fail(_("One case at a time for this."))
        elif argument:
            self._act_there(argument)
        else:
            choices = tuple(Choice(letter, own(_(label)), act) for letter, act, label in ACTS)
            self.pick(self.about(_("Act there")), choices, self._picked_there)

    def _picked_there(self, act: str | None) -> None:
        if act in ASKED:
            title = next(label for _letter, name, label in ACTS if name == act)
            then = (lambda text: self._act_there("comment", text)) if act == "comment" else (
                lambda text: self._act_there(f"{act} {text}")
            )  # fmt: skip
            self.ask(self.about(_(title).capitalize()), own(_(ASKED[act])), then)
        elif act is not None:
            self._act_there(act)

    def _act_there(self, act: str, text: str = "") -> None:
        (case_id,) = self.targets()

        def look(bench: Workbench) -> list[Shown]:
            from escaltui.workbench.carrying import asked_of, show

            return show(bench, asked_of(bench, case_id, act, text), self._open_places())

        self._ask_first(look, _("Nothing was sent."), _("This case has no item of a place that can be acted at."))

    # --- the preview

    def _open_places(self) -> dict[str, Ozone]:
        found: dict[str, Ozone] = self.__dict__.setdefault("_places", {})
        return found

    def _ask_first(self, look: Callable[[Workbench], list[Shown]], stays: str, nothing: str) -> None:
        self.say(own(_("Asking how it stands there ...")))
        self.read(look, lambda found: self._ask_there(found, nothing), group="there", hold=True,
                  failed=lambda why: self.fail(f"{why} {stays}"))  # fmt: skip

    def _ask_there(self, found: list[Shown], nothing: str) -> None:
        from escaltui.screens.sheets.agree import AgreeBox

        if not found:
            self.fail(nothing)
            self.wrote()
            return
        ready = [each for each in found if not each.preview.refusal]
        label = ngettext("send it there", "send all {n} there", len(ready)).format(n=len(ready))
        if ready and len(ready) < len(found):
            label = _("send {n} of {total}").format(n=len(ready), total=len(found))
        choices = (Choice("y", own(label), "yes"),) if ready else ()
        names = ", ".join(dict.fromkeys(each.place.name for each in found))
        title = own(_("Send to {name}").format(name=names))
        self.say(own(""))
        self.app.push_screen(AgreeBox(title, list(_blocks(found)), choices), partial(self._confirmed_there, ready))

    def _confirmed_there(self, ready: list[Shown], value: str | None) -> None:
        if value == "yes":
            self.write(partial(_send, ready), self._sent_there, failed=self.fail)

    def _sent_there(self, came: Came) -> None:
        parts = [ngettext("Done there.", "{n} done there.", came.done).format(n=came.done)] if came.done else []
        parts += [_("Not done there.")] if came.refused else []
        parts += [_("Nobody knows yet.")] if came.unknown else []
        if came.left:
            kept = ngettext("{n} stays planned.", "{n} stay planned.", came.left).format(n=came.left)
            parts.append(kept if came.planned else _("Nothing was sent."))
        good = not (came.refused or came.unknown or came.left)
        self.say(line(" ".join([*parts, *came.words])), "" if good else "refused")
        self.wrote()


def _send(ready: list[Shown], bench: Workbench) -> Came:
    from escaltui.workbench.carrying import send

    return send(bench, ready)


def _blocks(found: Iterable[Shown]) -> Iterable[Block]:
    for n, each in enumerate(found):
        if n:
            yield blank()
        yield from _deed(each)


def _deed(shown: Shown) -> Iterable[Block]:
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
