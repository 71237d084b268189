"""The text of letters: values put in once, no placeholder that leaves, addresses, days, languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk import NOW
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from test_letters import Letters

from escaltui.domain import letters
from escaltui.domain import operations as ops
from escaltui.domain.entities import Message


@given(st.text(max_size=40), st.dictionaries(st.sampled_from(["a", "b.c", "d"]), st.text(max_size=20), max_size=3))
def test_values_are_put_in_once_and_never_looked_at_again(text: str, values: dict[str, str]) -> None:
    found = letters.fill(f"{text}{{{{a}}}}|{{{{ b.c }}}}", values)
    a, bc = values.get("a", ""), values.get("b.c", "")
    if not letters.placeholders(text):
        tail = f"{a if a.strip() else '{{a}}'}|{bc if bc.strip() else '{{ b.c }}'}"
        assert found.text.endswith(tail) or "{" in text
    assert set(found.missing) <= {*letters.placeholders(text), "a", "b.c"}


MARKS = st.sampled_from(
    ["{{", "}}", "{{a}}", "[[", "]]", "[[b]]", "TODO", "###", "{{case.ref}}", "\u200b", "{", "[", "#"]
)
TEXT = st.lists(st.one_of(MARKS, st.text("ab \n.{}[]#TODO", max_size=6)), max_size=8).map("".join)


@given(TEXT, TEXT, st.dictionaries(st.sampled_from(["a", "case.ref"]), TEXT, max_size=2))
def test_no_placeholder_is_ever_sent(subject: str, body: str, values: dict[str, str]) -> None:
    no_placeholder_is_sent(subject, body, values)


def no_placeholder_is_sent(subject: str, body: str, values: dict[str, str]) -> None:
    """Fill a template with wild values, ask for it to leave; what leaves has none of the marks, in plain sight."""
    title = " ".join(letters.fill(subject, values).text.split())[:200] or "S"
    text = letters.fill(body, values).text or "B"
    title = "".join(c if c.isprintable() else " " for c in title)
    op = ops.DraftMessage(case=CASE.case_id, party="requester", subject=title, body=text, address="a@b.example")
    desk, before = CASE, dict(CASE.rows)
    desk.ask(op)
    letter = desk.of(Message)[-1]
    desk.ask(desk.sending(letter))
    if desk.letter(letter.id).state == "sending":
        seen = f"{title}\n{text}".replace("\u200b", "")
        for mark in ("{{", "}}", "[[", "]]", "###"):
            assert mark not in seen
        assert "TODO" not in seen.replace("_", " ").split()
    desk.rows = before


CASE = Letters()


def test_a_hostile_name_stays_a_name() -> None:
    found = letters.fill("Dear {{requester.name}}, {{case.ref}}", {"requester.name": "{{case.ref}}", "case.ref": "E-1"})
    assert found == ("Dear {{case.ref}}, E-1", ())
    assert letters.fill("{{a}} {{ b }}", {"a": " "}) == ("{{a}} {{ b }}", ("a", "b"))


@pytest.mark.parametrize(
    ("text", "good"),
    [("a@b.example", True), ("a b@c.example", False), ("a@b@c", False), ("@b", False), ("<a@b.example>", False),
     ("a@b.example,c@d.example", False), ("a@b.example\r\nX: y", False), ("x" * 250 + "@b.example", False)],
)  # fmt: skip
def test_one_mail_address(text: str, good: bool) -> None:
    assert letters.is_address(text) is good


def test_a_message_id_is_the_same_for_every_try() -> None:
    key = "0" * 25 + "Z"
    assert letters.message_id(key, "desk@Example.org") == letters.message_id(key, "other@example.org")
    assert letters.message_id(key, "desk@example.org") == f"{key.lower()}@example.org"


def test_a_language_without_a_text_gets_english_and_is_told() -> None:
    made: Callable[..., letters.Template] = lambda lang: letters.Template("t", lang, "T", "press", "B")  # noqa: E731
    texts = (made("en"), made("fr"))
    assert letters.choose(texts, "t", ("fr", "en")) == made("fr")
    other = letters.choose(texts, "t", ("de",))
    assert other is not None
    assert replace(other, language_said=None) == made("en")
    assert "de" in str(other.language_said)
    assert letters.choose(texts, "none", ("en",)) is None


def test_the_days_of_a_letter() -> None:
    assert letters.day(NOW, "en") == "1 June 2026"
    assert letters.day(NOW, "fr", clock=True) == "1er juin 2026, 10:00 UTC"
    assert letters.day(NOW, "de") == "2026-06-01"


def test_words_that_only_look_unfinished_may_leave() -> None:
    desk = Letters()
    letter = desk.write("Todo lo que pidió está hecho. See #1 and ## 2, [1] and {a}.")
    assert desk.send(letter).state == "sending"
