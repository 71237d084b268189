"""Languages, names of requesters, links, and the sorting of free letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.intake.language import language, languages
from escaltui.intake.links import links, repositories, repository
from escaltui.intake.requesters import fold_name, is_nobody, same_name, suggestions
from escaltui.intake.sorting import named_facts, named_items, sort_letter

SAMPLES = {
    "en": "We have removed the post and we are sorry for the trouble that this caused you.",
    "fr": "Nous vous demandons de retirer cette annonce qui est publiée sur votre site dans les plus brefs délais.",
    "de": "Wir bitten Sie, den Beitrag zu löschen, der auf der Seite steht und nicht mit dem Gesetz vereinbar ist.",
    "es": "Les pedimos que retiren el anuncio que está publicado en la página, por favor, con una respuesta.",
    "pt": "Pedimos que não publiquem os anúncios da nossa loja, que foi fechada pelo tribunal com uma decisão.",
    "it": "Vi chiediamo di rimuovere il contenuto che è stato pubblicato nella pagina con una foto del nostro cliente.",
    "nl": "Wij vragen u om het bericht te verwijderen dat op deze pagina staat, want het is niet van ons.",
    "tr": "Bu içerik yasalara aykırı olarak yayınlandı ve kaldırılması için bir karar verildi.",
    "ru": "Просим удалить эту страницу, она нарушает закон нашей страны.",
    "uk": "Просимо видалити цю сторінку, її вміст порушує закон України.",
    "ar": "نطلب منكم إزالة هذه الصفحة لأنها تخالف القانون",
    "fa": "لطفا این صفحه را حذف کنید چون برخلاف قانون کشور می‌باشد و گزارش شده است",
    "he": "אנו מבקשים להסיר את הדף הזה כי הוא מפר את החוק",
    "hi": "कृपया इस पृष्ठ को हटा दें क्योंकि यह कानून का उल्लंघन है",
    "zh": "请删除该页面，因为它违反了我国法律。",
    "ja": "このページは法律に違反しているので、削除してください。",
    "ko": "이 페이지는 법을 위반하므로 삭제해 주십시오.",
}


@pytest.mark.parametrize("code", SAMPLES)
def test_language(code: str) -> None:
    assert language(SAMPLES[code]) == code


def test_two_languages_and_none() -> None:
    assert set(languages(SAMPLES["ru"] + " " + SAMPLES["en"])) == {"ru", "en"}
    assert languages("https://example.com/the/of/and 12345 [private]") == ()
    assert languages("Мария wrote to us: " + SAMPLES["en"] * 4) == ("en",)


def test_names_fold() -> None:
    assert same_name("ADOBE Inc.", "Adobe")
    assert same_name("Société Générale S.A.", "societe generale")
    assert same_name("Harbour Maps GmbH", "harbour-maps")
    assert not same_name("Harbour Maps", "Harbour Apps")
    assert fold_name("S.A.R.L.") == "sarl"  # a name that is all suffix stays


@pytest.mark.parametrize("name", ["", "[private]", "n/a", "N.A.", "Private", "none", "---", "[invalid]"])
def test_placeholders_are_nobody(name: str) -> None:
    assert is_nobody(name)
    assert not same_name(name, name)


def test_suggestions_are_pairs_and_nothing_is_merged() -> None:
    names = ["Roskomnadzor", "rozkomnadzor", "roskomnnadzor", "mps", "[private]", "private", "Ofcom"]
    pairs = suggestions(names)
    assert {name for a, b, _ in pairs for name in (a, b)} == {"Roskomnadzor", "rozkomnadzor", "roskomnnadzor"}
    assert all(ratio >= 0.88 for _, _, ratio in pairs)


@given(st.text(), st.text())
def test_same_name_is_symmetric(a: str, b: str) -> None:
    assert same_name(a, b) == same_name(b, a)
    assert is_nobody(a) or same_name(a, a)


def test_links_end_where_the_sentence_goes_on() -> None:
    text = "See (https://github.com/a/b), [x](https://github.com/c/d) and https://github.com/e/f. github.com/g/h、next"
    assert repositories(text) == ["a/b", "c/d", "e/f", "g/h"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://raw.githubusercontent.com/A/B/main/x", "a/b"),
        ("https://github.com/a/b.git", "a/b"),
        ("https://codeload.github.com/a/b/zip", "a/b"),
        ("https://gist.github.com/user/0123abc", "gist/0123abc"),
        ("https://owner.github.io/site/page", "owner/site"),
        ("https://github.com/a?tab=repositories", ""),
        ("https://github.com/features/actions", ""),
        ("https://github.com/github/dmca/blob/master/x.md", ""),
        ("https://example.com/a/b", ""),
    ],
)
def test_the_repository_of_a_link(url: str, name: str) -> None:
    assert repository(links(url)[0]) == name


@pytest.mark.parametrize(
    ("text", "case_type"),
    [
        ("They sell replica handbags under our trade mark.", "ip_counterfeit"),
        ("The page uses our registered trademark.", "ip_trademark"),
        ("My ad account 123456 was disabled before the campaign starts on Monday.", "ads"),
        ("Listing 998877 in my shop was removed.", "commerce"),
        ("I am a journalist and we publish at 16:00.", "press"),
        ("Preservation request: please preserve all records of the account.", "preservation_request"),
        ("Emergency disclosure: there is an imminent threat to life.", "emergency_disclosure"),
        ("My account was hacked and I am locked out.", "account_access"),
        ("Hello there.", "user_escalation"),
    ],
)
def test_free_letters_are_sorted(text: str, case_type: str) -> None:
    assert sort_letter(text).case_type == case_type


def test_items_and_facts_of_an_advertiser() -> None:
    text = "Ad account 5551234: the campaign starts on 3 May. It was rejected because of the landing page.\n@some.shop"
    assert {(one.item_type, one.item_id) for one in named_items(text)} == {
        ("ad_account", "5551234"),
        ("account", "some.shop"),
    }
    facts = named_facts(text)
    assert facts["campaign_start"].startswith("campaign starts on 3 May")
    assert "landing page" in facts["rejected_reason"]
