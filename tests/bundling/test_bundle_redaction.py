"""What rules keep back is nowhere in what comes out, wherever it stood; what no rule names stays as it was."""

from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from escaltui.bundling import container
from escaltui.bundling.faults import BundleFault
from escaltui.bundling.redaction import ACCOUNTS, COLLEAGUES, CONTACTS, REQUESTER, RULES, Known, Redactor, mark

KNOWN = Known(
    requesters=("Rosa Marin",), authors=("quokkahandle",), words=("https://a.example/p/1",),
    colleagues={"kosei": "Kim", "ada": "colleague 1"}, names={"Kaede Osei": "Kim", "kosei": "Kim"},
    public=frozenset({"City of Testville"}),
)  # fmt: skip
SECRETS = ("Rosa Marin", "ROSA  MARIN", "r.marin@mail.example", "+33 6 12 34 56 78", "@someone_else", "quokkahandle",
           "https://a.example/p/1", "Kaede Osei", "Ms Marin")  # fmt: skip
AROUND = st.sampled_from(["", "x ", "See: ", "(", '"', "\n", "é, ", "1. "])
BEHIND = st.sampled_from(["", " y", ".", ")", '"', "\n", ", é", " 2"])


PARTS = st.lists(st.tuples(AROUND, st.sampled_from(SECRETS), BEHIND), min_size=1, max_size=4)


@given(PARTS, st.sampled_from(["body", "x"]))
def test_no_secret_comes_out_of_any_place(parts: list[tuple[str, str, str]], key: str) -> None:
    text = " ".join("".join(part) for part in parts)
    found = json.dumps(Redactor(RULES, KNOWN).value({key: [text, {"deep": text}], text: 1}), ensure_ascii=False)
    for secret in SECRETS:
        assert secret not in found
    assert "[redacted: " in found or "Kim" in found


@given(st.text(alphabet="abcdefghij XYZéü.,\n", max_size=60))
def test_a_text_without_secrets_stays(text: str) -> None:
    assert Redactor(RULES, Known()).value({"body": text}) == {"body": text}


@given(st.lists(st.sampled_from(SECRETS), max_size=5))
def test_without_rules_nothing_changes(parts: list[str]) -> None:
    value = {"body": " ".join(parts), "author": "quokkahandle", "address": "a@b.example", "owner": "kosei"}
    redactor = Redactor((), KNOWN)
    assert redactor.value(redactor.people(value)) == value
    assert not redactor.places


def test_fields_that_hold_one_are_kept_back_whole_and_counted() -> None:
    redactor = Redactor(RULES, KNOWN)
    found = redactor.value({
        "address": "counter 4", "contact_points": [{"channel": "fax", "address": "x"}], "requester_name": "Al",
        "author": "Q", "item_type": "page", "item_id": "bobs-page", "appeal": {"appellant": "Bo"},
    })  # fmt: skip
    assert found == {
        "address": mark(CONTACTS), "contact_points": [mark(CONTACTS)], "requester_name": mark(REQUESTER),
        "author": mark(ACCOUNTS), "item_type": "page", "item_id": mark(ACCOUNTS),
        "appeal": {"appellant": mark(REQUESTER)},
    }  # fmt: skip
    assert dict(redactor.places) == {CONTACTS: 2, REQUESTER: 2, ACCOUNTS: 2}
    assert Redactor(RULES, KNOWN).value({"item_type": "post", "item_id": "p1"}) == {
        "item_type": "post",
        "item_id": "p1",
    }


def test_public_bodies_are_named() -> None:
    assert Redactor(RULES, KNOWN).value({"requester_name": "City of Testville"}) == {
        "requester_name": "City of Testville"
    }


def test_colleagues_have_one_name_outside() -> None:
    redactor = Redactor((COLLEAGUES,), KNOWN)
    value = {"owner": "kosei", "approvals": [{"role": "lead", "person": "ada"}], "signed": {"counsel": "stranger"},
             "by": "machine", "desk": "ada"}  # fmt: skip
    assert redactor.people(value) == {
        "owner": "Kim", "approvals": [{"role": "lead", "person": "colleague 1"}],
        "signed": {"counsel": mark(COLLEAGUES)}, "by": "machine", "desk": "ada",
    }  # fmt: skip


@given(st.binary(max_size=400) | st.builds(lambda tail: b"PK\3\4" + tail, st.binary(max_size=200)))
def test_whatever_is_read_as_a_container_says_what_is_wrong(raw: bytes) -> None:
    try:
        container.read(io.BytesIO(raw))
    except BundleFault as fault:
        assert fault.code  # noqa: PT017
    else:
        raise AssertionError(raw)


NAMES = st.sampled_from(["a", "b.json", "media/c", "policy/001.md", "z"])


@given(st.dictionaries(NAMES, st.binary(max_size=300), min_size=1))
def test_what_is_written_is_read_back(parts: dict[str, bytes]) -> None:
    out = io.BytesIO()
    container.write(out, [container.Source(name, lambda raw=raw: io.BytesIO(raw)) for name, raw in parts.items()])
    found = container.read(io.BytesIO(out.getvalue()))
    assert {each.name: container.content(out, each) for each in found} == parts
    assert all(each.crc == each.crc_found for each in found)
