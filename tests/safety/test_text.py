"""The sanitiser: nothing raw passes, nothing of living scripts is lost, and the tests fail when it is off."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from payloads import MARKUP, PAYLOADS, raw_in

from escaltui.safety import text as safety_text
from escaltui.safety.text import (
    SafeText,
    block,
    cells,
    cut,
    defanged,
    escaped,
    hidden_kinds,
    join,
    line,
    own,
    storable,
)

UNICODE = range(0x110000)
HOSTILE = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA1))),
    *"\u00ad\u034f\u061c\u115f\u2800\u3164\u200b\u200c\u200d\u200e\u202e\u2028\u2066\u2069\ufeff\ufffd\ufe0e\ufe0f",
    *"\ue000\ud800\udc00\U000e0041\U000e0100\U0010eeee\u0378\u180b",
    *"aé1#[]/бα\u0301\u0316\u20e3\u093f\u094d\u0915\u102c\u0645\u05d0漢、↵·␦␛☺",
    *"👩🏽❤🇫🏳",
    "\r\n",
]
mixes = st.lists(st.sampled_from(HOSTILE) | st.characters(), max_size=40).map("".join)


def assert_harmless(clean: Callable[[str], str], original: str) -> None:
    """The three promises: nothing raw is left, the length stays, twice is as once."""
    shown = clean(original)
    assert raw_in(shown) == []
    assert len(shown) == len(original)
    assert clean(shown) == shown


def line_of(s: str) -> str:
    return line(s).value


def block_of(s: str) -> str:
    return block(s).value


@pytest.mark.parametrize("between", [" ", "\u0645"])
def test_every_code_point(between: str) -> None:
    """All 1,114,112, beside a space and beside a letter that joiners may join."""
    for start in range(0, len(UNICODE), 0x4000):
        original = between.join(map(chr, UNICODE[start : start + 0x4000]))
        assert_harmless(block_of, original)
        assert line(original).value == block(original).value.replace("\n", "↵")


@settings(max_examples=2_000, deadline=None)
@given(mixes)
@example("\u0915\u200d\ufe0f\u0915")
@example("\u0645\u0301\u0301\u0301\u0301\u0301\u200d\u0645")
@example("\x1b\u200d\x1b")
def test_random_mixes(original: str) -> None:
    assert_harmless(line_of, original)
    assert_harmless(block_of, original)


@settings(max_examples=500, deadline=None)
@given(st.lists(mixes, min_size=1, max_size=4), mixes, st.slices(30))
def test_parts_and_sums_stay_harmless(parts: list[str], sep: str, part: slice) -> None:
    joined = join(map(line, parts), line(sep))
    assert len(joined) == len(sep.join(parts))
    for made in (joined, joined[part], line(parts[0]) + line(sep)):
        assert block(made.value).value == made.value
        assert raw_in(made.value) == []


@settings(max_examples=500, deadline=None)
@given(mixes, st.integers(-1, 30))
def test_cut_fits_and_keeps_clusters_whole(original: str, room: int) -> None:
    whole = line(original)
    kept = cut(whole, room)
    assert cells(kept) <= max(room, 0)
    assert raw_in(kept.value) == []
    assert (kept == whole) == (cells(whole) <= room) or not whole or whole.value.endswith("…")
    if kept != whole and room > 0:
        assert kept.value.endswith("…")
        assert whole.value.startswith(kept.value[:-1])


@pytest.mark.parametrize(("name", "payload"), PAYLOADS, ids=[name for name, _ in PAYLOADS])
def test_payloads(name: str, payload: str) -> None:
    for clean in (line_of, block_of):
        assert_harmless(clean, payload)
        assert clean(payload).startswith("before ")
        assert clean(payload).endswith(" after")
    assert (line(payload).value == payload) == (name in MARKUP)
    assert_harmless(line_of, storable(payload))


def test_there_are_25_payloads_of_different_names() -> None:
    assert len(PAYLOADS) == len(dict(PAYLOADS)) == 25


def test_the_same_assertions_fail_without_the_sanitiser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with `clean` as identity every payload but markup is caught, and the whole-Unicode sweep is."""
    monkeypatch.setattr(safety_text, "clean", lambda s: s)
    for name, payload in PAYLOADS:
        if name not in MARKUP:
            with pytest.raises(AssertionError):
                assert_harmless(block_of, payload)
    with pytest.raises(AssertionError):
        assert_harmless(block_of, "".join(map(chr, range(0x4000))))


