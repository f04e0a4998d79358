"""What a framework lacks: a backend keeps it as `helpers`, and emitted files hold copies."""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files

from graphcnn.backends.python.identifiers import globals_read


@cache
def helpers(package: str) -> dict[str, str]:
    """The classes and functions of a backend's helpers by name, each with its source.

    They stand in the modules of its package ``helpers``.
    """
    modules = [
        one for one in files(package).joinpath("helpers").iterdir() if one.name.endswith(".py")
    ]
    found: dict[str, str] = {}
    for module in sorted(modules, key=lambda one: one.name):
        found |= _definitions(module.read_text(encoding="utf-8"))
    return found


def _definitions(text: str) -> dict[str, str]:
    """The classes and functions of a module, each with its decorators."""
    lines = text.splitlines()
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            begin = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found[node.name] = "\n".join(lines[begin - 1 : node.end_lineno])
    return found


def needed_helpers(package: str, text: str) -> list[str]:
    """The sources of the helpers that a text uses, each after those that it uses in turn."""
    known = helpers(package)
    found: list[str] = []
    seen: set[str] = set()

    def add(text: str) -> None:
        read = globals_read(text) - seen
        for name, source in known.items():
            if name in read and name not in seen:
                seen.add(name)
                add(source)
                found.append(source)

    add(text)
    return found
