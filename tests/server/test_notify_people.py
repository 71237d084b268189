"""Who is told of an alert, who acknowledges it and how; commands; the settings; and the whole program, killed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from alerting import MINUTE, ROTA, URL, Hook, by_hook, new_s0, notifier, on_rota, seen, states
from live import serving
from served import Served, member, new_id, push
from smtp_server import HANG, MailServer
from team import DESK, NOW, Team

from escaltui.domain.decisions import Line
from escaltui.domain.operations import Claim, OpenCase, ProposeDecision, Triage
from escaltui.domain.ruleset import RuleSet
from escaltui.outbound.command import Command
from escaltui.server import notify_config, tokens
from escaltui.server.acknowledge import LASTS, acknowledge
from escaltui.server.faults import ServeError
from escaltui.server.notify import OLD, UNANSWERED
from escaltui.server.notify_config import Alerts, Settings

# --- who is told, and who acknowledges


def test_after_five_minutes_the_next_on_the_rota_is_told(team: Team, hook: Hook, tmp_path: Path) -> None:
    eu = '[[shift]]\nteam = "ops"\nperson = "E. Lund"\nregion = "eu"\nhours = "00:00-24:00"\n'
    work = notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config", eu)))
    new_s0(team.member("ada"), countries=("DE",))
    told = []
    for _ in range(20):
        before = len(hook.got)
        work.turn("webhook")
        told += [(each["to"], (team.clock.now - NOW) // MINUTE) for each in hook.facts[before:]]
        team.clock.step(MINUTE)
    assert told == [("E. Lund", 0), ("A. Moreau", 5), ("K. Osei", 10)]


def test_whoever_is_replaced_is_not_told(team: Team, hook: Hook, tmp_path: Path) -> None:
    """A dated shift stands for the weekly one: its owner is away, and not the next one either."""
    away = """[[shift]]
