"""A model computed node by node: what an emitted file, whatever its classes, must compute too.

Nothing here knows of blocks, classes or names of variables. Each node is made from its own
lowering for its own shapes, and is handed the weights that carry its canonical name, or those of
the node whose weights it uses again.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from graphcnn.backends.python.code import Lowered
from graphcnn.backends.pytorch.lower import LOWER
from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.base import Op
from graphcnn.ops.declared import Declared
from graphcnn.size import Symbolic, symbols
from graphcnn.size import evaluate as substitute
from tests.backends.evaluator import Built

Sizes = Mapping[str, int]
Weights = dict[str, Tensor]


def random_weights(graph: Graph, seed: int = 0) -> Weights:
    """Every tensor of a model by its canonical name, drawn so that signals neither fade nor grow.

    Norms scale and shift, and their running statistics are not those of a fresh model.
    """
    generator = torch.Generator().manual_seed(seed)

    def drawn(key: str, shape: tuple[int, ...], trained: bool) -> Tensor:
        if key == "running_var" or (not trained and key == "weight"):
            return torch.empty(shape).uniform_(0.5, 2, generator=generator)
        if len(shape) > 1:
            fan_in = math.prod(shape[1:])
            return torch.randn(shape, generator=generator) * math.sqrt(1.5 / fan_in)
        if key == "weight":
            return torch.empty(shape).uniform_(0.5, 1.5, generator=generator)
        return torch.randn(shape, generator=generator) * 0.3

    found = {}
    for node in graph.nodes:
        for name, weight in node.weights():
            sizes = [size for size in weight.shape if isinstance(size, int)]
            assert len(sizes) == len(weight.shape), name
            found[name] = drawn(name.rpartition(".")[2], tuple(sizes), weight.trained).double()
    return found


def sizes_of(graph: Graph, smallest: int = 8) -> Sizes:
    """A number for every symbol in the shapes of a model's inputs, each another one."""
    names = {
        name
        for value in graph.inputs.values()
        for size in value.shape or ()
        for name in symbols(size)
    }
    return {name: smallest + n for n, name in enumerate(sorted(names))}


def random_inputs(graph: Graph, sizes: Sizes, batch: int = 3, seed: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(batch, *bound(value.shape or (), sizes), generator=generator).double()
        for value in graph.inputs.values()
    ]


class Interpreter(nn.Module):
    """Runs a graph; ``weights`` holds its own copy of those it was given, by canonical name."""

    def __init__(self, graph: Graph, weights: Mapping[str, Tensor], sizes: Sizes) -> None:
        super().__init__()
        self.graph = graph
        self.sizes = sizes
        learns = set(trained(graph))
        self.weights: Weights = {
            name: nn.Parameter(tensor.clone()) if name in learns else tensor.clone()
            for name, tensor in weights.items()
        }
        self.built = {node: self.build(node) for node in graph.nodes}
        self.parts = nn.ModuleList(
            one.module for one in self.built.values() if isinstance(one.module, nn.Module)
        ).double()
        for node, one in self.built.items():
            self.fill(one, node.owner or node)

    def build(self, node: Node) -> Built:
        shapes = [bound(value.shape or (), self.sizes) for value in node.inputs]
        op = bound_op(node.op, self.sizes)
        if isinstance(op, Declared):
            return _Foreign(op)
        return Built(LOWER[type(op)](op, *shapes))

    def fill(self, one: Built, owner: Node) -> None:
        """Hand over the very tensors, so that a second use sees what the first one changed."""
        given = {
            key: self.weights[f"{owner.name}.{key}" if key else owner.name]
            for key in owner.facts.weights
        }
        if isinstance(one.module, nn.Parameter):
            one.module = given[""]
        elif isinstance(one.module, nn.Module):
            one.module.load_state_dict(given, strict=True, assign=True)

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        """Every output by name; those for training only where the model is in training."""
        found: dict[tuple[Node | str, int], Tensor] = {
            (name, 0): tensor for name, tensor in zip(self.graph.inputs, inputs, strict=True)
        }
        for node, one in self.built.items():
            if node.training_only and not self.training:
                continue
            result = one.forward(*(found[_place(value)] for value in node.inputs))
            results = list(result) if isinstance(result, (tuple, list)) else [result]
            if not node.inputs:  # a learned tensor is the same for every sample
                batch = len(inputs[0])
                results = [x.expand(batch, *x.shape[1:]) for x in results]
            assert len(results) == len(node.outputs), node.name
            for port, tensor in enumerate(results):
                found[node, port] = tensor
        return {
            name: found[_place(output.value)]
            for name, output in self.graph.outputs.items()
            if self.training or not output.training_only
        }


class _Foreign(Built):
    """The class that the author of a declared op names, made with the op's attributes."""

    def __init__(self, op: Declared) -> None:
        self.lowered = Lowered()
        module, _, name = op.declaration.targets["pytorch"].rpartition(".")
        self.module = getattr(importlib.import_module(module), name)(**dict(op.values))


def _place(value: Value) -> tuple[Node | str, int]:
    return (value.name if value.node is None else value.node), value.port


def expected_state(graph: Graph) -> dict[str, tuple[int, ...]]:
    """What `state_dict()` of an emitted model holds: names and shapes, in the graph's order."""
    return {
        name: bound(weight.shape, {}) for node in graph.nodes for name, weight in node.weights()
    }


def trained(graph: Graph) -> Iterator[str]:
    """The names of what an optimiser changes."""
    for node in graph.nodes:
        for name, weight in node.weights():
            if weight.trained:
                yield name


# symbolic sizes as numbers


def bound(shape: Sequence[Any], sizes: Sizes) -> tuple[int, ...]:
    """A shape in numbers."""
    found: tuple[int, ...] = _bound(tuple(shape), sizes)
    return found


def bound_op(op: Op, sizes: Sizes) -> Op:
    """An op whose attributes were computed from symbolic sizes, for these sizes."""
    if not sizes:
        return op
    values = {name: _bound(getattr(op, name), sizes) for name in op.attributes()}
    return dataclasses.replace(op, **values)


def _bound(value: Any, sizes: Sizes) -> Any:
    if isinstance(value, Symbolic):
        return substitute(value, sizes)
    if isinstance(value, tuple):
        return tuple(_bound(item, sizes) for item in value)
    return value