@pytest.mark.parametrize(
    ("original", "shown", "hidden"),
    [
        ("\x1b[2J", "␛[2J", (("escape", 1),)),
        ("\x90\x98\x9b\x9d\x9e\x9f", "␛␛␛␛␛␛", (("escape", 6),)),
        ("\x00\x07\x7f\x85\x9c", "␀␇␡\ufffd\ufffd", (("control", 5),)),
        ("\u202eab\u2069", "␦ab␦", (("bidi", 2),)),
        ("\U000e0041\U000e007f", "␦␦", (("tag", 2),)),
        ("\ufff9", "␦", (("invisible", 1),)),
        ("a\u200bb\u00adc\u3164\u2800", "a·b·c··", (("invisible", 4),)),
        ("a\u200db", "a·b", (("invisible", 1),)),
        ("a\ufe0f", "a·", (("invisible", 1),)),
        ("م\u180b", "م·", (("invisible", 1),)),
        ("1\ufe01", "1·", (("invisible", 1),)),
        ("م\U000e0100", "م·", (("invisible", 1),)),
        ("☺\ufe0f\ufe01\ufe02", "☺\ufe0f··", (("invisible", 2),)),
        ("\u2028\u2029", "↵↵", (("invisible", 2),)),
        ("\ud800\ue000\u0378\uffff", "\ufffd" * 4, (("invisible", 4),)),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "··", (("stacked", 2),)),
        ("က" + "\u102c" * 9, "က" + "\u102c" * 8 + "·", (("stacked", 1),)),
        (
            "क" + "\u094d\u200d" * 6 + "क",
            "क" + "\u094d\u200d" * 3 + "\u094d·····क",
            (("invisible", 3), ("stacked", 2)),
        ),
        ("\x1b\u200d\x1b\ufe0f", "␛·␛·", (("escape", 2), ("invisible", 2))),
        ("é\u0301 naïve, œuvre № 5 « oui » 10\u202f€", "é\u0301 naïve, œuvre № 5 « oui » 10\u202f€", ()),
        ("\x1b\u202e\u202e", "␛␦␦", (("bidi", 2), ("escape", 1))),
    ],
)
def test_what_stands_for_what(original: str, shown: str, hidden: tuple[tuple[str, int], ...]) -> None:
    assert line(original).value == shown
    assert line(original).hidden == block(original).hidden == hidden_kinds(original) == hidden


def test_line_ends_and_tabs_are_layout_not_hiding() -> None:
    assert block("a\r\nb\tc\nd").value == "a \nb c\nd"
    assert line("a\r\nb\tc\nd").value == "a ↵b c↵d"
    assert block("a\r\nb\tc\nd").hidden == line("a\r\nb\tc\nd").hidden == ()
    assert block("a\rb").value == "a␍b"
    assert block("a\rb").hidden == (("control", 1),)


@pytest.mark.parametrize(
    "living",
    [
        "می\u200cخواهم",  # Persian: a non-joiner inside a word
        "क\u094d\u200dष श्री",  # Hindi: a joiner asks for the half form
        "ශ\u0dca\u200dර\u0dd3 ලංකා",  # Sinhala
        "ന\u0d4d\u200d",  # Malayalam, at the end: see below
        "လျှော့ မြှောင့် ကျွန်ုပ်တို့",  # Burmese: up to 5 marks a syllable, spacing ones among them
        "བསྒྲུབས་",  # Tibetan
        "שָׁלוֹם",  # Hebrew with points
        "Tiếng Việt phở",
        "👩\u200d👩\u200d👧\u200d👦 👩🏽\u200d🚒 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3 ©\ufe0f 🇫🇷",
        "ᠠ\u180bᠨ ⋚\ufe00 ℹ\ufe0f ㊗\ufe0f",  # Mongolian, mathematics, letter-like emoji
        "葛\U000e0100城 한국어 ﷽ 日本語、中文。",
        "\u0e17\u0e35\u0e48 \u0e19\u0e49\u0e33",  # Thai
    ],
)
def test_living_text_is_kept(living: str) -> None:
    kept = living.removesuffix("\u200d")
    assert block(kept).value == kept
    assert hidden_kinds(kept) == ()
    if kept != living:  # a joiner with nothing to join to is shown
        assert block(living).value == kept + "·"


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("p\u0430ypal", 1),
        ("p\u200b\u0430\u200by", 1),
        ("αdmin and \u0405team", 2),
        ("Привет world, γεια", 0),
        ("USB-кабель", 0),
        ("plain", 0),
    ],
)
def test_words_of_mixed_alphabets(text: str, mixed: int) -> None:
    assert dict(hidden_kinds(text)).get("mixed", 0) == mixed


def test_parts_are_cleaned_and_hidden_adds_up() -> None:
    first, second = line("\x1ba\u202e"), line("\x1b")
    assert (line("e" + "\u0301" * 4) + line("\u0301" * 3)).value == "e" + "\u0301" * 4 + "···"
    assert line("م\u200dم")[:2].value == "م·"
    assert first[:1].hidden == cut(first, 2).hidden == first.hidden == (("bidi", 1), ("escape", 1))
    assert (first + second).hidden == join([first, second]).hidden == (("bidi", 1), ("escape", 2))


