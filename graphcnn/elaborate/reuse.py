"""`reuse`: the same weights again, on another value."""

from __future__ import annotations

from typing import Any

from graphcnn.elaborate.blocks import expand
from graphcnn.elaborate.lookup import report_undefined
from graphcnn.elaborate.nodes import op_item, producers
from graphcnn.elaborate.scope import Use
from graphcnn.elaborate.state import Stop
from graphcnn.evaluate import said
from graphcnn.ir import BlockItem, Item, Node, OpItem, nodes_of
from graphcnn.ops.base import show_shape
from graphcnn.program import Reuse
from graphcnn.size import UNKNOWN


def reuse(use: Use, action: Reuse) -> Item:
    """The statement that an id names, on this value; its nodes share their weights."""
    frame, span = use.frame, action.target.node.span
    name = frame.value(action.target)
    if name is UNKNOWN:
        raise Stop
    item = frame.space.find_item(name) if isinstance(name, str) else None
    begin = len(frame.place.state.nodes)
    if isinstance(item, OpItem):
        again: Item = op_item(use, item.node.op, {})
    elif isinstance(item, BlockItem):
        again = expand(use, item.block, item.arguments)
        again.label, again.owner = str(name), item.owner or item
    elif isinstance(name, str) and item is None and frame.space.find(name) is None:
        report_undefined(name, action.target, frame)
        raise Stop
    else:
        message = f"{said(name)} is neither an op nor a block"
        help = "make what is used twice a block"
        frame.report("bad-reuse", message, span, help=help)
        raise Stop
    _share(item, frame.place.state.nodes[begin:], use, action)
    return again


def _share(first: Item, nodes: list[Node], use: Use, action: Reuse) -> None:
    """Make ``nodes`` use the weights of those of ``first``."""
    owners = list(nodes_of(first))
    for owner, node in zip(owners, nodes, strict=False):
        node.owner = owner.owner or owner
    if any(value.shape is None for node in (*owners, *nodes) for value in node.inputs):
        return
    message = _misfit(owners, nodes)
    if message is not None and not use.frame.doubtful:
        span = action.target.node.span
        use.frame.report("bad-reuse", message, span, notes=producers(use.inputs))


def _misfit(owners: list[Node], nodes: list[Node]) -> str | None:
    """Why the weights do not serve both, if they do not."""
    for owner, node in zip(owners, nodes, strict=False):
        ours, theirs = _shapes(owner), _shapes(node)
        if type(owner.op) is not type(node.op):
            break
        for key in ours.keys() | theirs.keys():
            if ours.get(key) != theirs.get(key) and node.facts.outputs:
                return (
                    f"the shared {owner.op.name} has {key} {_said(ours.get(key))}, "
                    f"this value needs {_said(theirs.get(key))}"
                )
    if len(owners) != len(nodes):
        return f"the shared module has {len(owners)} layers, and {len(nodes)} on this value"
    return None


def _shapes(node: Node) -> dict[str, Any]:
    return {key: weight.shape for key, weight in node.facts.weights.items()}


def _said(shape: Any) -> str:
    return "none" if shape is None else show_shape(shape)
