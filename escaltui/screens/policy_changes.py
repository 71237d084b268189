"""What changed in the policies: every version with what it changed, what is owed and unread first."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import events
from textual.widget import Widget

from escaltui import keys, when
from escaltui.i18n import N_, _, ngettext
from escaltui.reading_faces import VersionLine
from escaltui.safety.text import SafeText, own
from escaltui.screens.masking import Masked
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.say import Part

SHOWN = 400
"""Versions that the list shows at most."""
STATES = {"coming": N_("to come"), "past": N_("earlier"), "rests": N_("has run out"), "in_force": N_("in force")}


class ChangesScreen(Masked):
    """The list of changes."""

    CONTEXT = "policy"
    BINDINGS = bindings("policy")
    AUTO_FOCUS = "Passage"

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, VersionLine] = {}

    def compose_body(self) -> Iterable[Widget]:
        yield Passage(id="changes")

    def opened(self) -> None:
        self._show_place()
        self._read(first=True)

    def _read(self, *, first: bool) -> None:
        self.read(lambda bench: bench.policy_changes(), partial(self._show, top=first), group="changes", hold=first)

    def _show_place(self) -> None:
        count = sum(each.unread for each in self.lines.values())
        said = ngettext("{n} section unread", "{n} sections unread", count).format(n=count) if count else _("all read")
        self.place(own(_("Policy")), own(_("What changed")), right=own(said) if self.lines else None)
        now = self.app.bench.now()
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))

    def _show(self, found: list[VersionLine], top: bool) -> None:
        self.lines = {f"{each.document}@{each.version}": each for each in found[:SHOWN]}
        blocks = [block for key, each in self.lines.items() for block in version_blocks(key, each)]
        if not blocks:
            blocks = [
                Block(((own(_("Nothing changed yet. escaltui policy import PATH takes policies in.")), "quiet"),))
            ]
        self.query_one(Passage).show(blocks, top=top)
        self._show_place()
        self.refresh_keys()

    def again(self) -> None:
        """Something was read or acknowledged."""
        self._read(first=False)

    # --- keys

    @property
    def at(self) -> VersionLine | None:
        """The version under the cursor."""
        return self.lines.get(self.query_one(Passage).cursor)

    def can(self, action: keys.Action) -> bool:
        if action.verb == "open":
            return self.at is not None
        if action.verb == "yes":
            return self.at is not None and self.at.must_ack and not self.at.acked
        return action.verb != "policy" and super().can(action)

    def act_open(self, argument: str = "") -> None:
        """What it changed, section by section."""
        if isinstance(self.focused, Passage):
            self.focused.pick()

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        from escaltui.screens.policy_diff import DiffScreen

        if each := self.lines.get(message.key):
            self.app.push_screen(DiffScreen(each.document, each.version, each.before))

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        super().on_screen_resume(event)
        if self.lines:
            self.again()

    def act_yes(self, argument: str = "") -> None:
        """I have read and understood this version."""
        if each := self.at:
            done = own(_("Acknowledged: {document} {version}.").format(document=each.document, version=each.version))
            self.write(
                lambda bench: bench.acknowledge(each.document, each.version),
                partial(self.did, done=done, then=self.again),
            )


def version_blocks(key: str, each: VersionLine) -> list[Block]:
    """`N 2  2026-10-26  Desk bulletin  4 sections  acknowledge by 2026-11-09`, the author's note under it."""
    state = own("" if each.state == "in_force" else "  " + _(STATES[each.state]))
    count = ngettext("{n} section", "{n} sections", each.changed).format(n=each.changed)
    parts: list[Part] = [
        (own("N " if each.unread else "  "), "new"),
        (own(f"{each.day}  "), "quiet"),
        (each.title, "heading"),
        (own(f"  {count}"), "quiet"),
        state,
    ]
    if each.unread:
        parts.append((own("  " + _("{n} unread").format(n=each.unread)), "new"))
    if owed := _owed(each):
        parts.append(owed)
    blocks = [Block(tuple(parts), indent=2, key=key)]
    if each.note:
        blocks.append(Block(((each.note, "quiet"),), indent=4))
    if each.waiting:
        said = ngettext("{n} has not acknowledged: {who}", "{n} have not acknowledged: {who}", len(each.waiting))
        told = said.format(n=len(each.waiting), who=", ".join(each.waiting[:12]))
        blocks.append(Block(((own(told), "quiet"),), indent=4))
    return blocks


def _owed(each: VersionLine) -> tuple[SafeText, str] | None:
    """What its acknowledgement asks for, in words; None where it asks for none."""
    if not each.must_ack or each.state in ("past", "rests"):
        return None
    if each.acked:
        return own("  " + _("acknowledged")), "done"
    if each.overdue:
        return own("  " + _("acknowledge: over since {day}").format(day=each.ack_by)), "over"
    said = _("acknowledge by {day}").format(day=each.ack_by) if each.ack_by else _("acknowledge")
    return own(f"  {said}"), "near"
