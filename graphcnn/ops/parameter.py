"""Tensors that are learned for themselves."""

from __future__ import annotations

from typing import Any, ClassVar

from graphcnn.ops.attributes import Boolean, Choice, Either, Integer, Listing, Number
from graphcnn.ops.base import Lost, Op, Shape, Weight, attribute
from graphcnn.size import UNKNOWN, Size


class Parameter(Op):
    """A learned tensor: position embeddings, class tokens, the scale of a layer.

    Output: `shape`, the same for every sample.
    Weights: one, named as the node itself, of shape `shape`; with `batch` (1, shape…).
    It takes no input. Fresh ones hold the number `init`, or are drawn from a normal distribution
    around 0 of deviation `std`. PyTorch's `nn.Parameter`; Keras' `Layer.add_weight`.
    """

    name: ClassVar[str] = "parameter"
    group: ClassVar[str] = "linear"
    main: ClassVar[str | None] = "shape"
    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    shape: Any = attribute(Listing(Integer(1)), doc="sizes of the tensor, of one sample")
    init: Any = attribute(Either(Choice("normal"), Number()), 0.0, doc="what a fresh model holds")
    std: float = attribute(Number(0), 0.02, doc="standard deviation, where `init` is `normal`")
    batch: bool = attribute(
        Boolean(), False, doc="store it with a leading axis of 1, as some checkpoints do"
    )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.shape is UNKNOWN:
            raise Lost("shape")
        return (self.shape,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (shape,) = self.outputs()
        initial = f"normal({self.std})" if self.init == "normal" else self.init
        stored = (1, *shape) if self.batch is True else shape
        return {"": Weight(stored, initial=initial)}

    def macs(self, *inputs: Shape) -> Size:
        return 0
