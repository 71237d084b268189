"""Reading policies from folders, git repositories and front-matter trees."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from escaltui.policy.library import PolicyError
from escaltui.policy.sources import decode, guess_families, read_sources


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_a_folder_of_dated_documents_is_ordered_by_day_then_suffix(tmp_path: Path) -> None:
    for name in ("2022-09-28", "2022-09-22-b", "2022-09-22"):
        write(tmp_path, **{f"Live Policy__{name}.md": f"Text of {name}."})
    (document,) = read_sources(tmp_path).documents
    assert (document.document.key, document.document.title) == ("live-policy", "Live Policy")
    assert [v.version for v in document.versions] == ["2022-09-22", "2022-09-22-b", "2022-09-28"]


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    write(
        tmp_path, **{"a__2024-01-01.md": "Good.", "a__notes.md": "x", "a__2024-13-01.md": "x", "b__2024-01-01.md": " "}
    )
    sources = read_sources(tmp_path)
    assert [d.document.key for d in sources.documents] == ["a"]
    assert sources.skipped == (
        "2 files skipped: name is not YYYY-MM-DD[-x].md (2024-13-01.md, notes.md)",
        "skipped b/2024-01-01.md: no text in it",
    )


def test_front_matter_describes_document_and_version(tmp_path: Path) -> None:
    head = '+++\ntitle = "Hate"\nfamilies = ["community_standards"]\nlang = "fr"\neffective_from = 2027-01-01\n'
    write(tmp_path, **{"hate__2026-01-01.md": head + "must_ack = true\n+++\n\n# Haine\n\nNon."})
    (source,) = read_sources(tmp_path).documents
    assert (source.document.title, source.document.lang) == ("Hate", "fr")
    assert source.versions[0].effective_from == date(2027, 1, 1)
    assert source.versions[0].must_ack


def test_odd_encodings_are_read_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "2024-01-01.md").write_bytes("Règle".encode("cp1252"))
    (folder / "2024-01-02.md").write_bytes("Règle".encode("utf-16"))
    (folder / "2024-01-03.md").write_bytes(b"\xef\xbb\xbfR\r\nx")
    sources = read_sources(tmp_path)
    assert [v.text for v in sources.documents[0].versions] == ["Règle", "Règle", "R\nx"]
    assert "save it as UTF-8" in sources.warnings[0]
    assert decode(bytes(range(256)))[1]


def test_a_tree_with_front_matter(tmp_path: Path) -> None:
    text = (
        "---\ntitle: Acceptable use\nredirect_from:\n  - /old\neffective_date: 2024-02-03\n---\n\n## No spam\n\nNone."
    )
    write(tmp_path, **{"Policies__use.md": text, "README.md": "no policy", ".hidden__x.md": "x"})
    os.utime(tmp_path / "Policies" / "use.md", (1_700_000_000, 1_700_000_000))
    (source,) = read_sources(tmp_path).documents
    assert (source.document.key, source.document.title) == ("policies-use", "Acceptable use")
    assert source.document.families == ("community_standards",)
    assert source.redirects == ("/old",)
    assert source.versions[0].effective_from == date(2024, 2, 3)


def git(folder: Path, *arguments: str, day: str = "2024-01-01") -> None:
    moment = f"{day}T12:00:00Z"
    safe = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.test"]
    subprocess.run(["git", *who, *arguments], cwd=folder, env={**os.environ, **safe}, check=True, capture_output=True)


def test_a_git_repository_gives_every_version_and_runs_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"docs__use.md": "First text.", "README.md": "x", "docs__-odd name é.md": "Odd."})
    git(tmp_path, "init", "-q")
    for day, text in (("2024-01-01", "First text."), ("2024-01-05", "Second text."), ("2024-01-05", "Third text.")):
        write(tmp_path, **{"docs__use.md": text})
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", f"on {day}", day=day)
    (tmp_path / "docs" / "use.md").write_text("not committed")
    marker = tmp_path / "ran"
    git(tmp_path, "config", "core.fsmonitor", f"touch {marker}")
    git(tmp_path, "config", "diff.external", f"touch {marker}")
    sources = read_sources(tmp_path)
    found = {d.document.key: d for d in sources.documents}
    assert sorted(found) == ["docs-odd-name-e", "docs-use"]
    assert [(v.version, v.text) for v in found["docs-use"].versions] == [
        ("2024-01-01", "First text."), ("2024-01-05", "Second text."), ("2024-01-05-02", "Third text."),
    ]  # fmt: skip
    assert found["docs-use"].versions[1].message == "on 2024-01-05"
    assert not marker.exists()


def test_a_repository_without_commits_is_a_clear_sentence(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with pytest.raises(PolicyError, match="git cannot read"):
        read_sources(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="does not exist"):
        read_sources(tmp_path / "missing")
    with pytest.raises(PolicyError, match="holds no policy"):
        read_sources(tmp_path)


def test_families_by_title() -> None:
    assert guess_families("Advertising Content Policy") == ("ads",)
    assert guess_families("Counter notice (DMCA)") == ("ip",)
    assert guess_families("Privacy") == ("platform_terms",)
