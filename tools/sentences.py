"""Finds the sentences that code below the catalogues hands up as templates: `need(...)`, `QueryError(...)` and others.

A template is a literal where the call stands, or a name or a table that is bound to literals in the same file, by a
loop over such a table, or in the file of ours that it is imported from. So a sentence cannot be made at run time
without this seeing its template.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TEMPLATES: dict[str, tuple[int, ...]] = {
    "need": (2, 3), "Refusal": (1, 2), "refused": (1, 2), "body_fits": (3,), "filled": (0,), "lead_only": (1,),
    "QueryError": (0,), "ViewsError": (0,), "ConditionFault": (0,), "ClockFault": (0,), "said": (0,), "_wrong": (0,),
    "_fault": (1,), "fault": (1,), "row_fault": (1,), "words": (0,), "MacroFault": (0,), "FileFault": (1,),
    "OutboundError": (0,), "_Bad": (0,), "IcsFault": (1,), "_whole": (0,), "_where": (0,),
}  # fmt: skip
"""Which arguments of a call are templates."""
HERE = Path(__file__).resolve().parent.parent
DESCRIPTIONS = "Meta"
"""The call whose `description` ends the sentence of a rule file that is not as it must be."""


def files(package: Path) -> list[Path]:
    """The files that hand up templates."""
    folders = ("commands", "domain", "intake", "outbound", "policy", "store", "workbench")
    alone = ("rules_loader", "keys", "macro_files", "rota", "rota_ics", "templates")
    return [*(file for folder in folders for file in sorted((package / folder).rglob("*.py"))),
            *(package / f"{name}.py" for name in alone)]  # fmt: skip


class Found(NamedTuple):
    """A template, and where it stands."""

    text: str
    line: int


def templates(file: Path) -> Iterator[Found]:
    """Every template of a file."""
    tree = ast.parse(file.read_text("utf-8"))
    bound = _bound(tree) | _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in _given(node):
                yield from _texts(given, bound)
            if _name(node.func) == DESCRIPTIONS:
                for keyword in node.keywords:
                    if keyword.arg == "description" and isinstance(keyword.value, ast.Constant):
                        yield Found(keyword.value.value.replace("{", "{{").replace("}", "}}"), keyword.value.lineno)


def made_at_run_time(file: Path) -> Iterator[int]:
    """Lines where a template is put together instead of written down: an f-string, a sum, a `%` or a `format`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) != "words":
            for given in _given(node):
                for part in ast.walk(given):
                    if isinstance(part, ast.JoinedStr | ast.BinOp) or _name(part) in ("format", "join"):
                        yield node.lineno


def _given(call: ast.Call) -> list[ast.expr]:
    wanted = TEMPLATES.get(_name(call.func), ())
    if _name(call.func) == "words":
        return list(call.args)
    spread = [arg for arg in call.args if isinstance(arg, ast.Starred)] if wanted else []
    return [call.args[at] for at in wanted if at < len(call.args) and call.args[at] not in spread] + spread


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _bound(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What each name of a file is bound to, wherever in it; a function's name: what it returns."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef):
            values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            found.setdefault(node.name, []).extend(values)
        elif isinstance(node, ast.For | ast.comprehension):
            many = isinstance(node.target, ast.Tuple)
            for at, name in enumerate(node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).extend(_looped(node.iter, at if many else None))
    return found


def _looped(source: ast.expr, at: int | None) -> list[ast.expr]:
    """What a loop takes out of a table: its rows, or the values at one place of them."""
    if isinstance(source, ast.Call) and _name(source.func) == "items" and isinstance(source.func, ast.Attribute):
        return [source.func.value] if at == 1 else []
    rows = source.elts if isinstance(source, ast.Tuple | ast.List) else []
    if at is None:
        return list(rows)
    return [row.elts[at] for row in rows if isinstance(row, ast.Tuple) and at < len(row.elts)]


def _imported(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What the constants are bound to that a file takes from another one of ours."""
    found: dict[str, list[ast.expr]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("escaltui."):
            file = HERE / (node.module.replace(".", "/") + ".py")
            wanted = {name.name for name in node.names if name.name.isupper()}
            if wanted and file.exists():
                there = _bound(ast.parse(file.read_text("utf-8")))
                found |= {name: there[name] for name in wanted & there.keys()}
    return found


def _texts(node: ast.expr, bound: dict[str, list[ast.expr]], depth: int = 0) -> Iterator[Found]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and node.value:
            yield Found(node.value, node.lineno)
    elif isinstance(node, ast.Name):
        for value in bound.get(node.id, ()) if depth < 3 else ():
            yield from _texts(value, bound, depth + 1)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, bound, depth)
        yield from _texts(node.orelse, bound, depth)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value, bound, depth)
    elif isinstance(node, ast.Tuple):
        for value in node.elts:
            yield from _texts(value, bound, depth)
    elif isinstance(node, ast.Starred):
        yield from _texts(node.value, bound, depth)
    elif isinstance(node, ast.GeneratorExp):
        yield from _texts(node.elt, bound, depth)
    elif isinstance(node, ast.Subscript):
        yield from _texts(node.value, bound, depth)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        yield from _texts(node.func.value, bound, depth)  # a table, and what stands for its gaps
        for default in node.args[1:]:
            yield from _texts(default, bound, depth)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _texts(node.func, bound, depth)
