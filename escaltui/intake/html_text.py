"""HTML made plain text: no script, no style, links kept beside their words, hidden parts marked as such."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from escaltui.intake.found import word_set

_BLOCKS = word_set("p div br tr li ul ol h1 h2 h3 h4 h5 h6 table blockquote section article hr pre")
_SILENT = word_set("script style head title noscript template")
_SPACES = re.compile(r"[ \t\f\v\u00a0]+")
_DECLARATION = re.compile(r"<[!?][^<>]*>?")
_UNCLOSED = re.compile(r"<(?![^<>]*>)")
_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0
        self.target = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag == "a":
            self.target = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS and tag != "br":
            self.pieces.append("\n")
        elif tag == "a" and self.target.startswith(("http:", "https:")):
            # Where a link leads is often not what its words say: the reader sees both.
            self.pieces.append(f" <{self.target}> ")
            self.target = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _tame(page: str) -> str:
    """`page` without comments and declarations, its unclosed `<` as text: the parser rereads them without end."""
    pieces, at = [], 0
    while (start := page.find("<!--", at)) >= 0:
        pieces.append(page[at:start])
        end = page.find("-->", start + 2)
        at = len(page) if end < 0 else end + 3
    pieces.append(page[at:])
    return _UNCLOSED.sub("&lt;", _DECLARATION.sub("", "".join(pieces)))


def text_of_html(page: str) -> str:
    """The readable text of `page`; markup that cannot be parsed stays as it is."""
    parser = _Plain()
    try:
        parser.feed(_tame(page))
        parser.close()
    except (AssertionError, ValueError):  # html.parser on some broken declarations
        return page
    text = "".join(parser.pieces)
    if not text.strip() and page.strip() and parser.silent:
        return page
    return _LINES.sub("\n\n", _SPACES.sub(" ", text)).strip()
