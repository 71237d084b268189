"""A decision and what goes with it as blocks: for the case screen, the box of second approval, precedents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _, ngettext, number
from escaltui.safety.text import SafeText, join, own
from escaltui.widgets.labels import named, state_word, word
from escaltui.widgets.passage import Block, blank, heading
from escaltui.widgets.say import Part

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.work_faces import (
        ActionFace,
        ConsultFace,
        DecisionFace,
        LetterFace,
        LineFace,
        StatementFace,
        TaskFace,
        WorkFace,
    )

INDENT = 2
_ROOM = own(" " * INDENT)
"""Where the sign of the cursor stands on the block that has it."""
_DOT = own(", ")


def decision_blocks(decision: DecisionFace, rules: RuleSet, now: int) -> Iterator[Block]:
    """Lines, why, facts, who agreed and who still has to."""
    for line in decision.lines:
        yield from line_blocks(line, rules, now, alone=len(decision.lines) == 1)
    for name, text in (
        (_("Why"), decision.rationale), (_("Facts"), decision.facts), (_("Departs"), decision.departure_reason),
        (_("Sent back"), decision.returned),
    ):  # fmt: skip
        if text:
            yield Block((text,), own(name), 11)
    if decision.appeal_outcome:
        yield Block((own(word(decision.appeal_outcome)),), own(_("Appeal")), 11)
    if decision.reach:
        yield Block((own(_("about {n} views").format(n=number(decision.reach))),), own(_("Reach")), 11)
    yield Block(tuple(_agreement(decision, now)), own(_("Agreed")), 11)
    if decision.rules_matched:
        yield Block(((own("; ".join(decision.rules_matched)), "quiet"),), own(_("Rule")), 11)


def line_blocks(line: LineFace, rules: RuleSet, now: int, *, alone: bool) -> Iterator[Block]:
    """One line: outcome, sections, where, what is done; then the items where there are several lines."""
    parts: list[Part] = [(own(word(line.outcome)), "heading")]
    for cite in line.cites:
        parts += [own("  "), (own(cite.section), "key"), own(" "), cite.heading, (own(f" {cite.version}"), "quiet")]
        if not cite.current:
            parts.append((own(" " + _("(a newer text is in force)")), "near"))
        if cite.machine:
            parts.append((own(" " + _("(read in a machine's translation)")), "near"))
    label = own("") if alone else own(_("line {n}").format(n=line.number))
    yield Block(tuple(parts), label, 0 if alone else 11)
    told = [own(", ".join(line.territory) or _("the world"))]
    told += [_action_words(name, until, rules, now) for name, until in line.actions]
    told += [own(_("exception: {what}").format(what=word(line.exception)))] if line.exception else []
    told += [own(_("our rules: {what}").format(what=word(line.own_policy)))]
    told += [own(word(line.ground))] if line.ground != "none" else []
    yield Block(((join(told, _DOT), "quiet"),), indent=2 if alone else 11)
    if line.items:
        yield Block((join([each for each in line.items if each], _DOT),), indent=11)


def _action_words(name: str, until: int | None, rules: RuleSet, now: int) -> SafeText:
    said = named(rules.actions, name)
    return said + own(" " + _("until {when}").format(when=when.brief(until, now))) if until else said


def _agreement(decision: DecisionFace, now: int) -> Iterator[Part]:
    yield own(_("proposed by {who}, {when}").format(who=decision.proposed_by, when=when.full(decision.proposed_at)))
    for role, person, at in decision.approvals:
        said = _("{role}: {who}, {when}").format(role=word(role), who=person, when=when.full(at))
        yield own("; " + said), "done"
    if decision.lacks and decision.approval == "pending":
        lacking = ", ".join(word(role) for role in decision.lacks)
        yield own("; " + _("still needs {roles}").format(roles=lacking)), "near"
    if decision.approval == "review_due" and decision.review_by:
        yield own("; " + _("to be reviewed by {when}").format(when=when.brief(decision.review_by, now))), "near"


# --- the work on a case


def work_blocks(work: WorkFace, rules: RuleSet, now: int) -> list[Block]:
    """Everything that is decided, asked, written and still to do, each under its heading; what is open first."""
    found: list[Block] = []
    if work.notice != "allowed":
        found += _section(_("Telling the user"), _notice(work, now))
    for sentence in work.legal_unread:
        found.append(Block(((sentence, "near"),)))
    if work.decision is not None:
        found += _section(_decided(work.decision, work.hold_until, now), decision_blocks(work.decision, rules, now))
    if work.actions:
        found += _section(_("Actions"), action_blocks(work.actions, rules))
    if work.consults:
        found += _section(_("Questions"), (b for each in work.consults for b in consult_blocks(each, rules, now)))
    if work.tasks:
        found += _section(_("Tasks"), (task_block(each, now) for each in work.tasks))
    if work.letters:
        found += _section(_("Letters"), (letter_block(each, now) for each in work.letters))
    if work.statements:
        found += _section(_("Statements of reasons"), (statement_block(each) for each in work.statements))
    if work.stakeholders:
        told = (Block((name, (own(f"  {word(length)}"), "quiet"))) for name, _address, length in work.stakeholders)
        found += _section(_("Kept up to date"), told)
    for each in work.earlier:
        title = _("Earlier decision, {state}").format(state=word(each.state))
        found += _section(title, decision_blocks(each, rules, now))
    return found


def _section(title: str, blocks: Iterator[Block]) -> list[Block]:
    return [heading(own(title)), *blocks, blank()]


def _decided(decision: DecisionFace, hold_until: int | None, now: int) -> str:
    state = word("pending_approval") if decision.approval == "pending" else word(decision.state)
    held = ""
    if decision.mine and hold_until is not None and hold_until > now:
        held = ", " + _("u takes it back until {time}").format(time=when.local(hold_until).strftime("%H:%M:%S"))
    return _("Decision, {state}").format(state=state) + held


def _notice(work: WorkFace, now: int) -> Iterator[Block]:
    said = word(work.notice)
    if work.notice_until is not None:
        said += " " + _("until {when}").format(when=when.brief(work.notice_until, now))
    quoted: tuple[Part, ...] = (own("  "), (work.notice_source, "quiet")) if work.notice_source else ()
    yield Block(((own(said), "near"), *quoted))


def action_blocks(actions: tuple[ActionFace, ...], rules: RuleSet) -> Iterator[Block]:
    """Deeds, those of one name, state and reference together."""
    groups: dict[tuple[str, str, str], list[ActionFace]] = {}
    for each in actions:
        groups.setdefault((each.name, each.state, each.external_ref.value), []).append(each)
    for (name, state, _ref), members in groups.items():
        first, n = members[0], len(members)
        items = ngettext("{n} item", "{n} items", n).format(n=n) if n > 1 else ""
        look = "done" if state == "confirmed" else "near" if state in ("failed", "queued") else "quiet"
        said = state_word(state)
        parts: list[Part] = [named(rules.actions, name), own("  "), (own(said), look), own("  ")]
        parts += [own(items) if items else first.item]
        if first.external_ref:
            parts.append(((own("  ") + first.external_ref), "quiet"))
        if first.territory:
            parts.append((own("  " + " ".join(first.territory)), "quiet"))
        if first.reason:
            parts.append((own("  ") + first.reason, "quiet"))
        acted = next((each for each in members if each.acted), first)
        parts += action_remarks(acted._replace(state="") if n > 1 else acted)
        yield Block(tuple(parts), indent=INDENT, key=f"action {first.id}")


def action_remarks(action: ActionFace) -> tuple[Part, ...]:
    """What matters before a deed is sent: that no answer came to it, and what others did where it is to be done."""
    found: list[Part] = []
    if action.state == "sent":
        found.append((own("  ") + own(_("sent, not answered yet")), "near"))
    if action.acted and action.state in ("planned", "queued", "sent", ""):
        found.append((own("  ") + action.acted, "near"))
    return tuple(found)


def consult_blocks(consult: ConsultFace, rules: RuleSet, now: int) -> Iterator[Block]:
    """One question and its answer."""
    state = word(consult.state)
    if consult.due is not None and consult.state in ("asked", "acknowledged"):
        state += ", " + _("due {when}").format(when=when.brief(consult.due, now))
    parts: list[Part] = [
        (named(rules.teams, consult.team), "heading"),
        own("  "),
        (own(state), "near" if consult.late else "quiet"),
    ]
    yield Block(tuple(parts), indent=INDENT, key=f"consult {consult.id}", sign=_ROOM)
    yield Block((consult.question,), own("    ? "), 6)
    if consult.answer:
        yield Block((consult.answer,), own("    = "), 6)
    elif consult.offered:
        waits = own(_("An answer came and waits: A accepts it.") + " ")
        yield Block(((waits, "near"), consult.offered), own("    = "), 6)


def task_block(task: TaskFace, now: int) -> Block:
    """One task."""
    sign = {"done": "x", "cancelled": "-", "doing": "~"}.get(task.state, " ")
    rest = [task.assignee] if task.assignee else []
    rest += [_("due {when}").format(when=when.brief(task.due, now))] if task.due is not None else []
    rest += [_("waits for another task")] if task.blocked else []
    look = "quiet" if task.state in ("done", "cancelled") else ""
    parts = ((task.title, look), (own("  " + ", ".join(rest)), "quiet"))
    return Block(parts, own(f"[{sign}] "), INDENT + 4, f"task {task.id}", _ROOM)


def letter_block(letter: LetterFace, now: int) -> Block:
    """One letter in one line."""
    arrow = own("<- " if letter.direction == "in" else "-> ")
    look = "near" if letter.state in ("failed", "awaiting_signoff", "draft") else "quiet"
    said = state_word(letter.state)
    parts: tuple[Part, ...] = (
        own(word(letter.party)), own("  "), (own(f"{said}, {when.brief(letter.at, now)}"), look), own("  "),
        letter.subject, (own("  ") + letter.failure if letter.failure else own(""), "near"),
    )  # fmt: skip
    return Block(parts, arrow, INDENT + 3, f"letter {letter.id}", _ROOM)


def statement_block(statement: StatementFace) -> Block:
    """One statement with the first thing that is wrong with it."""
    problem: tuple[Part, ...] = ((own("  ") + statement.problems[0], "near"),) if statement.problems else ()
    parts: tuple[Part, ...] = (
        own(f"{statement.number}  "),
        statement.item,
        (own(f"  {word(statement.state)}"), "quiet"),
    )
    return Block((*parts, *problem), indent=INDENT, key=f"statement {statement.id}")
