"""The one table of keys. Bindings, key bar, help, `:` names, `escaltui keys` and the README's table come from it.

Plain data: no Textual. A key means the same verb wherever it works; only what this release can do is listed.
Keys are written as Textual names them (`escape`, `ctrl+s`), punctuation as itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from escaltui.domain.sentences import Said, said, words

ANYWHERE = frozenset({"anywhere"})
FIELD = frozenset({"field"})
CASES = frozenset({"queue", "case"})
QUEUE = frozenset({"queue"})
CASE = frozenset({"case"})
POLICY = frozenset({"policy"})
OUTBOX = frozenset({"outbox"})
SHIFT = frozenset({"shift"})
INCIDENT = frozenset({"incident"})
INSIGHT = frozenset({"insight"})
ACTOR = frozenset({"actor"})
LEARNING = frozenset({"learning"})
REQUESTER = frozenset({"requester"})
CONNECTORS = frozenset({"connectors"})
SIMILAR = frozenset({"similar"})
VIEWER = frozenset({"viewer"})
PASSAGE = frozenset({"viewer", "case", "policy"})
CHAINS = (("queue", "anywhere", "field"), ("case", "anywhere", "field"), ("policy", "anywhere", "field"),
          ("outbox", "anywhere", "field"), ("shift", "anywhere", "field"),
          ("incident", "anywhere", "field"), ("insight", "anywhere", "field"),
          ("learning", "anywhere", "field"), ("requester", "anywhere", "field"),
          ("viewer", "anywhere", "field"), ("actor", "anywhere", "field"),
          ("connectors", "anywhere", "field"), ("similar", "anywhere", "field"))  # fmt: skip
"""Where keys are looked for, nearest first."""
MENUS = ("go", "change", "copy")


class Action(NamedTuple):
    """One thing a key does. `verb` is its meaning; `shift`: one of the keys of a shift, shown first; `fixed`: not to be
    overridden; `in_field`: works while typing; `on_set`: can be applied to all marked cases after `;`.
    `bar`: -1 never in the key bar, else lower comes first.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    where: frozenset[str]
    help: str
    verb: str
    shift: bool = False
    fixed: bool = False
    in_field: bool = False
    on_set: bool = False
    bar: int = 50


def _action(
    id: str, keys: str, label: str, where: frozenset[str], help: str, *, verb: str = "", bar: int = 50, **marks: bool
) -> Action:
    return Action(id, tuple(keys.split()), label, where, help, verb or id.rsplit(".")[-1], bar=bar, **marks)


