"""The graph that everything works on: typed, shaped nodes, and the scopes they were written in.

``Graph.nodes`` is in the source's order, which is topological. A node's ordered ``inputs`` are
the truth; :meth:`Graph.network` gives the same graph to networkx, for its algorithms and for
interchange. ``Graph.items`` is the tree of scopes (block, repeat, branch) that the author
wrote, with a leaf for every node: the emitters read the author's structure from it.

Nothing here has the `repr` of a dataclass: it would walk the graph once for every path through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from graphcnn.ops.base import Op, Shape, Weight, Window
from graphcnn.program import Block, Program, Statement
from graphcnn.size import Size
from graphcnn.source import Origin, Span

if TYPE_CHECKING:
    import networkx as nx


class Facts(NamedTuple):
    """What an op is for given input shapes; shared by all nodes that are alike."""

    outputs: tuple[Shape | None, ...]
    weights: Mapping[str, Weight]
    params: Size
    buffers: Size
    macs: Size
    window: Window | None


@dataclass(slots=True, eq=False, repr=False)
class Value:
    """One tensor: an output of a node, or an input of the graph (``node`` is None).

    ``shape`` is that of one sample, channels first; None where an error hides it.
    """

    shape: Shape | None
    node: Node | None = None
    port: int = 0
    name: str = ""

    def __str__(self) -> str:
        if self.node is None:
            return self.name
        port = f".{self.port}" if len(self.node.outputs) > 1 else ""
        return f"{self.node.name}{port}"

    def __repr__(self) -> str:
        return f"Value({str(self)!r}, shape={self.shape})"


@dataclass(slots=True, eq=False, repr=False)
class Node:
    """One op, applied. ``owner`` is the node whose weights it uses again, if any."""

    op: Op
    inputs: tuple[Value, ...]
    facts: Facts
    span: Span
    origin: Origin | None
    name: str = ""
    owner: Node | None = None
    outputs: tuple[Value, ...] = ()
    training_only: bool = False

    def weights(self) -> Iterator[tuple[str, Weight]]:
        """The tensors that this node brings into the model, by their full canonical names."""
        if self.owner is None:
            for key, weight in self.facts.weights.items():
                yield (f"{self.name}.{key}" if key else self.name), weight

    def __repr__(self) -> str:
        return f"Node({self.name!r}, {self.op}, line={self.span.begin_position.line})"


#: What a statement leaves behind: one value, or several by name.
Result = Value | dict[str, Value]


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """One statement as it came out; ``id`` is the author's name for it, evaluated.

    ``name`` is the full name of the scope that it opens; empty where it opens none.
    """

    statement: Statement
    id: str | None
    inputs: tuple[Value, ...]
    result: Result | None = field(default=None, init=False)
    name: str = field(default="", init=False)


@dataclass(slots=True, eq=False, repr=False)
class OpItem(Item):
    node: Node


@dataclass(slots=True, eq=False, repr=False)
class Body:
    """Statements in one place, those that `when` left out included (as None).

    ``single`` says of a branch that it is one statement, which takes the branch's name;
    ``name`` is the full name of a branch that is a scope.
    """

    statements: tuple[Statement, ...]
    items: list[Item | None]
    single: bool = False
    name: str = ""


@dataclass(slots=True, eq=False, repr=False)
class BlockItem(Item):
    """A use of a block: its arguments, what its names mean inside, and what came of its body."""

    block: Block
    arguments: Mapping[str, Any]
    scope: dict[str, Any]
    body: Body
    label: str = ""
    owner: BlockItem | None = None

    @property
    def values(self) -> dict[str, Value]:
        """The block's inputs, by name."""
        return dict(zip(self.block.input_names, self.inputs, strict=True))

    @property
    def outputs(self) -> dict[str, Value]:
        """What leaves the block, by name."""
        found = self.result
        return {"output": found} if isinstance(found, Value) else found or {}


@dataclass(slots=True, eq=False, repr=False)
class GroupItem(Item):
    kind: str
    body: Body


