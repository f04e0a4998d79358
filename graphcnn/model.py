"""What compiling makes: a checked graph together with the spec that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from graphcnn.diagnostics import Diagnostic
from graphcnn.ir import Graph
from graphcnn.program import Program

if TYPE_CHECKING:
    import networkx as nx


@dataclass(eq=False, repr=False)
class CompiledModel:
    """A checked model: one spec, one setting of its parameters.

    This is what summaries and backends work on; :class:`graphcnn.Model` adds to it what a user
    does with a model.
    """

    name: str
    variant: str | None
    program: Program
    ir: Graph
    warnings: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        """Names and a number: a graph has no end of paths to walk."""
        nodes = len(self.ir.nodes)
        return f"{type(self).__name__}(name={self.name!r}, variant={self.variant!r}, nodes={nodes})"

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """The graph in networkx's terms; see :meth:`graphcnn.ir.Graph.network`."""
        return self.ir.network()
