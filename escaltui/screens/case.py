"""One case: who asks for what, by when, about what; what happened; what is known. One instance, fed a `CaseFace`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from escaltui import keys, when
from escaltui.faces import CaseFace, QueueLine, TimelineLine
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, block, cells, own
from escaltui.screens.copying import Copying
from escaltui.screens.looking import Looking
from escaltui.screens.masking import Masked
from escaltui.screens.mends import Mends
from escaltui.screens.neighbours import neighbour
from escaltui.screens.paned import Paned
from escaltui.widgets.bindings import bindings
from escaltui.widgets.clocks_line import Flow, any_near
from escaltui.widgets.decision import work_blocks
from escaltui.widgets.facts import case_blocks, clock_chunks, fact_blocks, head, why_blocks
from escaltui.widgets.passage import Block, Passage
from escaltui.widgets.section import PaneHead, PaneTabs
from escaltui.widgets.timeline import Timeline, news

if TYPE_CHECKING:
    from escaltui.workbench import Workbench

RENEW = 10 * when.MINUTE
"""A claim with less than this left is renewed while its case is on the screen."""


class CaseScreen(Paned, Masked, Looking, Copying, Mends):
    """The case that is open. `show_case` feeds it; it is never mounted again."""

    CONTEXT = "case"
    BINDINGS = bindings("case")
    CSS_PATH = "case.tcss"
    AUTO_FOCUS = "#case"
    PANES = (("case", N_("Case")), ("timeline", N_("Timeline")), ("facts", N_("Facts")), ("work", N_("Work")))

    def __init__(self) -> None:
        super().__init__()
        self.face: CaseFace | None = None
        self.where = own("")
        self.trail: list[str] = []
        """Cases left by following a link, for the way back."""
        self._jumps = self._ready = False
        self._seen: int | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Flow(2, id="head")
        yield Flow(3, id="clocks")
        yield PaneTabs(self.PANES)
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                with Vertical(id="case-pane"):
                    yield PaneHead(1, N_("Case"))
                    yield Passage(id="case")
                with Vertical(id="timeline-pane"):
                    yield PaneHead(2, N_("Timeline"))
                    yield Timeline(id="timeline")
            with Vertical(id="right"):
                with Vertical(id="facts-pane"):
                    yield PaneHead(3, N_("Facts"))
                    yield Passage(id="facts")
                with Vertical(id="work-pane"):
                    yield PaneHead(4, N_("Work"))
                    yield Passage(id="work")

    def opened(self) -> None:
        self._ready = True
        self.set_interval(1, self._second)
        self.turn_to("case")
        if self.face is not None:
            self._begin()

    # --- the case shown

    def show_case(self, face: CaseFace, place: SafeText) -> None:
        """Show a case from its beginning. `place`: where it stands in the list it came from."""
        if not self._jumps:
            self.trail.clear()
        self._jumps = False
        self.face, self.where = face, place
        told = [line.seq for line in face.timeline if not (line.is_new or line.waiting)]
        self._seen = None if face.seen_at is None else max(told, default=0)
        if self._ready:
            self._begin()

    def _begin(self) -> None:
        """The first drawing of another case."""
        assert self.face is not None
        self.say(own(""))
        self._draw(top=True)
        self.turn("case")
        case_id, upto = self.face.line.id, self.face.timeline[-1].seq if self.face.timeline else None
        self.read(lambda bench: _looked(bench, case_id, upto), self._offer_draft, group="seen")

    def _offer_draft(self, found: tuple[str, bool]) -> None:
        case_id, has_draft = found
        if has_draft and self.face is not None and self.face.line.id == case_id:
            self.say(own(_("A note that was not saved is kept here. c goes on with it.")))

    def _draw(self, *, top: bool) -> None:
        face, bench = self.face, self.app.bench
        assert face is not None
        now, lines = bench.now(), self._timeline(face)
        self.query_one("#head", Flow).show(head(face, bench.rules))
        self.query_one("#case", Passage).show(case_blocks(face, bench.rules), top=top)
        self.query_one("#facts", Passage).show(fact_blocks(face, bench.rules), top=top)
        self._draw_work(face, now, top=top)
        timeline = self.query_one(Timeline)
        timeline.tell(lines, now, only_new=timeline.only_new and not top, top=top)
        told = news(lines, face.seen_at, now)
        for shown in self.query(PaneHead):
            shown.remark(told if shown.digit == 2 else own(""))
        self.query_one(PaneTabs).remark("timeline", told)
        self._draw_times()
        self.refresh_keys()

    def _draw_work(self, face: CaseFace, now: int, *, top: bool) -> None:
        """What is decided, asked, written and still to do; the pane takes room once there is something."""
        work = work_blocks(face.work, self.app.bench.rules, now)
        self.set_class(bool(work), "-has-work")
        nothing = Block(((own(_("Nothing decided, asked or written yet. d decides.")), "quiet"),))
        self.query_one("#work", Passage).show(work or [nothing], top=top)

    def _timeline(self, face: CaseFace) -> list[TimelineLine]:
        """The timeline, new since the look that began when this case was opened; one's own words are never news."""
        if self._seen is None:
            return [line._replace(is_new=False) for line in face.timeline]
        seen, me = self._seen, self.app.bench.me

        def fresh(line: TimelineLine) -> bool:
            return line.seq > seen and line.actor != me and not line.waiting

        return [line._replace(is_new=fresh(line)) for line in face.timeline]

    def _draw_times(self) -> None:
        face, now = self.face, self.app.bench.now()
        if face is None:
            return
        self.query_one("#clocks", Flow).show(clock_chunks(face, now, self.app.bench.rules))
        right = [self.where] if self.where else []
        if face.line.claim_waits:
            right.append(own(_("(yours) not confirmed yet")))
        elif face.line.mine and face.line.held_until:
            right.append(own(_("yours until {time}").format(time=when.time_of(face.line.held_until))))
        elif face.line.held_by:
            right.append(own(_("held by {who}").format(who=face.line.held_by)))
        bar, left = own(" │ "), cells(own(f"escaltui / {_('Queue')} / {face.line.ref} "))
        while right and left + cells(_joined(right, bar) or bar) > self.size.width:
            right.pop(0)  # the reference is never cut; who holds the case goes last
        self.place(own(_("Queue")), own(face.line.ref), right=_joined(right, bar))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))

    def _second(self) -> None:
        if self.face is not None and self.is_active and any_near(self.face.clocks, self.app.bench.now()):
            self._draw_times()

    def ticked(self) -> None:
        self._draw_times()
        line = self.face.line if self.face else None
        left = (line.held_until or 0) - self.app.bench.now() if line and line.mine else 0
        if line is not None and 0 < left < RENEW:
            self.read(lambda bench: bench.keep_claim(line.id), self._kept_claim, group="renew")

    def _kept_claim(self, lost: str) -> None:
        if lost:
            self.fail(lost)

    def case_changed(self, case_ids: frozenset[str]) -> None:
        if self.face is not None and self.face.line.id in case_ids:
            self._read_again(hold=False)

    def wrote(self) -> None:
        self._read_again(hold=True)

    def _read_again(self, *, hold: bool) -> None:
        if self.face is not None:
            case_id = self.face.line.id
            self.read(lambda bench: bench.case(case_id), self._fresh, group="case", hold=hold)

    def _fresh(self, face: CaseFace | None) -> None:
        if face is not None and self.face is not None and face.line.id == self.face.line.id:
            self.face = face._replace(seen_at=self.face.seen_at)
            self._draw(top=False)

    # --- the case that verbs act on

    def line(self) -> QueueLine | None:
        return self.face.line if self.face else None

    def targets(self) -> tuple[str, ...]:
        return (self.face.line.id,) if self.face else ()

    def can(self, action: keys.Action) -> bool:
        if action.verb == "open":
            return isinstance(self.focused, Passage) and self.focused.can_open
        if action.verb == "actor":
            return self.face is not None and bool(
                self.face.line.requester or any(each.author for each in self.face.subjects)
            )
        known = self._known(action.verb)
        return super().can(action) if known is None else known

    def _known(self, verb: str) -> bool | None:
        """Whether a verb works, where the whole case tells more than its status; None where it does not."""
        if self.face is None or verb not in ("yes", "change_withdraw", "change_appeal"):
            return None
        work, stands = self.face.work, self.face.work.decision
        if verb == "yes":
            return next(self._waiting(self.face), None) is not None
        if verb == "change_withdraw":
            return stands is not None and stands.state == "proposed"
        return any(each.state in ("effective", "superseded") for each in (stands, *work.earlier) if each is not None)

    def act_changed(self, argument: str = "") -> None:
        """Show only what changed since I last looked; again: everything."""
        timeline = self.query_one(Timeline)
        if self.face is not None:
            only_new = not timeline.only_new
            timeline.tell(self._timeline(self.face), self.app.bench.now(), only_new=only_new)
            self.turn("timeline")
            self.say(own(_("New since you last looked. D shows all.") if only_new else _("The whole timeline.")))

    # --- following

    def act_open(self, argument: str = "") -> None:
        """Open what the cursor is on; `:open E-7K2QX` any case."""
        if argument:
            self.open_named(argument)
        elif isinstance(self.focused, Passage):
            self.focused.pick()

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        kind, _space, rest = message.key.partition(" ")
        if kind == "case":
            self.follow(rest)
        elif kind in ("decision", "action", "consult", "letter", "task", "statement"):
            self.open_work(kind, rest)
        elif kind == "section" and self.face is not None:
            section, _space, version = rest.rpartition(" ")
            self.app.look_up("", self.face.line.id)
            self.app.screen.open_section(section, version)  # type: ignore[attr-defined]

    def follow(self, case_id: str) -> None:
        """Open another case; esc comes back to this one."""
        if self.face is not None:
            self.trail.append(self.face.line.id)
            self._jumps = True
            self.app.open_case(case_id, own(_("from {ref}").format(ref=self.face.line.ref)))

    def act_back(self, argument: str = "") -> None:
        if self.trail:
            self._jumps = True
            self.app.open_case(self.trail.pop())
        else:
            super().act_back(argument)

    def act_actor(self, argument: str = "") -> None:
        """The page of an account or the requester; it comes back to this case, by whatever ways it was left."""
        if self.face is None:
            return
        case_id, where, trail = self.face.line.id, self.where, list(self.trail)

        def back() -> None:
            self.trail[:], self._jumps = trail, True
            self.app.open_case(case_id, where)

        self.app.choose_actor(case_id, back)

    def act_next_case(self, argument: str = "") -> None:
        self._neighbour(1)

    def act_previous_case(self, argument: str = "") -> None:
        self._neighbour(-1)

    def _neighbour(self, step: int) -> None:
        listed, line = self.app.listed, self.line()
        if line is None:
            return

        def found(other: tuple[str, int, int] | None) -> None:
            if other is None:
                last, first = _("That was the last case of the list."), _("That was the first case of the list.")
                self.say(own(last if step > 0 else first))
            else:
                place = _("{row} of {total} in {view}").format(row=other[1], total=other[2], view=listed.title)
                self.app.open_case(other[0], own(place))

        self.read(lambda bench: neighbour(bench, listed.query, listed.sort, line, step), found, group="open", hold=True)

    # --- looking closer

    def act_why(self, argument: str = "") -> None:
        """How clocks and place are made."""
        if self.face is not None:
            title = own(_("Why {ref} stands where it does").format(ref=self.face.line.ref))
            self._read_out(title, why_blocks(self.face, self.app.bench.now(), self.app.bench.rules))

    def act_inspect(self, argument: str = "") -> None:
        """The original text, escaped."""
        line = self.line()
        if line is not None:
            title = own(_("Original text of {ref}, escaped").format(ref=line.ref))
            self.read(
                lambda bench: bench.raw(line.id),
                lambda raw: self._read_out(title, [Block((block(raw.replace("\\n", "\\n\n")),))]),
                group="raw", hold=True,
            )  # fmt: skip

    def _read_out(self, title: SafeText, blocks: list[Block]) -> None:
        from escaltui.screens.sheets.reading import Reading

        self.app.push_screen(Reading(title, blocks))


def _looked(bench: Workbench, case_id: str, upto: int | None) -> tuple[str, bool]:
    """What is on the screen counts as seen; what came while it was read does not."""
    bench.mark_seen(case_id, upto)
    return case_id, bool(bench.draft(f"note {case_id}"))


def _joined(texts: list[SafeText], bar: SafeText) -> SafeText | None:
    found: SafeText | None = None
    for text in texts:
        found = text if found is None else found + bar + text
    return found
