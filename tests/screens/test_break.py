"""The break, reminders and the calmer case by keyboard, at 80x24."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from escaltui.app import EscaltuiApp
from escaltui.domain.operations import Claim
from escaltui.safety.exposure import BREAK, DAY, MINUTE, Look, Nudge
from escaltui.screens.pausing import Pausing
from escaltui.screens.resting import RestingScreen
from escaltui.widgets.key_menu import KeyMenu
from escaltui.widgets.lines import StatusLine
from escaltui.widgets.say import plain
from escaltui.workbench import Workbench

from .conftest import Clock, settled, text_of

Make = Callable[..., EscaltuiApp]
SIZE = (80, 24)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The desk's clock stands at 20:26 there: the day holds what is looked at."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def looked(desk: Workbench, minutes: float, *, rating: str = "graphic", ref: str = "E-OTHER") -> None:
    """So many minutes at clear, which end now."""
    seconds = minutes * 60
    at = desk.now() - round(seconds * 1000)
    desk.exposure.ledger.end(desk.exposure.ledger.begin(Look(at, "ab" * 32, rating=rating, case_ref=ref)), seconds)


def shown(app: EscaltuiApp) -> str:
    return "\n".join(text_of(app))


def status(app: EscaltuiApp) -> str:
    parts = app.screen.query_one(StatusLine).left
    return "".join(plain(part if not isinstance(part, tuple) else part[0]) for part in parts)


def message(app: EscaltuiApp) -> str:
    return app.messages.kept[-1].text.value if app.messages.kept else ""


@pytest.fixture
def shields(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often everything was shielded, and what was on top then."""
    found: list[str] = []
    monkeypatch.setattr(EscaltuiApp, "reshield", lambda app: found.append(type(app.screen).__name__), raising=False)
    return found


async def remind(app: EscaltuiApp) -> None:
    screen = app.screen
    assert isinstance(screen, Pausing)
    screen.remind()
    await settled(app)


# --- the break