def test_safe_text_is_no_str_and_cannot_be_changed_or_forged() -> None:
    safe = line("ab")
    assert not isinstance(safe, str)
    for misuse in (
        lambda: str(safe),
        lambda: f"{safe}",
        lambda: "%s" % safe,  # noqa: UP031
        lambda: "".join([safe]),  # type: ignore[list-item]
        lambda: safe + "c",  # type: ignore[operator]
        lambda: "a" in safe,  # type: ignore[operator]
        lambda: safe[0],  # type: ignore[index]
        lambda: SafeText("\x1b"),  # type: ignore[call-arg]
    ):
        with pytest.raises(TypeError):
            misuse()
    for name in ("value", "hidden", "other"):
        with pytest.raises(AttributeError):
            setattr(safe, name, "\x1b")
    with pytest.raises(AttributeError):
        del safe.value


def test_safe_text_is_a_value() -> None:
    safe = line("ab\x1b")
    assert safe == line("ab␛") != line("ab")
    assert safe != "ab␛"
    assert len({safe, line("ab␛")}) == 1
    assert (len(safe), bool(safe), bool(line(""))) == (3, True, False)
    assert safe[1:] == line("b␛")
    assert own("a\nb") == block("a\nb")
    assert repr(safe) == "SafeText('ab␛')"
    for twin in (copy.deepcopy(safe), pickle.loads(pickle.dumps(safe))):
        assert (twin.value, twin.hidden) == (safe.value, safe.hidden)


def test_cells_and_cut_by_example() -> None:
    assert (cells("abc"), cells(line("日本")), cells("e\u0301"), cells("")) == (3, 4, 1, 0)
    assert cut(line("abcdef"), 6).value == "abcdef"
    assert cut(line("abcdef"), 4).value == "abc…"
    assert cut(line("日本語"), 4).value == "日…"
    assert cut(line("ae\u0301e\u0301e\u0301"), 3).value == "ae\u0301…"
    assert cut(line("👩\u200d👧x"), 2).value == "…"
    assert cut(line("👩\u200d👧xy"), 3).value == "👩\u200d👧…"
    assert (cut(line("ab"), 1).value, cut(line("ab"), 0).value) == ("…", "")


@given(st.text(st.characters(exclude_categories=[])))
def test_escaped_is_ascii_and_exact(original: str) -> None:
    shown = escaped(original)
    assert shown.isascii()
    assert shown == "" or shown.isprintable()
    assert shown.encode("ascii").decode("unicode_escape") == original


@given(mixes)
@example("a\x00\ud800\r\n\x1b")
def test_storable_changes_only_what_cannot_be_stored(original: str) -> None:
    kept = storable(original)
    assert "\x00" not in kept
    assert kept.encode("utf-8").decode("utf-8") == kept
    for was, now in zip(original, kept, strict=True):
        assert now == ("\ufffd" if was == "\x00" or "\ud800" <= was <= "\udfff" else was)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example.com/x.html?q=1", "hxxps[:]//a[.]example[.]com/x.html?q=1"),
        ("HTTP://Evil.example:8080", "HxxP[:]//Evil[.]example:8080"),
        ("http://u:p@evil.example/", "hxxp[:]//u:p@evil[.]example/"),
        ("http://[2001:db8::1]/a", "hxxp[:]//[2001:db8::1]/a"),
        ("www.example.com/a.html", "www[.]example[.]com/a.html"),
        ("example.com:80/a.b", "example[.]com[:]80/a.b"),
        ("//evil.example/a", "//evil[.]example/a"),
        ("mailto:a@b.example", "mailto[:]a@b[.]example"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("https:\\\\evil。example", "hxxps[:]\\\\evil[.]example"),
        ("https://a.example/?u=http://b.example/", "hxxps[:]//a[.]example/?u=hxxp[:]//b[.]example/"),
        ("", ""),
    ],
)
def test_defanged_by_example(url: str, shown: str) -> None:
    assert defanged(url) == shown


@settings(deadline=None)
@given(st.text("htps:/\\.[]@?#ax "))
def test_defanged_leaves_no_link(url: str) -> None:
    shown = defanged(url)
    assert "://" not in shown
    assert "http:" not in shown
    assert defanged(shown) == shown


def test_import_needs_the_standard_library_alone() -> None:
    code = "import sys, escaltui.safety.text, escaltui.safety.export; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "escaltui.safety.text" in loaded
    assert not {"rich", "textual", "msgspec", "dataclasses", "inspect"} & set(loaded)


@pytest.mark.real_data
def test_real_requests_are_kept_readable(real_data: Path) -> None:
    """Of real letters in several languages nearly nothing needs a stand-in, and nothing raw is left."""
    with gzip.open(real_data / "government_requests.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(row)["text"] for row in lines]
    changed = 0
    for text in texts:
        assert_harmless(block_of, text)
        changed += sum(count for _, count in block(text).hidden)
    assert changed < sum(map(len, texts)) / 1000
