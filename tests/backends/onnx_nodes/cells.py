"""Activations, merges, norms, products and reductions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.backends.onnx_nodes.node import (
    Array,
    Inexpressible,
    Node,
    Posed,
    Statement,
    it,
    one_sample,
    samples,
    then,
)

Translation = Callable[[Node], Posed]


def plain(op: str, **attributes: str) -> Translation:
    """An op of one value, with ONNX' names of its attributes."""

    def translate(node: Node) -> Posed:
        given = {own: node.attributes[name] for own, name in attributes.items()}
        return each(node, it(op, given))

    return translate


def each(node: Node, *statements: Statement) -> Posed:
    """Where the axes do not matter, the first is the batch unless it is the only one."""
    return (samples if node.x.ndim > 1 else one_sample)(node, *statements)


# activations


def leaky_relu(node: Node) -> Posed:
    return each(node, it("leaky_relu", {"slope": node.get("alpha", 0.01)}))


def elu(node: Node) -> Posed:
    return each(node, it("elu", {"alpha": node.get("alpha", 1.0)}))


def celu(node: Node) -> Posed:
    """A scaled `elu`: alpha * elu(x / alpha)."""
    alpha = node.get("alpha", 1.0)
    scaled = then("scale", {"factor": 1 / alpha})
    return each(node, scaled, it("elu"), then("scale", {"factor": alpha}))


def selu(node: Node) -> Posed:
    """The op has the constants of the paper; with others it is a scaled `elu`."""
    if not node.attributes:
        return each(node, it("selu"))
    gamma = then("scale", {"factor": node.attributes["gamma"]})
    return each(node, it("elu", {"alpha": node.attributes["alpha"]}), gamma)


def gelu(node: Node) -> Posed:
    form = "tanh" if node.get("approximate", "none") == "tanh" else "exact"
    return each(node, it("gelu", {"approximation": form}))


def hard_sigmoid(node: Node) -> Posed:
    if node.get("beta", 0.5) != 0.5:
        raise Inexpressible("`hard_sigmoid` is 0.5 at 0")
    factor = 6 * node.get("alpha", 0.2)
    return each(node, then("scale", {"factor": factor}), it("hard_sigmoid"))


def swish(node: Node) -> Posed:
    if node.get("alpha", 1.0) != 1:
        raise Inexpressible("`silu` has no factor before the sigmoid")
    return each(node, it("silu"))


def swiglu(node: Node) -> Posed:
    """A gate: silu(alpha * a) / alpha * b."""
    a, b = node.values()
    alpha = node.get("alpha", 1.0)
    statements = [
        then("scale", {"factor": alpha}, ["a"]),
        it("silu"),
        then("scale", {"factor": 1 / alpha}),
        then("multiply", source=["prev", "b"]),
    ]
    return Posed(statements, [a, b], node.outputs)


def clip(node: Node) -> Posed:
    low, high = node.optional(1), node.optional(2)
    bounds = [None if bound is None else float(bound) for bound in (low, high)]
    if bounds == [None, None]:
        return each(node, it("identity"))
    if bounds == [0.0, None]:
        return each(node, it("relu"))
    if bounds == [0.0, 6.0]:
        return each(node, it("relu6"))
    _ = node.x
    raise Inexpressible("bounds other than those of `relu` and `relu6`")


def prelu(node: Node) -> Posed:
    """Slopes along the last axis, which is made the channels."""
    x, slope = node.values()
    if slope.ndim > 1:
        raise Inexpressible("`prelu` has a slope for each channel, not for each cell")
    rank = x.ndim
    there, back = [rank - 1, *range(rank - 1)], [*range(1, rank), 0]
    turned = then("permute", {"axes": there})
    result = then("permute", {"axes": back})
    return one_sample(node, turned, it("prelu"), result, weights={"weight": slope})


def softmax(op: str) -> Translation:
    def translate(node: Node) -> Posed:
        axis = node.axis(-1)
        if axis == 0:
            return one_sample(node, it(op, {"axis": 0}))
        return samples(node, it(op, {"axis": axis - 1}))

    return translate


def dropout(node: Node) -> Posed:
    training = node.optional(2)
    if training is not None and bool(training):
        raise Inexpressible("training: it drops at random")
    ratio = node.optional(1)
    rate = float(ratio) if ratio is not None else node.get("ratio", 0.5)
    return each(node, it("dropout", {"rate": round(rate, 6)}))


def negated(node: Node) -> Posed:
    return each(node, it("scale", {"factor": -1.0}))


# merges


def merge(op: str) -> Translation:
    """Inputs of fewer axes get some of size 1 in front, as ONNX means it."""

    def translate(node: Node) -> Posed:
        values = node.values()
        if len(values) == 1:
            return each(node, it("identity"))
        rank = max(x.ndim for x in values)
        names = ["a", "b", "c"][: len(values)]
        if rank > 1 and all(x.ndim == rank and len(x) == len(values[0]) for x in values):
            return Posed([it(op, source=names)], values, node.outputs)
        statements = []
        for place, x in enumerate(values):
            if x.ndim < rank:
                shape = [*(1 for _ in range(rank - x.ndim)), *x.shape]
                statements.append(then("reshape", {"shape": shape}, [names[place]], "wide"))
                names[place] = "wide"
        inputs = [x[None] for x in values]
        return Posed([*statements, it(op, source=names)], inputs, [node.outputs[0][None]])

    return translate


