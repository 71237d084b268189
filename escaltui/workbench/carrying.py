"""Carrying decisions out at a place that takes them: shown first, sent once, and what came of it written down.

A deed waits on the worklist of what is done by hand until somebody says yes to its preview. Whoever dies between the
sending and the writing down finds at the next try that it is done there already: the place knows the deed by its id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from escaltui.config_connectors import taking
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Action
from escaltui.domain.entities import Subject
from escaltui.domain.operations import RecordActionResult
from escaltui.i18n import _
from escaltui.intake.connector import Answer, ConnectorError, Outcome
from escaltui.safety.text import storable
from escaltui.store import hanging
from escaltui.workbench import happening

if TYPE_CHECKING:
    from escaltui.intake.ozone import Ozone, Preview
    from escaltui.store.driver import Connection
    from escaltui.store.values import LineRow
    from escaltui.workbench.door import Workbench

HOUR = 3_600_000
LEFT = ("queued", "sent")
"""Planned, or sent without an answer: what still has to be brought to its end there."""


class Deed(NamedTuple):
    """One thing to be done at a place. `action`: the id of the decision's action, "" for what no decision asks for."""

    ref: str
    case: str
    action: str
    outcome: Outcome


def waiting(bench: Workbench, platform: str, case: str = "") -> tuple[Deed, ...]:
    """The queued deeds on items of a platform, the oldest first; of one case alone where it is named."""

    def read(connection: Connection) -> tuple[tuple[str, Action], ...]:
        return hanging.hanging(connection, Action, LEFT)

    found = ((ref, row) for ref, row in bench.store.read(read) if not case or row.case == case)
    deeds = ((ref, row, bench.store.row(Subject.NAME, row.subject)) for ref, row in found)
    return tuple(_deed(bench, ref, row, item) for ref, row, item in deeds
                 if isinstance(item, Subject) and item.platform == platform)  # fmt: skip


def _deed(bench: Workbench, ref: str, row: Action, item: Subject) -> Deed:
    left = None if row.until is None else max(1, round((row.until - bench.now()) / HOUR))
    said = _("Decided on {ref}.").format(ref=ref)
    # a place acts everywhere: what holds in some countries alone is no act of its own
    where = f" in {' '.join(row.territory)}" if row.territory else ""
    return Deed(ref, row.case, row.id, _outcome(row.id, row.name + where, item, said, left))


def _outcome(id: str, action: str, item: Subject, reason: str, hours: int | None = None) -> Outcome:
    return Outcome(id=id, action=action, platform=item.platform, item_type=item.item_type, item_id=item.item_id,
                   reason=reason, hours=hours)  # fmt: skip


class Shown(NamedTuple):
    """A deed with its preview, and the place that it would be done at."""

    place: Ozone
    deed: Deed
    preview: Preview


def takes(bench: Workbench, platform: str) -> str:
    """The connector that takes deeds on items of a platform, "" where none does. Asks nobody."""
    return taking(bench.config.connectors).get(platform, "")


def planned(bench: Workbench, named: Iterable[tuple[str, str]]) -> tuple[Deed, ...]:
    """The deeds of some actions, each named with its item's platform, that still wait."""
    wanted = set(named)
    platforms = dict.fromkeys(platform for _action, platform in wanted)
    found = ((each, platform) for platform in platforms for each in waiting(bench, platform))
    return tuple(each for each, platform in found if (each.action, platform) in wanted)


def asked_of(bench: Workbench, case_id: str, act: str, text: str = "") -> tuple[Deed, ...]:
    """An act that no decision asks for, on each item of a case that is of a place that takes deeds."""
    row = bench.store.line(case_id)
    places = taking(bench.config.connectors)
    return tuple(deed for each in places for deed in asked(bench, row, each, act, text)) if row is not None else ()


def show(bench: Workbench, deeds: Iterable[Deed], opened: dict[str, Ozone]) -> list[Shown]:
    """What sending each deed would do. `opened`: the places asked before, by name. Blocks. Raises ConnectorError."""
    found = []
    for deed in deeds:
        name = takes(bench, deed.outcome.platform)
        place = opened.get(name) or opened.setdefault(name, _made(bench, name))
        found.append(Shown(place, deed, place.preview(deed.outcome)))
    return found


