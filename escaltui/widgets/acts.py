"""How a key becomes a call: `act(id, key)` of a binding runs `act_<verb>` of the screen."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Literal

from escaltui import keys

Step = Literal["down", "up", "page_down", "page_up", "first", "last"]
"""How far the keys of moving go."""


class Acts:
    """Mixed into screens and modals. A verb works here if there is an `act_<verb>` and `can(action)` says so."""

    WHERE: tuple[str, ...] = ("field",)
    """The contexts whose keys work here, nearest first."""

    def can(self, action: keys.Action) -> bool:
        """Whether the action works just now. Screens refuse here what the state does not allow."""
        return hasattr(self, f"act_{action.verb}")

    def able(self) -> Iterable[keys.Action]:
        """What works now, in table order: what the key bar and the help show."""
        return (action for action in keys.chain(self.WHERE) if self.can(action))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual asks before it runs a binding."""
        return self.can(keys.BY_ID[str(parameters[0])]) if action == "act" else True

    async def action_act(self, action_id: str, key: str = "") -> None:
        """Run one action of the key table."""
        action = keys.BY_ID[action_id]
        await self.perform(action, key if action.verb == "pick" else "")

    async def perform(self, action: keys.Action, argument: str = "") -> None:
        """Run `act_<verb>(argument)`; menus, commands and repeating come here too."""
        done = getattr(self, f"act_{action.verb}")(argument)
        if inspect.isawaitable(done):
            await done


class Moves:
    """Mixed into what the keys of moving work in: each is one `move_by`."""

    def move_by(self, step: Step) -> None:
        """Move by a step."""
        raise NotImplementedError

    def act_down(self, argument: str = "") -> None:
        self.move_by("down")

    def act_up(self, argument: str = "") -> None:
        self.move_by("up")

    def act_page_down(self, argument: str = "") -> None:
        self.move_by("page_down")

    def act_page_up(self, argument: str = "") -> None:
        self.move_by("page_up")

    def act_first(self, argument: str = "") -> None:
        self.move_by("first")

    def act_last(self, argument: str = "") -> None:
        self.move_by("last")
