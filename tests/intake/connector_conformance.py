"""What every connector must do, as tests that a new one runs: sub-class `Conformance` and give it a `Rig`.

    class TestMine(Conformance):
        @pytest.fixture
        def rig(self) -> Iterator[Rig]: ...

A rig is a real place (a server on loopback, a recorded conversation), ways to put things there, and its faults. What a
place cannot show (a fault it has not, nothing to send) is None in the rig: those tests are skipped with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

import pytest

from escaltui.intake.connector import Connector, ConnectorError, Outcome, Page
from escaltui.intake.mail import parse_mail

PAGES_MOST = 500


class Rig(NamedTuple):
    """A place under test.

    `connect(secret)`: a new connector, with the right secret where None is given. `add(n)`: put n things there that a
    report comes of, none of which was there before. `limit(wait)`: the next request meets a limit of so many seconds.
    `away()`: the next request finds nobody. `outcome(id)`: something that may be done there; `effects()`: how many
    times anything was done, as the place itself tells.
    """

    connect: Callable[[str | None], Connector]
    add: Callable[[int], object]
    limit: Callable[[float], None] | None = None
    away: Callable[[], None] | None = None
    outcome: Callable[[str], Outcome] | None = None
    effects: Callable[[], int] | None = None


def pages(connector: Connector, cursor: str = "") -> list[tuple[str, Page]]:
    """All pages from a cursor on, each with the cursor that it was asked by."""
    found = list[tuple[str, Page]]()
    while len(found) < PAGES_MOST:
        page = connector.fetch(cursor)
        found.append((cursor, page))
        if not page.more:
            return found
        cursor = page.cursor
    raise AssertionError(f"a place without an end: {PAGES_MOST} pages")


def keys_of(page: Page) -> list[str]:
    """The dedupe keys of what a page brings."""
    return [each.dedupe_key for each in (*page.reports, *map(parse_mail, page.mails))]


def brought(found: Sequence[tuple[str, Page]]) -> list[str]:
    """The dedupe keys of what some pages bring."""
    return [key for _cursor, page in found for key in keys_of(page)]


class Conformance:
    """The tests. `MANY`: how many things are put there; more than fit on a page, where that can be."""

    MANY = 8

    def test_from_the_beginning_all_is_brought(self, rig: Rig) -> None:
        rig.add(self.MANY)
        found = brought(pages(rig.connect(None)))
        assert all(found), "a report without a dedupe key"
        assert len(set(found)) == self.MANY

    def test_from_its_cursor_only_what_is_new_is_brought(self, rig: Rig) -> None:
        rig.add(self.MANY)
        connector = rig.connect(None)
        first = pages(connector)
        rig.add(2)
        then = pages(connector, first[-1][1].cursor)
        assert len(set(brought(then)) - set(brought(first))) == 2
        assert not set(brought(then)) & set(brought(first)), "brought again, though its cursor was kept"
        assert brought(pages(connector, then[-1][1].cursor)) == []

    def test_the_same_cursor_twice_gives_the_same(self, rig: Rig) -> None:
        rig.add(self.MANY)
        connector = rig.connect(None)
        for cursor, page in pages(connector):
            again = connector.fetch(cursor)
            assert keys_of(again) == keys_of(page)
            assert (again.cursor, again.more) == (page.cursor, page.more)

    def test_the_same_thing_has_one_key_whoever_asks(self, rig: Rig) -> None:
        rig.add(self.MANY)
        assert sorted(brought(pages(rig.connect(None)))) == sorted(brought(pages(rig.connect(None))))

    def test_a_cut_anywhere_loses_nothing(self, rig: Rig) -> None:
        """A run that ends after any page, its cursor kept or not, is gone on with by a new connector."""
        rig.add(self.MANY)
        whole = pages(rig.connect(None))
        expected = set(brought(whole))
        for cut, (cursor, page) in enumerate(whole):
            before = brought(whole[:cut])
            assert set(before) | set(brought(pages(rig.connect(None), cursor))) == expected
            assert set(before) | set(keys_of(page)) | set(brought(pages(rig.connect(None), page.cursor))) == expected

    def test_a_cursor_goes_on_where_there_is_more(self, rig: Rig) -> None:
        rig.add(self.MANY)
        cursor, connector = "", rig.connect(None)
        seen = {cursor}
        for page in islice(iter(lambda: connector.fetch(cursor), None), PAGES_MOST):
            if not page.more:
                return
            assert page.cursor not in seen, "there is said to be more, but the cursor was there before"
            seen.add(cursor := page.cursor)
        raise AssertionError("a place without an end")

    def test_a_wrong_password_is_a_sentence_without_it(self, rig: Rig) -> None:
        rig.add(1)
        wrong = "not-the-password-7741"
        with pytest.raises(ConnectorError) as told:
            rig.connect(wrong).fetch("")
        assert wrong not in str(told.value)
        assert wrong not in repr(told.value)
        assert _is_sentence(str(told.value))
        assert not told.value.again, "trying the same password again does not help, and may lock the account"

    def test_a_limit_says_so_and_how_long(self, rig: Rig) -> None:
        if rig.limit is None:
            pytest.skip("this place has no limit that a test can reach")
        rig.add(1)
        connector = rig.connect(None)
        rig.limit(7.0)
        with pytest.raises(ConnectorError) as told:
            connector.fetch("")
        assert _is_sentence(str(told.value))
        assert told.value.again
        assert told.value.wait is not None
        assert 6.0 <= told.value.wait <= 9.0
        assert len(brought(pages(connector))) == 1, "after a limit it works again"

    def test_nobody_there_says_so_and_may_be_tried_again(self, rig: Rig) -> None:
        if rig.away is None:
            pytest.skip("this place cannot be away in a test")
        rig.add(1)
        connector = rig.connect(None)
        rig.away()
        with pytest.raises(ConnectorError) as told:
            connector.fetch("")
        assert _is_sentence(str(told.value))
        assert told.value.again
        assert len(brought(pages(connector))) == 1

    def test_what_is_sent_twice_with_one_id_takes_effect_once(self, rig: Rig) -> None:
        if rig.outcome is None or rig.effects is None:
            pytest.skip("nothing is sent to this place")
        rig.add(1)
        connector = rig.connect(None)
        before = rig.effects()
        outcome = rig.outcome("deed-1")
        assert connector.send(outcome).state == "done"
        assert rig.effects() == before + 1
        assert connector.send(outcome).state == "done"
        assert rig.connect(None).send(outcome).state == "done", "after a restart, too"
        assert rig.effects() == before + 1
        assert connector.send(rig.outcome("deed-2")).state == "done"
        assert rig.effects() == before + 2

    def test_closing_is_safe(self, rig: Rig) -> None:
        rig.add(1)
        unused = rig.connect(None)
        unused.close()
        used = rig.connect(None)
        used.fetch("")
        used.close()
        used.close()
        assert len(brought(pages(rig.connect(None)))) == 1

    def test_its_name_is_one_and_stays(self, rig: Rig) -> None:
        connector = rig.connect(None)
        assert connector.name
        assert connector.name == rig.connect(None).name


def _is_sentence(said: str) -> bool:
    """Words for a person: several, on a line of their own, and no exception's name. It may begin with a host's."""
    names = ("Error", "Exception", "Errno", "Traceback", "<class")
    return len(said.split()) > 2 and said == " ".join(said.split()) and not any(each in said for each in names)