class Came(NamedTuple):
    """What sending some deeds came to, by number; `left`: not sent, since the place was not reached, still `planned`
    where a decision asks for them. `words`: what was said to those that were not simply done, or to a single one."""

    done: int = 0
    refused: int = 0
    unknown: int = 0
    left: int = 0
    planned: bool = True
    words: tuple[str, ...] = ()


def send(bench: Workbench, shown: Sequence[Shown]) -> Came:
    """Send what was shown and agreed to, one after the other; where a place is not reached, the rest stays planned."""
    count, words = {"done": 0, "refused": 0, "unknown": 0}, dict[str, None]()
    for n, each in enumerate(shown):
        try:
            answer = carry_out(bench, each.place, each.deed, each.preview.seen)
        except ConnectorError as error:
            return _came(count, *words, str(error))._replace(left=len(shown) - n, planned=bool(each.deed.action))
        state = "refused" if isinstance(answer, Refused) else answer.state
        count[state] += 1
        if state != "done" or len(shown) == 1:
            words[answer.reason if isinstance(answer, Refused) else answer.words] = None
    return _came(count, *words)


def _came(count: dict[str, int], *words: str) -> Came:
    return Came(count["done"], count["refused"], count["unknown"], words=words)


def _made(bench: Workbench, name: str) -> Ozone:
    from escaltui.intake import connectors as kinds
    from escaltui.intake.ozone import Ozone
    from escaltui.workbench import connector_keys, connectors

    found = kinds.made(connectors.row(bench, name), connector_keys.find(bench, name))
    assert isinstance(found, Ozone)
    return found


def asked(bench: Workbench, row: LineRow, platform: str, act: str, text: str = "") -> tuple[Deed, ...]:
    """An act that no decision asks for, such as acknowledging, on each item of a case at a place.

    Its id is made from the decision that stands on the case, the item, the act and its text: said again, the same.
    """
    rows = bench.store.bundle(row.id)
    if rows is None:
        return ()
    base = rows.case.decision or rows.case.id
    said = text or (_("Decided on {ref}.") if rows.case.decision else _("From case {ref}.")).format(ref=row.ref)
    found = []
    for item in rows.subjects:
        if item.platform == platform:
            key = "\n".join((base, item.id, act, text)).encode("utf-8", "surrogatepass")
            name = hashlib.sha256(key).hexdigest()[:32]
            found.append(Deed(row.ref, row.id, "", _outcome(name, act, item, said)))
    return tuple(found)


def carry_out(bench: Workbench, place: Ozone, deed: Deed, seen: int | None = None) -> Answer | Refused:
    """Send a deed and write down what came of it; blocks. Raises ConnectorError: nothing was sent.

    Done: the action is confirmed with the place's own reference. Refused: it has failed, for the reason given, unless
    somebody merely has to look again or lacks the role. Unknown: it is sent, and the next try finds out.
    """
    answer = place.send(deed.outcome, seen)
    if answer.state == "done":
        written = _confirmed(bench, deed, answer)
        return written if isinstance(written, Refused) else answer
    if not deed.action or (answer.state == "refused" and not _for_good(place.preview(deed.outcome))):
        return answer
    state: Literal["failed", "sent"] = "failed" if answer.state == "refused" else "sent"
    reason = storable(answer.words)
    written = bench.do(RecordActionResult(case=deed.case, actions=(deed.action,), state=state, reason=reason))
    return written if isinstance(written, Refused) else answer


def _for_good(found: Preview) -> bool:
    return bool(found.refusal) and not found.waits


def _confirmed(bench: Workbench, deed: Deed, answer: Answer) -> object:
    if deed.action:
        return bench.do(RecordActionResult(case=deed.case, actions=(deed.action,), reference=answer.reference,
                                           reason=storable(answer.words)))  # fmt: skip
    return happening.told(bench, [answer.happened] if answer.happened is not None else [])