def _shift() -> Iterable[Action]:
    """The keys of a shift."""
    a = _action
    yield a("next", "n", "next", ANYWHERE, "Claim the best case for you and open it.", shift=True, bar=1)
    yield a("open", "enter", "open", ANYWHERE, "Open what has the focus.", shift=True, fixed=True, bar=2)
    yield a("down", "j", "down", ANYWHERE, "Move down.", shift=True, bar=-1)
    yield a("up", "k", "up", ANYWHERE, "Move up.", shift=True, bar=-1)
    yield a("arrow.down", "down", "down", ANYWHERE, "Move down.", shift=True, fixed=True, bar=-1)
    yield a("arrow.up", "up", "up", ANYWHERE, "Move up.", shift=True, fixed=True, bar=-1)
    yield a("pick", "1 2 3 4 5 6 7 8 9 0", "pick", ANYWHERE, "Pick the view or pane that shows this digit.",
            shift=True, fixed=True, bar=-1)  # fmt: skip
    yield a("filter", "/", "filter", ANYWHERE, "Filter what is listed here: enter keeps it, esc clears it.",
            shift=True, bar=7)  # fmt: skip
    yield a("policy", "p", "policy", ANYWHERE, "Look the policy up, for this case where one is open.",
            shift=True, bar=5)  # fmt: skip
    yield a("go", "g", "go", ANYWHERE, "Go to another place, by one more letter.", shift=True, bar=9)
    yield a("decide", "d", "decide", CASES | POLICY, "Choose outcome, section, action, reason.",
            shift=True, on_set=True, bar=3)  # fmt: skip
    yield a("yes", "A", "say yes", CASES | OUTBOX | SHIFT | POLICY | INCIDENT | LEARNING,
            "Say yes: approve, accept an answer, sign off, acknowledge, done.", shift=True, bar=4)  # fmt: skip
    yield a("consult", "C", "consult", CASES, "Ask a team.", shift=True, on_set=True, bar=4)
    yield a("reply", "r", "reply", CASES, "Write to the requester or another party.", shift=True, bar=5)
    yield a("update", "S", "update", CASES | INCIDENT, "Tell the stakeholders what is new.", shift=True, bar=7)
    yield a("note", "c", "note", CASES | POLICY | INCIDENT, "Write a note on the case.", shift=True, on_set=True, bar=3)
    yield a("wait", "w", "wait", CASES, "Wait for somebody or until a time; on a waiting case: wake it.",
            shift=True, on_set=True, bar=4)  # fmt: skip
    yield a("assign", "a", "assign", CASES, "Claim the case, or give it to somebody.",
            shift=True, on_set=True, bar=6)  # fmt: skip
    yield a("change", "e", "change", CASES | VIEWER | SHIFT | INCIDENT | INSIGHT | LEARNING,
            "Change the case, or what is said of a file.", shift=True,
            on_set=True, bar=6)  # fmt: skip
    yield a("look", "v", "look", CASES, "Look at pictures, films and documents, shielded.", shift=True, bar=6)
    yield a("shield", "b", "shield", ANYWHERE, "Shield every picture and mask every word, at once.", shift=True,
            bar=13)  # fmt: skip
    yield a("mark", "x", "mark", CASES | OUTBOX | SHIFT, "Mark, and move down.", shift=True, bar=8)
    yield a("marked", ";", "marked", QUEUE, "Apply the next verb to all marked cases.", shift=True, bar=8)
    yield a("undo", "u", "undo", ANYWHERE, "Undo my last operation; again: the one before.", shift=True, bar=10)
    yield a("help", "?", "keys", ANYWHERE, "Show the keys of this place.", shift=True, bar=12)
    yield a("submit", "ctrl+s", "submit", FIELD, "Submit what is filled in.", shift=True, in_field=True, bar=0)
    yield a("back", "escape", "back", FIELD, "Go back one step; what is typed is kept as a draft.",
            shift=True, fixed=True, in_field=True, bar=11)  # fmt: skip


