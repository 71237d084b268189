"""The code's names in the reader's words: statuses, kinds of clock, places on a report. Looked up when drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, own
from escaltui.wording import WORDS, word

if TYPE_CHECKING:
    from escaltui.domain.rule_rows import Named
    from escaltui.domain.ruleset import RuleSet

__all__ = ["WORDS", "actor", "hidden_words", "link_word", "named", "severity", "size", "word"]

FROM_THERE: Mapping[str, str] = {
    "duplicate_of": N_("has this duplicate"), "appeal_of": N_("has this appeal"),
    "follow_up_of": N_("has this follow-up"), "split_from": N_("split off"),
}  # fmt: skip
"""Links told from their other end."""
HANDS: Mapping[str, str] = {"system": N_("automatic"), "intake": N_("intake"), "elsewhere": N_("elsewhere")}
"""Who acts without a colleague: the course of time, what takes reports in, somebody at another place."""


def link_word(kind: str, outward: bool) -> str:
    """How another case stands to this one."""
    return word(kind) if outward or kind not in FROM_THERE else _(FROM_THERE[kind])


def actor(name: str) -> str:
    """Who did something: a colleague's login as it is, the program's own hands in words."""
    return _(HANDS.get(name, "")) or name


def state_word(state: str) -> str:
    """How an action or a letter stands. Of a report `failed` says something else: that it is not genuine."""
    return word("failed_action") if state == "failed" else word(state)


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
