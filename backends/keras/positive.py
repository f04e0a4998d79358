"""Values that are never below 0, which padding with zeros leaves without a new maximum."""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.ir import Graph

#: what makes them of anything
_MAKES = frozenset({"relu", "relu6", "sigmoid", "hard_sigmoid", "softmax", "softplus"})
#: what keeps them: cells are moved, or joined in ways that know no minus
_KEEPS = frozenset(
    {
        "max_pool",
        "avg_pool",
        "global_avg_pool",
        "global_max_pool",
        "adaptive_avg_pool",
        "adaptive_max_pool",
        "add",
        "multiply",
        "maximum",
        "average",
        "concat",
        "identity",
        "dropout",
        "spatial_dropout",
        "drop_path",
        "channel_shuffle",
        "pixel_shuffle",
        "space_to_depth",
        "upsample",
        "crop",
        "slice",
        "split",
        "tile",
        "flatten",
        "reshape",
        "permute",
        "mean",
        "sum",
        "max",
    }
)


def positive_values(graph: Graph, entering: Iterable[int] = ()) -> set[int]:
    """The values, by identity, that no input makes negative, of which some never are."""
    found = set(entering)
    for node in graph.nodes:
        kept = node.op.name in _KEEPS and all(id(value) in found for value in node.inputs)
        if node.op.name in _MAKES or kept:
            found.update(id(value) for value in node.outputs)
    return found
