"""Convolutions, pools and resizing: operators whose windows move over an image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.backends.onnx_nodes.node import (
    Array,
    Inexpressible,
    Node,
    Posed,
    it,
    samples,
    then,
)


def conv(node: Node) -> Posed:
    """With a group for each channel it is a `depthwise_conv`."""
    x, weight, *bias = node.values()
    out, _, *kernel = weight.shape
    groups = node.get("group", 1)
    window = _window(node, kernel) | {"bias": bool(bias)}
    given = {"weight": weight, "bias": bias[0] if bias else None}
    if groups == x.shape[1] > 1:
        attributes = window | {"multiplier": out // groups}
        return samples(node, it("depthwise_conv", attributes), weights=given)
    return samples(node, it("conv", window | {"out": out, "groups": groups}), weights=given)


def conv_transpose(node: Node) -> Posed:
    _, weight, *bias = node.values()
    kernel = weight.shape[2:]
    groups = node.get("group", 1)
    attributes = {
        "out": weight.shape[1] * groups,
        "kernel": [*kernel],
        "stride": node.get("strides", [1] * len(kernel)),
        "padding": node.get("pads", [0] * 2 * len(kernel)),
        "output_padding": node.get("output_padding", [0] * len(kernel)),
        "dilation": node.get("dilations", [1] * len(kernel)),
        "groups": groups,
        "bias": bool(bias),
    }
    pads = attributes["padding"]
    attributes["padding"] = _pairs(pads)
    if node.get("auto_pad", "NOTSET").startswith("SAME"):
        attributes["padding"] = "same"
    elif "output_shape" in node.attributes:
        attributes["padding"] = _cropped(node, attributes)
    given = {"weight": weight, "bias": bias[0] if bias else None}
    return samples(node, it("conv_transpose", attributes), weights=given)


def _cropped(node: Node, given: dict[str, Any]) -> list[list[int]]:
    """What leads to the stated shape: half of what is too much at each end, the odd one before.

    Where the result is to be larger than it would be without padding, cells are added at the end.
    """
    found = []
    for axis, out in enumerate(node.get("output_shape", [])):
        n, step, added = (
            node.x.shape[axis + 2],
            given["stride"][axis],
            given["output_padding"][axis],
        )
        whole = step * (n - 1) + added + (given["kernel"][axis] - 1) * given["dilation"][axis] + 1
        surplus = whole - out
        if surplus < 0:
            given["output_padding"][axis] = added - surplus
        found.append([max(surplus, 0) - max(surplus, 0) // 2, max(surplus, 0) // 2])
    return found


def max_pool(node: Node) -> Posed:
    """It only selects cells, so that small integers serve as well as numbers."""
    x, y = node.inputs[0], node.outputs[0]
    assert x is not None
    window = _window(node, node.get("kernel_shape", [])) | {"ceil": bool(node.get("ceil_mode", 0))}
    inputs, outputs = [x.astype(np.float32)], [y.astype(np.float32)]
    return Posed([it("max_pool", window)], inputs, outputs)


def avg_pool(node: Node) -> Posed:
    if any(distance != 1 for distance in node.get("dilations", [])):
        raise Inexpressible("`avg_pool` has no dilation")
    window = _window(node, node.get("kernel_shape", []))
    del window["dilation"]
    window["ceil"] = bool(node.get("ceil_mode", 0))
    window["count_padding"] = bool(node.get("count_include_pad", 0))
    return samples(node, it("avg_pool", window))


def _window(node: Node, kernel: Any) -> dict[str, Any]:
    """Kernel, stride, padding and dilation; `same` is ONNX' SAME_UPPER."""
    axes = len(kernel)
    stride = node.get("strides", [1] * axes)
    dilation = node.get("dilations", [1] * axes)
    automatic = node.get("auto_pad", "NOTSET")
    padding: Any = _pairs(node.get("pads", [0] * 2 * axes))
    if automatic == "SAME_UPPER":
        padding = "same"
    elif automatic == "SAME_LOWER":
        x = node.inputs[0]
        assert x is not None
        padding = []
        for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True):
            amount = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
            padding.append([amount - amount // 2, amount // 2])
    return {"kernel": [*kernel], "stride": stride, "padding": padding, "dilation": dilation}


def _pairs(pads: list[int]) -> list[list[int]]:
    """All amounts before, then all after, as a pair for each axis."""
    axes = len(pads) // 2
    return [[pads[axis], pads[axis + axes]] for axis in range(axes)]


def global_pool(op: str) -> Any:
    return lambda node: samples(node, it(op))


# resizing


def resize(node: Node) -> Posed:
    """Expressible where every cell of the result is read from where `upsample` reads it."""
    if node.get("mode", "nearest") == "cubic":
        raise Inexpressible("`upsample` has no cubic interpolation")
    if node.get("antialias", 0):
        raise Inexpressible("`upsample` does not smooth before it makes a picture smaller")
    coordinates = node.get("coordinate_transformation_mode", "half_pixel")
    if coordinates == "tf_crop_and_resize":
        raise Inexpressible("`upsample` does not crop")
    scales = _scales(node)
    return _upsample(node, scales, coordinates, node.get("nearest_mode", "round_prefer_floor"))


def upsample(node: Node) -> Posed:
    """The operator before `Resize`, with its one way to round."""
    return _upsample(node, [float(s) for s in node.values()[1]], "asymmetric", "floor")


def _scales(node: Node) -> list[float]:
    """The factor of every axis, from the factors or the sizes of some."""
    x, out = node.x, node.outputs[0].shape
    axes = [axis % x.ndim for axis in node.get("axes", range(x.ndim))]
    scales, sizes = node.optional(2), node.integers(3)
    found = [1.0] * x.ndim
    if scales is not None and scales.size:
        given = [float(scale) for scale in scales]
    else:
        assert sizes is not None
        given = [size / x.shape[axis] for axis, size in zip(axes, sizes, strict=True)]
        policy = node.get("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            given = [(min if policy == "not_larger" else max)(given)] * len(given)
    for axis, scale in zip(axes, given, strict=True):
        found[axis] = scale
    assert all(scale == 1 for scale in found[:2]), (node.name, out)
    return found


def _upsample(node: Node, scales: list[float], coordinates: str, rounding: str) -> Posed:
    sizes = [*zip(node.x.shape[2:], node.outputs[0].shape[2:], scales[2:], strict=True)]
    wanted = [_places(n, out, scale, coordinates) for n, out, scale in sizes]
    attributes: dict[str, Any] = {"size": [out for _, out, _ in sizes]}
    if all(scale == out / n and scale == int(scale) for n, out, scale in sizes):
        attributes = {"factor": [int(scale) for *_, scale in sizes]}
    if node.get("mode", "nearest") == "nearest":
        cells = [
            np.clip(_ROUNDED[rounding](places), 0, n - 1)
            for places, (n, _, _) in zip(wanted, sizes, strict=True)
        ]
        own = [np.arange(out) * n // out for n, out, _ in sizes]
        if all(np.array_equal(a, b) for a, b in zip(cells, own, strict=True)):
            return samples(node, it("upsample", attributes))
        raise Inexpressible("`upsample` takes other cells: floor(i * n / out)")
    for aligned in (False, True):
        own = [_places(n, out, out / n, _COORDINATES[aligned]) for n, out, _ in sizes]
        if all(
            np.allclose(np.clip(a, 0, n - 1), np.clip(b, 0, n - 1), atol=1e-6)
            for a, b, (n, _, _) in zip(wanted, own, sizes, strict=True)
        ):
            linear = {**attributes, "mode": "bilinear", "align_corners": aligned}
            return samples(node, it("upsample", linear))
    raise Inexpressible("`upsample` lays the two grids on each other in another way")


_COORDINATES = {False: "half_pixel", True: "align_corners"}

_ROUNDED: dict[str, Any] = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def _places(n: int, out: int, scale: float, coordinates: str) -> Array:
    """Where each cell of the result lies on the grid of n cells, as ONNX defines it."""
    i = np.arange(out, dtype=np.float64)
    match coordinates:
        case "asymmetric":
            return i / scale
        case "align_corners":
            last = n * scale - 1
            return i * (n - 1) / last if last else i * 0
        case "pytorch_half_pixel" if math.floor(n * scale + 1e-9) <= 1:
            return i * 0
        case "half_pixel_symmetric":
            adjusted = n / 2 * (1 - out / (scale * n))
            return adjusted + (i + 0.5) / scale - 0.5
    return (i + 0.5) / scale - 0.5


# cells as channels


def depth_to_space(node: Node) -> Posed:
    """`CRD` is the op itself; for `DCR` the channels are put into its order first."""
    block = node.get("blocksize", 1)
    shuffle = it("pixel_shuffle", {"factor": block})
    if node.get("mode", "DCR") == "CRD":
        return samples(node, shuffle)
    return samples(node, then("channel_shuffle", {"groups": block**2}), shuffle)


def space_to_depth(node: Node) -> Posed:
    """Likewise, the other way round."""
    moved = it("space_to_depth", {"block": node.get("blocksize", 1)})
    if node.get("mode", "DCR") == "CRD":
        return samples(node, moved)
    return samples(node, moved, then("channel_shuffle", {"groups": node.x.shape[1]}))
