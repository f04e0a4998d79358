"""Numbers for the symbols in a model's shapes, so that it can be run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from graphcnn.diagnostics import UsageError, did_you_mean
from graphcnn.ir import Graph
from graphcnn.ops.base import Op, Shape, show_shape
from graphcnn.ops.declared import Declared
from graphcnn.size import Symbolic, evaluate, symbols

#: sizes of images that are tried, the first that gives every layer something to do
_CANDIDATES = (8, 16, 32, 64, 96, 128, 224, 299, 384, 512)

Sizes = Mapping[str, int]


def symbols_of(graph: Graph) -> list[str]:
    """The names of the sizes that an input leaves open, in alphabetical order."""
    shapes = [value.shape or () for value in graph.inputs.values()]
    return sorted({name for shape in shapes for size in shape for name in symbols(size)})


def choose(graph: Graph, given: Sizes) -> Sizes:
    """A number for every symbol: what is ``given``, else the smallest that the model takes.

    Different symbols get different numbers, so that one in the place of another is noticed.

    Raises:
        UsageError: a name is no symbol of the model, or no candidate fits.
    """
    names = symbols_of(graph)
    for name in given:
        if name not in names:
            has = f"those of this model are {', '.join(names)}" if names else "this model has none"
            hint = did_you_mean(name, names) or has
            raise UsageError(f"there is no size `{name}` in the shape of an input; {hint}")
    for least in _CANDIDATES:
        chosen = {name: given.get(name, least + n) for n, name in enumerate(names)}
        if _fits(graph, chosen):
            return chosen
        if len(given) == len(names):
            break
    listed = ", ".join(f"{name}={number}" for name, number in given.items())
    raise UsageError(
        f"the model does not take an input of {listed}"
        if len(given) == len(names)
        else f"no size up to {_CANDIDATES[-1]} makes a model: give --size {names[0]}=N"
    )


def _fits(graph: Graph, sizes: Sizes) -> bool:
    """Whether every value of the graph has at least one cell."""
    try:
        return all(
            size > 0
            for node in graph.nodes
            for shape in node.facts.outputs
            for size in numbers(shape or (), sizes)
        )
    except ValueError:  # a number below the least that the spec allows
        return False


def numbers(shape: Shape, sizes: Sizes) -> tuple[int, ...]:
    """A shape for these sizes."""
    found: tuple[int, ...] = _bound(shape, sizes)
    return found


def bound(op: Op, sizes: Sizes) -> Op:
    """An op whose attributes were computed from symbols, for these sizes."""
    if not sizes:
        return op
    if isinstance(op, Declared):
        return Declared(declaration=op.declaration, values=_bound(op.values, sizes))
    values = {name: _bound(getattr(op, name), sizes) for name in op.attributes()}
    return dataclasses.replace(op, **values)


def _bound(value: Any, sizes: Sizes) -> Any:
    if isinstance(value, Symbolic):
        return evaluate(value, sizes)
    if isinstance(value, tuple):
        return tuple(_bound(item, sizes) for item in value)
    return value


def parse(options: Iterable[str]) -> dict[str, int]:
    """The numbers of `--size NAME=N`.

    >>> parse(["H=64", "W=48"])
    {'H': 64, 'W': 48}

    Raises:
        UsageError: one is not of that form, or given twice.
    """
    found: dict[str, int] = {}
    for option in options:
        name, _, text = option.partition("=")
        if not (name and text.isascii() and text.isdecimal() and 0 < len(text) < 6 and int(text)):
            raise UsageError(f"--size takes NAME=N, such as `--size H=64`, not `{option}`")
        if name in found:
            raise UsageError(f"--size {name} is given twice")
        found[name] = int(text)
    return found


def shown(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Shapes by name, as a person reads them."""
    return ", ".join(f"{name} {show_shape(shape)}" for name, shape in shapes.items())
