"""The verbs that mean the same in every place: next, go, policy, undo, help, commands, copy, new, back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.pausing import Pausing
from escaltui.wording import word

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.workbench import Undone, Workbench
    from escaltui.workbench.exposure import Offer


class PlaceScreen(Pausing):
    """A framed screen with the common verbs. Sub-classes: queue, case, policy."""

    def line(self) -> QueueLine | None:
        """The case that has the focus, if there is one here."""
        return None

    # --- next

    def act_next(self, argument: str = "") -> None:
        """Claim the best case of the list that the queue shows, and open it."""
        listed = self.app.listed
        self.write(lambda bench: bench.exposure.take_next(listed.query, listed.sort), self.taken)

    def taken(self, best: QueueLine | Refused | Offer | None) -> None:
        from escaltui.workbench.exposure import Offer

        if isinstance(best, Offer):
            self.offer_calmer(best)
        elif best is None:
            self.say(own(_("Nothing in {view} is free for you. 0 shows all.").format(view=self.app.listed.title)))
        elif isinstance(best, Refused):
            self.refuse(best)
        else:
            self.app.open_case(best.id, own(_("next in {view}").format(view=self.app.listed.title)))

    # --- going

    def act_policy(self, argument: str = "") -> None:
        line = self.line()
        self.app.look_up(argument, line.id if line else "")

    def act_go(self, argument: str = "") -> None:
        self.menu("go", own(_("Go")))

    def act_go_top(self, argument: str = "") -> None:
        self.move_by("first")

    def act_go_queue(self, argument: str = "") -> None:
        self.app.go_queue()

    def act_go_last_case(self, argument: str = "") -> None:
        if self.app.last_case:
            self.app.open_case(self.app.last_case)
        else:
            self.say(own(_("No case was open yet. enter opens one.")))

    def act_go_policy(self, argument: str = "") -> None:
        self.act_policy(argument)

    def act_go_outbox(self, argument: str = "") -> None:
        self.app.switch_mode("outbox")

    def act_go_incidents(self, argument: str = "") -> None:
        self.app.switch_mode("incident")

    def act_go_insight(self, argument: str = "") -> None:
        self.app.switch_mode("insight")

    def act_go_recommendations(self, argument: str = "") -> None:
        self.app.switch_mode("learning")

    def act_go_connectors(self, argument: str = "") -> None:
        self.app.switch_mode("connectors")

    def act_go_shift(self, argument: str = "") -> None:
        self.app.switch_mode("shift")

    def act_watch(self, argument: str = "") -> None:
        """`:watch`: keep a watch on what the queue lists, or on the query that is typed."""
        from escaltui.screens.sheets.watching import WatchSheet

        def kept(_made: object) -> None:
            self.wrote()

        self.app.push_screen(WatchSheet(query=argument or self.app.listed.query), kept)

    def act_report(self, argument: str = "") -> None:
        """`:report`: keep the report of the week as a file, and say where; `4` for four weeks, `md` for Markdown."""
        from escaltui.screens.reporting import asked, saved

        self.say(own(_("The report is being written.")))
        self.read(partial(saved, wanted=asked(argument)), lambda path: self.say(
            own(_("Saved, for you alone: {path}").format(path=path)), "done"), group="report")  # fmt: skip

    def act_requester(self, argument: str = "") -> None:
        """`:requester`: the page of who asks on this case, or of the one that is named."""
        from escaltui.workbench import requesters

        case = line.id if (line := self.line()) is not None else ""

        def find(bench: Workbench) -> str:
            return requesters.find(bench, argument) if argument.strip() else requesters.of_case(bench, case)

        back = partial(self.app.open_case, case) if case and self is self.app.case_screen else None
        self.read(find, partial(self.app.open_requester, back=back), group="requester", hold=True)

    def act_go_messages(self, argument: str = "") -> None:
        from escaltui.screens.messages import MessagesScreen

        self.app.push_screen(MessagesScreen(self.app.messages))

    def act_back(self, argument: str = "") -> None:
        """One step back: out of a field, off a screen, back to the queue."""
        if self.app.current_mode != "queue" and len(self.app.screen_stack) == 1:
            self.app.switch_mode("queue")
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def menu(self, name: str, title: object) -> None:
        """Open one of the letter menus; only what works now is in it."""
        from escaltui.widgets.key_menu import KeyMenu, from_actions

        actions = [action for action in keys.here(name) if self.can(action)]
        picked = from_actions(actions, self.app.settings.keys)
        self.app.push_screen(KeyMenu(own(_(name.capitalize())) if title is None else title, picked), self._picked)  # type: ignore[arg-type]

    async def _picked(self, action_id: str | None) -> None:
        if action_id:
            await self.perform(keys.BY_ID[action_id])

    # --- the server

    def act_sync(self, argument: str = "") -> None:
        """`:sync`: say how the store stands with its server, and ask for what is new."""
        from escaltui.widgets.sync import sentence

        if self.app.bench.store.remote is None:
            self.say(own(_("This desk is alone. escaltui connect URL --desk D lets it follow a server.")))
            return
        self.app.bench.poke()
        self.read(lambda bench: bench.sync_face(), lambda face: self.say(sentence(face, self.app.bench.now())))
        self.app.read_sync()

    # --- undo, help, commands

    def act_undo(self, argument: str = "") -> None:
        self.write(lambda bench: bench.undo(), self._undone)

    def _undone(self, outcome: Undone | Refused) -> None:
        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            self.say(own(_("Undone: {verb} {ref}").format(verb=word(outcome.verb), ref=outcome.ref)), "done")
            self.wrote()

    def wrote(self) -> None:
        """My own operation was accepted: show it."""

    def did(self, outcome: object, done: object, then: object = None) -> None:
        super().did(outcome, done, then)  # type: ignore[arg-type]
        if not isinstance(outcome, Refused):
            self.wrote()

    def act_help(self, argument: str = "") -> None:
        from escaltui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(tuple(self.WHERE), frozenset(action.id for action in self.able())))

    def act_commands(self, argument: str = "") -> None:
        from escaltui.screens.command import CommandBar

        self.app.push_screen(CommandBar(self._commands()), self._commanded)

    def _commands(self) -> list[keys.Action]:
        menus = [action for name in keys.MENUS for action in keys.here(name)]
        found = [action for action in (*keys.chain(self.WHERE), *menus) if self.can(action) and action.bar >= 0]
        return [keys.BY_ID["sync"], keys.BY_ID["watch"], keys.BY_ID["requester"], keys.BY_ID["report"], *found]

    async def _commanded(self, command: tuple[str, str] | None) -> None:
        if command:
            await self.perform(keys.BY_ID[command[0]], command[1])
