"""Incidents: the list with what is planned above, the board of the one that has the focus below.

`N` writes a standing call, `I` adds cases, `S` drafts an update, `t` writes a task down, `c` a note, `@` says who keeps
which role and who is kept up to date, `e` changes the rest; `A` says yes to a standing call or an update.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from escaltui import keys, when
from escaltui.domain import operations as ops
from escaltui.domain.crisis import RECHECK, Contact
from escaltui.i18n import _, ngettext
from escaltui.line_faces import View
from escaltui.safety.text import line, own
from escaltui.screens import incident_lines
from escaltui.screens.incident_calls import IncidentCalls, told_of_ruling
from escaltui.widgets.acts import Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.choices import Choice, numbered
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block, Passage

if TYPE_CHECKING:
    from escaltui.crisis_faces import IncidentLine
    from escaltui.faces import BulkPreview
    from escaltui.screens.incident_calls import Found
    from escaltui.workbench import Workbench


LENGTHS = ("line", "mail", "executive")
ON_ONE = frozenset({"update", "task", "people", "change", "note", "incident"})
"""Verbs that want an incident."""
TEXTS = ("name", "summary", "query")
AT_ONCE = 200


class IncidentScreen(IncidentCalls):
    """One incident at a time under the list of all."""

    CONTEXT = "incident"
    BINDINGS = bindings("incident")
    CSS_PATH = "incident.tcss"
    AUTO_FOCUS = "#list"

    def __init__(self) -> None:
        super().__init__()
        self.greeting = ""
        self._awaited = False
        """Whether keys wait for it to open."""

    def compose_body(self) -> Iterable[Widget]:
        yield Passage(id="list")
        yield Passage(id="board")

    def read_again(self, *, hold: bool = False) -> None:
        """Read list and board anew."""
        at = self.at
        self.read(lambda bench: _gather(bench, at), self._show, group="incident", hold=hold)

    def turn_to(self, incident: str, said: str = "") -> None:
        """Show the board of an incident; then say something."""
        self.at, self.greeting = incident, said
        if self.drawn:
            self.read_again(hold=True)
        elif not self._awaited:  # it opens just now: what is typed already is meant for what it will show
            self._awaited = True
            self.app.gate.hold()

    def opened(self) -> None:
        super().opened()
        if self._awaited:
            self._awaited = False
            self.app.gate.release()

    def ticked(self) -> None:
        self.read_again()

    # --- drawing

    def _show(self, found: Found) -> None:
        first, other = (
            self.found is None,
            self.face is None or found[2] is None or found[2].line.id != self.face.line.id,
        )
        self.found = found
        incidents, planned, face = found
        self.at = face.line.id if face is not None else ""
        now = self.app.bench.now()
        top = self.query_one("#list", Passage)
        top.show(list(incident_lines.lead(incidents, planned, now)), top=first)
        if self.at and not top.cursor.startswith("event "):
            top.go_to(f"incident {self.at}")
        blocks = list(incident_lines.board(face, now)) if face is not None else []
        self.query_one("#board", Passage).show(blocks, top=other)
        self._lines(incidents, now)
        if self.greeting:
            self.say(own(self.greeting), "done")
            self.greeting = ""

    def _lines(self, incidents: list[IncidentLine], now: int) -> None:
        active = sum(each.state in ("declared", "active") for each in incidents)
        watched = sum(each.state == "monitoring" for each in incidents)
        said = ngettext("{n} active", "{n} active", active).format(n=active)
        said += f", {word('monitoring')} {watched}" if watched else ""
        self.place(own(_("Incidents")), right=own(said))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    # --- what works

    def can(self, action: keys.Action) -> bool:
        verb, ruling, update = action.verb, self._ruling(), self._update()
        if verb in ON_ONE:
            return self.face is not None
        if verb == "yes":
            return getattr(ruling, "state", "") == "proposed" or getattr(update, "state", "") == "draft"
        if verb == "release":
            return ruling is not None and ruling.state in ("draft", "proposed", "approved")
        if verb == "open":
            return self.key[0] not in ("", "log")
        if verb in ("repeat", "copy"):
            return False
        return super().can(action)

    # --- moving

    def move_by(self, step: Step) -> None:
        super().move_by(step)
        kind, key = self.key
        if self.passage.id == "list" and kind == "incident" and key != self.at:
            self.turn_to(key)

    def act_pick(self, argument: str = "") -> None:
        """The n-th incident of the list."""
        found = self.found[0] if self.found is not None else []
        if argument.isdecimal() and 1 <= int(argument) <= len(found):
            self.turn_to(found[int(argument) - 1].id)

    def act_next_pane(self, argument: str = "") -> None:
        self.query_one("#board" if self.passage.id == "list" else "#list", Passage).focus()

    act_previous_pane = act_next_pane

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_open(self, argument: str = "") -> None:
        """Into the board; from there: the cases of a status, a call, a step, an update, an event, a recommendation."""
        kind, rest = self.key
        if kind == "incident":
            self.query_one("#board", Passage).focus()
        elif kind == "event":
            self._open_event(rest)
        elif kind == "status":
            self._list_cases(rest)
        elif kind == "step":
            self._step(rest)
        elif kind == "recommendation":
            self.app.go_learning(kind, rest)
        elif (ruling := self._ruling()) is not None:
            self._ruling_menu(ruling)
        elif (update := self._update()) is not None:
            self._update_menu(update)

    def _open_event(self, key: str) -> None:
        from escaltui.screens.sheets.declare import DeclareSheet

        event = next((each for each in (self.found[1] if self.found is not None else []) if each.id == key), None)
        self.app.push_screen(DeclareSheet(None, (), event))

    def _list_cases(self, status: str) -> None:
        """The cases of a status, in the queue."""
        assert self.face is not None
        ref = self.face.line.ref
        self.app.go_queue()
        view = View("", f"incident {ref}", f"{ref} {word(status)}", f"incident:{ref} status:{status}", "queue")
        self.app.screen.show_view(view)  # type: ignore[attr-defined]

    # --- cases, steps, notes

    def act_incident(self, argument: str = "") -> None:
        """Add the open cases that a query finds."""
        hint = own(_("Which open cases? A query, such as tag:flood type:press, or references"))
        self.ask(own(_("Add cases")), hint, self._add_cases)

    def _add_cases(self, typed: str) -> None:
        incident = self.at

        def add(bench: Workbench) -> BulkPreview:
            named = [line.id for each in typed.split() if (line := bench.line(each)) is not None]
            found = named or bench.matching(f"{typed} is:open incident:none", AT_ONCE)
            return bench.join(incident, found)

        self.write(add, self._marked_done)

    def act_task(self, argument: str = "") -> None:
        self.ask(own(_("Task")), own(_("What is to be done on this incident?")), self._to_do)

    def _to_do(self, typed: str) -> None:
        self.do(ops.TickStep(incident=self.at, step=typed, done=False), own(_("Written down.")))

    def _step(self, step: str) -> None:
        """Done, or to do again. What an ended standing call decided is listed first."""
        assert self.face is not None
        ruling = next((each for each in self.face.rulings if step == f"{RECHECK}{each.id}"), None)
        if ruling is None or not ruling.used:
            self._tick(step)
            return
        choices = (Choice("l", own(_("list the cases that it decided")), "list"), Choice("d", own(_("done")), "done"))
        then = {"list": lambda: self._list_ruling(ruling), "done": lambda: self._tick(step)}
        self.pick(ruling.name, choices, lambda value: then[value]() if value else None, note=told_of_ruling(ruling))

    def _tick(self, step: str) -> None:
        assert self.face is not None
        done = not next((each.who for each in self.face.steps if each.key == step), "")
        self.do(ops.TickStep(incident=self.at, step=step, done=done), own(_("Done.") if done else _("To do again.")))

    def act_note(self, argument: str = "") -> None:
        self.ask(own(_("Note")), own(_("For the incident's timeline")), self._note)

    def _note(self, typed: str) -> None:
        self.do(ops.AddIncidentNote(incident=self.at, body=typed), own(_("Noted.")))

    # --- people, and the rest

    def act_people(self, argument: str = "") -> None:
        """Who keeps which role, and who is kept up to date."""
        face = self.face
        assert face is not None
        roles = (("l", "lead", _("lead")), ("c", "comms", _("communications")), ("s", "scribe", _("scribe")))
        now = {"lead": face.line.lead, "comms": face.comms, "scribe": face.scribe}
        known = [Choice(key, own(f"{label}: {now[name] or '-'}"), f"role {name}") for key, name, label in roles]
        rows = [(own("- ") + name + own(f"  {word(length)}"), f"off {name.value}") for name, _at, length in
                face.stakeholders]  # fmt: skip
        choices = (*known, Choice("n", own(_("somebody new to keep up to date")), "new"), *numbered(rows, "123456789"))
        self.pick(own(_("People")), choices, self._person)

    def _person(self, value: str | None) -> None:
        kind, _blank, name = (value or "").partition(" ")
        if kind == "new":
            hint = own(_("Name, address and length, such as: Comms lead, comms@example.org, mail"))
            self.ask(own(_("Keep up to date")), hint, self._new_contact)
        elif kind == "off":
            self.do(ops.SetContacts(incident=self.at, people={name: None}), own(_("Taken off the list.")))
        elif kind == "role":
            self.ask(own(word(name)), own(_("Whose login?")), lambda typed: self._set(name, typed))

    def _new_contact(self, typed: str) -> None:
        name, address, length = ([each.strip() for each in typed.split(",")] + ["", ""])[:3]
        who = Contact(address, length if length in LENGTHS else "mail")  # type: ignore[arg-type]
        self.do(ops.SetContacts(incident=self.at, people={name: who}), own(_("Kept up to date now.")))

    def act_change(self, argument: str = "") -> None:
        """Its state, severity, name, summary, rule; the report of it all."""
        face = self.face
        assert face is not None
        states = [Choice(each[0], own(_("now {state}").format(state=word(each))), f"to {each}") for each in
                  face.next_states]  # fmt: skip
        letters = {"r": "z"} if len({each[0] for each in face.next_states}) < len(face.next_states) else {}
        states = [each._replace(key=letters.get(each.key, each.key)) for each in states]
        fields = (("n", "name"), ("s", "summary"), ("q", "query"))
        said = [Choice(key, own(word(name)), f"set {name}") for key, name in fields]
        levels = [Choice(str(n), own(f"S{n}"), f"severity {n}") for n in range(5) if n != face.line.severity]
        propose = Choice("p", own(_("recommend something")), "propose")
        report = (Choice("v", own(_("read the after-action report")), "read"),
                  Choice("w", own(_("write the after-action report")), "report"))  # fmt: skip
        self.pick(own(_("Change")), (*states, *said, propose, *report, *levels), self._changed_to)

    def _changed_to(self, value: str | None) -> None:
        kind, _blank, rest = (value or "").partition(" ")
        if kind == "to":
            self._move(rest)
        elif kind == "set":
            self.ask(
                own(word(rest)), own(_("What is it now?")), lambda typed: self._set(rest, typed), empty=rest != "name"
            )
        elif kind == "severity":
            self._severity(int(rest))
        elif kind == "propose":
            self.ask(own(_("Recommend")), own(_("What should change, in one sentence?")), self._recommend)
        elif kind == "read":
            incident = self.at
            self.read(lambda bench: bench.after_action(incident), self._reading, group="report", hold=True)
        elif kind == "report":
            incident = self.at
            self.write(lambda bench: bench.write_after_action(incident), self._reported)

    def _set(self, name: str, typed: Any, reason: str = "") -> None:
        was = dict(self.face.base) if self.face is not None else {}
        op = ops.SetIncident(incident=self.at, reason=reason, base={name: was.get(name)}, **{name: typed})
        if name == "query" and typed:
            self.read(
                lambda bench: (bench.meets_all(typed), bench.joining(typed)[0]),
                lambda found: self._unless(*found, op), group="rule", hold=True,
            )  # fmt: skip
        else:
            self.do(op, own(_("Changed.")))

    def _unless(self, every: bool, more: int, op: ops.SetIncident) -> None:
        """A rule that every open case meets is none; of any other it is said how many it brings."""
        from escaltui.screens.sheets.declare import rule_words

        if every:
            self.fail(_("Every case meets that query.") + " " + _("Say what its cases have in common."))
        else:
            self.do(op, own(_("Changed.") + (f" {rule_words(more)}" if more else "")))

    def _severity(self, level: int) -> None:
        assert self.face is not None
        if level > self.face.line.severity:
            why = own(_("Why is it less severe?"))
            self.ask(own(f"S{level}"), why, lambda reason: self._set("severity", level, reason))
        else:
            self._set("severity", level)

    def _move(self, state: Any) -> None:
        if state == "reviewed":
            hint = own(_("What is to be learnt?"))
            self.ask(own(word(state)), hint, lambda review: self._moved(state, review=review))
        elif state == "active" and self.face is not None and self.face.line.state != "declared":
            hint = own(_("Why is it taken up again?"))
            self.ask(own(word(state)), hint, lambda reason: self._moved(state, reason=reason))
        else:
            self._moved(state)

    def _moved(self, state: Any, reason: str = "", review: str = "") -> None:
        op = ops.MoveIncident(incident=self.at, state=state, reason=reason, review=review)
        self.do(op, own(_("now {state}").format(state=word(state))))

    def _recommend(self, claim: str) -> None:
        op = ops.Recommend(incident=self.at, claim=claim, kind="process")
        self.do(op, own(_("Recommended: g r lists it, enter on it here goes there.")))

    def _reading(self, text: str) -> None:
        from escaltui.screens.sheets.reading import Reading

        lines = (line(each) for each in text.splitlines())
        looks = [Block(((each, "heading" if each.value.startswith("#") else ""),)) for each in lines]
        self.app.push_screen(Reading(own(_("After-action report")), looks))

    def _reported(self, path: str) -> None:
        self.say(own(_("Written to {path}.").format(path=path)), "done")


def _gather(bench: Workbench, at: str) -> Found:
    incidents = bench.incidents()
    shown = at if any(each.id == at for each in incidents) else next((each.id for each in incidents), "")
    return incidents, bench.events(), bench.incident(shown) if shown else None
