"""The card of a sealed item: who sealed it, when, on what ground, and the operator's own procedure. Nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import N_, _
from escaltui.safety.text import block, own
from escaltui.widgets.labels import named
from escaltui.widgets.media_card import placed
from escaltui.widgets.passage import Block, blank, heading
from escaltui.widgets.say import plain
from escaltui.wording import NO_ROUTE

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.media_faces import MediaFace

BASES = {
    "reviewer": N_("a reviewer's judgement"),
    "intake": N_("it came labelled so, or its hash is on the operator's list"),
    "seal elsewhere": N_("the same file was sealed on another case"),
}  # fmt: skip


def sealed_card(face: MediaFace, rules: RuleSet, now: int) -> list[Block]:
    """What there is to say of a sealed item, and what to do now."""
    found = [Block(((placed(face), "quiet"),)), Block(((own(_("Sealed item")), "heading"),)), blank()]
    if face.sealed_by:
        said = _("sealed by {who}, {time}").format(who=face.sealed_by, time=when.brief(face.sealed_at, now))
        found.append(Block((own(said),)))
    basis = own(_(BASES[face.basis])) if face.basis in BASES else block(face.basis)
    found += [Block((own(_("on the ground of:") + " ") + basis,)), blank()]
    found.append(Block((own(_("Suspected child sexual abuse material. It is not shown, opened or copied here.")),)))
    return [*found, blank(), heading(own(_("What to do"))), *procedure(rules)]


def procedure(rules: RuleSet) -> list[Block]:
    """The operator's own steps, and who was asked; where nobody can be, that."""
    row = rules.seal
    if row is None or row.team not in rules.teams:
        return [Block(((own(_(NO_ROUTE)), "refused"),))]
    team = plain(named(rules.teams, row.team))
    asked = own(_("{team} was asked; the question stands on the case.").format(team=team))
    nothing = own(_("The operator wrote no further steps down. Your lead knows them."))
    return [Block((block(row.procedure) if row.procedure else nothing,)), blank(), Block((asked,))]
