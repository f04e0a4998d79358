"""Layers that are called as others are, in another module."""

from __future__ import annotations

from torch import Tensor, nn


class Gate(nn.Module):
    """Not the one of `layers`: it keeps nothing."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sigmoid()
