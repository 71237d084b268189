"""Stable ids: what a section is called, and that it keeps its name."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.policy.ids import Known, assign_ids, natural_ids, place_on_page
from escaltui.policy.split import split
from escaltui.policy.words import text_sha256

SENTENCE = "people must never {0} other people on any of our pages or in any message that they send to somebody"


def ids(text: str, known: dict[str, Known] | None = None, aliases: dict[str, str] | None = None) -> list[str]:
    return [a.stable_id for a in assign_ids("ads", split(text).sections, known or {}, aliases)]


def known_of(text: str) -> dict[str, Known]:
    sections = split(text).sections
    given_ids = assign_ids("ads", sections, {})
    return {
        a.stable_id: Known(place_on_page(s.path), s.page_url, s.text, frozenset([text_sha256(s.text)]))
        for a, s in zip(given_ids, sections, strict=True)
    }


def test_page_and_heading_make_an_id() -> None:
    text = "# Ads\n\nHello.\n\n## Alcohol\n\nNo.\n\n### Targeting\n\nAdults."
    assert ids(text) == ["ads#ads", "ads#alcohol", "ads#alcohol/targeting"]


def test_an_explicit_id_wins_and_an_id_of_another_document_is_qualified() -> None:
    text = "# T\n\n## Slurs {#hs.2}\n\nNo.\n\n## Other {#HS.3}\n\nNo."
    assert ids(text)[1:] == ["hs.2", "HS.3"]
    assert natural_ids("fr", split(text).sections, frozenset({"hs.2"}))[1] == "fr#hs.2"


def test_a_repeat_takes_its_parent_in_between_then_a_number() -> None:
    part = "### {0}\n\nx\n\n#### Limits\n\ny\n\n"
    text = "# T\n\n## P\n\nx\n\n" + part.format("One") + part.format("Two") + "#### Limits\n\nz\n\n## Q\n\nx"
    assert [i for i in ids(text) if i.endswith(("limits", "~2"))] == [
        "ads#p/limits", "ads#p/two/limits", "ads#p/two/limits~2",
    ]  # fmt: skip


HEADINGS = st.lists(st.sampled_from(["## A", "## B", "### C", "### D", "# T", "## Лес"]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(HEADINGS, HEADINGS)
def test_ids_are_given_once_and_the_same_text_keeps_them(before: list[str], after: list[str]) -> None:
    def text(heads: list[str]) -> str:
        return "\n\n".join(f"{head}\n\nrule {n}" for n, head in enumerate(heads))

    known = known_of(text(before))
    again = ids(text(before), known)
    assert again == list(known)
    new = ids(text(after), known)
    assert len(set(new)) == len(new)


def test_order_of_the_rules() -> None:
    known = known_of(
        f"# T\n\n## Alcohol\n\nShort.\n\n## Gambling\n\n{SENTENCE.format('mislead')}\n\n## Weapons\n\nNo weapons here."
    )
    moved = f"# T\n\n## Drinks\n\nNew.\n\n## Betting\n\n{SENTENCE.format('misguide')}\n\n## Arms\n\nNo weapons here."
    found = assign_ids("ads", split(moved).sections, known, {"ads#drinks": "ads#alcohol"})
    assert [a.stable_id for a in found[1:]] == ["ads#alcohol", "ads#gambling", "ads#weapons"]  # alias, similar, same
    assert [a.moved_from for a in found[1:]] == ["", "ads#betting", "ads#arms"]


def test_a_short_similar_text_is_not_enough() -> None:
    known = known_of("# T\n\n## A\n\nNo ads for beer.\n\n## B\n\nx")
    assert ids("# T\n\n## C\n\nNo ads for beer here.\n\n## B\n\nx", known)[1] == "ads#c"


def test_a_page_retitled_at_its_address_keeps_its_ids() -> None:
    page = "Rules\n=====\n\n[{0}](https://a.test/p/hate-speech/)\n\n{0}\n=======\n\nText {0}.\n\n## Tier 1\n\nx{0}"
    known = known_of(page.format("Hate Speech"))
    assert ids(page.format("Hateful Conduct"), known)[1:] == ["ads#hate-speech", "ads#hate-speech/tier-1"]
    elsewhere = page.format("Hateful Conduct").replace("hate-speech/", "other/")
    assert ids(elsewhere, known)[1:] == ["ads#hateful-conduct", "ads#hateful-conduct/tier-1"]


def test_a_section_that_returns_gets_its_id_back() -> None:
    known = known_of(f"# T\n\n## A\n\n{SENTENCE.format('cheat')}\n\n## B\n\nb")
    without = known | known_of("# T\n\n## B\n\nb")
    assert ids(f"# T\n\n## A again\n\n{SENTENCE.format('cheat')}\n\n## B\n\nb", without)[1] == "ads#a"
