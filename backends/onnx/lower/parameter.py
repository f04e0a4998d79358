"""Learned tensors in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import call, ints
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.parameter import Parameter


def parameter(op: Parameter, use: Use) -> Tensor:
    """The value is one sample, with a batch axis of 1 that repeats where it meets others."""
    held = use.weights[""]
    if op.batch:
        return held
    return call("Unsqueeze", held, ints([0], "axes"), shape=(1, *held.shape))
