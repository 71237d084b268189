"""Updates to the stakeholders: written, agreed to by somebody else, published; drafted from the log and redrawable."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import pytest
from desk import DAY, HOUR, LEAD, NOW, Desk

from escaltui.domain import operations as ops
from escaltui.domain import updates
from escaltui.domain.changes import Change, ChangeAction
from escaltui.domain.decisions import Action, Decision, Line
from escaltui.domain.entities import Consult, Message, Stakeholder, Task, Update
from escaltui.domain.operations import NewSubject

COMMS = frozenset({"comms"})
TEXTS = {"line": "L", "mail": "M", "executive": "E"}
PEOPLE: dict[str, Stakeholder | None] = {
    "Vi": Stakeholder("vi@house.example", "executive"), "Jo": Stakeholder("jo@house.example"),
}  # fmt: skip


def saved(desk: Desk, case: str, actor: str = "ada", **more: Any) -> str:
    desk.do(ops.SaveUpdate(case=case, **({"texts": TEXTS} | more)), actor)
    return next(each.entity_id for each in reversed(desk.log) if each.entity == "update")


def the(desk: Desk, update: str) -> Update:
    found = desk.rows["update", update]
    assert isinstance(found, Update)
    return found


def with_people(desk: Desk) -> str:
    case = desk.open()
    desk.do(ops.SetStakeholders(case=case, people=PEOPLE))
    return case


def test_stakeholders_are_set_and_taken_off_by_name() -> None:
    desk = Desk()
    case = with_people(desk)
    assert desk.case(case).stakeholders == PEOPLE
    desk.do(ops.SetStakeholders(case=case, people={"Vi": None, "Flo": Stakeholder("flo@x.example", "line")}))
    assert sorted(desk.case(case).stakeholders) == ["Flo", "Jo"]
    desk.no("incomplete", ops.SetStakeholders(case=case, people={}))
    desk.no("incomplete", ops.SetStakeholders(case=case, people={"A": Stakeholder(" ")}))
    desk.no("incomplete", ops.SetStakeholders(case=case, people={"A": "a@x.example"}))  # type: ignore[dict-item]
    desk.no("invalid", ops.SetStakeholders(case=case, people={" ": Stakeholder("a")}))
    desk.no("invalid", ops.SetStakeholders(case=case, people={"A": Stakeholder("a", "novel")}))  # type: ignore[arg-type]
    desk.no("invalid", ops.SetStakeholders(case=case, people={f"A{n}": Stakeholder("a") for n in range(199)}))


def test_a_tactical_update_is_published_and_starts_the_next_ones_clock() -> None:
    desk = Desk()
    case = with_people(desk)
    update = saved(desk, case, numbers={"at": NOW}, upto=7, promised=NOW + DAY)
    desk.no("invalid", ops.ApproveUpdate(case=case, update=update), "lin", LEAD)
    desk.do(ops.PublishUpdate(case=case, update=update))
    one = the(desk, update)
    assert (one.state, one.published_by, one.published_at, one.promised, one.upto) == (
        "published", "ada", NOW, NOW + DAY, 7,
    )  # fmt: skip
    desk.no("stale", ops.PublishUpdate(case=case, update=update))
    desk.no("stale", ops.SaveUpdate(case=case, update=update, texts=TEXTS))


def test_an_update_that_cannot_be_kept_or_published() -> None:
    desk = Desk()
    case = with_people(desk)
    desk.no("incomplete", ops.SaveUpdate(case=case, texts={"mail": " "}))
    desk.no("invalid", ops.SaveUpdate(case=case, texts={"novel": "x"}))
    desk.no("invalid", ops.SaveUpdate(case=case, texts=TEXTS, promised=-1))
    desk.no("not_found", ops.SaveUpdate(case=case, texts=TEXTS, update="nowhere"))
    desk.no("not_found", ops.SaveUpdate(case=desk.open(), texts=TEXTS, update=saved(desk, case)))
    short = saved(desk, case, texts={"mail": "M"})
    refused = desk.no("incomplete", ops.PublishUpdate(case=case, update=short))
    assert refused.values[0][1].names == ("executive",)
    late = saved(desk, case, promised=NOW)
    desk.no("invalid", ops.PublishUpdate(case=case, update=late))
    alone = desk.open()
    desk.no("incomplete", ops.PublishUpdate(case=alone, update=saved(desk, alone)))
    desk.no("needs_authority", ops.PublishUpdate(case=case, update=late), authority=False)


@pytest.mark.parametrize(("audience", "role", "other"), [("executive", LEAD, COMMS), ("external", COMMS, LEAD)])
def test_executives_and_the_outside_ask_for_a_yes_of_a_role(audience: Any, role: Any, other: Any) -> None:
    desk = Desk()
    case = with_people(desk)
    update = saved(desk, case, audience=audience)
    approve, publish = ops.ApproveUpdate(case=case, update=update), ops.PublishUpdate(case=case, update=update)
    desk.no("blocked", publish)
    desk.no("not_allowed", approve, "grace", other)
    desk.do(approve, "grace", role)
    assert (the(desk, update).state, the(desk, update).approved_by) == ("approved", "grace")
    desk.no("stale", approve, "lin", role)
    desk.do(publish)


def test_no_author_says_yes_to_an_update_and_an_edit_takes_the_yes_back() -> None:
    desk = Desk()
    case = with_people(desk)
    update = saved(desk, case, "lin", audience="executive")
    approve = ops.ApproveUpdate(case=case, update=update)
    desk.no("recused", approve, "lin", LEAD)
    desk.do(approve, "grace", LEAD)
    desk.do(ops.SaveUpdate(case=case, update=update, audience="executive", texts=TEXTS | {"line": "other"}), "grace")
    assert (the(desk, update).state, the(desk, update).approved_by) == ("draft", "")
    desk.no("blocked", ops.PublishUpdate(case=case, update=update))
    desk.no("recused", approve, "grace", LEAD)  # wrote on it since
    desk.no("recused", approve, "lin", LEAD)  # still the first author
    stale = msgspec.structs.replace(approve, seen_rev=the(desk, update).rev - 1)
    desk.no("stale", stale, "flo", LEAD)
    desk.do(msgspec.structs.replace(approve, seen_rev=the(desk, update).rev), "flo", LEAD)


# --- drafted from the log


class Logged(NamedTuple):
    """A change as a store's log gives it back."""

    seq: int
    at: int
    entity: str
    entity_id: str
    action: ChangeAction
    fields: dict[str, tuple[Any, Any]]


