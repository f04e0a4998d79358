"""Ops that lose values at random while training and do nothing afterwards."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import Number
from graphcnn.ops.base import Elementwise, Op, attribute

_RATE = Number(minimum=0, maximum=1)


class Dropout(Elementwise, Op):
    """Zeroes cells at random in training.

    Output in training: x * keep / (1 - rate), where keep is 1 with probability 1 - rate for each
    cell on its own, else 0; elsewhere x. Of the input's shape.
    The same in PyTorch and Keras; PyTorch's default rate, Keras has none. Srivastava et al., 2014.
    """

    name: ClassVar[str] = "dropout"
    group: ClassVar[str] = "regularisation"
    main: ClassVar[str | None] = "rate"

    rate: float = attribute(_RATE, 0.5, doc="probability of losing a cell")


class SpatialDropout(Elementwise, Op):
    """Zeroes whole channels at random in training.

    Output in training: x * keep / (1 - rate), where keep is 1 with probability 1 - rate for each
    channel of each sample, else 0; elsewhere x. Of the input's shape.
    PyTorch's `nn.Dropout1d` to `nn.Dropout3d`, Keras' `layers.SpatialDropout1D` to `3D`.
    Tompson et al., 2015.
    """

    name: ClassVar[str] = "spatial_dropout"
    group: ClassVar[str] = "regularisation"
    main: ClassVar[str | None] = "rate"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    rate: float = attribute(_RATE, 0.5, doc="probability of losing a channel")


class DropPath(Elementwise, Op):
    """Stochastic depth: zeroes the whole value of a sample at random in training.

    Output in training: x * keep / (1 - rate), where keep is 1 with probability 1 - rate for each
    sample, else 0; elsewhere x. Of the input's shape.
    torchvision's `StochasticDepth` in mode `row`, timm's `DropPath`. Neither PyTorch nor Keras has
    it as a layer; in both it is dropout with one draw per sample. Huang et al., 2016; the paper
    scales at test time instead, which comes to the same.
    """

    name: ClassVar[str] = "drop_path"
    group: ClassVar[str] = "regularisation"
    main: ClassVar[str | None] = "rate"

    rate: float = attribute(_RATE, doc="probability of losing a sample's value")
