"""From a graph to the records of an ONNX graph: every node lowered, every value named.

A node is called after its scope, `layer1/0/conv1`, and its value `layer1/0/conv1:0`. What a
lowering needs beside is called after what it is, below the name of the node:
`layer1/0/attention/MatMul`. Weights keep their canonical names, inputs and outputs those of the
spec; none of these holds a `/` or a `:`, so that no name is taken twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphcnn.backends.onnx.calls import batched
from graphcnn.backends.onnx.lowering import lowered
from graphcnn.backends.onnx.measure import Measure, vector
from graphcnn.backends.onnx.older import written
from graphcnn.backends.onnx.opset import DEFAULT, first_with
from graphcnn.backends.onnx.refuse import raise_for, refusal, shared_names, too_new
from graphcnn.backends.onnx.tensor import Call, Constant, Dtype, Named, Result, Sizes, Tensor, Use
from graphcnn.invariants import BrokenGraph
from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.base import OpError, Shape
from graphcnn.ops.declared import Declared
from graphcnn.size import Symbolic, symbol, symbols
from graphcnn.weights import Entry, canonical, symbolic_weights


@dataclass(frozen=True, slots=True)
class Record:
    """One node of the file. ``inputs`` and ``outputs`` are names, empty where left out."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    domain: str = ""
    constant: Constant | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """The name of a value, and what it holds."""

    name: str
    shape: Shape
    dtype: Dtype


@dataclass(slots=True)
class Assembly:
    """An ONNX graph in plain records, without the numbers of its weights."""

    opset: int
    inputs: list[Typed] = field(default_factory=list)
    outputs: list[Typed] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    values: list[Typed] = field(default_factory=list)
    weights: dict[str, Entry] = field(default_factory=dict)
    #: where the values of the graph are found, by node and port; an input has no node
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    #: the first node whose operator is in no opset before this one, where it is newer than usual
    newest: Node | None = None

    def domains(self) -> list[str]:
        """The domains of operators beside ONNX's own."""
        return sorted({record.domain for record in self.records} - {""})


def assemble(graph: Graph, opset: int | None = None) -> Assembly:
    """The graph as it is in inference, by default in the usual opset or the first that has it all.

    Raises:
        SpecError: an op, a size or a name that an ONNX file cannot have; all of them.
    """
    if opset is not None:
        return _Assembler(graph, opset).run()
    walk = _Assembler(graph, DEFAULT, grows=True)
    made = walk.run()
    newest = max(walk.needs, key=lambda node: walk.needs[node], default=None)
    if newest is None:
        return made
    made = _Assembler(graph, walk.needs[newest]).run()
    made.newest = newest
    return made


def batch_symbol(graph: Graph) -> Symbolic:
    """`N`, unless a spec gave that name to a size of its own."""
    taken = {
        name
        for value in graph.inputs.values()
        for size in value.shape or ()
        for name in symbols(size)
    }
    free = (name for name in ("N", "batch", *(f"batch_{n}" for n in range(len(taken)))))
    return symbol(next(name for name in free if name not in taken))


