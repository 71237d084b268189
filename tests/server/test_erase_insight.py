"""Of a case that was erased no copy keeps a keyword: neither in its trends nor in its files."""

from __future__ import annotations

from typing import Any

import pytest
from team import Member, Team
from test_erase import in_files, reported, run, written

from escaltui.store import insight_rows, insights
from escaltui.store.driver import Connection

WORDS = {"canari", "titl"}


def keywords(member: Member) -> set[str]:
    def read(connection: Connection) -> set[str]:
        return {value for (value,) in connection.execute("SELECT value FROM insight_series WHERE dim = 'word'")}

    return member.store.read(read)


def counted(team: Team) -> tuple[Member, Member]:
    """Two who count the same two cases."""
    ada, bo = team.member("ada"), team.member("bo")
    reported(ada)
    written(ada)
    team.settle()
    for each in (ada, bo):
        assert insights.refresh(each.store, team.clock())
        assert keywords(each) >= WORDS
    return ada, bo


def test_no_keyword_of_an_erased_case_stays(team: Team, database: str) -> None:
    members = counted(team)
    for ref, title in team.rows("SELECT ref, title FROM cases"):
        if "canary" in title:
            run(team, database, case=ref)
    team.settle()
    for each in members:
        assert not keywords(each) & {"titl", "again"}
        assert "erase" not in keywords(each)  # what stands in their place is no word of anybody's
        kept = keywords(each)
        each.store.write(insight_rows.drop)
        insights.refresh(each.store, team.clock())
        assert keywords(each) == kept


def test_control_where_nothing_is_forgotten_they_stay(
    team: Team, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_asked: Any) -> None:
        """Forget none of it."""

    monkeypatch.setattr(insights, "forget", nothing)
    members = counted(team)
    for (ref,) in team.rows("SELECT ref FROM cases WHERE title LIKE '%%canary%%'"):
        run(team, database, case=ref)
    team.settle()
    assert all("titl" in keywords(each) for each in members)
    assert all("titl" in in_files(each, ("titl",)) for each in members)
