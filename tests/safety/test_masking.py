"""What is masked and what is not: words however they are disguised, never plain words; lengths kept; twice as once."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS, raw_in

from escaltui.protection import Masking
from escaltui.safety.folding import fold, places, readings
from escaltui.safety.lexicon_files import load
from escaltui.safety.masking import LONGEST, MASK, Masker, Span, Term
from escaltui.safety.text import block, line

HERE = Path(__file__).parent
NOWHERE = Path("no such folder")
MASKER = load(Masking(), NOWHERE)


def turned(text: str) -> str:
    """A word of the lists, kept out of this file as out of theirs."""
    return codecs.encode(text, "rot13")


F, S, B, N, A, W, C = (turned(each) for each in ("shpx", "fuvg", "ovgpu", "avttre", "nffubyr", "jubere", "phag"))
W = W[:-1]
TINY = Masker([
    Term(("zorbel",), "slur", 3), Term(("quark",), "profanity", 1, prefix=True), Term(("vexx",), "profanity", 2),
    Term(("lick", "my", "boot"), "sexual", 2), Term(("go", "zorbel", "now"), "threat", 3),
], [("blue", "zorbel")])  # fmt: skip


def stretches(masker: Masker, text: str) -> list[str]:
    return [text[span.start : span.end] for span in masker.spans(text)]


# --- the engine, with terms of our own


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A zorbel.", ["zorbel"]),
        ("ZORBEL, Zorbel and zörbel", ["ZORBEL", "Zorbel", "zörbel"]),
        ("zorbels, azorbel, zorbel_", ["zorbel"]),
        ("quarks quarkish aquark", ["quarks", "quarkish"]),
        ("lick my boot, Lick  MY-boot!", ["lick my boot", "Lick  MY-boot"]),
        ("lick my own boot; lick my", []),
        ("go zorbel now", ["go zorbel now"]),
        ("a blue zorbel and a zorbel", ["zorbel"]),
        ("vexx veexx vexxxx veeeexx vex", ["vexx", "vexxxx", "veeeexx"]),
        ("z.o.r.b.e.l, z o r b e l, z-o-r-b-e-l, zor-bel", ["z.o.r.b.e.l", "z o r b e l", "z-o-r-b-e-l", "zor-bel"]),
        ("i z o r b e l", ["z o r b e l"]),
        ("y o u  z o r b e l", ["z o r b e l"]),
        ("z0rb3l 20rb31 z0rbel! $0", ["z0rb3l", "z0rbel"]),
        ("z*rbel z**b*l z*****", ["z*rbel", "z**b*l"]),
        ("", []),
    ],
)
def test_what_is_found(text: str, found: list[str]) -> None:
    assert stretches(TINY, text) == found


def test_classes_and_the_worst_of_two_that_meet() -> None:
    assert TINY.spans("quark zorbel") == (Span(0, 5, "profanity"), Span(6, 12, "slur"))
    assert TINY.spans("go zorbel now") == (Span(0, 13, "slur"),)  # both of severity 3: the class that is named first


def test_the_first_letter_and_the_length_stay() -> None:
    assert TINY.masked(line("Zorbel, lick my boot")).text == line("Z•••••, l••• •• ••••")
    wide = block("ｚｏｒｂｅｌ z\u200borbel\nz\u0336orbel")
    shown = TINY.masked(wide)
    assert len(shown.text) == len(wide)
    assert shown.text.value == "ｚ••••• z••••••\nz••••••"


def test_a_masker_without_terms_finds_nothing() -> None:
    assert Masker(()).spans(f"{F} {S}") == ()
    assert Masker(()).masked(line(F)).text == line(F)


# --- disguises


def apart(by: str) -> Callable[[str], str]:
    return lambda word: by.join(word)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "accents": lambda word: word[0] + word[1] + "\u0301" + word[2:],
    "struck out": apart("\u0336"),
    "full width": lambda word: "".join(chr(ord(char) + 0xFEE0) for char in word),
    "mathematical bold": lambda word: "".join(chr(ord(char) - 97 + 0x1D41A) for char in word),
    "script": lambda word: "".join(chr(ord(char) - 97 + 0x1D4EA) for char in word),
    "in discs": lambda word: "".join(chr(ord(char) - 97 + 0x24D0) for char in word),
    "in boxes": lambda word: "".join(chr(ord(char) - 97 + 0x1F170) for char in word),
    "flags": lambda word: "".join(chr(ord(char) - 97 + 0x1F1E6) for char in word),
    "small capitals": lambda word: word.translate(str.maketrans("abcefghiknorstuw", "ᴀʙᴄᴇꜰɢʜɪᴋɴᴏʀꜱᴛᴜᴡ")),
    "Cyrillic": lambda word: word.translate(str.maketrans("aceopuxi", "асеорυхі")),
    "digits": lambda word: word.translate(str.maketrans("eiosta", "310574")),
    "signs": lambda word: word.translate(str.maketrans("sai", "$@!")),
    "zero width": apart("\u200b"),
    "soft hyphens": apart("\u00ad"),
    "full stops": apart("."),
    "hyphens": apart("-"),
    "low lines": apart("_"),
    "stars between": apart("*"),
    "spaces": apart(" "),
    "double spaces": apart("  "),
    "pictures": apart("🔥"),
    "long vowel": lambda word: word[0] + word[1] * 5 + word[2:],
    "long end": lambda word: word + word[-1] * 4,
    "a star for a letter": lambda word: word[0] + "*" + word[2:],
    "two pieces": lambda word: word[:2] + "-" + word[2:],
    "shouted": lambda word: f"{word.upper()}!!!",
    "tagged": lambda word: f"#{word}",
    "in brackets": lambda word: f"({word})",
}


@pytest.mark.parametrize("name", DISGUISES)
@pytest.mark.parametrize("word", [F, S, B, N, A, W, C])
def test_a_disguised_word_is_found_after_the_sanitiser(name: str, word: str) -> None:
    shown = block(f"So you are, {DISGUISES[name](word)}, said they").value
    (span,) = MASKER.spans(shown)
    before, after = shown.index("are, ") + 5, shown.index(", said")
    assert before <= span.start <= before + 1
    assert after - 3 <= span.end <= after


def test_the_control_a_masker_that_does_not_fold_finds_few_of_them() -> None:
    """The same disguises by a look-up of whole words: were the test above blind, this would find as many."""
    word, found = F, 0
    for disguise in DISGUISES.values():
        found += word in block(f"are, {disguise(word)}, said").value.lower().replace(",", " ").split()
    assert found <= len(DISGUISES) // 5


@pytest.mark.parametrize(
    "text", ["xvyy lbhefrys", "x1yy  l0hefrys", "XVYY-LBHEFRYS", "xvyyyyy lbhefrys", "Xvyy, lbhefrys"]
)
def test_phrases(text: str) -> None:
    assert [span.kind for span in MASKER.spans(turned(text))] == ["threat"]


# --- what stays

PLAIN = """
Scunthorpe Penistone Essex Sussex Middlesex Cumbria Condom Clitheroe Cockermouth Cockburn Cockfosters Lightwater
Shitterton Twatt Assington Wankford Dickens Dickson Hancock Babcock Peacock Woodcock Hitchcock cocktail cockpit
shuttlecock assassin assess assembly class classic grass brass compass embassy passage Massachusetts bass harass
ambassador cassette analysis analyst canal banal therapist grape drape scrape trapeze document accumulate cucumber
circumstance scum title titan constitution petition institution competitor entity sextant sextet unisex sexton
Bitche Putanges Puteaux Montcuq Pissos Connerré Conques Cuhon Bourré Salopette Vatan Trécon Négrepelisse Chatte
Saint-Cul shiitake shitake Matsushita niggardly snigger Niger Nigeria Nigerian retard retards retardant tardif con
cul bite queue chatte baiser pipe gland raton tapette melon singe fagot fagots mongol gogol putatif computer députe
reputation dispute amputer disputé éconduire connaître connecter reconnaître conique conseil biscuit calcul recul
cul-de-sac circuler enculturation foutre chienne cochonne garçon bâtard douche Kassel Wankel Essen Dikkens dyke
Offa's_Dyke Dyck homo lesbien lesbos Suffolk Norfolk Fukuoka phuket Phuket Bangkok Cumbernauld cumin Cummings cum
Scottish spice spicy hospice despicable swank twang Swansea raccoon cocoon tycoon Coonabarabran faggioli Fagundes
pakistan Pakistani packing kinky honky-tonk A55 45s 10am 5G B2B 1914-1918 90210 x86 w3 MP3 4x4 covid19 H1N1 c++
a@b.org www.example.org/as-is 50$ $100 100% #1
"""


def test_plain_words_and_place_names_stay() -> None:
    assert [word for word in PLAIN.split() if MASKER.spans(word)] == []
    assert MASKER.spans(PLAIN) == ()


@pytest.mark.parametrize("text", [
    "Anas has lived at 12 A Street since 1999; as a. s. an example", "We are not in the business of e-mail, i.e. post",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z", "The U.S.A., the U.K. and the E.U. met on 4.10.2026",
    "L'arrêté n° 2024-15 du 3 mai : « en retard », cul-de-sac, boulevard de la République",
    "2 * 3 * 4 = 24, C#, **bold**",
    "Maine Coon kittens", "Pussy Riot sang; pussy willow grows", "the chink in the armour", "Moby Dick",
    "le nègre littéraire",
])  # fmt: skip
def test_plain_sentences_stay(text: str) -> None:
    assert stretches(MASKER, block(text).value) == []


def test_our_own_sentences_hold_nothing_to_mask() -> None:
    import gettext

    from escaltui import i18n

    catalogue = gettext.translation("escaltui", localedir=i18n.FOLDER, languages=["fr"], fallback=True)
    told = [text for pair in getattr(catalogue, "_catalog", {}).items() for text in pair if isinstance(text, str)]
    assert [text for text in told if MASKER.spans(text)] == []


# --- properties

WORDS = st.sampled_from([F, S, B, N, A, W, "zorbel", "the", "as", "a", "s", "f", "u", "c", "k", "@", "$", "e", "é", "œ",
                         "с", "у", "1", "5", "***", "fuuu",
                         "lick", "my", "boot", "quark", "kill", "yourself"])  # fmt: skip
BETWEEN = st.sampled_from([" ", "", ".", "-", "_", "*", "\n", "  ", ", ", "\u200b", "•", "!", "'", "🔥", "\u0301"])
MIXES = st.lists(st.tuples(WORDS, BETWEEN), max_size=12).map(lambda parts: "".join(a + b for a, b in parts))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80) | MIXES | st.sampled_from([text for _name, text in PAYLOADS])


@given(TEXTS)
@settings(max_examples=400, deadline=None)
@example(f"a.s.{S}")
@example(f"@${W}")
@example(f"{S}.f.a.g")
@example("ﬃ" + F)
def test_spans_lie_in_the_text_in_order_and_the_length_stays(text: str) -> None:
    safe = block(text)
    for masker in (MASKER, TINY):
        spans = masker.spans(safe.value)
        assert all(0 <= start < end <= len(safe) for start, end, _kind in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
        shown = masker.masked(safe)
        assert len(shown.text) == len(safe)
        assert not raw_in(shown.text.value)
        kept = [at for at in range(len(safe)) if not any(s.start < at < s.end for s in spans)]
        assert all(shown.text.value[at] == safe.value[at] for at in kept)


@given(TEXTS)
@settings(max_examples=400, deadline=None)
@example(f"a.s.{S}")
@example(f"f.ag.{S}")
@example(f"{S}.f.ag")
@example(f"@${W}")
def test_twice_is_the_same_as_once(text: str) -> None:
    for masker in (MASKER, TINY):
        once = masker.masked(block(text)).text
        assert masker.masked(once).text == once


@given(st.text(max_size=60))
def test_folding_leads_back_and_readings_keep_the_length(text: str) -> None:
    folded = fold(text)
    back = places(text)
    assert len(back) == len(folded) + 1
    assert back == sorted(back)
    assert all(len(reading.text) == len(folded) for reading in readings(folded))
    assert fold(folded) == fold(fold(folded))


@given(st.text("ab•. *", max_size=40))
def test_dots_alone_are_never_masked(text: str) -> None:
    assert Masker([Term(("ab",), "slur", 3)]).spans(text.replace("ab", "a b")) == () or MASK not in "ab"


# --- figures


def steps(text: str) -> int:
    """How many calls it takes to mask a text: the same on every machine. Seconds are in `make bench`."""
    made = 0

    def count(_frame: object, event: str, _value: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        MASKER.spans(text)
    finally:
        sys.setprofile(None)
    return made


def test_hostile_text_costs_work_in_proportion() -> None:
    for piece in ("a.", "a ", "a*", "1a", "$", "@a", "aaa", f"{F} ", "a-" * 40 + " ", "é1", "сa"):
        small, large = steps(piece * 2_000), steps(piece * 8_000)
        assert large < 200 + small * 6, piece


# --- scores, by lists that somebody else wrote


def rows(name: str) -> list[str]:
    """The rows of a list."""
    file = HERE / name
    if not file.is_file():
        pytest.skip(f"{name} is not here")
    return [row for row in file.read_text("utf-8").splitlines() if row.strip()]


def masked_within(row: str) -> bool:
    """Whether something between the brackets of a row is masked, read as the screen has it, without them."""
    start, end = row.index("⟦"), row.index("⟧") - 1
    shown = block(row.replace("⟦", "").replace("⟧", "")).value
    return any(span.start < end and span.end > start for span in MASKER.spans(shown))


def test_evasions_are_masked() -> None:
    """The bar of the design: 90 of 100, in both languages together. First score: 97, and 2 of the 500 plain rows, a
    picnic and a village of Savoie, which the lists of `never` got only then."""
    found = [row for lang in ("en", "fr") for row in map(turned, rows(f"masking_evasions_{lang}.txt"))]
    assert len(found) >= 100
    missed = [row for row in found if not masked_within(row)]
    assert len(missed) * 100 <= 10 * len(found), missed


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_plain_rows_are_not_masked(lang: str) -> None:
    found = rows(f"masking_plain_{lang}.txt")
    assert len(found) >= 250
    assert [row for row in found if MASKER.spans(block(row).value)] == []


def test_phrases_have_no_more_words_than_are_looked_at() -> None:
    assert LONGEST == 4
