"""The models in the onnx package that PyTorch exported, each with what PyTorch computed.

They are of an early version of the format, in which some inputs were attributes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from tests.backends.onnx_nodes import arrangement
from tests.backends.onnx_nodes.cases import Case, posed_or_not
from tests.backends.onnx_nodes.cells import Translation
from tests.backends.onnx_nodes.node import (
    Array,
    Inexpressible,
    Node,
    Posed,
    attribute_value,
    it,
    samples,
)
from tests.backends.onnx_nodes.table import TRANSLATIONS

FOLDER = Path(onnx.__file__).with_name("backend") / "test" / "data" / "pytorch-converted"


@cache
def exported() -> tuple[Case, ...]:
    """Every model, in the order of their names."""
    return tuple(map(_case, sorted(FOLDER.iterdir())))


def _case(folder: Path) -> Case:
    model = onnx.load(folder / "model.onnx")
    operators = [node.op_type for node in model.graph.node]
    if len(operators) > 1:
        return Case(folder.name, ", ".join(operators), None, "several operators")
    translation = (TRANSLATIONS | _FORMER).get(operators[0], _foreign)
    return posed_or_not(folder.name, operators[0], translation, lambda: _node(folder, model))


def _node(folder: Path, model: onnx.ModelProto) -> Node:
    (proto,) = model.graph.node
    values = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    given = [one.name for one in model.graph.input if one.name not in values]
    data = folder / "test_data_set_0"
    values |= dict(zip(given, _tensors(data, "input"), strict=True))
    return Node(
        folder.name,
        proto.op_type,
        {one.name: attribute_value(one) for one in proto.attribute},
        tuple(values[name] for name in proto.input),
        tuple(_tensors(data, "output")),
    )


def _tensors(folder: Path, kind: str) -> Iterator[Array]:
    for number in range(len([*folder.glob(f"{kind}_*.pb")])):
        data = (folder / f"{kind}_{number}.pb").read_bytes()
        yield numpy_helper.to_array(onnx.load_tensor_from_string(data))


def _foreign(node: Node) -> Posed:
    raise Inexpressible("no such op")


# the operators as they were


def _pad(node: Node) -> Posed:
    amounts, value = np.array(node.attributes["pads"]), np.array(node.get("value", 0.0))
    return arrangement.pad(dataclasses.replace(node, inputs=(node.x, amounts, value)))


def _prelu(node: Node) -> Posed:
    """Slopes along the channels."""
    _, slope = node.values()
    return samples(node, it("prelu", {"shared": slope.size == 1}), weights={"weight": slope})


def _softmax(op: str) -> Translation:
    """Over all axes from one on, which is the same where that is the last."""

    def translate(node: Node) -> Posed:
        assert node.axis(1) == node.x.ndim - 1, node.name
        return samples(node, it(op, {"axis": -1}))

    return translate


_FORMER: dict[str, Translation] = {
    "LogSoftmax": _softmax("log_softmax"),
    "PRelu": _prelu,
    "Pad": _pad,
    "Softmax": _softmax("softmax"),
}
