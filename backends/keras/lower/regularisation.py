"""Regularisation in Keras."""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, layer, one
from graphcnn.ops.base import Shape
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout


def dropout(op: Dropout, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.Dropout", op.rate))


def spatial_dropout(op: SpatialDropout, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer(f"layers.SpatialDropout{len(inputs[0]) - 1}D", op.rate))


def drop_path(op: DropPath, layout: Layout, *inputs: Shape) -> Forms:
    """Dropout with one draw for each sample."""
    shape = (None, *(1,) * len(inputs[0]))
    return one(layer("layers.Dropout", op.rate, noise_shape=shape))
