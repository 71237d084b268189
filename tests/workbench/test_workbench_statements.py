"""Statements of reasons at the desk: drafted, mended, exported in batches, answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import casebench
import msgspec
import pytest
from in_force import decide, put

from escaltui import i18n
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite, Line, LineAction, Statement
from escaltui.domain.entities import UserNotice
from escaltui.store.values import Done, Who
from escaltui.workbench import Workbench, statement_batches, statement_parts, statements
from escaltui.workbench.precedents import precedents
from escaltui.workbench.statement_batches import StatementsError, export, take_result


def decided(hands: Any, items: int = 1, **more: Any) -> str:
    """A case with items, a harm, and a decision in force."""
    hands.now += 1000
    start = getattr(hands, "items", 0)
    hands.items = start + items
    case_id: str = hands.case(subjects=tuple(hands.item(start + n) for n in range(items)))
    case = hands.bench.store.case(case_id)
    put(hands.bench.store, msgspec.structs.replace(case, harm="violence"))
    decide(hands.bench.store, case_id, **more)
    case = hands.bench.store.case(case_id)
    put(hands.bench.store, msgspec.structs.replace(case, decision=f"D{case_id[1:]}"))
    return case_id


def drafted(hands: Any, items: int = 1, **more: Any) -> str:
    case_id = decided(hands, items, **more)
    outcome = statements.draft(hands.bench, case_id)
    assert isinstance(outcome, Done), outcome
    return case_id


def rows(bench: Workbench, case_id: str) -> tuple[Statement, ...]:
    found = bench.store.bundle(case_id)
    assert found is not None
    return found.statements


def answer(file: Path, body: object) -> Path:
    path = file.with_name(file.name.replace(".json", ".result.json"))
    path.write_text(json.dumps(body))
    return path


def test_drafts_are_shown_with_what_is_wrong_in_them(hands: Any) -> None:
    case_id = drafted(hands, 2, facts="Write to jo@mail.example.")
    first, second = statements.faces(hands.bench, case_id)
    assert (first.number, second.number, first.state) == (1, 2, "draft")
    assert first.item.value == "https://a.example/0"
    (problem,) = first.problems
    assert "jo@mail.example" in problem.value
    assert [(each.field, each.kind, each.words.value, each.kept.value) for each in first.found] == [
        ("decision_facts", "email", "jo@mail.example", "")
    ]
    assert isinstance(statements.edit(hands.bench, first.id, waived={"jo@mail.example": "a public address"}), Done)
    assert isinstance(statements.edit(hands.bench, second.id, {"decision_facts": "A post.\x1b[2J"}), Done)
    first, second = statements.faces(hands.bench, case_id)
    assert (first.state, first.found[0].kept.value, second.state, second.problems) == (
        "valid", "a public address", "valid", ()
    )  # fmt: skip
    assert "\x1b" not in dict(second.fields)["decision_facts"].value


def test_problems_are_told_with_their_figure(hands: Any) -> None:
    case_id = drafted(hands, rationale="x" * 3000)
    (face,) = statements.faces(hands.bench, case_id)
    size = len("x" * 3000 + "\n\nRests on: Praise.")
    assert [each.value for each in face.problems] == [f"incompatible_content_explanation: {size:,} of 2,000 characters"]
    i18n.set_language("fr")
    (face,) = statements.faces(hands.bench, case_id)
    assert "2\u00a0000" in face.problems[0].value


def test_a_colleagues_name_is_personal_data(hands: Any) -> None:
    hands.colleague("grace", name="Grace Hopper", roles=("lead",))
    case_id = drafted(hands, facts="Grace Hopper looked at it.")
    (face,) = statements.faces(hands.bench, case_id)
    assert [each.words.value for each in face.found] == ["Grace Hopper"]


def test_what_has_no_statement_says_why(hands: Any) -> None:
    case_id = decided(hands, territory=("TR",))
    outcome = statements.draft(hands.bench, case_id)
    assert isinstance(outcome, Refused)
    assert [(each.item.value, each.why) for each in statements.left_out(hands.bench, case_id)] == [
        ("https://a.example/0", "it was restricted outside the EU and the EEA alone")
    ]


def test_a_case_without_a_decision_has_none(hands: Any) -> None:
    case_id = hands.case()
    assert isinstance(statements.draft(hands.bench, case_id), Refused)
    assert isinstance(statements.draft(hands.bench, "nowhere"), Refused)
    assert statements.left_out(hands.bench, case_id) == statements.faces(hands.bench, "nowhere") == ()
    assert isinstance(statements.edit(hands.bench, "nowhere", {"puid": "x"}), Refused)
    assert isinstance(statements.withdraw(hands.bench, "nowhere"), Refused)


def test_250_leave_in_files_of_100_100_and_50(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands, 250)
    out = export(hands.bench, tmp_path / "out")
    sizes = [len(json.loads(file.read_text())["statements"]) for file in out.files]
    assert (sizes, out.statements, out.refused) == ([100, 100, 50], 250, ())
    puids = [each["puid"] for file in out.files for each in json.loads(file.read_text())["statements"]]
    assert puids == [f"D{case_id[1:]}-{n}" for n in range(1, 251)]
    assert {path.stat().st_mode & 0o777 for path in out.files} == {0o600}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {file.name for file in out.files}
    assert {each.state for each in rows(hands.bench, case_id)} == {"exported"}
    assert export(hands.bench, tmp_path / "out") == ((), 0, ())


def test_what_is_forbidden_is_held_back_and_the_rest_leaves(hands: Any, tmp_path: Path) -> None:
    free, silent = drafted(hands), drafted(hands)
    case = hands.bench.store.case(silent)
    put(hands.bench.store, msgspec.structs.replace(case, user_notice=UserNotice("forbidden", source="court")))
    out = export(hands.bench, tmp_path)
    (file,) = out.files
    assert [each["puid"] for each in json.loads(file.read_text())["statements"]] == [f"D{free[1:]}-1"]
    assert [(ref, number, "court" in why) for ref, number, why in out.refused] == [(case.ref, 1, True)]
    assert rows(hands.bench, silent)[0].state == "valid"


def test_a_case_that_changes_meanwhile_lets_nothing_leave(
    hands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = drafted(hands), drafted(hands)
    write = statement_batches._write

    def and_forbidden(file: Path, batch: Any) -> None:
        case = hands.bench.store.case(two)
        put(hands.bench.store, msgspec.structs.replace(case, user_notice=UserNotice("forbidden", source="court")))
        write(file, batch)

    monkeypatch.setattr(statement_batches, "_write", and_forbidden)
    with pytest.raises(StatementsError, match="Nothing was exported"):
        export(hands.bench, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert [rows(hands.bench, each)[0].state for each in (one, two)] == ["valid", "valid"]


def test_a_folder_that_cannot_be_made_is_told(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands)
    (tmp_path / "file").write_text("")
    with pytest.raises(StatementsError, match="cannot be written"):
        export(hands.bench, tmp_path / "file" / "out")
    assert rows(hands.bench, case_id)[0].state == "valid"


def test_a_file_that_is_there_is_never_written_over(hands: Any, tmp_path: Path) -> None:
    drafted(hands)
    (first,) = export(hands.bench, tmp_path).files
    content = first.read_text()
    case_id = drafted(hands)
    hands.now -= 1
    stamp = hands.now
    other = tmp_path / statement_batches._names(tmp_path, stamp, 1)[0].name
    other.write_text("mine")
    (file,) = export(hands.bench, tmp_path).files
    assert file != other
    assert (first.read_text(), other.read_text()) == (content, "mine")
    assert rows(hands.bench, case_id)[0].external_ref == f"{file.name}#0"


def test_an_export_cut_off_after_it_was_recorded_is_finished_by_the_next(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands)
    (file,) = export(hands.bench, tmp_path).files
    content = file.read_text()
    file.rename(statement_parts.part_of(file))
    stranger = tmp_path / ".statements-1-001.json.part"
    stranger.write_text("another program is writing this")
    assert export(hands.bench, tmp_path) == ((file,), 0, ())
    assert file.read_text() == content
    assert stranger.exists()
    assert rows(hands.bench, case_id)[0].state == "exported"


class Away:
    """A server that records the first of some statements and is away then."""

    def __init__(self, bench: Workbench, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.real = after, bench.do_many
        monkeypatch.setattr(bench, "do_many", self.do_many)
        monkeypatch.setattr(statement_parts, "known", lambda bench: self.left > 0)

    def do_many(self, ops: Any, op_ids: Any = ()) -> list[Any]:
        refused = Refused("needs_authority", "away", "")
        given = list(ops)
        some, self.left = given[: self.left], max(0, self.left - len(given))
        return [*self.real(some), *[refused] * (len(given) - len(some))]


def test_what_a_server_recorded_before_it_went_away_leaves_with_the_next_export(
    hands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exactly that: the rest leaves in a file of its own, nothing is lost and nothing leaves twice."""
    case_id = drafted(hands, 250)
    away = Away(hands.bench, 130, monkeypatch)
    for _try in range(2):  # away the second time, too: nothing is known, nothing moves
        with pytest.raises(StatementsError, match="The server went away while statements were recorded"):
            export(hands.bench, tmp_path)
        assert list(tmp_path.glob("statements-*")) == []
        hands.now += 1000
    away.left = 10**9
    out = export(hands.bench, tmp_path)
    files = [json.loads(file.read_text())["statements"] for file in out.files]
    assert [len(each) for each in files] == [100, 30, 100, 20]
    assert (out.statements, out.refused) == (120, ())
    puids = [each["puid"] for file in files for each in file]
    assert sorted(puids) == sorted(f"D{case_id[1:]}-{n}" for n in range(1, 251))
    for each in rows(hands.bench, case_id):
        name, _sign, place = each.external_ref.rpartition("#")
        assert json.loads((tmp_path / name).read_text())["statements"][int(place)]["puid"] == each.fields["puid"]


