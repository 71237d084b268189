"""Posting a content-safe summary to a team's own system: signed, https beyond this machine, one try, no redirects.

The header `X-Escaltui-Signature` is `t=SECONDS,v1=HEX`: the HMAC-SHA256 of `SECONDS.BODY` under the shared secret, so
that the receiver can tell who posted it, and when. `id` in the body is the same for every try.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from escaltui.config import Webhook
from escaltui.domain.sentences import said
from escaltui.outbound import OutboundError, Outcome
from escaltui.outbound.mail import is_loopback

HEADER = "X-Escaltui-Signature"


def check(hook: Webhook) -> bytes:
    """The secret. Raises OutboundError where nothing may be posted."""
    if not hook.url:
        raise OutboundError("No webhook is set. Name one: [webhook] url in config.toml.")
    parts = urlsplit(hook.url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise OutboundError("[webhook] url is no web address. Write it as https://hooks.example.org/desk.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise OutboundError("[webhook] url must begin with https: beyond this machine nothing is posted in the open.")
    secret = os.environ.get(hook.secret_variable, "")
    if not secret:
        raise OutboundError("There is no secret to sign the webhook with: put it in the environment as {variable}.",
                            variable=hook.secret_variable)  # fmt: skip
    return secret.encode()


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The value of the signature's header."""
    mark = hmac.new(secret, b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={mark}"


def post(facts: Mapping[str, Any], hook: Webhook, *, key: str, now: int) -> Outcome:
    """Post facts once. `key` names the event for the receiver; `now` in milliseconds. Raises OutboundError unsent."""
    secret = check(hook)
    body = json.dumps({"id": key, **facts}, ensure_ascii=False, sort_keys=True).encode()
    import httpx  # only here: whoever posts nothing does not pay for it

    headers = {"Content-Type": "application/json", HEADER: signature(secret, now // 1000, body)}
    own_machine = is_loopback(urlsplit(hook.url).hostname or "")
    try:
        with httpx.Client(timeout=hook.timeout, trust_env=not own_machine) as client:
            answer = client.post(hook.url, content=body, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        return Outcome("failed", said("the webhook cannot be reached ({why})", why=str(error)[:200]))
    except httpx.HTTPError as error:
        return Outcome("unknown", said("the webhook did not answer ({why})", why=type(error).__name__))
    if answer.is_success:
        return Outcome("sent")
    return Outcome("failed", said("the webhook answered {code}", code=answer.status_code))
