"""The code's names in the reader's words: statuses, kinds of clock, places on a report. Looked up when drawn."""

from __future__ import annotations

from collections.abc import Mapping

from escaltui.domain.rule_rows import Named
from escaltui.domain.ruleset import RuleSet
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, own

WORDS: Mapping[str, str] = {
    # statuses
    "new": N_("new"), "triaged": N_("triaged"), "in_review": N_("in review"), "waiting": N_("waiting"),
    "pending_approval": N_("waits for approval"), "decided": N_("decided"), "enforcing": N_("being carried out"),
    "resolved": N_("resolved"), "closed": N_("closed"), "merged": N_("merged"),
    # who may see it
    "restricted": N_("restricted"), "privileged": N_("privileged"),
    # why a case ended, or opened again
    "out_of_scope": N_("out of scope"), "incomplete_notice": N_("incomplete notice"), "withdrawn": N_("withdrawn"),
    "spam": N_("spam"), "duplicate": N_("duplicate"), "fraudulent": N_("fraudulent"), "appeal": N_("appeal"),
    "new_facts": N_("new facts"), "policy_change": N_("policy change"), "error": N_("our error"),
    "enforcement_error": N_("enforcement error"), "policy_gap": N_("policy gap"), "product_bug": N_("product bug"),
    "workflow_gap": N_("workflow gap"), "abuse": N_("abuse"), "none": N_("none"),
    # links
    "related_to": N_("related to"), "duplicate_of": N_("duplicate of"), "appeal_of": N_("appeal of"),
    "follow_up_of": N_("follow-up of"), "split_from": N_("split from"), "absorbed": N_("absorbed"),
    # whom a case waits for
    "requester": N_("the requester"), "user": N_("the user"), "legal": N_("legal"), "vendor": N_("a vendor"),
    # hidden characters
    "control": N_("control"), "escape": N_("escape"), "bidi": N_("direction"), "tag": N_("tag"),
    "invisible": N_("invisible"), "stacked": N_("stacked"), "mixed": N_("mixed alphabets"),
    # what a law asks of a notice
    "present": N_("present"), "absent": N_("missing"), "unclear": N_("unclear"),
    # the five-minute brief
    "who": N_("Who"), "ask": N_("What is asked"), "by_when": N_("By when"), "known": N_("Known"),
    "unknown": N_("Not known"), "cited": N_("Policy cited"), "kind": N_("kind"), "report": N_("report"),
    "on_behalf_of": N_("on behalf of"), "laws": N_("laws"), "item": N_("item"), "items": N_("items"),
    "flags": N_("flags"), "verification": N_("verification"), "country": N_("country"), "language": N_("language"),
    "harm": N_("harm"), "policy": N_("policy"), "element": N_("left out of the notice"), "problem": N_("problem"),
    "verified": N_("verified"), "unverified": N_("unverified"), "failed": N_("not genuine"),
}  # fmt: skip


FROM_THERE: Mapping[str, str] = {
    "duplicate_of": N_("has this duplicate"), "appeal_of": N_("has this appeal"),
    "follow_up_of": N_("has this follow-up"), "split_from": N_("split off"),
}  # fmt: skip
"""Links told from their other end."""


def link_word(kind: str, outward: bool) -> str:
    """How another case stands to this one."""
    return word(kind) if outward or kind not in FROM_THERE else _(FROM_THERE[kind])


def word(name: str) -> str:
    """A name of the code as people read it; one without a word loses its underscores."""
    return _(WORDS[name]) if name in WORDS else name.replace("_", " ")


def named(table: Mapping[str, Named], name: str) -> SafeText:
    """The label of a row of the rule set; a name no file knows (any more) is shown as it is."""
    return own(_(table[name].label) if name in table else name)


def hidden_words(hidden: tuple[tuple[str, int], ...]) -> SafeText:
    """`escape 1, direction 2`."""
    return own(", ".join(f"{word(kind)} {count}" for kind, count in hidden))


def severity(rules: RuleSet, level: int) -> tuple[SafeText, str]:
    """`S1 critical`, in its own weight."""
    try:
        label = _(rules.severity(level).label)
    except KeyError:
        label = f"S{level}"
    return own(label), f"s{level}" if 0 <= level <= 4 else "quiet"


def size(bytes: int) -> str:
    """A file's size: `812 B`, `14 kB`, `2.3 MB`."""
    if bytes < 1000:
        return _("{n} B").format(n=bytes)
    if bytes < 1_000_000:
        return _("{n} kB").format(n=round(bytes / 1000))
    return _("{n} MB").format(n=f"{bytes / 1_000_000:.1f}")
