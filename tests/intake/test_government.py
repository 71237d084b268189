"""Government requests: who, where, by which law, about what, however it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.countries import country_code, official_country
from escaltui.intake.government import parse_government
from escaltui.intake.laws import laws_in
from escaltui.intake.letter_dates import date_in_text


@pytest.mark.parametrize(
    ("written", "item"),
    [
        ("see https://github.com/user/repo/blob/main/a.md .", "user/repo/blob/main/a.md"),
        ("see (https[:]//github[.]com/user/repo).", "user/repo"),
        ("hxxps://github[dot]com/user/repo", "user/repo"),
        ("http://pages.github.io/ включен", "pages/pages.github.io"),
        ("https://gist.github.com/anonymous/0abc", "gist/0abc"),
        ("The repository:\n\nuser / repo\n\nis illegal", "user/repo"),
    ],
)
def test_subjects_however_written(written: str, item: str) -> None:
    assert [one.item_id for one in parse_government(f"Dear Sirs,\n{written}\n").subjects] == [item]


def test_the_senders_own_pages_are_not_subjects() -> None:
    report = parse_government("Law: http://eais.rkn.gov.ru/docs/149.pdf. Remove https://github.com/a/b")
    assert [one.item_id for one in report.subjects] == ["a/b"]
    assert parse_government("Law: http://eais.rkn.gov.ru/docs/149.pdf").subjects == ()


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("under Article 300 of the Criminal Law", "Article 300"),
        ("《刑法》第三百条规定", "第三百条"),
        ("частью 7 статьи 15.1 закона", "статьи 15.1"),
        ("закона № 149-ФЗ «Об информации»", "№ 149-ФЗ"),
        ("according to § 86a StGB", "§ 86a"),
        ("17 U.S.C. 512(c)(3)", "17 U.S.C. 512(c)(3)"),
        ("Regulation (EU) 2022/2065", "Regulation (EU) 2022/2065"),
        ("artículo 13 de la Ley 34/2002", "artículo 13"),
    ],
)
def test_laws(text: str, law: str) -> None:
    assert law in laws_in(text)


def test_no_law_where_none_is_cited() -> None:
    assert laws_in("This article is from 2015, see section below. Three hundred articles.") == ()


def test_several_mails_and_lone_carriage_returns() -> None:
    text = "To whom it may concern\r\rRemove https://github.com/a/b\r---\rAnd https://github.com/c/d, please.\r"
    report = parse_government(text, path="China/2016/2016-06-08-x.md", agency="x")
    assert [one.item_id for one in report.subjects] == ["a/b", "c/d"]
    assert len(report.answers) == 2
    assert report.answers["mail 2"].startswith("And")
    assert report.body == text
    assert (report.country, report.received_at) == ("CN", datetime(2016, 6, 8, tzinfo=UTC))


def test_the_authority_in_its_own_words_before_the_record() -> None:
    text = "Hello! On behalf of the Cyber Office of the Ministry of Public Works of Utopia, I report a link."
    assert (
        parse_government(text, agency="slug").requester.name == "Cyber Office of the Ministry of Public Works of Utopia"
    )
    assert parse_government("Please remove it.", agency="slug").requester.name == "slug"


def test_an_order_of_a_court_and_a_request() -> None:
    assert (
        parse_government("Court of Appeal of Example\n\nIt is hereby ordered by this court order ...").kind == "order"
    )
    report = parse_government("This is the National Police of Utopia. Please block https://github.com/a/b")
    assert (report.kind, report.requester.kind, report.case_type) == ("request", "law_enforcement", "legal_removal")


def test_an_unknown_country_is_said() -> None:
    report = parse_government("Please remove it", country="Atlantis")
    assert report.country == ""
    assert "Atlantis" in report.problems[0]


def test_countries_and_official_hosts() -> None:
    assert [country_code(name) for name in ("Russia", "hong kong", "FR", "Türkiye", "Nowhere")] == [
        "RU",
        "HK",
        "FR",
        "TR",
        "",
    ]
    hosts = ("a@rkn.gov.ru", "interieur.gouv.fr", "x@police.uk", "y@fbi.gov", "gov.example.com")
    assert [official_country(host) for host in hosts] == ["RU", "FR", "GB", "US", ""]


@pytest.mark.parametrize(
    "words", ["June 8, 2016", "8 June 2016", "8 juin 2016", "2016年6月8日", "08.06.2016", "2016-06-08", "8 июня 2016"]
)
def test_the_date_of_a_letter(words: str) -> None:
    assert date_in_text(f"The law of 1 May 1999 applies.\n\n{words}\n") == datetime(2016, 6, 8, tzinfo=UTC)


def test_an_impossible_date_is_none() -> None:
    assert date_in_text("31 February 2020") is None


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text(max_size=40))
def test_no_text_raises(text: str, country: str) -> None:
    assert parse_government(text, country=country).body == text
