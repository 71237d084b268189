"""The update to a case's stakeholders, drafted from its log: conditions, actions, needs (design: domain page, 12).

Pure, and made of the log alone: drawn again up to the same change, at the same instant, it says the same, whatever came
after. Privileged questions are left out. Times are said in UTC, since its readers sit anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from escaltui.domain import fold
from escaltui.domain.entities import ENTITIES, Action, Case, Consult, Decision, Entity, Message, Task, Update
from escaltui.domain.sentences import Said, said, words

DAY = 86_400_000
PARTS = ("conditions", "actions", "needs")
FOLDED = frozenset(kind.NAME for kind in (Case, Decision, Action, Consult, Message, Task))
"""What an update looks at."""
OUTSIDE = {"press": "First contact of the press: {when}.", "authority": "First contact of an authority: {when}."}


class Told(Protocol):
    """A change as the log gives it back."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def entity(self) -> str: ...
    @property
    def entity_id(self) -> str: ...
    @property
    def action(self) -> Any: ...
    @property
    def fields(self) -> Mapping[str, tuple[Any, Any]]: ...


class Line(NamedTuple):
    """One sentence of a part, with the rows it rests on."""

    part: str
    said: Said
    ids: tuple[str, ...] = ()


class Draft(NamedTuple):
    """An update as drafted. `numbers` with `upto` are all that drawing it again needs."""

    ref: str
    lines: tuple[Line, ...]
    numbers: dict[str, int]
    upto: int


class Moment(NamedTuple):
    """A case's rows as the log had them after a change, by kind and id."""

    case: Case
    rows: Mapping[tuple[str, str], Entity]

    def of(self, kind: type[Any]) -> list[Any]:
        return [row for row in self.rows.values() if isinstance(row, kind)]


def draft(changes: Iterable[Told], since: int, upto: int, now: int) -> Draft | None:
    """The update about what changed after `since` up to `upto`, seen at `now`; None where the log has no such case.

    `changes` are all of one case, in order; later ones are left aside.
    """
    told = [change for change in changes if change.seq <= upto]
    before, after = moment_at(told, since), moment_at(told, upto)
    if after is None:
        return None
    numbers = {"since": since, "at": now} | counted(before, after, now)
    lines = (*_conditions(before, after, now, numbers), *_actions(before, after), *_needs(after, now))
    return Draft(after.case.ref, lines, numbers, upto)


def redraw(changes: Iterable[Told], update: Update) -> Draft | None:
    """A kept update's draft, made again as it was."""
    return draft(changes, update.numbers.get("since", 0), update.upto, update.numbers.get("at", update.created_at))


def part(found: Draft, name: str, told: Callable[[Said], str]) -> str:
    """One part as text, a sentence a line. `told` says a sentence in the language wanted."""
    return "\n".join(told(line.said) for line in found.lines if line.part == name)


def texts(found: Draft, told: Callable[[Said], str]) -> dict[str, str]:
    """The three lengths: one line, a mail of the three parts, the few sentences an executive reads."""
    conditions, actions, needs = ([told(line.said) for line in found.lines if line.part == name] for name in PARTS)
    heads = {name: told(said("{part}", part=words(name))) for name in PARTS}
    blocks = [
        f"{heads[name]}\n" + "\n".join(f"- {each}" for each in block)
        for name, block in zip(PARTS, (conditions, actions, needs), strict=True)
        if block
    ]
    return {
        "line": " ".join((f"{found.ref}:", *conditions[:1], *actions[:1], *needs[:1])),
        "mail": "\n\n".join((found.ref, *blocks)),
        "executive": " ".join((f"{found.ref}:", *conditions[:2], *actions[:2], *needs[:2])),
    }


