"""The text of an emitted file: docstring, imports, classes, builder and a small main."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from textwrap import wrap

from graphcnn.backends.python.unit import REQUIRED, Argument, Unit


def class_text(unit: Unit) -> str:
    """One class, unformatted but valid."""
    lines = [f"class {unit.name}({unit.base}):"]
    if unit.doc:
        lines += [*(f"    {line}" for line in docstring(unit.doc)), ""]
    first = "super().__init__()" if unit.base != "nn.Sequential" else None
    body = [f"{name} = {text}" for name, text in unit.locals.items()]
    body = ([first] if first else []) + body + unit.init
    if body != ["super().__init__()"]:
        lines += [f"    def __init__({parameters(unit.ordered_arguments())}) -> None:"]
        lines += [f"        {line}" for line in body]
    if unit.forward:
        lines += ["", f"    def forward{unit.signature}:"]
        lines += [f"        {line}" for line in unit.forward]
    return "\n".join(lines)


def parameters(arguments: Sequence[Argument], receiver: str = "self") -> str:
    """Parameters as they stand in a header: `self, in_channels: int, stride: int = 1`."""
    found = [receiver] if receiver else []
    for argument in arguments:
        default = "" if argument.default is REQUIRED else f" = {argument.default!r}"
        found.append(f"{argument.name}: {argument.annotation}{default}")
    return ", ".join(found)


def docstring(text: str, width: int = 84) -> list[str]:
    """A spec's text as the lines of a docstring in a class or function, whatever is in it."""
    words = " ".join(text.split())
    if len(escaped(words)) + 6 <= width:
        return [f'"""{escaped(words)}"""']
    first, *rest = (escaped(line) for line in wrap(words, width - 3))
    return [f'"""{first}', *rest, '"""']


def escaped(text: str) -> str:
    """Text that can stand between triple quotes and means nothing else there."""
    text = text.replace("\\", "\\\\")
    if '"""' in text or text.endswith('"'):
        text = text.replace('"', '\\"')
    return "".join(c if c.isprintable() or c == "\n" else f"\\U{ord(c):08x}" for c in text)


def camel(name: str) -> str:
    """``conv_bn`` as a class name."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or "Block"


def natural(name: str) -> tuple[bool, bool, list[tuple[int, str]]]:
    """The order of `__all__`: constants, classes, functions; `Unit2` before `Unit10`."""
    pieces = re.findall(r"\d+|\D+", name)
    key = [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]
    constant = len(name) > 1 and name.isupper()
    return not constant, not name[:1].isupper(), key


@cache
def helpers() -> dict[str, str]:
    """The classes of ``helpers.py`` by name, each with its source."""
    text = files(__package__).joinpath("helpers.py").read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found[node.name] = ast.get_source_segment(text, node) or ""
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


def imports(text: str, declared: Sequence[tuple[str, str, str]]) -> str:
    """The imports that a text needs, in the order that isort gives them."""
    standard = []
    if re.search(r"(?<!\.)\bOrderedDict\(", text):
        standard.append("from collections import OrderedDict")
    if re.search(r"\bAny\b", text):
        standard.append("from typing import Any")
    torch = []
    if re.search(r"\btorch\.", text):
        torch.append("import torch")
    if re.search(r"\bF\.", text):
        torch.append("import torch.nn.functional as F")
    names = [name for name in ("Tensor", "nn") if re.search(rf"\b{name}\b", text)]
    if names:
        torch.append(f"from torch import {', '.join(names)}")
    plain: dict[str, list[str]] = {}
    for module, name, known in declared:
        if name == known:
            plain.setdefault(module, []).append(name)
        else:
            torch.append(f"from {module} import {name} as {known}")
    for module, classes in plain.items():
        torch.append(f"from {module} import {', '.join(sorted(classes, key=natural))}")
    # plain imports first, then by module, as isort has it
    torch = sorted(torch, key=lambda line: (line.startswith("from"), line.split()[1]))
    return "\n\n".join("\n".join(part) for part in (standard, torch) if part)


def formatted(text: str) -> str:
    """The text as ruff's formatter lays it out."""
    from ruff.__main__ import find_ruff_bin

    command = [find_ruff_bin(), "format", "--isolated", "--line-length", "88"]
    command += ["--target-version", "py310", "--stdin-filename", "model.py", "-"]
    done = subprocess.run(  # noqa: S603  # the program is ruff's own, the text goes to its input
        command, input=text, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"ruff cannot format the emitted text: {done.stderr.strip()}")
    return done.stdout
