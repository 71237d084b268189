"""Accounts of a store: the page counts what a count over every case by hand finds; nothing few may see comes along."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_force import put

from escaltui import rules_loader
from escaltui.domain import actors as counted
from escaltui.domain import ids
from escaltui.domain.accounts import Network
from escaltui.domain.actors import Asked, Counts
from escaltui.domain.decisions import Action, Decision, Line
from escaltui.domain.entities import Case, Requester, Subject
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, OpenCase, ReceiveReport
from escaltui.store import Done, Store, Who, actors
from escaltui.store.actors import Account
from escaltui.store.driver import Connection

NOW = 1_790_000_000_000
NAMES = ("nn", "mm", "a/b", "")
PLATFORMS = ("web", "shop")
RULES = rules_loader.load()
OUTCOMES = ("violation_action", "violation_no_action", "no_violation", "answered", "legal_compliance")


class Made:
    """A store with cases about the items of a few accounts, decided in every way, and all rows in hand."""

    def __init__(self, folder: Path, seed: int, cases: int) -> None:
        self.store, self.draw = Store.open(folder), random.Random(seed)
        self.who = Who("ada", frozenset({"specialist", "lead"}), self.store.device)
        self.n = 0
        for _each in range(cases):
            self.case()

    def _next(self) -> int:
        self.n += 1
        return self.n

    def do(self, op: Any, op_id: str = "") -> Done:
        done = self.store.do(op, self.who, NOW + self._next(), RULES, op_id=op_id)
        assert isinstance(done, Done), done
        return done

    def item(self) -> NewSubject:
        platform, name, n = self.draw.choice(PLATFORMS), self.draw.choice(NAMES), self.draw.randrange(4)
        role = self.draw.choice(("primary", "related", "evidence_only"))
        return NewSubject(platform=platform, item_id=f"{name}-{n}", author=name, role=role)

    def case(self) -> None:
        draw, key = self.draw, ids.entity_id(f"case/{self._next()}", 0)
        receiving = ids.operation_id(NOW, self.n.to_bytes(10, "big"))
        asked = draw.choice(("Police", "Court", ""))
        self.do(ReceiveReport(body="b", requester_name=asked), receiving)
        items = {each.id: each for each in (self.item() for _n in range(draw.randrange(4)))}
        self.do(OpenCase(opens=key, title="T", report=ids.entity_id(receiving, 0), subjects=tuple(items.values()),
                         received_at=NOW - draw.randrange(10**6)))  # fmt: skip
        if draw.random() < 0.3:
            found = self.store.case(key)
            assert found is not None
            put(self.store, msgspec.structs.replace(found, status=draw.choice(("resolved", "closed", "merged"))))
        self.decisions(key)

    def decisions(self, key: str) -> None:
        draw, case = self.draw, self.store.case(key)
        assert case is not None
        known = [row.id for row in self.rows(Decision)]
        for n in range(draw.randrange(3)):
            subjects = tuple(each for each in case.subjects if draw.random() < 0.8)
            lines = [Line(draw.choice(OUTCOMES))] if draw.random() < 0.8 else []
            lines += [Line(draw.choice(OUTCOMES), covers=(each,)) for each in subjects if draw.random() < 0.3]
            decision = Decision(
                id=f"D{n}{key[1:]}", case=key, stream=case.stream, lines=tuple(lines), subjects=subjects,
                state=draw.choice(("effective", "superseded", "proposed", "withdrawn", "effective")),
                appeals={"E-1": draw.choice(("", "upheld", "overturned"))} if draw.random() < 0.3 else {},
                reverses=draw.choice(known) if known and draw.random() < 0.3 else "",
            )  # fmt: skip
            deeds: dict[str, list[str]] = {}
            for row in self.rows(Action):  # what takes a deed back is on the same item, as the rules have it
                deeds.setdefault(row.subject, []).append(row.id)
            put(self.store, decision, *(
                Action(id=f"A{n}{at}{key[2:]}", case=key, decision=decision.id, subject=subject, stream=case.stream,
                       kind=draw.choice(("strike_added", "strike_added", "restored", "warned")),
                       state=draw.choice(("confirmed", "confirmed", "queued", "waived")),
                       compensates=draw.choice(deeds.get(subject, [""])) if draw.random() < 0.3 else "")
                for at, (subject, role) in enumerate(case.subjects.items()) if role != "evidence_only"
            ))  # fmt: skip

    def rows(self, kind: Any) -> list[Any]:
        table = {"case": "cases"}.get(kind.NAME, kind.NAME)
        read = msgspec.json.Decoder(kind).decode
        return self.store.read(lambda c: [read(body) for (body,) in c.execute(f"SELECT body FROM {table}")])


def by_hand(made: Made, accounts: set[tuple[str, str]]) -> tuple[Counts, list[tuple[str, Asked]]]:
    """The numbers of some accounts, by looking at every row there is and at nothing else."""
    subjects = {row.id: row for row in made.rows(Subject)}
    decisions, deeds = made.rows(Decision), made.rows(Action)
    back = {row.compensates for row in deeds if row.state == "confirmed"}
    total, asked, times = dict.fromkeys(("cases", "open", "decided", "violations", "strikes", "reversals"), 0), {}, []
    for case in made.rows(Case):
        own = {key for key, role in case.subjects.items() if role != "evidence_only"
               and subjects[key].author and (subjects[key].platform, subjects[key].author) in accounts}  # fmt: skip
        if not own:
            continue
        outcomes: set[str] = set()
        for each in (row for row in decisions if row.case == case.id):
            said = set()
            for key in own & set(each.subjects):
                lines = [line for line in each.lines if key in line.covers] or [
                    line for line in each.lines if not line.covers][:1]  # fmt: skip
                said |= {line.outcome for line in lines[-1:]}
            reversing = any(row.reverses == each.id and row.state == "effective" for row in decisions)
            if said and each.state in ("effective", "superseded") and (
                reversing or "overturned" in each.appeals.values()
            ):  # fmt: skip
                total["reversals"] += 1
            outcomes |= said if each.state == "effective" else set()
        broke = bool(outcomes & {"violation_action", "violation_no_action"})
        total["strikes"] += sum(row.kind == "strike_added" and row.state == "confirmed" and row.case == case.id
                                and row.subject in own and row.id not in back for row in deeds)  # fmt: skip
        total["cases"] += 1
        total["open"] += case.status not in ("resolved", "closed", "merged")
        total["decided"] += bool(outcomes)
        total["violations"] += broke
        times.append(case.received_at)
        if case.requester:
            was = asked.get(case.requester, Asked(0, 0, 0))
            asked[case.requester] = Asked(was.cases + 1, was.decided + bool(outcomes), was.violations + broke)
    counts = Counts(**total, first=min(times, default=None), last=max(times, default=None))
    return counts, sorted(asked.items(), key=lambda one: (-one[1].cases, one[0]))


def of_store(made: Made, accounts: set[tuple[str, str]]) -> tuple[Counts, list[tuple[str, Asked]]]:
    held = made.store.read(lambda connection: actors.held(connection, [Account(*each) for each in sorted(accounts)]))
    told = counted.told(held)
    assert [each.received for each in held] == sorted((each.received for each in held), reverse=True)
    return counted.counts(held, told), counted.requesters(held, told, {})


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_page_counts_what_a_count_by_hand_finds(tmp_path_factory: Any, seed: int) -> None:
    made = Made(tmp_path_factory.mktemp("actors") / "store", seed, 20)
    try:
        every = {(platform, name) for platform in PLATFORMS for name in NAMES}
        alone = [{each} for each in sorted(every)]
        for accounts in (*alone, {("web", "nn"), ("shop", "mm")}, every):
            assert of_store(made, accounts) == by_hand(made, accounts), accounts
    finally:
        made.store.close()


def test_the_count_by_hand_meets_every_number(tmp_path: Path) -> None:
    """Control: on one seed no number is 0, so that agreeing says something."""
    made = Made(tmp_path / "store", 3, 80)
    counts, asked = by_hand(made, {(platform, name) for platform in PLATFORMS for name in NAMES})
    made.store.close()
    assert all(counts), counts
    assert len(asked) == 2


@pytest.fixture
def small(tmp_path: Path) -> Any:
    made = Made(tmp_path / "store", 1, 0)
    yield made
    made.store.close()


def opened(made: Made, *items: NewSubject, **more: Any) -> str:
    key = ids.entity_id(f"case/{made._next()}", 0)
    made.do(OpenCase(opens=key, title="T", subjects=items, **more))
    return key


def read(made: Made, call: Any, *arguments: Any) -> Any:
    return made.store.read(lambda connection: call(connection, *arguments))


def test_an_account_is_found_by_its_name_on_whatever_platform(small: Made) -> None:
    opened(small, NewSubject(platform="web", item_id="1", author="nn"), NewSubject("shop", item_id="2", author="nn"),
           NewSubject(platform="", item_id="3", author="nn"))  # fmt: skip
    assert read(small, actors.platforms, "nn") == [("", "nn"), ("shop", "nn"), ("web", "nn")]
    assert read(small, actors.platforms, "mm") == read(small, actors.platforms, "") == []
    assert actors.account("web/a/b") == ("web", "a/b")
    assert actors.account("web/a/b").ref == "web/a/b"


def test_an_item_without_an_author_is_no_account(small: Made) -> None:
    key = opened(small, NewSubject(platform="web", item_id="1"))
    assert read(small, actors.held, [Account("web", "")]) == []
    assert read(small, actors.on_case, key, 9) == []
    assert read(small, actors.case_count, Account("web", "")) == 0


def test_what_is_evidence_only_is_not_what_a_case_is_about(small: Made) -> None:
    one = NewSubject(platform="web", item_id="1", author="nn", role="evidence_only")
    key = opened(small, one, NewSubject(platform="web", item_id="2", author="mm"))
    assert read(small, actors.held, [Account("web", "nn")]) == []
    assert read(small, actors.case_count, Account("web", "nn")) == 0
    assert [each.case for each in read(small, actors.held, [Account("web", "mm")])] == [key]


def test_openly_known_is_what_the_whole_desk_may_see(small: Made) -> None:
    key = opened(small, NewSubject(platform="web", item_id="1", author="nn"))
    assert read(small, actors.openly, Account("web", "nn")) is True
    case = small.store.case(key)
    assert case is not None
    put(small.store, msgspec.structs.replace(case, sensitivity="restricted"))
    assert read(small, actors.openly, Account("web", "nn")) is False
    assert read(small, actors.openly, Account("web", "mm")) is None


def test_files_are_those_of_its_items_without_what_came_sealed(small: Made) -> None:
    shown, gone = Attachment("a.png", "image/png", 1, "a" * 64), Attachment("b", "image/png", 1, "b" * 64, sealed=True)
    put(small.store, Subject(id="S1", platform="web", item_id="1", author="nn", media=(shown, gone)),
        Subject(id="S2", platform="web", item_id="2", author="nn"))  # fmt: skip
    assert read(small, actors.files, ["S1", "S2"]) == ["a" * 64]


def test_a_requester_goes_on_under_the_last_it_turned_out_to_be(small: Made) -> None:
    put(small.store, Requester(id="R1", name="a", merged_into="R2"), Requester(id="R2", name="b", merged_into="R3"),
        Requester(id="R3", name="c"), Requester(id="R4", name="d", merged_into="R4"))  # fmt: skip
    known = read(small, actors.asked, ["R1", "R4", "gone"])
    assert sorted(known) == ["R1", "R2", "R3", "R4"]
    assert actors.survivors(known) == {"R1": "R3", "R2": "R3"}


def test_networks_by_name_and_one_by_id(small: Made) -> None:
    put(small.store, Network(id="N1", name="b", members=("web/nn",)), Network(id="N2", name="a"),
        Network(id="N3", name="c", withdrawn=True))  # fmt: skip
    assert [each.id for each in read(small, actors.networks)] == ["N2", "N1"]
    assert read(small, actors.network, "N3").withdrawn
    assert read(small, actors.network, "N4") is None


PLANS = {
    "ITEMS": ("web", "nn"), "CASES": ("[]",), "DECISIONS": ("[]",), "ACTIONS": ("[]",), "OPENLY": ("web", "nn"),
    "ON_CASE": ("C1", 9), "COUNT": ("web", "nn"), "FILES": ("[]",), "LINES": ("[]",), "ASKED": ("[]",),
    "PLATFORMS": ("nn",),
}  # fmt: skip


def plan(connection: Connection, sql: str, values: tuple[Any, ...]) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("name", PLANS)
def test_every_table_is_reached_by_an_index(small: Made, name: str) -> None:
    steps = read(small, plan, getattr(actors, name), PLANS[name])
    walks = [each for each in steps if each.startswith("SCAN") and not any(
        known in each for known in ("VIRTUAL TABLE", "CONSTANT ROW", "(subquery", "SCAN p", "(join"))]  # fmt: skip
    assert walks == [], steps
    assert any(each.startswith("SEARCH") for each in steps)


def test_control_a_walk_through_a_table_is_seen(small: Made) -> None:
    steps = read(small, plan, "SELECT id FROM subject WHERE author = ?", ("nn",))
    assert any(each.startswith("SCAN") for each in steps)
