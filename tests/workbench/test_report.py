"""The report: what may leave the desk is in it, what may not is not; both formats hold the same; no text is markup."""

from __future__ import annotations

import re
import stat
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import report_desk
from hypothesis import given
from hypothesis import strategies as st
from report_desk import CANARIES, MAYOR, WAVE

from escaltui import i18n
from escaltui.config import Config, Me
from escaltui.insight_faces import USUAL, SeriesFace
from escaltui.reporting import html, markdown
from escaltui.reporting.content import FEW, LEAST, Figure, Part, Report, Table, Trace
from escaltui.safety.text import own
from escaltui.workbench import NotKnown, Workbench, insight, report, report_telling
from escaltui.workbench.report_telling import hidden, share, told

NOW = 1_790_000_000_000
PARTS = ("Volumes", "What rose in the last 7 days", "Clocks that ended", "The queue", "What it came to",
         "Policy changes", "Incidents", "Risks", "Recommendations", "Goals")  # fmt: skip
VOID = frozenset({"meta", "rect", "path"})


class Page(HTMLParser):
    """A page as a browser reads it: its elements, whether they close, its words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.heads: list[str] = []
        self.open: list[str] = []
        self.bad: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.bad.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)
        if self.open and self.open[-1] in ("h1", "h2", "caption", "title", "strong"):
            self.heads.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A desk with a past, a wave, and all that a report must not tell."""
    folder = tmp_path_factory.mktemp("report")
    config = Config(folder / "settings", me=Me(name="kosei", roles=("specialist", "lead")), exists=True)
    bench = Workbench.open(folder / "store", config=config, clock=lambda: NOW)
    report_desk.fill(bench, folder / "policies")
    insight.prepare(bench)
    yield bench
    bench.close()


@pytest.fixture(scope="module", params=report.FORMS)
def written(full: Workbench, request: pytest.FixtureRequest) -> str:
    return report.text(full, request.param)


@pytest.fixture(scope="module")
def page(full: Workbench) -> Page:
    return Page(report.text(full, report.HTML))


# --- what is in it


def test_both_formats_have_the_same_parts_in_the_same_order(full: Workbench, page: Page) -> None:
    content = report.gather(full)
    assert tuple(part.title for part in content.parts) == PARTS
    assert [each for each in page.heads if each in PARTS] == list(PARTS)
    heads = re.findall(r"^## (.*)$", report.text(full, report.MARKDOWN), re.MULTILINE)
    assert tuple(heads) == PARTS


def test_every_cell_of_the_content_is_in_both(full: Workbench, page: Page) -> None:
    plain = report.text(full, report.MARKDOWN)
    tables = [block for part in report.gather(full).parts for block in part.blocks if isinstance(block, Table)]
    cells = {cell for table in tables for row in table.rows for cell in row if isinstance(cell, str)}
    assert len(cells) > 60
    words = set(page.words)
    assert {cell for cell in cells if cell and cell not in words} == set()
    assert {cell for cell in cells if markdown.inline(cell) not in plain} == set()


def test_the_planted_wave_is_recovered(written: str, full: Workbench) -> None:
    content = report.gather(full)
    rises = next(part for part in content.parts if part.key == "rises")
    (table,) = (block for block in rises.blocks if isinstance(block, Table))
    rows = {row[0]: row for row in table.rows}
    assert rows["BR"][2:4] == (str(WAVE), FEW)
    assert "BR" in written
    assert MAYOR in written, "an authority is named"
    trace = rows["BR"][4]
    assert isinstance(trace, Trace)
    assert trace.values[-1] == WAVE
    assert set(trace.values[:-1]) == {None}
    assert "DE" not in rows, "control: what did not rise is not told"


def test_the_wave_is_not_found_before_it_came(hands) -> None:  # type: ignore[no-untyped-def]
    """Control: the same weeks without the wave."""
    made = report_desk.Filling(hands.bench)
    for back in range(8, 200, 1):
        made.case(back * report_desk.DAY, *report_desk.QUIET[back % 4])
    for hours in range(7):
        made.case(hours * 3_600_000 * 20, *report_desk.QUIET[hours % 4])
    made.do()
    insight.prepare(hands.bench)
    rises = next(part for part in report.gather(hands.bench).parts if part.key == "rises")
    assert rises.blocks == ()
    assert rises.says[0].startswith("Nothing rose")


def test_what_leads_accepted_is_told_and_how_it_stands(written: str) -> None:
    assert "Ask for the court's file number at intake" in written or "court&#x27;s file number" in written
    assert "in use" in written
    assert "There is no control group." in written
    assert "Fewer orders from Brazil" in written
    assert "country:BR" in written
    assert "1 new version" in written


