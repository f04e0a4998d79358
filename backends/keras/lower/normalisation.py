"""Normalisation in Keras, whose momentum is 1 less PyTorch's."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, one
from graphcnn.backends.python.code import Call, Keyword
from graphcnn.ops.base import Shape, resolve_axis
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)


def _partly(op: BatchNorm | LayerNorm | GroupNorm | InstanceNorm) -> tuple[Keyword, Keyword]:
    return Keyword("center", op.shift, True), Keyword("scale", op.scale, True)


def _key(op: LayerNorm | GroupNorm | InstanceNorm) -> str | None:
    """A layer without weights has no name of its own."""
    return "" if op.scale or op.shift else None


def _axis(layout: Layout, x: Shape) -> Keyword:
    return Keyword("axis", layout.spoken(0, len(x)), -1)


def _eps(op: BatchNorm | LayerNorm | GroupNorm | InstanceNorm) -> Keyword:
    return Keyword("epsilon", op.eps, 1e-3)


def batch_norm(op: BatchNorm, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    arguments = (
        _axis(layout, x),
        Keyword("momentum", round(1 - op.momentum, 12), 0.99),
        _eps(op),
        *_partly(op),
        Keyword("trainable", not op.frozen, True),
    )
    return one(Stage(Call("layers.BatchNormalization", arguments), key=""))


def layer_norm(op: LayerNorm, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    places = sorted(layout.place(axis, len(x)) for axis in op.normalised(x))
    axis: Any = tuple(places)
    if len(places) == 1:
        axis = -1 if places[0] == len(x) else places[0]
    arguments = (Keyword("axis", axis, -1), _eps(op), *_partly(op))
    # Keras takes other axes than the last ones too, but not on its PyTorch backend.
    target = "layers.LayerNormalization" if is_trailing(op, layout, x) else "AxesNormalization"
    return one(Stage(Call(target, arguments), key=_key(op)))


def is_trailing(op: LayerNorm, layout: Layout, x: Shape) -> bool:
    """Whether the axes to normalise are the last ones of the tensor."""
    places = sorted(layout.place(axis, len(x)) for axis in op.normalised(x))
    return places == list(range(len(x) - len(places) + 1, len(x) + 1))


def group_norm(op: GroupNorm, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    arguments = (op.groups, _axis(layout, x), _eps(op), *_partly(op))
    return one(Stage(Call("layers.GroupNormalization", arguments), key=_key(op)))


def instance_norm(op: InstanceNorm, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    arguments = (-1, _axis(layout, x), _eps(op), *_partly(op))
    return one(Stage(Call("layers.GroupNormalization", arguments), key=_key(op)))


def local_response_norm(op: LocalResponseNorm, layout: Layout, *inputs: Shape) -> Forms:
    arguments = (
        op.size,
        Keyword("alpha", op.alpha, 1e-4),
        Keyword("beta", op.beta, 0.75),
        Keyword("k", op.k, 1.0),
    )
    return one(Stage(Call("LocalResponseNormalization", arguments)))


def l2_norm(op: L2Norm, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    axis = Keyword("axis", layout.spoken(resolve_axis(op.axis, len(x)), len(x)), -1)
    epsilon = Keyword("epsilon", op.eps, 1e-12)
    if op.scale is None:
        plain = {"plain": (Stage(Call("L2Normalization", (axis, epsilon))),)}
        unit = (Stage(Call("layers.UnitNormalization", (axis,))),)
        return {"unit": unit, **plain} if op.eps == 1e-12 else plain
    return one(Stage(Call("ScaledL2Normalization", (op.scale, axis, epsilon)), key=""))
