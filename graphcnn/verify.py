"""What must hold of a graph, whoever made it; run after elaboration and after every pass.

A failure here is a bug of the compiler's, never of a spec's, and so an exception and no
diagnostic.
"""

from __future__ import annotations

from graphcnn.ir import Graph, Node, Value


class BrokenGraph(Exception):
    """An invariant of the graph that does not hold."""


def verify(graph: Graph) -> None:
    """Check order, names, ports, shapes and shared weights.

    Raises:
        BrokenGraph: naming the node and what is wrong with it.
    """
    known: set[int] = {id(value) for value in graph.inputs.values()}
    names = set(graph.inputs)
    for node in graph.nodes:
        if not node.name or node.name in names:
            raise BrokenGraph(f"the name `{node.name}` is empty or taken twice")
        names.add(node.name)
        for value in node.inputs:
            if id(value) not in known:
                raise BrokenGraph(f"`{node.name}` reads a value that is made after it")
        _check_outputs(node)
        known.update(id(value) for value in node.outputs)
    for name, output in graph.outputs.items():
        if id(output.value) not in known:
            raise BrokenGraph(f"the output `{name}` is no value of the graph")


def _check_outputs(node: Node) -> None:
    if len(node.outputs) != len(node.facts.outputs):
        raise BrokenGraph(f"`{node.name}` has {len(node.outputs)} outputs")
    for port, (value, shape) in enumerate(zip(node.outputs, node.facts.outputs, strict=True)):
        if value.node is not node or value.port != port or value.shape != shape or shape is None:
            raise BrokenGraph(f"output {port} of `{node.name}` does not belong to it")
    if node.owner is not None:
        for key, weight in node.facts.weights.items():
            if node.owner.facts.weights[key].shape != weight.shape:
                raise BrokenGraph(f"`{node.name}` shares {key} of another shape")


def mark_training_only(graph: Graph) -> None:
    """Say of each node whether only outputs that exist in training mode need it."""
    needed: set[int] = set()
    waiting: list[Value] = [o.value for o in graph.outputs.values() if not o.training_only]
    while waiting:
        node = waiting.pop().node
        if node is not None and id(node) not in needed:
            needed.add(id(node))
            waiting += node.inputs
    some = any(output.training_only for output in graph.outputs.values())
    training: set[int] = set()
    waiting = [o.value for o in graph.outputs.values() if o.training_only] if some else []
    while waiting:
        node = waiting.pop().node
        if node is not None and id(node) not in needed and id(node) not in training:
            training.add(id(node))
            waiting += node.inputs
    for node in graph.nodes:
        node.training_only = id(node) in training
