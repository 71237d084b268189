"""What a mail or a webhook to colleagues may say: reference, severity, clock, question. Never a case's text or names.

A mailbox is no place for case material. Where a question itself names somebody or quotes the case, it is left out and
read in the workbench instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from escaltui.domain.letters import quoted
from escaltui.i18n import N_, _
from escaltui.safety.export import without_links

SHORTEST_NAME = 3
SHORTEST_FILE = 8
"""A shorter name of a file, such as `photo`, is a word of every question."""
ANSWER = N_("Answer this mail: your answer waits on the case until a person takes it. Leave the subject as it is.")


class Summary(NamedTuple):
    """A subject and a text for a mail; `facts` for a webhook."""

    subject: str
    body: str
    facts: dict[str, Any]


def consult(
    ref: str, severity: int, question: str, *, options: Sequence[str] = (), due: str = "", privileged: bool = False,
    names: Iterable[str] = (), texts: Iterable[str] = (), files: Iterable[str] = (),
) -> Summary:  # fmt: skip
    """A question to a team. `names`, `texts` and names of `files` of the case must not be in it; a privileged one stays
    in the house. Links in it are defanged."""
    asked = "" if privileged else safe("\n".join((question, *options)), names, texts, files)
    lines = [_("A question on {ref} (S{severity}) waits for your team.").format(ref=ref, severity=severity)]
    lines += [_("Please answer by {due}.").format(due=due)] if due else []
    lines += ["", asked or _("The question is in the workbench: it is not for a mailbox.")]
    lines += ["", _(ANSWER), _("The case itself is in the workbench, under {ref}.").format(ref=ref)]
    subject = _("Question on {ref} (S{severity})").format(ref=ref, severity=severity)
    facts = {"kind": "consult", "ref": ref, "severity": severity, "question": asked, "due": due}
    return Summary(subject, "\n".join(lines) + "\n", facts)


def alert(ref: str, severity: int, clock: str, *, due: str = "", kind: str = "clock") -> Summary:
    """An alert: reference, severity and clock, nothing else. `kind`: clock, new_s0, approval, letter."""
    subject = _("{ref} (S{severity}): {clock}").format(ref=ref, severity=severity, clock=clock)
    body = subject + ("\n" + _("Due {due}.").format(due=due) if due else "")
    return Summary(subject, body + "\n", {"kind": kind, "ref": ref, "severity": severity, "clock": clock, "due": due})


def safe(question: str, names: Iterable[str], texts: Iterable[str], files: Iterable[str] = ()) -> str:
    """A question without live links, or "" where it names somebody or a file of the case or quotes a sentence of it."""
    here = f" {_plain(question)} "
    for name in names:
        wanted = _plain(name)
        parts = [wanted, *(part for part in wanted.split() if len(part) > SHORTEST_NAME)]
        if any(len(part) >= SHORTEST_NAME and f" {part} " in here for part in parts):
            return ""
    for file in files:
        whole, stem = _plain(file), _plain(file.rpartition(".")[0])
        if any(f" {each} " in here for each in (whole, stem) if len(each) >= SHORTEST_FILE):
            return ""
    return "" if quoted(question, texts) else without_links(question.strip())


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())
