"""How much padding TensorFlow's `same` comes to."""

from __future__ import annotations

import torch
from torch import Tensor


def per_axis(value: int | tuple[int, ...], axes: int) -> list[int]:
    """A number for each axis."""
    return [value] * axes if isinstance(value, int) else list(value)


@torch.fx.wrap
def same_pads(x: Tensor, kernel: list[int], stride: list[int], dilation: list[int]) -> list[int]:
    """TensorFlow's `same` padding as F.pad takes it; an odd cell goes at the end."""
    pads: list[int] = []
    for axis in range(len(kernel) - 1, -1, -1):
        extent = dilation[axis] * (kernel[axis] - 1)
        total = max(extent - (x.size(axis + 2) - 1) % stride[axis], 0)
        pads += [total // 2, total - total // 2]
    return pads
