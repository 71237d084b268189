"""Kinds of version: no-op, flap, suspect, technical, substantive; what is in force."""

from __future__ import annotations

from datetime import date, timedelta

from escaltui.policy.library import Version, in_force
from escaltui.policy.split import split
from escaltui.policy.versions import History, Step, next_version, rejudge

DAY = date(2026, 1, 1)
RULES = (
    "# Rules\n\n## Threats\n\nWe remove threats that could lead to death or injury of a person or of a group of people."
)
OTHER = "# Log in\n\n## Welcome\n\nEnter the name and the password of your account to see what friends have written."


def run(*texts: tuple[int, str], technical: bool = False) -> Step:
    """Versions on the given days after the first; the last step."""
    history = History("rules")
    for offset, text in texts:
        day = DAY + timedelta(days=offset)
        step = next_version(history, split(text), Version("rules", day.isoformat(), day), technical=technical)
        history = step.history
    return step


def kinds(step: Step) -> list[str]:
    return [v.kind for v in step.history.versions]


def test_the_same_text_is_a_noop_whatever_its_links_and_blanks() -> None:
    step = run((0, RULES), (9, RULES.replace("threats that", "[threats](https://a.test)  that") + "\n\n\n"))
    assert kinds(step) == ["substantive", "noop"]
    assert step.version.same_as == "2026-01-01"
    assert step.sections == ()


def test_a_retitled_section_is_a_change() -> None:
    assert kinds(run((0, RULES), (9, RULES.replace("## Threats", "## Threats of harm"))))[-1] == "substantive"


def test_there_and_back_within_14_days_is_a_flap() -> None:
    changed = RULES + "\n\n## New\n\nA new rule."
    step = run((0, RULES), (30, changed), (44, RULES))
    assert kinds(step) == ["substantive", "flap", "flap"]
    assert step.refolded == ("2026-01-31",)
    assert kinds(run((0, RULES), (30, changed), (45, RULES))) == ["substantive"] * 3


def test_a_text_that_shares_nothing_is_held_and_the_next_compares_with_the_last_accepted() -> None:
    step = run((0, RULES), (5, OTHER), (9, RULES + " Always."))
    assert kinds(step) == ["substantive", "suspect", "substantive"]
    assert step.compared_with == "2026-01-01"


def test_a_very_short_document_is_never_held() -> None:
    assert kinds(run((0, "Be kind."), (5, "Respect others here.")))[-1] == "substantive"


def test_a_release_frees_later_versions_that_go_on_from_it() -> None:
    step = run((0, RULES), (5, OTHER), (9, OTHER + " Welcome."), (12, OTHER + " Welcome."), (20, OTHER + " Bye."))
    assert kinds(step) == ["substantive", "suspect", "suspect", "suspect", "suspect"]
    changed = {v.version: v.kind for v in rejudge(step.history, "2026-01-06")}
    assert list(changed.values()) == ["substantive", "substantive", "noop", "substantive"]


def test_technical_versions_are_folded() -> None:
    assert kinds(run((0, RULES), (5, RULES + " x"), technical=True))[-1] == "technical"


def test_in_force_on_a_day() -> None:
    seen = Version("d", "a", DAY)
    later = Version("d", "b", DAY + timedelta(days=5), effective_from=DAY + timedelta(days=30))
    folded = Version("d", "c", DAY + timedelta(days=6), kind="flap")
    every = (seen, later, folded)
    assert in_force(every, DAY - timedelta(days=1)) is None
    assert in_force(every, DAY + timedelta(days=29)) == seen
    assert in_force(every, DAY + timedelta(days=30)) == later
