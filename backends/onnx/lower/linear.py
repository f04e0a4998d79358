"""Products of matrices in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import call, elementwise, swap_last
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.size import equal


def linear(op: Linear, use: Use) -> Tensor:
    weight, bias = use.weights["weight"], use.weights.get("bias")
    if len(use.x.shape) == 2:
        return call("Gemm", use.x, weight, bias, shape=(use.x.shape[0], op.out), transB=1)
    return projection(use.x, weight, bias)


def projection(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Each token multiplied with a matrix laid out (out, in)."""
    product = matrix_product(x, swap_last(weight))
    return product if bias is None else elementwise("Add", product, bias)


def matmul(op: Matmul, use: Use) -> Tensor:
    a, b = use.inputs
    return matrix_product(a, swap_last(b) if op.transpose else b)


def matrix_product(a: Tensor, b: Tensor) -> Tensor:
    """Of the last two axes; those before are equal, or there are none in ``b``."""
    batch = b.shape[0] if len(b.shape) == len(a.shape) and equal(a.shape[0], 1) else a.shape[0]
    return call("MatMul", a, b, shape=(batch, *a.shape[1:-1], b.shape[-1]))
