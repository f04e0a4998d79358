"""Where each block and scope of a model is used, before any class is written.

A class is written once for all of its uses, so they are gathered first: for every block, and for
every scope that may need a class of its own, the items it came to and what names mean there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphcnn.backends.python.unit import axis_names
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
    Result,
    Value,
    nodes_of,
    present,
)
from graphcnn.ops.parameter import Parameter
from graphcnn.program import Block, Branches, Group, Path, Program, Reuse, Statement

Env = Mapping[str, Any]


@dataclass
class Use:
    """One item and its surroundings; ``block`` is the use of a block that it lies in.

    A ``probe`` is no use that the model has, nor are those inside of one ``real``.
    """

    item: Item
    env: Env
    block: BlockItem | None
    probe: bool = False
    real: bool = True


_BROADCASTING = frozenset({"add", "average", "maximum", "multiply", "subtract"})


@dataclass
class Uses:
    """Every use in one model (or in several alike, elaborated with other parameters)."""

    blocks: dict[Block, list[Use]] = field(default_factory=dict)
    scopes: dict[Statement, list[Use]] = field(default_factory=dict)
    #: the uses of blocks, by the identity of their items, that the model does not have
    probes: set[int] = field(default_factory=set)
    #: the values, by identity, that go into these
    entering: set[int] = field(default_factory=set)
    #: how often each value is read, by its identity
    readers: dict[int, int] = field(default_factory=dict)
    #: the nodes of each layer that is used again, by the identity of its first
    sharing: dict[int, list[Node]] = field(default_factory=dict)
    #: the values that blocks give out, by identity, with how often
    given: Counter[int] = field(default_factory=Counter)
    #: the nodes that an op's statement comes to, by the identity of each
    alike: dict[int, list[Node]] = field(default_factory=dict)
    #: the values, by identity, that something reads as they are for every sample of a batch
    _batched: set[int] = field(default_factory=set)
    _real: bool = True
    _files: Mapping[Program, dict[str, Any]] = field(default_factory=dict)
    _made: dict[Statement, list[Node]] = field(default_factory=dict)
    _paths: dict[int, GroupItem] = field(default_factory=dict)
    _written: dict[Path | None, Statement] = field(default_factory=dict)

    def gather(self, graph: Graph, *, probe: bool = False) -> None:
        """Add the uses in a graph, or in one that is a ``probe`` of a block."""
        for node in graph.nodes:
            if node.owner is not None:
                self.sharing.setdefault(id(node.owner), [node.owner]).append(node)
            joins = node.op.name in _BROADCASTING and not all(map(is_learned, node.inputs))
            for value in node.inputs:
                self._read(value, batched=not joins)
        for output in graph.outputs.values():
            self._read(output.value, batched=True)
        self._files = graph.files
        self._real = not probe
        if probe:
            self.probes.update(id(item) for item in graph.body.items)
            self.entering.update(id(value) for value in graph.inputs.values())
        self._body(graph.body, graph.scope, None)

    def _read(self, value: Value, *, batched: bool) -> None:
        self.readers[id(value)] = self.readers.get(id(value), 0) + 1
        if batched:
            self._batched.add(id(value))

    def lacks_batch(self, value: Value) -> bool:
        """Whether a learned tensor needs no batch axis: all that read it broadcast it."""
        return is_learned(value) and id(value) not in self._batched

    def seen_outside(self, item: Item) -> dict[str, Value]:
        """The values inside a scope that something outside reads by their ids.

        A `graph` without an id in a `sequence` is a scope that hides none of its ids.
        """
        if not isinstance(item, GroupItem) or item.kind != "graph" or item.id is not None:
            return {}
        inside = Counter(id(value) for node in nodes_of(item) for value in node.inputs)
        named: dict[str, Value] = {}
        for inner in _within(item):
            if isinstance(inner, BlockItem):
                inside.update(map(id, inner.outputs.values()))
            if inner.id is not None:
                results = inner.result if isinstance(inner.result, dict) else {"": inner.result}
                for key, value in results.items():
                    if value is not None and value is not item.result:
                        named[f"{inner.id}_{key}" if key else inner.id] = value
        return {
            name: value
            for name, value in named.items()
            if self.readers.get(id(value), 0) + self.given[id(value)] > inside[id(value)]
        }

    def _body(self, body: Body, env: Env, block: BlockItem | None) -> None:
        for item in map(present, body.items):
            if item is not None:
                self._item(item, env, block)

    def _item(self, item: Item, env: Env, block: BlockItem | None) -> None:
        if isinstance(item, BlockItem):
            inner = Names({**item.scope, **sizes_of(item.values)}, self._file(item, env))
            use = Use(item, inner, block, id(item) in self.probes, self._real)
            self.blocks.setdefault(item.block, []).append(use)
            self.given.update(map(id, item.outputs.values()))
            self._body(item.body, inner, item)
            return
        if isinstance(item, OpItem):
            self.alike[id(item.node)] = self._made.setdefault(item.statement, [])
            self.alike[id(item.node)].append(item.node)
        else:
            scope = Use(item, Names(sizes_of(inputs_of(item)), env), block, real=self._real)
            self.scopes.setdefault(item.statement, []).append(scope)
        if isinstance(item, BranchesItem):
            for number, (_, body) in enumerate(item.paths):
                if body.name:
                    path = self.path(item, number)
                    names = Names(sizes_of(inputs_of(path)), env)
                    use = Use(path, names, block, real=self._real)
                    self.scopes.setdefault(path.statement, []).append(use)
        for inner_item, bound in parts(item):
            self._item(inner_item, Names(bound, env) if bound else env, block)

    def _file(self, item: BlockItem, env: Env) -> Env:
        """The names of the file that a block stands in, and behind them those of the spec's."""
        spec = env_of_file(env)
        names = self._files.get(item.block.program, spec)
        return spec if names is spec else Names(names, spec)

    def path(self, item: BranchesItem, number: int) -> GroupItem:
        """A branch that is a scope, as the `sequence` with an id that it stands for."""
        name, body = item.paths[number]
        if id(body) not in self._paths:
            action = item.statement.action
            written = action.paths[number] if isinstance(action, Branches) else None
            if written not in self._written:
                group = Group("sequence", body.statements)
                self._written[written] = Statement(item.statement.node, item.statement.key, group)
            group_item = GroupItem(self._written[written], name, item.inputs, "sequence", body)
            group_item.name = body.name
            group_item.result = _last(body, item.inputs[0])
            self._paths[id(body)] = group_item
        return self._paths[id(body)]


