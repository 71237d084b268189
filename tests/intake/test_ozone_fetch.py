"""What waits in Ozone comes in as reports, what happens there as happenings; each fault is a sentence."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.intake.connector import ConnectorError, Happened, Page
from escaltui.intake.found import FoundReport
from escaltui.intake.ozone import Ozone, OzoneSettings
from escaltui.wording_elsewhere import told

from .ozone_place import DEFS, LABELER, Place, cid_of, said


def drain(connector: Ozone, cursor: str = "") -> tuple[list[FoundReport], list[Happened], str, list[str]]:
    """Everything from a cursor on."""
    reports: list[FoundReport] = []
    happened: list[Happened] = []
    problems: list[str] = []
    for _each in range(100):
        page = connector.fetch(cursor)
        reports, happened, problems = (
            [*reports, *page.reports],
            [*happened, *page.happened],
            [*problems, *page.problems],
        )
        cursor = page.cursor
        if not page.more:
            return reports, happened, cursor, problems
    raise AssertionError("no end")


def first(page_of: Place, **more: Any) -> FoundReport:
    return drain(page_of.connect(**more))[0][0]


def test_a_report_says_who_what_and_about_what() -> None:
    place = Place()
    (uri,) = place.add(1, text="Vote on Wednesday", langs=["en-GB", "fr"])
    place.does("Report", uri, "did:plc:second", comment="Mine too", reportType=f"{DEFS}reasonMisleading")
    found = first(place)
    assert found.title == "spam, misleading: Vote on Wednesday"
    assert "Reported as spam by someone on 2026-05-28 20:26 UTC:\nLook at this" in found.body
    assert "Reported as misleading by second" in found.body
    assert "Vote on Wednesday" in found.body
    assert (found.requester.name, found.kind, found.case_type) == ("someone", "request", "user_escalation")
    (item,) = found.subjects
    assert (item.platform, item.item_type, item.item_id) == ("ozone", "post", uri)
    assert uri.startswith(f"at://{item.author}/")
    assert found.languages == ("en", "fr")
    assert found.answers["Told here"] == "1 2"


def test_an_appeal_is_one() -> None:
    place = Place()
    (uri,) = place.add(1)
    place.does("Takedown", uri)
    place.does("Report", uri, reportType="com.atproto.moderation.defs#reasonAppeal")
    place.status[uri] |= {"appealed": True, "reviewState": f"{DEFS}reviewEscalated"}
    assert (first(place).kind, first(place).case_type) == ("appeal", "appeal")


def test_a_subject_closed_and_reported_again_is_a_new_report() -> None:
    place = Place()
    (uri,) = place.add(1)
    before = first(place)
    place.does("Report", uri, reportType=f"{DEFS}reasonRude")
    assert first(place).dedupe_key == before.dedupe_key
    place.does("Acknowledge", uri)
    assert drain(place.connect())[0] == []
    place.does("Report", uri, reportType=f"{DEFS}reasonRude")
    again = first(place)
    assert again.dedupe_key != before.dedupe_key
    assert "spam" not in again.body, "what was closed is not told again"


def test_pictures_come_unopened_and_are_checked() -> None:
    place = Place()
    content = b"\x89PNG not really"
    cid = cid_of(content)
    blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": "image/png", "size": len(content)}
    place.add(1, embed={"images": [{"alt": "a red door", "image": blob}]})
    place.files[cid] = content
    (kept,) = first(place).subjects[0].media
    assert (kept.content, kept.declared_type, kept.transcript) == (content, "image/png", "a red door")
    place.files[cid] = b"other bytes"  # CONTROL: a server that gives something else
    found = first(place)
    assert found.subjects[0].media[0].content == b""
    assert "not those that the record names" in found.problems[0]
    del place.files[cid]
    assert "Blob not found" in first(place).problems[0]


@pytest.mark.parametrize("how", ["reason", "label"])
def test_what_is_called_suspected_is_not_fetched(how: str) -> None:
    place = Place()
    content = b"never to be asked for"
    blob = {"$type": "blob", "ref": {"$link": cid_of(content)}, "mimeType": "image/png", "size": 1}
    (uri,) = place.add(1, embed=[blob])
    place.files[cid_of(content)] = content
    if how == "reason":
        place.does("Report", uri, reportType="tools.ozone.report.defs#reasonChildSafetyCSAM")
    else:
        place.labels[uri] = {"csam"}
    found = first(place)
    assert "csam" in found.labels
    assert "com.atproto.sync.getBlob" not in place.asked
    assert found.subjects[0].media[0].content == b""
    place.labels.clear()
    place.events = [each for each in place.events if "CSAM" not in each["event"].get("reportType", "")]
    first(place)
    assert "com.atproto.sync.getBlob" in place.asked, "CONTROL: without that word it is"


def test_a_graphic_claim_raises_the_rating() -> None:
    place = Place()
    blob = {"$type": "blob", "ref": {"$link": "bafkreinone"}, "mimeType": "image/png", "size": 1}
    (uri,) = place.add(1, embed=[blob])
    assert first(place).subjects[0].media[0].claimed == "unknown"
    place.labels[uri] = {"graphic-media"}
    assert first(place).subjects[0].media[0].claimed == "graphic"


def test_what_others_do_comes_once_and_ours_is_named() -> None:
    place = Place()
    (uri,) = place.add(1)
    connector = place.connect()
    *_all, cursor, _none = drain(connector)
    place.does("Acknowledge", uri, "did:plc:colleague", comment="Fine")
    place.does("Tag", uri, LABELER, add=["report:spam"], remove=[])
    place.does("Label", uri, createLabelVals=["spam"], negateLabelVals=[])
    place.does("FromTomorrow", uri)
    _reports, happened, cursor, problems = drain(connector, cursor)
    assert [(each.deed.act, each.deed.who, each.deed.on, each.text, each.deed.ours) for each in happened] == [
        ("acknowledge", "colleague", (), "Fine", False), ("label", "someone", ("spam",), "", False),
        ("FromTomorrow", "someone", (), "", False),
    ]  # fmt: skip
    assert [told(each.deed).split(", ", 1)[1] for each in happened] == [
        "colleague acknowledged it.", "someone put on labels: spam; took off: -.",
        "someone did something that escaltui has no word for: FromTomorrow.",
    ]  # fmt: skip
    assert happened[0].deed.who_id == "did:plc:colleague"
    assert problems == []
    assert drain(connector, cursor)[1] == []


def test_an_event_written_down_late_is_not_lost() -> None:
    """Ozone dates an event before it is committed: one may appear behind a later one."""
    place = Place()
    (uri,) = place.add(1)
    late = place.does("Comment", uri, comment="slow")
    place.does("Comment", uri, comment="quick")
    place.events.remove(late)
    *_all, cursor, _none = drain(place.connect())
    place.events.insert(1, late)
    assert [each.text for each in drain(place.connect(), cursor)[1]] == ["slow"]


def test_a_new_report_between_pages_is_not_lost() -> None:
    place = Place()
    place.add(7)
    connector = place.connect()
    page = connector.fetch("")
    (uri,) = place.add(1)
    place.does("Report", page.reports[0].subjects[0].item_id, comment="again", reportType=f"{DEFS}reasonSpam")
    reports, happened, _cursor, _problems = drain(connector, page.cursor)
    assert uri in {each.subjects[0].item_id for each in reports}
    assert {each.subjects[0].item_id for each in (*page.reports, *reports)} == set(place.status)
    assert any("again" in each.text for each in happened)


def test_a_busy_place_brings_nothing_twice_at_first() -> None:
    place = Place()
    (uri,) = place.add(1)
    for _each in range(250):
        place.does("Report", uri, reportType=f"{DEFS}reasonRude")
    reports, happened, _cursor, _problems = drain(place.connect())
    assert (len(reports), happened) == (1, [])
    assert reports[0].answers["Reports"] == "251"


def test_a_deleted_record_stays_a_report() -> None:
    place = Place()
    (uri,) = place.add(1)
    del place.records[uri]
    found = first(place)
    assert found.problems == ("It is not there any more: what it said is not known.",)
    assert "Look at this" in found.body


def test_fields_that_are_new_or_of_another_kind() -> None:
    place = Place()
    uris = place.add(3)
    place.status[uris[0]] |= {"brandNew": [1, {"x": 2}], "tags": None}
    place.status[uris[1]]["tags"] = 7
    place.records[uris[2]] |= {"text": 12, "langs": "en", "reply": []}
    reports, _happened, _cursor, problems = drain(place.connect())
    assert {each.subjects[0].item_id for each in reports} >= {uris[0], uris[2]}
    assert any("Ozone's 2 cannot be read" in each for each in problems)


def test_one_subject_that_ozone_chokes_on_does_not_stop_the_others() -> None:
    place = Place()
    place.add(3)
    ozone, kept = place.connect(), place.answer

    def choking(request: httpx.Request) -> httpx.Response:
        about = request.url.params.get("subject", "")
        return said(400, "InvalidRequest", "no such subject") if about.endswith("00001") else kept(request)

    ozone._xrpc._transport = httpx.MockTransport(choking)
    reports, _happened, _cursor, problems = drain(ozone)
    assert len(reports) == 2
    assert "00001 cannot be read" in problems[0]


def test_an_expired_session_is_renewed_and_a_dead_one_begun_anew() -> None:
    place = Place()
    place.add(4)
    connector = place.connect()
    page = connector.fetch("")
    place.live.clear()
    assert connector.fetch(page.cursor).reports
    assert place.asked.count("com.atproto.server.refreshSession") == 1
    place.live.clear()
    place.faults_of["refreshSession"] = [said(400, "ExpiredToken", "Token has expired")]
    assert connector.fetch(page.cursor).reports
    assert place.asked.count("com.atproto.server.createSession") == 2


def failing(place: Place, cursor: str = "") -> ConnectorError:
    with pytest.raises(ConnectorError) as told:
        place.connect().fetch(cursor)
    return told.value


def test_a_lost_role_says_whom_to_ask() -> None:
    place = Place()
    place.role_lost = True
    told = failing(place)
    assert not told.again
    assert "mod.test may not do this in Ozone (not a moderator account)" in str(told)


@pytest.mark.parametrize(
    ("fault", "again", "says"),
    [
        (said(501, "MethodNotImplemented", "no"), False, "does not have the method tools.ozone.moderation.queryEvents"),
        (said(404, "XRPCNotSupported", "no"), False, "does not have the method"),
        (said(502, "UpstreamFailure", "down"), True, "failed (502 down)"),
        (httpx.Response(301, headers={"location": "http://elsewhere.example/"}), False, "is not followed"),
        (httpx.Response(200, content=b"<html>"), False, "is not JSON"),
        (httpx.Response(200, json={"happenings": []}), False, "has no events"),
        (httpx.Response(200, json=[1]), False, "has no events"),
        (httpx.Response(200, content=b"[" * 100_000), False, "is not JSON"),
        (httpx.Response(200, content=b" " * (17 << 20)), False, "more than 16 MB"),
        (httpx.ReadTimeout("slow"), True, "did not answer"),
        (httpx.RemoteProtocolError("cut"), True, "did not answer"),
        (said(400, "InvalidRequest", "could not\x1b[31m resolve\nproxy"), False, "could not [31m resolve proxy"),
    ],
)
def test_each_fault_is_a_sentence(fault: httpx.Response | Exception, again: bool, says: str) -> None:
    place = Place()
    place.faults_of["queryEvents"] = [fault]
    told = failing(place)
    assert says in str(told)
    assert told.again is again


def test_an_answer_that_dribbles_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place()
    place.add(1)
    monkeypatch.setattr("escaltui.intake.ozone.xrpc.WHOLE", -1.0)
    assert "did not answer (ReadTimeout)" in str(failing(place))


def test_a_limit_names_its_end_by_the_clock() -> None:
    place = Place()
    place.faults = [said(429, "RateLimitExceeded", "slow down", **{"ratelimit-reset": "99999999999"})]
    told = failing(place)
    assert told.again
    assert told.wait == 3600.0


def test_a_cursor_that_nobody_can_read_begins_anew() -> None:
    place = Place()
    place.add(2)
    page: Page = place.connect().fetch("{broken")
    assert len(page.reports) == 2
    assert "asked for again" in page.problems[0]


def test_a_place_that_forgot_its_own_cursor_is_asked_from_the_start_of_that_list() -> None:
    place = Place()
    place.add(5)
    connector = place.connect()
    page = connector.fetch("")
    place.faults_of["queryStatuses"] = [said(400, "InvalidRequest", "Malformed cursor")]
    reports, _happened, _cursor, problems = drain(connector, page.cursor)
    assert len({each.dedupe_key for each in reports}) == 5
    assert "Malformed cursor" in problems[0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"service": "http://ozone.example"}, "is not safe"),
        ({"service": "https://me:secret@ozone.example"}, "is not safe"),
        ({"service": "ftp://127.0.0.1"}, "is not safe"),
        ({"direct": "http://192.0.2.1"}, "is not safe"),
        ({"pictures": "http://192.0.2.1"}, "is not safe"),
        ({"labeler": "did:plc:short"}, "must be the DID"),
        ({"page": 500}, "from 1 to 100"),
        ({"page": "many"}, "cannot be used"),
        ({"servce": "x"}, "It takes: name, service"),
        ({"acts": ("warn = shout",)}, "nothing that Ozone can do"),
        ({"acts": ("warn",)}, "acts: write"),
        ({"acts": ("warn = label",)}, "nothing that Ozone can do"),
        ({"acts": ("warn = label a,b",)}, "nothing that Ozone can do"),
        ({"acts": ("warn = mute 999999999",)}, "nothing that Ozone can do"),
    ],
)
def test_settings_that_cannot_be_used(options: dict[str, object], says: str) -> None:
    good = {"service": "https://pds.example", "labeler": LABELER, "handle": "mod.test"}
    with pytest.raises(ConnectorError, match=says):
        Ozone.from_settings("ozone", good | options, "x")
    assert Ozone.from_settings("ozone", good, "x").settings == OzoneSettings(**good)  # type: ignore[arg-type]


def test_the_proxy_header_goes_to_our_own_server_and_the_password_nowhere_else() -> None:
    seen: list[httpx.Request] = []
    place = Place()
    place.add(1)
    connector = place.connect()
    answer = place.answer
    place.connect = None  # type: ignore[assignment,method-assign]
    connector._xrpc._transport = httpx.MockTransport(lambda request: seen.append(request) or answer(request))
    drain(connector)
    with_password = [each.url.path for each in seen if b"correct-horse" in each.content]
    assert with_password == ["/xrpc/com.atproto.server.createSession"]
    ozone = [each for each in seen if "tools.ozone" in each.url.path]
    assert {each.headers["atproto-proxy"] for each in ozone} == {f"{LABELER}#atproto_labeler"}
    assert {each.url.host for each in seen} == {"127.0.0.1"}


def test_the_cursor_holds_no_text_of_a_case() -> None:
    place = Place()
    place.add(3, text="private words")
    assert set(json.loads(drain(place.connect())[2])) == {"queue", "at", "since", "newest", "seen"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["new", "again", "acknowledge", "comment", "page", "lost page"]), max_size=30))
def test_whatever_happens_between_pages_what_waits_comes_and_what_happened_is_told(steps: list[str]) -> None:
    """A page whose cursor is lost (a kill) is asked for again; nothing is missing, and each thing has one key."""
    place = Place()
    place.add(4)
    connector, cursor = place.connect(), ""
    reports: dict[str, FoundReport] = {}
    seen: dict[str, Happened] = {}

    def take(page: Page) -> None:
        reports.update({each.dedupe_key: each for each in page.reports})
        seen.update({each.deed.number: each for each in page.happened})

    started = 0
    for n, step in enumerate(steps):
        subject = list(place.status)[n % len(place.status)]
        if step == "new":
            place.add(1)
        elif step == "again":
            place.does("Report", subject, reportType=f"{DEFS}reasonRude")
        elif step in ("acknowledge", "comment"):
            place.does(step.capitalize(), subject)
        else:
            started = started or len(place.events)
            page = connector.fetch(cursor)
            take(page)
            cursor = cursor if step == "lost page" and cursor else page.cursor
    started = started or len(place.events)
    for _each in range(200):
        page = connector.fetch(cursor)
        take(page)
        cursor = page.cursor
        if not page.more:
            break
    waiting = {uri for uri, status in place.status.items() if status["reviewState"].endswith("Open")}
    assert waiting <= {each.subjects[0].item_id for each in reports.values()}
    assert {each["id"] for each in place.events if each["id"] > started} <= {int(number) for number in seen}
    keys = [each.dedupe_key for each in drain(place.connect())[0]]
    assert len(set(keys)) == len(waiting)
    assert set(keys) <= set(reports)