class Story:
    """A desk whose log of one case is read again and again."""

    def __init__(self) -> None:
        self.desk = Desk()
        report = self.desk.report(requester_name="Jo")
        items = tuple(NewSubject(platform="web", item_id=f"p{n}") for n in range(3))
        self.case = self.desk.held(title="T", report=report, subjects=items, case_type="press", severity=2)
        self.extra: list[tuple[int, Change]] = []

    def put(self, row: Any, was: Any = None) -> None:
        """A row that no operation here makes, written into rows and log behind the rules' back."""
        from desk import Told

        from escaltui.domain import fold

        fields = fold.created(row) if was is None else fold.difference(was, row)
        self.desk.rows[row.NAME, row.id] = row
        self.desk.log.append(
            Told(
                entity=row.NAME, entity_id=row.id, action="set" if was else "created", fields=fields, case_id=self.case
            )
        )

    def log(self) -> list[Logged]:
        mine = [each for each in self.desk.log if each.case_id == self.case]
        return [Logged(n, NOW, each.entity, each.entity_id, each.action, each.fields) for n, each in enumerate(mine, 1)]

    def last(self) -> int:
        return self.log()[-1].seq

    def drafted(self, since: int = 0, now: int = 0) -> updates.Draft:
        found = updates.draft(self.log(), since, self.last(), now or self.desk.now)
        assert found is not None
        return found


def sentences(found: updates.Draft, part: str) -> list[str]:
    return updates.part(found, part, str).splitlines()


