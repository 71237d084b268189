"""Folding: what matches what, in several scripts, and that SQLite's tokenizer keeps our tokens as they are."""

from __future__ import annotations

import sqlite3
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain.query.fold import fold, line, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Removal ORDER, 12 posts", ("removal", "order", "12", "posts")),
        ("snake_case don't 16:00", ("snake", "case", "don", "t", "16", "00")),
        ("À l'Élysée, Straße", ("a", "l", "elysee", "strasse")),
        ("İstanbul ﬁne Ⅷ ½", ("istanbul", "fine", "viii", "1", "2")),
        ("Приказ Суда", ("приказ", "суда")),
        ("裁判所 の ガイド", ("裁", "判", "所", "の", "カ", "イ", "ト")),
        ("ｶﾞｲﾄﾞ", ("カ", "イ", "ト")),
        ("판결 한글", ("판", "결", "한", "글")),
        ("कानून", ("कनन",)),
        ("ที่", ("ท",)),
        ("قَانُون", ("قانون",)),
        ("abc裁def", ("abc", "裁", "def")),
        ("ᾳ", ("α",)),
        ("\u1981\u19b0", ("\u1981",)),  # a vowel sign that SQLite's tokenizer takes for a mark
        ("", ()),
        ("—!?\u200b", ()),
    ],
)
def test_tokens(text: str, tokens: tuple[str, ...]) -> None:
    assert words(text) == tokens


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words(fold(text)) == words(text)
    assert fold(text) == " ".join(words(text))


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_the_text_does_not_matter(text: str, form: str) -> None:
    assert words(unicodedata.normalize(form, text)) == words(text)


@given(st.lists(st.text(), max_size=4))
def test_a_line_is_all_tokens_between_blanks(texts: list[str]) -> None:
    assert tuple(line(texts).split()) == tuple(token for text in texts for token in words(text))
    assert line(texts)[0] == line(texts)[-1] == " "


def test_sqlite_keeps_each_of_our_tokens_as_one() -> None:
    """Over all letters and digits that this Python knows; those newer than SQLite's table may be too new to find."""
    found = {token for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000 for token in words(chr(code))}
    assert all(fold(token) == token for token in found)
    tokens = sorted(token for token in found if all(unicodedata.ucd_3_2_0.category(c) != "Cn" for c in token))
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(w, tokenize = 'unicode61 remove_diacritics 0')")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
    connection.executemany("INSERT INTO t (rowid, w) VALUES (?, ?)", enumerate(tokens))
    kept = connection.execute("SELECT doc, term FROM v ORDER BY doc").fetchall()
    assert kept == list(enumerate(tokens))
