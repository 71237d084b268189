"""The demo desk made real: its cases come in, and its people work them, each at their own past minute.

Everything goes through the same operations as real work, so the demo's timeline, clocks and audit trail are true ones.
The settled store lies in a folder of its own; a real store is never touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files as packaged
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from escaltui.demo.cases import PLATFORM, DemoCase, DemoStep, cases, people
from escaltui.domain import ids, operations
from escaltui.domain.changes import Refused
from escaltui.domain.entities import AskedTime
from escaltui.domain.operations import LinkCases, NewSubject, OpenCase, Operation, ReceiveReport, RecordAsked
from escaltui.faces import Progress
from escaltui.safety.text import hidden_kinds
from escaltui.store import derived
from escaltui.store.values import Who
from escaltui.workbench import seeding_crisis, seeding_media, seeding_reading, seeding_shift, seeding_work
from escaltui.workbench.desk import ALL_ROLES, Clock, wall_clock
from escaltui.workbench.importing import seldom_collected
from escaltui.workbench.seeding_work import Asked, case_id, op_id

if TYPE_CHECKING:
    from escaltui.config import Config
    from escaltui.domain.decisions import Cite
    from escaltui.workbench.door import Workbench

DEFAULT_CASES = 960
DEVICE = "demo"
MINUTE = 60_000
BATCH = 2000
LARGE = 5000
"""From here on a demo is for measuring: cases are written as they come, not in the order of time. One in ten has its
whole past; the others were taken in just now, each a millisecond after the one before."""
WHOLE = 10


def demo_person() -> str:
    """The login of the specialist as whom the demo desk opens, unless another is asked for."""
    return people()[0].name


def open_demo(
    folder: Path, config: Config | None = None, *, acting_as: str = "", cases: int = 0, clock: Clock = wall_clock,
    on_progress: Callable[[Progress], None] = lambda p: None,
) -> Workbench:  # fmt: skip
    """Open the demo desk, made if it is not there, as its specialist or `acting_as`. Raises StoreError, NotKnown."""
    from escaltui.workbench.door import Workbench

    bench = Workbench.open(folder, config=config, clock=clock)
    try:
        seed(bench, cases or DEFAULT_CASES, on_progress)
        bench.act_as(acting_as or demo_person())
    except BaseException:
        bench.close()
        raise
    return bench


def seed(bench: Workbench, count: int = DEFAULT_CASES, on_progress: Callable[[Progress], None] = lambda p: None) -> int:
    """Fill an empty store with the demo desk. Gives the number of operations; does nothing where cases exist.

    The same clock gives the same desk. An operation of the demo that the rules refuse is a defect: AssertionError.
    """
    if bench.store.count(None, limit=1):
        return 0
    now = bench.now() // MINUTE * MINUTE
    for person in people():
        new = operations.AddPerson(login=person.name, name=person.name, pseudonym=person.pseudonym,
                                   roles=tuple(person.roles), languages=tuple(person.languages),
                                   team=person.team)  # fmt: skip
        who = Who("intake", ALL_ROLES, DEVICE, PLATFORM.name)
        bench.store.do(new, who, now, bench.rules, op_id=op_id(f"person/{person.name}", 0, now))
    bench.import_policies(Path(str(packaged("escaltui.policy"))) / "data" / "documents")
    seeding_reading.seed(bench, now, DEVICE, PLATFORM.name, lambda key: op_id(key, 0, now))
    moment = datetime.fromtimestamp(now / 1000, UTC)
    found = cases(count, moment, past=count < LARGE)
    pins = seeding_work.pins(bench)
    seeding_media.keep(bench)
    if count < LARGE:
        with seldom_collected():
            written = _write(bench, _in_order(found, now, pins), count, on_progress)
        written += seeding_crisis.write(bench, now)
        written += seeding_shift.seed(bench, now)
    else:
        with seldom_collected(), derived.filling(bench.store.write):
            written = _write(bench, _measuring(found, now, count), count, on_progress)
    bench.tick()
    return written


def _in_order(found: Iterator[DemoCase], now: int, pins: Mapping[str, Cite]) -> Iterator[Asked]:
    opened: dict[str, int] = {}
    asked = (each for case in found for each in story(case, now, opened, pins=pins))
    return iter(sorted(asked, key=lambda each: each.at))


def _measuring(found: Iterator[DemoCase], now: int, count: int) -> Iterator[Asked]:
    """The operations of a measuring desk, as the cases come."""
    for n, case in enumerate(found):
        links = tuple((kind, _sorting(other)) for kind, other in case.links)
        case = replace(case, key=_sorting(case.key), links=links)
        if n % WHOLE:
            yield from islice(story(case, now, {}, taken_in=now - count + n), 2)
        else:
            yield from story(case, now, {})


def _sorting(key: str) -> str:
    """A case's key as an id that sorts as the cases come: what the store keeps by it then lies together."""
    number = key.rpartition("-")[2]
    return ids.operation_id(int(number) if number.isdecimal() else 0, hashlib.sha256(key.encode()).digest())


def _write(bench: Workbench, stream: Iterator[Asked], count: int, on_progress: Callable[[Progress], None]) -> int:
    started, done, opened = bench.now(), 0, 0
    while batch := list(islice(stream, BATCH)):
        asked = [(a.op, Who(a.actor, ALL_ROLES, DEVICE, PLATFORM.name), a.at, a.op_id) for a in batch]
        for each, outcome in zip(batch, bench.store.do_each(asked, bench.rules), strict=True):
            assert not isinstance(outcome, Refused), (type(each.op).__name__, outcome)
        done += len(batch)
        opened += sum(isinstance(a.op, OpenCase) for a in batch)
        on_progress(Progress("demo", opened, count, started))
    on_progress(Progress("demo", opened, count, started, finished=True))
    return done


