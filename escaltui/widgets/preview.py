"""A few lines on the case under the cursor, before it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.strip import Strip

from escaltui.i18n import _
from escaltui.safety.text import SafeText, cells, join, own
from escaltui.widgets.labels import word
from escaltui.widgets.masked import title
from escaltui.widgets.painter import Plain
from escaltui.widgets.say import Part, strip
from escaltui.widgets.words import clock_of, clock_words, severity_words, verified_word

if TYPE_CHECKING:
    from escaltui.faces import CaseFace
    from escaltui.line_faces import QueueLine

Row = tuple[Part, ...]
COMMA = own(", ")


class Preview(Plain):
    """Rule with the reference, then what the list has no room for."""

    DEFAULT_CSS = """
    Preview { width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.heading = own("")

    def clear(self) -> None:
        """Nothing to preview."""
        self.rows, self.heading = [], own("")
        self.refresh()

    def show_line(self, line: QueueLine, now: int) -> None:
        """What the line itself tells."""
        self.heading = own(line.ref)
        self.rows = line_rows(line, now)
        self.refresh()

    def show_face(self, face: CaseFace, now: int) -> None:
        """The line, and what the whole case adds."""
        self.heading = own(face.line.ref)
        self.rows = line_rows(face.line, now) + face_rows(face, now)
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows) + 1

    def render_line(self, y: int) -> Strip:
        width, theme = self.size.width, self.app.theme
        if y == 0:
            name = own(f" {_('preview')} ")
            rule = "─" * max(0, width - cells(self.heading) - cells(name) - 5)
            parts: Row = ((own("─ "), "rule"), (self.heading, "heading"), (own(f" {rule}"), "rule"), (name, "quiet"),
                          (own("──"), "rule"))  # fmt: skip
            return strip(parts, width, self.rich_style, theme)
        row = self.rows[y - 1] if y <= len(self.rows) else ()
        return strip(row, width, self.rich_style, theme)


def _named(name: str, *parts: Part) -> Row:
    return ((own(name.ljust(LABEL)[: max(LABEL, len(name) + 1)]), "quiet"), *parts)


LABEL = 11


def line_rows(line: QueueLine, now: int) -> list[Row]:
    """What a line of the list tells, in rows."""
    verified = verified_word(line.verified, line.requester_kind)
    rows = [
        _named(_("title"), (title(line.title), "heading")),
        _named(
            _("from"),
            line.requester or own(_("nobody named")),
            (own(f"  {word(line.requester_kind)}"), "quiet"),
            (own(f"  {verified}"), ""),
        ),
        _named(
            _("state"),
            severity_words(line.severity),
            own(f"  {word(line.status)}  {word(line.type)}  "),
            clock_words(line, now),
        ),
    ]
    if line.flags or line.tags:
        tags = join((own(word(flag)) for flag in line.flags), COMMA), join(line.tags, COMMA)
        rows.append(_named(_("flags"), (tags[0], "near"), own("  " if line.flags else ""), tags[1]))
    return rows


def face_rows(face: CaseFace, now: int) -> list[Row]:
    """What the whole case adds."""
    rows: list[Row] = []
    if face.repeats:
        refs = ", ".join(each.line.ref for each in face.repeats[:3])
        why = ", ".join(word(each) for each in face.repeats[0].why)
        rows.append(_named(_("repeats"), (own(refs), "near"), (own(f"  {why}"), "quiet")))
    if face.summary:
        rows.append(_named(_("summary"), _first_line(face.summary)))
    body = next((report.body for report in face.reports if report.body), None)
    if body is not None:
        rows.append(_named(_("ask"), _first_line(body)))
    if face.clocks:
        clocks: list[Part] = []
        for clock in face.clocks[:4]:
            clocks += [own(f"{word(clock.metric)} "), clock_of(clock, now), own("   ")]
        rows.append(_named(_("clocks"), *clocks))
    rows.append(
        _named(
            _("items"), own(f"{face.subject_count}  "), *(_first_line(s.text or s.item_id) for s in face.subjects[:1])
        )
    )
    return rows


def _first_line(text: SafeText) -> SafeText:
    """The first line that says something, cut from a text of any length."""
    head = text[:400]
    for start, end in _lines(head.value):
        if head.value[start:end].strip():
            return title(head[start:end])
    return own("")


def _lines(value: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for part in value.split("\n"):
        spans.append((at, at + len(part)))
        at += len(part) + 1
    return spans
