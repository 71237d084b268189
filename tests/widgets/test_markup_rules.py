"""Text from outside is never read as markup, and nothing here asks a terminal for more than our grammar."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import escaltui

PACKAGE = Path(escaltui.__file__).parent
FILES = [*sorted((PACKAGE / "widgets").rglob("*.py")), *sorted((PACKAGE / "screens").rglob("*.py")), PACKAGE / "app.py"]
READS_MARKUP = {"Markdown", "MarkdownViewer", "from_markup", "from_ansi", "render_markup", "escape_markup"}
DECODERS = {"PIL", "av", "pypdfium2", "pdqhash"}


def broken(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, rule) of what breaks a rule of SAFETY.md sections 2 and 5."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in READS_MARKUP:
                yield node.lineno, f"{name} reads markup"
            for keyword in node.keywords:
                if keyword.arg == "markup" and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                ):
                    yield node.lineno, "markup from a variable"
                if keyword.arg == "link":
                    yield node.lineno, "a link of the terminal (OSC 8)"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\x1b" in node.value:
            yield node.lineno, "a control sequence of our own"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            named = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            if {each.partition(".")[0] for each in named} & DECODERS:
                yield node.lineno, "decodes in the UI process"
        if isinstance(node, ast.Assign):
            for target in node.targets:
                name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                if name in ("border_title", "border_subtitle", "sub_title") and isinstance(node.value, ast.JoinedStr):
                    yield node.lineno, f"{name} from a variable"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_rule_is_broken(file: Path) -> None:
    found = list(broken(ast.parse(file.read_text("utf-8"))))
    assert found == []


@pytest.mark.parametrize(
    "code",
    ["Markdown(text)", "Content.from_markup(x)", "Static(x, markup=wanted)", "Static(x, markup=True)",
     "Style(link=url)", 'write("\\x1b]8;;")', "import PIL.Image", "from av import open", 'box.border_title = f"{x}"'],
)  # fmt: skip
def test_control_a_broken_rule_is_found(code: str) -> None:
    assert list(broken(ast.parse(code))) != []
