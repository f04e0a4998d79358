"""Classes and functions of emitted files, called with other arguments than the model's.

Whatever arguments a class has, it is the block of the spec with those: the block is used once in a
spec of its own, with the same arguments and inputs of the same shapes, and the two are compared.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from graphcnn.compiler import Model, compile_file
from graphcnn.diagnostics import SpecError
from graphcnn.ir import BlockItem, Graph, Item, members_of
from graphcnn.program import Block
from graphcnn.source import SourceFile

#: what the sizes of an input are called behind its name
AXES = {
    1: ("channels",),
    2: ("channels", "length"),
    3: ("channels", "height", "width"),
    4: ("channels", "depth", "height", "width"),
}


@dataclass(frozen=True)
class Draw:
    """A block with arguments and inputs of its own, as a class is called and as a spec."""

    block: Block
    arguments: Mapping[str, Any]
    model: Model


@dataclass
class Tally:
    """What became of the draws."""

    counts: Counter[str] = field(default_factory=Counter)
    #: arguments that stand for no parameter and no size, by what has them
    invented: set[str] = field(default_factory=set)


def uses_of(graph: Graph) -> dict[Block, list[BlockItem]]:
    """The uses of every block in a graph."""
    found: dict[Block, list[BlockItem]] = {}
    waiting: list[Item] = [item for item in graph.body.items if item is not None]
    while waiting:
        item = waiting.pop()
        if isinstance(item, BlockItem):
            found.setdefault(item.block, []).append(item)
        waiting += members_of(item)
    return found


def draws(
    model: Model,
    called: Mapping[str, list[str]],
    chance: random.Random,
    tally: Tally,
    each: int = 4,
) -> Iterator[Draw]:
    """Other arguments for the blocks of a model; ``called`` are those of each by name."""
    for block, items in uses_of(model.ir).items():
        names = called.get(block.name)
        if names is None:
            tally.counts["blocks written in several ways"] += 1
            continue
        meanings = _meanings(block, items[0])
        known = meanings.keys() | model.program.parameters.keys()
        strange = {name for name in names if name not in known}
        if strange:
            tally.invented.update(f"{model.name}: {block.name}({name})" for name in strange)
            tally.counts["blocks with arguments of the emitter's"] += 1
            continue
        for _ in range(each):
            points = [_values(item) for item in items]
            point = dict(chance.choice(points))
            for name in names:
                if name in meanings and chance.random() < 0.4:
                    where = meanings[name]
                    values = [one[where] for one in points if where in one]
                    point[where] = _other(point[where], values, chance)
            other = used_once(model, block, point)
            if other is None:
                tally.counts["meaningless"] += 1
                continue
            tally.counts["compared"] += 1
            given = {
                name: point[meanings[name]] if name in meanings else model.ir.scope[name]
                for name in names
            }
            yield Draw(block, {name: _frozen(value) for name, value in given.items()}, other)


#: a parameter by its name, or the size of an input by its number and axis
Where = str | tuple[int, int]


def _meanings(block: Block, item: BlockItem) -> dict[str, Where]:
    """What the arguments of a class stand for; a name that Python has is written with a `_`."""
    found: dict[str, Where] = dict(_sizes(item))
    for name in block.parameters:
        found[f"{name}_"] = name
    return {**found, **{name: name for name in block.parameters}}


def _values(item: BlockItem) -> dict[Where, Any]:
    found: dict[Where, Any] = {name: item.arguments[name] for name in item.block.parameters}
    for number, value in enumerate(item.inputs):
        found |= {(number, axis): size for axis, size in enumerate(value.shape or ())}
    return found


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _sizes(item: BlockItem) -> Iterator[tuple[str, tuple[int, int]]]:
    alone = len(item.inputs) == 1
    for number, (name, value) in enumerate(item.values.items()):
        for axis, end in enumerate(AXES.get(len(value.shape or ()), ())):
            yield f"{'in' if alone else name}_{end}", (number, axis)


def _other(value: Any, values: list[Any], chance: random.Random) -> Any:
    """Another value for an argument that has these in the model."""
    choices = [one for one in values if one != value or type(one) is not type(value)]
    if isinstance(value, bool):
        choices += [not value]
    elif isinstance(value, int):
        choices += [2 * value, 2 * value, value + 1, value + 2, 3 * value, max(value // 2, 1)]
    elif isinstance(value, float):
        choices += [value / 2, 2 * value]
    elif isinstance(value, list) and value and all(type(one) is int for one in value):
        choices += [[one + 2 for one in value], [2 * one for one in value]]
    return chance.choice(choices) if choices else value


def used_once(model: Model, block: Block, point: Mapping[Where, Any]) -> Model | None:
    """The model of a spec that has the same blocks, and uses one of them once."""
    arguments = {name: value for name, value in point.items() if isinstance(name, str)}
    shapes = [
        [size for where, size in point.items() if isinstance(where, tuple) and where[0] == number]
        for number in range(len(block.input_names))
    ]
    file = model.program.file
    name = next((n for n, one in model.program.blocks.items() if one is block), None)
    if name is None:
        return None  # of a file that another import has
    spec = yaml.safe_load(file.text)
    outputs = block.outputs or {}
    use: dict[str, Any] = {name: arguments, "id": "part"}
    if len(shapes) > 1:
        use["from"] = [f"input{k}" for k in range(len(shapes))]
    paths = {f"out{k}": f"part.{key}" for k, key in enumerate(outputs)} if len(outputs) > 1 else {}
    kept = ("imports", "blocks", "ops", "let", "defaults")
    made = {
        "graphcnn": 1,
        "name": "once",
        "parameters": {n: model.ir.scope[n] for n in model.program.parameters},
        **{key: spec[key] for key in kept if key in spec},
        "inputs": {f"input{k}": [_size(n) for n in shape] for k, shape in enumerate(shapes)},
        "graph": [use],
        "outputs": paths or {"out": "part"},
    }
    if not made["parameters"]:
        del made["parameters"]
    text = yaml.safe_dump(made, sort_keys=False)
    try:
        found = compile_file(SourceFile("once.yaml", text, file.path))
    except SpecError:
        return None
    return found if found.ir.nodes else None


def _size(size: Any) -> Any:
    return size if isinstance(size, int) else str(size)
