"""ResNet-50 as an ONNX file, for ONNX's own shape inference to work on.

The weights are inputs of the graph: each has a shape and no values, so the hundred megabytes that
an exported model holds need not be read, which is kinder to ONNX. Of what the layers put out
nothing is said: that is what shape inference is to find.

`python -m benchmarks.onnx_model PATH` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

STAGES = (3, 4, 6, 3)


class _Network:
    """A graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.inputs = [_tensor("image", (1, 3, 224, 224))]

    def weight(self, *shape: int) -> str:
        name = f"weight{len(self.inputs)}"
        self.inputs.append(_tensor(name, shape))
        return name

    def add(self, op: str, inputs: Sequence[str], **attributes: Any) -> str:
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def convolution(self, value: str, channels: int, out: int, kernel: int, stride: int = 1) -> str:
        weight = self.weight(out, channels, kernel, kernel)
        value = self.add(
            "Conv",
            [value, weight],
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[kernel // 2] * 4,
        )
        return self.add("BatchNormalization", [value, *(self.weight(out) for _ in range(4))])

    def bottleneck(self, value: str, channels: int, width: int, stride: int) -> str:
        inner = self.add("Relu", [self.convolution(value, channels, width, 1)])
        inner = self.add("Relu", [self.convolution(inner, width, width, 3, stride)])
        inner = self.convolution(inner, width, 4 * width, 1)
        if channels != 4 * width:
            value = self.convolution(value, channels, 4 * width, 1, stride)
        return self.add("Relu", [self.add("Add", [inner, value])])


def _tensor(name: str, shape: Sequence[int] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def resnet50() -> onnx.ModelProto:
    """The model; its output has no shape yet."""
    network = _Network()
    value = network.add("Relu", [network.convolution("image", 3, 64, 7, 2)])
    value = network.add("MaxPool", [value], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, blocks in enumerate(STAGES):
        for block in range(blocks):
            width = 64 * 2**stage
            value = network.bottleneck(value, channels, width, 2 if stage and not block else 1)
            channels = 4 * width
    value = network.add("Flatten", [network.add("GlobalAveragePool", [value])])
    weights = [network.weight(1000, channels), network.weight(1000)]
    value = network.add("Gemm", [value, *weights], transB=1)
    graph = helper.make_graph(network.nodes, "resnet50", network.inputs, [_tensor(value, None)])
    return helper.make_model(graph)


def save(path: Path) -> None:
    """Write the model, once shape inference has been seen to find what comes out of it."""
    model = resnet50()
    output = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.output[0]
    sizes = [size.dim_value for size in output.type.tensor_type.shape.dim]
    if sizes != [1, 1000]:
        raise RuntimeError(f"the ONNX model is not what it should be: {sizes}")
    onnx.save(model, path)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
