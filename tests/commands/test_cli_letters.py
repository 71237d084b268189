"""Questions, answers and letters by commands, with a real mail server on loopback."""

from __future__ import annotations

import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "outbound"))

from smtp_server import CUT, MailServer

NEED = ("--set", "outcome=We keep it.", "--set", "reasons=Satire.", "--set", "what_happens_now=Nothing.", "--set",
        "sender.name=Ada")  # fmt: skip


def one(run, ref):
    return run("show", ref, "--json").row


@pytest.fixture
def mail(tmp_path, monkeypatch):
    """A mail server that the settings name; gives it."""

    def started(**moments):
        server = MailServer(**moments).__enter__()
        started.servers.append(server)
        settings = tmp_path / "settings"
        settings.mkdir(exist_ok=True)
        (settings / "config.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsender = "desk@example.org"\nsecurity = "none"\n'
            "timeout = 5\npatience = 10\n"
        )
        (settings / "rules").mkdir(exist_ok=True)
        (settings / "rules" / "teams.toml").write_text(
            '[team]\nlegal = { label = "Legal", calendar = "desk", address = "legal@example.org" }\n'
        )
        return server

    started.servers = []
    yield started
    for server in started.servers:
        server.__exit__(None, None, None)


def written(run, ref, *more):
    words = ("--subject", "Your request", "--body", "We looked at it.", "--address", "marin@example.org")
    said = run("reply", ref, "--to", "requester", *words, *more, "--json")
    assert said.code == 0, said.err
    return said.row


# --- letters


def test_the_templates_say_what_they_ask_for(run):
    said = run("templates", "--json")
    assert said.code == 0
    row = next(row for row in said.rows if row["template"] == "appeal-outcome")
    assert (row["languages"], row["party"]) == (["en", "fr"], "requester")
    assert row["asks"] == ["outcome", "reasons", "what_happens_now"]


def test_a_template_with_a_missing_variable_writes_nothing(run, case):
    said = run("reply", case, "--template", "appeal-outcome", "--set", "outcome=kept")
    assert (said.code, "lacks reasons, what_happens_now" in said.err, "--set" in said.err) == (1, True, True)
    assert not one(run, case)["messages"]
    unknown = run("reply", case, "--template", "nope")
    assert (unknown.code, "appeal-outcome" in unknown.err) == (1, True)
    assert run("reply", case, "--template", "appeal-outcome", "--set", "outcome").code == 2
    assert run("reply", case).code == 2


def test_a_dry_run_shows_the_letter_whole(run, case):
    said = run("reply", case, "--template", "appeal-outcome", *NEED, "--dry-run", "--json")
    assert (said.code, "We keep it." in said.row["text"], case in said.row["subject"]) == (0, True, True)
    assert "{{" not in said.row["text"]
    assert not one(run, case)["messages"]


def test_a_letter_is_written_rewritten_and_given_up(run, case):
    letter = written(run, case)["letter"]
    assert run("reply", case, "--letter", letter, "--body", "Better words.").code == 0
    (shown,) = run("letters", case, "--json").rows
    assert (shown["text"], shown["subject"], shown["state"]) == ("Better words.", "Your request", "draft")
    assert run("letters", "--json").row["letter"] == letter
    assert run("letters", case, "--state", "sent", "--json").rows == []
    assert "subject: Your request" in run("show", case).out
    assert run("discard", letter, "--json").row["state"] == "withdrawn"
    assert run("discard", letter).code == 1
    assert run("send", "nothing").code == 1


def test_a_letter_goes_through_a_real_server_once(run, case, mail):
    server = mail()
    for _try in range(2):
        said = run("reply", case, "--to", "requester", "--subject", "Hello", "--body", "Words.", "--address",
                   "marin@example.org", "--send", "--op-id", "letter-1", "--json")  # fmt: skip
        assert (said.code, said.row["state"]) == (0, "sent"), said.err
    assert len(server.delivered) == 1
    assert b"Words." in server.delivered[0]
    assert run("send", said.row["letter"]).code == 1
    assert len(server.delivered) == 1


def test_without_a_server_the_letter_stays_and_the_mend_is_told(run, case):
    letter = written(run, case)["letter"]
    said = run("send", letter)
    assert (said.code, "mail" in said.err, "Traceback" in said.err) == (1, True, False)
    assert run("letters", case, "--json").row["state"] == "draft"


def test_a_letter_that_may_have_been_sent_is_not_sent_again_unasked(run, case, mail):
    server = mail(end=CUT)
    letter = written(run, case)["letter"]
    said = run("send", letter, "--json")
    assert (said.code, said.row["failure"]) == (1, "may have been sent"), said.err
    assert run("send", letter).code == 1
    assert len(server.delivered) == 1
    second = mail()
    assert run("send", letter, "--again", "--json").row["state"] == "sent"
    assert len(second.delivered) == 1


