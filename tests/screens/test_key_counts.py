"""How many keys a job takes, prose aside; and that the same keys in one packet do the same operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest
from casebench import app_on, burst, do, open_case, press, workbench
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.domain.entities import Stakeholder
from escaltui.screens.case import CaseScreen
from escaltui.workbench import Workbench

from .deskwork import decision, status, team, work

POLICIES = Path(str(files("escaltui"))) / "policy" / "data" / "documents" / "safety"
WHY = "It names the group"


class Prose(str):
    """Words of one's own: typed, not counted."""


class Job(NamedTuple):
    """What is typed, how many keys that may be, where it begins, and whether it was done."""

    name: str
    keys: tuple[str, ...]
    budget: int
    begin: str
    done: Callable[[Workbench, str], bool]


def _outcome(bench: Workbench, case_id: str) -> bool:
    (line,) = decision(bench, case_id).lines
    return (line.outcome, line.actions, len(line.cites)) == ("violation_action", (("remove", None),), 1)


JOBS = (
    Job("next case", ("n",), 1, "new", lambda bench, case_id: status(bench, case_id) == "in_review"),
    Job("triage as proposed", ("e", "t", "ctrl+s"), 3, "new",
        lambda bench, case_id: status(bench, case_id) == "triaged"),
    Job("decide citing a section", ("d", "2", *"dg.1", "enter", "r", Prose(WHY), "ctrl+s"), 10, "mine", _outcome),
    Job("decide from a look-up", ("p", "enter", "d", "2", "r", Prose(WHY), "ctrl+s"), 6, "mine", _outcome),
    Job("consult Legal", ("C", "l", "ctrl+s"), 3, "mine",
        lambda bench, case_id: [each.team for each in work(bench, case_id).consults] == ["legal"]),
    Job("update the stakeholders", ("S", "ctrl+s"), 2, "mine",
        lambda bench, case_id: [each.state for each in work(bench, case_id).updates] == ["published"]),
    Job("run a macro", ("m", "l", Prose("Does it bind us?"), "enter", "y"), 4, "mine",
        lambda bench, case_id: status(bench, case_id) == "waiting"),
    Job("say yes to what waits", ("A", "y"), 2, "answered",
        lambda bench, case_id: work(bench, case_id).consults[0].state == "answered"),
)  # fmt: skip


def typed(job: Job) -> list[str]:
    return [key for each in job.keys for key in (each if isinstance(each, Prose) else (each,))]


def begin(bench: Workbench, job: Job) -> str:
    """The case of a job: new and nobody's, or one's own; with whom to keep up to date."""
    case_id = open_case(bench, "A slur about a group", body="A hateful slur: they praise the listed organisation",
                        case_type="user_escalation", kind="press")  # fmt: skip
    if job.begin == "new":
        return case_id
    do(bench, ops.Triage(case=case_id, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case_id))
    do(bench, ops.SetStakeholders(case=case_id, people={"Head": Stakeholder("head@example.org", "line")}))
    if job.begin == "answered":
        do(bench, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?"))
        asked = work(bench, case_id).consults[0].id
        do(bench, ops.OfferAnswer(case=case_id, consult=asked, body="Yes.", sender="l@example.org", message_id="<1@x>"))
    return case_id


@contextmanager
def desk(folder: Path) -> Iterator[Workbench]:
    with workbench(folder) as bench:
        team(bench)
        bench.import_policies(POLICIES)
        yield bench


def log(bench: Workbench) -> list[str]:
    """What was done; not what was before somebody's eyes long enough to count as read."""
    kept = reversed(bench.store.own_operations("kosei", 100))
    return [each.type for each in kept if each.type != "ReadSections"]


async def work_through(folder: Path, job: Job, by: Callable[..., object]) -> list[str]:
    with desk(folder) as bench:
        case_id = begin(bench, job)
        async with app_on(bench) as pilot:
            if job.begin != "new":
                await press(pilot, "enter")
            await by(pilot, *typed(job))  # type: ignore[misc]
            assert job.done(bench, case_id), said(pilot)
        return log(bench)


def said(pilot: Pilot[str]) -> str:
    from casebench import shown

    return shown(pilot)


@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
async def test_a_job_within_its_keys_typed_or_in_one_packet(tmp_path: Path, job: Job) -> None:
    counted = [key for key in job.keys if not isinstance(key, Prose)]
    assert len(counted) <= job.budget
    slow = await work_through(tmp_path / "slow", job, press)
    fast = await work_through(tmp_path / "fast", job, burst)
    assert slow == fast


async def test_five_jobs_in_one_packet(tmp_path: Path) -> None:
    """Next, note, question, update, decision in one go: each once, in this order."""
    keys = ("n", "c", *"Seen.", "ctrl+s", "C", "l", "ctrl+s", "S", "ctrl+s", "d", "2", *"dg.1", "enter", "r", *WHY,
            "ctrl+s", "u")  # fmt: skip
    logs = []
    for name, by in (("slow", press), ("fast", burst)):
        with desk(tmp_path / name) as bench:
            case_id = begin(bench, JOBS[0])
            do(bench, ops.SetStakeholders(case=case_id, people={"Head": Stakeholder("head@example.org", "line")}))
            async with app_on(bench) as pilot:
                await by(pilot, *keys)
                assert isinstance(pilot.app.screen, CaseScreen), said(pilot)
            logs.append(log(bench))
    assert logs[0] == logs[1]
    assert [name for name in logs[0] if name in ("AddNote", "AskConsult", "PublishUpdate", "ProposeDecision")] == [
        "AddNote", "AskConsult", "PublishUpdate", "ProposeDecision",
    ]  # fmt: skip