def test_the_first_update_tells_how_the_case_stands() -> None:
    story = Story()
    found = story.drafted()
    assert found.ref == story.desk.case(story.case).ref
    assert sentences(found, "conditions")[:3] == ["press, S2, in_review.", "Reports: 1, new: 1.", "Items: 3, new: 3."]
    assert any(line.startswith("decision is due: 2026-06-0") for line in sentences(found, "conditions"))
    assert sentences(found, "actions") == sentences(found, "needs") == []
    assert {line.ids for line in found.lines} == {(story.case,)}


def test_the_next_update_tells_what_changed_since_and_what_is_needed() -> None:
    story = Story()
    desk, case, since = story.desk, story.case, story.last()
    desk.do(ops.SetSeverity(case=case, severity=1))
    desk.do(ops.AttachSubject(case=case, subject=NewSubject(platform="web", item_id="p9")))
    for team, more in (("comms", {}), ("ip", {}), ("legal", {"sensitivity": "privileged"})):
        desk.do(ops.AskConsult(case=case, team=team, question="q", due=NOW + HOUR, **more))  # type: ignore[arg-type]
    comms = next(row for row in desk.of(Consult, team="comms"))
    desk.do(ops.AnswerConsult(case=case, consult=comms.id, answer="a", source="s"))
    desk.do(ops.AddTask(case=case, title="One"))
    (one,) = desk.of(Task)
    desk.do(ops.AddTask(case=case, title="Two", blocked_by=(one.id,)))
    story.put(Message(id="m1", case=case, party="press", direction="in", state="received", created_at=NOW))
    story.put(Decision(id="d1", case=case, lines=(Line("answered"), Line("no_violation")), state="effective"))
    action = Action(id="a1", case=case, decision="d1", state="queued")
    story.put(action)
    story.put(msgspec.structs.replace(desk.case(case), awaits=("lead",)), desk.case(case))
    desk.now += 2 * HOUR
    found = story.drafted(since)
    assert sentences(found, "conditions")[:5] == [
        "press, S1, in_review.", "The severity was S2.", "Reports: 1, new: 0.", "Items: 4, new: 1.",
        "First contact of the press: 2026-06-01 10:00 UTC.",
    ]  # fmt: skip
    assert sentences(found, "actions") == [
        "Decided: answered, no_violation.", "Answered: comms.", "Letters received: 1.",
    ]  # fmt: skip
    assert sentences(found, "needs") == [
        "Answer overdue: ip.", "Approval awaited: lead.", "Tasks blocked: 1.", "To be carried out by hand: 1.",
    ]  # fmt: skip
    assert "legal" not in str(found)  # a privileged question is nobody else's
    story.put(msgspec.structs.replace(action, state="confirmed"), action)
    later = story.drafted(since)
    assert "Carried out: 1." in sentences(later, "actions")
    again = story.drafted(story.last())
    assert sentences(again, "actions") == []
    assert "First contact" not in str(again)


def test_three_lengths_one_line_the_first() -> None:
    story = Story()
    desk = story.desk
    desk.do(ops.AskConsult(case=story.case, team="comms", question="q", due=NOW + HOUR))
    texts = updates.texts(story.drafted(), str)
    assert set(texts) == {"line", "mail", "executive"}
    assert "\n" not in texts["line"]
    assert texts["line"].endswith("press, S2, in_review. Answer awaited: comms.")
    assert texts["mail"].splitlines()[2] == "conditions"
    assert len(texts["line"]) < len(texts["executive"]) < len(texts["mail"])


def test_an_update_is_drawn_again_as_it_was_whatever_came_after() -> None:
    story = Story()
    desk, case = story.desk, story.case
    found = story.drafted()
    update = saved(desk, case, numbers=found.numbers, upto=found.upto)
    for n in range(5):
        desk.now += 6 * HOUR
        desk.do(ops.AddTask(case=case, title=f"t{n}"))
        desk.do(ops.AttachSubject(case=case, subject=NewSubject(platform="web", item_id=f"later{n}")))
        desk.do(ops.SetSeverity(case=case, severity=n % 3, reason="r"))
        assert updates.redraw(story.log(), the(desk, update)) == found
    newer = story.drafted(found.upto)
    assert newer.numbers["items"] == found.numbers["items"] + 5
    assert newer.numbers != found.numbers
    assert updates.draft((), 0, 9, NOW) is None
