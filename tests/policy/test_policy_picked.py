"""What is kept of a look-up, and what picks suggest: no digit, handle or name; pairs that several people picked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain.picks import Pick
from escaltui.policy import own_synonyms
from escaltui.policy.library import PolicyError
from escaltui.policy.picked import Words, stems_of, suggested
from escaltui.policy.query import parse_query
from escaltui.policy.tables import packaged_synonyms


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("selling tortoises", ("sell", "tortois")),
        ("Selling tortoises by Ada Lovelace", ("sell", "tortois")),
        ("account @ada_99 sold 12 tortoises to nn4711 https://x.example/a", ("account", "sold", "tortois")),
        ("mail ada@x.example about u/ada and 10.1.2.3", ("mail",)),
        ("La vente de tortues protégées", ("proteg", "tortu", "vent")),
        ("doc:ads tortoises lang:fr", ("tortois",)),
        ("ADA sells", ("sell",)),
        ("", ()), ("4711", ()), ("\U0001f422", ()), ("word " * 10_000, ()),
    ],
)  # fmt: skip
def test_only_plain_words_are_kept(query: str, kept: tuple[str, ...]) -> None:
    assert stems_of(query) == kept


def test_who_the_case_is_about_is_left_out_however_it_is_typed() -> None:
    """CONTROL: without the names it would be there."""
    assert stems_of("lovelace sells tortoises", {"lovelace"}) == ("sell", "tortois")
    assert "lovelac" in stems_of("lovelace sells tortoises")


@given(st.text(max_size=300))
def test_nothing_but_letters_is_ever_kept(query: str) -> None:
    found = stems_of(query)
    assert list(found) == sorted(set(found))
    assert all(re.fullmatch(r"[^\W\d_]{1,40}", stem) and stem == stem.lower() for stem in found)


def picks(*rows: tuple[str, str, int]) -> list[Pick]:
    return [Pick(id=str(n), person=who, section="trade", stems=(stem,), opened=times)
            for n, (who, stem, times) in enumerate(rows)]  # fmt: skip


def pairs(
    found: list[Pick], words: tuple[str, ...] = ("animal", "trade"), text: tuple[str, ...] = ()
) -> list[tuple[str, int, int]]:
    return [(each.stem, each.times, each.people) for each in suggested(found, lambda _section: Words(words, text), {})]


def test_three_picks_by_two_people_make_a_suggestion() -> None:
    assert pairs(picks(("ada", "tortois", 2), ("bo", "tortois", 1))) == [("tortois", 3, 2)]
    assert pairs(picks(("ada", "tortois", 9))) == [], "one person alone teaches nobody"
    assert pairs(picks(("ada", "tortois", 1), ("bo", "tortois", 1))) == []
    assert pairs(picks(("ada", "trade", 3), ("bo", "trade", 3))) == [], "the section has the word itself"
    assert pairs(picks(("ada", "tortois", 2), ("bo", "tortois", 1)), ()) == [], "the section is gone"
    picked = picks(("ada", "tortois", 2), ("bo", "tortois", 1))
    assert pairs(picked, text=("tortoises",)) == [], "words find it already"


def test_an_accepted_word_counts_for_all_of_its_stem_and_is_suggested_no_more(tmp_path) -> None:
    file = tmp_path / own_synonyms.FILE
    own_synonyms.accept(file, "tortois", ["animal", "Trade"], "ada", "2026-01-01")
    table = own_synonyms.load(file)
    for word in ("tortoise", "Tortoises"):
        assert '"animal"' in parse_query(word, synonyms=table).expression()
    assert '"animal"' not in parse_query("turtle", synonyms=table).expression()
    assert suggested(picks(("ada", "tortois", 2), ("bo", "tortois", 1)), lambda _s: Words(("animal",)), table) == []
    assert table["mineur"] == packaged_synonyms()["mineur"]


def test_the_file_stays_as_people_wrote_it(tmp_path) -> None:
    file = tmp_path / own_synonyms.FILE
    mine = '# ours\n[[synonym]]\nfr = ["tortue"]\nen = ["tortoise"]\nsee = ["animal"]\n'
    file.write_text(mine)
    own_synonyms.accept(file, "reptil", ["animal"], "ada", "2026-01-01")
    own_synonyms.accept(file, "reptil", ["trade"], "bo", "2026-01-02")
    assert file.read_text().startswith(mine)
    assert [(each.words, each.see, each.by) for each in own_synonyms.entries(file)] == [
        (("tortue", "tortoise"), ("animal",), ""), (("reptil",), ("trade",), "bo")]  # fmt: skip
    assert own_synonyms.drop(file, "reptil")
    assert not own_synonyms.drop(file, "reptil")
    assert not own_synonyms.drop(file, "tortue"), "an entry for others, too, stays"
    assert file.read_text().strip() == mine.strip()
    assert (file.stat().st_mode & 0o077) == 0


@pytest.mark.parametrize(
    "text", ["[[synonym]\n", '[[synonym]]\nfr = "tortue"\n', "synonym = 3\n", "\x00", '[[synonym]]\nsee = [""]']
)
def test_a_faulty_file_is_named(tmp_path, text: str) -> None:
    file = tmp_path / own_synonyms.FILE
    file.write_text(text)
    for call in (own_synonyms.load, own_synonyms.entries):
        with pytest.raises(PolicyError, match=re.escape(own_synonyms.FILE)):
            call(file)


@pytest.mark.parametrize(
    ("stem", "see"), [("", ["x"]), ("a1", ["x"]), ("word", []), ("word", [" "]), ("word", ["a", "b", "c", "d"])]
)
def test_what_is_no_synonym_is_refused(tmp_path, stem: str, see: list[str]) -> None:
    with pytest.raises(PolicyError):
        own_synonyms.accept(tmp_path / own_synonyms.FILE, stem, see, "ada", "2026-01-01")
    assert not (tmp_path / own_synonyms.FILE).exists()


def test_a_file_that_cannot_be_written_is_said(tmp_path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    with pytest.raises(PolicyError):
        own_synonyms.accept(tmp_path / "config" / own_synonyms.FILE, "word", ["x"], "ada", "2026-01-01")
