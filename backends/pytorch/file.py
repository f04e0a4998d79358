"""The text of an emitted file: its classes and imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphcnn.backends.python.identifiers import globals_read
from graphcnn.backends.python.printer import literal
from graphcnn.backends.python.text import class_imports, docstring, parameters
from graphcnn.backends.python.unit import Unit

_STANDARD = {
    "OrderedDict": "from collections import OrderedDict",
    "Any": "from typing import Any",
}
_TORCH = {"torch": "import torch", "F": "import torch.nn.functional as F"}


def class_text(unit: Unit) -> str:
    """One class, unformatted but valid."""
    lines = [f"class {unit.name}({unit.base}):"]
    if unit.doc:
        lines += [*(f"    {line}" for line in docstring(unit.doc)), ""]
    if unit.constants:
        lines += [f"    __constants__ = {literal(tuple(unit.constants))}", ""]
    first = None if unit.base in ("nn.ModuleList", "nn.Sequential") else "super().__init__()"
    body = [f"{name} = {text}" for name, text in unit.locals.items()]
    body = ([first] if first else []) + body + unit.init
    if body != ["super().__init__()"]:
        lines += [f"    def __init__({parameters(unit.ordered_arguments())}) -> None:"]
        lines += [f"        {line}" for line in body]
    if unit.forward:
        lines += ["", f"    def forward{unit.signature}:{_override(unit)}"]
        lines += [f"        {line}" for line in unit.forward]
    return "\n".join(lines)


def _override(unit: Unit) -> str:
    """A remark for type checkers: the `forward` of a sequence takes one value."""
    several = unit.signature.partition(" -> ")[0].count(": ") > 1
    return "  # type: ignore[override]" if unit.base == "nn.Sequential" and several else ""


def needed(units: Sequence[Unit]) -> list[Unit]:
    """The classes that the last one makes use of, itself included, in their order."""
    texts = {unit.name: class_text(unit) for unit in units}
    found: set[str] = set()
    waiting = [units[-1].name]
    while waiting:
        name = waiting.pop()
        if name in texts and name not in found:
            found.add(name)
            waiting += sorted(globals_read(texts[name]))
    return [unit for unit in units if unit.name in found]


def imports(text: str, declared: Mapping[str, str]) -> str:
    """The imports that a text needs, in the order that isort gives them."""
    read = globals_read(text)
    standard = [line for name, line in _STANDARD.items() if name in read]
    torch = [line for name, line in _TORCH.items() if name in read]
    names = [name for name in ("Tensor", "nn") if name in read]
    if names:
        torch.append(f"from torch import {', '.join(names)}")
    torch += class_imports(declared)
    # plain imports first, then by module, as isort has it
    torch = sorted(torch, key=lambda line: (line.startswith("from"), line.split()[1]))
    return "\n\n".join("\n".join(part) for part in (standard, torch) if part)
