"""`graphcnn zoo`: the shipped models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphcnn import counts
from graphcnn.compiler import elaborate, read_spec
from graphcnn.diagnostics import SpecError
from graphcnn.elaborate import Inference
from graphcnn.imports import shipped_specs
from graphcnn.ops.base import Shape
from graphcnn.report.figures import exact, rounded, shapes
from graphcnn.report.table import Column, markdown, plain
from graphcnn.size import Size
from graphcnn.summary import json_shape, json_size
from graphcnn.syntax import read

_COLUMNS = (
    Column("model"),
    Column("params", "right"),
    Column("MACs", "right"),
    Column("input", "right"),
    Column("source"),
)


@dataclass(frozen=True)
class Entry:
    """One shipped model."""

    model: str
    family: str
    params: Size
    macs: Size
    inputs: dict[str, Shape]
    source: str | None

    def to_dict(self) -> dict[str, Any]:
        """The record of ``zoo --format json``."""
        return {
            "model": self.model,
            "family": self.family,
            "params": json_size(self.params),
            "macs": json_size(self.macs),
            "inputs": {name: json_shape(shape) for name, shape in self.inputs.items()},
            "source": self.source,
        }


def entries() -> Iterator[Entry]:
    """Every variant of every shipped spec, by family.

    Raises:
        SpecError: one of them has errors.
    """
    inference = Inference()
    for path in sorted(shipped_specs().glob("*.yaml")):
        spec = read_spec(read(path, f"specs/{path.name}"))
        program = spec.program
        if program is None or spec.diagnostics:
            raise SpecError(spec.diagnostics)
        for variant in spec.variants:
            model, diagnostics = elaborate(program, variant, None, inference)
            if diagnostics:
                raise SpecError(diagnostics)
            total = counts.costs(model.ir.nodes)
            inputs = {name: value.shape or () for name, value in model.ir.inputs.items()}
            yield Entry(model.name, program.name, total.params, total.macs, inputs, program.source)


def render(format: str = "text", *, color: bool = False) -> str:
    """The shipped models in one of ``FORMATS``."""
    return FORMATS[format]([*entries()], color)


def _text(found: list[Entry], color: bool) -> str:
    rows = [
        [
            entry.model,
            exact(entry.params),
            rounded(entry.macs),
            shapes(tuple(entry.inputs.values())),
            entry.source or "",
        ]
        for entry in found
    ]
    return plain(_COLUMNS, rows, color=color)


def _markdown(found: list[Entry], _color: bool) -> str:
    rows = [
        [
            f"`{entry.model}`",
            exact(entry.params),
            rounded(entry.macs),
            shapes(tuple(entry.inputs.values())),
            entry.source or "",
        ]
        for entry in found
    ]
    return markdown(_COLUMNS, rows)


def _json(found: list[Entry], _color: bool) -> str:
    return json.dumps([entry.to_dict() for entry in found], indent=2) + "\n"


#: in the words of `--format`
FORMATS: dict[str, Callable[[list[Entry], bool], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
}
