"""Regularisation in Keras."""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer
from graphcnn.backends.python.code import Input
from graphcnn.ops.base import Shape
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout


def _dropping(rate: float, stage: Stage) -> Forms:
    """The layer, which is not written where the rate is 0 in all uses."""
    nothing = {"nothing": (expression(Input()),)} if rate == 0 else {}
    return {**nothing, "layer": (stage,)}


def dropout(op: Dropout, layout: Layout, *inputs: Shape) -> Forms:
    return _dropping(op.rate, layer("layers.Dropout", op.rate))


def spatial_dropout(op: SpatialDropout, layout: Layout, *inputs: Shape) -> Forms:
    return _dropping(op.rate, layer(f"layers.SpatialDropout{len(inputs[0]) - 1}D", op.rate))


def drop_path(op: DropPath, layout: Layout, *inputs: Shape) -> Forms:
    """Dropout with one draw for each sample."""
    shape = (None, *(1,) * len(inputs[0]))
    return _dropping(op.rate, layer("layers.Dropout", op.rate, noise_shape=shape))
