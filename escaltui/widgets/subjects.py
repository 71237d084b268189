"""The items that a case is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escaltui.domain.ruleset import RuleSet
from escaltui.faces import SubjectLine
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, defanged, join, line, own
from escaltui.widgets.labels import named, word
from escaltui.widgets.passage import Block
from escaltui.widgets.say import Part, plain

FIRST = 3
"""How many are shown above the report."""


def first_subjects(subjects: Sequence[SubjectLine], count: int, rules: RuleSet, indent: int) -> Iterator[Block]:
    """The first few in one line each, and how many more there are."""
    for at, subject in enumerate(subjects[:FIRST]):
        yield Block(tuple(_line(subject, rules)), own(_("SUBJECT") if not at else ""), indent)
    if (more := count - min(count, FIRST)) > 0:
        said = ngettext("and {n} more below", "and {n} more below", more).format(n=f"{more:,}")
        yield Block(((own(said), "quiet"),), indent=indent)


def all_subjects(subjects: Sequence[SubjectLine], rules: RuleSet, indent: int) -> Iterator[Block]:
    """Each with its address and text."""
    for at, subject in enumerate(subjects, 1):
        yield Block(tuple(_line(subject, rules)), own(f"{at}"), indent)
        if subject.url:
            yield Block(((link(subject.url), "quiet"),), indent=indent)
        if subject.text:
            yield Block((subject.text,), indent=indent)


def link(url: SafeText) -> SafeText:
    """An address that nothing makes a link of."""
    return line(defanged(plain(url)))


def _line(subject: SubjectLine, rules: RuleSet) -> Iterator[Part]:
    yield named(rules.item_types, subject.item_type), "heading"
    yield own(" ") + (subject.item_id or link(subject.url))
    facts = []
    if subject.author:
        facts.append(join((own(_("by") + " "), subject.author)))
    if subject.reach:
        facts.append(own(_("reach {n}").format(n=f"{subject.reach:,}")))
    if subject.role != "primary":
        facts.append(own(word(subject.role)))
    for fact in facts:
        yield own("  ") + fact, "quiet"
