"""Queries as FTS5 expressions; the reviewed word files."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.policy.language import language_of
from escaltui.policy.library import PolicyError
from escaltui.policy.query import RAREST_TERMS, SYNONYMS_PER_TERM, parse_query, rarest
from escaltui.policy.references import references_in
from escaltui.policy.tables import packaged_aliases, packaged_synonyms, read_aliases, read_synonyms


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = 'porter unicode61 remove_diacritics 2')")
    connection.execute("INSERT INTO t VALUES ('threats of violence')")
    return connection


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet='"*^:(){}+-ANDORNEAT #\x00é', max_size=40), st.booleans())
def test_no_query_is_an_fts5_syntax_error(index: sqlite3.Connection, text: str, typing: bool) -> None:
    expression = parse_query(text, typing=typing, synonyms=packaged_synonyms()).expression()
    if expression:
        index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()


def test_stop_words_of_its_language_go_and_terms_are_joined_by_or() -> None:
    assert parse_query("the threats to voters on a page").expression() == '"threats" OR "voters" OR "page"'
    assert parse_query("des menaces on ne sait pas contre le page").terms[-1].word == "page"
    assert parse_query("the of and").expression() == ""


def test_french_elisions_and_stems() -> None:
    query = parse_query("il s'agit d’une menace de l'organisation terroriste")
    forms = {text: prefix for term in query.terms for text, prefix in term.forms}
    assert forms["terror"] is True
    assert forms["menac"] is True
    assert "une" not in forms
    assert not any(text in ("s", "d", "l") for text in forms)


def test_the_last_word_is_a_prefix_only_while_typing() -> None:
    assert parse_query("hate sp", typing=True).expression().endswith('"sp"*')
    assert parse_query("the hate sp", typing=False).expression().endswith('"sp"')
    assert parse_query("the hate sp ", typing=True).expression().endswith('"sp"')
    assert parse_query("the hate s", typing=True).expression() == '"hate"'


def test_a_word_that_is_typed_finds_what_it_finds_when_it_is_whole() -> None:
    (typed,) = parse_query("tribunal", typing=True, synonyms=packaged_synonyms()).terms
    assert typed.forms[0] == ("tribunal", True)
    assert ("court", False) in typed.forms
    assert parse_query("trib", typing=True, synonyms=packaged_synonyms()).expression() == '"trib"*'


WORDS = ["le", "tribunal", "court", "order", "ordonnance", "menaces", "of", "hate", "3", "x", "court's", "d'un"]


@given(st.lists(st.sampled_from(WORDS)))
def test_typing_only_adds(words: list[str]) -> None:
    text, synonyms = " ".join(words), packaged_synonyms()
    found = {form for term in parse_query(text, typing=True, synonyms=synonyms).terms for form in term.forms}
    begun = {word for word, prefix in found if prefix}
    for term in parse_query(text, synonyms=synonyms).terms:
        assert all(form in found or form[0] in begun for form in term.forms)


def test_quoted_words_stay_a_phrase_and_filters_are_cut_out() -> None:
    query = parse_query('"court order" for the data family:ads,ip doc:"Live Policy" lang:fr')
    assert query.terms[0].forms == (("court order", False),)
    assert (query.families, query.documents, query.languages) == (("ads", "ip"), ("Live Policy",), ("fr",))
    assert "family" not in query.expression()


def test_references_are_seen() -> None:
    assert parse_query("see hs.2 and 512(g), 2258A or ads#alcohol/targeting.").references == (
        "hs.2", "512(g)", "2258a", "ads#alcohol/targeting",
    )  # fmt: skip
    assert parse_query("he posted 3 times").references == ()
    assert references_in("17 USC 512(c)(3), Reg. 2022/2065, 18 USC 2258A.") == ("512(c)(3)", "2022/2065", "2258a")


def test_a_pasted_text_keeps_its_rarest_terms() -> None:
    query = parse_query("the " + " ".join(f"word{n}" for n in range(60)))
    kept = rarest(query, lambda term: int(term.word[4:]) % 30)
    assert len(kept.terms) == RAREST_TERMS
    assert {int(t.word[4:]) % 30 for t in kept.terms} == set(range(1, 13))  # 0 = occurs nowhere
    short = parse_query("the one two")
    assert rarest(short, lambda term: 0) is short


def test_synonyms_add_at_most_three_words() -> None:
    table = read_synonyms(
        '[[synonym]]\nfr = ["menace"]\nen = ["a", "b", "c", "d"]\n[[synonym]]\nen = ["gun"]\nsee = ["firearm"]'
    )
    assert table["menace"] == table["menac"] == ("a", "b", "c")
    assert table["gun"] == ("firearm",)
    assert all(len(words) <= SYNONYMS_PER_TERM for words in packaged_synonyms().values())
    assert ("firearm", False) in parse_query("the gun", synonyms=table).terms[0].forms


def test_faults_in_the_files_name_the_entry() -> None:
    with pytest.raises(PolicyError, match="entry 1: fr must be a list"):
        read_synonyms('[[synonym]]\nfr = "menace"')
    with pytest.raises(PolicyError, match="not valid TOML"):
        read_synonyms("[[synonym]\n")
    with pytest.raises(PolicyError, match="needs old, new"):
        read_aliases('[[alias]]\nnew = "x"')
    assert packaged_aliases() == {}


def test_language_by_stop_words() -> None:
    assert language_of("he sold it to them") == "en"
    assert language_of("il les a vendus dans la rue") == "fr"
    assert language_of("moderation", default="?") == "?"