def _last(body: Body, begin: Value) -> Result:
    result: Result = begin
    for item in body.items:
        if item is not None and item.result is not None:
            result = item.result
    return result


def is_learned(value: Value) -> bool:
    """Whether a value is a learned tensor, the same for every sample."""
    return value.node is not None and isinstance(value.node.op, Parameter)


def env_of_file(env: Env) -> Env:
    """The outermost names of an environment: the file's parameters."""
    while isinstance(env, Names) and env.outer is not None:
        env = env.outer
    return env


def inputs_of(item: Item) -> dict[str, Value]:
    """What comes into an item, by the names that its class or function has for it.

    A scope reads values from outside by their ids too; they come after those it is given.
    """
    if isinstance(item, BlockItem):
        return item.values
    values = (*item.inputs, *captured(item))
    names = ["x", "y", "z", *(f"x{k}" for k in range(3, len(values)))]
    return dict(zip(names, values, strict=False))


def captured(item: Item) -> list[Value]:
    """The values from outside that something inside an item reads by their ids."""
    inside = {id(value) for value in item.inputs}
    found = []
    for inner in _within(item):
        for value in inner.inputs:
            if id(value) not in inside:
                inside.add(id(value))
                found.append(value)
        results = inner.result if isinstance(inner.result, dict) else {"": inner.result}
        inside.update(id(value) for value in results.values())
    return found


def is_scope(item: Item) -> bool:
    """Whether a structure is a scope, which a class of its own can stand for."""
    return bool(item.name) or (isinstance(item, GroupItem) and item.kind == "sequence")


def borrows(item: Item) -> bool:
    """Whether a `reuse` in an item takes weights that lie outside of it."""
    made: set[int] = set()
    taken: set[int] = set()
    for call in calls(item):
        layer = call.node if isinstance(call, OpItem) else call
        owner = owner_of(call)
        if not isinstance(call.statement.action, Reuse):
            made |= {id(layer), id(owner)}  # in a block that is used again all is someone else's
        elif owner is not None and _may_hold(call):
            taken.add(id(owner))
    return not taken <= made


def holds(item: Item) -> bool:
    """Whether something in an item has weights, or may have, and is no `reuse`."""
    return any(
        _may_hold(call) and not isinstance(call.statement.action, Reuse) for call in calls(item)
    )


def _may_hold(call: OpItem | BlockItem) -> bool:
    return isinstance(call, BlockItem) or bool(call.node.facts.weights)


def calls(item: Item) -> list[OpItem | BlockItem]:
    """The ops and blocks that an item is made of; what is inside of blocks is left out."""
    within = [item] if isinstance(item, (OpItem, BlockItem)) else _within(item)
    return [inner for inner in within if isinstance(inner, (OpItem, BlockItem))]


def owner_of(call: OpItem | BlockItem) -> Node | BlockItem | None:
    """What has the layers that are used again here."""
    return call.owner if isinstance(call, BlockItem) else call.node.owner


def _within(item: Item) -> Iterator[Item]:
    """The items inside an item in their order, those inside of blocks left out."""
    for inner, _ in parts(item):
        if isinstance(inner, (OpItem, BlockItem)):
            yield inner
        else:
            yield from _within(inner)
            yield inner


def prefixes(values: Mapping[str, Value]) -> dict[str, str]:
    """What the names of each input's sizes begin with: `in`, or its own name among several."""
    return {name: "in" if len(values) == 1 else name for name in values}


def sizes_of(values: Mapping[str, Value]) -> dict[str, Any]:
    """The sizes of what comes in, by the names that the code has for them."""
    found: dict[str, Any] = {}
    for name, prefix in prefixes(values).items():
        shape = values[name].shape or ()
        found.update(zip(axis_names(prefix, len(shape)), shape, strict=True))
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


def held_names(item: Item) -> Iterator[str]:
    """The names under which an item's layers are kept by the class around it."""
    if isinstance(item, OpItem):
        if item.node.facts.weights and item.node.owner is None:
            yield local_name(item.node.name)
    elif item.name or isinstance(item, BlockItem):
        yield local_name(item.name)
    else:
        if isinstance(item, BranchesItem):
            yield from (name for name, _ in item.paths if name is not None)
        for inner, _ in parts(item):
            yield from held_names(inner)


def local_name(name: str) -> str:
    """The last part of a full name."""
    return name.rpartition(".")[2]
