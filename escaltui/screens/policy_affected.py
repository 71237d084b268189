"""The cases that rest on words which changed, and what to do with them: mark them, have each checked again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import own
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.passage import Block, blank

if TYPE_CHECKING:
    from escaltui.faces import BulkPreview
    from escaltui.reading_faces import Affected, AffectedCase
    from escaltui.screens.frame import FrameScreen

SHOWN = 200
"""Cases that the box lists at most; marking and tasks take all."""
MARK, TASK = "mark", "task"
BY = {"pin": N_("cited"), "proposal": N_("proposed"), "draft": N_("draft"), "decision": N_("decided")}


def open_affected(screen: FrameScreen, section: str, version: str) -> None:
    """Read them in a thread, then show them; enter on a line does what it says."""

    def found(rests: Affected) -> None:
        said = _("{open} open and {decided} decided cases rest on changed text")
        title = said.format(open=len(rests.open), decided=len(rests.decided))
        screen.app.push_screen(Reading(own(title), blocks(rests)), partial(_picked, screen, section, rests))

    screen.read(lambda bench: bench.policy_affected(section, version), found, group="affected", hold=True)


def blocks(rests: Affected) -> list[Block]:
    """What can be done with them, then one line a case."""
    made: list[Block] = []
    if rests.case_ids:
        made.append(Block(((own(_("Mark them all in the queue")), "key"),), indent=2, key=MARK))
    if rests.open:
        made.append(Block(((own(_("Add a task to each open one: check it again")), "key"),), indent=2, key=TASK))
    made += [blank(), *(_row(each) for each in (*rests.open, *rests.decided)[:SHOWN])]
    more = len(rests.open) + len(rests.decided) - SHOWN
    if more > 0:
        made.append(Block(((own(ngettext("{n} more", "{n} more", more).format(n=more)), "quiet"),), indent=2))
    for name in rests.rulings:
        made.append(Block((own(_("standing call:") + " "), name), indent=2))
    return made


def _row(each: AffectedCase) -> Block:
    how = ", ".join(_(BY[by]) for by in each.by)
    return Block(((own(f"{each.ref}  "), "key"), (own(how), "quiet")), indent=2, key=f"case {each.case_id}")


def _picked(screen: FrameScreen, section: str, rests: Affected, key: str | None) -> None:
    if key == MARK:
        _mark(screen, rests.case_ids)
    elif key == TASK:
        ids = [each.case_id for each in rests.open]
        screen.write(lambda bench: bench.recheck(ids, section), partial(_tasks, screen))
    elif key:
        screen.app.open_case(key.removeprefix("case "), own(_("rests on {section}").format(section=section)))


def _tasks(screen: FrameScreen, done: BulkPreview) -> None:
    count = len(done.will_change)
    said = ngettext("{n} task added, {refused} refused.", "{n} tasks added, {refused} refused.", count)
    screen.say(own(said.format(n=count, refused=len(done.refused))))


def _mark(screen: FrameScreen, case_ids: tuple[str, ...]) -> None:
    from escaltui.screens.queue import QueueScreen

    app = screen.app
    app.go_queue()
    if isinstance(app.screen, QueueScreen):
        app.screen.mark_these(case_ids)
