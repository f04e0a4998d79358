"""What must hold of a graph, whoever made it; run after elaboration and after every pass.

A failure here is a bug of the compiler's, never of a spec's, and so an exception and no
diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.ir import Graph, Node, Value


class BrokenGraph(Exception):
    """An invariant of the graph that does not hold."""


def verify(graph: Graph) -> None:
    """Check order, names, ports, shapes and shared weights.

    Raises:
        BrokenGraph: naming the node and what is wrong with it.
    """
    known = set(graph.inputs.values())  # values are equal only to themselves
    names = set(graph.inputs)
    for node in graph.nodes:
        name = node.name
        if not name or name in names:
            raise BrokenGraph(f"the name `{name}` is empty or taken twice")
        names.add(name)
        if not known.issuperset(node.inputs):
            raise BrokenGraph(f"`{name}` reads a value that is made after it")
        _check_outputs(node)
        if node.owner is not None:
            _check_shared(node, node.owner)
        known.update(node.outputs)
    for name, output in graph.outputs.items():
        if output.value not in known:
            raise BrokenGraph(f"the output `{name}` is no value of the graph")


def _check_outputs(node: Node) -> None:
    shapes = node.facts.outputs
    if len(node.outputs) != len(shapes):
        raise BrokenGraph(f"`{node.name}` has {len(node.outputs)} outputs")
    for port, value in enumerate(node.outputs):
        shape = shapes[port]
        if value.node is not node or value.port != port or shape is None:
            raise BrokenGraph(f"output {port} of `{node.name}` does not belong to it")
        if value.shape is not shape and value.shape != shape:
            raise BrokenGraph(f"output {port} of `{node.name}` has another shape")


def _check_shared(node: Node, owner: Node) -> None:
    for key, weight in node.facts.weights.items():
        if key not in owner.facts.weights or owner.facts.weights[key].shape != weight.shape:
            raise BrokenGraph(f"`{node.name}` shares {key}, which `{owner.name}` has not")


def mark_training_only(graph: Graph) -> None:
    """Say of each node whether only outputs that exist in training mode need it.

    So it is of a node that no output needs, where it reads a value of such a one.
    """
    outputs = graph.outputs.values()
    if not any(output.training_only for output in outputs):
        return
    always = _needed(output.value for output in outputs if not output.training_only)
    training = _needed(output.value for output in outputs if output.training_only)
    for node in graph.nodes:
        reads = any(value.node is not None and value.node.training_only for value in node.inputs)
        node.training_only = node not in always and (node in training or reads)


def _needed(values: Iterable[Value]) -> set[Node]:
    """The nodes that values are made from."""
    found: set[Node] = set()
    waiting = [value.node for value in values]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += (value.node for value in node.inputs)
    return found