def test_four_weeks_count_exactly(full: Workbench) -> None:
    content = report.gather(full, 4)
    assert content.title.startswith("4 weeks to ")
    assert content.tiles[0][1] == str(full.count("age<28d"))
    figure = content.parts[0].blocks[0]
    assert isinstance(figure, Figure)
    assert figure.newest == 4
    assert content.tiles[0][1] != report.gather(full).tiles[0][1], "control"
    for weeks in (0, 27):
        with pytest.raises(NotKnown, match="1 to 26 weeks"):
            report.gather(full, weeks)


# --- what is not in it


def test_no_canary_leaves_the_desk(written: str) -> None:
    text = " ".join(Page(written).words) if written.startswith("<!") else written
    assert [each for each in CANARIES if each.casefold() in f"{written} {text}".casefold()] == []


def test_control_the_canaries_would_be_seen(full: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.workbench import report_counts, report_standing

    monkeypatch.setattr(report_standing, "tells", lambda *_: True)
    monkeypatch.setattr(report_counts, "public_name", lambda _bench, each: each.value.value)
    leaky = report.text(full, report.MARKDOWN)
    for each in ("Jane Roe", "Quokkaword", "Okapigoal", "Ocelotname"):
        assert each in leaky, each
    assert full.count("sensitivity:restricted") == full.count("sensitivity:privileged") == 1


def numbers(content: Report) -> Iterator[str]:
    """Every cell that counts cases."""
    for part in content.parts:
        if part.key in ("volumes", "rises", "clocks", "queue", "figures"):
            for block in part.blocks:
                if isinstance(block, Table):
                    yield from (str(row[at]) for row in block.rows for at in block.figures)
                else:
                    yield from (FEW if value is None else str(value) for value in block.values)


def small(cells: Iterator[str]) -> list[str]:
    return [each for each in cells if re.fullmatch(r"\d+(\.\d+)?", each) and float(each) < LEAST]


def test_no_cell_is_under_5(full: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert small(numbers(report.gather(full))) == small(numbers(report.gather(full, 4))) == []
    monkeypatch.setattr(report_telling, "LEAST", 1)
    assert small(numbers(report.gather(full))) != [], "control"


def series(key: str, now: int) -> SeriesFace:
    dim, _colon, value = key.partition(":")
    return SeriesFace(key, dim, own(value), "", now, 1, 0, 2, (now,), None, None, USUAL, 0, "")


@given(st.lists(st.integers(0, 30), max_size=8))
def test_a_small_count_cannot_be_told_from_the_sum(counts: list[int]) -> None:
    """Whoever knows the sum and what is told still has two possibilities for each count under 5 but nought."""
    shown, left = told([(series(f"country:{at}", n), n) for at, n in enumerate(counts)])
    assert left == sum(n < LEAST for n in counts)
    assert all(each.n >= LEAST for each in shown)
    rest = sum(counts) - sum(each.n for each in shown if each.least is None)
    rough = [each for each in shown if each.least is not None]
    if rough:
        assert rest - rough[0].at_least >= LEAST or rough[0].at_least == LEAST - 1
        assert rough[0].n > rough[0].at_least, "it is over what is said"
    elif shown:
        assert rest == 0 or (rest >= LEAST and left > 1)
    gone = hidden(counts)
    assert all(at in gone for at, n in enumerate(counts) if n < LEAST)
    lost = sum(counts[at] for at in gone)
    assert lost == 0 or len(gone) == len(counts) or (lost >= LEAST and len(gone) > 1)


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_share_tells_no_small_count(n: int, rest: int) -> None:
    whole, said = n + rest, share(n, n + rest)
    if whole < 2 * LEAST:
        assert said == "too few"
    elif n < LEAST or rest < LEAST:
        bound = int(said.split()[1])
        assert said.startswith("under" if n < LEAST else "over")
        assert 100 * n / whole < bound if n < LEAST else 100 * n / whole > bound
    else:
        assert said == f"{report_telling.words.number(100 * n / whole)} %"


# --- the file


def test_the_page_is_one_whole_file_that_fetches_nothing(full: Workbench, page: Page) -> None:
    text = report.text(full, report.HTML)
    assert page.bad == page.open == []
    names = {tag for tag, _attributes in page.tags}
    assert names <= {
        "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "span", "h1", "h2",
        "h3", "p", "dl", "div", "dt", "dd", "figure", "figcaption", "strong", "details", "summary", "table",
        "caption", "thead", "tbody", "tr", "th", "td", "svg", "desc", "rect", "path", "text",
    }  # fmt: skip
    assert not {name for _tag, attributes in page.tags for name in attributes} & {"style", "src", "href", "srcset"}
    assert not [name for _tag, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert "xmlns" not in text
    assert re.findall(r"https?://", text) == re.findall(r"https?://", page.text), "only as words"


def test_its_policy_allows_its_own_style_alone(full: Workbench, page: Page) -> None:
    text = report.text(full, report.HTML)
    (policy,) = (each["content"] for each in page.named("meta") if each.get("http-equiv") == "Content-Security-Policy")
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    for asked in ("prefers-color-scheme: dark", "@media print", "max-width"):
        assert asked in style


def test_every_picture_has_words_and_a_table(page: Page) -> None:
    large = [each for each in page.named("svg") if each["class"] == "large"]
    ids = {attributes["id"] for _tag, attributes in page.tags if "id" in attributes}
    assert len(large) == 2
    assert all(each["role"] == "img" and set(each["aria-labelledby"].split()) <= ids for each in large)
    assert len(page.named("details")) == len(large)
    traces = [each for each in page.named("svg") if each["class"] == "trace"]
    assert traces
    assert all("the oldest first" in each["aria-label"] for each in traces)
    assert all(each["aria-hidden"] == "true" for each in page.named("svg") if each["class"] == "bar")
    assert len(ids) == sum("id" in attributes for _tag, attributes in page.tags)


def test_hostile_names_are_words(page: Page, full: Workbench) -> None:
    assert "script" not in {tag for tag, _attributes in page.tags}
    assert "<img src=x onerror=alert(2)>" in page.text, "control: it is there, as words"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", report.text(full, report.HTML))
    plain = report.text(full, report.MARKDOWN)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", plain)
    assert not re.search(r"(?<!\\)<[A-Za-z/!]", plain)
    assert not re.search(r"(?<!\\)\]\(", plain)
    assert r"\<img src=x onerror=alert(2)\>" in plain, "control"


@given(st.text(max_size=80))
def test_no_text_becomes_markup(text: str) -> None:
    table = Table(text, (text, "n"), ((text, "5"),), frozenset({1}), text)
    figure = Figure("columns", text, text, (text, text), (text, text), (text, text), (None, 7), 5, 9)
    content = Report(text, text, "en", ((text, text, text),), (Part("k", text, (text,), (table, figure)),), (text,))
    page = Page(html.write(content))
    empty = Page(
        html.write(
            content._replace(
                title="x",
                says="x",
                tiles=(("x", "x", "x"),),
                foot=("x",),
                parts=(
                    Part(
                        "k",
                        "x",
                        ("x",),
                        (
                            table._replace(title="x", heads=("x", "n"), rows=(("x", "5"),), after="x"),
                            figure._replace(title="x", says="x", heads=("x", "x"), labels=("x", "x"), marks=("x", "x")),
                        ),
                    ),
                ),
            )
        )
    )
    if text:
        assert [tag for tag, _attributes in page.tags] == [tag for tag, _attributes in empty.tags]
    assert page.bad == page.open == []
    rows = [line for line in markdown.write(content).splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)


def test_control_raw_text_would_be_markup() -> None:
    assert Page("<p><script>x</script></p>").tags != Page("<p>x</p>").tags


def test_it_speaks_french(full: Workbench) -> None:
    i18n.set_language("fr")
    try:
        page = Page(report.text(full, report.HTML))
    finally:
        i18n.set_language("en")
    assert page.named("html") == [{"lang": "fr"}]
    assert "Volumes" in page.heads


# --- where it goes


def test_it_is_kept_for_its_owner_alone(full: Workbench) -> None:
    path = report.save(full)
    assert path == full.store.folder / "reports" / "2026-09-21.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = report.save(full)
    assert again == path
    assert [each.name for each in path.parent.iterdir()] == [path.name], "nothing half written is left"
    assert report.save(full, "md", 4).name == "2026-09-21-4w.md"


def test_what_is_there_is_not_written_over(full: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    report.write_new(path, "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(NotKnown, match="is there already"):
        report.write_new(path, "y")
    assert path.read_text() == "x"
    with pytest.raises(NotKnown, match="cannot be written"):
        report.write_new(tmp_path / "no" / "report.html", "y")


def test_a_folder_that_cannot_be_made_is_said(full: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(report, "FOLDER", str(tmp_path / "file" / "reports"))
    with pytest.raises(NotKnown, match="cannot be written"):
        report.save(full)


@pytest.mark.parametrize("form", report.FORMS)
def test_an_empty_desk_has_a_sensible_report(hands, form: str) -> None:  # type: ignore[no-untyped-def]
    for counted in (False, True):
        if counted:
            insight.prepare(hands.bench)
        said = report.text(hands.bench, form)
        for words in ("There are no cases yet.", "No case was received.", "No document changed.", "No incident runs.",
                      "None waits for a lead.", "No goal is set."):  # fmt: skip
            assert words in said, words
        assert "nan" not in said.casefold().replace("finance", "")
        assert "None " not in said.replace("None waits", "")