def _others() -> Iterable[Action]:
    """The keys that one needs less often."""
    a = _action
    yield a("precedents", "P", "precedents", CASES | POLICY | VIEWER,
            "Show how like cases were decided; of a picture, where it was seen before.", bar=19)  # fmt: skip
    yield a("similar", "M", "similar", CASES,
            "Show the cases like this one, open and decided: enter opens, L links, e merges into.", bar=19)  # fmt: skip
    yield a("similar.merge", "e", "merge", SIMILAR, "Let the case under the cursor absorb the one it is like.",
            verb="change", bar=5)  # fmt: skip
    yield a("mark_similar", "X", "mark similar", QUEUE, "Mark the listed open cases that are close to this one.",
            bar=23)  # fmt: skip
    yield a("task", "t", "task", CASES | INCIDENT, "Write a task down.", on_set=True, bar=21)
    yield a("macro", "m", "macro", CASES, "Do several things at once, by one more letter.", on_set=True, bar=22)
    yield a("outside", "O", "open outside", CASE | OUTBOX | VIEWER,
            "Show the address in the platform's own tool; of a picture or page: open it there, after a question.",
            bar=23)  # fmt: skip
    yield a("there", "E", "act there", CASES,
            "Do something at the place that the case comes from: acknowledge, escalate, comment, label, take down.",
            bar=24)  # fmt: skip
    yield a("people", "@", "people", CASES | SHIFT | INCIDENT, "Change who is kept up to date.", bar=23)
    yield a("who", "", "who", ANYWHERE, "Say who is on call, as in: who legal DE.", bar=-1)
    yield a("watch", "", "watch", ANYWHERE, "Watch what is listed: tell when more than so many come within a time.",
            bar=-1)  # fmt: skip
    yield a("report", "", "report", ANYWHERE,
            "Save what the week came to as a file with pictures: report 4 for four weeks, report md for Markdown.",
            bar=-1)  # fmt: skip
    yield a("requester", "", "requester", ANYWHERE,
            "Show the page of who asks: of this case, or of the one named, as in: requester Police.",
            bar=-1)  # fmt: skip
    yield a("requester.same", "A", "the same", REQUESTER, "Say that the suggested name is the same, with a reason.",
            verb="yes", shift=True, bar=3)  # fmt: skip
    yield a("requester.apart", "R", "not the same", REQUESTER,
            "Say that the suggested name is not the same; of a name that was taken over: take that back.",
            verb="release", bar=4)  # fmt: skip
    yield a("sync", "", "sync", ANYWHERE, "Say how this desk stands with its server, and sync now.", bar=-1)
    yield a("skip", "s", "skip", CASES, "Do not offer me this case for four hours.", bar=20)
    yield a("link", "L", "link", CASES | POLICY | INSIGHT | LEARNING | SIMILAR,
            "Link to another case; in a policy: cite the section; of an insight: to what is proposed.",
            on_set=True, bar=21)  # fmt: skip
    yield a("release", "R", "give back", CASES | OUTBOX | SHIFT | INCIDENT | INSIGHT | LEARNING,
            "Give back: the case, or a proposal with a reason.",
            on_set=True, bar=22)  # fmt: skip
    yield a("actor", "U", "account", CASES, "Open the page of the case's account, or of its requester.", bar=30)
    yield a("actor.members", "@", "members", ACTOR, "Start a network of accounts, add to one, take out of one.",
            verb="people", bar=4)  # fmt: skip
    yield a("mark_query", "*", "mark by query", QUEUE, "Mark every case that a query finds.", bar=23)
    yield a("repeat", ".", "repeat", ANYWHERE, "Do my last verb again, on this case.", bar=24)
    yield a("new", "N", "new", ANYWHERE, "Write a new case by hand.", bar=25)
    yield a(
        "why",
        "=",
        "why",
        CASE | POLICY | INSIGHT | LEARNING,
        "Show how clocks and place in the queue are made; of a change, the cases that rest on it.",
        bar=26,
    )
    yield a("inspect", "i", "inspect", CASE | VIEWER | CONNECTORS,
            "Show the original text, every hidden character escaped; of a file, its facts; what would come.",
            bar=31)  # fmt: skip
    yield a("copy", "y", "copy", ANYWHERE, "Copy, by one more letter.", bar=27)
    yield a("changed", "D", "what changed", CASE | POLICY, "Show what changed since I last looked.", bar=28)
    yield a("next_case", "J", "next case", CASE, "Show the next case of the list.", bar=29)
    yield a("previous_case", "K", "previous case", CASE, "Show the previous case of the list.", bar=29)
    yield a("older", "[", "older", POLICY | VIEWER | INSIGHT,
            "Show the version before; of a picture: more shield; of what rose: counted by another thing.",
            bar=14)  # fmt: skip
    yield a("newer", "]", "newer", POLICY | VIEWER | INSIGHT,
            "Show the version after; of a picture: less shield; of what rose: counted by another thing.",
            bar=14)  # fmt: skip
    yield a("peek", "space", "peek", PASSAGE, "Show for a moment what is shielded or masked.", bar=3)
    yield a("colour", "o", "colour", VIEWER, "Colour or grey, until the shield is back.", bar=15)
    yield a("sheet", "#", "contact sheet", VIEWER, "Show a film, its pages or its frames as small stills.", bar=16)
    yield a("zoom_in", "+", "zoom in", VIEWER | INSIGHT, "Show a part, larger; of what rose, the line as a chart.",
            bar=17)  # fmt: skip
    yield a("zoom_out", "-", "zoom out", VIEWER, "Show more of the picture.", bar=17)
    yield a("incident", "I", "incident", CASES | SHIFT | INCIDENT,
            "To an incident: a case, all marked, a watch, a risk; on an incident: add cases.",
            on_set=True, bar=22)  # fmt: skip
    yield a("fetch", "f", "fetch", VIEWER | CONNECTORS,
            "Fetch a file that lies on the server, it rests shielded; what is new at a place that cases come from.",
            bar=4)  # fmt: skip
    yield a("seal", "!", "seal", CASE | VIEWER, "Seal a file that may show child sexual abuse; asks first.",
            bar=24)  # fmt: skip
    yield a("break", "B", "break", ANYWHERE, "Take a break: everything is shielded, claims are kept.", bar=25)
    yield a("brief", "", "brief", CASES, "Show the five-minute brief on one page.", bar=-1)
    yield a("bundle", "", "bundle", CASES, "Save the case as a signed file to hand on: bundle authority WHY.", bar=-1)
    yield a("view", "", "view", QUEUE, "save NAME: keep what is listed as a view of your own. NAME: show a view.",
            bar=-1)  # fmt: skip
    yield a("commands", ":", "commands", ANYWHERE, "Type a command by name.", bar=11)
    yield a("first", "home", "first", ANYWHERE, "Go to the first line.", fixed=True, bar=-1)
    yield a("last", "end", "last", ANYWHERE, "Go to the last line.", fixed=True, bar=-1)
    yield a("page_up", "pageup", "page up", ANYWHERE, "One page up.", fixed=True, bar=-1)
    yield a("page_down", "pagedown", "page down", ANYWHERE, "One page down.", fixed=True, bar=-1)
    yield a("field.pane", "tab", "next pane", FIELD, "Go to the next pane or field.", verb="next_pane",
            fixed=True, in_field=True, bar=-1)  # fmt: skip
    yield a("field.pane_back", "shift+tab", "previous pane", FIELD, "Go to the previous pane or field.",
            verb="previous_pane", fixed=True, in_field=True, bar=-1)  # fmt: skip
    yield a("field.commands", "ctrl+p", "commands", FIELD, "Type a command by name, also while typing.",
            verb="commands", in_field=True, bar=-1)  # fmt: skip
    yield a("field.editor", "ctrl+g", "editor", FIELD, "Write this text in $EDITOR.", verb="editor",
            in_field=True, bar=2)  # fmt: skip
    yield a("field.submit", "f2", "submit", FIELD, "Submit, where the terminal keeps ctrl+s for itself.",
            verb="submit", in_field=True, bar=-1)  # fmt: skip
    yield a("field.help", "f1", "keys", FIELD, "Show the keys of this place, also while typing.", verb="help",
            in_field=True, bar=-1)  # fmt: skip
    yield a("redraw", "ctrl+l", "redraw", FIELD, "Draw the screen again.", in_field=True, bar=-1)
    yield a("quit", "ctrl+q", "quit", FIELD, "Leave escaltui; drafts are kept.", in_field=True, bar=40)


