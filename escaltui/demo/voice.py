"""Who writes in a composed case, and what the letter says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from escaltui.demo.people import PLATFORM
from escaltui.demo.shapes import DemoRequester
from escaltui.demo.templates import Letter, Name, Speech, Template

T = TypeVar("T")
Draw = Callable[[], float]
_ASKING = {
    "en": ("We ask for an answer {}.", "Please act {}.", "We expect your reply {}."),
    "fr": ("Merci de répondre {}.", "Nous attendons votre retour {}."),
}
_QUEUES = (
    Name("Detection", "detection"),
    Name("Live review", "live-review"),
    Name("Trend watch", "trend-watch"),
    Name("Market team", "market-team"),
)
_FAMILY_FIRST = frozenset({"ja", "ko"})


def pick(draw: Draw, seq: Sequence[T]) -> T:
    """One element; quicker than `Random.choice`, and as even as the demo needs."""
    return seq[int(draw() * len(seq))]


def requester(draw: Draw, template: Template, speech: Speech, country: str) -> DemoRequester:
    """Somebody of the template's kind; organisations come from a short list, so they write more than once."""
    kind = template.requester
    if kind == "internal":
        queue = pick(draw, _QUEUES)
        return DemoRequester(queue.text, kind, PLATFORM.name, country, f"{queue.slug}@{PLATFORM.host}")
    given, family = pick(draw, speech.given), pick(draw, speech.family)
    first = speech.code in _FAMILY_FIRST
    name = f"{family.text} {given.text}" if first else f"{given.text} {family.text}"
    if kind == "user":
        return DemoRequester(name, kind, "", country, f"{given.slug}.{family.slug}@post.example")
    organisation = pick(draw, speech.organisations[kind])
    return DemoRequester(name, kind, organisation.text, country, f"{family.slug}@{organisation.slug}.example")


def letter(draw: Draw, template: Template, speech: Speech, words: str, sender: DemoRequester) -> str:
    """The letter in the sender's language, its slots still open; `words` set its time, if any."""
    if speech.letters:
        middle = pick(draw, speech.letters[template.group])
    else:
        own: Letter = getattr(template, speech.code)
        middle = f"{pick(draw, own.ask)}\n{pick(draw, own.detail)}"
    if words:
        middle = f"{middle}\n\n{pick(draw, _ASKING[speech.code]).format(words)}"
    if sender.kind == "internal":
        return middle
    signed = "{name}\n{org}" if sender.organisation else "{name}"
    return f"{pick(draw, speech.open)}\n\n{middle}\n\n{pick(draw, speech.close)}\n{signed}"
