"""The library in the store: publishing, reading as of a day, look-up."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shelf

from escaltui.policy.library import ImportReport, PolicyError
from escaltui.policy.sources import read_sources
from escaltui.store import policies

TODAY = date(2026, 6, 1)

HATE_1 = """+++
title = "Hateful conduct"
families = ["community_standards"]
+++
# Hateful conduct

We want people to be able to talk to each other.

## Slurs {#hs.1}

Remove slurs that attack a group of people for their religion or their origin.

## Dehumanising comparisons {#hs.2}

Remove comparisons of people with insects, vermin or disease. See section 512(g).
"""
HATE_2 = HATE_1.replace("insects, vermin", "animals, insects, vermin")
HATE_3 = HATE_2.replace("talk to each other", "talk freely").replace('"]\n+++', '"]\neffective_from = 2026-09-01\n+++')
ADS = """+++
title = "Advertising rules"
families = ["ads"]
+++
# Advertising rules

## Alcohol

Ads for alcohol may be shown to adults alone.

### Targeting of alcohol ads

The audience of alcohol ads must be of legal drinking age in its country.

## Gambling

Ads for gambling need a written permission. No ad may attack a religion.
"""
FRENCH = """+++
title = "Règles de conduite"
lang = "fr"
families = ["community_standards"]
+++
# Règles de conduite

## Menaces

Nous supprimons les contenus menaçant une personne de mort.

## Slurs {#hs.1}

