"""The text of an emitted file: docstring, imports, helpers, functions and a small main."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from graphcnn.backends.keras.spelling import respelled
from graphcnn.backends.python.unit import Unit
from graphcnn.backends.pytorch.file import docstring, parameters


def function_text(unit: Unit, sizes: frozenset[str], *, named: bool) -> str:
    """The function of a block, unformatted but valid."""
    tensors = [f"{name}: KerasTensor" for name in unit.inputs]
    given = [argument for argument in unit.ordered_arguments() if argument.name not in sizes]
    arguments = ", ".join(filter(None, [*tensors, parameters(given, receiver="")]))
    end = ", *, name: str" if named else ""
    lines = [f"def {unit.name}({arguments}{end}) -> {unit.signature}:"]
    if unit.doc:
        lines += [f"    {line}" for line in docstring(unit.doc)]
    lines += [f"    {name} = {text}" for name, text in unit.locals.items()]
    lines += [f"    {line}" for line in unit.forward]
    return respelled("\n".join(lines))


@cache
def helpers() -> dict[str, str]:
    """The layers of ``helpers.py`` by name, each with its source."""
    text = files(__package__).joinpath("helpers.py").read_text(encoding="utf-8")
    found = {}
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            begin = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found[node.name] = "\n".join(lines[begin - 1 : node.end_lineno])
    return found


def needed_helpers(text: str) -> list[str]:
    """The sources of the helpers that a text uses, and that those use in turn, in file order."""
    wanted: set[str] = set()
    waiting = [text]
    while waiting:
        words = set(re.findall(r"\b[A-Za-z_]\w*\b", waiting.pop()))
        for name, source in helpers().items():
            if name in words and name not in wanted:
                wanted.add(name)
                waiting.append(source)
    return [source for name, source in helpers().items() if name in wanted]


def imports(text: str, modules: Sequence[str]) -> str:
    """The imports that a text needs, in the order that isort gives them."""
    standard = ["import math"] if re.search(r"\bmath\.", text) else []
    if re.search(r"\bAny\b", text):
        standard.append("from typing import Any")
    names = [
        name
        for name in ("KerasTensor", "initializers", "layers", "ops")
        if re.search(rf"(?<![\w.]){name}\b", text)
    ]
    third = ["import keras"]
    if names:
        third.append(f"from keras import {', '.join(names)}")
    own = sorted(modules)
    return "\n\n".join("\n".join(part) for part in (standard, third, own) if part)
