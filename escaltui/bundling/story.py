"""The bundle's case.md: the same as its other files say, for people, out of what they may say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from escaltui.bundling.manifest import KeptBack
from escaltui.i18n import _
from escaltui.reporting.markdown import plain
from escaltui.safety.text import block

Row = Mapping[str, Any]


def write(
    case: Row, decisions: Iterable[Row], letters: Iterable[Row], policy: Iterable[Row], timeline: Iterable[Row],
    kept_back: Iterable[KeptBack],
) -> str:  # fmt: skip
    """Markdown in which nothing from outside is markup."""
    found = [f"# {plain(str(case['ref']))}: {plain(str(case.get('title', '')))}", ""]
    found += [f"- {name}: {plain(str(value))}" for name, value in _facts(case) if value]
    for title, lines in (
        (_("Decisions"), _decisions(decisions)), (_("Policy, in the words that were read"), _policy(policy)),
        (_("Letters"), _letters(letters)), (_("Timeline (UTC)"), _timeline(timeline)),
        (_("What is not told"), _kept(kept_back)),
    ):  # fmt: skip
        told = list(lines)
        found += ["", f"## {title}", "", *(told or [_("Nothing.")])]
    return "\n".join(found) + "\n"


def _facts(case: Row) -> Iterator[tuple[str, Any]]:
    yield _("type"), case.get("type")
    yield _("status"), case.get("status")
    yield _("severity"), f"S{case.get('severity', 3)}"
    yield _("who asks"), " ".join(filter(None, (case.get("requester_name"), f"({case.get('requester_kind', 'user')})")))
    yield _("countries"), ", ".join(case.get("countries", ()))
    yield _("outcome"), ", ".join(case.get("outcomes", ()))
    yield _("summary"), case.get("summary")


def _decisions(rows: Iterable[Row]) -> Iterator[str]:
    for each in rows:
        yield f"### {plain(each['id'])} ({plain(str(each.get('state', 'proposed')))})"
        yield ""
        for line in each.get("lines", ()):
            cites = ", ".join(f"{cite['section']}@{cite.get('version', '')}" for cite in line.get("cites", ()))
            acts = ", ".join(act["name"] for act in line.get("actions", ()))
            yield f"- {plain(' · '.join(filter(None, (line['outcome'], acts, cites))))}"
        for name in ("facts", "rationale"):
            if text := each.get(name):
                yield from ("", *_quoted(text))
        yield ""


def _policy(rows: Iterable[Row]) -> Iterator[str]:
    for each in rows:
        yield f"- {plain(each['section'])} {plain(each['version'])}: {plain(each['heading'])} ({each['file']})"


def _letters(rows: Iterable[Row]) -> Iterator[str]:
    for each in rows:
        said = _("letter from {party}, {state}") if each.get("direction") == "in" else _("letter to {party}, {state}")
        yield f"### {plain(str(each.get('subject', '')))}"
        yield ""
        party, state = each.get("party", "requester"), each.get("state", "draft")
        yield f"- {plain(said.format(party=party, state=state))}"
        yield from ("", *_quoted(str(each.get("body", ""))), "")


def _quoted(text: str) -> Iterator[str]:
    for line in block(text).value.split("\n"):
        yield f"> {plain(line)}".rstrip()


def _timeline(rows: Iterable[Row]) -> Iterator[str]:
    for each in rows:
        said = " · ".join(
            str(each[name]) for name in ("who", "verb", "entity", "kept_back", "reason") if each.get(name)
        )
        yield f"- {each['at']} {plain(said)}"


def _kept(rows: Iterable[KeptBack]) -> Iterator[str]:
    for each in rows:
        yield f"- {plain(each.rule)}: {plain(_(each.says))} ({each.places})"
