"""Windows as ONNX' operators take them."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import pad
from graphcnn.backends.onnx.tensor import Tensor
from graphcnn.ops.base import Pads
from graphcnn.ops.sliding import Sliding


def listed(pads: Pads) -> list[int] | None:
    """The amounts before every axis, then those after; None where one is symbolic."""
    amounts = [*(before for before, _ in pads), *(after for _, after in pads)]
    known = [amount for amount in amounts if isinstance(amount, int)]
    return known if len(known) == len(amounts) else None


def given_or_laid_on(x: Tensor, walk: Sliding) -> tuple[Tensor, list[int]]:
    """The input and the padding for an operator to add; what is symbolic is added beforehand."""
    pads = listed(walk.pads)
    return laid_on(x, walk) if pads is None else (x, pads)


def laid_on(
    x: Tensor, walk: Sliding, value: float = 0.0, *, ceil: bool = False
) -> tuple[Tensor, list[int]]:
    """The padded input, and no padding; ``ceil`` says that the operator will round up."""
    pads = walk.trimmed() if ceil else walk.pads
    return pad(x, pads, value=value), [0] * 2 * len(pads)