def test_a_letter_is_exported_and_counts_as_sent(run, case, tmp_path):
    letter = written(run, case)["letter"]
    said = run("send", letter, "--export", tmp_path / "out", "--json")
    assert (said.code, said.row["state"]) == (0, "sent"), said.err
    assert b"We looked at it." in Path(said.row["file"]).read_bytes()


def test_who_wrote_a_letter_does_not_sign_it(run, case):
    run("people", "add", "cam", "--role", "specialist", "--role", "comms")
    letter = run("reply", case, "--to", "press", "--subject", "S", "--body", "Words.", "--address", "p@example.org",
                 "--json").row["letter"]  # fmt: skip
    own = run("sign", letter)
    assert (own.code, "(recused)" in own.err) == (1, True)
    assert run("--as", "cam", "sign", letter, "--read", "0" * 64).code == 1
    assert run("--as", "cam", "sign", letter, "--json").row["signs"] == "cam"


def test_somebody_else_brings_a_letter_over(run, case, clock):
    letter = written(run, case)["letter"]
    said = run("relay", letter, "--by", "akim", "--at", "tomorrow 14:00")
    assert (said.code, "is no time that has been" in said.err) == (2, True)
    assert run("relay", letter, "--by", "akim", "--at", "20m ago", "--json").row["relayed_by"] == "akim"


# --- questions


def test_a_team_is_asked_answers_and_the_decision_may_rest_on_it(run, desk):
    ref = desk()
    how = ("--options", "yes; no", "--binding", "--wait", "--json")
    asked = run("consult", ref, "--to", "legal", "--ask", "Is it lawful?", *how)
    assert (asked.code, asked.row["status"]) == (0, "waiting"), asked.err
    (row,) = run("consult", ref, "--json").rows[:1]
    assert (row["team"], row["options"], row["binding"]) == ("legal", ["yes", "no"], "approval_required")
    assert "question: Is it lawful?" in run("show", ref).out
    assert run("answer", ref, "--seen").code == 0
    nobody = run("answer", ref, "--text", "Yes.")
    assert (nobody.code, "source" in nobody.err) == (1, True)
    said = run("answer", ref, "--text", "Yes.", "--source", "K. Osei by telephone", "--op-id", "a", "--json")
    assert (said.code, said.row["status"]) == (0, "in_review"), said.err
    again = run("answer", ref, "--text", "Yes.", "--source", "K. Osei by telephone", "--op-id", "a", "--json")
    assert again.code == 0, again.err
    assert (
        run("decide", ref, "--outcome", "answered", "--why", "Legal agrees.", "--consult", "legal", "--claim").code == 0
    )
    assert one(run, ref)["decisions"][0]["consults"] == [row["id"]]
    assert run("answer", ref, "--text", "x", "--source", "y").code == 1


def test_somebody_of_the_team_answers_in_their_own_name(run, case):
    assert run("people", "add", "osei", "--name", "K. Osei", "--role", "consultant", "--team", "legal").code == 0
    assert run("consult", case, "--to", "legal", "--ask", "Is it lawful?").code == 0
    said = run("--as", "osei", "answer", case, "--text", "Yes.")
    assert said.code == 0, said.err
    assert "K. Osei" in one(run, case)["consults"][0]["source"]


def test_one_of_several_questions_must_be_named(run, case):
    for team in ("legal", "comms"):
        assert run("consult", case, "--to", team, "--ask", "What now?").code == 0
    said = run("answer", case, "--text", "x", "--source", "y")
    assert (said.code, "Name one with --consult: legal" in said.err) == (1, True)
    assert run("answer", case, "--consult", "comms", "--decline", "not ours").code == 0
    assert run("answer", case, "--take-back", "settled").code == 0
    assert run("answer", case).code == 2
    assert run("answer", case, "--accept", "--seen").code == 2
    assert run("consult", case, "--to", "nobody", "--ask", "x").code == 1
    assert run("consult", "-").code == 2


def test_a_question_by_mail_and_its_answer_threads_back(run, case, mail, tmp_path):
    server = mail()
    asked = run("consult", case, "--to", "legal", "--ask", "Is it lawful?", "--mail", "--json")
    assert (asked.code, asked.row["mail"]) == (0, "sent"), asked.err
    letter = next(row for row in run("letters", case, "--json").rows if row["purpose"] == "consult")
    assert b"R. Marin" not in server.delivered[0]
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "osei@legal.example", "desk@example.org", "Re: question"
    reply["Message-ID"], reply["Date"] = "<answer-1@legal.example>", "Mon, 02 Jun 2025 10:00:00 +0000"
    reply["In-Reply-To"] = f"<{one(run, case)['messages'][0]['message_id']}>"
    reply.set_content("Yes, it is lawful.")
    file = tmp_path / "answer.eml"
    file.write_bytes(reply.as_bytes())
    came = run("receive", file, "--json")
    assert came.code == 0, came.err
    assert (came.row["kind"], came.row["ref"]) == ("answer", case)
    assert run("receive", file, "--json").row["kind"] == "known"
    assert "offered: Yes, it is lawful." in run("show", case).out
    assert run("answer", case, "--accept").code == 0
    assert "answer: Yes, it is lawful." in run("show", case).out
    assert letter["state"] == "sent"


