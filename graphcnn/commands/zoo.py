"""`graphcnn zoo`: the shipped models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphcnn import counts
from graphcnn.commands.zoo_query import Query, parse_query
from graphcnn.compiler import Model, elaborate, read_spec, variant_names
from graphcnn.diagnostics import SpecError, did_you_mean
from graphcnn.elaborate import Inference
from graphcnn.imports import shipped_specs
from graphcnn.ops.base import Shape
from graphcnn.report.figures import shapes
from graphcnn.report.table import Column, markdown, plain
from graphcnn.size import Size
from graphcnn.size.figures import exact, rounded
from graphcnn.summary import json_shape, json_size
from graphcnn.syntax import read

_COLUMNS = (
    Column("model"),
    Column("params", "right"),
    Column("MACs", "right"),
    Column("input", "right"),
    Column("source"),
)


# The doc of a shipped spec cites its paper: "(He et al., 2015)".
_YEAR = re.compile(r"\([^()]*\b((?:19|20)[0-9]{2})\b")


@dataclass(frozen=True)
class Entry:
    """One shipped model. ``year`` is that of the paper that the spec's doc cites."""

    model: str
    family: str
    title: str | None
    doc: str | None
    source: str | None
    inputs: dict[str, Shape]
    params: Size
    buffers: Size
    macs: Size
    activations: Size
    receptive_field: tuple[int, ...] | None

    @property
    def year(self) -> int | None:
        found = _YEAR.search(self.doc or "")
        return int(found[1]) if found else None

    def to_dict(self) -> dict[str, Any]:
        """The record of ``zoo --format json``."""
        return {
            "model": self.model,
            "family": self.family,
            "title": self.title,
            "doc": self.doc,
            "year": self.year,
            "source": self.source,
            "inputs": {name: json_shape(shape) for name, shape in self.inputs.items()},
            "params": json_size(self.params),
            "buffers": json_size(self.buffers),
            "macs": json_size(self.macs),
            "activations": json_size(self.activations),
            "receptive_field": None if self.receptive_field is None else [*self.receptive_field],
        }


def find(query: Iterable[str]) -> list[Entry]:
    """The shipped models that are as ``query`` says; all of them where it says nothing.

    Raises:
        UsageError: the query cannot be read.
    """
    return [*entries(parse_query(query))]


def entries(query: Query) -> Iterator[Entry]:
    """Every variant of every shipped spec that a query asks for, by family.

    Raises:
        SpecError: one of them has errors.
    """
    for model in _models(query):
        entry = entry_of(model)
        if query.holds(entry):
            yield entry


def _models(query: Query) -> Iterator[Model]:
    """The models that have the query's words; others are not compiled."""
    inference = Inference()
    for path in sorted(shipped_specs().glob("*.yaml")):
        spec = read_spec(read(path, f"specs/{path.name}"))
        program = spec.program
        if program is None or spec.diagnostics:
            raise SpecError(spec.diagnostics)
        about = (program.name, program.title or "", program.doc or "")
        for variant in spec.variants:
            if query.finds((variant or program.name, *about)):
                model, diagnostics = elaborate(program, variant, None, inference)
                if diagnostics:
                    raise SpecError(diagnostics)
                yield model


def entry_of(model: Model) -> Entry:
    """What is said of a model."""
    program, total = model.program, counts.costs(model.ir.nodes)
    return Entry(
        model=model.name,
        family=program.name,
        title=program.title,
        doc=program.doc,
        source=program.source,
        inputs={name: value.shape or () for name, value in model.ir.inputs.items()},
        params=total.params,
        buffers=total.buffers,
        macs=total.macs,
        activations=total.activations,
        receptive_field=counts.receptive_field(model.ir),
    )


def hint(query: Iterable[str]) -> str | None:
    """What the words of a query that finds nothing may be meant for."""
    names = [name for path in shipped_specs().glob("*.yaml") for name in variant_names(path)]
    for word in parse_query(query).words:
        found = did_you_mean(word, names)
        if found is not None:
            return found
    return None


def render(found: list[Entry], format: str = "text", *, color: bool = False) -> str:
    """Models in one of ``FORMATS``."""
    return FORMATS[format](found, color)


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