def test_control_a_file_that_is_named_whole_has_what_leaves_again(
    hands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_parts, "_fitted", lambda part, places: True)
    with pytest.raises(AssertionError):
        test_what_a_server_recorded_before_it_went_away_leaves_with_the_next_export(hands, tmp_path, monkeypatch)


def test_without_the_server_nothing_leaves_and_nothing_is_left_behind(
    hands: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = drafted(hands)
    monkeypatch.setattr(hands.bench, "round_now", lambda: "desk.example is not reached.")
    with pytest.raises(StatementsError, match=r"is away: desk.example is not reached\. Nothing was exported"):
        export(hands.bench, tmp_path)
    assert list(tmp_path.glob(".statements*")) == []
    assert rows(hands.bench, case_id)[0].state == "valid"


def test_two_exports_at_once_are_one_after_the_other(hands: Any, tmp_path: Path) -> None:
    drafted(hands)
    with (
        statement_parts.alone(hands.bench),
        pytest.raises(StatementsError, match="Another export of statements is under way"),
    ):
        export(hands.bench, tmp_path)
    assert export(hands.bench, tmp_path).statements == 1


def test_a_batch_that_was_taken_is_sent(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands, 2)
    (file,) = export(hands.bench, tmp_path).files
    body = {"statements": [{"uuid": "u", "puid": each.fields["puid"]} for each in rows(hands.bench, case_id)]}
    assert take_result(hands.bench, answer(file, body)) == (2, 0, 0, ())
    assert [each.state for each in rows(hands.bench, case_id)] == ["sent", "sent"]
    with pytest.raises(StatementsError, match="No statement waits"):
        take_result(hands.bench, answer(file, body))


def test_a_refused_batch_gives_each_its_own_answer(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands, 3)
    (file,) = export(hands.bench, tmp_path).files
    body = {"errors": {"statement_1": {"category": ["The selected category is \x1b invalid."]}, "statement_9": {}}}
    found = take_result(hands.bench, answer(file, body))
    assert found[:3] == (0, 1, 2)
    assert "statement_9" in found.problems[0]
    assert [each.state for each in rows(hands.bench, case_id)] == ["valid", "refused", "valid"]
    face = statements.faces(hands.bench, case_id)[1]
    assert face.problems[0].value.startswith("category: The selected category is")
    assert "\x1b" not in face.problems[0].value
    assert export(hands.bench, tmp_path).statements == 2


def test_a_number_that_the_database_has_is_told(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands, 2)
    (file,) = export(hands.bench, tmp_path).files
    puid = rows(hands.bench, case_id)[1].fields["puid"]
    body = {"message": "not unique", "errors": {"puid": ["not unique"], "existing_puids": [puid]}}
    assert take_result(hands.bench, answer(file, body), file.name)[:3] == (0, 1, 1)
    assert rows(hands.bench, case_id)[1].problems == ("puid: the database has it already",)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nothing", '{"statements": []}', '{"statements": [{"puid": "else"}]}', "[" * 100_000,
             '{"errors": {"statement_x": {}}}', "\udcff"],
)  # fmt: skip
def test_an_answer_that_says_nothing_changes_nothing(hands: Any, tmp_path: Path, text: str) -> None:
    case_id = drafted(hands)
    (file,) = export(hands.bench, tmp_path).files
    path = answer(file, {})
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StatementsError, match=r"as it came|another batch"):
        take_result(hands.bench, path)
    assert rows(hands.bench, case_id)[0].state == "exported"


