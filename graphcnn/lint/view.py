"""A graph as rules look at it: nodes by op, and who reads which value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.base import Op
from graphcnn.program import Program, Statement, walk
from graphcnn.source import Span


class View:
    """The graph of one variant; what several rules ask for is worked out once."""

    def __init__(self, graph: Graph, program: Program) -> None:
        self.graph = graph
        self.program = program
        self._by_op: dict[type[Op], list[Node]] = {}
        for node in graph.nodes:
            self._by_op.setdefault(type(node.op), []).append(node)

    def nodes(self, *ops: type[Op]) -> Iterator[Node]:
        """The nodes of these ops."""
        for op in ops:
            yield from self._by_op.get(op, ())

    def nodes_in(self, group: str) -> Iterator[Node]:
        """The nodes whose op belongs to a group such as `activation`."""
        for op, nodes in self._by_op.items():
            if op.group == group:
                yield from nodes

    @cached_property
    def readers(self) -> Counter[Value]:
        """How often each value is read, by nodes and outputs."""
        read = [value for node in self.graph.nodes for value in node.inputs]
        return Counter(read + [output.value for output in self.graph.outputs.values()])

    @cached_property
    def statements(self) -> dict[Span, Statement]:
        """The statements of the file, by the places that nodes are known by."""
        bodies = [self.program.body or (), *(block.body for block in self.program.blocks.values())]
        listed = (statement for body in bodies for statement in walk(body))
        return {one.key.span: one for one in listed if one.key.file is self.program.file}

    @cached_property
    def shared(self) -> set[Node]:
        """The nodes whose weights are used more than once."""
        again = [node for node in self.graph.nodes if node.owner is not None]
        return {*again, *(node.owner for node in again if node.owner is not None)}
