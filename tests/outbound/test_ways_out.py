"""Ways out (SAFETY.md row 19): what leaves is searched for everything that came from outside, pictures above all."""

from __future__ import annotations

import email
from email.policy import default

import pytest
from post_desk import Post
from smtp_server import MailServer
from test_summary import Hook

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Consult
from escaltui.domain.exchange import Message
from escaltui.domain.media import Attachment, holder_of
from escaltui.domain.operations import (
    AddPerson,
    AskConsult,
    DescribeMedia,
    NewSubject,
    OpenCase,
    ReceiveReport,
    SealMedia,
    SetUserNotice,
)
from escaltui.outbound import summary
from escaltui.workbench import letters, posting

PIXELS = b"\x89PNG\r\n\x1a\n canary pixels " + bytes(range(64))
CANARIES = {
    "report": "The reporter of canary-alpha writes a whole sentence that nobody outside may read.",
    "item": "The item of canary-beta says a whole sentence that nobody outside may ever read.",
    "transcript": "In the film canary-gamma a voice says: I know the street where all of you live.",
    "machine": "In the photo canary-delta a sign says, as read by a machine: come to the mill tonight.",
    "description": "canary-epsilon: a road accident, one person on the ground, blood, a red car behind it.",
    "file": "canary-zeta beach party.jpg",
    "film": "canary-eta-holiday.mp4",
    "requester": "Canarytheta Bloggs",
    "link": "https://canary-iota.example/posts/1",
}
PLAIN = "Does section 12 bind us here, and by when?"


def fill(post: Post) -> str:
    """A case of whose every text, file and name is a canary; gives its id."""
    bench = post.bench
    held = [bench.store.keep_original(PIXELS), bench.store.keep_original(PIXELS + b"film")]
    photo = Attachment(CANARIES["file"], "image/png", len(PIXELS), held[0], transcript=CANARIES["machine"],
                       transcript_by="machine")  # fmt: skip
    film = Attachment(CANARIES["film"], "video/mp4", 10, held[1], transcript=CANARIES["transcript"])
    report = post.done(ReceiveReport(
        kind="request", channel="email", requester_name=CANARIES["requester"], received_at=post.now,
        body=CANARIES["report"], dedupe_key="canary", attachments=(photo,),
    ))  # fmt: skip
    key = next(each.entity_id for each in report.changes if each.entity == "report")
    op_id = bench.operation_id()
    case = ids.entity_id(op_id, 0)
    item = NewSubject(platform="web", item_id="p1", url=CANARIES["link"], text=CANARIES["item"], media=(film,))
    post.done(OpenCase(opens=case, report=key, title=f"About {CANARIES['requester']}", subjects=(item,)), op_id)
    post.done(DescribeMedia(case=case, holder=holder_of("report", key), at=0, text=CANARIES["description"]))
    return case


def hits(*leaving: object) -> list[str]:
    """The canaries in what leaves, as text or as bytes."""
    raw = b"\n".join(each if isinstance(each, bytes) else str(each).encode() for each in leaving)
    for each in leaving:
        if isinstance(each, bytes) and each.startswith((b"From:", b"Received:")):
            raw += b"".join(
                part.get_payload(decode=True) or b"" for part in email.message_from_bytes(each, policy=default).walk()
                if not part.is_multipart()
            )  # fmt: skip
    marks = ["canary", "Bloggs", "beach party", "road accident", "the street where"]
    return [each for each in marks if each.casefold().encode() in raw.lower()]


def ask(post: Post, case: str, question: str) -> str:
    done = post.done(AskConsult(case=case, team="child_safety", question=question, background=CANARIES["report"]))
    return next(each.entity_id for each in done.changes if each.entity == Consult.NAME)


QUESTIONS = [
    *(f"What do we owe? {text}" for name, text in CANARIES.items() if name != "link"),
    f"Is this the same film: {CANARIES['film'].removesuffix('.mp4').upper()}?",
]


@pytest.mark.parametrize("question", [PLAIN, *QUESTIONS, f"What of {CANARIES['link']}?"])
def test_a_question_to_a_team_leaves_without_what_came_from_outside(
    post: Post, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = fill(post)
    asked = ask(post, case, question)
    bench, row = post.bench, post.bench.store.case(case)
    consult = bench.store.row(Consult.NAME, asked)
    assert row is not None
    assert isinstance(consult, Consult)
    told = posting._summary(bench, row, consult)
    if question == PLAIN:
        assert PLAIN in told.body
    if CANARIES["link"] in question:  # our own words: the link is harmless, the rest goes
        assert "hxxps[:]//canary-iota[.]example/posts/1" in told.body
        assert CANARIES["link"] not in told.body + str(told.facts)
        return
    assert hits(told.subject, told.body, told.facts) == []
    assert row.ref in told.body
    if question != PLAIN:
        monkeypatch.setattr(summary, "safe", lambda question, *_: question)
        assert hits(posting._summary(bench, row, consult).body) != [], "control: nothing to find"


def test_mail_and_webhook_carry_the_summary_and_no_pixel(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.case_id = case = fill(post)
    with MailServer() as server:
        bench = post.open(server)
        post.done(AddPerson(login="kim", roles=("lead",)))
        letter = post.write()
        assert isinstance(letters.send(bench, letter.id, letter.content_sha256), Message)
    (mail,) = server.delivered
    read = email.message_from_bytes(mail, policy=default)
    assert not read.is_multipart()
    assert read.get_content_type() == "text/plain"
    assert hits(mail) == []
    assert PIXELS[:16] not in mail
    monkeypatch.setenv("HOOK_SECRET", "hush")
    hook = Hook()
    try:
        bench = post.open(webhook=hook.settings)
        for question in (PLAIN, QUESTIONS[2]):
            letters.ask_by_mail(bench, ask(post, case, question))
        bodies = [body for _, body in hook.got]
        assert len(bodies) == 2
        assert hits(*bodies) == []
        assert PLAIN.encode() in bodies[0]
        assert b"hush" not in b"".join(bodies)
    finally:
        hook.close()


def test_a_letter_to_the_user_under_a_forbidden_notice_is_refused_with_its_source(post: Post) -> None:
    post.done(SetUserNotice(case=post.case_id, rule="forbidden", source="order 12, section 4"))
    letter = post.write(party="affected_user")
    with MailServer() as server:
        bench = post.open(server)
        refused = letters.send(bench, letter.id, letter.content_sha256)
        assert isinstance(refused, Refused)
        assert "order 12, section 4" in refused.reason
        exported = letters.export(bench, letter.id, letter.content_sha256, post.folder / "out")
        assert isinstance(exported, Refused)
    assert server.delivered == []
    assert not (post.folder / "out").exists()
    assert post.letter(letter.id).state == "draft"


def test_a_sealed_item_changes_no_mail(post: Post) -> None:
    """What is told of a sealed item is its case's reference and the operator's question, nothing of the file."""
    case = fill(post)
    (face, *_) = [each for each in post.bench.media(case) if each.holder.startswith("report:")]
    post.done(SealMedia(case=case, holder=face.holder, at=face.at))
    rows = post.bench.store.bundle(case)
    assert rows is not None
    consults = [each for each in rows.consults if isinstance(each, Consult)]
    for consult in consults:
        told = posting._summary(post.bench, rows.case, consult)
        assert hits(told.subject, told.body, told.facts) == []
        assert face.sha256 not in told.body + str(told.facts)