class _Assembler:
    """Walks the graph once. What needs a newer opset is refused, or noted where the opset grows."""

    def __init__(self, graph: Graph, opset: int, *, grows: bool = False) -> None:
        self.graph = graph
        self.grows = grows
        #: the opset that nodes need, where it is newer
        self.needs: dict[Node, int] = {}
        self.batch = batch_symbol(graph)
        self.made = Assembly(opset)
        self.refused = [*symbolic_weights(graph), *shared_names(graph)]
        self.tensors: dict[Value, Tensor] = {}
        self.names: dict[Tensor, str] = {}
        self.calls: dict[Call, tuple[str, ...]] = {}
        self.taken: set[str] = set()
        self.weights = {
            name: Named(name=name, shape=weight.shape)
            for node in graph.nodes
            for name, weight in node.weights()
        }
        inputs = []
        for name, value in graph.inputs.items():
            one = Named(name=name, shape=(self.batch, *(value.shape or ())))
            self.tensors[value] = one
            self.made.inputs.append(Typed(name, one.shape, one.dtype))
            inputs.append(one)
        self.measure = Measure(inputs)

    def run(self) -> Assembly:
        for node in self.graph.nodes:
            if not node.training_only:
                self.node(node)
        self.outputs()
        raise_for(self.refused)
        self.made.weights = canonical(self.graph, training=False)
        for value, tensor in self.tensors.items():
            place = (value.name if value.node is None else value.node.name, value.port)
            self.made.names[place] = self.name(tensor, "")
        return self.made

    # nodes

    def node(self, node: Node) -> None:
        owner = node.owner or node
        weights = {
            key: self.weights[f"{owner.name}.{key}" if key else owner.name]
            for key in owner.facts.weights
        }
        use = Use(tuple(self.tensors[value] for value in node.inputs), weights, self.batch)
        try:
            self.tensors.update(zip(node.outputs, self.named(node, use), strict=True))
        except OpError as error:
            self.refused.append(refusal(node, error))
            for value in node.outputs:  # that what follows can be looked at too
                shape = (self.batch, *(value.shape or ()))
                self.tensors[value] = Named(name=f"{node.name}:{value.port}", shape=shape)

    def named(self, node: Node, use: Use) -> tuple[Tensor, ...]:
        """What a node makes, recorded."""
        results = lowered(node.op, use)
        if isinstance(node.op, Declared) and isinstance(results[0], Result):
            self.places(node, results[0].call)
        scope = node.name.replace(".", "/")
        root = results[0].call if isinstance(results[0], Result) else None
        for value, tensor in zip(node.outputs, results, strict=True):
            if tensor.sample != value.shape:
                raise BrokenGraph(f"`{node.name}` is lowered to a shape of {tensor.sample}")
            self.name(tensor, scope, root)
        return results

    def places(self, node: Node, call: Call) -> None:
        """See that the operator that a spec names is there in this opset.

        Raises:
            OpError: it is in none, or in newer ones only.
        """
        first = first_with(call)
        if first is None or (first > self.made.opset and not self.grows):
            raise too_new(call, first, self.made.opset)
        if first > self.made.opset:
            self.needs[node] = first

    def name(self, tensor: Tensor, scope: str, root: Call | None = None) -> str:
        """The name of a tensor, after what makes it has been recorded."""
        if isinstance(tensor, Named):
            return tensor.name
        if isinstance(tensor, Result):
            return self.outputs_of(tensor, scope, root)[tensor.port]
        if tensor not in self.names:
            if isinstance(tensor, Constant):
                self.names[tensor] = self.constant(tensor, scope)
            elif isinstance(tensor, Sizes):
                parts = [self.measure.size(size) for size in tensor.sizes]
                for part in parts:
                    self.name(part, "sizes")
                self.names[tensor] = self.name(vector(parts), scope)
        return self.names[tensor]

    def outputs_of(self, tensor: Result, scope: str, root: Call | None) -> tuple[str, ...]:
        call = tensor.call
        if call not in self.calls:
            form = written(call, self.made.opset)
            inputs = tuple("" if x is None else self.name(x, scope, root) for x in form.inputs)
            name = scope if call is root else f"{scope}/{call.label or call.operator}"
            name = self.unique(name)
            outputs = tuple(f"{name}:{port}" for port in range(call.outputs))
            self.calls[call] = outputs
            self.made.records.append(
                Record(name, form.operator, inputs, outputs, form.attributes, form.domain)
            )
        found = self.calls[call]
        if tensor not in self.names:
            self.names[tensor] = found[tensor.port]
            self.made.values.append(Typed(found[tensor.port], tensor.shape, tensor.dtype))
        return found

    def constant(self, tensor: Constant, scope: str) -> str:
        name = self.unique(f"{scope}/{tensor.label}")
        value = f"{name}:0"
        self.made.records.append(Record(name, "Constant", (), (value,), {}, constant=tensor))
        self.made.values.append(Typed(value, tensor.shape, tensor.dtype))
        return value

    def unique(self, name: str) -> str:
        found, n = name, 1
        while found in self.taken:
            found, n = f"{name}_{n}", n + 1
        self.taken.add(found)
        return found

    # outputs

    def outputs(self) -> None:
        """Give the values that come out the names of the outputs."""
        renamed: dict[str, str] = {}
        for name, output in self.graph.outputs.items():
            if output.training_only:
                continue
            tensor = batched(self.tensors[output.value], self.batch)
            made = self.name(tensor, f"outputs/{name}")
            if made == name and name in self.graph.inputs:
                self.made.outputs.append(Typed(name, tensor.shape, tensor.dtype))
                continue
            if isinstance(tensor, Named) or made in renamed:
                tensor = Result(shape=tensor.shape, call=Call("Identity", (tensor,)))
                made = self.name(tensor, f"outputs/{name}", tensor.call)
            renamed[made] = name
            self.made.outputs.append(Typed(name, tensor.shape, tensor.dtype))
        self.rename(renamed)

    def rename(self, names: Mapping[str, str]) -> None:
        made = self.made
        made.records = [
            replace(
                record,
                inputs=tuple(names.get(name, name) for name in record.inputs),
                outputs=tuple(names.get(name, name) for name in record.outputs),
            )
            for record in made.records
        ]
        made.values = [value for value in made.values if value.name not in names]
        self.names = {tensor: names.get(name, name) for tensor, name in self.names.items()}
        self.calls = {
            call: tuple(names.get(name, name) for name in outputs)
            for call, outputs in self.calls.items()
        }