Nous supprimons les injures.
"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("PRAGMA foreign_keys = ON")
    shelf.make(connection)
    yield connection
    connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "sources"
    for name, text in {
        "hate/2025-01-01.md": HATE_1,
        "hate/2025-03-01.md": HATE_2,
        "hate/2026-05-01.md": HATE_3,
        "ads/2025-02-01.md": ADS,
        "regles/2025-02-01.md": FRENCH,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def publish(connection: sqlite3.Connection, folder: Path) -> ImportReport:
    return shelf.publish(connection, read_sources(folder), today=TODAY)


def sections(connection: sqlite3.Connection, query: str, **options: object) -> list[str]:
    return [hit.section for hit in policies.search(connection, query, on=TODAY, **options)]  # type: ignore[arg-type]


def test_importing_twice_adds_nothing(connection: sqlite3.Connection, folder: Path) -> None:
    first = publish(connection, folder)
    assert (first.documents, first.versions, first.added, first.folded) == (3, 5, 5, 0)
    connection.commit()
    before = list(connection.iterdump())
    second = publish(connection, folder)
    connection.commit()
    assert (second.versions, second.added, second.sections) == (5, 0, 0)
    assert list(connection.iterdump()) == before


def test_a_version_never_changes(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    (folder / "ads" / "2025-02-01.md").write_text(ADS + "\nMore.", "utf-8")
    report = publish(connection, folder)
    assert report.added == 0
    assert "versions are never changed" in report.skipped[0]


def test_a_text_is_stored_once_for_all_versions(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    held = {v.text_sha256 for v in policies.versions(connection, "hs.1")}
    assert len(policies.versions(connection, "hs.1")) == 3
    assert len(held) == 1
    assert len({v.text_sha256 for v in policies.versions(connection, "hs.2")}) == 2


def test_cited_words_can_always_be_shown_again(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    old = policies.section(connection, "hs.2", version="2025-01-01")
    assert policies.text_of(connection, old.text_sha256) == old.text
    with pytest.raises(PolicyError, match="has no text"):
        policies.text_of(connection, "0" * 64)


def test_a_section_as_it_stood(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert "animals" not in policies.section(connection, "hs.2", at=date(2025, 2, 1)).text
    assert "animals" in policies.section(connection, "hs.2", at=date(2025, 3, 1)).text
    assert "animals" not in policies.section(connection, "hs.2", version="2025-01-01").text
    with pytest.raises(PolicyError, match="in force on 2024-01-01"):
        policies.section(connection, "hs.2", at=date(2024, 1, 1))
    with pytest.raises(PolicyError, match=r"no section hs\.9"):
        policies.section(connection, "hs.9")
    with pytest.raises(PolicyError, match="no version 1999"):
        policies.section(connection, "hs.2", version="1999-01-01")


def test_a_future_version_is_read_but_not_in_force(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    page = "hate#hateful-conduct"
    assert policies.section(connection, page, at=TODAY).version == "2025-03-01"
    assert policies.section(connection, page, version="2026-05-01").text.endswith("talk freely.")
    assert policies.section(connection, page, at=date(2026, 9, 1)).version == "2026-05-01"
    now, later = (policies.search(connection, "talk freely", on=d) for d in (TODAY, date(2026, 9, 1)))
    assert {h.version for h in now if h.document == "hate"} == {"2025-03-01"}
    assert {h.version for h in later if h.document == "hate"} == {"2026-05-01"}


def test_an_id_of_another_document_is_not_given_again(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert policies.section(connection, "hs.1", at=TODAY).document == "hate"
    assert policies.section(connection, "regles#hs.1", at=TODAY).document == "regles"


def test_documents_and_outline(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert [d.key for d in policies.documents(connection)] == ["ads", "hate", "regles"]
    rows = policies.outline(connection, "ads", at=TODAY)
    assert [r.stable_id for r in rows] == [
        "ads#advertising-rules", "ads#alcohol", "ads#alcohol/targeting-of-alcohol-ads", "ads#gambling",
    ]  # fmt: skip
    assert rows[2].path == ("Alcohol", "Targeting of alcohol ads")
    with pytest.raises(PolicyError, match="no document nowhere"):
        policies.outline(connection, "nowhere")


def test_a_held_version_is_kept_but_not_shown_until_released(connection: sqlite3.Connection, folder: Path) -> None:
    wall = "# Log in\n\n## Welcome\n\n" + "Enter the name and password of your account to see what is new today. " * 2
    (folder / "ads" / "2025-04-01.md").write_text(wall, "utf-8")
    report = publish(connection, folder)
    assert report.held == (
        "Advertising rules: held 2025-04-01: 0 % of its text matches 2025-02-01; release or drop it",
    )
    assert sections(connection, "alcohol")[0] == "ads#alcohol"
    assert sections(connection, "password") == []
    with pytest.raises(PolicyError, match="is held"):
        policies.outline(connection, "ads", "2025-04-01")
    assert shelf.release(connection, "ads", "2025-04-01", today=TODAY) == ("2025-04-01",)
    assert sections(connection, "password") == ["ads#welcome"]
    with pytest.raises(PolicyError, match="no held version"):
        shelf.release(connection, "ads", "2025-04-01", today=TODAY)


def test_a_folded_version_shows_the_sections_it_shares(connection: sqlite3.Connection, folder: Path) -> None:
    (folder / "ads" / "2025-04-01.md").write_text(ADS + "\n\n", "utf-8")
    assert publish(connection, folder).folded == 1
    assert policies.section(connection, "ads#gambling", version="2025-04-01").version == "2025-04-01"
    assert len(policies.outline(connection, "ads", "2025-04-01")) == 4
    assert len(policies.versions(connection, "ads#gambling")) == 1


def test_ids_given_in_two_imports_are_those_of_one(connection: sqlite3.Connection, folder: Path) -> None:
    moved = folder / "hate" / "2026-05-01.md"
    text = moved.read_text("utf-8").replace("## Slurs {#hs.1}", "## Names").replace("{#hs.2}", "")
    moved.unlink()
    publish(connection, folder)
    moved.write_text(text, "utf-8")
    publish(connection, folder)
    apart = [r.stable_id for r in policies.outline(connection, "hate", "2026-05-01")]
    for table in ("policy_fts", "policy_ids", "policy_section", "policy_version", "policy_text", "policy_document",
                  "library_entry", "meta"):  # fmt: skip
        connection.execute(f"DELETE FROM {table}")
    publish(connection, folder)
    assert [r.stable_id for r in policies.outline(connection, "hate", "2026-05-01")] == apart
    assert "hs.1" in apart  # found again by its text


def test_search_gives_pages_each_at_its_best_section(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    hits = policies.search(connection, "audience of alcohol ads", on=TODAY)
    assert hits[0].section == "ads#alcohol/targeting-of-alcohol-ads"
    assert sum(h.path[0] == "Alcohol" for h in hits) == 1
    assert hits[0].why == "text"
    assert "drinking age" in hits[0].snippet
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_an_id_or_a_number_comes_first(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    (first, *_) = policies.search(connection, "hs.2", on=TODAY)
    assert (first.section, first.why) == ("hs.2", "id")
    assert sections(connection, "512(g)") == ["hs.2"]
    assert sections(connection, "ads#alcohol/targeting-of-alcohol-ads")[0] == "ads#alcohol/targeting-of-alcohol-ads"


def test_filters_and_options_restrict(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert set(sections(connection, "attack religion")) == {"hs.1", "ads#gambling"}
    assert sections(connection, "attack religion family:ads") == ["ads#gambling"]
    assert sections(connection, "attack religion doc:hate") == ["hs.1"]
    assert sections(connection, "attack religion", document="ads") == ["ads#gambling"]
    assert sections(connection, "menaces lang:fr") == ["regles#menaces"]
    assert sections(connection, "attack religion", language="fr") == []
    assert sections(connection, "attack religion", limit=1) == ["ads#gambling"]


def test_family_first(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert sections(connection, "attack religion slurs")[0] == "hs.1"
    assert sections(connection, "attack religion slurs", families=("ads",))[:2] == ["ads#gambling", "hs.1"]


def test_french_finds_french_forms_and_english_cognates(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert "regles#menaces" in sections(connection, "il menacera de mort")
    assert "hs.1" in sections(connection, "une attaque contre les religions")


def test_typing_stands_for_beginnings(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert sections(connection, "gambl", typing=True) == ["ads#gambling"]
    assert sections(connection, "dehumanis", typing=True) == ["hs.2"]


def test_a_phrase_is_kept_together(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    assert sections(connection, '"written permission"') == ["ads#gambling"]
    assert sections(connection, '"permission written"') == []


@pytest.mark.parametrize("query", ["", "   ", "the of and", '""', "'; DROP TABLE policy_fts; --", "*", "NEAR(", "\x00"])
def test_odd_queries_find_nothing_and_break_nothing(connection: sqlite3.Connection, folder: Path, query: str) -> None:
    publish(connection, folder)
    assert sections(connection, query) == []


def test_a_pasted_letter_finds_its_subject(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    filler = " ".join(f"filler{n}" for n in range(80))
    assert sections(connection, f"Dear team, we write about gambling. {filler}") == ["ads#gambling"]


OLD = "---\ntitle: Acceptable use\nredirect_from:\n  - /articles/old-terms\n  - /use.html\n---\n\n"


@pytest.mark.parametrize(
    ("cited", "found"),
    [
        ("/articles/old-terms", "use#acceptable-use"),
        ("https://docs.example/Articles/Old-Terms/", "use#acceptable-use"),
        ("/articles/old-terms.md#no-spam", "use#no-spam"),
        ("articles-old-terms#old-terms/no-spam", "use#no-spam"),  # the id it had when its file lay there
        ("/use#no-spam", "use#no-spam"),
        ("/articles/old-terms#us.2", "us.2"),
    ],
)
def test_a_section_is_found_by_an_old_path(
    connection: sqlite3.Connection, tmp_path: Path, cited: str, found: str
) -> None:
    (tmp_path / "tree").mkdir()
    text = OLD + "# Acceptable use\n\nBe fair.\n\n## No spam\n\nNone.\n\n## No scrapers {#us.2}\n\nNone either.\n"
    (tmp_path / "tree" / "use.md").write_text(text, "utf-8")
    with pytest.raises(PolicyError, match="has no section"):
        policies.section(connection, cited)
    shelf.publish(connection, read_sources(tmp_path / "tree"), today=TODAY)
    assert policies.section(connection, cited).stable_id == found


def test_an_old_path_leads_nowhere_but_to_its_document(connection: sqlite3.Connection, folder: Path) -> None:
    old = 'redirect_from = ["/old/ads"]'
    (folder / "ads" / "2025-02-01.md").write_text(ADS.replace('families = ["ads"]', old), "utf-8")
    publish(connection, folder)
    assert policies.section(connection, "/old/ads#gambling", at=TODAY).stable_id == "ads#gambling"
    with pytest.raises(PolicyError, match="is not part of ads"):
        policies.section(connection, "/old/ads#tobacco", at=TODAY)
    for nowhere in ("/old/hate", "#gambling", "", "#"):
        with pytest.raises(PolicyError, match="has no section"):
            policies.section(connection, nowhere, at=TODAY)


def test_a_look_up_ends_when_it_is_not_wanted_any_more(connection: sqlite3.Connection, tmp_path: Path) -> None:
    text = "# Big\n\n" + "\n\n".join(f"## Part {n}\n\nThis rule says no to thing{n} here." for n in range(3_000))
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "2025-01-01.md").write_text(text, "utf-8")
    shelf.publish(connection, read_sources(tmp_path / "big"), today=TODAY)
    asked = []

    def stopped() -> bool:
        asked.append(len(asked))
        return len(asked) > 2

    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        sections(connection, "rule says things part", typing=True, stopped=stopped)
    assert asked == [0, 1, 2], "it went on after it was told to stop"
    assert sections(connection, "thing471", stopped=lambda: False) == ["big#part-471"]
    assert sections(connection, "thing471") == ["big#part-471"]
    assert asked == [0, 1, 2], "the next look-up still asks whether the first is wanted"


def test_plain_search_is_without_stems(connection: sqlite3.Connection, folder: Path) -> None:
    publish(connection, folder)
    plain = policies.plain_search(connection)
    assert [h.section for h in plain("gambling")] == ["ads#gambling"]
    assert plain("gambled") == []
    assert sections(connection, "gambled") == ["ads#gambling"]


def test_nothing_is_committed_and_a_rollback_leaves_no_trace(connection: sqlite3.Connection, folder: Path) -> None:
    connection.commit()
    publish(connection, folder)
    connection.rollback()
    assert policies.documents(connection) == []
    assert sections(connection, "gambling") == []


def test_ten_thousand_sections_import_and_answer(connection: sqlite3.Connection, tmp_path: Path) -> None:
    text = "# Big\n\n" + "\n\n".join(f"## Part {n}\n\nRule {n} says no to thing{n} here." for n in range(10_000))
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "2025-01-01.md").write_text(text, "utf-8")
    assert shelf.publish(connection, read_sources(tmp_path / "big"), today=TODAY).sections == 10_001
    assert sections(connection, "thing4711")[0] == "big#part-4711"


def test_look_up_loads_neither_sqlmodel_nor_textual() -> None:
    code = (
        "import sys, escaltui.store.policies as p; p.search;"
        "print([m for m in ('sqlmodel', 'sqlalchemy', 'textual') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
