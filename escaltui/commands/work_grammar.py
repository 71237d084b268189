"""The words and options of the commands of deciding and of working with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from escaltui.commands.grammar import Argument, argument, count
from escaltui.commands.work_verbs import REPORT, WHY
from escaltui.domain.decisions import OUTCOMES
from escaltui.domain.media import RATINGS

Table = Mapping[str, tuple[str, tuple[Argument, ...]]]
DRY = argument("--dry-run", action="store_true", help="judge it and say what would change; nothing is written")
REF = argument("ref", metavar="REF", help="a case, as E-7K2QX")
REFS = argument("ref", metavar="REF", help="a case, as E-7K2QX; - reads references from standard input")
LETTER = argument("letter", metavar="LETTER", help="a letter's id, as escaltui letters shows it")
SET = argument("--set", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
REASON = argument("--reason", "--why", "-r", default="", help="why")
SOURCE = argument("--source", default="", metavar="TEXT", help="how we know, in words")
CLOCK = argument("clock", metavar="CLOCK", help="its name, as escaltui clock REF shows it")
FILE = argument("n", type=count, metavar="N", help="its number, as escaltui media show REF shows it")
OPERATION = argument("op", metavar="ID", help="its id, as escaltui outbox list shows it")
YES = argument("--yes", action="store_true", help="do it: there is no way back")
LENGTHS = ("line", "mail", "executive")
PARTIES = ("requester", "affected_user", "authority", "press", "partner", "executive", "internal")


class Group(NamedTuple):
    """A command with sub-commands. `head`: what stands before them; `bare`: whether it does something without one."""

    help: str
    actions: Table
    head: tuple[Argument, ...] = ()
    bare: bool = True


def several(name: str, metavar: str, text: str = "may be repeated") -> Argument:
    """An option that may be given more than once."""
    return argument(name, action="append", default=[], metavar=metavar, help=text)


DECIDING: Table = {
    "decide": ("decide a case: one line by options, or several with --lines FILE", (
        REFS, argument("--outcome", default="", choices=("", *OUTCOMES), metavar="O", help=", ".join(OUTCOMES)),
        several("--section", "S[@VERSION]", "pinned to the words in force, or to those of a version"),
        argument("--action", dest="deed", action="append", default=[], metavar="A",
                 help="by the platform's own name (actions.toml); may be repeated"),
        argument("--where", default="", metavar="DE,FR", help="the countries of a geo-block"),
        argument("--own", default="", choices=("", "breaks", "clear", "not_asked"), help="what our own rules say"),
        argument("--ground", default="", choices=("", "none", "illegal_content", "incompatible_content",
                 "legal_order")),
        argument("--exception", default="", choices=("", "newsworthy", "awareness", "satire", "other")),
        argument("--until", default="", metavar="T", help="when the actions end"),
        argument("--lines", default="", metavar="FILE", help="TOML or JSON: [[lines]] with outcome, covers (items), "
                 "sections, actions, where, own, ground, exception, until; above them why, facts, consults, ..."),
        argument("--why", "-m", default="", metavar="TEXT", help="the reasons, or - for standard input"),
        argument("--facts", default="", metavar="TEXT"),
        argument("--spirit", action="store_true", help="rests on a policy's purpose, not its letter"),
        argument("--departs", default="", metavar="WHY", help="why it departs from like cases"),
        several("--consult", "ID", "an answer it rests on, by id or team"),
        several("--precedent", "D", "an earlier decision it follows"),
        argument("--appeal-outcome", default="", choices=("", "upheld", "overturned", "partly_overturned",
                 "inadmissible")),
        argument("--reverses", default="", metavar="D", help="the decision that it overturns, by id or case"),
        argument("--supersedes", default="", metavar="D"), several("--keep", "ACTION=WHY"),
        argument("--claim", action="store_true", help="claim the case first"),
        argument("--ruling", default="", metavar="INC/N", help="apply a standing call of its incident, as it is"),
        DRY)),
    "appeal": ("open the case of an appeal against a decision", (
        REF, argument("--level", default="internal", choices=("internal", "out_of_court", "board", "court")),
        argument("--grounds", required=True, metavar="TEXT"), argument("--by", default="", metavar="NAME"),
        argument("--decision", default="", metavar="D", help="another than the one that stands on the case"),
        argument("--until", default="", metavar="T", help="until when an appeal was possible"),
        several("--item", "ID", "one of its items, by id or link; may be repeated (default: all)"),
        argument("--title", default=""))),
    "precedents": ("how like cases were decided", (
        argument("ref", metavar="REF", nargs="?", default=""), several("--section", "S"),
        argument("--text", default="", metavar="T"), argument("--limit", type=count, default=5, metavar="N"))),
}  # fmt: skip

EXCHANGING: Table = {
    "consult": ("ask a team; without --ask: the questions of a case, and the usual ones not asked yet", (
        REFS, argument("--to", default="", metavar="TEAM"),
        argument("--ask", default="", metavar="TEXT", help="the question, or - for standard input"),
        argument("--background", default="", metavar="TEXT"),
        argument("--options", default="", metavar='"A;B"', help="answers to choose from"),
        argument("--due", default="", metavar="T"),
        argument("--binding", action="store_true", help="no decision is approved before they answer"),
        argument("--sensitivity", default="normal", choices=("normal", "restricted", "privileged")),
        argument("--wait", action="store_true", help="the case waits for them"),
        argument("--mail", action="store_true", help="tell the team by a mail without case content"), DRY)),
    "answer": ("settle a question: its answer, seen, declined, taken back", (
        REFS, argument("--consult", default="", metavar="ID", help="which question, by id or team"),
        argument("--text", default="", metavar="TEXT", help="the answer, or - for standard input"),
        argument("--source", default="", metavar="WHO", help="who said it, and how"),
        argument("--accept", action="store_true", help="take the answer that came by mail"),
        argument("--seen", action="store_true"), argument("--decline", default="", metavar="WHY"),
        argument("--take-back", default="", metavar="WHY"), DRY)),
    "who": ("who of a team is on call, for a country", (
        argument("team", metavar="TEAM"), argument("country", metavar="COUNTRY", nargs="?", default=""))),
    "reply": ("write a letter, from a template or in your own words", (
        REF, argument("--template", default="", metavar="T", help="escaltui templates lists them"),
        argument("--to", default="", choices=("", *PARTIES), metavar="PARTY", help=", ".join(PARTIES)), SET,
        argument("--subject", default="", metavar="S"),
        argument("--body", "-m", default="", metavar="TEXT", help="the text, or - for standard input"),
        argument("--address", default="", metavar="A"), argument("--lang", default="", metavar="L"),
        argument("--letter", default="", metavar="ID", help="rewrite this one; its sign-off is void"),
        argument("--send", action="store_true"),
        argument("--export", default="", metavar="FOLDER", help="write it as .eml; it counts as sent"), DRY)),
    "letters": ("the letters of a case, or all that have not left", (
        argument("ref", metavar="REF", nargs="?", default=""), several("--state", "S"))),
    "sign": ("say yes to a letter, as the role that its party asks for", (
        LETTER, argument("--read", default="", metavar="HASH", help="the content_sha256 of what was read"))),
    "send": ("send a letter", (
        LETTER, argument("--again", action="store_true", help="one that may have been sent"),
        argument("--export", default="", metavar="FOLDER", help="write it as .eml instead; it counts as sent"))),
    "relay": ("somebody else brought a letter over", (
        LETTER, argument("--by", required=True, metavar="NAME"),
        argument("--at", default="now", metavar="T", help="now, 2h ago, 14:00, 2026-11-24 14:00"))),
    "discard": ("give a letter up that has not left", (LETTER,)),
    "templates": ("the letters that can be filled in", ()),
    "receive": ("put a mail where it belongs: an answer, or a letter of a thread", (
        argument("path", metavar="PATH.eml"),)),
    "task": ("write a task down; task done ID, begin ID, open ID, cancel ID --why", (
        argument("ref", metavar="REF", help="a case, - for references on standard input, or done, begin, open, cancel"),
        argument("words", nargs="+", metavar="TEXT", help="what is to be done; after done and the like: task ids"),
        argument("--to", default="", metavar="P"), argument("--due", default="", metavar="T"),
        several("--after", "ID", "a task that must be done first"), WHY, DRY)),
    "tasks": ("my open tasks across cases", (
        argument("--person", default="", metavar="P"), argument("--all", action="store_true"))),
    "checklist": ("what a report must hold, and whether it does", (
        REFS, argument("--set", action="append", default=[], metavar="NAME=STATE",
                       help="present, absent, redacted or unknown; may be repeated"), REPORT, DRY)),
    "steps": ("make the steps of a case's checklists tasks", (REF, DRY)),
    "update": ("what changed since the last update, for those who are kept up to date", (
        REF, argument("--length", default="", choices=("", *LENGTHS)),
        argument("--audience", default="tactical", choices=("tactical", "executive", "external")),
        argument("--keep", action="store_true", help="keep it as a draft"),
        argument("--publish", action="store_true"), argument("--approve", action="store_true"),
        argument("--update", default="", metavar="ID", help="the one that is kept"),
        argument("--promise", default="", metavar="T", help="when the next one comes"), DRY)),
    "contact": ("our own directory of a case's requester", (
        REF, argument("--add", default="", metavar="CONTACT"), argument("--remove", default="", metavar="CONTACT"),
        argument("--channel", default="", help="email phone portal ..."), SOURCE)),
}  # fmt: skip

NAMED = argument("named", nargs="*", metavar="REF|ACTION", help="cases, deeds by their id, or -")
GROUPS: dict[str, Group] = {
    "byhand": Group("what somebody has to do in the platform's own tool", {
        "list": ("what waits, and what failed", ()),
        "done": ("done, with one reference for all", (
            NAMED, argument("--reference", default="", metavar="R", help="the platform's own reference"))),
        "failed": ("cannot be done", (NAMED, WHY)),
        "retry": ("try failed ones again", (NAMED,)),
        "waive": ("let go what cannot be done (a lead)", (NAMED, WHY)),
    }),
    "clock": Group("the clocks of a case, how each number was made, and what may be done with them", {
        "list": ("each clock with its why", ()),
        "asked": ("accept a time that a letter sets", (
            argument("--words", required=True), argument("--due", required=True, metavar="T"),
            argument("--by", default="", metavar="NAME"), argument("--received", default="", metavar="T"), DRY)),
        "promise": ("a time that we gave somebody", (
            argument("--to", required=True, metavar="PARTY"), argument("--words", required=True),
            argument("--due", required=True, metavar="T"), DRY)),
        "kept": ("a promise or an asked time was met", (CLOCK, argument("--words", default=""), DRY)),
        "hold": ("pause a legal clock for a reason that its law knows", (
            CLOCK, argument("--reason", required=True), SOURCE, DRY)),
        "release": ("end such a pause", (CLOCK, DRY)),
        "incomplete": ("the request lacks what the law asks of it", (
            CLOCK, argument("--missing", default="", metavar="A,B", help="default: what the checklist says is absent"),
            REPORT, DRY)),
        "event": ("something happened that a law counts from", (
            argument("event"), argument("--at", default="now", metavar="T"), SOURCE, DRY)),
        "received": ("the request came at another time", (argument("--at", required=True, metavar="T"), SOURCE, DRY)),
        "preserve": ("keep data until a day, or longer", (
            argument("--until", dest="due", default="", metavar="T", help="default: as long as the law asks"), SOURCE,
            argument("--clock", default="", help="the one to renew"), DRY)),
        "let-go": ("data need not be kept any longer (a lead)", (CLOCK, REASON, DRY)),
        "stop": ("stop a clock by hand (a lead)", (CLOCK, REASON, DRY)),
    }, (REFS,)),
    "exposure": Group("your own ledger of looks at graphic material: on this device, for you alone", {
        "show": ("the budget, and the last seven days", ()),
        "clear": ("empty it: nothing of it is left in its file", ()),
        "off": ("write no more looks; what is written stays", ()),
        "on": ("write looks again", ()),
    }),
    "media": Group("the files of a case: facts and words, never pixels", {
        "show": ("what is known of each file", (REF,)),
        "rate": ("say how graphic one is", (REF, FILE, argument("rating", choices=RATINGS))),
        "describe": ("say in words what one shows", (REF, FILE, argument("words", nargs="+", metavar="TEXT"))),
        "seal": ("seal one as suspected child sexual abuse material: no way back", (
            REF, FILE, argument("--basis", default="reviewer", metavar="TEXT", help="on what ground"), YES)),
        "purge": ("remove originals of cases that closed long ago (a lead)", (
            argument("--before", required=True, metavar="DAY", help="closed, and left alone, since before this day"),
            YES, DRY)),
    }, bare=False),
    "member": Group("who is named to see a case that few may see", {
        "add": ("name somebody", (
            REFS, argument("person", metavar="PERSON", help="their login"),
            argument("--until", default="", metavar="T", help="when that ends (default: never)"), DRY)),
        "remove": ("take somebody off, with a reason", (
            REFS, argument("person", metavar="PERSON", help="their login"),
            argument("--reason", "-r", "-m", default="", help="why"), DRY)),
    }, bare=False),
    "store": Group("whether the store is encrypted, and by what", {
        "encrypt": ("encrypt it, its files and backups, as [store] encrypt in config.toml says", ()),
        "decrypt": ("make it plain again", ()),
    }),
    "outbox": Group("what the server would not apply", {
        "list": ("what is set aside, and how much waits", ()),
        "show": ("one, whole: what you wrote, what stands now", (OPERATION,)),
        "retry": ("ask for it anew, on what stands now", (OPERATION,)),
        "export": ("one as JSON", (OPERATION,)),
        "close": ("it is dealt with", (OPERATION,)),
    }),
    "macro": Group("several steps under one name", {
        "list": ("the macros there are", ()),
        "run": ("run one on a case: whole, or not at all", (
            argument("macro", metavar="ID"), REFS, SET, DRY)),
    }),
    "sor": Group("statements of reasons", {
        "draft": ("draft those of the decision in force", (
            REFS, argument("--lang", default="en", choices=("en", "fr")),
            argument("--decision", default="", metavar="D"))),
        "list": ("those of a case, with what is wrong in them", (REF,)),
        "edit": ("mend fields, or keep personal data on purpose", (
            argument("statement", metavar="STATEMENT"), SET, several("--waive", "WORDS=WHY"))),
        "choices": ("the values that a field may have", (argument("field", metavar="FIELD"),)),
        "withdraw": ("take one back", (argument("statement", metavar="STATEMENT"),)),
        "export": ("write the valid ones to files of at most 100", (
            argument("folder", metavar="FOLDER"), argument("--refs", nargs="+", default=[], metavar="REF",
                                                           help="of these cases only, or - for standard input"))),
        "result": ("read the database's answer to a batch", (
            argument("path", metavar="FILE"),
            argument("--batch", default="", metavar="NAME", help="the exported file that it answers"))),
    }, bare=False),
}  # fmt: skip
COMMANDS: Table = {**DECIDING, **EXCHANGING, **{name: (group.help, group.head) for name, group in GROUPS.items()}}
