"""The words and options of policy synonyms and policy picks."""

from __future__ import annotations

from escaltui.commands.grammar import Argument, argument

LEARNT: dict[str, tuple[str, tuple[Argument, ...]]] = {
    "synonyms": ("the team's own synonyms: suggest, list, accept WORD, drop WORD", (
        argument("what", choices=("suggest", "list", "accept", "drop"), help="suggest: words that people often picked "
                 "one section for; accept: into the team's file"),
        argument("word", nargs="?", default="", metavar="WORD"),
        argument("see", nargs="*", default=[], metavar="MEANS", help="the words that policies use (default: those "
                 "suggested)"))),
    "picks": ("what people picked after look-ups: list, forget", (
        argument("what", choices=("list", "forget")),
        argument("--section", default="", metavar="S"), argument("--person", default="", metavar="P"),
        argument("--all", action="store_true", help="forget all"))),
}  # fmt: skip
