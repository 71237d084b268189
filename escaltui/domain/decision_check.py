"""What `actions.toml`, `approval.toml`, `platforms.toml` and `checklists.toml` must be as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from string import Formatter
from typing import TYPE_CHECKING, get_args

from escaltui.domain.conditions import ConditionFault, Term, parse, suggest
from escaltui.domain.decision_rows import ActionRow
from escaltui.domain.decisions import KINDS, OUTCOMES, RESTORED, Exemption
from escaltui.domain.sentences import Said, Value, said

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

Found = tuple[str, str, str, str, Said]
"""File, table, row, field, and the sentence."""
UNKNOWN_THEN = frozenset({"event", "root"})
"""What nothing is known of when a decision is made."""
FILLED_IN = frozenset({"item_id", "url"})
"""What a platform's address may have filled in."""


def check(rules: RuleSet) -> Iterator[Found]:
    """Every fault of those rows."""
    for row in rules.actions.values():
        for field, sentence in _action(row, rules):
            yield "actions", "action", row.id, field, sentence
    for rule in rules.approval.values():
        for field, sentence in _when(rule.when, rules, UNKNOWN_THEN):
            yield "approval", "row", rule.id, field, sentence
        if not rule.needs:
            yield "approval", "row", rule.id, "needs", said("needs is empty; name who must agree")
        if rule.sample and rule.mode == "before":
            yield "approval", "row", rule.id, "sample", said('a sample is looked at afterwards; say mode = "after"')
    for checklist in rules.checklists.values():
        for field, sentence in _when(checklist.when, rules):
            yield "checklists", "checklist", checklist.id, field, sentence
        if not (checklist.elements or checklist.steps):
            yield "checklists", "checklist", checklist.id, "steps", said("it is empty; give elements or steps")
    for platform in rules.platforms.values():
        for item, link in platform.links.items():
            for sentence in _link(item, link, rules):
                yield "platforms", "platform", platform.id, f"links.{item}", sentence


def _fault(field: str, template: str, /, **values: Value) -> tuple[str, Said]:
    return field, said(template, **values)


def _action(row: ActionRow, rules: RuleSet) -> Iterator[tuple[str, Said]]:
    if row.kind not in KINDS:
        yield _fault("kind", 'no kind "{kind}"{hint}', kind=row.kind, hint=suggest(row.kind, KINDS))
    for item in row.items:
        if item not in rules.item_types:
            yield _fault("items", 'no item type "{item}"{hint}', item=item, hint=suggest(item, rules.item_types))
    for other in row.restores:
        if other not in rules.actions:
            yield _fault("restores", 'no action "{name}"{hint}', name=other, hint=suggest(other, rules.actions))
        elif rules.actions[other].kind == RESTORED:
            yield _fault("restores", '"{name}" restores itself; leave it out', name=other)
    if row.restores and row.kind != RESTORED:
        yield _fault("restores", 'only kind "{kind}" takes actions back; leave restores out', kind=RESTORED)


def _when(when: str, rules: RuleSet, unknown: Collection[str] = ()) -> Iterator[tuple[str, Said]]:
    """The condition can be read, and every word in it is a word of the files."""
    try:
        terms = parse(when)
    except ConditionFault as fault:
        yield _fault("when", "when: {fault}", fault=(fault.said,))
        return
    known = _words(rules)
    for term in terms:
        if term.field in unknown:
            yield _fault("when", 'when: "{field}" is not known when a decision is made', field=term.field)
        names = known.get(term.field)
        for word in term.words if names is not None else ():
            if not _named(term, word, names or ()):
                yield _fault("when", 'when: no {field} "{word}"{hint}', field=term.field, word=word,
                             hint=suggest(word, names or ()))  # fmt: skip


def _words(rules: RuleSet) -> dict[str, Collection[str]]:
    yes = dict.fromkeys(("reversible", "spirit", "reverses", "departs"), ("yes", "no"))
    return {
        **yes, "verified": ("yes", "no"), "type": rules.types, "flag": rules.flags, "item": rules.item_types,
        "requester": rules.requesters, "harm": rules.harms, "desk": rules.desks, "action": rules.actions,
        "kind": KINDS, "outcome": OUTCOMES, "exception": tuple(name for name in get_args(Exemption) if name),
    }  # fmt: skip


def _named(term: Term, word: str, names: Collection[str]) -> bool:
    """Whether a word names one: whole, by its end after a star, a type by its beginning, too."""
    if word.startswith("*"):
        return any(name.endswith(word[1:]) for name in names)
    return word in names or (term.field == "type" and any(name.startswith(word) for name in names))


def _link(item: str, link: str, rules: RuleSet) -> Iterator[Said]:
    if item != "*" and item not in rules.item_types:
        yield said('no item type "{item}"{hint}', item=item, hint=suggest(item, rules.item_types))
    if not link.startswith("https://"):
        yield said("an address begins with https://")
    try:
        strange = {field for _, field, _, _ in Formatter().parse(link) if field is not None} - FILLED_IN
    except ValueError:
        strange = {link}
    if strange:
        yield said("only {known} are filled in; mend the braces", known=", ".join(sorted(FILLED_IN)))