def test_the_question_stands_where_its_mail_cannot_leave(run, case):
    said = run("consult", case, "--to", "legal", "--ask", "Is it lawful?", "--mail", "--json")
    assert (said.code, said.row["mail"], "The question is asked" in said.err) == (1, "failed", True)
    assert len(one(run, case)["consults"]) == 1


def test_a_mail_that_answers_nothing_is_for_intake(run, case, tmp_path):
    stray = EmailMessage()
    stray["From"], stray["Subject"], stray["Message-ID"] = "x@y.example", "Hello", "<stray@y.example>"
    stray.set_content("Hello.")
    file = tmp_path / "stray.eml"
    file.write_bytes(stray.as_bytes())
    said = run("receive", file)
    assert (said.code, "escaltui import" in said.err) == (1, True)
    assert run("receive", tmp_path / "gone.eml").code == 1


def test_who_is_on_call(run, tmp_path):
    settings = tmp_path / "settings"
    settings.mkdir(exist_ok=True)
    (settings / "rota.toml").write_text(
        'zone = "UTC"\n[[shift]]\nteam = "legal"\nperson = "K. Osei"\ncall = "+33 1"\n'
        'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nhours = "00:00-24:00"\n'
    )
    said = run("who", "legal", "de", "--json")
    assert (said.code, said.row["on_call"], said.row["country"]) == (0, "K. Osei", "DE"), said.err
    nobody = run("who", "comms", "--json")
    assert (nobody.code, nobody.row["on_call"], "Nobody of comms" in nobody.err) == (0, None, True)
    unknown = run("who", "nobody")
    assert (unknown.code, "Teams: " in unknown.err) == (1, True)


# --- verification, translation


def test_a_forged_second_report_is_not_covered_by_the_first(run, bench_of, case, clock):
    from escaltui.domain import ids
    from escaltui.domain.operations import LinkReport, ReceiveReport

    assert run("contact", case, "--add", "+33 1 23", "--channel", "phone", "--source", "treaty list").code == 0
    assert run("contact", case, "--json").row["contact"] == "+33 1 23"
    with bench_of() as bench:
        op_id = bench.operation_id()
        bench.do(ReceiveReport(kind="order", requester_name="R. Marin", body="Call +33 9 99 instead."), op_id=op_id)
        bench.do(LinkReport(case=bench.store.line(case).id, report=ids.entity_id(op_id, 0)))
    assert len(one(run, case)["reports"]) == 2
    unnamed = run("verify", case, "--method", "callback", "--contact", "+33 1 23")
    assert (unnamed.code, "--report 1 to 2" in unnamed.err) == (2, True)
    clock.now += 1000
    assert run("verify", case, "--report", "1", "--method", "callback", "--contact", "+33 1 23").code == 0
    states = [report.get("verification", {}).get("state", "unverified") for report in one(run, case)["reports"]]
    assert states == ["verified", "unverified"]
    theirs = run("verify", case, "--report", "2", "--method", "callback", "--contact", "+33 9 99")
    assert (theirs.code, "(blocked)" in theirs.err) == (1, True)
    second = one(run, case)["reports"][1]["id"]
    assert (
        run("verify", case, "--report", second, "--method", "callback", "--contact", "+33 1 23", "--failed").code == 0
    )
    assert run("verify", case, "--report", "3", "--method", "portal").code == 1


def test_a_translation_stands_beside_the_report(run, case):
    said = run("translate", case, "--text", "Bonjour", "--from", "en", "--to", "fr", "--by", "machine")
    assert said.code == 0, said.err
    assert one(run, case)["reports"][0]["translations"][0]["by"] == "machine"


def test_telling_the_user_is_forbidden_and_loosened_with_a_reason(run, case):
    assert run("notice", case, "forbidden").code == 1
    assert run("notice", case, "forbidden", "--source", "The order says so.").code == 0
    assert "user_notice: forbidden" in run("show", case).out
    assert run("notice", case, "allowed").code == 1
    assert run("notice", case, "allowed", "--source", "The court", "--why", "The order has ended.").code == 0
    assert run("notice", case, "delayed", "--until", "gestern", "--source", "x").code == 2