def concat(node: Node) -> Posed:
    values = node.values()
    axis = node.axis(0)
    names = ["a", "b", "c"][: len(values)]
    if axis == 0:
        statement = it("concat", {"axis": 0}, names)
        return Posed([statement], [x[None] for x in values], [node.outputs[0][None]])
    return Posed([it("concat", {"axis": axis - 1}, names)], values, node.outputs)


# norms


def batch_norm(node: Node) -> Posed:
    if node.get("training_mode", 0):
        raise Inexpressible("training: it normalises by the statistics of the batch")
    _, *given = node.values()
    keys = ["weight", "bias", "running_mean", "running_var"]
    statement = it("batch_norm", {"eps": node.get("epsilon", 1e-5)})
    return samples(node, statement, weights=dict(zip(keys, given, strict=True)))


def group_norm(node: Node) -> Posed:
    _, weight, bias = node.values()
    attributes = {"groups": node.get("num_groups", 1), "eps": node.get("epsilon", 1e-5)}
    return samples(node, it("group_norm", attributes), weights={"weight": weight, "bias": bias})


def instance_norm(node: Node) -> Posed:
    _, weight, bias = node.values()
    attributes = {"eps": node.get("epsilon", 1e-5), "scale": True, "shift": True}
    statement = it("instance_norm", attributes)
    return samples(node, statement, weights={"weight": weight, "bias": bias})


def layer_norm(node: Node) -> Posed:
    x, weight, *bias = node.values()
    first = node.axis(-1)
    pose, offset = (one_sample, 0) if first == 0 else (samples, 1)
    attributes = {
        "axes": [axis - offset for axis in range(first, x.ndim)],
        "eps": node.get("epsilon", 1e-5),
        "shift": bool(bias),
    }
    given = {"weight": weight, "bias": bias[0] if bias else None}
    return pose(node, it("layer_norm", attributes), weights=given)


def mean_variance(node: Node) -> Posed:
    """`layer_norm` over axes that may be those of the batch too."""
    attributes = {
        "axes": node.get("axes", [0, 2, 3]),
        "eps": 1e-12,
        "scale": False,
        "shift": False,
    }
    return one_sample(node, it("layer_norm", attributes))


def local_response_norm(node: Node) -> Posed:
    attributes = {
        "size": node.attributes["size"],
        "alpha": node.get("alpha", 1e-4),
        "beta": node.get("beta", 0.75),
        "k": node.get("bias", 1.0),
    }
    return samples(node, it("local_response_norm", attributes))


def lp_norm(node: Node) -> Posed:
    if node.get("p", 2) != 2:
        raise Inexpressible("`l2_norm` divides by Euclidean lengths alone")
    axis = node.axis(-1)
    if axis == 0:
        return one_sample(node, it("l2_norm", {"axis": 0}))
    return samples(node, it("l2_norm", {"axis": axis - 1}))


# products


def gemm(node: Node) -> Posed:
    """`linear` with B as its weight; factors are parts of the weights, and so is a row C."""
    x, b, *c = node.values()
    rows, columns = node.outputs[0].shape
    weight = node.get("alpha", 1.0) * (b if node.get("transB", 0) else b.T)
    added = node.get("beta", 1.0) * c[0] if c else None
    row = added if added is not None and added.size in (1, columns) else None
    statement = it("linear", {"out": columns, "bias": row is not None})
    given = {"weight": _contiguous(weight)}
    if row is not None:
        given["bias"] = _contiguous(np.broadcast_to(row.ravel(), (columns,)))
    if node.get("transA", 0):
        return one_sample(node, then("permute", {"axes": [1, 0]}), statement, weights=given)
    if added is None or row is not None:
        return samples(node, statement, weights=given)
    held = then("parameter", {"shape": [rows, columns]}, id="c")
    posed = one_sample(node, statement, held, then("add", source=["it", "c"]), weights=given)
    weights = {**posed.weights, "c": _contiguous(added)}
    return Posed(posed.statements, [x[None]], posed.outputs, weights)


def _contiguous(x: Array) -> Array:
    return np.ascontiguousarray(x, dtype=np.float32)


def matmul(node: Node) -> Posed:
    a, b = node.values()
    if min(a.ndim, b.ndim) == 1:
        raise Inexpressible("`matmul` multiplies matrices, not vectors")
    if a.shape[:-2] != b.shape[:-2]:
        raise Inexpressible("`matmul` repeats no axis")
    statement = it("matmul", source=["a", "b"])
    if a.ndim == 2:
        return Posed([statement], [a[None], b[None]], [node.outputs[0][None]])
    return Posed([statement], [a, b], node.outputs)


# reductions


def reduce(op: str) -> Translation:
    def translate(node: Node) -> Posed:
        x = node.x
        listed = node.integers(1)
        if not listed and node.get("noop_with_empty_axes", 0):
            return each(node, it("identity"))
        axes = sorted(axis % x.ndim for axis in listed or range(x.ndim))
        keepdims: Any = bool(node.get("keepdims", 1))
        if axes[0] == 0:
            return one_sample(node, it(op, {"axes": axes, "keepdims": keepdims}))
        shifted = [axis - 1 for axis in axes]
        return samples(node, it(op, {"axes": shifted, "keepdims": keepdims}))

    return translate
