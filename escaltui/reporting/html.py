"""A report as one HTML file: no script, no address, nothing fetched; its style and pictures are in it.

The page's own policy allows its one style sheet, by its hash, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from escaltui.i18n import _
from escaltui.reporting import pictures
from escaltui.reporting.content import Bar, Cell, Figure, Part, Report, Table, Trace, told
from escaltui.reporting.markup import Html, element

NARROW = 4
"""Columns of a table that may stand beside another; one of more is read row by row where the page is narrow."""
NEWEST = 8
"""Rows beside a picture; all of them are one click away."""


def write(report: Report) -> str:
    """The whole file."""
    style = (Path(__file__).parent / "report.css").read_text("utf-8")
    parts = (_part(part) for part in report.parts)
    page = element("html", _head(report, style), element("body", _header(report), element("main", *parts),
                   element("footer", *(element("p", said) for said in report.foot))), lang=report.language)  # fmt: skip
    return f"<!DOCTYPE html>\n{page}\n"


def policy(style: str) -> str:
    """What the page may load: this style sheet alone."""
    digest = b64encode(sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _head(report: Report, style: str) -> Html:
    return element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Html(policy(style))),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"), element("meta", name="robots", content="noindex"),
        element("title", report.title), element("style", Html(style)),
    )  # fmt: skip


def _header(report: Report) -> Html:
    tiles = (
        element("div", element("dt", name), element("dd", value), element("dd", beside) if beside else Html(""))
        for name, value, beside in report.tiles
    )
    return element("header", element("h1", report.title), element("p", report.says), element("dl", *tiles))


def _part(part: Part) -> Html:
    said = (element("p", each) for each in part.says)
    return element("section", element("h2", part.title, id=part.key), *said, *_blocks(part), aria_labelledby=part.key)


def _blocks(part: Part) -> Iterator[Html]:
    """Figures, wide tables, and narrow tables side by side."""
    narrow: list[Html] = []
    for at, block in enumerate(part.blocks):
        if isinstance(block, Table) and len(block.heads) <= NARROW:
            narrow.append(_table(block))
            continue
        yield from _beside(narrow)
        narrow = []
        yield _figure(block, f"{part.key}-{at}") if isinstance(block, Figure) else _table(block)
    yield from _beside(narrow)


def _beside(tables: Sequence[Html]) -> Iterator[Html]:
    if tables:
        yield element("div", *tables, class_="beside")


def _figure(figure: Figure, key: str) -> Html:
    rows = tuple((label, told(value)) for label, value in zip(figure.labels, figure.values, strict=True))[::-1]
    caption = element("figcaption", element("strong", figure.title), element("span", figure.says))
    newest = _rows(Table("", figure.heads, rows[:NEWEST], frozenset({1})))
    whole = Table("", figure.heads, rows, frozenset({1}))
    more = element("details", element("summary", _("All figures as a table")), _rows(whole))
    return element("div", element("figure", caption, pictures.large(figure, key)),
                   element("div", newest, more if len(rows) > NEWEST else Html("")), class_="figure")  # fmt: skip


def _table(table: Table) -> Html:
    after = element("p", table.after, class_="after") if table.after else Html("")
    if not table.rows:
        return element("div", element("h3", table.title) if table.title else Html(""), after)
    return element("div", _rows(table), after, class_="table")


def _rows(table: Table) -> Html:
    caption = element("caption", table.title) if table.title else Html("")
    heads = (element("th", head, scope="col", class_=_kind(table, at)) for at, head in enumerate(table.heads))
    rows = (element("tr", *_cells(table, row)) for row in table.rows)
    kind = "wide" if len(table.heads) > NARROW else None
    return element("table", caption, element("thead", element("tr", *heads)), element("tbody", *rows), class_=kind)


def _kind(table: Table, at: int) -> str | None:
    return "n" if at in table.figures else None


def _cells(table: Table, row: tuple[Cell, ...]) -> Iterator[Html]:
    for at, cell in enumerate(row):
        if isinstance(cell, Bar):
            yield element("td", pictures.bar(cell), class_="bar")
        elif isinstance(cell, Trace):
            yield element("td", pictures.trace(cell), data_head=table.heads[at])
        elif at == 0:
            yield element("th", cell, scope="row", class_=_kind(table, at))
        else:
            yield element("td", cell, class_=_kind(table, at), data_head=table.heads[at])
