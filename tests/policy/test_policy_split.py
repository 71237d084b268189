"""The splitter: every line in one place, and each kind of heading."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.policy.split import Parsed, split

LONG = (
    "This body is long enough to make the short line above it a heading of its own, as it has more than ninety letters."
)


def headings(text: str) -> list[tuple[str, str]]:
    return [(s.heading, s.origin) for s in split(text).sections]


def misplaced(text: str, parsed: Parsed) -> list[int]:
    """Numbers of lines that are not where they belong: text in one section, navigation in none, none in two."""
    count = Counter(number for section in parsed.sections for number in section.lines)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    wanted = {n: int(n not in parsed.navigation) for n, line in enumerate(lines, 1) if line.strip()}
    return [n for n in range(1, len(lines) + 1) if count[n] > 1 or count[n] != wanted.get(n, count[n])]


PIECES = st.sampled_from(
    [
        "# Title", "## Part {#hs.1}", "Title", "=====", "-----", "- - -", "* * *", "* item", "    * inner", "1. one",
        "1\\. First", "2\\. Second", "3\\. Third", "**Bold**", "**Bold:** lead", "Policy Rationale", "We Remove:", "",
        "   ", "```", "code", "[Home](https://example.test/)", "text [with](https://example.test/a_(b)) link", LONG,
        "0:00 / 1:00", "Log In", "> quote", "| a | b |", "Targeting", "politique générale", "政策", "***", "====",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("\n".join))
def test_each_line_lies_in_exactly_one_section_or_is_navigation(text: str) -> None:
    assert misplaced(text, split(text)) == []


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300).filter(lambda t: t[:3] not in ("+++", "---")))
def test_any_text_is_split_without_error(text: str) -> None:
    parsed = split(text)
    assert all(section.lines for section in parsed.sections)


def test_marked_headings_of_every_kind() -> None:
    text = "Terms\n=====\n\nIntro.\n\nPart\n----\n\nBody.\n\n### Deeper ###\n\nMore.\n\n**Bold line**\nUnder it."
    found = [("Terms", "heading"), ("Part", "heading"), ("Deeper", "heading"), ("Bold line", "bold")]
    assert headings(text) == found
    assert split(text).sections[3].text == "Under it."


def test_a_line_below_a_list_item_is_no_underline() -> None:
    assert headings("# A\n\n* item\n---\n\n## B\n\ntext") == [("A", "heading"), ("B", "heading")]


def test_one_highest_heading_is_the_title_and_its_parts_are_pages() -> None:
    sections = split("# Ads\n\nHello.\n\n## Alcohol\n\nNo.\n\n### Targeting\n\nAdults.\n\n## Weapons\n\nNo.").sections
    assert [s.page for s in sections] == ["ads", "alcohol", "alcohol", "weapons"]
    assert sections[2].path == ("Alcohol", "Targeting")


def test_several_highest_headings_are_pages_and_rules_inside_do_not_leave_them() -> None:
    text = f"Goods\n=====\n\nIntro.\n\n* * *\n\nTobacco\n\n{LONG}\n\n- - -\n\nSpam\n====\n\nNo spam."
    assert [(s.page, s.heading) for s in split(text).sections] == [
        ("goods", "Goods"), ("goods", "Tobacco"), ("spam", "Spam"),
    ]  # fmt: skip


def test_a_rule_opens_a_page_where_no_page_has_a_marked_title() -> None:
    text = f"Alcohol\n\n{LONG}\n\nTargeting\n\n* adults\n\n* * *\n\nData use\n\nShort tagline.\n\nMore text."
    assert [s.page for s in split(text).sections] == ["alcohol", "targeting", "data-use"]


def test_numbered_titles_need_three() -> None:
    three = "1\\. One\n\nText.\n\n2\\. Two\n\nText.\n\n3\\. Three\n\nText."
    assert [origin for _, origin in headings(three)] == ["number"] * 3
    assert headings("1\\. One\n\nText.\n\n2\\. Two\n\nText.") == [("", "preamble")]


def test_rubrics_in_english_and_french() -> None:
    text = "# A\n\n# B\n\nPolicy Rationale\n\nWhy.\n\nWe Remove:\n\n* x\n\nNous supprimons :\n\n* y"
    assert [h for h, origin in headings(text) if origin == "rubric"] == [
        "Policy Rationale", "We Remove", "Nous supprimons",
    ]  # fmt: skip


def test_an_orphan_line_is_a_heading_only_before_a_list_or_a_long_body() -> None:
    assert headings(f"Scope\n\n{LONG}") == [("Scope", "orphan")]
    assert headings("Scope\n\n* one\n* two") == [("Scope", "orphan")]
    assert headings("Scope\n\nShort body.")[0][1] == "preamble"
    assert headings(f"This line ends.\n\n{LONG}")[0][1] == "preamble"


def test_bullets_with_a_bold_lead_only_where_headings_are_few() -> None:
    bullets = "* **Licence:** you may.\n\n* **Law:** you must."
    assert headings(bullets) == [("Licence", "bullet"), ("Law", "bullet")]
    assert all(o == "heading" for _, o in headings(f"# A\n\n# B\n\n# C\n\n{bullets}"))
    assert "you may" in split(bullets).sections[0].text


def test_frame_of_a_captured_page_is_dropped() -> None:
    text = (
        "[Home](https://example.test/)\n\nRules\n\nHate Rules\n==========\n\nLog in\n\n0:00 / 1:00\n\nBody.\n\n"
        "English\n\nDeutsch\n\nFrançais (France)\n\nPolski"
    )
    (section,) = split(text).sections
    assert (section.heading, section.text) == ("Hate Rules", "Body.")


def test_an_index_page_gives_addresses_but_no_sections() -> None:
    text = (
        "Rules\n=====\n\n[Hateful Conduct](https://example.test/rules/hate-speech/)\n\n- - -\n\n"
        "Hateful Conduct\n===============\n\nNo hate."
    )
    assert [(s.heading, s.page_url) for s in split(text).sections] == [
        ("Rules", ""), ("Hateful Conduct", "hate-speech"),
    ]  # fmt: skip


def test_the_same_tail_on_each_page_is_kept_but_not_indexed() -> None:
    page = "{0}\n====\n\nRule of {0}.\n\nUser experiences\n\nSee how it looks.\n\n- - -\n\n"
    sections = split("".join(page.format(name) for name in ("Aaaa", "Bbbb", "Cccc"))).sections
    assert [s.indexed for s in sections] == [True, False] * 3


def test_front_matter_counts_only_at_the_first_byte() -> None:
    parsed = split('+++\ntitle = "Hate"\n+++\n\n# Hate {#hs exception=satire}\n\nText.\n\n---\n\nMore.')
    assert parsed.title == "Hate"
    assert (parsed.sections[0].explicit_id, parsed.sections[0].exception) == ("hs", "satire")
    assert split("Text.\n\n---\ntitle: no\n---\n").front == {}


def test_fences_stay_whole() -> None:
    (section,) = split("# A\n\n```\n# not a heading\n\n- - -\n```").sections
    assert "# not a heading" in section.text


def test_a_text_without_headings_is_one_section() -> None:
    (section,) = split("Just a few words.\n\nAnd some more of them.").sections
    assert (section.origin, section.page) == ("preamble", "")


def test_ten_thousand_sections_and_400_kilobytes() -> None:
    text = "# Big\n\n" + "\n\n".join(f"## Part {n}\n\nRule {n} of this text says no." for n in range(10_000))
    assert len(text) > 400_000
    assert len(split(text).sections) == 10_001