def test_an_answer_that_is_not_there_is_told(hands: Any, tmp_path: Path) -> None:
    drafted(hands)
    (file,) = export(hands.bench, tmp_path).files
    with pytest.raises(StatementsError, match="cannot be read"):
        take_result(hands.bench, tmp_path / "none.json", file.name)


def test_an_articles_number_leaves_under_its_name(hands: Any, tmp_path: Path) -> None:
    case_id = drafted(hands)
    (face,) = statements.faces(hands.bench, case_id)
    outcome = statements.edit(hands.bench, face.id, {"content_id_ean": "4006381333931"})
    assert isinstance(outcome, Done)
    (file,) = export(hands.bench, tmp_path, [case_id]).files
    (sent,) = json.loads(file.read_text())["statements"]
    assert sent["content_id"] == {"EAN-13": "4006381333931"}
    assert "content_id_ean" not in sent


def test_fields_know_their_values_and_limits() -> None:
    assert len(statements.choices("category")) == 16
    assert statements.choices("decision_facts") == ()
    assert statements.limit("decision_facts") == 5000
    assert statements.limit("category") is None


def test_a_decision_made_by_the_rules_is_stated_and_becomes_a_precedent(tmp_path: Path) -> None:
    with casebench.workbench(tmp_path, policies=True) as bench:
        case_id = casebench.open_case(bench, "A video", case_type="user_escalation", kind="user", requester="Jo Bloggs")
        casebench.do(bench, ops.EditCase(case=case_id, fields={"harm": "violence"}))
        casebench.do(bench, ops.Claim(case=case_id))
        praise = bench.policy_text("praise")
        cite = Cite(praise.stable_id, praise.version, praise.text_sha256, praise.heading)
        line = Line("violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                    actions=(LineAction("remove"),))  # fmt: skip
        casebench.do(bench, ops.ProposeDecision(case=case_id, lines=(line,), facts="It praises a bombing.",
                                                rationale="The rule names it."))  # fmt: skip
        assert precedents(bench, sections=["praise"]) == ()
        bench.now.now += 31_000  # type: ignore[attr-defined]
        system = Who("system", frozenset({"system"}), bench.store.device)
        assert isinstance(bench.store.do(ops.EnforceDecision(case=case_id), system, bench.now(), bench.rules), Done)
        assert isinstance(statements.draft(bench, case_id, language="fr"), Done)
        faces = statements.faces(bench, case_id)
        assert [(face.state, face.problems) for face in faces] == [("valid", ())] * 2
        assert dict(faces[0].fields)["incompatible_content_explanation"].value.endswith(
            "Fondé sur : Praise of attacks."
        )
        assert export(bench, tmp_path / "out").statements == 2
        (found,) = precedents(bench, sections=["praise"], text="a bombing")
        assert (found.case_id, found.outcome, found.same_text) == (case_id, "violation_action", True)
