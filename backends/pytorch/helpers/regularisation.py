"""Regularisation that PyTorch lacks."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 -- the name that every PyTorch file gives it
from torch import Tensor, nn


class DropPath(nn.Module):
    """Stochastic depth: in training, zeroes some samples and scales up the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        one_per_sample = x.new_ones(x.size(0))
        return (x.movedim(0, -1) * F.dropout(one_per_sample, self.rate)).movedim(-1, 0)

    def extra_repr(self) -> str:
        return f"rate={self.rate}"
