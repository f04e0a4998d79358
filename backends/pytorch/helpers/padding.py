"""How much padding TensorFlow's `same` comes to."""

from __future__ import annotations

from torch import Tensor


def same_pads(
    x: Tensor,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
) -> list[int]:
    """TensorFlow's `same` padding as F.pad takes it; an odd cell goes at the end."""
    pads: list[int] = []
    for axis in reversed(range(x.dim() - 2)):
        k, s, d = (v if isinstance(v, int) else v[axis] for v in (kernel, stride, dilation))
        total = max(d * (k - 1) - (x.shape[axis + 2] - 1) % s, 0)
        pads += [total // 2, total - total // 2]
    return pads
