"""What must hold of every ONNX file: it is valid, complete, and computes what the graph means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor

from graphcnn.backends.onnx import backend
from graphcnn.ir import Facts, Graph, GraphOutput, Node, Value
from graphcnn.model import CompiledModel
from graphcnn.ops.base import Op
from graphcnn.size import Size
from graphcnn.source import SourceFile, Span
from graphcnn.weights import Held, canonical
from tests.backends.interpreter import (
    Interpreter,
    Sizes,
    Weights,
    random_inputs,
    random_weights,
    sizes_of,
)
from tests.inline import model as inline

Array = NDArray[Any]
Outputs = dict[str, Array]

BATCH = 3


def file_of(model: CompiledModel, weights: Mapping[str, Array]) -> bytes:
    (file,) = backend.files(model, lambda: Held(weights), "-")
    return b"".join(file.chunks)


def message(data: bytes) -> onnx.ModelProto:
    """The model in a file, once the checker has accepted it in full."""
    found = onnx.load_model_from_string(data)
    onnx.checker.check_model(found, full_check=True)
    return found


def run(data: bytes | str, inputs: Mapping[str, Array]) -> Outputs:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


class Case:
    """A model with weights and inputs drawn at random, and what PyTorch makes of them."""

    def __init__(
        self, model: CompiledModel, sizes: Sizes | None = None, batch: int = BATCH
    ) -> None:
        graph = model.ir
        self.model = model
        self.sizes = sizes_of(graph) if sizes is None else sizes
        drawn = random_weights(graph)
        self.weights = {name: tensor.float().numpy() for name, tensor in drawn.items()}
        tensors = random_inputs(graph, self.sizes, batch)
        self.inputs = {
            name: tensor.float().numpy() for name, tensor in zip(graph.inputs, tensors, strict=True)
        }
        self.expected = self.computed(drawn, tensors)
        self.batch = batch

    def computed(self, weights: Weights, inputs: list[Tensor]) -> Outputs:
        """What PyTorch makes of it, in double precision."""
        oracle = Interpreter(self.model.ir, weights, self.sizes).eval()
        with torch.no_grad():
            return {name: y.numpy() for name, y in oracle(*inputs).items()}

    def is_steady(self) -> bool:
        """Whether a touch changes little: products of products make anything of rounding errors."""
        generator = torch.Generator().manual_seed(2)

        def touched(array: Array) -> Tensor:
            x = torch.tensor(array).double()
            return x * (1 + 1e-6 * torch.randn(x.shape, generator=generator))

        weights = {name: touched(array) for name, array in self.weights.items()}
        moved = self.computed(weights, [touched(array) for array in self.inputs.values()])
        return all(departure(y, moved[name]) < 5e-5 for name, y in self.expected.items())

    def check(self) -> onnx.ModelProto:
        """Hold the file against the graph; it comes back as onnx reads it."""
        data = file_of(self.model, self.weights)
        assert file_of(self.model, self.weights) == data
        found = message(data)
        self.agrees(run(data, self.inputs))
        self.describes(found)
        return found

    def agrees(self, outputs: Outputs) -> None:
        assert list(outputs) == list(self.expected)
        for name, expected in self.expected.items():
            close(outputs[name], expected, name)

    def describes(self, model: onnx.ModelProto) -> None:
        """Names, weights, and the shape of every value in the file are those of the graph."""
        graph = model.graph
        assert [value.name for value in graph.input] == list(self.model.ir.inputs)
        assert [value.name for value in graph.output] == list(self.expected)
        needed = canonical(self.model.ir, training=False)
        held = {one.name: tuple(one.dims) for one in graph.initializer}
        assert held == {name: entry.shape for name, entry in needed.items()}
        names = [node.name for node in graph.node]
        assert len(set(names)) == len(names)
        assert all(names)
        made = {name for node in graph.node for name in node.output}
        typed = {value.name for value in (*graph.value_info, *graph.output)}
        assert made == typed - set(self.model.ir.inputs)  # which may come out as they are
        self.shapes(model)

    def shapes(self, model: onnx.ModelProto) -> None:
        """Every value, when the model runs, has the shape that the file says."""
        every = onnx.ModelProto()
        every.CopyFrom(model)
        del every.graph.output[len(self.expected) :]
        every.graph.output.extend(model.graph.value_info)
        known = {"N": self.batch, "batch": self.batch, **self.sizes}
        for name, array in run(every.SerializeToString(), self.inputs).items():
            value = next(one for one in every.graph.output if one.name == name)
            dims = value.type.tensor_type.shape.dim
            said = tuple(_number(dim, known) for dim in dims)
            assert said == array.shape, name


def _number(dim: onnx.TensorShapeProto.Dimension, sizes: Sizes) -> int:
    if not dim.dim_param:
        return dim.dim_value
    return int(eval(dim.dim_param, {"max": max, "min": min}, dict(sizes)))  # noqa: S307


def close(found: Array, expected: Array, name: str = "", tolerance: float = 1e-4) -> None:
    """Equal but for 1e-4 of the largest value, or another part of it."""
    assert found.shape == expected.shape, name
    assert found.dtype == np.float32
    assert departure(expected, found) <= tolerance, name


def departure(expected: Array, found: Array) -> float:
    """The largest difference, as a part of the largest value."""
    scale = max(float(np.abs(expected).max(initial=0)), 1e-6)
    return float(np.abs(found - expected).max(initial=0)) / scale


def single(op: Op, *shapes: tuple[Size, ...]) -> CompiledModel:
    """A model of one op; what it puts out is all that comes out."""
    span = Span(SourceFile("op.yaml", ""), 0, 0)
    inputs = {
        name: Value(shape, name=name) for name, shape in zip("abcdefgh", shapes, strict=False)
    }
    outputs = op.outputs(*shapes)
    facts = Facts(outputs, op.weights(*shapes), 0, 0, 0, None)
    node = Node(op, tuple(inputs.values()), facts, span, None, name="it")
    node.outputs = tuple(Value(shape, node, port) for port, shape in enumerate(outputs))
    if not inputs:
        inputs["a"] = Value((2,), name="a")
    results = {f"y{port}": GraphOutput(value, False) for port, value in enumerate(node.outputs)}
    carrier = inline("graphcnn: 1\nname: one\ninputs: {a: [1]}\ngraph: [identity]\n")
    graph = Graph(inputs, [node], results, carrier.ir.body, {})
    return CompiledModel("one", None, carrier.program, graph)
