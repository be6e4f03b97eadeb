"""Short names for what a module keeps to itself.

Every name that a board loads is a string in its memory, 18 bytes on the mean and once for all modules. A name
with an underscore in front belongs to its module, a parameter that nobody passes by name to its function:
here they become `_a`, `_b` and `a`, `b`, the same ones everywhere. Left alone are names that another module
may mean, or a string. Every line stays where it is: a traceback has the short name of a function, but module
and line as before.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import StringIO
from itertools import count
from string import ascii_letters, ascii_lowercase
from tokenize import NAME, STRING, TokenInfo, generate_tokens

from isentrope_hil.deploy.folding import Edit, edited

# What binds names that are not names in the syntax tree, or has names of its own.
_SCOPES = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Global | ast.Nonlocal | ast.alias
)
_WORD = re.compile(r"[A-Za-z_]\w*")


def shortened(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources of a package, by path, with short names; as they are if one does not parse, which is for
    the compiler to say.

    A module with a class that inherits keeps its private names, since parent and child share attributes.
    """
    try:
        trees = {path: ast.parse(source, path) for path, source in sources.items()}
    except SyntaxError:
        return dict(sources)
    passed = {node.arg for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    sources = {
        path: edited(source.split("\n"), _parameters(trees[path], passed)) for path, source in sources.items()
    }
    bound = {path: list(_bound(tree)) for path, tree in trees.items()}
    taken = {word for source in sources.values() for word in _WORD.findall(source)}
    several = Counter(word for found in bound.values() for word in found)
    foreign = {word for source in sources.values() for word in _quoted(source)}
    for path, tree in trees.items():
        foreign |= set(_names(sources[path])) - set(bound[path])
        foreign |= {word for word in _reached(tree) if several[word] > 1}
    done = {}
    for path, source in sources.items():
        own = [] if _inherits(trees[path]) else [word for word in bound[path] if word not in foreign]
        done[path] = _renamed(source, own, taken)
    return done


def _parameters(tree: ast.Module, passed: set[str | None]) -> Iterator[Edit]:
    """One letter for every parameter of a function that has no function in it."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        inside = list(ast.walk(function))[1:]
        if any(isinstance(node, _SCOPES) for node in inside):
            continue
        names = [node for node in inside if isinstance(node, ast.Name)]
        arguments = [node for node in inside if isinstance(node, ast.arg)]
        used = {node.id for node in names} | {node.arg for node in arguments}
        letters = (letter for letter in ascii_lowercase if letter not in used)
        caught = {node.name for node in inside if isinstance(node, ast.ExceptHandler)}
        kept = passed | caught | {"self"}
        own = (node.arg for node in arguments if node.arg not in kept)
        short = dict(zip(own, letters, strict=False))
        for node in arguments:
            if node.arg in short:
                end = node.col_offset + len(node.arg.encode())
                yield Edit(node.lineno, node.col_offset, end, short[node.arg])
        for name in names:
            if name.id in short:
                assert name.end_col_offset is not None
                yield Edit(name.lineno, name.col_offset, name.end_col_offset, short[name.id])


def _tokens(source: str, kind: int) -> list[TokenInfo]:
    return [token for token in generate_tokens(StringIO(source).readline) if token.type == kind]


def _names(source: str) -> list[str]:
    return [token.string for token in _tokens(source, NAME)]


def _quoted(source: str) -> list[str]:
    """Words in strings: getattr and the like may mean them."""
    return [word for token in _tokens(source, STRING) for word in _WORD.findall(token.string)]


def _reached(tree: ast.Module) -> Iterator[str]:
    """What is looked up in anything but `self`: it may be another module's."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self")):
                pass
            case ast.Attribute(attr=word):
                yield word


def _bound(tree: ast.Module) -> Iterator[str]:
    """Private names that get their meaning in this module, in order, once each; constants take no memory."""
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.func, ast.Name)
        if node.value.func.id == "const"
    }
    seen = set(constants)
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word) | ast.ClassDef(name=word):
                pass
            case ast.Attribute(attr=word, ctx=ast.Store()) | ast.Name(id=word, ctx=ast.Store()):
                pass
            case _:
                continue
        if word.startswith("_") and not word.startswith("__") and word != "_" and word not in seen:
            seen.add(word)
            yield word


def _inherits(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.bases for node in ast.walk(tree))


def _renamed(source: str, own: Iterable[str], taken: Collection[str]) -> str:
    short = dict(zip(own, (word for word in _short() if word not in taken), strict=False))
    lines = source.splitlines(keepends=True)
    for token in reversed(_tokens(source, NAME)):
        if token.string in short:
            row, at = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:at] + short[token.string] + line[at + len(token.string) :]
    return "".join(lines)


def _short() -> Iterator[str]:
    """_a to _Z, then _a1 and so on."""
    yield from (f"_{letter}" for letter in ascii_letters)
    for number in count(1):
        yield from (f"_{letter}{number}" for letter in ascii_letters)
