"""The text of an emitted file: its functions and imports."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphcnn.backends.keras.spelling import respelled
from graphcnn.backends.python.text import class_imports, docstring, parameters
from graphcnn.backends.python.unit import Unit


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


def imports(text: str, declared: Mapping[str, str]) -> str:
    """The imports that a text needs, in the order that isort gives them."""
    standard = [f"import {name}" for name in ("math", "sys") if re.search(rf"\b{name}\.", text)]
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
    own = sorted(class_imports(declared))
    return "\n\n".join("\n".join(part) for part in (standard, third, own) if part)
