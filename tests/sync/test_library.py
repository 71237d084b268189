"""The team's policy library: one for all, by operations; the same tables on every store that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from links import joined
from shelf import ADS, LEAD, ONE, SPECIALIST, TWO, WALL, hashes, write
from team import DESK, Team

from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain.changes import Refused
from escaltui.domain.operations import OpenCase
from escaltui.policy.library import PolicyError
from escaltui.policy.sources import read_sources
from escaltui.store import Done, Store, policies
from escaltui.workbench import Workbench

Opening = Callable[..., Workbench]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "policies", hate_2025_01_01=ONE, hate_2025_03_01=TWO, ads_2025_02_01=ADS)


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path) -> Iterator[Opening]:
    """Workbenches of people, connected where they shall be, by login."""
    made: list[Workbench] = []

    def open_(person: str, roles: frozenset[str] = LEAD, connect: bool = True) -> Workbench:
        config = Config(tmp_path / "settings", me=Me(name=person), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / person, config=config, clock=team.clock)
        made.append(bench)
        if connect:
            join(bench, person, roles)
        return bench

    def join(bench: Workbench, person: str, roles: frozenset[str]) -> None:
        joined(bench, team, url, person, roles)

    open_.join = join  # type: ignore[attr-defined]
    yield open_
    for bench in made:
        bench.close()


def test_what_one_publishes_the_other_looks_up(opening: Opening, folder: Path, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo", SPECIALIST)
    report = ada.import_policies(folder)
    assert (report.documents, report.versions, report.added, report.skipped) == (2, 3, 3, ())
    assert ada.policy_hits("vermin")
    assert bo.policy_hits("vermin") == [], "control: nothing came yet"
    bo.link.round()
    assert hashes(bo.store) == hashes(ada.store)
    assert [hit.section for hit in bo.policy_hits("vermin")] == [hit.section for hit in ada.policy_hits("vermin")]
    assert bo.policy_text("hs.1", "2025-01-01").text.endswith("for its religion.")
    (count,) = team.rows("SELECT count(*) FROM library_entry WHERE stream = 'library'")[0]
    assert count == 3
    assert ada.import_policies(folder).added == 0
    assert ada.store.verify().sound
    assert bo.store.verify().sound


def test_the_backend_knows_what_can_be_cited(opening: Opening, folder: Path, team: Team) -> None:
    """Without it, each decision that cites a policy would be refused there."""
    ada = opening("ada", frozenset({"specialist", "lead", "approver"}))
    ada.import_policies(folder)
    seen = {tuple(row) for row in team.rows("SELECT stable_id, version, text_sha256 FROM policy_section")}
    sql = "SELECT stable_id, version, text_sha256 FROM policy_section"
    assert seen == set(ada.store.read(lambda c: c.execute(sql).fetchall()))
    assert len(seen) >= 8


def test_a_held_version_is_released_for_all(opening: Opening, folder: Path) -> None:
    ada, bo = opening("ada"), opening("bo", LEAD)
    write(folder, ads_2025_04_01=WALL)
    report = ada.import_policies(folder)
    assert [each.partition(":")[0] for each in report.held] == ["ads"]
    bo.link.round()
    assert bo.policy_hits("password") == []
    assert bo.policy_release("ads", "2025-04-01") == ("2025-04-01",)
    with pytest.raises(PolicyError, match="ads has no held version 2025-04-01"):
        bo.policy_release("ads", "2025-04-01")
    ada.link.round()
    assert [hit.document for hit in ada.policy_hits("password")] == ["ads"]
    assert hashes(bo.store) == hashes(ada.store)


def test_a_specialist_is_refused_in_words(opening: Opening, folder: Path, team: Team) -> None:
    bo = opening("bo", SPECIALIST)
    with pytest.raises(PolicyError, match=r"^The team's library is for a lead or an admin\. Ask one of them\.$"):
        bo.import_policies(folder)
    assert team.rows("SELECT count(*) FROM library_entry") == [(0,)]
    assert bo.sync_face().waiting == 0
    assert bo.policy_outline() == []


def test_without_the_server_nothing_is_kept(opening: Opening, folder: Path) -> None:
    ada = opening("ada")
    ada.link.close()
    ada.link.tokens.forget()
    said = "PublishPolicyVersion|publishing a policy version"
    with pytest.raises(PolicyError, match=f"(?i)({said}) needs a connection to the server. Nothing was changed."):
        ada.import_policies(folder)
    assert ada.sync_face().waiting == 0, "it is never queued"
    assert ada.policy_outline() == []


def test_who_did_not_see_a_colleagues_version_is_told(opening: Opening, folder: Path, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo")
    ada.import_policies(folder)
    sources = read_sources(write(folder, hate_2025_05_01=TWO + "\nNo more.\n"))
    hate = next(each for each in sources.documents if each.document.key == "hate")
    plan = bo.store.read(lambda c: policies.plan(c, hate, sources))  # it has none of hers
    last = plan.steps[-1][1]
    behind = bo.do(msgspec.structs.replace(last, n=1))
    assert isinstance(behind, Refused)
    assert behind.code == "stale"
    again = bo.do(msgspec.structs.replace(plan.steps[0][1], n=1))
    assert isinstance(again, Done), "the same words once more are no second version"
    assert team.rows("SELECT count(*) FROM library_entry WHERE key = 'hate'") == [(2,)]
    bo.link.round()
    assert bo.import_policies(folder).added == 1
    ada.link.round()
    assert hashes(bo.store) == hashes(ada.store)


def test_other_words_under_a_known_name_are_refused(opening: Opening, folder: Path) -> None:
    ada = opening("ada")
    ada.import_policies(folder)
    write(folder, hate_2025_03_01=TWO.replace("vermin", "rats"))
    report = ada.import_policies(folder)
    assert report.added == 0
    assert "hate: 2025-03-01 is in the library already, with another text" in report.skipped[0]


def test_what_is_too_large_is_refused_and_the_rest_goes_on(opening: Opening, folder: Path) -> None:
    ada = opening("ada")
    big = "# Big\n\n" + "\n\n".join(f"## Part {n}\n\n" + f"word{n} " * 2000 for n in range(100))
    report = ada.import_policies(write(folder, big_2025_01_01=big))
    assert report.added == 3
    (said,) = report.skipped
    assert said.startswith("big 2025-01-01: big 2025-01-01 is too large: it brings more than 1 MiB of text")


def test_a_local_library_goes_along_when_a_store_connects(opening: Opening, folder: Path, team: Team) -> None:
    ada, bo = opening("ada", connect=False), opening("bo", SPECIALIST)
    ada.import_policies(folder)
    before = hashes(ada.store)
    opening.join(ada, "ada", LEAD)  # type: ignore[attr-defined]
    assert ada.sync_face()[2:4] == (0, 0)
    bo.link.round()
    assert hashes(ada.store) == before == hashes(bo.store)
    assert ada.store.verify().sound


def test_a_library_from_before_there_were_operations(opening: Opening, folder: Path) -> None:
    ada, bo = opening("ada", connect=False), opening("bo", SPECIALIST)
    write(folder, ads_2025_04_01=WALL)
    ada.import_policies(folder)
    ada.policy_release("ads", "2025-04-01")
    forget(ada.store)
    before = hashes(ada.store)
    opening.join(ada, "ada", LEAD)  # type: ignore[attr-defined]
    bo.link.round()
    assert hashes(bo.store) == before == hashes(ada.store)
    assert ada.sync_face()[2:4] == (0, 0)


def forget(store: Store) -> None:
    """The tables as an older escaltui left them: without the operations that made them."""

    def job(connection: Any) -> None:
        for sql in (
            "DELETE FROM library_entry", "DELETE FROM change WHERE stream = 'library'",
            "DELETE FROM stand WHERE stream = 'library'", "DELETE FROM outbox WHERE stream = 'library'",
            "DELETE FROM meta WHERE key LIKE 'policy.told/%'",
        ):  # fmt: skip
            connection.execute(sql)

    store.write(job)


def test_an_old_library_goes_on_alone(opening: Opening, folder: Path) -> None:
    ada, bo = opening("ada", connect=False), opening("bo", connect=False)
    ada.import_policies(folder)
    bo.import_policies(folder)
    forget(ada.store)
    for bench in (ada, bo):
        assert bench.import_policies(write(folder, hate_2025_05_01=TWO + "\nNo more.\n")).added == 1
    assert hashes(ada.store) == hashes(bo.store)
    assert ada.store.read(lambda c: c.execute("SELECT count(*) FROM library_entry").fetchone()) == (4,)
    assert ada.store.verify().sound


def test_two_who_had_the_same_library_alone(opening: Opening, folder: Path, team: Team) -> None:
    ada, bo = opening("ada", connect=False), opening("bo", connect=False)
    ada.import_policies(folder)
    bo.import_policies(folder)
    for bench, person in ((ada, "ada"), (bo, "bo")):
        opening.join(bench, person, LEAD)  # type: ignore[attr-defined]
    assert bo.sync_face()[2:4] == (0, 0), "nothing waits, nothing was set aside"
    assert hashes(ada.store) == hashes(bo.store)
    assert team.rows("SELECT count(*) FROM library_entry") == [(3,)]


def test_the_teams_library_takes_the_place_of_another_one(opening: Opening, folder: Path, tmp_path: Path) -> None:
    """What was published alone, in other words under the same names, is set aside; its words can still be shown."""
    ada, bo = opening("ada"), opening("bo", connect=False)
    ada.import_policies(folder)
    bo.import_policies(write(tmp_path / "other", hate_2025_01_01=ONE.replace("slurs", "names"), law_2025_01_01=ADS))
    own = bo.policy_text("hs.1").text_sha256
    opening.join(bo, "bo", LEAD)  # type: ignore[attr-defined]
    assert bo.sync_face().parked == 1
    assert bo.policy_text("hs.1", "2025-01-01").text == ada.policy_text("hs.1", "2025-01-01").text
    assert "names" in bo.store.read(lambda c: policies.text_of(c, own))
    ada.link.round()
    assert [each.key for each in ada.store.read(policies.documents)] == ["ads", "hate", "law"]
    both = [hashes(each.store) for each in (ada, bo)]
    for each in both:
        del each["policy_text"]  # theirs has a text more
    assert both[0] == both[1]


def test_who_may_not_publish_keeps_theirs_back(opening: Opening, folder: Path, team: Team) -> None:
    bo = opening("bo", connect=False)
    bo.import_policies(folder)
    before = hashes(bo.store)
    opening.join(bo, "bo", SPECIALIST)  # type: ignore[attr-defined]
    assert bo.sync_face()[2:4] == (0, 0)
    assert team.rows("SELECT count(*) FROM library_entry") == [(0,)]
    assert hashes(bo.store) == before, "look-up goes on"
    ada = opening("ada")
    ada.import_policies(write(folder, hate_2025_05_01=TWO + "\nNo more.\n"))
    bo.link.round()
    assert hashes(bo.store) == hashes(ada.store)


def test_a_decision_made_alone_comes_with_what_it_cites(opening: Opening, folder: Path, team: Team) -> None:
    ada = opening("ada", connect=False)
    ada.import_policies(folder)
    stream_first = "SELECT stream FROM change ORDER BY n LIMIT 1"
    assert ada.store.read(lambda c: c.execute(stream_first).fetchone()) == ("library",)
    case_id = ada.operation_id()
    assert isinstance(ada.do(OpenCase(opens=case_id, title="A slur")), Done)
    assert isinstance(ada.cite(case_id, "hs.1"), Done)
    forget(ada.store)  # its operations are made when it connects: they come after the case's, and leave before them
    opening.join(ada, "ada", LEAD)  # type: ignore[attr-defined]
    assert ada.sync_face()[2:4] == (0, 0)
    at = dict(team.rows("SELECT stream, min(n) FROM change GROUP BY stream"))
    assert at["library"] < at[DESK]
