"""What Schemathesis asks of each answer besides its own checks. It loads this (SCHEMATHESIS_HOOKS), in its own
environment."""

from __future__ import annotations

import itertools
import json
import os
from typing import Any

import jsonschema_rs
import schemathesis

LINES = "application/x-ndjson"
INSIDE = ("Traceback (most recent call", 'File "', "psycopg", "site-packages", "escaltui/server", "SELECT ")
TOKENS = itertools.cycle(json.loads(os.environ["ESCALTUI_TOKENS"]))
ALLOWED = json.loads(os.environ["ESCALTUI_ALLOWED"])
"""Scopes of whoever asks; null: nobody is signed in."""


@schemathesis.hook
def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """Each request is another colleague's."""
    if token := next(TOKENS):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.check
def only_who_may(ctx: Any, response: Any, case: Any) -> None:
    """Whoever is not signed in, or whose token is for something else, gets nothing."""
    security = case.operation.definition.raw.get("security")
    (scope,) = next(iter(security[0].values()), ("",)) if security else ("",)
    if scope and ALLOWED is None:
        assert response.status_code not in range(200, 400), "nobody is signed in, and it is answered"
    elif scope and scope not in ALLOWED and "escaltui-protocol" not in {name.lower() for name in case.headers}:
        assert response.status_code not in range(200, 400), f"the token is not for {scope}, and it is answered"


@schemathesis.check
def nothing_of_the_inside(ctx: Any, response: Any, case: Any) -> None:
    """No stack trace, no word of the program or its database reaches a caller."""
    if case.path.endswith("/openapi.json"):
        return
    found = [word for word in INSIDE if word in response.text or word in str(response.headers)]
    assert not found, f"the answer tells of the inside: {found}"


@schemathesis.check
def a_failure_says_why(ctx: Any, response: Any, case: Any) -> None:
    """A code, a sentence and the id under which it is in the log."""
    assert response.headers.get("x-request-id"), "an answer without an id"
    if response.status_code < 400 or case.method == "HEAD":
        return
    said = json.loads(response.text)
    assert said["code"], "a failure without a code"
    assert said["reason"], "a failure without a reason"
    assert [said["request"]] == list(response.headers["x-request-id"]), "the id is another than that of the answer"


@schemathesis.check
def each_line_is_as_described(ctx: Any, response: Any, case: Any) -> None:
    """Lines of JSON are of the schema that is described for them."""
    if response.status_code != 200 or LINES not in str(response.headers.get("content-type")):
        return
    raw = case.operation.schema.raw_schema
    described = raw["paths"][case.path][case.method.lower()]["responses"]["200"]["content"][LINES]["schema"]
    lines = [json.loads(line) for line in response.text.split("\n") if line]
    if described != {"type": "string"}:
        validator = jsonschema_rs.validator_for({**described, "components": raw["components"]})
        wrong = [error.message for line in lines for error in validator.iter_errors(line)]
        assert not wrong, f"a line is not as described: {wrong[:2]}"
