"""Pages of accounts at a workbench: who is meant, pictures on other cases, networks that name nobody few may see."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from payloads import PAYLOADS

from escaltui.actor_faces import NETWORK
from escaltui.domain.changes import Refused
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, SealMedia, SetSensitivity
from escaltui.safety.text import storable
from escaltui.store import Done, picture_hashes
from escaltui.store import actors as stored
from escaltui.workbench import NotKnown, Undone, actors, networks, seen

SAME, LIKE, FAR, FLAT = "a" * 64, "b" * 64, "c" * 64, "d" * 64
PDQ = "f0" * 32


def post(n: int, author: str, *files: str, platform: str = "web", **more: Any) -> NewSubject:
    held = tuple(Attachment(f"{each[0]}.png", "image/png", 9, each) for each in files)
    return NewSubject(platform=platform, item_id=f"p{n}", author=author, media=held, **more)


def made(outcome: Any) -> str:
    assert isinstance(outcome, Done), outcome
    return NETWORK + outcome.changes[0].entity_id


def no(outcome: Any, code: str) -> Refused:
    assert isinstance(outcome, Refused), outcome
    assert outcome.code == code
    return outcome


# --- who is meant


def test_an_actor_is_found_by_whatever_names_it(hands: Any) -> None:
    bench = hands.bench
    key = hands.case(subjects=(post(1, "nn"),))
    hands.case(subjects=(post(2, "mm"), post(3, "mm", platform="shop")))
    ring = made(networks.start(bench, "Ring", ("web/nn", "web/unheard"), "one phone"))
    ref = bench.line(key).ref
    for typed in ("nn", "web/nn", ref, ref.lower(), key):
        assert actors.find(bench, typed) == "web/nn"
    for typed in ("ring", " Ring ", ring, ring.removeprefix(NETWORK)):
        assert actors.find(bench, typed) == ring
    assert actors.find(bench, "web/unheard") == "web/unheard"  # no case yet, but a network names it
    with pytest.raises(NotKnown, match="could be: shop/mm, web/mm"):
        actors.find(bench, "mm")
    for typed in ("", "nobody", "web/nobody", "E-NOPE0", "/"):
        with pytest.raises(NotKnown, match="No account"):
            actors.find(bench, typed)


def test_a_page_of_a_network_that_is_not_here_and_of_an_account_without_cases(hands: Any) -> None:
    assert actors.face(hands.bench, NETWORK + "N1") is None
    face = actors.face(hands.bench, "web/nobody")
    assert face is not None
    assert (face.counts.cases, face.cases, face.networks) == (0, (), ())
    assert actors.pictures(hands.bench, "web/nobody") == (0, 0, (), 0)


def test_all_cases_are_counted_and_the_newest_are_shown(hands: Any) -> None:
    keys = [hands.case(subjects=(post(n, "nn"),), received_at=hands.now) for n in range(5)]
    face = actors.face(hands.bench, "web/nn", limit=2)
    assert face is not None
    assert (face.counts.cases, face.counts.open) == (5, 5)
    assert [each.line.id for each in face.cases] == [keys[4], keys[3]]


@pytest.mark.parametrize(("name", "text"), PAYLOADS)
def test_a_hostile_name_is_one_account_and_safe_to_show(hands: Any, name: str, text: str) -> None:
    author = storable(text)
    key = hands.case(subjects=(post(1, author),))
    (found,) = actors.of_case(hands.bench, key).accounts
    face = actors.face(hands.bench, found.ref)
    assert face is not None
    assert face.counts.cases == 1
    assert "\x1b" not in face.name.value
    assert "\n" not in face.name.value
    ring = networks.start(hands.bench, text[:60], (found.ref,), text)
    assert isinstance(ring, Done)
    (network,) = networks.every(hands.bench)
    assert "\x1b" not in network.name.value + network.reason.value + network.members[0].name.value
    assert network.members[0].cases == 1


# --- its pictures


def looks(bench: Any, sha256: str, pdq: str, quality: int = 100) -> None:
    seen.keep_looks(bench, sha256, pdq, "", quality)
    assert quality == 0 or bench.store.read(lambda c: picture_hashes.of(c, sha256)) is not None


def test_the_same_file_and_one_that_looks_alike_on_cases_of_others(hands: Any) -> None:
    bench = hands.bench
    own = hands.case(subjects=(post(1, "nn", SAME), post(2, "mm", LIKE)))
    same = hands.case(subjects=(post(3, "oo", SAME),))
    like = hands.case(subjects=(post(4, "pp", LIKE), post(5, "qq")))
    far = hands.case(subjects=(post(6, "rr", FAR),))
    looks(bench, SAME, PDQ)
    looks(bench, LIKE, f"{int(PDQ[:2], 16) ^ 7:02x}{PDQ[2:]}")
    looks(bench, FAR, "0f" * 32)
    found = actors.pictures(bench, "web/nn")
    assert (found.files, found.compared, found.more) == (1, 1, 0)
    assert [(each.line.id, each.same, each.distance) for each in found.cases] == [(same, True, 0), (like, False, 3)]
    assert [each.ref for each in found.cases[1].accounts] == ["web/pp", "web/qq"]
    assert {own, far}.isdisjoint(each.line.id for each in found.cases)


def test_a_sealed_file_leads_nowhere(hands: Any) -> None:
    bench = hands.bench
    hands.case(subjects=(post(1, "nn", SAME),))
    other = hands.case(subjects=(post(2, "oo", SAME),))
    assert [each.line.id for each in actors.pictures(bench, "web/nn").cases] == [other]  # the control
    holder = f"subject:{post(2, 'oo').id}"
    hands.done(SealMedia(case=other, holder=holder, at=0))
    assert actors.pictures(bench, "web/nn") == (0, 0, (), 0)


def test_of_many_files_the_newest_are_compared_by_their_looks(hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors, "COMPARED", 1)
    hands.case(subjects=(post(1, "nn", LIKE),), received_at=hands.now - 9000)
    hands.case(subjects=(post(2, "nn", FLAT),), received_at=hands.now)
    other = hands.case(subjects=(post(3, "oo", SAME),))
    looks(hands.bench, SAME, PDQ)
    looks(hands.bench, LIKE, PDQ)
    found = actors.pictures(hands.bench, "web/nn")
    assert (found.files, found.compared, found.cases) == (2, 1, ())
    monkeypatch.setattr(actors, "COMPARED", 2)
    assert [each.line.id for each in actors.pictures(hands.bench, "web/nn").cases] == [other]


# --- networks


def test_a_network_is_started_joined_left_named_anew_and_withdrawn(hands: Any) -> None:
    bench = hands.bench
    hands.case(subjects=(post(1, "nn"), post(2, "mm")))
    ring = made(networks.start(bench, "Ring", ("web/nn",), "one phone"))
    made(networks.change(bench, ring, "same pictures", add=("web/mm", "shop/new")))
    made(networks.change(bench, ring, "another owner", remove=("shop/new",)))
    made(networks.change(bench, ring, "as colleagues call it", name="River"))
    (face,) = networks.every(bench)
    assert (face.name.value, face.reason.value) == ("River", "as colleagues call it")
    assert [(each.ref, each.cases) for each in face.members] == [("web/mm", 1), ("web/nn", 1)]
    assert [[each.value for each in done.added] for done in face.history] == [
        [], [], ["shop/new", "web/mm"], ["web/nn"]]  # fmt: skip
    assert face.history[1].gone[0].value == "shop/new"
    assert face.history[1].reason.value == "another owner"
    page = actors.face(bench, "web/nn")
    assert page is not None
    assert [(each.ref, each.here) for each in page.networks[0].members] == [("web/nn", True), ("web/mm", False)]
    made(networks.change(bench, ring, "mistaken", withdraw=True))
    assert networks.every(bench) == []
    whole = actors.face(bench, ring)
    assert whole is not None
    assert whole.networks[0].withdrawn
    assert whole.is_network


def test_undo_takes_back_step_by_step(hands: Any) -> None:
    bench = hands.bench
    ring = made(networks.start(bench, "Ring", ("web/nn",), "one phone"))
    made(networks.change(bench, ring, "same pictures", add=("web/mm",)))
    assert isinstance(bench.undo(), Undone)
    assert [each.ref for each in networks.every(bench)[0].members] == ["web/nn"]
    assert isinstance(bench.undo(), Undone)
    assert networks.every(bench) == []


def test_what_cannot_be_done_to_a_network_is_said(hands: Any) -> None:
    bench = hands.bench
    ring = made(networks.start(bench, "Ring", ("web/nn",), "one phone"))
    no(networks.change(bench, "N1", "r", add=("web/mm",)), "not_found")
    assert "shop/x" in no(networks.change(bench, ring, "r", remove=("shop/x",)), "not_found").reason
    no(networks.change(bench, ring, "r", remove=("web/nn",)), "incomplete")
    no(networks.change(bench, ring, " ", add=("web/mm",)), "incomplete")
    no(networks.start(bench, "", ("web/nn",), "r"), "incomplete")
    with pytest.raises(NotKnown, match="PLATFORM/ACCOUNT"):
        actors.an_account(bench, "nn")


def test_an_account_that_few_may_know_is_not_named_to_all(hands: Any) -> None:
    bench = hands.bench
    key = hands.case(subjects=(post(1, "nn"), post(2, "mm")))
    hands.case(subjects=(post(3, "mm"),))
    ring = made(networks.start(bench, "Ring", ("web/nn", "web/mm"), "one phone"))  # the control: nothing hides it yet
    hands.done(SetSensitivity(case=key, sensitivity="restricted", reason="It names a child"))
    refused = no(networks.start(bench, "Storm", ("web/nn",), "r"), "blocked")
    assert "few may see" in refused.reason
    made(networks.change(bench, ring, "r", remove=("web/nn",)))
    no(networks.change(bench, ring, "r", add=("web/nn",)), "blocked")
    made(networks.start(bench, "Storm", ("web/mm",), "r"))  # another case names that one to all
    made(networks.change(bench, ring, "r", add=("web/unheard",)))
    assert "nn" not in bench.store.read(lambda c: c.execute("SELECT group_concat(body) FROM network").fetchone()[0])


def test_two_pages_are_read_at_once(hands: Any) -> None:
    """In two threads, as screens do."""
    hands.case(subjects=(post(1, "nn", SAME),))
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(actors.face(hands.bench, "web/nn"))) for _n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_where_nothing_is_named_a_case_leads_nowhere(hands: Any) -> None:
    key = hands.case(subjects=(post(1, ""),))
    found = actors.of_case(hands.bench, key)
    assert (found.accounts, found.requester) == ((), "")
    assert actors.of_case(hands.bench, "nothing").accounts == ()
    assert stored.account("").ref == "/"
