# ruff: noqa: E501  (the forms print each question on one line)
"""Copyright notices: what the answers say, not what the form asks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.notice_forms import answers_of
from escaltui.intake.notices import letter_of, parse_notice

FORM = """**Are you the copyright holder or authorized to act on the copyright owner's behalf?**

Yes, I am authorized to act on the copyright owner's behalf.

**Please describe the nature of your copyright ownership or authorization to act on the owner's behalf.**

I represent Harbour Maps Ltd in this matter.

**Please provide a detailed description of the original copyrighted work that has allegedly been infringed. If possible, include a URL to where it is posted online.**

Our tiles, see https://github.com/harbour-maps/tiles and the site.

**What files should be taken down? Please provide URLs for each file, or if the entire repository, the repository’s URL.**

https://github.com/copier/tiles
https://github.com/copier/tiles/blob/main/a.png
https://github.com/Other/Tiles.git

**Do you claim to have any technological measures in place to control access to your copyrighted content? Please see our <a href="https://docs.github.com/articles/guide#complaints">Complaints about Anti-Circumvention Technology</a> if you are unsure.**

{measures}

**I have a good faith belief that use of the copyrighted materials described above on the infringing web pages is not authorized by the copyright owner, or its agent, or the law.**

**I swear, under penalty of perjury, that the information in this notification is accurate and that I am the copyright owner, or am authorized to act on behalf of the owner, of an exclusive right that is allegedly infringed.**

**So that we can get back to you, please provide either your telephone number or physical address.**

Phone: [private]

**Please type your full legal name below to sign this request.**

{name}
"""


def form(measures: str = "No", name: str = "[private]") -> str:
    return FORM.replace("{measures}", measures).replace("{name}", name)


def test_the_answers_are_read_not_the_questions() -> None:
    report = parse_notice(form(), path="2024/05/2024-05-06-harbour-maps-2.md")
    assert report.kind == "notice"
    assert report.channel == "form"
    assert report.right_claimed == "copyright"
    assert report.answers["technical_measures"] == "No"
    assert report.answers["authority"] == "I represent Harbour Maps Ltd in this matter."
    assert report.requester.name == "Harbour Maps Ltd"
    assert report.received_at == datetime(2024, 5, 6, tzinfo=UTC)
    assert report.elements == {
        "signature": "redacted",
        "work": "present",
        "material": "present",
        "contact": "redacted",
        "good_faith": "present",
        "accuracy_authority": "present",
    }


def test_a_claimed_measure_and_a_missing_name_show() -> None:
    report = parse_notice(form(measures="Yes", name=""))
    assert report.right_claimed == "copyright, technical measures"
    assert report.elements["signature"] == "absent"
    assert parse_notice(form(name="Ann Example")).elements["signature"] == "present"


def test_subjects_are_what_is_complained_of_and_the_original_is_not() -> None:
    subjects = [one.item_id for one in parse_notice(form()).subjects]
    assert subjects == ["copier/tiles", "copier/tiles/blob/main/a.png", "other/tiles"]


@pytest.mark.parametrize(
    "question",
    [
        "**What files should be taken down? Please provide URLs for each file, or if the entire repository, the repository's URL:**\n",
        "What files should be taken down? Please provide URLs for each file, or if the entire\nrepository, the repository’s URL:\n",
        "__What files should be taken down? Please provide URLs for each file, or if the entire repository, the repository’s URL:__ ",
        "1. What files should be taken down?\n",
    ],
)
def test_every_way_to_print_a_question_gives_the_same_answer(question: str) -> None:
    text = (
        "Are you the copyright owner or authorized to act on the copyright owner’s behalf?\nYes.\n\n"
        f"{question}The whole of https://github.com/a/b\n\n"
        "Is the work licensed under an open source license? If so, which open source license?\nNo.\n"
    )
    answers = answers_of(text)
    assert answers["files"] == "The whole of https://github.com/a/b"
    assert answers["role"] == "Yes."
    assert answers["license"] == "No."


def test_a_question_nobody_knows_is_still_an_answer() -> None:
    text = form() + "\n**Does this concern a game console of any kind?**\n\nYes, two of them.\n"
    assert answers_of(text)["Does this concern a game console of any kind?"] == "Yes, two of them."


def test_a_larger_stated_network_counts() -> None:
    note = (
        "Note: Because the reported network that contained the allegedly infringing content was larger than one"
        " hundred (100) repositories, GitHub processed the takedown notice against the entire network of"
        " 1,024 repositories, inclusive of the parent repository.\n\n---\n\n"
    )
    report = parse_notice(note + form())
    assert report.affected_count == 1024
    assert letter_of(note + form()).text.lstrip().startswith("**Are you")
    assert parse_notice(form()).affected_count == 3  # two named, and the original that the letter names too


COUNTER = """I am writing in response to the claim against https://github.com/me/mine.
I swear, under penalty of perjury, that I have a good-faith belief that the material was removed or disabled as a
result of a mistake or misidentification. I consent to the jurisdiction of Federal District Court.
Email: me@example.org
Sincerely, Me Example
"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (COUNTER, "counter_notice"),
        (
            "Before disabling any content GitHub\n- provided information on how to submit a DMCA Counter Notice.\n---\n"
            + form(),
            "notice",
        ),
        ("Hello, I would like to retract my DMCA notice about https://github.com/a/b. Thank you.", "retraction"),
        ("We are withdrawing our takedown request; please restore https://github.com/a/b.", "retraction"),
        (
            "GitHub has reversed the takedown notice previously processed at https://github.com/github/dmca/blob/master/2020/01/x.md",
            "retraction",
        ),
        ("Please remove https://github.com/a/b: it copies our copyrighted code. Sincerely, X Y", "notice"),
    ],
)
def test_kind_from_the_text(text: str, kind: str) -> None:
    # The file name says the opposite: the text decides.
    name = "2020-01-01-x.md" if kind != "notice" else "2020-01-01-x-counternotice.md"
    assert parse_notice(text, path=name).kind == kind


def test_a_counter_notice_has_its_own_checklist() -> None:
    report = parse_notice(COUNTER)
    assert report.elements == dict.fromkeys(("signature", "material", "mistake", "jurisdiction", "contact"), "present")
    assert report.parent_hint == "me/mine"
    assert report.requester.kind == "user"


def test_an_account_alone_stands_for_one_and_a_black_bar_too() -> None:
    account = parse_notice("Remove everything of https://github.com/copycat please: our copyrighted code.")
    assert [(one.item_type, one.item_id) for one in account.subjects] == [("account", "copycat")]
    assert account.affected_count == 1
    assert parse_notice("The repository [private] is a copy of our source code.").affected_count == 1
    assert parse_notice("Please help.").affected_count == 0


def test_the_key_is_the_place_or_the_bytes() -> None:
    assert parse_notice("x", path="a/b.md").dedupe_key == parse_notice("y", path="a/b.md").dedupe_key
    assert parse_notice("x").dedupe_key == parse_notice("x").dedupe_key != parse_notice("y").dedupe_key


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_no_text_raises(before: str, after: str) -> None:
    report = parse_notice(before + form()[:900] + after, path=before)
    assert report.body.endswith(after)
    assert 0 <= report.confidence <= 1


@pytest.mark.parametrize(
    "sign", ["*", "_", " ", "-", "1.", "**a", "http:", "a.", "[private] ", "github.com/", "What files "]
)
def test_no_text_takes_long(sign: str) -> None:
    """A 400 KB letter of one sign: a pattern that goes back over it quadratically would not end."""
    assert parse_notice(sign * (400_000 // len(sign))).kind == "notice"
