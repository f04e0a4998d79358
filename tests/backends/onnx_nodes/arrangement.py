"""Operators that arrange cells anew."""

from __future__ import annotations

import numpy as np

from tests.backends.onnx_nodes.node import (
    Inexpressible,
    Node,
    Posed,
    Statement,
    it,
    one_sample,
    samples,
    then,
)


def flatten(node: Node) -> Posed:
    """To two axes; the first is the batch where it stays as it is."""
    axis = node.get("axis", 1) % node.x.ndim
    if axis == 1:
        return samples(node, it("flatten"))
    if axis == 0:
        return one_sample(node, it("reshape", {"shape": [1, node.x.size]}))
    joined = then("flatten", {"start": 0, "end": axis - 1})
    return one_sample(node, joined, it("flatten", {"start": 1}))


def reshape(node: Node) -> Posed:
    """Whatever leads to another shape: -1, 0 and axes of size 1 are written out."""
    if node.x.size != node.outputs[0].size:
        raise Inexpressible("an axis of size 0")
    return one_sample(node, it("reshape", {"shape": [*node.outputs[0].shape]}))


def transpose(node: Node) -> Posed:
    order = node.get("perm", [*range(node.x.ndim)][::-1])
    if order[0] == 0:
        return samples(node, it("permute", {"axes": [axis - 1 for axis in order[1:]]}))
    return one_sample(node, it("permute", {"axes": order}))


def pad(node: Node) -> Posed:
    """It only adds cells, so that small integers serve as well as numbers."""
    x, amounts, value, axes = (node.optional(place) for place in range(4))
    assert x is not None
    assert amounts is not None
    mode = node.get("mode", "constant")
    if mode == "wrap":
        raise Inexpressible("`pad` has no mode that goes round")
    listed = [*range(x.ndim)] if axes is None else [int(axis) % x.ndim for axis in axes]
    ends = [[0, 0] for _ in range(x.ndim)]
    for place, axis in enumerate(listed):
        ends[axis] = [int(amounts[place]), int(amounts[place + len(listed)])]
    if min(map(min, ends)) < 0 or ends[0] != [0, 0]:
        raise AssertionError(node.name)
    attributes = {
        "amounts": ends[1:],
        "mode": {"edge": "replicate"}.get(mode, mode),
        "value": 0.0 if value is None else float(value),
    }
    outputs = [node.outputs[0].astype(np.float32)]
    return Posed([it("pad", attributes)], [x.astype(np.float32)], outputs)


def crop_and_pad(node: Node) -> Posed:
    """Around the middle: what is taken off or added before is the smaller half."""
    x, out = node.x, node.outputs[0].shape
    ends: dict[str, list[list[int]]] = {"crop": [], "pad": []}
    for n, wanted in zip(x.shape, out, strict=True):
        surplus = max(n - wanted, 0)
        lack = max(wanted - n, 0)
        ends["crop"].append([surplus // 2, surplus - surplus // 2])
        ends["pad"].append([lack // 2, lack - lack // 2])
    needed = [op for op, amounts in ends.items() if any(map(any, amounts))]
    statements: list[Statement] = [then(op, {"amounts": ends[op]}) for op in needed]
    statements[0]["id"] = "it"
    return one_sample(node, *statements)


def slice_(node: Node) -> Posed:
    starts, stops = node.integers(1) or [], node.integers(2) or []
    axes = node.integers(3) or [*range(len(starts))]
    steps = node.integers(4) or [1] * len(starts)
    statements = []
    if min(steps) < 0:
        raise Inexpressible("`slice` has no negative step")
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        beyond = stop >= node.x.shape[axis]
        cut = {"axis": axis, "start": start, "stop": None if beyond else stop, "step": step}
        statements.append(then("slice", cut))
    statements[0]["id"] = "it"
    return one_sample(node, *statements)


def split(node: Node) -> Posed:
    x = node.x
    axis = node.axis(0)
    sizes = [y.shape[axis] for y in node.outputs]
    even = len(set(sizes)) == 1 and node.optional(1) is None
    how: dict[str, object] = {"parts": len(sizes)} if even else {"sizes": sizes}
    if axis == 0:
        outputs = [y[None] for y in node.outputs]
        return Posed([it("split", how | {"axis": 0})], [x[None]], outputs)
    return Posed([it("split", how | {"axis": axis - 1})], [x], node.outputs)


def tile(node: Node) -> Posed:
    return one_sample(node, it("tile", {"repeats": node.integers(1)}))


def expand(node: Node) -> Posed:
    """Axes of size 1 in front, then repeated."""
    out = node.outputs[0].shape
    shape = [*(1 for _ in range(len(out) - node.x.ndim)), *node.x.shape]
    repeats = [wanted // n for wanted, n in zip(out, shape, strict=True)]
    return one_sample(node, then("reshape", {"shape": shape}), it("tile", {"repeats": repeats}))
