"""A model in figures: shapes, parameters and costs, in total and layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphcnn import counts
from graphcnn.ir import BlockItem, Item, Node, Value, members_of
from graphcnn.model import CompiledModel
from graphcnn.ops.base import Shape
from graphcnn.size import Size


@dataclass(frozen=True)
class Layer:
    """One node of the graph; ``file`` and ``line`` are where the spec asks for it.

    A layer that uses the weights of another again has no parameters of its own, and one that
    exists in training alone (``training_only``) costs nothing at inference, so the figures of
    all layers add up to the totals.
    """

    name: str
    op: str
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    params: Size
    buffers: Size
    macs: Size
    activations: Size
    file: str
    line: int
    training_only: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The record in ``layers`` of ``summary --format json``."""
        return {
            "name": self.name,
            "op": self.op,
            "inputs": [json_shape(shape) for shape in self.inputs],
            "outputs": [json_shape(shape) for shape in self.outputs],
            "params": json_size(self.params),
            "buffers": json_size(self.buffers),
            "macs": json_size(self.macs),
            "file": self.file,
            "line": self.line,
        }


@dataclass(frozen=True)
class Scope:
    """A use of a block, by the name of the scope that it opens, such as `layer1.0`."""

    name: str
    block: str
    file: str
    line: int


@dataclass(frozen=True)
class Summary:
    """A model in figures.

    ``params`` are trained values, ``buffers`` are kept but not trained, and shared weights count
    once. ``macs`` (multiply-accumulates) and ``activations`` (elements written) are those of
    one sample in inference mode. ``receptive_field`` has a number for each spatial axis, see
    :func:`graphcnn.counts.receptive_field`. A figure that depends on a symbolic input size is
    an expression, such as ``216 * H * W``. What comes out in training alone is in
    ``training_outputs``.
    """

    model: str
    variant: str | None
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    params: Size
    buffers: Size
    macs: Size
    activations: Size
    receptive_field: tuple[int, ...] | None
    layers: tuple[Layer, ...]
    training_outputs: dict[str, Shape]
    scopes: tuple[Scope, ...]
    file: str

    @property
    def name(self) -> str:
        """What the model is called: its variant, or the spec's own name."""
        return self.variant or self.model

    def to_dict(self) -> dict[str, Any]:
        """The object of ``summary --format json``; symbolic sizes are texts, others integers."""
        return {
            "model": self.model,
            "variant": self.variant,
            "inputs": {name: json_shape(shape) for name, shape in self.inputs.items()},
            "outputs": {name: json_shape(shape) for name, shape in self.outputs.items()},
            "params": json_size(self.params),
            "buffers": json_size(self.buffers),
            "macs": json_size(self.macs),
            "activations": json_size(self.activations),
            "receptive_field": None if self.receptive_field is None else [*self.receptive_field],
            "layers": [layer.to_dict() for layer in self.layers],
        }


def summarise(model: CompiledModel) -> Summary:
    """The figures of a model."""
    graph = model.ir
    outputs = graph.outputs.items()
    total = counts.costs(graph.nodes)
    return Summary(
        model=model.program.name,
        variant=model.variant,
        inputs={name: _shape(value) for name, value in graph.inputs.items()},
        outputs={name: _shape(o.value) for name, o in outputs if not o.training_only},
        params=total.params,
        buffers=total.buffers,
        macs=total.macs,
        activations=total.activations,
        receptive_field=counts.receptive_field(graph),
        layers=tuple(map(_layer, graph.nodes)),
        training_outputs={name: _shape(o.value) for name, o in outputs if o.training_only},
        scopes=tuple(_scopes(graph.body.items)),
        file=model.program.file.name,
    )


def _layer(node: Node) -> Layer:
    return Layer(
        name=node.name,
        op=node.op.name,
        inputs=tuple(map(_shape, node.inputs)),
        outputs=tuple(map(_shape, node.outputs)),
        params=counts.params(node),
        buffers=counts.buffers(node),
        macs=counts.macs(node),
        activations=counts.activations(node),
        file=node.span.file.name,
        line=node.span.begin_position.line,
        training_only=node.training_only,
    )


def _scopes(items: Iterable[Item | None]) -> Iterator[Scope]:
    """The uses of blocks among ``items`` and in them, in order."""
    for item in items:
        if isinstance(item, BlockItem):
            span = item.statement.span
            yield Scope(item.name, item.block.name, span.file.name, span.begin_position.line)
        if item is not None:
            yield from _scopes(members_of(item))


def _shape(value: Value) -> Shape:
    return value.shape or ()


def json_size(size: Size) -> int | str:
    """A size in JSON: a number, or the text of an expression."""
    return size if isinstance(size, int) else str(size)


def json_shape(shape: Shape) -> list[int | str]:
    """A shape in JSON."""
    return [json_size(size) for size in shape]
