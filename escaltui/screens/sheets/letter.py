"""One letter as it will leave, and what can be said to it."""

from __future__ import annotations

from collections.abc import Collection

from escaltui.domain.letters import unfinished
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.widgets.key_menu import Choice
from escaltui.widgets.labels import state_word, word
from escaltui.widgets.passage import Block, blank
from escaltui.work_faces import LetterFace


def letter_blocks(letter: LetterFace) -> list[Block]:
    """To whom, about what, how it stands, then every word of it."""
    said = state_word(letter.state)
    head = [
        Block((letter.address if letter.address else (own(_("no address")), "near"),), own(_("To")), 11),
        Block(((letter.subject, "heading"),), own(_("Subject")), 11),
        Block((own(said), (own("  ") + letter.failure if letter.failure else own(""), "near")), own(_("State")), 11),
    ]
    if letter.signoff != "none":
        given = _("signed by {who}").format(who=letter.signed_by) if letter.signed_by else ""
        lacking = _("needs {role}").format(role=word(letter.signoff_role)) if letter.signoff == "needed" else ""
        head.append(Block((own(", ".join(part for part in (given, lacking) if part)),), own(_("Signature")), 11))
    if gaps := unfinished(letter.body.value):
        still = _("Still to fill in: {what}.").format(what=", ".join(gap.strip("{}[] ") for gap in gaps))
        head.append(Block(((own(still), "near"),), indent=11))
    return [*head, blank(), Block((letter.body,))]


def letter_choices(letter: LetterFace, roles: Collection[str]) -> tuple[Choice, ...]:
    """What can be done with it as it stands."""
    if letter.direction == "in" or letter.state in ("sent", "withdrawn", "received"):
        return ()
    found = []
    if letter.state == "awaiting_signoff" and letter.signoff_role in roles:
        found.append(Choice("s", own(_("sign it as {role}").format(role=word(letter.signoff_role))), "sign"))
    if letter.state == "draft":
        found.append(Choice("s", own(_("send it")), "send"))
        found.append(Choice("f", own(_("as a file to send by other means")), "export"))
        found.append(Choice("o", own(_("somebody else brought it over")), "relay"))
    if letter.state == "failed":
        found.append(Choice("s", own(_("send it again")), "again"))
    if letter.state in ("draft", "awaiting_signoff", "failed"):
        found += [Choice("e", own(_("change it")), "edit"), Choice("x", own(_("give it up")), "withdraw")]
    return tuple(found)
