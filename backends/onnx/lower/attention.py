"""Attention in ONNX: projections, scores and their use, as matrix products."""

from __future__ import annotations

from math import sqrt

from graphcnn.backends.onnx.calls import (
    call,
    elementwise,
    number,
    numeric,
    reshape,
    several,
    transpose,
)
from graphcnn.backends.onnx.lower.linear import matrix_product, projection
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.attention import Attention


def attention(op: Attention, use: Use) -> Tensor:
    x, weights = use.x, use.weights
    batch, tokens, features = x.shape
    (width,) = numeric([features // op.heads], "heads")
    joined = projection(x, weights["in_proj_weight"], weights.get("in_proj_bias"))
    parts = several("Split", joined, shapes=[x.shape] * 3, axis=2, num_outputs=3)
    heads = [reshape(part, (batch, tokens, op.heads, width)) for part in parts]
    query = transpose(heads[0], (0, 2, 1, 3))
    key = transpose(heads[1], (0, 2, 3, 1))
    value = transpose(heads[2], (0, 2, 1, 3))
    scaled = elementwise("Mul", query, number(1 / sqrt(width), "scale"))
    scores = call("Softmax", matrix_product(scaled, key), axis=3)
    mixed = transpose(matrix_product(scores, value), (0, 2, 1, 3))
    merged = reshape(mixed, x.shape)
    return projection(merged, weights["out_proj.weight"], weights.get("out_proj.bias"))