def story(
    case: DemoCase, now: int, opened: dict[str, int], taken_in: int = 0, pins: Mapping[str, Cite] = {}
) -> Iterator[Asked]:  # fmt: skip
    """A case's operations in order: report, case, asked time, links, then what its people did.

    `taken_in`: when the report and the case were, if not as soon as the report was received. `pins`: the sections that
    cases are decided on; without them they are dismissed.
    """
    at = now - case.received_minutes_ago * MINUTE
    first = taken_in or at
    report_op = op_id(case.key, 0, first)
    yield Asked(first, "intake", _report(case, min(at, first), now), report_op)
    yield Asked(first, "intake", _case(case, min(at, first), ids.entity_id(report_op, 0)), op_id(case.key, 1, first))
    n = 2
    for moment, op in _at_intake(case, at, now, opened):
        yield Asked(moment, "intake", op, op_id(case.key, n, moment))
        n += 1
    yield from seeding_media.said(case, _subjects(case), first, now)
    floor = at
    for step in case.steps:
        moment = max(floor, now - step.minutes_ago * MINUTE)
        work = seeding_work.decision(case, step, moment, now, pins)
        for each in work:
            floor = each.at
            yield Asked(each.at, each.actor, each.op, each.op_id)
        if not work:
            yield Asked(moment, step.actor, _step(case, step, moment), op_id(case.key, n, moment))
            floor = moment
        n += 1
    for each in seeding_work.at_work(case, floor, now, pins):
        yield Asked(each.at, each.actor, each.op, each.op_id)


def _report(case: DemoCase, at: int, now: int) -> ReceiveReport:
    asked = (AskedTime(case.asked_words, _asked_instant(case, now)),) if case.asked_words else ()
    return ReceiveReport(
        kind=case.kind, channel=case.channel, requester_name=case.requester.name,
        requester_kind=case.requester.kind, organisation=case.requester.organisation, country=case.requester.country,
        on_behalf_of=case.on_behalf_of, received_at=at, body=case.body, dedupe_key=f"demo:{case.key}", source="demo",
        hidden=dict(hidden_kinds(case.body)), asked=asked,
        attachments=tuple(seeding_media.attached(each) for each in case.attachments),
    )  # fmt: skip


def _asked_instant(case: DemoCase, now: int) -> int | None:
    return None if case.asked_minutes is None else now + case.asked_minutes * MINUTE


def _case(case: DemoCase, at: int, report: str) -> OpenCase:
    return OpenCase(
        report=report, title=case.title, summary=case.summary, content_note=case.content_note, case_type=case.type,
        product=case.product, countries=tuple(case.countries), languages=(case.language,) if case.language else (),
        severity=case.severity, harm=case.harm, flags=tuple(case.flags), tags=tuple(case.tags),
        subjects=_subjects(case),
        received_at=at, opens=case_id(case.key),
    )  # fmt: skip


def _subjects(case: DemoCase) -> tuple[NewSubject, ...]:
    return tuple(
        NewSubject(platform=PLATFORM.name, item_type=s.item_type, item_id=s.item_id, url=s.url, author=s.author,
                   reach=s.reach, text=s.text, media=seeding_media.of_item(case, at))
        for at, s in enumerate(case.subjects)
    )  # fmt: skip


def _at_intake(case: DemoCase, at: int, now: int, opened: dict[str, int]) -> Iterator[tuple[int, Operation]]:
    """What intake knows from the start; a link waits until the other case is here. `opened`: when stories opened."""
    key, instant = case_id(case.key), _asked_instant(case, now)
    opened[case.key] = at
    if instant is not None and case.asked_words:
        yield at, RecordAsked(case=key, words=case.asked_words, instant=instant)
    if case.verified is not None:
        state: Literal["verified", "failed"] = "verified" if case.verified else "failed"
        yield at, operations.VerifyReport(case=key, state=state, method="portal")
    for kind, other in case.links:
        yield max(at, opened.get(other, at)), LinkCases(case=key, target=case_id(other), kind=kind)  # type: ignore[arg-type]


def _step(case: DemoCase, step: DemoStep, at: int) -> Operation:
    key, args = case_id(case.key), step.args
    match step.verb:
        case "note":
            return operations.AddNote(case=key, body=args["body"], kind=args.get("kind", "note"))
        case "tag":
            return operations.Tag(case=key, tags=(args["name"],))
        case "flag":
            return operations.AddFlag(case=key, flag=args["name"])
        case "wait":
            until = at + args["minutes"] * MINUTE if args.get("minutes") else None
            return operations.Wait(case=key, on=args.get("on", ""), until=until)
        case "triage":
            return operations.Triage(case=key, case_type=args.get("type", ""), severity=args.get("severity"),
                                     reason=args.get("reason", "as the guidelines say"))  # fmt: skip
        case "assign":
            return operations.Assign(case=key, person=args["person"])
        case verb:
            return _plain_step(verb, key, args)


def _plain_step(verb: str, key: str, args: Mapping[str, Any]) -> Operation:
    """A step whose operation takes a reason at most."""
    match verb:
        case "close":
            return operations.Close(case=key, root_cause=args.get("root_cause", "none"))
        case "skip":
            return operations.Skip(case=key, reason=args.get("reason", ""))
        case "dismiss":
            return operations.Dismiss(case=key, reason=args["reason"])
    simple: dict[str, type[operations.OnCase]] = {
        "claim": operations.Claim, "release": operations.Release, "wake": operations.Wake,
    }  # fmt: skip
    return simple[verb](case=key)
