"""The text of an emitted file: its functions and imports."""

from __future__ import annotations

from collections.abc import Mapping

from graphcnn.backends.keras.spelling import respelled
from graphcnn.backends.python.identifiers import globals_read
from graphcnn.backends.python.text import class_imports, docstring, parameters
from graphcnn.backends.python.unit import Unit


def function_text(
    unit: Unit, sizes: frozenset[str], *, named: bool, shared: str | None = None
) -> str:
    """The function of a block without its docstring, unformatted but valid.

    ``shared`` is what it calls the layers that are kept by name, if it is given them.
    """
    tensors = [f"{name}: KerasTensor" for name in unit.inputs]
    given = [argument for argument in unit.ordered_arguments() if argument.name not in sizes]
    arguments = ", ".join(filter(None, [*tensors, parameters(given, receiver="")]))
    keywords = [*(["name: str"] if named else []), *([f"{shared}: Shared"] if shared else [])]
    end = f", *, {', '.join(keywords)}" if keywords else ""
    lines = [f"def {unit.name}({arguments}{end}) -> {unit.signature}:"]
    lines += [f"    {name} = {text}" for name, text in unit.locals.items()]
    lines += [f"    {line}" for line in unit.forward]
    return respelled("\n".join(lines))


def documented(function: str, doc: str) -> str:
    """A function's text with a docstring.

    It comes last, so that nothing which goes through the code takes a word of it for code.
    """
    header, _, body = function.partition("\n")
    words = "\n".join(f"    {line}" for line in docstring(doc))
    return f"{header}\n{words}\n{body}" if doc else function


def imports(text: str, declared: Mapping[str, str]) -> str:
    """The imports that a text needs, in the order that isort gives them."""
    read = globals_read(text)
    standard = [f"import {name}" for name in ("math", "sys") if name in read]
    if "Any" in read:
        standard.append("from typing import Any")
    names = [name for name in ("KerasTensor", "initializers", "layers", "ops") if name in read]
    third = ["import keras"]
    if names:
        third.append(f"from keras import {', '.join(names)}")
    own = sorted(class_imports(declared))
    return "\n\n".join("\n".join(part) for part in (standard, third, own) if part)
