"""The version of ONNX' operators that a file is written in.

A runtime loads files up to the opset that was the newest when it was made. So a file is of an older
one unless it needs more: opset 21, of 2024, which onnxruntime 1.19 loads.
"""

from __future__ import annotations

from graphcnn.backends.onnx.tensor import Call
from graphcnn.diagnostics import UsageError

#: from the first with `LayerNormalization` up to the newest that is tested
OLDEST, DEFAULT, NEWEST = 17, 21, 26


def checked(opset: int) -> int:
    """An opset that was asked for.

    Raises:
        UsageError: no file can be written in it.
    """
    if not OLDEST <= opset <= NEWEST:
        raise UsageError(f"opset {opset} cannot be written: {OLDEST} to {NEWEST} can")
    return opset


def first_with(call: Call) -> int | None:
    """The first opset, from the oldest on, whose operator takes such a call; None where none does.

    Operators of other domains are in no opset of ONNX', so that any will do.
    """
    if call.domain:
        return OLDEST
    return next((opset for opset in range(OLDEST, NEWEST + 1) if _takes(call, opset)), None)


def _takes(call: Call, opset: int) -> bool:
    from onnx import defs

    try:
        schema = defs.get_schema(call.operator, opset)
    except defs.SchemaError:
        return False
    return (
        not schema.deprecated
        and schema.min_input <= len(call.inputs) <= schema.max_input
        and schema.min_output <= call.outputs <= schema.max_output
        and call.attributes.keys() <= schema.attributes.keys()
        and all(name in call.attributes for name, one in schema.attributes.items() if one.required)
    )
