"""What is offered from the words of a letter, and what must not be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.hints import asked_times, notice_words

# A Wednesday, sent from a zone two hours east of UTC.
SENT = datetime(2026, 6, 10, 9, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Please respond within 6 hours.", 360),
        ("You have one hour to remove it.", 60),
        ("within twenty-four (24) hours", 1440),
        ("within three (3) working days of receipt", 4320),
        ("Merci de répondre sous 24 heures.", 1440),
        ("dans un délai de 48 heures", 2880),
        ("within 2 weeks", 20160),
        ("innerhalb von 3 Tagen", 4320),
    ],
)
def test_spans(text: str, minutes: int) -> None:
    (found,) = asked_times(text, SENT)
    assert found.minutes == minutes
    assert found.instant == SENT + timedelta(minutes=minutes)
    assert found.words in text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("We publish at 16:00.", "2026-06-10T14:00"),
        ("We publish at 8:00.", "2026-06-11T06:00"),  # past at the sender's, so tomorrow
        ("Comply by 14 June 2026 at noon.", "2026-06-14T10:00"),
        ("Comply by June 14, 2026, 5 pm", "2026-06-14T15:00"),
        ("We will publish the story at 4pm ET today", "2026-06-10T20:00"),
        ("before 18:00 UTC+3 on 12 June", "2026-06-12T15:00"),
        ("The hearing is on Tuesday at 10:00", "2026-06-16T08:00"),
        ("The hearing is on Tuesday", "2026-06-15T22:00"),  # no time of day: the earliest
        ("deadline is 06/07/2026", "2026-06-06T22:00"),  # both ways to read it: the earlier
        ("avant vendredi midi", "2026-06-12T10:00"),
        ("au plus tard le 14 juin 2026 à 18h", "2026-06-14T16:00"),
        ("nous publions à 16h30", "2026-06-10T14:30"),
        ("Reply by end of day", "2026-06-10T15:00"),
    ],
)
def test_instants(text: str, instant: str) -> None:
    (found,) = asked_times(text, SENT)
    assert found.instant == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert found.minutes is None


def test_without_a_reference_only_full_dates_have_an_instant() -> None:
    (span,) = asked_times("within 6 hours")
    assert (span.minutes, span.instant) == (360, None)
    (clock,) = asked_times("We publish at 16:00")
    assert clock.instant is None
    (date,) = asked_times("by 14 June 2026 at noon")
    assert date.instant == datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "The video has been up for 6 hours.",
        "I joined on 3 May 2020.",
        "within the scope of this",
        "It was seen by 12 users.",
        "The article was published on 3 May 2024.",
        "sous réserve de",
        "We are open 24 hours a day.",
        "by 99:99",
        "by 31 February 2026",
    ],
)
def test_times_that_nobody_asks_for(text: str) -> None:
    assert [found for found in asked_times(text, SENT) if found.instant or found.minutes] == []


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Please do not inform the account holder of this request.", "forbidden"),
        ("You must not, by law, notify the subscriber until 1 March 2026.", "delayed"),
        ("The user must not be informed.", "forbidden"),
        ("The existence of this order may not be disclosed.", "forbidden"),
        ("Please keep this request confidential.", "forbidden"),
        ("Do not disclose the existence of this order for 90 days.", "delayed"),
        ("This request is strictly confidential.", "forbidden"),
        ("Please take it down without notifying\nthe user.", "forbidden"),
        ("Merci de ne pas informer le titulaire du compte.", "forbidden"),
        ("N'informez pas l'utilisateur.", "forbidden"),
        ("Vous êtes tenus de ne pas prévenir l’intéressé jusqu’au 3 mai.", "delayed"),
        ("Cette réquisition est strictement confidentielle.", "forbidden"),
    ],
)
def test_gag_words_with_their_sentence(text: str, state: str) -> None:
    found = notice_words(f"Bonjour. Hello. {text} Thank you.")
    assert found is not None
    assert found.state == state
    assert found.words == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "You may inform the account holder.",
        "Users are informed without delay.",
        "I have not contacted the user.",
        "We did not inform users.",
        "Our source code is confidential.",
        "Merci d'informer l'utilisateur.",
        "Do not hesitate to contact me.",
        "I do not have the contact information of the owners of the account.",
        "The contents of this file may not be disclosed to third parties.",
        "We blurred the picture to keep it confidential.",
    ],
)
def test_no_gag_where_none_is_meant(text: str) -> None:
    assert notice_words(text) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(),
    st.sampled_from(["within 9999 weeks", "by 31/12/9999", "by 1 January 0001 at 1am UTC+14", "publish at 24:00"]),
)
def test_no_text_raises(before: str, words: str) -> None:
    for reference in (None, SENT, datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        asked_times(f"{before} {words}", reference)
    notice_words(before)
