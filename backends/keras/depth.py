"""How deep a model is: Keras follows its layers by recursion, where Python ends at 1,000 calls."""

from __future__ import annotations

from graphcnn.ir import Graph, Node

#: nodes in a row, each of them one layer or two, that leave calls for others
_FEW = 600


def recursion_lines(graph: Graph) -> list[str]:
    """What a deep model says before it is put together."""
    deep = _depth(graph)
    if deep <= _FEW:
        return []
    limit = -(-4 * deep // 1000) * 1000
    return [
        "# Keras follows the layers of a model by recursion.",
        f"sys.setrecursionlimit(max({limit:_}, sys.getrecursionlimit()))",
    ]


def _depth(graph: Graph) -> int:
    """The nodes on the longest path."""
    depths: dict[Node, int] = {}
    for node in graph.nodes:
        before = (depths[value.node] for value in node.inputs if value.node is not None)
        depths[node] = 1 + max(before, default=0)
    return max(depths.values(), default=0)