async def test_a_break_shields_everything_and_counts_whole_minutes(
    make_app: Make, clock: Clock, shields: list[str]
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("B")
        await settled(app)
        assert isinstance(app.screen, RestingScreen)
        assert "RestingScreen" in shields
        lines = text_of(app)
        assert lines[0].startswith("escaltui / Break")
        assert "5 minutes left. esc ends it early." in lines[1]
        for minutes, words in ((1, "4 minutes left"), (4, "1 minute left"), (4.9, "1 minute left")):
            clock.now = app.screen.began + round(minutes * MINUTE)
            app.screen.ticked()
            await settled(app)
            assert words in shown(app)


async def test_a_whole_break_begins_the_count_anew(
    make_app: Make, desk: Workbench, clock: Clock, shields: list[str]
) -> None:
    looked(desk, 9)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await remind(app)
        assert desk.exposure.looked_minutes() == 9
        await pilot.press("B")
        await settled(app)
        clock.now += BREAK
        app.screen.ticked()  # type: ignore[attr-defined]
        await settled(app)
        assert "The break is over." in shown(app)
        assert desk.exposure.looked_minutes() == 0
        await pilot.press("escape")
        await settled(app)
        assert not isinstance(app.screen, RestingScreen)
        assert message(app) == "Back from the break: the count begins anew."


@pytest.mark.parametrize("early", [True, False])
async def test_esc_ends_it_early_and_the_count_goes_on(
    make_app: Make, desk: Workbench, clock: Clock, shields: list[str], early: bool
) -> None:
    looked(desk, 9)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("B")
        await settled(app)
        clock.now += 2 * MINUTE if early else BREAK  # and no tick since
        await pilot.press("escape")
        await settled(app)
        assert desk.exposure.refresh().seconds == (540 if early else 0)
        assert message(app).startswith("Back after 2 of 5 minutes" if early else "Back from the break")


async def test_claims_are_kept_and_what_a_law_wants_comes_through(
    make_app: Make, desk: Workbench, clock: Clock, shields: list[str]
) -> None:
    from escaltui.domain import ids
    from escaltui.domain.operations import OpenCase

    order = ids.entity_id(desk.operation_id(), 0)
    desk.do(OpenCase(opens=order, title="Order", case_type="legal_removal", flags=("terrorism",), countries=("FR",)))
    desk.do(Claim(case=order))
    line = desk.line(order)
    assert line is not None
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("B")
        await settled(app)
        assert line.ref not in shown(app), "an hour is left: not yet"
        clock.now += 8 * MINUTE  # the claim ends in seven
        app.screen.ticked()  # type: ignore[attr-defined]
        await settled(app)
        held = desk.line(order)
        assert held is not None
        assert held.held_until == clock.now + 15 * MINUTE
        clock.now += 25 * MINUTE
        app.screen.ticked()  # type: ignore[attr-defined]
        await settled(app)
        assert f"{line.ref}  § 0:27" in shown(app)


async def test_the_week_and_harms_left_out_fit_the_screen(
    make_app: Make, desk: Workbench, clock: Clock, shields: list[str]
) -> None:
    looked(desk, 4)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("B")
        await settled(app)
        assert "4 min, 1 look, 1 graphic" in shown(app)
        assert "Not today" in shown(app)
        await pilot.press("enter")
        await settled(app)
        menu = app.screen
        assert isinstance(menu, KeyMenu)
        letter = next(choice.key for choice in menu.choices if choice.value == "self_harm")
        await pilot.press(letter)
        await settled(app)
        assert desk.exposure.left_out(clock.now) == {"self_harm"}
        assert "Not today  Self-harm" in shown(app)
        assert desk.exposure.left_out(clock.now + 2 * DAY) == frozenset()
        await pilot.press("enter")
        await settled(app)
        await pilot.press(letter)
        await settled(app)
        assert desk.exposure.left_out(clock.now) == frozenset()


async def test_a_break_is_taken_and_ended_with_the_real_shield(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("enter")
        await settled(app)
        below = app.screen
        await pilot.press("B", "escape")
        await settled(app)
        assert app.screen is below


async def test_b_types_a_letter_in_a_field(make_app: Make, shields: list[str]) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await pilot.press("/", "B")
        await settled(app)
        assert not isinstance(app.screen, RestingScreen)


# --- reminders


async def test_the_budget_used_up_is_one_line_once(make_app: Make, desk: Workbench) -> None:
    looked(desk, 4)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await remind(app)
        assert message(app) == ""
        assert "looked" not in status(app)
        await pilot.press("j")
        await settled(app)
        assert status(app).endswith("looked 4 of 15 min")
        looked(desk, 11)
        await remind(app)
        assert message(app) == "15 minutes of clear pictures today. B takes a break. Only you see this."
        count = len(app.messages.kept)
        await remind(app)
        assert len(app.messages.kept) == count


async def test_twice_the_budget_asks_and_a_stray_enter_goes_on(
    make_app: Make, desk: Workbench, shields: list[str]
) -> None:
    looked(desk, 31)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        await remind(app)
        assert isinstance(app.screen, KeyMenu)
        await pilot.press("enter")
        await settled(app)
        assert not isinstance(app.screen, (KeyMenu, RestingScreen))
        await remind(app)
        assert not isinstance(app.screen, KeyMenu), "asked once"
        desk.exposure.told(Nudge(0, "minutes", 31))
        await remind(app)
        await pilot.press("B")
        await settled(app)
        assert isinstance(app.screen, RestingScreen)


@pytest.mark.parametrize("how", ["typing", "leased", "under a menu", "control"])
async def test_nobody_is_interrupted(
    make_app: Make, desk: Workbench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    looked(desk, 31)
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settled(app)
        screen = app.screen
        assert isinstance(screen, Pausing)
        if how == "typing":
            await pilot.press("/")
        elif how == "leased":
            monkeypatch.setattr(type(screen), "leased", True)
        elif how == "under a menu":
            await pilot.press("g")
        await settled(app)
        before, said = app.screen, len(app.messages.kept)
        screen.remind()
        await settled(app)
        assert (app.screen is not before) == (how == "control")
        assert len(app.messages.kept) == said


# --- a calmer case


async def graphic_desk(desk: Workbench) -> str:
    """Three graphic cases seen; the next has a picture, the last is words alone. Gives its reference."""
    from escaltui.domain.media import Attachment
    from escaltui.domain.operations import AttachSubject, NewSubject

    for ref in ("E-1", "E-2", "E-3"):
        looked(desk, 0.1, ref=ref)
    rows = desk.page("is:open -sev:0,1")
    for at, row in enumerate(rows[:-1]):
        picture = Attachment("one.jpg", "image/jpeg", 10, f"{at:064x}")
        item = NewSubject(platform="web", item_id=f"p{at}", media=(picture,))
        desk.do(AttachSubject(case=row.id, subject=item))
    return rows[-1].ref


@pytest.mark.parametrize("key", ["y", "n", "escape"])
async def test_a_calmer_case_is_offered_and_n_again_is_queue_order(
    make_app: Make, desk: Workbench, clock: Clock, key: str
) -> None:
    calm = await graphic_desk(desk)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        app.list_now("is:open -sev:0,1 -due<1h", "queue", "All open")
        await pilot.press("n")
        await settled(app)
        assert isinstance(app.screen, KeyMenu)
        assert f"After 3 graphic cases: {calm} is of words alone." in shown(app)
        await pilot.press(key)
        await settled(app)
        mine = [row.ref for row in desk.page("is:claimed")]
        assert len(mine) == (0 if key == "escape" else 1)
        assert (calm in mine) == (key == "y")
