"""The parts of the case screen: clocks in words, the timeline, the browse tree; in a language 30 % longer too."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import pytest
from payloads import PAYLOADS, raw_in

from escaltui import i18n, when
from escaltui.faces import ClockLine, OutlineLine, TimelineLine
from escaltui.rules_loader import load_or_last
from escaltui.safety.text import block, cells, line, own
from escaltui.widgets import labels
from escaltui.widgets.clocks_line import Flow, any_near, clock_chunk
from escaltui.widgets.facts import Field, fields
from escaltui.widgets.outline import Outline
from escaltui.widgets.say import pair, plain
from escaltui.widgets.timeline import blocks, news

NOW = 1_780_000_000_000
HOUR = when.HOUR


class Longer(gettext.NullTranslations):
    """Every text 30 % longer."""

    def gettext(self, message: str) -> str:
        return message + "~" * max(1, round(len(message) * 0.3))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def longer() -> Iterator[None]:
    i18n.speak(Longer())
    yield
    i18n.set_language("en")


@pytest.fixture(scope="module")
def rules() -> object:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return load_or_last(Path(folder))[0]


def said(clock: ClockLine, rules: object) -> tuple[str, str]:
    chunk = clock_chunk(clock, NOW, rules)  # type: ignore[arg-type]
    return "".join(plain(pair(part)[0]) for part in chunk), pair(chunk[-1])[1]


def test_clocks_are_told_in_words(rules: object) -> None:
    law = ClockLine("law", "statutory", "remove", "running", NOW + 47 * when.MINUTE)
    assert said(law, rules) == (f"§ remove 0:47 left, due {when.time_of(NOW + 47 * when.MINUTE)}", "")
    late = law._replace(due=NOW - 12 * when.MINUTE)
    assert said(late, rules)[0].startswith("§ remove over 12m, was due ")
    assert said(late, rules)[1] == "over"
    assert said(law._replace(due=NOW + 5 * when.MINUTE), rules)[1] == "near"
    assert said(law._replace(due=None), rules)[0] == "§ remove no number in law"
    asked = law._replace(kind="asked", words=own("by four"))
    assert said(asked, rules)[0].startswith('asked "by four" 0:47 left')
    assert said(law._replace(kind="sla", state="paused"), rules)[0].endswith("paused")
    done = law._replace(kind="sla", state="stopped", started=NOW, stopped=NOW + 3 * when.MINUTE)
    assert said(done, rules)[0].endswith("done in 3m 00s")
    assert any_near([law._replace(due=NOW + 5 * when.MINUTE)], NOW)
    assert not any_near([law, late, done], NOW)


def test_chunks_that_do_not_fit_go_to_the_next_row_and_the_rest_is_counted() -> None:
    flow = Flow(2)
    flow.chunks = tuple((own("x" * 20),) for _n in range(7))
    rows = flow.lines(45)
    assert len(rows) == 2
    assert [sum(cells(pair(part)[0]) for part in row) <= 49 for row in rows] == [True, True]
    assert plain(pair(rows[-1][-1])[0]).strip() == "+3"


def entry(seq: int, at: int, body: str | None = None, *, new: bool = False, what: str = "claimed") -> TimelineLine:
    note = None if body is None else block(body)
    return TimelineLine(seq, at, "kosei", line(what), note, "note" if note else "change", f"op{seq}", new)


def test_the_timeline_shows_notes_whole_changes_short_and_days() -> None:
    lines = [entry(1, NOW - 48 * HOUR), entry(2, NOW - HOUR, "first\nsecond", new=True)]
    drawn = list(blocks(lines, NOW))
    assert [block.rule for block in drawn] == [True, False, True, False]
    assert plain(pair(drawn[0].parts[0])[0]) == when.day(NOW - 48 * HOUR)
    assert plain(pair(drawn[3].parts[0])[0]) == "first\nsecond"
    assert plain(drawn[3].sign) == "+ "
    assert plain(news(lines, NOW - 2 * HOUR, NOW)) == f"1 new since {when.time_of(NOW - 2 * HOUR)}"
    assert not news(lines, None, NOW)


def test_withdrawn_and_corrected_notes_say_so() -> None:
    withdrawn = entry(1, NOW)._replace(note="withdrawn")
    corrected = entry(2, NOW, "old words")._replace(note="corrected")
    texts = ["".join(plain(pair(part)[0]) for part in block.parts) for block in blocks([withdrawn, corrected], NOW)]
    assert texts == ["claimed (withdrawn)", "(corrected below) old words"]


@pytest.mark.parametrize(("name", "text"), PAYLOADS)
def test_hostile_names_and_words_stay_harmless_in_the_timeline(name: str, text: str) -> None:
    hostile = entry(1, NOW, text, what=text)._replace(actor=text)
    for drawn in blocks([hostile], NOW):
        for part in (*drawn.parts, drawn.label, drawn.sign):
            assert not raw_in(plain(pair(part)[0]))


def test_names_of_fields_are_never_cut_in_a_longer_language(longer: None) -> None:
    drawn = fields([Field(labels.word(name), (own("x"),)) for name in labels.WORDS])
    assert all(cells(block.label) < block.indent for block in drawn)
    assert len({block.indent for block in drawn}) == 1


def test_every_word_of_the_table_is_marked_for_translation(longer: None) -> None:
    assert all(labels.word(name).endswith("~") for name in labels.WORDS)


def test_a_name_without_a_word_loses_its_underscores() -> None:
    assert labels.word("not_known_here") == "not known here"


def test_the_tree_opens_closes_and_reveals() -> None:
    tree = Outline()
    lines = [
        OutlineLine("ads", "", own("Ads"), 0, 2), OutlineLine("ads", "ads.1", own("Claims"), 1, 0),
        OutlineLine("ip", "", own("IP"), 0, 1), OutlineLine("ip", "ip.1", own("Copyright"), 1, 0),
    ]  # fmt: skip
    tree.lines = tuple(lines)
    tree.open = {"ip"}
    keys = [tree._block(each).key for each in tree.lines if not each.section or each.document in tree.open]
    assert keys == ["document ads", "document ip", "section ip.1"]
