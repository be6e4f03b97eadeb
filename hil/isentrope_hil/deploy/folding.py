"""What MicroPython's compiler does with constants within a module, done between modules.

Where `NAME = const(1)` is used in its own module the compiler writes a number, and a NAME with an underscore
leaves nothing in memory. Another module looks NAME up in a dictionary whenever it runs. On a board
dictionaries and names take memory (docs/bench.md, "Budgets"): here such uses become numbers, and constants
that nobody looks up any more get their underscore. Every line stays where it is, for tracebacks.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Number = int | float
Modules = Mapping[str, "_Module"]


class Edit(NamedTuple):
    """A change: bytes `start` to `end` of a line (from 1), and what stands there instead."""

    line: int
    start: int
    end: int
    text: str


class _Module(NamedTuple):
    package: str
    lines: list[str]
    tree: ast.Module
    constants: dict[str, Number]
    bound: Counter[str]  # how often each name is given a meaning, in any scope


def folded(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources of a package, by path ("isentrope/scan.py"), with constants folded; as they are if one does
    not parse, which is for the compiler to say."""
    try:
        modules = {_name(path): _module(path, source) for path, source in sources.items()}
    except SyntaxError:
        return dict(sources)
    numbers = {path: _numbers(modules[_name(path)], modules) for path in sources}
    modules = {_name(path): _module(path, source) for path, source in numbers.items()}
    looked_up = {word for module in modules.values() for word in _looked_up(module.tree)}
    return {path: _private(modules[_name(path)], looked_up) for path in sources}


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _module(path: str, source: str) -> _Module:
    tree = ast.parse(source, path)
    package = _name(path) if path.endswith("/__init__.py") else _name(path).rpartition(".")[0]
    bound: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.arg):
            bound[node.arg] += 1
        elif isinstance(node, ast.ImportFrom | ast.Import):
            bound.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound[node.name] += 1
    return _Module(package, source.split("\n"), tree, dict(_constants(tree)), bound)


def _constants(tree: ast.Module) -> Iterator[tuple[str, Number]]:
    """The top level's `NAME = const(number)`."""
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="const"), args=[it])
            ):
                try:
                    number = eval(compile(ast.Expression(it), name, "eval"), {"__builtins__": {}})
                except Exception:  # more than numbers: the compiler folds it, here it is left alone
                    continue
                if type(number) in (int, float):
                    yield name, number


def _numbers(module: _Module, modules: Modules) -> str:
    """The source with numbers for the constants of other modules, which it imports no longer by name."""
    known: dict[str, Number] = {}
    others: dict[str, dict[str, Number]] = {}
    lines = list(module.lines)
    for node in module.tree.body:
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        parts = module.package.split(".")[: 1 - node.level or None]
        source = ".".join([*parts, node.module] if node.module else parts)
        left = []
        for alias in node.names:
            word = alias.asname or alias.name
            constants = modules[source].constants if source in modules else {}
            if module.bound[word] == 1 and alias.name in constants:
                known[word] = constants[alias.name]
                continue
            left.append(ast.unparse(alias))
            if module.bound[word] == 1 and f"{source}.{alias.name}" in modules:
                others[word] = modules[f"{source}.{alias.name}"].constants
        if len(left) < len(node.names):
            where = "." * node.level + (node.module or "")
            rest = [""] * ((node.end_lineno or node.lineno) - node.lineno)
            text = f"from {where} import {', '.join(left)}" if left else ""
            lines[node.lineno - 1 : node.end_lineno] = [text, *rest]
    return edited(lines, _uses(module.tree, known, others))


def _uses(
    tree: ast.Module, known: Mapping[str, Number], others: Mapping[str, Mapping[str, Number]]
) -> Iterator[Edit]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in known:
                yield _edit(node, _written(known[name]))
            case ast.Attribute(value=ast.Name(id=name), attr=word, ctx=ast.Load()):
                if word in others.get(name, ()):
                    yield _edit(node, _written(others[name][word]))


def _looked_up(tree: ast.Module) -> Iterator[str]:
    """What is looked up in other modules, or may be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _private(module: _Module, looked_up: set[str]) -> str:
    """The source with an underscore before its constants that are used in it alone."""
    once = {word for word in module.constants if module.bound[word] == 1 and not module.bound["_" + word]}
    words = {word for word in once - looked_up if word[0] != "_"}
    names = (node for node in ast.walk(module.tree) if isinstance(node, ast.Name) and node.id in words)
    return edited(module.lines, (_edit(node, "_" + node.id) for node in names))


def _written(number: Number) -> str:
    return repr(number) if number >= 0 else f"({number!r})"


def _edit(node: ast.expr, text: str) -> Edit:
    assert node.end_col_offset is not None and node.lineno == node.end_lineno, ast.dump(node)
    return Edit(node.lineno, node.col_offset, node.end_col_offset, text)


def edited(lines: list[str], edits: Iterable[Edit]) -> str:
    """The source of these lines with the edits made, which do not overlap."""
    done = [line.encode() for line in lines]
    for line, start, end, text in sorted(edits, reverse=True):
        done[line - 1] = done[line - 1][:start] + text.encode() + done[line - 1][end:]
    return b"\n".join(done).decode()
