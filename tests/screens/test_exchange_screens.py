"""Working with others by keys: questions, letters, tasks, verification, user notice, checklists, updates, macros."""

from __future__ import annotations

import pytest
from casebench import HOUR, NOW, app_on, do, open_case, press, shown
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.domain.entities import Stakeholder
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets.reply import ReplySheet
from escaltui.screens.sheets.sheet import Sheet
from escaltui.workbench import Workbench

from .deskwork import case_of, status, work

SIZES = [(80, 24), (120, 40)]


def mine(bench: Workbench, **more: object) -> str:
    """An order that Kosei holds."""
    case_id = open_case(bench, **more)  # type: ignore[arg-type]
    do(bench, ops.Triage(case=case_id, severity=2, reason="checked"))
    do(bench, ops.Claim(case=case_id))
    return case_id


# --- questions


@pytest.mark.parametrize("size", SIZES)
async def test_legal_is_asked_the_usual_question(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = mine(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "C")
        assert "Usual here: Legal." in shown(pilot)
        await press(pilot, "l")
        assert "Does this order bind us" in shown(pilot)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "Legal is asked." in shown(pilot)
        await press(pilot, "4")
        assert "Does this order bind us" in shown(pilot)
    (asked,) = work(bench, case_id).consults
    assert (asked.team, asked.binding, asked.state) == ("legal", "advice", "asked")


async def test_a_question_with_choices_a_time_and_a_wait(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(
            pilot, "enter", "C", "l", *" Now?", "tab", "tab", *"yes; no", "enter", *"2h", "enter", "2", "tab", "2"
        )
        await press(pilot, "ctrl+s")
        assert "Legal is asked." in shown(pilot), shown(pilot)
    (asked,) = work(bench, case_id).consults
    assert asked.question.value.endswith(" Now?")
    assert [each.value for each in asked.options] == ["yes", "no"]
    assert (asked.due, asked.binding) == (NOW + 2 * HOUR, "approval_required")
    assert status(bench, case_id) == "waiting"


async def test_a_question_without_a_team_or_with_a_bad_time_stays(bench: Workbench) -> None:
    mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "C", "ctrl+s")
        assert "Pick a team." in shown(pilot)
        await press(pilot, "l", "tab", "tab", "tab", *"someday", "ctrl+s")
        assert isinstance(pilot.app.screen, Sheet)
        assert "someday" in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_an_offered_answer_is_accepted_with_one_key_and_a_yes(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = mine(bench)
    do(bench, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?", wait=True))
    (asked,) = work(bench, case_id).consults
    offer = ops.OfferAnswer(case=case_id, consult=asked.id, body="It binds us in DE.", sender="legal@example.org",
                            message_id="<1@example.org>")  # fmt: skip
    do(bench, offer)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter")
        assert "A say yes" in shown(pilot)
        await press(pilot, "4")
        assert "An answer came and waits" in shown(pilot)
        await press(pilot, "A")
        seen = shown(pilot)
        assert "It binds us in DE." in seen
        assert "Does it bind us?" in seen
        await press(pilot, "y")
        assert "Answer of Legal accepted." in shown(pilot)
        assert "say yes" not in shown(pilot)
    (answered,) = work(bench, case_id).consults
    assert (answered.state, answered.answer.value) == ("answered", "It binds us in DE.")
    assert status(bench, case_id) != "waiting", "the answer wakes the case"


async def test_an_answer_by_telephone_is_written_down_with_its_source(bench: Workbench) -> None:
    case_id = mine(bench)
    do(bench, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "4", "enter", "a", *"Only in DE", "enter", *"K. Osei, telephone", "enter")
        assert "written down" in shown(pilot), shown(pilot)
    (answered,) = work(bench, case_id).consults
    assert (answered.answer.value, answered.source.value) == ("Only in DE", "K. Osei, telephone")


async def test_an_answer_without_a_source_is_refused_with_the_mend(bench: Workbench) -> None:
    case_id = mine(bench)
    do(bench, ops.AskConsult(case=case_id, team="legal", question="Does it bind us?"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "4", "enter", "a", *"Only in DE", "enter", "enter")
        assert "Not done" in shown(pilot)
    assert work(bench, case_id).consults[0].state == "asked"


async def test_a_question_is_seen_declined_taken_back(bench: Workbench) -> None:
    case_id = mine(bench)
    for n in range(2):
        do(bench, ops.AskConsult(case=case_id, team="legal", question=f"Question {n}?"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "4", "enter", "s")
        assert "they have seen it" in shown(pilot)
        await press(pilot, "enter", "d", *"not ours", "enter", "down", "enter", "x", *"settled", "enter")
    assert sorted(each.state for each in work(bench, case_id).consults) == ["declined", "withdrawn"]


# --- letters


def reply(pilot: Pilot[str]) -> ReplySheet:
    found = pilot.app.screen
    assert isinstance(found, ReplySheet)
    return found


def pick_of(pilot: Pilot[str], template: str) -> str:
    """The key of a template."""
    choices = reply(pilot).query_one("#template").choices  # type: ignore[attr-defined]
    return str(next(choice.key for choice in choices if choice.value == template))


@pytest.mark.parametrize("size", SIZES)
async def test_an_unfilled_placeholder_is_refused_and_the_words_stay(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = mine(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "r")
        await press(pilot, pick_of(pilot, "more-information"))
        assert "Still to fill in: what_is_missing, answer_by." in shown(pilot)
        await press(pilot, *"The order itself.", "ctrl+s")
        seen = shown(pilot)
        assert "Letter to the requester" in seen
        assert "Still to fill in: answer_by." in seen, "what was typed took the first one's place"
        await press(pilot, "f")
        assert "Not done" in shown(pilot)
        assert "answer_by" in shown(pilot)
        await press(pilot, "4", "enter", "e")
        assert "{{answer_by}}" in shown(pilot)
    (letter,) = work(bench, case_id).letters
    assert letter.state == "draft"
    assert "The order itself." in letter.body.value


async def test_templates_are_in_the_readers_language_without_their_braces(bench: Workbench) -> None:
    mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "r", "enter")
        seen = shown(pilot)
        assert "We need a little more information" in seen
        assert "{{" not in seen
        assert "Contre-notification" not in seen


async def test_a_letter_is_written_freely_and_exported(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "r", "tab", "tab", *"police@example.org", "enter", *"Your order", "enter", *"Done.")
        await press(pilot, "ctrl+s", "f")
        assert "Written to" in shown(pilot), shown(pilot)
    (letter,) = work(bench, case_id).letters
    assert (letter.state, letter.subject.value, letter.body.value) == ("sent", "Your order", "Done.")
    (file,) = (bench.store.folder / "letters").iterdir()
    assert b"police@example.org" in file.read_bytes()


async def test_a_letter_needs_another_roles_signature(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "r", "tab", "enter")
        await press(pilot, next(c.key for c in pilot.app.screen.choices if c.value == "press"))  # type: ignore[attr-defined]
        await press(
            pilot, "tab", *"news@example.org", "enter", *"Your question", "enter", *"We look into it.", "ctrl+s"
        )
        seen = shown(pilot)
        assert "Signature" in seen
        assert "sign it" not in seen
        await press(pilot, "escape")
        assert "say yes" not in shown(pilot)
    do(bench, ops.AddPerson(login="voice", roles=("specialist", "comms")))
    bench.act_as("voice")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "A")
        assert "We look into it." in shown(pilot)
        await press(pilot, "s")
        assert "Signed." in shown(pilot)
    (letter,) = work(bench, case_id).letters
    assert (letter.signoff, letter.signed_by) == ("given", "voice")


async def test_a_letter_draft_survives_esc(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "r", "tab", "tab", "tab", "tab", *"Dear", "escape", "r")
        assert "Your draft is back." in shown(pilot)
        assert "Dear" in shown(pilot)
    assert work(bench, case_id).letters == ()


# --- tasks


async def test_a_task_is_written_and_ticked_off(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "t", *"Call the court @kosei by fri 16:00", "enter")
        assert "Task written down." in shown(pilot)
        (task,) = work(bench, case_id).tasks
        assert (task.title.value, task.assignee) == ("Call the court", "kosei")
        assert task.due is not None
        await press(pilot, "A")
        assert "Task done." in shown(pilot)
    assert work(bench, case_id).tasks[0].state == "done"


async def test_a_task_with_a_bad_time_stays_in_the_field(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "t", *"Call by someday", "enter")
        assert "Call by someday" in shown(pilot)
        await press(pilot, "escape")
    assert work(bench, case_id).tasks == ()


async def test_a_task_is_given_up_with_a_reason(bench: Workbench) -> None:
    case_id = mine(bench)
    do(bench, ops.AddTask(case=case_id, title="Call"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "4", "enter", "x", *"answered", "enter")
        assert "Given up." in shown(pilot)
    assert work(bench, case_id).tasks[0].state == "cancelled"


# --- verification, telling the user, checklist


async def test_a_report_is_verified_through_a_contact_of_ours(bench: Workbench) -> None:
    case_id = mine(bench)
    bundle = bench.store.bundle(case_id)
    assert bundle is not None
    assert bundle.requester is not None
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "v", "1")
        assert "We have no contact of our own" in shown(pilot)
        do(
            bench,
            ops.EditRequester(requester=bundle.requester.id, contact="+49 30 110", channel="phone", source="book"),
        )
        await press(pilot, "e", "v", "1")
        assert "+49 30 110" in shown(pilot)
        await press(pilot, "1")
        assert "Verified." in shown(pilot)
        assert "this report: verified" in shown(pilot)
    face = bench.case(case_id)
    assert face is not None
    assert face.reports[0].verified == "verified"


@pytest.mark.parametrize("size", SIZES)
async def test_telling_the_user_is_delayed_with_a_source(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = mine(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "e", "n", "2", *"never", "enter")
        assert "never" in shown(pilot), "a time that cannot be read stays in its field"
        await press(pilot, *["backspace"] * 5, *"30d", "enter", *"The court's order", "enter")
        assert "Noted." in shown(pilot)
        await press(pilot, "4")
        assert "The court's order" in shown(pilot)
    assert work(bench, case_id).notice == "delayed"


async def test_a_checklist_is_gone_through(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "e", "y", "ctrl+s")
        assert "Nothing is changed" in shown(pilot)
        await press(pilot, "enter", "down", "enter", "enter", "ctrl+s")
        assert "Checklist kept." in shown(pilot)
    from escaltui.workbench.deciding import checklist

    _report, points = checklist(bench, case_id)
    assert [state for _name, _what, state in points][:2] == ["present", "absent"]


# --- updates, macros, who


@pytest.mark.parametrize("size", SIZES)
async def test_an_update_goes_out_to_whoever_is_kept_up_to_date(bench: Workbench, size: tuple[int, int]) -> None:
    case_id = mine(bench)
    async with app_on(bench, size) as pilot:
        await press(pilot, "enter", "@", "n", *"Comms lead, comms@example.org, mail", "enter")
        assert "Kept up to date now." in shown(pilot)
        await press(pilot, "S")
        assert "Comms lead" in shown(pilot)
        await press(pilot, "ctrl+s")
        assert "The update is out; 1 letter is ready to be sent." in shown(pilot)
    (update,) = work(bench, case_id).updates
    assert update.state == "published"
    (letter,) = work(bench, case_id).letters
    assert letter.address.value == "comms@example.org"


async def test_an_executive_update_waits_for_somebody_elses_yes(bench: Workbench) -> None:
    case_id = mine(bench)
    do(bench, ops.SetStakeholders(case=case_id, people={"Head": Stakeholder("head@example.org", "executive")}))
    bench.act_as("akim")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "S", "shift+tab", "shift+tab", "2", "ctrl+s")
        assert "waits for somebody else's yes" in shown(pilot), shown(pilot)
    bench.act_as("kosei")
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "A", "y")
        assert "Update approved." in shown(pilot)
        await press(pilot, "A")
    assert work(bench, case_id).updates[0].state == "published"


async def test_an_update_for_nobody_says_how_to_name_somebody_and_keeps_its_words(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "S", *"More tonight. ", "ctrl+s")
        assert "@ names somebody" in shown(pilot)
        await press(pilot, "escape", "@", "n", *"Comms lead, comms@example.org", "enter", "S")
        assert "Your draft is back." in shown(pilot)
        await press(pilot, "ctrl+s")
        assert "The update is out" in shown(pilot)
    (letter,) = work(bench, case_id).letters
    assert letter.body.value.startswith("More tonight. ")


async def test_the_next_update_is_promised(bench: Workbench) -> None:
    case_id = mine(bench)
    do(bench, ops.SetStakeholders(case=case_id, people={"Head": Stakeholder("head@example.org", "line")}))
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "S", "tab", *"2h", "ctrl+s")
    face = bench.case(case_id)
    assert face is not None
    assert any(clock.due == NOW + 2 * HOUR for clock in face.clocks)


async def test_a_macro_asks_shows_and_does_all_of_it(bench: Workbench) -> None:
    case_id = mine(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "enter", "m")
        assert "Ask Legal and wait" in shown(pilot)
        await press(pilot, "l", *"Binding?", "enter")
        assert "One undo takes all of it back." in shown(pilot)
        await press(pilot, "y")
        assert "Done: Ask Legal and wait." in shown(pilot)
    assert work(bench, case_id).consults[0].question.value == "Binding?"
    assert status(bench, case_id) == "waiting"


async def test_who_is_on_call(bench: Workbench) -> None:
    case_of(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "colon", *"who legal DE", "enter")
        assert "Legal DE" in shown(pilot)
        await press(pilot, "colon", *"who nobody", "enter")
        assert "nobody" in shown(pilot)