def _letters(menu: str, *rows: tuple[str, str, str]) -> Iterable[Action]:
    """The letters of a menu: (letter, verb and label, help)."""
    for letter, name, help in rows:
        verb = name.replace(" ", "_")
        yield Action(f"{menu}.{verb}", (letter,), name, frozenset({menu}), help, f"{menu}_{verb}")


ACTIONS: tuple[Action, ...] = (
    *_shift(),
    *_others(),
    *_letters(
        "go",
        ("g", "top", "Go to the first line."),
        ("q", "queue", "Go to the queue."),
        ("c", "last case", "Go back to the case that was open last."),
        ("p", "policy", "Go to the policies."),
        ("i", "incidents", "Go to the incidents and what is planned."),
        ("s", "shift", "Go to the start of the shift: what is handed over, watched, due."),
        ("t", "insight", "Go to what rose, and what is usual."),
        ("r", "recommendations", "Go to what is proposed, and to the goals."),
        ("o", "outbox", "Go to what has yet to be done, sent or agreed to."),
        ("f", "connectors", "Go to the places that cases come from."),
        ("n", "messages", "Show the last 200 messages."),
    ),
    *_letters(
        "change",
        ("t", "triage", "Confirm type, severity and desk."),
        ("i", "severity", "Raise or lower the severity."),
        ("g", "tag", "Add a tag; with a leading - take one away."),
        ("l", "flag", "Add a flag; with a leading - take one away."),
        ("f", "facts", "Change title, summary, product, harm, countries, languages."),
        ("d", "desk", "Give the case to another desk, with a reason."),
        ("v", "verify", "Say how a report was verified."),
        ("n", "user notice", "Say whether the affected user may be told."),
        ("c", "clock", "Accept a time that the letter sets, hold or stop a clock."),
        ("p", "promise", "Write down a time that we gave."),
        ("w", "withdraw", "Take a decision back while nothing has left the house."),
        ("a", "appeal", "Open a case for an appeal against the decision."),
        ("y", "checklist", "Go through what the request must have."),
        ("m", "merge", "Let another case absorb this one."),
        ("s", "split", "Open a new case with some of the items of this one."),
        ("u", "unmerge", "Give an absorbed case its own life back."),
        ("x", "dismiss", "End the case without a decision."),
        ("o", "reopen", "Open a resolved or closed case again."),
        ("k", "close", "File a resolved case, with its root cause."),
        ("b", "boost", "Move the case forward or back in the queue."),
        ("r", "recuse", "Say that somebody must not handle this case."),
    ),
    *_letters(
        "copy",
        ("r", "reference", "Copy the reference of the case, or the citation of the section."),
        ("o", "original", "Copy the original text, escaped."),
        ("d", "link", "Copy the link of the first item, made harmless."),
        ("b", "brief", "Copy the five-minute brief."),
    ),
)
BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}

