"""Pools in Keras, which has two ways to pad and no rounding up."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lower.sliding import alone, is_free, is_same, zero_padding
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.backends.python.covering import covered
from graphcnn.ops.base import OpError, Pads, Shape, per_axis, resolve_padding
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.ops.sliding import Sliding
from graphcnn.size import at_least, ceil_div


def _stride(op: MaxPool | AvgPool) -> Keyword:
    kernel = alone(op.kernel)
    return Keyword("strides", kernel if op.stride is None else alone(op.stride), kernel)


def reached(walk: Sliding, *, ceil: bool) -> Pads:
    """The padding that the windows see: less or more at the end than was asked for.

    With ``ceil`` a last window may reach beyond it; without, cells that no window comes to are
    left as they are.
    """
    if not ceil or walk.same:
        return walk.pads
    pads = []
    for n, s, extent, (before, after), out in zip(
        walk.spatial, walk.stride, walk.extent, walk.pads, walk.output_ceil(), strict=True
    ):
        if not isinstance(n, int) or not isinstance(out, int):
            raise OpError(
                "`ceil` on an input of symbolic size has no form in Keras",
                code="unsupported-op",
                attribute="ceil",
                help="give the input a fixed size",
            )
        needed = (out - 1) * s + extent - n - before
        pads.append((before, max(int(needed), 0)))
        del after
    return tuple(pads)


def _like_same(walk: Sliding, pads: Pads) -> bool:
    """Whether `same` happens to pad as much on an input of this size."""
    if not all(isinstance(n, int) for n in walk.spatial):
        return is_same(walk)
    found = resolve_padding("same", walk.spatial, walk.kernel, walk.stride, walk.dilation)
    sizes = [-(-n // s) for n, s in zip(walk.spatial, walk.stride, strict=True)]
    asked = [
        (n + sum(p) - e) // s + 1
        for n, s, e, p in zip(walk.spatial, walk.stride, walk.extent, pads, strict=True)
    ]
    return found == pads and sizes == asked


def max_pool(op: MaxPool, layout: Layout, *inputs: Shape, positive: bool = False) -> Forms:
    (image,) = inputs
    axes, rest = covered(op, image)
    if not axes:
        return _max_pool(op, image, positive=positive)
    first = _along("ops.max", axes, layout, image)
    if rest is None:
        return one(first)
    return _behind(first, _max_pool(rest, _left(image, axes), positive=positive))


def _along(function: str, axes: tuple[int, ...], layout: Layout, image: Shape) -> Stage:
    """One cell of each of these axes."""
    places = tuple(layout.place(axis, len(image)) for axis in axes)
    axis = Keyword("axis", places[0] if len(places) == 1 else places)
    return expression(Call(function, (Input(), axis, Keyword("keepdims", True))))


def _left(image: Shape, axes: tuple[int, ...]) -> Shape:
    return tuple(1 if axis in axes else n for axis, n in enumerate(image))


def _behind(first: Stage, forms: Forms) -> Forms:
    return {name: (first, *stages) for name, stages in forms.items()}


def _max_pool(op: MaxPool, image: Shape, *, positive: bool) -> Forms:
    walk = op.sliding(image)
    rank = len(walk.kernel)
    pads = reached(walk, ceil=op.ceil)
    if any(d != 1 for d in walk.dilation):
        made = Call(
            "DilatedMaxPooling",
            (walk.kernel, Keyword("strides", walk.stride), Keyword("dilation", walk.dilation)),
        )
        return one(*(() if is_free(pads) else (_least(pads),)), Stage(made))

    def pool(padding: str) -> Stage:
        arguments = (alone(op.kernel), _stride(op), Keyword("padding", padding, "valid"))
        return Stage(Call(f"layers.MaxPooling{rank}D", arguments))

    found: dict[str, tuple[Stage, ...]] = {}
    if not walk.same and is_free(pads):
        found["valid"] = (pool("valid"),)
    if is_same(walk) or (op.ceil and _like_same(walk, pads)):
        found["same"] = (pool("same"),)
    if found and op.ceil:  # for uses of which some pad, some do not
        found["either"] = (pool("valid" if "valid" in found else "same"),)
    if not walk.same:
        if positive:
            found["zeros"] = (zero_padding(pads), pool("valid"))
        found["least"] = (_least(pads), pool("valid"))
    return found


def _least(pads: Pads) -> Stage:
    """Padding that never wins."""
    ends = ((0, 0), *pads, (0, 0))
    lowest = Keyword("constant_values", Call("float", ("-inf",)))
    return expression(Call("ops.pad", (Input(), ends, lowest)))


def avg_pool(op: AvgPool, layout: Layout, *inputs: Shape) -> Forms:
    (image,) = inputs
    axes, rest = covered(op, image)
    if not axes:
        return _avg_pool(op, image)
    first = _along("ops.mean", axes, layout, image)
    return one(first) if rest is None else _behind(first, _avg_pool(rest, _left(image, axes)))


def _avg_pool(op: AvgPool, image: Shape) -> Forms:
    walk = op.sliding(image)
    rank = len(walk.kernel)
    pads = reached(walk, ceil=op.ceil)

    def pool(padding: str) -> Stage:
        arguments = (alone(op.kernel), _stride(op), Keyword("padding", padding, "valid"))
        return Stage(Call(f"layers.AveragePooling{rank}D", arguments))

    found: dict[str, tuple[Stage, ...]] = {}
    counted = op.count_padding or is_free(walk.pads)
    beyond = op.ceil and pads != walk.pads and _reaches_beyond(walk, pads)
    if not walk.same and is_free(pads):
        found["valid"] = (pool("valid"),)
    if not op.count_padding and is_same(walk) and not beyond:
        found["same"] = (pool("same"),)
    if counted and not walk.same and not beyond:
        found["zeros"] = (zero_padding(pads), pool("valid"))
    if walk.same and not all(isinstance(n, int) for n in walk.spatial) and op.count_padding:
        if all(s == 1 for s in walk.stride):
            found["zeros"] = (zero_padding(pads), pool("valid"))
        return found
    known: Any = walk.pads if op.count_padding else tuple((0, 0) for _ in pads)
    rest = tuple(
        (total[0] - part[0], total[1] - part[1]) for total, part in zip(pads, known, strict=True)
    )
    if all(isinstance(end, int) and end >= 0 for pair in rest for end in pair):
        averaged = Stage(
            Call(
                "MaskedAveragePooling",
                (walk.kernel, Keyword("strides", walk.stride), Keyword("padding", rest)),
            )
        )
        before = () if is_free(known) else (zero_padding(known),)
        found["masked"] = (*before, averaged)
    elif counted and not beyond:
        found["zeros"] = (zero_padding(pads), pool("valid"))
    return found


def _reaches_beyond(walk: Sliding, pads: Pads) -> bool:
    return any(new > old for (_, new), (_, old) in zip(pads, walk.pads, strict=True))


def _global(kind: str, op: GlobalAvgPool | GlobalMaxPool, image: Shape) -> Forms:
    keep = Keyword("keepdims", op.keepdims, False)
    return one(Stage(Call(f"layers.Global{kind}Pooling{len(image) - 1}D", (keep,))))


def global_avg_pool(op: GlobalAvgPool, layout: Layout, *inputs: Shape) -> Forms:
    return _global("Average", op, inputs[0])


def global_max_pool(op: GlobalMaxPool, layout: Layout, *inputs: Shape) -> Forms:
    return _global("Max", op, inputs[0])


def adaptive_avg_pool(op: AdaptiveAvgPool, layout: Layout, *inputs: Shape) -> Forms:
    (image,) = inputs
    rank = len(image) - 1
    found: dict[str, tuple[Stage, ...]] = {}
    if all(isinstance(n, int) for n in image[1:]):
        found["layer"] = (layer(f"layers.AdaptiveAveragePooling{rank}D", alone(op.size)),)
    return {**found, "read": _parts(op, rank, "mean")}


def _parts(op: AdaptiveAvgPool | AdaptiveMaxPool, rank: int, how: str) -> tuple[Stage, ...]:
    sizes = per_axis(op.size, rank, "size")
    return (expression(Call("pooled_in_parts", (Input(), sizes, how))),)


def adaptive_max_pool(op: AdaptiveMaxPool, layout: Layout, *inputs: Shape) -> Forms:
    """Keras' layer pools with windows of up to ceil(n / size) + 1 cells, which may be too many.

    TensorFlow divides by zero then, and takes the process with it (Keras 3.15).
    """
    (image,) = inputs
    rank = len(image) - 1
    sizes = per_axis(op.size, rank, "size")
    found: dict[str, tuple[Stage, ...]] = {}
    if all(size == 1 for size in sizes):
        found["global"] = (
            Stage(Call(f"layers.GlobalMaxPooling{rank}D", (Keyword("keepdims", True, False),))),
        )
    if not any(at_least(ceil_div(n, size), n) for n, size in zip(image[1:], sizes, strict=True)):
        found["layer"] = (Stage(Call(f"layers.AdaptiveMaxPooling{rank}D", (alone(op.size),))),)
    if all(isinstance(n, int) for n in image):
        found["parts"] = (Stage(Call("PartsMaxPooling", (sizes,))),)
    return {**found, "read": _parts(op, rank, "max")}
