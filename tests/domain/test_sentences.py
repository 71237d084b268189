"""Every refusal is a sentence: rendered with each word that may stand in it, it has one full stop and one verb."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from escaltui import domain, wording
from escaltui.domain import transitions
from escaltui.domain.sentences import Said, Value, said, words

FOLDER = Path(domain.__file__).parent
MAKERS = frozenset({"need", "Refusal", "refused", "said", "Fault", "MacroFault", "CalendarFault", "ConditionFault"})
STATES = (*transitions.TABLE["claim"].sources, *transitions.OPEN, "resolved", "closed", "merged", "pending_approval",
          "draft", "awaiting_signoff", "sending", "sent", "failed", "asked", "answered", "declined", "withdrawn",
          "proposed", "approved", "effective", "superseded", "pending", "queued", "confirmed", "valid",
          "refused", "published", "offered")  # fmt: skip
"""What a `{state}` or a `{status}` may be told as."""
NUMBERS = frozenset({"n", "limit", "most", "least", "level", "mildest", "severity", "count", "days", "minutes"})
VERB_TWICE = re.compile(r"\b(?:is|are)\s+(?:waits|needs|stands|lies|has|had)\b")


def templates() -> Iterator[str]:
    """Every literal with which the domain makes a sentence."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                for each in node.args:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str) and " " in each.value:
                        yield each.value


TEMPLATES = sorted(set(templates()))


def rendered(template: str, plain: str, state: str) -> Iterator[str]:
    """The sentence in the words of the code and of people, its fields filled in."""
    values: dict[str, Value] = {}
    for _text, field, spec, turn in Formatter().parse(template):
        if field in ("state", "status", "target"):
            values[field] = words(state)
        elif field:
            values[field] = 3 if field in NUMBERS or spec == "," else f"{plain}" if turn else plain
    yield str(said(template, **values))
    yield wording.told(said(template, **values))


def flaws(text: str) -> list[str]:
    found = [".."] if re.search(r"(?<!\.)\.\.(?!\.)", text) else []
    return found + VERB_TWICE.findall(text)


def test_the_templates_are_found() -> None:
    assert len(TEMPLATES) > 250
    assert "{ref} is {status}." in TEMPLATES
    assert "The operation cannot be read: {why}." not in TEMPLATES  # the server's: see below


@pytest.mark.parametrize("plain", ["a word", "A whole sentence.", "and so on ..."])
def test_no_sentence_has_two_full_stops_or_two_verbs(plain: str) -> None:
    found = {
        text: flaws(text)
        for template in TEMPLATES
        for state in (STATES if re.search(r"\{(state|status|target)\}", template) else ("new",))
        for text in rendered(template, plain, state)
        if flaws(text)
    }
    assert not found


def test_control_the_defects_are_seen() -> None:
    assert flaws("E-1 is waits for approval.") == ["is waits"]
    assert flaws("That cannot be read: it broke..") == [".."]
    assert not flaws("And so on ...")
    assert str(Said("{english}", (("english", "One. Two."),))) == "One. Two."  # a whole sentence stays whole


def test_a_sentence_in_a_sentence_ends_once() -> None:
    assert str(said("It cannot be read: {why}.", why="it broke.")) == "It cannot be read: it broke."
    assert str(said("Not so: {faults}.", faults=(said("one"), said("two.")))) == "Not so: one, two."
    assert str(said("{what} It was so.", what="Done.")) == "Done. It was so."
    assert str(said("Named {who}...", who="ada.")) == "Named ada..."
