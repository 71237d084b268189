"""Folding, slugs, hashes, front matter."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from escaltui.policy.frontmatter import read_front_matter
from escaltui.policy.words import jaccard, shingles, slug, text_sha256


@given(st.text(min_size=1, max_size=200))
def test_a_slug_is_short_plain_and_stable(heading: str) -> None:
    made = slug(heading)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 64
    assert slug(made) == made


def test_slugs() -> None:
    assert slug("Hateful Conduct") == "hateful-conduct"
    assert slug("3. The ad review process") == "the-ad-review-process"
    assert slug("Système d’alerte (France)") == "systeme-d-alerte"
    assert slug("Политика") != slug("Правила")
    assert re.fullmatch(r"s-[0-9a-f]{8}", slug("Политика 2024"))


def test_a_text_hash_ignores_link_targets_images_and_blank_runs() -> None:
    one = text_sha256('See [our *rules*](https://a.test/x_(y)?z=1 "t")  now.\n\n\n* item')
    assert one == text_sha256("See our *rules* now. ![](https://b.test/p.png)\n*   item")
    assert one != text_sha256("See our *rules* now.\n* items")
    assert text_sha256("e\u0301") == text_sha256("\u00e9")


@given(st.text(max_size=80), st.text(max_size=80))
def test_jaccard_is_symmetric_and_one_for_the_same(left: str, right: str) -> None:
    a, b = shingles(left), shingles(right)
    assert jaccard(a, b) == jaccard(b, a)
    assert 0 <= jaccard(a, b) <= 1
    assert jaccard(a, a) == 1


def test_a_foreign_block_is_read_strictly_and_the_rest_is_named() -> None:
    lines = ["---", "title: 'My policy'", "redirect_from:", "  - /a", "  - /b", "tags: [x, y]", "? odd", "---", "x"]
    front = read_front_matter(lines)
    assert front.fields == {"title": "My policy", "redirect_from": ["/a", "/b"], "tags": ["x", "y"]}
    assert front.lines == 8
    assert "? odd" in front.warnings[0]


def test_broken_toml_is_a_warning_and_an_open_block_is_text() -> None:
    assert "not valid TOML" in read_front_matter(["+++", "title = ", "+++"]).warnings[0]
    assert read_front_matter(["---", "title: x", "text"]).lines == 0
    assert read_front_matter(["---", "", "just a rule", "---"]).lines == 0
