"""Pieces that the text of every emitted Python file has: docstrings, parameters, its layout."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from textwrap import wrap

from graphcnn.backends.python.argument import REQUIRED, Argument


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
    lines = wrapped(words, width - 3)
    first, *rest = map(escaped, lines if len(lines) > 1 else wrapped(words, width - 6))
    return [f'"""{first}', *rest, '"""']


def wrapped(text: str, width: int) -> list[str]:
    """A text as lines; where there are two, the first ends at a pause if there is one."""
    lines = wrap(text, width, break_on_hyphens=False) or [""]
    if len(lines) != 2:
        return lines
    pauses = [found.end() for found in re.finditer(r"(?<=[.,;]) | (?=\()", text)]
    fitting = [
        end
        for end in pauses
        if end - 1 <= width
        and len(text) - end <= width
        and text.count("(", 0, end) == text.count(")", 0, end)
    ]
    if not fitting:
        return lines
    end = max(fitting, key=lambda end: (len(text) - end > 10, end))  # a word alone is no line
    return [text[: end - 1], text[end:]]


def without_citation(text: str) -> str:
    """A description without the paper that it cites in parentheses."""
    return re.sub(r"\s*\([^()]*\b(?:19|20)\d\d\b[^()]*\)", "", text)


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


def class_imports(classes: Mapping[str, str]) -> list[str]:
    """The lines that bring in the author's own classes: each path with what it is called here."""
    plain: dict[str, list[str]] = {}
    found = []
    for path, known in classes.items():
        module, _, name = path.rpartition(".")
        if name == known:
            plain.setdefault(module, []).append(name)
        else:
            found.append(f"from {module} import {name} as {known}")
    for module, names in plain.items():
        found.append(f"from {module} import {', '.join(sorted(names, key=natural))}")
    return found


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
