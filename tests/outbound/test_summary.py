"""What colleagues are told by mail and webhook: never a case's text or names; posted once, signed, in no open line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from escaltui import i18n
from escaltui.config import Webhook
from escaltui.outbound import OutboundError, summary, webhook

NOW = 1_780_308_000_000
NAME = st.text("abcdefghijklmnopqrstuvwxyzé", min_size=4, max_size=12).map(str.title)
COMMON = "a question on e 7k2qx waits for your team please answer by this mail the case itself is in workbench under"


@given(NAME, NAME, st.lists(NAME, max_size=3), st.booleans())
def test_no_name_of_a_case_leaves(first: str, last: str, options: list[str], shout: bool) -> None:
    assume(not {first.lower(), last.lower()} & set(COMMON.split()))
    said = f"May we tell {last.upper() if shout else last}’s lawyer?"
    told = summary.consult("E-7K2QX", 1, said, options=options, names=(f"{first} {last}",))
    assert last.lower() not in told.body.lower().replace("’s", "").split()
    assert told.facts["question"] == ""
    assert "workbench" in told.body


def test_a_quoted_sentence_of_a_case_does_not_leave() -> None:
    letter = "To whom it may concern. The claimant was seen at the mill on the night of the fire. Act now."
    asked = "They write “The claimant was seen at the mill\non the night of the fire”: does it bind us?"
    assert summary.safe(asked, (), (letter,)) == ""
    assert summary.safe("Does it bind us?", ("", "Al"), (letter, "")) == "Does it bind us?"


def test_a_privileged_question_stays_in_the_house_and_a_plain_one_goes() -> None:
    plain = summary.consult("E-7K2QX", 2, "Does it bind us?", options=("Yes", "No"), due="2 June 2026, 10:00 UTC")
    assert all(each in plain.body for each in ("Does it bind us?", "Yes", "2 June 2026", "E-7K2QX", "S2"))
    hidden = summary.consult("E-7K2QX", 2, "Does it bind us?", privileged=True)
    assert "bind" not in hidden.subject + hidden.body + json.dumps(hidden.facts)


def test_an_alert_says_reference_severity_and_clock() -> None:
    told = summary.alert("E-7K2QX", 0, "decision", due="14:00 UTC")
    assert told.body == "E-7K2QX (S0): decision\nDue 14:00 UTC.\n"
    assert set(told.facts) == {"kind", "ref", "severity", "clock", "due"}


def test_mails_to_teams_are_made_in_the_language_spoken() -> None:
    i18n.set_language("fr")
    assert summary.consult("E-7K2QX", 2, "Oui ?").facts["question"] == "Oui ?"


class Hook:
    """A receiver on loopback that answers as told: a status, or nothing for a while."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status: int | None = 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((dict(self.headers), body))
                if hook.status is None:
                    hook.over.wait(5)
                    return
                self.send_response(hook.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.over = threading.Event()
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def settings(self) -> Webhook:
        return Webhook(f"http://127.0.0.1:{self.server.server_port}/desk", "HOOK_SECRET", 1)

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setenv("HOOK_SECRET", "hush")
    made = Hook()
    yield made
    made.close()


def test_a_post_is_signed_and_names_its_event(hook: Hook) -> None:
    told = summary.alert("E-7K2QX", 0, "decision")
    assert webhook.post(told.facts, hook.settings, key="event-1", now=NOW).outcome == "sent"
    ((headers, body),) = hook.got
    assert json.loads(body) == {"id": "event-1", **told.facts}
    assert headers[webhook.HEADER] == webhook.signature(b"hush", NOW // 1000, body)
    assert headers[webhook.HEADER] != webhook.signature(b"other", NOW // 1000, body)
    assert b"hush" not in body


@pytest.mark.parametrize(("status", "outcome"), [(500, "failed"), (404, "failed"), (302, "failed"), (None, "unknown")])
def test_a_post_is_tried_once(hook: Hook, status: int | None, outcome: str) -> None:
    hook.status = status
    started = time.monotonic()
    assert webhook.post({"ref": "E-7K2QX"}, hook.settings, key="k", now=NOW).outcome == outcome
    assert len(hook.got) == 1
    assert time.monotonic() - started < 5


def test_a_receiver_that_is_not_there_is_a_failure(hook: Hook) -> None:
    settings = hook.settings
    hook.close()
    found = webhook.post({"ref": "E-7K2QX"}, settings, key="k", now=NOW)
    assert (found.outcome, hook.got) == ("failed", [])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Webhook(), "No webhook is set"),
        (Webhook("http://hooks.example.org/x"), "https"),
        (Webhook("ftp://127.0.0.1/x"), "no web address"),
        (Webhook("https:///x"), "no web address"),
        (Webhook("https://hooks.example.org/x", "NO_SUCH"), "NO_SUCH"),
    ],
)
def test_what_is_not_set_up_is_said_with_its_mend(settings: Webhook, words: str) -> None:
    with pytest.raises(OutboundError, match=words):
        webhook.post({}, settings, key="k", now=NOW)