@dataclass(slots=True, eq=False, repr=False)
class ResidualItem(Item):
    """``merge`` is the node that joins; None where `skip` is false."""

    body: Body
    shortcut: Body | None
    merge: Node | None


@dataclass(slots=True, eq=False, repr=False)
class BranchesItem(Item):
    paths: list[tuple[str | None, Body]]
    merge: Node | None


@dataclass(slots=True, eq=False, repr=False)
class DenseItem(Item):
    body: Body
    merge: Node


@dataclass(slots=True, eq=False, repr=False)
class ForItem(Item):
    iterations: list[tuple[dict[str, Any], Body]]


@dataclass(slots=True, eq=False, repr=False)
class RepeatItem(Item):
    """``items[i]`` is what repetition ``i`` of the statement came to; `i` was bound to it."""

    items: list[Item]


@dataclass(slots=True, eq=False, repr=False)
class GraphOutput:
    """``span`` is where a spec names it; None where it names none."""

    value: Value
    training_only: bool
    span: Span | None = None


@dataclass(slots=True, eq=False, repr=False)
class Graph:
    """A model: what goes in, the nodes in order, what comes out, and how it was written.

    ``scope`` has what the names of the spec came to, ``files`` those of every file that it used.
    """

    inputs: dict[str, Value]
    nodes: list[Node]
    outputs: dict[str, GraphOutput]
    body: Body
    scope: dict[str, Any]
    files: dict[Program, dict[str, Any]] = field(default_factory=dict)

    def network(self) -> nx.MultiDiGraph[str]:
        """The graph as networkx knows it: nodes by name, edges keyed by input port.

        Node attributes: op, attributes, shapes, params, buffers, macs. Inputs and outputs of
        the model are nodes too, with op `input` and `output`.
        """
        import dataclasses

        import networkx as nx

        network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for name, value in self.inputs.items():
            network.add_node(name, op="input", shapes=[value.shape])
        for node in self.nodes:
            network.add_node(
                node.name,
                op=node.op.name,
                attributes={f.name: getattr(node.op, f.name) for f in dataclasses.fields(node.op)},
                shapes=list(node.facts.outputs),
                params=node.facts.params if node.owner is None else 0,
                buffers=node.facts.buffers if node.owner is None else 0,
                macs=node.facts.macs,
            )
            for port, value in enumerate(node.inputs):
                source = value.node.name if value.node else value.name
                network.add_edge(source, node.name, key=port, output=value.port)
        for name, output in self.outputs.items():
            value = output.value
            source = value.node.name if value.node else value.name
            network.add_node(f"output:{name}", op="output", shapes=[value.shape])
            network.add_edge(source, f"output:{name}", key=0, output=value.port)
        return network


def present(item: Item | None) -> Item | None:
    """An item, unless it came to nothing: left out by `when`, or repeated no times."""
    return None if isinstance(item, RepeatItem) and not item.items else item


def nodes_of(item: Item) -> Iterator[Node]:
    """Every node under an item, in the order in which they were made."""
    for inner in members_of(item):
        yield from nodes_of(inner)
    if isinstance(item, OpItem):
        yield item.node
    elif isinstance(item, (ResidualItem, BranchesItem, DenseItem)) and item.merge is not None:
        yield item.merge


def members_of(item: Item) -> Iterator[Item]:
    """The items right inside an item, without those that `when` left out."""
    if isinstance(item, RepeatItem):
        yield from item.items
    for body in _bodies(item):
        yield from (inner for inner in body.items if inner is not None)


def _bodies(item: Item) -> Iterator[Body]:
    if isinstance(item, (BlockItem, GroupItem, DenseItem)):
        yield item.body
    elif isinstance(item, ResidualItem):
        yield item.body
        if item.shortcut is not None:
            yield item.shortcut
    elif isinstance(item, BranchesItem):
        yield from (body for _, body in item.paths)
    elif isinstance(item, ForItem):
        yield from (body for _, body in item.iterations)
