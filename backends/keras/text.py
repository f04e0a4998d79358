"""The lines of a block's function; sizes of its inputs are read off the tensors, never passed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphcnn.backends.keras.scribe import Scribe
from graphcnn.backends.keras.steps import Slot, Step, end_of
from graphcnn.backends.keras.tidy import tidied
from graphcnn.backends.python.identifiers import names_in, renamed
from graphcnn.backends.python.unit import Unit, axis_names

if TYPE_CHECKING:
    from graphcnn.backends.keras.writer import Writer


def write_body(
    unit: Unit,
    writer: Writer,
    inputs: Sequence[Slot],
    results: Sequence[Slot],
    sizes: frozenset[str],
) -> None:
    """The lines of a function that returns ``results``; sizes of inputs are read off them."""
    writer.parts = tidied(writer.parts, results)
    scribe = Scribe(writer.parts, list(inputs), results, unit)
    lines = scribe.lines()
    last = writer.parts[-1] if writer.parts else None
    texts = ", ".join(str(end_of(slot).name) for slot in results)
    if len(results) == 1 and isinstance(last, Step) and last.targets == [results[0]]:
        text = scribe.text(last)
        # of an identity there is no line, and the last one is that of what it stands for
        written = bool(lines) and lines[-1].startswith(f"{texts} = {text}")
        if len(text) < 76 and written and scribe.reads.get(results[0]) == 1:
            lines.pop()
            texts = text
    elif isinstance(last, Step) and last.targets == list(results) and last.fed is None:
        lines.pop()
        texts = scribe.text(last)
    unit.forward = _sizes_as_text(unit, [*lines, f"return {texts}"], inputs, sizes)


def _sizes_as_text(
    unit: Unit, lines: list[str], inputs: Sequence[Slot], sizes: frozenset[str]
) -> list[str]:
    """The lines with `in_channels` as `x.shape[-1]`, or kept in a variable where `x` is gone."""
    for slot in inputs:
        prefix = unit.inputs[str(slot.name)]
        for axis, name in enumerate(axis_names(prefix, len(slot.shape))):
            if name not in sizes or name not in unit.arguments:
                continue
            place = slot.layout.spoken(axis, len(slot.shape))
            lines = _written(unit, lines, str(slot.name), name, f"{slot.name}.shape[{place}]")
    return lines


def _written(unit: Unit, lines: list[str], tensor: str, name: str, text: str) -> list[str]:
    def said(line: str) -> str:
        return renamed(line, lambda read: text if read == name else read)

    safe = _safe_lines(lines, tensor)
    direct = all(n < safe for n, line in enumerate(lines) if name in names_in(line))
    count = sum(names_in(line).count(name) for line in (*lines, *unit.locals.values()))
    if direct and count <= 2:
        unit.locals = {key: said(value) for key, value in unit.locals.items()}
        return [said(line) for line in lines]
    unit.locals = {name: text, **unit.locals}
    return lines


def _safe_lines(lines: Sequence[str], tensor: str) -> int:
    """Up to which line the name of an input is still that input."""
    for n, line in enumerate(lines):
        if re.match(rf"\s*for |\s*([\w, ]*\b)?{re.escape(tensor)}\b[\w, ]* = ", line):
            return n if line.lstrip().startswith("for ") else n + 1
    return len(lines)
