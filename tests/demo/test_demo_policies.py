"""The policies of the invented platform: well-formed, versioned, citable."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from escaltui.demo.cases import cases

FOLDER = Path(str(resources.files("escaltui"))) / "policy" / "data" / "documents"
FILES = sorted(FOLDER.glob("*/*.md"))
FAMILIES = {"community_standards", "ads", "commerce", "ip", "platform_terms", "law", "workflow"}
# Real companies and services that a fictional desk must not name; whole words, any case.
REAL = (
    "facebook instagram whatsapp meta tiktok bytedance twitter youtube google alphabet microsoft linkedin reddit "
    "snapchat pinterest amazon ebay etsy apple github gitlab telegram discord twitch netflix disney openai vinted "
    "alibaba temu shein wikipedia spotify nike adidas gucci yahoo bing vkontakte weibo wechat"
)
HEADING = re.compile(r"^(#{2,3}) (\S.*) \{#([a-z]+(?:\.\d+)?(?:\.fr)?)(?: exception=(\w+))?\}$")


def parse(path: Path) -> tuple[dict[str, object], dict[str, str]]:
    """Front matter, and text by section id in order."""
    _, front, text = path.read_text(encoding="utf-8").split("+++\n", 2)
    sections: dict[str, str] = {}
    current = ""
    for line in text.splitlines():
        if line.startswith("#"):
            match = HEADING.match(line)
            assert match, (path, line)
            current = match[3]
            assert current not in sections, (path, current)
            sections[current] = match[2] + "\n"
        else:
            assert current or not line, f"text before the first heading in {path}"
            if line:
                sections[current] += line + "\n"
    return tomllib.loads(front), sections


def latest() -> list[Path]:
    return [max(folder.glob("*.md")) for folder in sorted(FOLDER.iterdir())]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_version_has_front_matter_and_sections_with_text(path: Path) -> None:
    front, sections = parse(path)
    assert set(front) <= {"title", "family", "lang", "effective_date", "must_ack", "note", "ack_by", "audience",
                          "expires_on"}  # fmt: skip
    assert front["family"] in FAMILIES
    assert front["effective_date"] == date.fromisoformat(path.stem)
    assert front["lang"] in {"en", "fr"}
    assert len(str(front["note"])) <= 280
    assert all(len(text.split()) >= 12 for text in sections.values()), path


def test_about_eighty_sections_in_about_eight_documents() -> None:
    english = [p for p in latest() if parse(p)[0]["lang"] == "en"]
    assert 8 <= len(english) <= 10
    assert 75 <= sum(len(parse(p)[1]) for p in english) <= 100
    assert {parse(p)[0]["family"] for p in english} == FAMILIES
    assert sum(parse(p)[0]["lang"] == "fr" for p in latest()) == 1


def test_ids_are_given_once_over_all_documents() -> None:
    owner: dict[str, str] = {}
    for path in FILES:
        for sid in parse(path)[1]:
            assert owner.setdefault(sid, path.parent.name) == path.parent.name, sid


@pytest.mark.parametrize("folder", sorted(FOLDER.iterdir()), ids=lambda p: p.name)
def test_each_document_has_versions_that_really_differ(folder: Path) -> None:
    versions = [parse(p)[1] for p in sorted(folder.glob("*.md"))]
    assert 2 <= len(versions) <= 4
    for old, new in pairwise(versions):
        changed = [sid for sid in old.keys() | new.keys() if old.get(sid) != new.get(sid)]
        assert 1 <= len(changed) <= len(new) // 2, folder


def test_some_version_adds_a_section_and_some_retires_one() -> None:
    added, retired = set(), set()
    for folder in FOLDER.iterdir():
        versions = [set(parse(p)[1]) for p in sorted(folder.glob("*.md"))]
        for old, new in pairwise(versions):
            added |= new - old
            retired |= old - new
    assert {"sh.3", "sp.4", "law.4", "wf.2"} <= added
    assert {"vi.5", "ad.10"} == retired


def test_the_french_document_follows_the_english_one() -> None:
    for path in sorted((FOLDER / "dignity-fr").glob("*.md")):
        english = list(parse(FOLDER / "dignity" / path.name)[1])
        assert list(parse(path)[1]) == [f"{sid}.fr" for sid in english]


def test_exceptions_are_marked_in_heading_and_words() -> None:
    kinds = set()
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        marked = re.findall(r"\{#([\w.]+) exception=(\w+)\}", text)
        said = re.findall(r"Exception \((\w+)\) ?:", text)
        assert [kind for _, kind in marked] == said, path
        kinds |= set(said)
    assert kinds == {"newsworthy", "awareness", "satire", "other"}


def test_sections_named_in_policies_and_cases_exist() -> None:
    known = {sid for p in FILES for sid in parse(p)[1]}
    prefixes = "|".join(sorted({sid.split(".")[0] for sid in known}, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.@-])(?:{prefixes})\.\d+(?!\w|\.\w)")
    texts = [t for p in FILES for t in parse(p)[1].values()]
    for c in cases(1000, datetime(2026, 6, 17, 9, 41, tzinfo=UTC)):
        texts += [c.summary, *(str(s.args.get("body", "")) for s in c.steps)]
    named = {sid for text in texts for sid in pattern.findall(text)}
    assert len(named) > 30
    assert named <= known


def test_no_real_company_is_named() -> None:
    pattern = re.compile(rf"\b({REAL.replace(' ', '|')})\b", re.IGNORECASE)
    data = sorted((Path(str(resources.files("escaltui"))) / "demo" / "data").glob("*.toml"))
    assert data
    for path in [*FILES, *data]:
        found = pattern.search(path.read_text(encoding="utf-8"))
        assert not found, (path, found)
