"""Where each block and scope of a model is used, before any class is written.

A class is written once for all of its uses, so they are gathered first: for every block, and for
every scope that may need a class of its own, the items it came to and what names mean there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphcnn.evaluate import Names
from graphcnn.ir import (
    BlockItem,
    Body,
    BranchesItem,
    DenseItem,
    ForItem,
    Graph,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
    Value,
)
from graphcnn.program import Block, Statement

Env = Mapping[str, Any]


@dataclass
class Use:
    """One item and its surroundings; ``block`` is the use of a block that it lies in."""

    item: Item
    env: Env
    block: BlockItem | None


@dataclass
class Uses:
    """Every use in one model (or in several alike, elaborated with other parameters)."""

    blocks: dict[Block, list[Use]] = field(default_factory=dict)
    scopes: dict[Statement, list[Use]] = field(default_factory=dict)
    #: how often each value is read, by its identity
    readers: dict[int, int] = field(default_factory=dict)

    def gather(self, graph: Graph) -> None:
        for node in graph.nodes:
            for value in node.inputs:
                self._read(value)
        for output in graph.outputs.values():
            self._read(output.value)
        self._body(graph.body, graph.scope, None)

    def _read(self, value: Value) -> None:
        self.readers[id(value)] = self.readers.get(id(value), 0) + 1

    def _body(self, body: Body, env: Env, block: BlockItem | None) -> None:
        for item in body.items:
            if item is not None:
                self._item(item, env, block)

    def _item(self, item: Item, env: Env, block: BlockItem | None) -> None:
        if isinstance(item, BlockItem):
            inner = Names({**item.scope, **sizes_of(item.values)}, env_of_file(env))
            self.blocks.setdefault(item.block, []).append(Use(item, inner, block))
            self._body(item.body, inner, item)
            return
        if not isinstance(item, OpItem):
            sizes = sizes_of({"x": item.inputs[0]}) if len(item.inputs) == 1 else {}
            scope = Use(item, Names(sizes, env), block)
            self.scopes.setdefault(item.statement, []).append(scope)
        for inner_item, bound in parts(item):
            self._item(inner_item, Names(bound, env) if bound else env, block)


def env_of_file(env: Env) -> Env:
    """The outermost names of an environment: the file's parameters."""
    while isinstance(env, Names) and env.outer is not None:
        env = env.outer
    return env


_AXES = {1: (), 2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}


def sizes_of(values: Mapping[str, Value]) -> dict[str, Any]:
    """Names for the sizes of what comes in: `in_channels`, `in_height`, …, or `cur_channels`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        shape = value.shape or ()
        prefix = "in" if len(values) == 1 else name
        axes = ("channels", *_AXES.get(len(shape), tuple(f"axis{k}" for k in range(1, 9))))
        found.update({f"{prefix}_{axis}": size for axis, size in zip(axes, shape, strict=False)})
    return found


def parts(item: Item) -> Iterator[tuple[Item, dict[str, Any]]]:
    """The items directly inside an item, with the names bound for them."""
    if isinstance(item, (BlockItem, GroupItem, DenseItem)):
        bodies: list[tuple[Body, dict[str, Any]]] = [(item.body, {})]
    elif isinstance(item, ResidualItem):
        bodies = [(item.body, {})]
        if item.shortcut is not None:
            bodies.append((item.shortcut, {}))
    elif isinstance(item, BranchesItem):
        bodies = [(body, {}) for _, body in item.paths]
    elif isinstance(item, ForItem):
        bodies = [(body, row) for row, body in item.iterations]
    elif isinstance(item, RepeatItem):
        for i, inner in enumerate(item.items):
            yield inner, {"i": i}
        return
    else:
        return
    for body, bound in bodies:
        for inner_item in body.items:
            if inner_item is not None:
                yield inner_item, bound


def nodes_in(item: Item) -> Iterator[Node]:
    """Every node under an item, those that join paths included."""
    if isinstance(item, OpItem):
        yield item.node
        return
    for inner, _ in parts(item):
        yield from nodes_in(inner)
    merge = getattr(item, "merge", None)
    if merge is not None:
        yield merge