_SHOWN = {"escape": "esc", "pageup": "page up", "pagedown": "page down"}
UNSENDABLE = frozenset(f"ctrl+{key}" for key in ("i", "m", "h", "j", "[", "@", "enter", "a", "b", "c", "z")) | {
    "shift+enter"
}
"""Keys that terminals send as other keys, or that multiplexers and shells keep."""


def shown(key: str) -> str:
    """A key as people read it: `esc`, `ctrl+s`, `?`."""
    return _SHOWN.get(key, key)


def here(context: str) -> tuple[Action, ...]:
    """The actions of one context or menu, in table order."""
    return tuple(action for action in ACTIONS if context in action.where)


def chain(contexts: Iterable[str]) -> tuple[Action, ...]:
    """The actions that a chain of contexts reaches, nearest first."""
    return tuple(action for context in contexts for action in here(context))


def keys_of(action: Action, own: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of an action with a person's own ones (`[keys]`) in place."""
    return (own[action.id],) if action.id in own else action.keys


def table(own: Mapping[str, str] | None = None) -> list[dict[str, object]]:
    """The table as plain rows, for `escaltui keys`, `--json` and the README."""
    return [
        {
            "id": action.id,
            "keys": " ".join(shown(key) for key in keys_of(action, own or {})),
            "label": action.label,
            "where": sorted(action.where),
            "help": action.help,
            "shift": action.shift,
        }
        for action in ACTIONS
    ]


class OwnKeys(NamedTuple):
    """A person's `[keys]` after the check: what holds, and a sentence for each line that does not."""

    keys: dict[str, str]
    problems: tuple[Said, ...]


def check_own(wanted: Mapping[str, object]) -> OwnKeys:
    """Check `[keys]`: each line alone, then what keys clash in a chain. A bad line keeps its default."""
    good: dict[str, str] = {}
    problems: list[Said] = []
    for name, key in wanted.items():
        problem = _wrong(name, key) or _clash(name, str(key), good)
        if problem:
            problems.append(problem)
        else:
            good[name] = str(key)
    return OwnKeys(good, tuple(problems))


def _wrong(name: str, key: object) -> Said | None:
    """What is wrong with one line by itself, None if nothing."""
    action = BY_ID.get(name)
    if action is None:
        if near := ", ".join(nearest(name)):
            return said("[keys] {name}: no such action. Did you mean {near}?", name=name, near=near)
        return said("[keys] {name}: no such action. escaltui keys lists them.", name=name)
    kept = " ".join(shown(key) for key in action.keys)
    if action.fixed:
        return said("[keys] {name}: this key cannot be changed. Kept {kept}.", name=name, kept=kept)
    if not isinstance(key, str) or not key or " " in key or "," in key:
        sentence = "[keys] {name}: write one key, such as {example}. Kept {kept}."
        return said(sentence, name=name, example=f'{name} = "F"', kept=kept)
    if key in UNSENDABLE or key.startswith("alt+"):
        sentence = "[keys] {name}: terminals do not send {key} as itself. Choose another. Kept {kept}."
        return said(sentence, name=name, key=key, kept=kept)
    if action.in_field and len(key) == 1:
        sentence = "[keys] {name}: {key} would be swallowed while typing. Choose a ctrl key. Kept {kept}."
        return said(sentence, name=name, key=key, kept=kept)
    return None


def _clash(name: str, key: str, own: Mapping[str, str]) -> Said | None:
    """Whether the key already means another verb in a chain that the action is part of, or elsewhere."""
    action = BY_ID[name]
    menu = next((menu for menu in MENUS if menu in action.where), "")
    for other in here(menu) if menu else (each for each in ACTIONS if not each.where & set(MENUS)):
        if other.verb != action.verb and key in keys_of(other, own):
            sentence = "{key} is already {label}. Kept {kept}. Choose a free key for {name}."
            return said(sentence, key=key, label=words(other.label), kept=shown(action.keys[0]), name=name)
    return None


def nearest(name: str, count: int = 3) -> list[str]:
    """The action ids that look most like `name`."""
    import difflib

    return difflib.get_close_matches(name, BY_ID, n=count, cutoff=0.5)