def utc(instant: int) -> str:
    """An instant as people in any zone read it."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


# --- the case at a change


def moment_at(changes: Iterable[Told], upto: int) -> Moment | None:
    """A case with its rows as they were after a change; None where there was none yet."""
    plain: dict[tuple[str, str], dict[str, Any]] = {}
    for change in changes:
        key = (change.entity, change.entity_id)
        if change.seq > upto or change.entity not in FOLDED or not change.fields or change.action == "moved":
            continue
        if key in plain or change.action == "created" or "stream" in change.fields:  # made, or come from elsewhere
            row = plain.get(key, {"id": change.entity_id})
            plain[key] = fold.patch(row, change.fields, ENTITIES[change.entity].SETS)
    rows = {key: fold.build(key[0], row) for key, row in plain.items()}
    case = next((row for row in rows.values() if isinstance(row, Case)), None)
    return Moment(case, rows) if case is not None else None


def counted(before: Moment | None, after: Moment, now: int) -> dict[str, int]:
    """Everything counted; each can be counted again from the log."""
    return {
        "severity": after.case.severity,
        "reports": after.case.report_count,
        "reports_new": after.case.report_count - (before.case.report_count if before else 0),
        "items": len(after.case.subjects),
        "items_new": len(after.case.subjects) - (len(before.case.subjects) if before else 0),
        "due_24h": len(due_soon(after.case, now)),
        "decided": len(newly(before, after, Decision, "effective")),
        "carried_out": len(newly(before, after, Action, "confirmed")),
        "sent": len(newly(before, after, Message, "sent")),
        "received": len(newly(before, after, Message, "received")),
        "answered": len(open_to_all(newly(before, after, Consult, "answered"))),
        "tasks_done": len(newly(before, after, Task, "done")),
        "awaited": len(awaited(after)),
        "late": len(late(after, now)),
        "approvals": len(after.case.awaits),
        "blocked": len(_blocked(after)),
        "by_hand": len(_by_hand(after)),
    }


def newly(before: Moment | None, after: Moment, kind: type[Any], state: str) -> list[Any]:
    """Rows that came to a state since."""
    was = {row.id for row in before.of(kind) if row.state == state} if before else set()
    return [row for row in after.of(kind) if row.state == state and row.id not in was]


def open_to_all(consults: Iterable[Consult]) -> list[Consult]:
    return [consult for consult in consults if consult.sensitivity != "privileged"]


def awaited(after: Moment) -> list[Consult]:
    return open_to_all(row for row in after.of(Consult) if row.state in ("asked", "acknowledged"))


def late(after: Moment, now: int) -> list[Consult]:
    return [consult for consult in awaited(after) if consult.due is not None and consult.due <= now]


def _blocked(after: Moment) -> list[Task]:
    """Open tasks that wait for another open one."""
    ahead = {task.id: task for task in after.of(Task) if task.state in ("open", "doing")}
    return [task for task in ahead.values() if not ahead.keys().isdisjoint(task.blocked_by)]


def _by_hand(after: Moment) -> list[Action]:
    return [action for action in after.of(Action) if action.by_hand and action.state in ("queued", "sent")]


def due_soon(case: Case, now: int) -> list[tuple[int, str]]:
    """The clocks that run out within a day, late ones too."""
    return sorted(
        (due, clock.metric)
        for clock in case.clocks.values()
        if clock.running and (due := clock.due_at) is not None and due <= now + DAY
    )


# --- the sentences


def _conditions(before: Moment | None, after: Moment, now: int, numbers: Mapping[str, int]) -> Iterator[Line]:
    case = after.case
    name = "conditions"
    state = said("{type}, S{severity}, {status}.", type=words(case.type), severity=case.severity,
                 status=words(case.status))  # fmt: skip
    yield Line(name, state, (case.id,))
    if before is not None and before.case.severity != case.severity:
        yield Line(name, said("The severity was S{was}.", was=before.case.severity), (case.id,))
    if case.report_count:
        counted = said("Reports: {n}, new: {new}.", n=case.report_count, new=numbers["reports_new"])
        yield Line(name, counted, (case.id,))
    if case.subjects:
        counted = said("Items: {n}, new: {new}.", n=len(case.subjects), new=numbers["items_new"])
        yield Line(name, counted, (case.id,))
    for party, template in OUTSIDE.items():
        first = min((row.created_at, row.id) for row in rows) if (rows := contacts(after, party)) else None
        if first is not None and not (before and contacts(before, party)):
            yield Line(name, said(template, when=utc(first[0])), (first[1],))
    for due, metric in due_soon(case, now):
        yield Line(name, said("{clock} is due: {when}.", clock=words(metric), when=utc(due)), (case.id,))


def contacts(moment: Moment, party: str) -> list[Message]:
    return [row for row in moment.of(Message) if row.party == party and row.state in ("sent", "received")]


def _actions(before: Moment | None, after: Moment) -> Iterator[Line]:
    for decision in newly(before, after, Decision, "effective"):
        outcomes = dict.fromkeys(line.outcome for line in decision.lines)
        yield Line("actions", said("Decided: {outcomes}.", outcomes=words(*outcomes)), (decision.id,))
    answered = open_to_all(newly(before, after, Consult, "answered"))
    if answered:
        teams = dict.fromkeys(consult.team for consult in answered)
        yield Line("actions", said("Answered: {teams}.", teams=words(*teams)), ids_of(answered))
    for template, kind, state in (
        ("Carried out: {n}.", Action, "confirmed"), ("Letters sent: {n}.", Message, "sent"),
        ("Letters received: {n}.", Message, "received"), ("Tasks done: {n}.", Task, "done"),
    ):  # fmt: skip
        if rows := newly(before, after, kind, state):
            yield Line("actions", said(template, n=len(rows)), ids_of(rows))


def _needs(after: Moment, now: int) -> Iterator[Line]:
    overdue = late(after, now)
    for template, rows in (
        ("Answer overdue: {teams}.", overdue),
        ("Answer awaited: {teams}.", [row for row in awaited(after) if row not in overdue]),
    ):
        if rows:
            teams = dict.fromkeys(row.team for row in rows)
            yield Line("needs", said(template, teams=words(*teams)), ids_of(rows))
    if after.case.awaits:
        roles = words(*after.case.awaits)
        yield Line("needs", said("Approval awaited: {roles}.", roles=roles), (after.case.decision,))
    if blocked := _blocked(after):
        yield Line("needs", said("Tasks blocked: {n}.", n=len(blocked)), ids_of(blocked))
    if by_hand := _by_hand(after):
        yield Line("needs", said("To be carried out by hand: {n}.", n=len(by_hand)), ids_of(by_hand))


def ids_of(rows: Iterable[Any]) -> tuple[str, ...]:
    return tuple(row.id for row in rows)
