"""The records of a graph as the messages of the onnx library."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
)

from graphcnn.backends.onnx.assemble import Assembly, Record, Typed
from graphcnn.backends.onnx.tensor import Constant

_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


def graph_message(name: str, doc: str, assembly: Assembly) -> GraphProto:
    """The graph, all but the numbers of its weights."""
    return GraphProto(
        name=name,
        doc_string=doc,
        node=map(_node, assembly.records),
        input=map(_value, assembly.inputs),
        output=map(_value, assembly.outputs),
        value_info=map(_value, assembly.values),
    )


def model_message(
    assembly: Assembly, version: str, doc: str, metadata: Mapping[str, str]
) -> ModelProto:
    """The model, all but its graph, in the oldest format that has its opset."""
    own = helper.make_opsetid("", assembly.opset)
    model = ModelProto(
        ir_version=helper.find_min_ir_version_for([own]),
        producer_name="graphcnn",
        producer_version=version,
        doc_string=doc,
        opset_import=[
            own,
            *(helper.make_opsetid(domain, 1) for domain in assembly.domains()),
        ],
    )
    helper.set_model_props(model, dict(metadata))
    return model


def _node(record: Record) -> NodeProto:
    attributes = dict(record.attributes)
    if record.constant is not None:
        attributes["value"] = _tensor(record.constant)
    return NodeProto(
        name=record.name,
        op_type=record.operator,
        domain=record.domain,
        input=record.inputs,
        output=record.outputs,
        attribute=[
            helper.make_attribute(name, value) for name, value in sorted(attributes.items())
        ],
    )


def _tensor(constant: Constant) -> TensorProto:
    shape = [size for size in constant.shape if isinstance(size, int)]
    return helper.make_tensor(constant.label, _TYPES[constant.dtype], shape, constant.values)


def _value(typed: Typed) -> ValueInfoProto:
    sizes = [size if isinstance(size, int) else str(size) for size in typed.shape]
    return helper.make_tensor_value_info(typed.name, _TYPES[typed.dtype], sizes)
