"""What a lowering is made of: calls of ONNX operators on tensors, as plain data.

A tensor is known by identity. One that two calls take is made once; its name comes later, from
the scope of the node that it serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from graphcnn.ops.base import Shape
from graphcnn.size import Size

Dtype = Literal["float32", "int64"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Tensor:
    """A value in the file; its shape has the batch axis."""

    shape: Shape
    dtype: Dtype = "float32"

    @property
    def sample(self) -> Shape:
        """The shape of one sample."""
        return self.shape[1:]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Named(Tensor):
    """What is there already: an input, a weight, or what an earlier node made."""

    name: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Constant(Tensor):
    """Numbers, the last axis fastest; ``label`` says what they are for."""

    values: tuple[float, ...] | tuple[int, ...]
    label: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sizes(Tensor):
    """A vector of sizes of which some are known only when the model runs."""

    sizes: tuple[Size, ...]
    label: str


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """One application of an operator; None stands for an optional input that is left out."""

    operator: str
    inputs: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    domain: str = ""
    label: str = ""
    outputs: int = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Result(Tensor):
    """An output of a call."""

    call: Call
    port: int = 0


class Use(NamedTuple):
    """What a lowering is given beside its op: the inputs, and the weights by their own names."""

    inputs: tuple[Tensor, ...]
    weights: Mapping[str, Tensor]
    #: the symbol of the batch axis, which a learned tensor does not have
    batch: Size

    @property
    def x(self) -> Tensor:
        """The one input."""
        (x,) = self.inputs
        return x

    @property
    def samples(self) -> tuple[Shape, ...]:
        """The shape of each input, of one sample."""
        return tuple(x.sample for x in self.inputs)