team = "ops"
person = "D. Lind"
from = "2026-09-21 12:00"
until = "2026-10-21 00:00"
"""
    work = notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config", away)))
    new_s0(team.member("ada"))
    for _ in range(20):
        work.turn("webhook")
        team.clock.step(MINUTE)
    assert [each["to"] for each in hook.facts] == ["D. Lind"]


def test_a_broken_rota_leaves_the_last_good_one(team: Team, hook: Hook, tmp_path: Path) -> None:
    folder = on_rota(tmp_path / "config")
    work = notifier(team.desk, by_hook(hook, folder))
    ada = team.member("ada")
    new_s0(ada)
    work.turn("webhook")
    (folder / "rota.toml").write_text("[[shift")
    new_s0(ada)
    work.turn("webhook")
    assert [each["to"] for each in hook.facts] == ["A. Moreau"] * 2


def test_nobody_is_told_of_their_own_decision(team: Team, hook: Hook, tmp_path: Path) -> None:
    cy = team.member("cy")
    case_id = cy.open(flags=("high_profile",))
    cy.do(Triage(case=case_id))
    cy.do(Claim(case=case_id))
    team.settle()
    cy.do(ProposeDecision(case=case_id, lines=(Line(outcome="answered"),), facts="They ask.", rationale="We answer."))
    team.settle()
    notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config"))).turn("webhook")
    assert [(each["kind"], each["to"]) for each in hook.facts] == [("approval", "K. Osei")]


def test_an_acknowledgement_enters_the_timeline_of_everybody_and_nobody_else_is_told(
    team: Team, hook: Hook, tmp_path: Path
) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    team.member("cy")
    case_id = new_s0(ada)
    work = notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config")))
    work.turn("webhook")
    (facts,) = hook.facts
    assert acknowledge(team.desk, facts["id"], facts["token"], None)
    assert acknowledge(team.desk, facts["id"], facts["token"], None)
    team.clock.step(UNANSWERED)
    work.turn("webhook")
    assert len(hook.got) == 1
    team.settle()
    for each in (ada, bo):
        assert seen(each, case_id) == [("cy", "alert acknowledged: new S0")]
        assert each.store.verify().sound


def test_an_acknowledgement_without_a_login_is_ours_with_a_name(team: Team, hook: Hook) -> None:
    ada = team.member("ada")
    case_id = new_s0(ada)
    notifier(team.desk, by_hook(hook)).turn("webhook")
    (facts,) = hook.facts
    assert acknowledge(team.desk, facts["id"], facts["token"], None)
    team.settle()
    assert seen(ada, case_id) == [("system", "alert acknowledged: new S0, on call")]


def test_acknowledging_over_http(team: Team, database: str, hook: Hook, tmp_path: Path) -> None:
    ada, eve = team.member("ada"), team.member("eve", stream="desk:other")
    team.member("cy")
    case_id, other_id = new_s0(ada), new_s0(ada)
    notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config"))).turn("webhook")
    one, other = hook.facts
    with serving(team, database) as url:
        at = f"{url}/v1/alerts/{one['id']}/ack"
        shown = [team_token(team, each.person) for each in (ada, eve)]
        refused = [
            httpx.post(f"{url}/v1/alerts/{'0' * 24}/ack", json={"token": one["token"]}),
            httpx.post(f"{url}/v1/alerts/a%00b/ack", json={"token": one["token"]}),
            httpx.post(at, json={"token": other["token"]}),
            httpx.post(at, json={"token": ""}),
            httpx.post(at, json={}, headers={"authorization": f"Bearer {shown[1]}"}),
        ]
        told = [(each.status_code, each.json() | {"request": ""}) for each in refused]
        assert told == [told[0]] * len(told)
        assert told[0][0] == 404
        page = httpx.get(f"{url}/v1/alerts/{one['id']}", params={"token": one["token"] + '"><script>'})
        assert "<script>" not in page.text
        assert team.rows("SELECT count(*) FROM alert WHERE seen_at IS NOT NULL") == [(0,)]
        assert httpx.post(at, data={"token": one["token"]}).status_code == 200
        assert httpx.post(at, json={"token": one["token"]}).json() == {"alert": one["id"]}
        asked = httpx.post(f"{url}/v1/alerts/{other['id']}/ack", headers={"authorization": f"Bearer {shown[0]}"})
        assert asked.status_code == 200
    assert team.rows("SELECT seen_by FROM alert ORDER BY seen_by") == [("ada",), ("cy",)]
    team.settle()
    assert {seen(ada, each)[0][0] for each in (case_id, other_id)} == {"ada", "cy"}


def team_token(team: Team, person: str) -> str:
    with team.pool.connection() as connection:
        return tokens.make(connection, person, frozenset({"push", "pull"}), team.clock.now)


def test_a_token_ends(team: Team, hook: Hook) -> None:
    new_s0(team.member("ada"))
    notifier(team.desk, by_hook(hook)).turn("webhook")
    (facts,) = hook.facts
    team.clock.step(LASTS + 1)
    assert not acknowledge(team.desk, facts["id"], facts["token"], None)


def test_what_nobody_could_be_told_of_within_a_day_is_over(team: Team, hook: Hook) -> None:
    new_s0(team.member("ada"))
    team.clock.step(OLD + MINUTE)
    notifier(team.desk, by_hook(hook)).turn("webhook")
    assert hook.got == []
    assert team.rows("SELECT state FROM alert") == [("over",)]


# --- a command


def test_a_command_gets_json_without_a_shell_and_nothing_else(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCALTUI_SECRET", "hush")
    out = tmp_path / "out"
    program = tmp_path / "page"
    program.write_text(f'#!/bin/sh\n(cat; echo; env; echo "$1") > {out}\nexit 0\n')
    program.chmod(0o755)
    new_s0(team.member("ada"))
    ours = Settings(alerts=Alerts(URL), command=Command((str(program), "$(touch x); `id`")))
    notifier(team.desk, ours).turn("command")
    lines = out.read_text().splitlines()
    assert json.loads(lines[0])["kind"] == "new_s0"
    assert lines[-1] == "$(touch x); `id`"
    assert "hush" not in out.read_text()
    assert states(team) == ["sent"]


def test_a_command_that_hangs_is_ended_and_one_that_fails_is_tried_again(team: Team, tmp_path: Path) -> None:
    program = tmp_path / "page"
    for words, state in (("sleep 60 & wait", "unknown"), ("exit 3", "queued"), ("kill -9 $$", "unknown")):
        program.write_text(f"#!/bin/sh\n{words}\n")
        program.chmod(0o755)
        new_s0(team.member(f"ada{state}{len(words)}"))
        began = time.monotonic()
        ours = Settings(alerts=Alerts(URL), command=Command((str(program),), 1))
        notifier(team.desk, ours).turn("command")
        assert time.monotonic() - began < 5
        assert states(team)[-1] == state
        team.clock.step(1)


# --- the settings, and the whole program


@pytest.mark.parametrize(
    ("text", "said"),
    [("[alert]\n", "no section [alert]"), ("[webhook]\nurl = 3\n", "url"), ("[webhook\n", "not TOML"),
     ('[webhook]\nurl = "https://x.example"\n', "[alerts] url"), ("[mail]\nhosst = 1\n", "no such setting"),
     (f'[alerts]\nurl = "{URL}"\n[webhook]\nurl = "http://x.example"\n', "https"),
     (f'[alerts]\nurl = "{URL}"\nteam = "nobody"\n[command]\nrun = ["/bin/true"]\n', "no team nobody"),
     (f'[alerts]\nurl = "{URL}"\n[command]\nrun = ["page"]\n', "whole path"),
     (f'[alerts]\nurl = "{URL}"\n[command]\nrun = ["/bin/true"]\ntimeout = 0\n', "timeout 1 to 60"),
     ('[alerts]\nurl = "http://desk.example"\n[command]\nrun = ["/bin/true"]\n', "https"),
     (f'[alerts]\nurl = "{URL}"\naddresses = {{ bo = "bo" }}\n[command]\nrun = ["/bin/true"]\n', "no address of bo")],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_said_before_anything_starts(
    tmp_path: Path, rules: RuleSet, text: str, said: str
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(text)
    with pytest.raises(ServeError) as found:
        notify_config.read(str(file), rules)
    assert said in str(found.value)


def test_settings_beside_those_of_others_and_a_broken_rota(tmp_path: Path, rules: RuleSet) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(f'[oidc]\nissuer = ""\n[alerts]\nurl = "{URL}"\n[command]\nrun = ["/bin/true"]\n')
    assert notify_config.read(str(file), rules).ways == ("command",)
    assert notify_config.read("", rules).ways == ()
    (tmp_path / "rota.toml").write_text('[[shift]]\nteam = "opps"\n')
    with pytest.raises(ServeError, match=r"rota\.toml"):
        notify_config.read(str(file), rules)


def test_a_process_killed_while_the_mail_server_has_it_sends_it_no_second_time(database: str, tmp_path: Path) -> None:
    token = member(database, "ada")
    with MailServer(end=HANG) as server:
        folder = tmp_path / "config"
        folder.mkdir()
        file = folder / "serve.toml"
        file.write_text(
            f'[alerts]\nurl = "{URL}"\n[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
            'sender = "desk@example.org"\n'
        )
        always = ROTA.replace("12:00-24:00", "00:00-24:00").partition('[[shift]]\nteam = "ops"\nperson = "K')[0]
        (folder / "rota.toml").write_text(always)
        with Served("--db", database, "--config", file) as first, first.client(token) as client:
            sent = push(OpenCase(opens=new_id(), title="A threat", severity=0))
            assert client.post(f"/v1/streams/{DESK}/ops", content=sent).is_success
            assert server.ended.wait(20), "no alert left"
            first.process.kill()
            first.process.wait()
        server.moments["end"] = b"250 queued"
        with psycopg.connect(database) as connection:
            connection.execute("UPDATE outgoing SET next_try_at = 1 WHERE state = 'sending'")
        with Served("--db", database, "--config", file):
            until = time.monotonic() + 20
            while _states(database) == ["sending"] and time.monotonic() < until:
                time.sleep(0.1)
        assert _states(database) == ["unknown"]
        assert len(server.delivered) == 1


def test_two_processes_tell_each_alert_once(database: str, hook: Hook, tmp_path: Path) -> None:
    token = member(database, "ada")
    file = tmp_path / "serve.toml"
    file.write_text(f'[alerts]\nurl = "{URL}"\n[webhook]\nurl = "{hook.url}"\nsecret_variable = "HOOK_SECRET"\n')
    words = ("--db", database, "--config", file)
    with Served(*words) as one, Served(*words), one.client(token) as client:
        for n in range(3):
            sent = push(*(OpenCase(opens=new_id(), title=f"Threat {n} {m}", severity=0) for m in range(10)))
            assert client.post(f"/v1/streams/{DESK}/ops", content=sent).status_code in (200, 412)
        until = time.monotonic() + 20
        while len(hook.got) < 10 and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(3.5)
        lines = one.log()
    assert len({each["ref"] for each in hook.facts}) == len(hook.got) == len(_states(database)) >= 10
    by_one = sum(line.get("way") == "webhook" for line in lines)
    print("told by one process:", by_one, "of", len(hook.got))


def _states(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM outgoing")]
