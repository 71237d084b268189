"""Merge: another case absorbs this one. What will happen is said before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.widget import Widget
from textual.widgets import Input

from escaltui.domain import operations as ops
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.sheets.reading import ReadingText
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.facts import other_block
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import rows
from escaltui.widgets.passage import Block, Passage

if TYPE_CHECKING:
    from escaltui.faces import BulkPreview, QueueLine
    from escaltui.workbench import Workbench


class Foreseen(NamedTuple):
    """The case that would absorb, the cases that would go into it, and how the rules judge each."""

    into: QueueLine
    going: tuple[QueueLine, ...]
    judged: BulkPreview


class MergeSheet(Sheet):
    """Name the case that absorbs; the sheet says what that does."""

    AUTO_FOCUS = "#into"
    DEFAULT_CSS = """
    MergeSheet #foreseen { margin: 1 0 0 0; height: auto; background: $surface; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], into: str = "") -> None:
        super().__init__(_("Merge"), line, case_ids)
        self.into = into
        self.foreseen: Foreseen | None = None

    def fields(self) -> Iterable[Widget]:
        yield from rows(
            ((_("Into"), SafeInput(id="into", placeholder=_("the case that absorbs it, such as E-7K2QX"))),)
        )
        yield ReadingText(id="foreseen")

    def on_mount(self) -> None:
        """Where it is known already which one absorbs it, what that does is said at once."""
        if self.into:
            self.query_one("#into", SafeInput).load(own(self.into))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        typed, ids = event.value.strip(), self.case_ids
        self.foreseen = None
        self.say(own(""))
        self.frame.read(
            lambda bench: foresee(bench, ids, typed) if typed else None, partial(self._show, typed), group="merge",
            hold=True, failed=self.fail,
        )  # fmt: skip

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The one field there is: enter submits, and does not step on."""
        event.stop()
        event.prevent_default()
        self.act_submit()

    def _show(self, typed: str, found: Foreseen | None) -> None:
        self.foreseen = found
        passage = self.query_one("#foreseen", Passage)
        passage.show(list(blocks(found)) if found else [])
        passage.refresh(layout=True)

    def _state(self) -> tuple[object, ...]:
        return (self.query_one("#into", SafeInput).value.strip(),)

    def made(self) -> Made | str:
        typed = self.query_one("#into", SafeInput).value.strip()
        if self.foreseen is None:
            return (
                _("No case {ref}. / looks for words, types, names.").format(ref=typed) if typed else _("Name a case.")
            )
        into = self.foreseen.into
        done = own(_("Absorbed by {ref}. e u gives it its own life back.").format(ref=into.ref))
        return Made(lambda case: ops.Merge(case=case, into=into.id), done)


def foresee(bench: Workbench, case_ids: tuple[str, ...], typed: str) -> Foreseen | None:
    """What a merge into the case of this reference would do; None where there is no such case."""
    into = bench.line(typed)
    if into is None:
        return None
    going = tuple(line for case_id in case_ids if (line := bench.line(case_id)) is not None)
    judged = bench.do_marked(lambda case: ops.Merge(case=case, into=into.id), case_ids, dry_run=True)
    return Foreseen(into, going, judged)


def blocks(found: Foreseen) -> Iterator[Block]:
    """The case that absorbs, then what happens to both, or why it cannot be done."""
    into = found.into
    yield other_block(into)._replace(key="", indent=0)
    for ref, _code, reason in found.judged.refused:
        yield Block(((own(f"{ref}: {reason}"), "refused"),))
    gone = [line for line in found.going if line.ref in found.judged.will_change]
    if not gone:
        return
    refs = ", ".join(line.ref for line in gone[:5]) + (" ..." if len(gone) > 5 else "")
    said = ngettext(
        "{refs} ends as merged and stays readable; {into} links to it.",
        "{refs} end as merged and stay readable; {into} links to them.", len(gone),
    )  # fmt: skip
    yield Block((own(said.format(refs=refs, into=into.ref)),))
    yield Block((own(_("Times set by law or a letter run on in {into}.").format(into=into.ref)),))
    level = min(line.severity for line in gone)
    if level < into.severity:
        words = _("{into} rises from S{was} to S{now}.").format(into=into.ref, was=into.severity, now=level)
        yield Block(((own(words), "near"),))
    yield Block(((own(_("e u gives a merged case its own life back.")), "quiet"),))
